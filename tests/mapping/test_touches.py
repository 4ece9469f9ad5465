"""One thing told by two systems is one; told twice by one system, it is two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.touches import KINDS, Touch, is_held, led_to, once, unique

MINUTE = 60.0


def calls(*told: tuple[str, float]) -> list[Touch]:
    return [Touch(minutes * MINUTE, "call", source) for source, minutes in told]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        pytest.param(calls(("zoom/calls", 0), ("hs/calls", 4)), ["hs/calls"], id="told by two"),
        pytest.param(
            calls(("zoom/calls", 0), ("zoom/calls", 1)), ["zoom/calls"] * 2, id="called twice"
        ),
        pytest.param(
            calls(("zoom/calls", 0), ("hs/calls", 0), ("zoom/calls", 1), ("hs/calls", 1)),
            ["hs/calls"] * 2,
            id="called twice, told by two",
        ),
        pytest.param(
            calls(("zoom/calls", 0), ("hs/calls", 6)), ["zoom/calls", "hs/calls"], id="far apart"
        ),
        pytest.param(
            [Touch(0, "call", "a/x"), Touch(0, "meeting", "b/x")], ["a/x", "b/x"], id="two kinds"
        ),
        pytest.param(
            [Touch(0, "email_sent", "a/x", "事例"), Touch(0, "email_sent", "b/x", "案内")],
            ["a/x", "b/x"],
            id="two mails",
        ),
        pytest.param(
            [Touch(0, "meeting", "a/x", "商談"), Touch(1700, "meeting", "b/x", "Zoom")],
            ["a/x"],
            id="a meeting whose guest came late",
        ),
    ],
)
def test_what_is_told_is_kept_once(told: list[Touch], kept: list[str]) -> None:
    assert [touch.source for touch in once(told)] == kept


def test_what_is_kept_has_the_longest_duration_and_every_outcome() -> None:
    invited = Touch(0, "meeting", "calendar/events", outcomes=("invited",))
    present = Touch(600, "meeting", "calendar/participants", outcomes=("attended",), seconds=1800)
    (kept,) = once([present, invited])
    assert (kept.source, kept.seconds, is_held(kept)) == ("calendar/events", 1800, True)


def test_a_meeting_lasted_as_long_as_the_guest_was_there_and_not_as_long_as_it_was_booked() -> None:
    booked = Touch(0, "meeting", "meet/events", outcomes=("invited",), seconds=3600)
    present = Touch(0, "meeting", "meet/participants", outcomes=("attended",), seconds=360)
    logged = Touch(300, "meeting", "sfa/Event", seconds=2400)
    assert [one.seconds for one in once([booked, present, logged])] == [360]


def test_a_meeting_of_which_nobody_saw_how_long_it_took_lasted_as_booked() -> None:
    booked = Touch(0, "meeting", "meet/events", outcomes=("accepted",), seconds=3600)
    done = Touch(0, "meeting", "sfa/Event", outcomes=("completed",))
    assert [one.seconds for one in once([booked, done])] == [3600]


touches = st.builds(
    Touch,
    at=st.integers(0, 7200).map(float),
    kind=st.sampled_from(KINDS),
    source=st.sampled_from(["crm/calls", "ma/activities", "zoom/calls"]),
    subject=st.sampled_from([None, "事例のご案内"]),
)


@given(st.lists(touches, max_size=30), st.randoms(use_true_random=False))
def test_counting_once_again_changes_nothing_nor_does_the_order(
    told: list[Touch], dice: object
) -> None:
    def plain(some: list[Touch]) -> list[tuple[object, ...]]:
        return [(one.at, one.kind, one.source, one.subject) for one in some]

    kept = once(told)
    assert plain(once(list(kept))) == plain(kept)
    dice.shuffle(told)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert sorted(plain(once(told)), key=str) == sorted(plain(kept), key=str)


@given(st.lists(touches, max_size=30))
def test_one_stream_alone_loses_nothing(told: list[Touch]) -> None:
    own = [touch for touch in told if touch.source == "crm/calls"]
    assert len(once(own)) == len(own)


def test_a_mail_opened_five_times_was_opened() -> None:
    opened = [Touch(at, "email_opened", "ma/activities", "事例") for at in range(5)]
    assert unique(opened) == opened[:1]


def test_a_result_belongs_to_the_last_cause_before_it() -> None:
    first, second, third = calls(("a", 0), ("a", 10), ("a", 30))
    effects = [5 * MINUTE, 20 * MINUTE, 29 * MINUTE, 500 * MINUTE]
    assert led_to([first, second, third], effects, 60 * MINUTE) == [first, second, second]
    assert led_to([second], [9 * MINUTE], 60 * MINUTE) == []


@pytest.mark.parametrize(
    ("outcomes", "held"),
    [
        ((), True),
        (("accepted",), True),
        (("invited",), False),
        (("tentative", "SCHEDULED"), False),
        (("NO_SHOW",), False),
        (("No Show",), False),
        (("declined",), False),
        (("declined", "attended"), True),
        (("invited", "accepted"), True),
    ],
)
def test_a_meeting_was_held_where_somebody_came(outcomes: tuple[str, ...], held: bool) -> None:
    assert is_held(Touch(0, "meeting", "a", outcomes=outcomes)) is held
