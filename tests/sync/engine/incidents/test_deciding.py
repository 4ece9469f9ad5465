"""When something becomes an incident, and when it is over: pure, on a clock of numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.engine.incidents.deciding import after, begun, explained
from sync.engine.incidents.kinds import KINDS, Finding
from sync.store.incidents import IncidentRow

START = datetime(2026, 4, 1, tzinfo=UTC)
LATE = Finding("pull_late", "crm", "crm")
SIGN_IN = Finding("sign_in_needed", "crm", "crm")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def lives(finding: Finding, wrong: list[bool]) -> list[IncidentRow]:
    """The incidents of looks a minute apart, each as it was last."""
    found: list[IncidentRow] = []
    row: IncidentRow | None = None
    for minute, is_wrong in enumerate(wrong):
        seen = finding if is_wrong else None
        if row is not None:
            row = after(row, seen, at(minute))
        elif is_wrong:
            row = begun(finding, f"in_{minute}", at(minute), found)
        if row is not None and row.state == "closed":
            found.append(row)
            row = None
    return [*found, *([row] if row is not None else [])]


def test_what_counts_at_once_is_open_at_the_first_look() -> None:
    (row,) = lives(SIGN_IN, [True])
    assert (row.state, row.flaps) == ("open", 0)


def test_what_must_last_is_open_only_then() -> None:
    assert [row.state for row in lives(LATE, [True] * 10)] == ["pending"]
    assert [row.state for row in lives(LATE, [True] * 11)] == ["open"]
    assert lives(LATE, [*[True] * 10, False]) == []


def test_it_is_over_after_it_was_well_for_its_time() -> None:
    wrong = [True] * 3
    assert [row.state for row in lives(SIGN_IN, [*wrong, False, False])] == ["open"]
    (row,) = lives(SIGN_IN, [*wrong, False, False, False])
    assert (row.state, row.well_since) == ("closed", "2026-04-01T00:03:00.000000Z")


def test_what_comes_back_within_a_day_must_be_well_twice_as_long() -> None:
    back = [True, *[False] * 3]
    first, second = lives(SIGN_IN, [*back, True, *[False] * 4])
    assert (first.state, second.state, second.flaps) == ("closed", "open", 1)
    first, second = lives(SIGN_IN, [*back, True, *[False] * 5])
    assert second.state == "closed"
    _, later = lives(SIGN_IN, [*back, *[False] * 1440, True])
    assert later.flaps == 0


@given(st.lists(st.booleans(), min_size=60, max_size=300))
def test_whatever_comes_and_goes_is_told_rarely(wrong: list[bool]) -> None:
    """Of n incidents in a row each was well for its settling time, doubled each time it flapped."""
    rows = lives(SIGN_IN, wrong)
    settle = KINDS["sign_in_needed"].settle.total_seconds() / 60
    closed = [row for row in rows if row.state == "closed"]
    assert sum(settle * 2**number for number in range(len(closed))) <= len(wrong)
    assert [row.flaps for row in rows] == list(range(len(rows)))


def test_what_another_explains_is_not_told_on_its_own() -> None:
    other = Finding("pull_late", "form", "form")
    inbox = Finding("inbox_late", "inbox")
    assert explained([LATE, SIGN_IN, other, inbox]) == [SIGN_IN, other, inbox]
    assert explained([LATE, SIGN_IN], {LATE.key}) == [LATE, SIGN_IN]
