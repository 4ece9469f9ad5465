"""Matching everybody again: joins and asks, keeps what people said, and is done after one run."""

from __future__ import annotations

from typing import Any

import pytest

from mapping.match.rules import Rules
from sync.engine import bulk, merging, rekey, rematch
from sync.engine.rematch import Rematched
from sync.store.database import Database
from sync.store.runs import save_setting
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import SATO, SUZUKI, hear, owner, questions, rows, stored

USER = "tanaka"
ELSEWHERE = {"email": "info@minato.example", "company": "みなと商事", "phone": ""}


def use(shelves: Shelves, **settings: Any) -> None:
    """Go by other rules from now on."""
    shelves.hub.__dict__["rules"] = Rules(**settings)


def doubtful(shelves: Shelves, at: str = "1") -> tuple[str, str]:
    """Two leads of one name at one company, of which today's rules are not sure enough."""
    use(shelves, accept=30.0)
    one = hear(shelves, "crm", at, **SATO)
    other = hear(shelves, "sfa", at, **{**SATO, "email": "", "phone": ""})
    assert one != other
    return one, other


def again(shelves: Shelves, **settings: Any) -> Rematched:
    shelves.tick(minutes=5)
    return rematch.rematch(shelves.hub, dry_run=False, user=USER, **settings)


def everything(shelves: Shelves) -> Any:
    return (
        stored(shelves.database),
        rows(shelves.database, "SELECT * FROM match_review ORDER BY 1, 2"),
        rows(shelves.database, "SELECT * FROM lead_merge ORDER BY id"),
        rows(shelves.database, "SELECT * FROM history ORDER BY id"),
        rows(shelves.database, "SELECT connection, lead_id, due_at FROM outbox ORDER BY 1, 2"),
    )


def test_leads_that_new_rules_are_sure_of_become_one(shelves: Shelves) -> None:
    one, other = doubtful(shelves)
    apart = hear(shelves, "crm", "9", **SUZUKI)
    use(shelves)
    done = again(shelves)
    assert (done.records, done.leads, done.groups, done.merged) == (3, 3, 1, 1)
    assert done.sample == (tuple(sorted((one, other))),)
    assert owner(shelves, "sfa/people/1") == owner(shelves, "crm/people/1") == one
    assert owner(shelves, "crm/people/9") == apart
    assert questions(shelves.database) == []
    events = [event.event for event in shelves.history(one)]
    assert "merged" in events


def test_a_merge_of_it_is_taken_back_to_the_letter_and_stays_so(shelves: Shelves) -> None:
    one, _other = doubtful(shelves)
    before = stored(shelves.database)
    use(shelves)
    again(shelves)
    assert stored(shelves.database) != before
    shelves.tick(minutes=5)
    merging.unmerge(shelves.hub, one, user=USER)
    assert stored(shelves.database) == before
    done = again(shelves)
    assert (done.merged, done.asked) == (0, 0)
    assert stored(shelves.database) == before


def test_a_second_run_changes_nothing(shelves: Shelves) -> None:
    doubtful(shelves)
    hear(shelves, "ma", "7", **{**SATO, "email": "", "phone": "", "company": "みなと商事"})
    use(shelves, review=2.0)
    first = again(shelves)
    assert first.merged
    assert first.asked
    before = everything(shelves)
    second = again(shelves)
    assert (second.merged, second.asked, second.left) == (0, 0, 0)
    assert everything(shelves) == before


def test_a_dry_run_says_the_same_and_changes_nothing(shelves: Shelves) -> None:
    doubtful(shelves)
    hear(shelves, "ma", "7", **{**SATO, "email": "", "phone": "", "company": "みなと商事"})
    use(shelves, review=2.0)
    before = everything(shelves)
    would = rematch.rematch(shelves.hub)
    assert everything(shelves) == before
    done = again(shelves)
    assert would.merged == done.merged == 1
    assert would.asked == done.asked == 1
    assert (would.records, would.leads, would.sample) == (done.records, done.leads, done.sample)


def test_leads_that_somebody_keeps_apart_stay_two(shelves: Shelves) -> None:
    one, other = doubtful(shelves)
    merging.keep_apart(shelves.hub, one, other, user=USER)
    use(shelves)
    before = everything(shelves)
    done = again(shelves)
    assert (done.merged, done.asked) == (0, 0)
    assert everything(shelves) == before


def test_what_was_merged_by_hand_stays_one(shelves: Shelves) -> None:
    one = hear(shelves, "crm", "1", **SATO)
    other = hear(shelves, "sfa", "2", **SUZUKI)
    merging.merge(shelves.hub, one, other, user=USER)
    before = everything(shelves)
    assert again(shelves).merged == 0
    assert everything(shelves) == before


def test_pairs_it_is_not_sure_of_are_asked_once_with_their_reasons(shelves: Shelves) -> None:
    one = hear(shelves, "crm", "1", **SATO)
    other = hear(shelves, "sfa", "1", **{**SATO, **ELSEWHERE})
    use(shelves, review=-50.0, veto=-90.0)
    with shelves.database.write() as tx:
        tx.write("DELETE FROM match_review")
    done = again(shelves)
    assert done.asked == 1
    (asked,) = rows(shelves.database, "SELECT lead_a, lead_b, score, reasons FROM match_review")
    assert set(asked[:2]) == {one, other}
    assert done.questions[0].score == asked[2]
    assert sum(reason[1] for reason in done.questions[0].reasons) == asked[2]


def test_with_and_without_the_extra_it_finds_the_same(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubtful(shelves)
    hear(shelves, "ma", "7", **{**SATO, "email": "", "phone": "", "company": "みなと商事"})
    use(shelves, review=2.0)
    with_it = rematch.rematch(shelves.hub)
    monkeypatch.setattr(bulk, "is_installed", lambda *_: False)
    assert rematch.rematch(shelves.hub) == with_it


def test_too_many_records_without_the_extra_say_what_to_install(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubtful(shelves)
    monkeypatch.setattr(bulk, "is_installed", lambda *_: False)
    monkeypatch.setattr(rematch, "MOST_WITHOUT", 1)
    with pytest.raises(bulk.MissingExtra, match="pip install"):
        rematch.rematch(shelves.hub)


def test_what_changes_meanwhile_waits_for_the_next_run(shelves: Shelves) -> None:
    doubtful(shelves)
    use(shelves)

    def heard_of() -> bool:
        if shelves.hub.__dict__.setdefault("told", False) is False:
            shelves.hub.__dict__["told"] = True
            hear(shelves, "crm", "1", **{**SATO, "title": "部長"})
        return False

    first = again(shelves, stop=heard_of)
    assert (first.merged, first.left) == (0, 1)
    assert again(shelves).merged == 1


def test_many_merges_go_in_several_transactions(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("一郎", "次郎", "三郎", "四郎")
    use(shelves, accept=30.0)
    for number, given in enumerate(names):
        one = {**SATO, "given": given, "email": "", "phone": ""}
        hear(shelves, "crm", str(number), **one)
        hear(shelves, "sfa", str(number), **one)
    use(shelves)
    monkeypatch.setattr(rematch, "_TOGETHER", 4)
    seen: list[int] = []
    done = again(shelves, watch=lambda sofar: seen.append(sofar.merged))
    assert done.merged == len(names)
    assert seen[:2] == [2, 4]
    assert len(shelves.leads()) == len(names)


def test_it_stops_between_two_transactions(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(shelves, accept=30.0)
    for number, given in enumerate(("一郎", "次郎")):
        one = {**SATO, "given": given, "email": "", "phone": ""}
        hear(shelves, "crm", str(number), **one)
        hear(shelves, "sfa", str(number), **one)
    use(shelves)
    monkeypatch.setattr(rematch, "_TOGETHER", 2)
    asked = iter([False, True])
    assert again(shelves, stop=lambda: next(asked)).merged == 1
    assert again(shelves).merged == 1


def keys(database: Database) -> tuple[Any, Any]:
    return (
        rows(database, "SELECT key, lead_id FROM match_key ORDER BY 1, 2"),
        rows(database, "SELECT key, account_id FROM account_key ORDER BY 1, 2"),
    )


def test_lost_keys_are_made_anew(shelves: Shelves) -> None:
    hear(shelves, "crm", "1", **SATO)
    hear(shelves, "sfa", "2", **SUZUKI)
    hear(shelves, "ma", "2", **SUZUKI)
    before = keys(shelves.database)
    assert all(before)
    with shelves.database.write() as tx:
        tx.write("DELETE FROM match_key WHERE key & 4 = 0")
        tx.write("INSERT INTO match_key (key, lead_id) SELECT 1, id FROM lead")
        tx.write("DELETE FROM account_key")
    done = rekey.rekey(shelves.hub)
    assert (done.leads, done.removed) == (2, 2)
    assert done.added
    assert keys(shelves.database) == before


def test_keys_are_made_anew_once_after_a_change_of_the_rules(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekey, "PAGE", 1)
    hear(shelves, "crm", "1", **SATO)
    hear(shelves, "sfa", "2", **SUZUKI)
    assert rekey.needs_rekey(shelves.hub)
    assert rekey.rekey(shelves.hub).added == 0
    assert not rekey.needs_rekey(shelves.hub)
    before = keys(shelves.database)
    use(shelves, keys=(("company", "family_name:1"),))
    assert rekey.needs_rekey(shelves.hub)
    done = rekey.rekey(shelves.hub)
    assert (done.added, done.removed) == (2, 0)
    assert not rekey.needs_rekey(shelves.hub)
    use(shelves)
    done = rekey.rekey(shelves.hub)
    assert (done.added, done.removed) == (0, 2)
    assert keys(shelves.database) == before


def test_the_keys_of_a_merged_lead_are_its_survivors(shelves: Shelves) -> None:
    one = hear(shelves, "crm", "1", **SATO)
    other = hear(shelves, "sfa", "2", **SUZUKI)
    merging.merge(shelves.hub, one, other, user=USER)
    before = keys(shelves.database)
    with shelves.database.write() as tx:
        tx.write("DELETE FROM match_key")
    rekey.rekey(shelves.hub)
    assert keys(shelves.database) == before


def test_a_stopped_rekey_is_done_again(shelves: Shelves) -> None:
    hear(shelves, "crm", "1", **SATO)
    with shelves.database.write() as tx:
        save_setting(tx, "match_keys", "of another version")
    rekey.rekey(shelves.hub, stop=lambda: True)
    assert rekey.needs_rekey(shelves.hub)
