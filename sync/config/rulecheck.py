"""What must hold in the qualification rules of stages.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mapping.model import (
    ACCOUNT_FIELDS,
    ACTIVITIES,
    PUSH_ONLY,
    FieldType,
    choices,
    field_type,
    suggestions,
)
from mapping.qualify import ACCOUNT, DUTIES
from mapping.routes import route
from mapping.stage_rules import StageRules
from sync.config.positions import Keys
from sync.config.report import listed, near
from sync.config.validate import Part

__all__ = ["check_qualification"]

_KINDS = ("all", "any", "not", "field", "activity", "score")
_TESTS: dict[str, tuple[str, ...]] = {
    "all": (),
    "any": (),
    "not": (),
    "field": ("is", "contains", "filled", "at_least", "at_most"),
    "activity": ("count", "within_days", "subject", "outcome", "minutes"),
    "score": ("at_least", "at_most"),
}
"""What may be asked of each kind of condition."""
_KEYS = {*_KINDS, *(test for tests in _TESTS.values() for test in tests)}
_NUMBERS = ("at_least", "at_most")


def check_qualification(part: Part, moves: StageRules) -> None:
    """The rules and scores of stages.yaml: names that are known, moves that are allowed."""
    scores = part.data.get("scores")
    known = list(scores) if isinstance(scores, Mapping) else []
    for name, lines in (scores if isinstance(scores, Mapping) else {}).items():
        for number, line in enumerate(lines if isinstance(lines, list) else []):
            if isinstance(line, Mapping):
                path: Keys = ("scores", name, number, "when")
                _check_condition(part, path, line.get("when"), None)
    rules = part.data.get("qualification")
    seen: set[str] = set()
    for number, rule in enumerate(rules if isinstance(rules, list) else []):
        if not isinstance(rule, Mapping):
            continue
        path = ("qualification", number)
        name = rule.get("id")
        if isinstance(name, str) and name in seen:
            part.wrong((*path, "id"), "TWICE", name=name)
        if name in DUTIES:
            part.wrong((*path, "id"), "RULE_ID", name=name)
        seen.add(str(name))
        _check_move(part, path, rule, moves)
        _check_condition(part, (*path, "when"), rule.get("when"), known)


def _check_move(part: Part, path: Keys, rule: Mapping[str, Any], moves: StageRules) -> None:
    given = rule.get("from")
    begins: list[tuple[Keys, Any]] = (
        [((*path, "from", place), one) for place, one in enumerate(given)]
        if isinstance(given, list)
        else [((*path, "from"), given)]
    )
    to = rule.get("to")
    stages_known = _is_stage(part, (*path, "to"), to, moves)
    for place, stage in begins:
        if not _is_stage(part, place, stage, moves) or not stages_known:
            continue
        if route(str(stage), str(to), moves) is None:
            allowed = [one for one in moves.stages if route(str(stage), one, moves) is not None]
            part.wrong(place, "RULE_MOVE", name=stage, to=to, known=listed(allowed))
    needs = "disqualified" in [stage for _, stage in begins] or to in moves.reasons
    if needs and stages_known and not rule.get("reason"):
        part.wrong((*path, "to"), "RULE_REASON", name=to, known=_reasons(str(to), moves))


def _reasons(stage: str, moves: StageRules) -> str:
    return listed(code for code in moves.reasons.get(stage, {}) if code != "unstated")


def _is_stage(part: Part, path: Keys, name: Any, moves: StageRules) -> bool:
    if not isinstance(name, str) or name in moves.stages:
        return isinstance(name, str)
    known = moves.stages
    part.wrong(path, "UNKNOWN_STAGE", name=name, near=near(name, known), known=listed(known))
    return False


def _check_condition(part: Part, path: Keys, one: Any, scores: Sequence[str] | None) -> None:
    """A condition; ``scores`` are those it may ask for, None within a score."""
    if not isinstance(one, Mapping) or not one.keys() <= _KEYS:
        return  # what has an unknown key is told by the model
    kinds = [kind for kind in _KINDS if one.get(kind) is not None]
    if len(kinds) != 1:
        part.wrong(path, "CONDITION_KIND", at_key=True, name=listed(kinds), known=listed(_KINDS))
        return
    kind = kinds[0]
    for key in one:
        if key != kind and key not in _TESTS[kind]:
            part.wrong(
                (*path, key), "TEST_KIND", at_key=True, name=key, kind=kind, known=_known(kind)
            )
            return
    below = one[kind]
    match kind:
        case "all" | "any":
            for number, inner in enumerate(below if isinstance(below, list) else []):
                _check_condition(part, (*path, kind, number), inner, scores)
        case "not":
            _check_condition(part, (*path, kind), below, scores)
        case "field":
            _check_field(part, path, one)
        case "activity":
            _check_activity(part, (*path, kind), below)
        case _:
            _check_score(part, path, one, scores)


def _known(kind: str) -> str:
    return listed(_TESTS[kind])


def _check_field(part: Part, path: Keys, one: Mapping[str, Any]) -> None:
    name = one["field"]
    if not isinstance(name, str):
        return
    of_company = name.startswith(ACCOUNT)
    bare = name.removeprefix(ACCOUNT)
    kind = field_type("account" if of_company else "lead", bare)
    if kind is None or name in PUSH_ONLY:
        meant = f"{ACCOUNT}{bare}" if bare in ACCOUNT_FIELDS else ""
        close = (
            [f"{ACCOUNT}{near(bare, ACCOUNT_FIELDS)}"]
            if of_company and near(bare, ACCOUNT_FIELDS)
            else suggestions("lead", name)
        )
        part.wrong(
            (*path, "field"), "UNKNOWN_FIELD", name=name, near=meant or next(iter(close), "")
        )
        return
    if not any(one.get(test) is not None for test in _TESTS["field"]):
        part.wrong((*path, "field"), "NO_TEST", name=name, known=_known("field"))
    if kind is not FieldType.NUMBER and not bare.startswith("custom."):
        for test in _NUMBERS:
            if one.get(test) is not None:
                part.wrong((*path, test), "NOT_A_NUMBER", at_key=True, name=name)
    if not of_company:
        _check_choice(part, (*path, "is"), name, one.get("is"))


def _check_choice(part: Part, path: Keys, name: str, wanted: Any) -> None:
    known = choices("lead", name)
    for number, value in enumerate(wanted if isinstance(wanted, list) else [wanted]):
        if known and isinstance(value, str) and value not in known:
            place = (*path, number) if isinstance(wanted, list) else path
            part.wrong(
                place,
                "UNKNOWN_CHOICE",
                field=name,
                name=value,
                near=near(value, known),
                known=listed(known),
            )


def _check_activity(part: Part, path: Keys, wanted: Any) -> None:
    for number, kind in enumerate(wanted if isinstance(wanted, list) else [wanted]):
        if isinstance(kind, str) and kind not in ACTIVITIES:
            place = (*path, number) if isinstance(wanted, list) else path
            part.wrong(
                place,
                "UNKNOWN_ACTIVITY",
                name=kind,
                near=near(kind, ACTIVITIES),
                known=listed(ACTIVITIES),
            )


def _check_score(
    part: Part, path: Keys, one: Mapping[str, Any], scores: Sequence[str] | None
) -> None:
    name = one["score"]
    if scores is None:
        part.wrong((*path, "score"), "SCORE_IN_SCORE", at_key=True, name=name)
    elif isinstance(name, str) and name not in scores:
        part.wrong(
            (*path, "score"),
            "UNKNOWN_SCORE",
            name=name,
            near=near(name, scores),
            known=listed(scores),
        )
    elif not any(one.get(test) is not None for test in _NUMBERS):
        part.wrong((*path, "score"), "NO_TEST", name=name, known=_known("score"))
