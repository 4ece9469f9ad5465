"""Whose an activity is, told by mailbox or number, and what becomes of one that is nobody's."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from connectors.kit.base import Record
from sync.engine.resolve import REFERENCE_TRIES, resolve_due
from sync.store import journeys

HANAKO = {"email": "hanako@aozora.example", "family": "佐藤", "given": "花子", "company": "青空"}
TARO = {"email": "taro@aozora.example", "family": "田中", "given": "太郎", "company": "青空"}
LINE, MOBILE = "03-1234-5678", "090-1234-5678"


def trail(number: int, stream: str = "calls", **said: str) -> Record:
    """Something that happened with somebody outside."""
    what = {"what": "call", "at": "2026-04-01T01:00:00Z", **said}
    return Record(stream, f"{stream}-{number}", what)


def trails_of(shelves: Any) -> dict[str, list[str]]:
    """By lead, the records of what happened with them."""
    with shelves.database.read() as tx:
        return {
            str(lead.email): [row.link_id for row in journeys.activities_of(tx, lead.id)]
            for lead in shelves.leads()
        }


def wait_out(shelves: Any, clock: Any) -> Counter[str]:
    """Let every try of what waits for its person be over; what became of all of it."""
    shelves.run()
    counts: Counter[str] = Counter()
    for _ in range(REFERENCE_TRIES):
        clock.pass_time(hours=2)
        counts.update(resolve_due(shelves.hub).counts)
    return counts


@pytest.mark.parametrize(
    ("said", "whose"),
    [
        pytest.param({"phone": "+81 90-1234-5678"}, "hanako@aozora.example", id="a mobile"),
        pytest.param({"phone": "0312345678"}, "taro@aozora.example", id="a line"),
        pytest.param({"email": "Hanako@aozora.example"}, "hanako@aozora.example", id="a mailbox"),
        pytest.param(
            {"email": "hanako@aozora.example", "phone": LINE},
            "hanako@aozora.example",
            id="a mailbox before another's line",
        ),
    ],
)
def test_a_call_finds_its_person_by_mailbox_or_number(
    shelves: Any, said: dict[str, str], whose: str
) -> None:
    shelves.at["crm"].put("1", **HANAKO, phone=MOBILE)
    shelves.at["crm"].put("2", **TARO, phone=LINE)
    shelves.at["crm"].records.append(trail(1, **said))
    shelves.settle()
    found = trails_of(shelves)
    assert {email for email, rows in found.items() if rows} == {whose}


def test_a_line_that_two_people_share_says_nothing_of_either(shelves: Any, clock: Any) -> None:
    shelves.at["crm"].put("1", **HANAKO, phone=LINE)
    shelves.at["crm"].put("2", **TARO, phone=LINE)
    shelves.at["crm"].records.append(trail(1, phone=LINE))
    wait_out(shelves, clock)
    assert list(trails_of(shelves).values()) == [[], []]
    assert [aside.code for aside in shelves.asides(kind="record")] == ["REFERENCE_UNKNOWN"]


def test_an_activity_waits_for_its_person_also_where_strangers_are_dropped(
    shelves: Any, clock: Any
) -> None:
    shelves.at["crm"].records.append(trail(1, "visits", email=HANAKO["email"]))
    shelves.run()
    shelves.at["crm"].put("1", **HANAKO)
    shelves.run()
    clock.pass_time(minutes=2)
    shelves.settle()
    assert [len(rows) for rows in trails_of(shelves).values()] == [1]


def test_visits_of_strangers_are_counted_and_dropped_where_the_stream_says_so(
    shelves: Any, clock: Any
) -> None:
    shelves.at["crm"].records.append(trail(1, "visits", email="who@elsewhere.example"))
    shelves.at["crm"].records.append(trail(2, "calls", email="who@elsewhere.example"))
    counts = wait_out(shelves, clock)
    assert (counts["no_lead"], counts["set_aside"]) == (1, 1)
    (aside,) = shelves.asides(kind="record")
    assert (aside.stream, aside.code) == ("calls", "REFERENCE_UNKNOWN")
    with shelves.database.read() as tx:
        assert tx.rows("SELECT count(*) FROM inbox WHERE state = 'new'") == [(0,)]
