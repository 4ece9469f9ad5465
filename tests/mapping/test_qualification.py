"""Conditions, one by one, and the laws that rules keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.conditions import Did, Facts, Input, look
from mapping.qualify import Past, Rules, Stay, past_of, qualify
from mapping.stages import TRANSITIONS, StageState
from mapping.touches import Touch
from sync.config.model import StagesConfig

DAY = 86_400.0
NOW = 200 * DAY
AT = "1970-07-20T00:00:00.000000Z"
CALL, FORM = "call", "form_submission"


def rules(when: Any, *, begin: Any = "inquiry", to: str = "mql", **more: Any) -> Rules:
    said = {"id": "one", "from": begin, "to": to, "when": when}
    return StagesConfig.model_validate({"qualification": [said], **more}).qualification_rules()


def facts(fields: Mapping[str, Any] | None = None, *touches: Touch) -> Facts:
    kinds: dict[str, list[Touch]] = {}
    for touch in touches:
        kinds.setdefault(touch.kind, []).append(touch)
    return Facts(fields or {}, kinds, NOW)


def did(kind: str = CALL, days_ago: float = 1.0, **more: Any) -> Touch:
    return Touch(NOW - days_ago * DAY, kind, "crm/x", **more)


def holds(when: Any, fields: Mapping[str, Any] | None = None, *touches: Touch) -> bool:
    made = rules(when)
    return look(made.rules[0].when, facts(fields, *touches), made.scores)


@pytest.mark.parametrize(
    ("test", "value", "is_true"),
    [
        pytest.param({"is": "BtoB"}, "btob", True, id="case makes no difference"),
        pytest.param({"is": "ＢtoB"}, "BtoB", True, id="width makes no difference"),
        pytest.param({"is": ["a", "b"]}, "b", True, id="one of several"),
        pytest.param({"is": "a"}, ["x", "a"], True, id="one of a list"),
        pytest.param({"is": "a"}, None, False, id="nothing is not a text"),
        pytest.param({"is": 3}, 3.0, True, id="a number"),
        pytest.param({"is": True}, True, True, id="a yes"),
        pytest.param({"contains": "部長"}, "営業部長", True, id="a part"),
        pytest.param({"contains": ["課長", "部長"]}, "係長", False, id="none of the parts"),
        pytest.param({"at_least": 60}, 60, True, id="just enough"),
        pytest.param({"at_least": 60}, 59.9, False, id="not enough"),
        pytest.param({"at_least": 10, "at_most": 20}, 21, False, id="too much"),
        pytest.param({"at_least": 1}, "約100", False, id="a text is no number"),
        pytest.param({"at_least": 1}, "100", True, id="a number written as text"),
        pytest.param({"at_most": 5}, None, False, id="nothing is not little"),
        pytest.param({"filled": True}, "x", True, id="filled"),
        pytest.param({"filled": True}, "", False, id="a blank is nothing"),
        pytest.param({"filled": True}, 0, True, id="zero is something"),
        pytest.param({"filled": False}, [], True, id="an empty list is nothing"),
    ],
)
def test_a_field(test: dict[str, Any], value: Any, is_true: bool) -> None:
    assert holds({"field": "custom.x", **test}, {"custom.x": value}) is is_true


@pytest.mark.parametrize(
    ("test", "touches", "is_true"),
    [
        pytest.param({}, [did()], True, id="once"),
        pytest.param({}, [did(FORM)], False, id="another kind"),
        pytest.param({"count": 2}, [did()], False, id="not often enough"),
        pytest.param({"within_days": 30}, [did(days_ago=31)], False, id="too long ago"),
        pytest.param({"within_days": 30}, [did(days_ago=-3)], True, id="planned"),
        pytest.param({"subject": "料金"}, [did(subject="【料金】お問い合わせ")], True, id="about"),
        pytest.param({"subject": "料金"}, [did(subject=None)], False, id="about nothing"),
        pytest.param(
            {"outcome": "no show"}, [did(outcomes=("NO_SHOW",))], True, id="outcome as said"
        ),
        pytest.param({"outcome": "connected"}, [did()], False, id="no outcome"),
        pytest.param({"minutes": 3}, [did(seconds=180.0)], True, id="long enough"),
        pytest.param({"minutes": 3}, [did(seconds=179.0)], False, id="too short"),
        pytest.param(
            {"count": 2, "subject": "a"},
            [did(subject="a"), did(subject="b")],
            False,
            id="each of those that count",
        ),
    ],
)
def test_an_activity(test: dict[str, Any], touches: Sequence[Touch], is_true: bool) -> None:
    assert holds({"activity": CALL, **test}, None, *touches) is is_true


def test_kinds_of_activity_count_together() -> None:
    assert holds({"activity": [CALL, FORM], "count": 2}, None, did(), did(FORM))


def test_what_is_empty_is_said_to_be_empty() -> None:
    made = rules({"any": [{"field": "title", "is": "x"}, {"activity": CALL}]})
    seen: list[Input] = []
    assert not look(made.rules[0].when, facts(), made.scores, seen)
    assert [(one.name, one.holds, one.is_empty) for one in seen] == [
        ("title", False, True),
        ("call", False, True),
    ]


def test_every_part_is_kept_though_the_first_decides() -> None:
    made = rules({"any": [{"field": "title", "filled": True}, {"not": {"activity": CALL}}]})
    seen: list[Input] = []
    look(made.rules[0].when, facts({"title": "x"}, did()), made.scores, seen)
    assert [(one.holds, one.negated, one.speaks_for) for one in seen] == [
        (True, False, True),
        (True, True, False),
    ]


@pytest.mark.parametrize(
    ("stays", "day"),
    [
        pytest.param([("inquiry", False), ("mql", False)], None, id="never"),
        pytest.param([("mql", False), ("recycled", False)], 2, id="handed back"),
        pytest.param([("mql", False), ("recycled", False), ("mql", False)], 2, id="and on"),
        pytest.param([("sal", False), ("inquiry", True)], 2, id="put back by a person"),
        pytest.param([("inquiry", False), ("sal", True)], None, id="put on by a person"),
        pytest.param([("opportunity", False), ("won", False)], 2, id="won"),
    ],
)
def test_when_a_lead_last_rested(stays: list[tuple[str, bool]], day: int | None) -> None:
    found = past_of(
        Stay(stage, 1, f"1970-01-0{number}T00:00:00Z", is_override=by_hand)
        for number, (stage, by_hand) in enumerate(stays, start=1)
    )
    assert found.rested == (float("-inf") if day is None else (day - 1) * DAY)


CONDITIONS: Any = st.recursive(
    st.sampled_from(
        [
            {"field": "custom.a", "filled": True},
            {"field": "custom.b", "is": "x"},
            {"activity": CALL, "count": 2},
            {"activity": FORM, "within_days": 10},
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
KNOWN = st.builds(
    lambda a, b, done: facts({"custom.a": a, "custom.b": b}, *done),
    st.sampled_from([None, "x"]),
    st.sampled_from([None, "x", "y"]),
    st.lists(st.builds(did, st.sampled_from([CALL, FORM]), st.floats(0, 40)), max_size=5).map(
        lambda touches: sorted(touches, key=lambda touch: touch.at)
    ),
)


@given(CONDITIONS, KNOWN)
def test_keeping_what_was_seen_decides_nothing(when: Any, known: Facts) -> None:
    made = rules(when)
    seen: list[Input] = []
    one = made.rules[0].when
    assert look(one, known, made.scores) is look(one, known, made.scores, seen)


@given(CONDITIONS, CONDITIONS, KNOWN)
def test_not_all_is_any_not(a: Any, b: Any, known: Facts) -> None:
    one = rules({"not": {"all": [a, b]}}).rules[0].when
    other = rules({"any": [{"not": a}, {"not": b}]}).rules[0].when
    assert look(one, known, {}) is look(other, known, {})


@given(st.floats(0, 400), st.floats(0, 400), st.floats(1, 100))
def test_time_alone_never_makes_an_activity_count(at: float, now: float, days: float) -> None:
    leaf = Did((CALL,), within_days=days)
    touches = {CALL: [Touch(at * DAY, CALL, "crm/x")]}
    earlier = look(leaf, Facts({}, touches, now * DAY), {})
    later = look(leaf, Facts({}, touches, (now + 1) * DAY), {})
    assert earlier or not later


MOVES = [(before, after) for before, to in TRANSITIONS.items() for after in sorted(to)]


@given(
    st.lists(
        st.tuples(st.sampled_from(MOVES), CONDITIONS),
        min_size=1,
        max_size=6,
        unique_by=lambda one: one[0],
    ),
    st.sampled_from(sorted(TRANSITIONS)),
    KNOWN,
)
def test_rules_come_to_an_end_and_a_second_look_moves_nobody(
    given_rules: list[tuple[tuple[str, str], Any]], stage: str, known: Facts
) -> None:
    said = [
        {"id": f"r{n}", "from": before, "to": to, "when": when, "reason": "other"}
        for n, ((before, to), when) in enumerate(given_rules)
    ]
    made = StagesConfig.model_validate({"qualification": said}).qualification_rules()
    state, past = StageState(stage, 1, "1970-01-01T00:00:00Z"), Past()
    firings = qualify(made, state, past, known, AT)
    for firing in firings:
        assert state.stage in firing.rule.stages
        assert firing.decision.state is not None
        assert firing.decision.entries[-1].stage == firing.rule.to
        state, past = firing.decision.state, past.moved(firing)
    assert qualify(made, state, past, known, AT) == ()
    fired = [(firing.decision.entries[-1].cycle, firing.rule.id) for firing in firings]
    assert len(set(fired)) == len(fired)
