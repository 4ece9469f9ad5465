"""What must hold in match.yaml: known evidence, known fields, bands in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mapping.match.rules import ACCEPT, POINTS, REVIEW
from mapping.model import field_type, suggestions
from sync.config.report import listed, near
from sync.config.validate import Part


def check_match(part: Part) -> None:
    """The words and numbers of match.yaml."""
    data = part.data
    points = data.get("points")
    for name in points if isinstance(points, Mapping) else {}:
        if str(name) not in POINTS:
            part.wrong(
                ("points", name),
                "UNKNOWN_EVIDENCE",
                at_key=True,
                name=str(name),
                near=near(str(name), POINTS),
                known=listed(POINTS),
            )
    fields = data.get("fields")
    for number, one in enumerate(fields if isinstance(fields, list) else []):
        if isinstance(one, Mapping):
            _check_field(part, ("fields", number, "field"), one.get("field"))
    keys = data.get("keys")
    for number, parts in enumerate(keys if isinstance(keys, list) else []):
        for place, name in enumerate(parts if isinstance(parts, list) else []):
            _check_key(part, ("keys", number, place), name)
    accept, review = data.get("accept", ACCEPT), data.get("review", REVIEW)
    if _is_number(accept) and _is_number(review) and review > accept:
        at = ("review",) if "review" in data else ("accept",)
        part.wrong(at, "BANDS", accept=f"{accept:g}", review=f"{review:g}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_field(part: Part, path: tuple[str | int, ...], name: Any) -> None:
    if isinstance(name, str) and field_type("lead", name) is None:
        found = suggestions("lead", name)
        part.wrong(path, "UNKNOWN_FIELD", name=name, near=found[0] if found else "")


def _check_key(part: Part, path: tuple[str | int, ...], text: Any) -> None:
    if not isinstance(text, str):
        return
    name, colon, size = text.partition(":")
    _check_field(part, path, name)
    if colon and not (size.isdigit() and int(size)):
        part.wrong(path, "KEY_SIZE", name=name, size=size)
