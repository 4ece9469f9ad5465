"""Stored activities as touches, which figures and rules are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mapping.touches import Touch
from sync.store.database import from_iso

__all__ = ["epoch", "touch_of"]


def epoch(text: str) -> float:
    """A stored time in seconds since 1970."""
    return from_iso(text).timestamp()


def touch_of(
    record: str, activity: str, at: str, subject: str | None, fields: Mapping[str, Any]
) -> Touch:
    """An activity as it is stored."""
    outcome = fields.get("outcome")
    return Touch(
        at=epoch(at),
        kind=activity,
        source=record.rpartition("/")[0],
        subject=subject,
        outcomes=(str(outcome),) if outcome else (),
        seconds=_seconds(fields.get("duration_seconds")),
        record=record,
    )


def _seconds(said: object) -> float:
    return float(said) if isinstance(said, (int, float)) and said > 0 else 0.0
