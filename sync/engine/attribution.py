"""What reports are told apart by: a month, a field of the lead, or the connection that told it."""

from __future__ import annotations

from dataclasses import dataclass

from mapping.errors import MappingError
from mapping.model import field_type, suggestions

__all__ = ["MONTH", "NAMED", "Dimension", "dimension"]

MONTH = "month"
NAMED: dict[str, tuple[str, ...]] = {
    "source": ("first_touch_source", "lead_source"),
    "channel": ("first_touch_channel", "channel"),
    "campaign": ("campaign",),
    "owner": ("owner",),
    "origin": ("origin",),
}
"""Words for what reports are told apart by most often: the fields, the first that is filled."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a report is told apart by. No ``fields``: it is the month."""

    name: str
    fields: tuple[str, ...] = ()


def dimension(text: str) -> Dimension:
    """What a word means: month, one of ``NAMED``, or a field of the lead; ``team`` is custom.team.

    Raises MappingError for anything else.
    """
    if text == MONTH:
        return Dimension(MONTH)
    if text in NAMED:
        return Dimension(text, NAMED[text])
    name = "custom.team" if text == "team" else text
    if field_type("lead", name) is not None and '"' not in name and name.isprintable():
        return Dimension(text, (name,))
    near = suggestions("lead", text)
    words = ", ".join((MONTH, *NAMED, "team"))
    raise MappingError(
        "UNKNOWN_FIELD",
        f'"{text}" is nothing to tell leads apart by',
        hint=f'did you mean "{near[0]}"?' if near else f"{words}, or a field of the lead",
    )
