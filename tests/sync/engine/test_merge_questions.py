"""Pairs that wait for a person: how merges answer and move them, and merging many at once."""

from __future__ import annotations

from typing import Any

from sync.engine import merging, review
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import SATO, SUZUKI, USER, hear, questions, stored

# Questions that are open


def same_name(shelves: Shelves, *numbers: int) -> list[str]:
    """People of one name at one company with mailboxes of their own: pairs to ask about."""
    return [
        hear(shelves, "crm", str(n), **{**SATO, "email": f"sato{n}@aozora.example", "phone": ""})
        for n in numbers
    ]


def test_a_question_follows_the_lead_that_stays(shelves: Shelves) -> None:
    one, other = same_name(shelves, 1, 2)
    suzuki = hear(shelves, "sfa", "2", **SUZUKI)
    assert [row[:2] for row in questions(shelves.database)] == [(one, other)]
    merging.merge(shelves.hub, suzuki, other, user=USER)
    assert [row[:2] for row in questions(shelves.database)] == [(one, other)]
    merging.merge(shelves.hub, other, one, user=USER)
    assert questions(shelves.database) == []
    merging.unmerge(shelves.hub, one, user=USER)  # which is an answer, too
    assert questions(shelves.database) == []


def test_a_question_about_the_one_that_goes_is_asked_of_the_other(shelves: Shelves) -> None:
    suzuki = hear(shelves, "sfa", "2", **SUZUKI)
    one, other = same_name(shelves, 1, 2)
    merging.merge(shelves.hub, suzuki, other, user=USER)
    asked = [(row[0], row[1], row[2], row[3]) for row in questions(shelves.database)]
    assert asked == [(suzuki, one, "crm/people/2", "crm/people/1")]
    merging.unmerge(shelves.hub, suzuki, user=USER)
    asked = [(row[0], row[1], row[2], row[3]) for row in questions(shelves.database)]
    assert asked == [(one, other, "crm/people/1", "crm/people/2")]


def test_leads_that_were_said_to_be_two_are_not_asked_about_again(shelves: Shelves) -> None:
    suzuki = hear(shelves, "sfa", "2", **SUZUKI)
    one, other = same_name(shelves, 1, 2)
    merging.keep_apart(shelves.hub, suzuki, one, user=USER)
    merging.merge(shelves.hub, suzuki, other, user=USER)
    assert questions(shelves.database) == []


# Many at once


def test_many_are_merged_and_each_can_be_taken_back(shelves: Shelves) -> None:
    for number in range(4):
        hear(
            shelves,
            "crm",
            f"{number}",
            **{
                **SATO,
                "given": f"花{number}",
                "phone": f"03-1234-000{number}",
                "email": f"hana{number}@aozora.example",
            },
        )
        hear(
            shelves,
            "sfa",
            f"{number}",
            **{
                **SATO,
                "given": f"花{number}",
                "phone": "",
                "email": f"hana{number}@sora.example",
                "company": "",
            },
        )
    assert len(shelves.leads()) == 8
    before = stored(shelves.database)
    found = review.chosen(shelves.hub, 5.0)
    assert len(found) == 4
    seen: list[Any] = []
    done = review.merge_above(
        shelves.hub, 5.0, user=USER, watch=seen.append, stop=lambda: len(seen) == 2
    )
    assert (done.merged, len(shelves.leads())) == (2, 6)
    done = review.merge_above(shelves.hub, 5.0, user=USER, watch=seen.append)
    assert (done.merged, len(shelves.leads()), done.refused) == (2, 4, ())
    for one in reversed(seen):
        merging.unmerge(shelves.hub, one.leads[0], user=USER)
    assert stored(shelves.database) == before


def test_what_stands_in_the_way_is_left_out_unless_asked_for(shelves: Shelves) -> None:
    one, _, _ = same_name(shelves, 1, 2, 3)
    with shelves.database.write() as tx:
        tx.write("UPDATE match_review SET blocked = 'rival'")
    assert review.chosen(shelves.hub, 5.0) == []
    assert review.merge_above(shelves.hub, 5.0, user=USER).merged == 0
    assert len(review.chosen(shelves.hub, 5.0, blocked=True)) == 3
    assert review.merge_above(shelves.hub, 5.0, user=USER, blocked=True).merged == 2
    assert [lead.id for lead in shelves.leads()] == [one]


def test_a_merge_among_many_that_would_bring_a_contradiction_is_refused(shelves: Shelves) -> None:
    same_name(shelves, 1, 2, 3)
    done = review.merge_above(shelves.hub, 5.0, user=USER)
    codes = {code for _, _, code in done.refused}
    assert done.merged + len(done.refused) == 3
    assert codes == {"CONTRADICTED"}


def test_a_sample_is_the_same_each_time_and_has_both_ends(shelves: Shelves) -> None:
    same_name(shelves, *range(1, 7))
    pairs = review.chosen(shelves.hub, 5.0)
    assert len(pairs) == 15
    shown = [case.question for case in review.sample(shelves.hub, pairs, 6)]
    assert len(shown) == 6
    assert shown[:2] == pairs[:2]
    assert shown[-2:] == pairs[-2:]
    assert shown == [case.question for case in review.sample(shelves.hub, pairs, 6)]
