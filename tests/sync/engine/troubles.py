"""What may be wrong at a vendor while the hub writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from connectors.kit.base import Change
from connectors.kit.errors import ConnectorError, RecordRejected, Unavailable


def _nothing(_changes: Any) -> None:
    return None


def _down(_changes: Sequence[Change]) -> None:
    raise Unavailable("down for a moment")


def _lost(_changes: Sequence[Change]) -> None:
    raise Unavailable("the answer was lost", maybe_applied=True)


def _titles(change: Change) -> ConnectorError | None:
    return RecordRejected("no titles here", code="BAD") if "title" in change.values else None


TROUBLES: dict[str, tuple[Callable[..., Any], ...]] = {
    "": (_nothing, _nothing, _nothing),
    "down": (_down, _nothing, _nothing),
    "lost": (_nothing, _lost, _nothing),
    "refuses": (_nothing, _nothing, _titles),
}
"""What a shelf does before and after a write, and which changes it refuses."""
