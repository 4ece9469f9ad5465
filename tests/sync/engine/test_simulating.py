"""A quarter gone through again under other rules, beside what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mapping.qualify import Rules
from sync.config.model import StagesConfig
from sync.engine.periods import last_quarter, span_of
from sync.engine.retrospect import rewound
from sync.engine.simulating import Simulation, WouldMove, simulate
from sync.store import leads
from sync.store.database import Database, from_iso
from sync.store.leads import Event
from sync.store.rulefacts import Change
from tests.sync.engine.lives import Lives, at

QUARTER = span_of("2026-01", "2026-03", "Asia/Tokyo")
FORMS = {"activity": "form_submission"}


def rules(*written: dict[str, Any], **more: Any) -> Rules:
    usual = {"from": ["inquiry", "recycled"], "to": "mql"}
    said = [{**usual, **one} for one in written]
    return StagesConfig.model_validate({"qualification": said, **more}).qualification_rules()


@pytest.fixture
def lives(database: Database, tmp_path: Path) -> Lives:
    return Lives(database, tmp_path)


def tried(lives: Lives, *written: dict[str, Any]) -> Simulation:
    return simulate(lives.hub, rules(*written), QUARTER)


def told(found: Simulation) -> list[tuple[str, str, float | None, str]]:
    return [(one.lead_id, one.verdict, one.days, one.became) for one in found.moves]


def test_who_would_move_and_how_much_earlier_or_later(lives: Lives) -> None:
    early = lives.lead(("inquiry", at("2026-01-05")), ("mql", at("2026-01-20")))
    lives.did(early, "form_submission", at("2026-01-10"))
    late = lives.lead(("inquiry", at("2026-01-05")), ("mql", at("2026-02-01")))
    lives.did(late, "form_submission", at("2026-01-31"))
    never = lives.lead(("inquiry", at("2026-01-05")), ("disqualified", at("2026-03-01")))
    lives.did(never, "form_submission", at("2026-02-10"))
    lives.lead(("inquiry", at("2026-01-05")), ("mql", at("2026-02-01")))
    found = tried(lives, {"id": "form", "when": FORMS})
    assert told(found) == [
        (early, "same", -10.0, "open"),
        (late, "same", -1.0, "open"),
        (never, "new", None, "disqualified"),
    ]
    outcome = found.rules["form"]
    assert (outcome.moved, outcome.median_days, found.looked) == (3, -5.5, 4)


def test_what_became_of_them_is_the_best_that_came_later(lives: Lives) -> None:
    won = lives.lead(
        ("inquiry", at("2026-01-05")),
        ("mql", at("2026-02-20")),
        ("recycled", at("2026-03-01")),
        ("won", at("2026-06-01"), {"cycle": 2}),
    )
    lives.did(won, "form_submission", at("2026-02-10"))
    assert told(tried(lives, {"id": "form", "when": FORMS})) == [(won, "same", -10.0, "won")]


def test_a_move_in_another_passage_is_not_this_one(lives: Lives) -> None:
    lead = lives.lead(
        ("inquiry", at("2026-01-05")),
        ("recycled", at("2026-02-01")),
        ("mql", at("2026-02-20"), {"cycle": 2}),
    )
    lives.did(lead, "form_submission", at("2026-01-10"))
    lives.did(lead, "form_submission", at("2026-02-18"))
    assert told(tried(lives, {"id": "form", "when": FORMS})) == [
        (lead, "new", None, "recycled"),
        (lead, "same", -2.0, "open"),
    ]


def test_what_rules_did_and_would_do_no_more(lives: Lives) -> None:
    kept = lives.lead(("inquiry", at("2026-01-05")), ("mql", at("2026-01-20"), {"rule": "form"}))
    lives.did(kept, "form_submission", at("2026-01-20"), subject="資料請求")
    gone = lives.lead(
        ("inquiry", at("2026-01-05")),
        ("mql", at("2026-01-20"), {"rule": "form"}),
        ("recycled", at("2026-02-01")),
    )
    lives.did(gone, "form_submission", at("2026-01-20"), subject="メルマガ")
    stricter = {"id": "form", "when": {**FORMS, "subject": "資料"}}
    found = tried(lives, stricter)
    assert told(found) == [(kept, "same", 0.0, "open"), (gone, "gone", None, "recycled")]
    assert found.moves[1] == WouldMove(
        rule="form",
        lead_id=gone,
        name="田中 一郎",
        company="株式会社北斗",
        before="inquiry",
        to="mql",
        verdict="gone",
        would_at=None,
        did_at=at("2026-01-20"),
        became="recycled",
    )


def test_a_rule_that_is_not_in_the_file_any_more_is_told(lives: Lives) -> None:
    lives.lead(("inquiry", at("2026-01-05")), ("mql", at("2026-01-20"), {"rule": "old"}))
    found = tried(lives)
    assert {name: dict(one.counts) for name, one in found.rules.items()} == {"old": {"gone": 1}}


def test_the_rules_of_the_time_change_nothing(lives: Lives) -> None:
    twice = {"id": "twice", "when": {**FORMS, "count": 2, "within_days": 14}}
    lead = lives.lead(("inquiry", at("2026-01-05")), ("mql", at("2026-02-20"), {"rule": "twice"}))
    for day in ("2026-01-10", "2026-02-10", "2026-02-20", "2026-02-25"):
        lives.did(lead, "form_submission", at(day))
    assert told(tried(lives, twice)) == [(lead, "same", 0.0, "open")]


def test_what_people_did_stays(lives: Lives) -> None:
    lead = lives.lead(
        ("inquiry", at("2026-01-05")),
        ("recycled", at("2026-02-01"), {"by": "tanaka"}),
    )
    lives.did(lead, "form_submission", at("2026-01-10"))
    lives.did(lead, "email_sent", at("2026-02-10"))
    found = tried(lives, {"id": "form", "when": {"any": [FORMS, {"activity": "call"}]}})
    assert [one.would_at for one in found.moves] == [at("2026-01-10")]


def test_events_outside_of_the_period_are_facts_and_no_moments(lives: Lives) -> None:
    before = lives.lead(("inquiry", at("2025-11-01")))
    lives.did(before, "form_submission", at("2025-12-20"))
    after = lives.lead(("inquiry", at("2026-02-01")))
    lives.did(after, "form_submission", at("2026-04-20"))
    both = lives.lead(("inquiry", at("2025-11-01")))
    lives.did(both, "form_submission", at("2025-12-20"))
    lives.did(both, "form_submission", at("2026-01-20"))
    found = tried(lives, {"id": "two", "when": {**FORMS, "count": 2}})
    assert [(one.lead_id, one.would_at) for one in found.moves] == [(both, at("2026-01-20"))]
    assert found.looked == 2


def changed(lives: Lives, lead_id: str, when: str, **values: tuple[Any, Any]) -> None:
    with lives.database.write() as tx:
        pairs = {name: list(pair) for name, pair in values.items()}
        leads.add_history(tx, [Event(lead_id, when, "changed", pairs)])


def test_fields_are_as_they_were_then(lives: Lives) -> None:
    boss = {"id": "boss", "when": {"field": "title", "contains": "部長"}}
    promoted = lives.lead(("inquiry", at("2026-01-05")), title="部長")
    changed(lives, promoted, at("2026-03-01"), title=("課長", "部長"))
    lives.lead(("inquiry", at("2026-01-05")), title="課長")
    was = lives.lead(("inquiry", at("2026-01-05")), title="顧問")
    changed(lives, was, at("2026-05-01"), title=("部長", "顧問"))
    found = tried(lives, boss)
    assert [(one.lead_id, one.would_at) for one in found.moves] == [
        (promoted, at("2026-03-01")),
        (was, at("2026-01-05")),
    ]
    assert (found.late, found.gaps) == (0, 0)


def test_what_cannot_be_taken_back_is_said(lives: Lives) -> None:
    lead = lives.lead(("inquiry", at("2026-01-05")), title="部長")
    changed(lives, lead, at("2026-02-01"), title=("課長", "本部長"))
    found = tried(lives, {"id": "boss", "when": {"field": "title", "contains": "部長"}})
    assert (found.gaps, len(found.moves)) == (1, 1)
    with lives.database.write() as tx:
        tx.write("UPDATE lead SET created_at = ?", at("2026-02-15"))
    assert tried(lives, {"id": "boss", "when": {"field": "title", "filled": True}}).late == 1


def test_nothing_is_written(lives: Lives) -> None:
    lead = lives.lead(("inquiry", at("2026-01-05")))
    lives.did(lead, "form_submission", at("2026-01-10"))
    with lives.database.read() as tx:
        before = [tx.rows(f"SELECT * FROM {one}") for one in ("lead", "stage_history", "outbox")]
    assert tried(lives, {"id": "form", "when": FORMS}).moves
    with lives.database.read() as tx:
        after = [tx.rows(f"SELECT * FROM {one}") for one in ("lead", "stage_history", "outbox")]
    assert after == before


def test_the_number_of_statements_does_not_grow_with_the_leads(lives: Lives) -> None:
    def statements() -> int:
        before = lives.database.statements
        tried(lives, {"id": "form", "when": {"all": [FORMS, {"field": "title", "filled": True}]}})
        return lives.database.statements - before

    lives.lead(("inquiry", at("2026-01-05")))
    few = statements()
    for _ in range(20):
        lives.did(lives.lead(("inquiry", at("2026-01-05"))), "form_submission", at("2026-01-10"))
    assert statements() == few


def test_rewinding_follows_the_order_of_the_changes() -> None:
    changes = [
        Change(at("2026-01-03"), {"a": ["1", "2"], "b": [None, "x"]}),
        Change(at("2026-01-02"), {"a": ["2", "3"]}),  # heard later, of an earlier time
    ]
    found = rewound({"a": "3", "b": "x"}, changes, frozenset({"a"}))
    day = from_iso(at("2026-01-02")).timestamp()
    assert found.first == {"a": "1"}
    assert found.became == ((day, "a", "2"), (day, "a", "3"))
    assert not found.has_gaps


@pytest.mark.parametrize(
    ("now", "months"),
    [
        pytest.param("2026-04-01T00:00:00.000000Z", ("2026-01", "2026-03"), id="just over"),
        pytest.param("2026-03-31T14:59:00.000000Z", ("2025-10", "2025-12"), id="not yet in Tokyo"),
        pytest.param("2026-03-31T15:00:00.000000Z", ("2026-01", "2026-03"), id="over in Tokyo"),
        pytest.param("2026-12-31T00:00:00.000000Z", ("2026-07", "2026-09"), id="end of year"),
    ],
)
def test_the_last_full_quarter(now: str, months: tuple[str, str]) -> None:
    assert last_quarter(from_iso(now), "Asia/Tokyo") == months
