"""What a qualification rule saw, in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sync.cli.people import rule_name, stage_name
from sync.cli.tables import shown

if TYPE_CHECKING:
    from sync.cli.context import Desk
    from sync.store.journeys import StageRow

_LONE = {"at_least": "≥ {}", "at_most": "≤ {}"}


def tell_inputs(desk: Desk, stay: StageRow) -> None:
    """Tell what the rule saw that put a lead at a stage, or what counted as evidence there."""
    if not stay.inputs:
        return
    out = desk.out
    out.line()
    stage, at = stage_name(desk, stay.stage), out.when(stay.entered_at)
    if stay.rule:
        out.say("stages.saw", stage=stage, rule=rule_name(desk, stay.rule), id=stay.rule, at=at)
    else:
        out.say("stages.proven", stage=stage, at=at)
    rows = [_row(desk, one) for one in json.loads(stay.inputs or "[]")]
    out.table(
        ("column.arrow", "column.looked_at", "column.test", "column.saw", "column.said_at"),
        rows,
        wrap="column.saw",
    )


def _row(desk: Desk, one: dict[str, Any]) -> list[str]:
    out = desk.out
    indent = "  " if one.get("score") else ""
    saw = out.words("stages.empty") if one.get("empty") else _shown(one["saw"])
    return [
        "✓" if one["holds"] != bool(one.get("not")) else "✗",
        f"{indent}{_asked(desk, one)}",
        ("¬ " if one.get("not") else "") + _test(desk, one["test"]),
        saw,
        out.when(one.get("at")),
    ]


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else shown(value)


def _asked(desk: Desk, one: dict[str, Any]) -> str:
    from mapping.model import label

    out = desk.out
    match one["kind"]:
        case "activity":
            kinds = [out.words(f"activity.{kind}") for kind in one["name"].split(", ")]
            return out.words("report.comma").join(kinds)
        case "score":
            return out.words("stages.score", name=one["name"])
        case _:
            return label(one["name"], out.language)


def _test(desk: Desk, test: dict[str, Any]) -> str:
    """A test as it is configured, in short."""
    parts = []
    for name, value in test.items():
        said = " | ".join(map(str, value)) if isinstance(value, list) else value
        if name in _LONE:
            parts.append(_LONE[name].format(_shown(value)))
        else:
            key = f"test.{name}" if value is not False else f"test.un{name}"
            parts.append(desk.out.words(key, value=_shown(said)))
    return desk.out.words("report.comma").join(parts)
