"""A vendor's picklist as a projection of the stages: read as a set of them, written as one value.

Several stages share a vendor's value, so a value that is read moves a lead only when the present
stage is not among those it may mean.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from mapping.errors import Unreadable
from mapping.moments import datetime_reader
from mapping.stage_rules import DEFAULT, StageRules
from mapping.transforms import is_blank, shown, word

_VALUE = "{value}"
_READ_TIME = datetime_reader((), None)

Back = Literal["direct", "clear", "never"]


@dataclass(frozen=True, slots=True)
class StageSeen:
    """What a record says of its stage: the raw value, what it may mean (preferred first), why."""

    value: Any
    stages: tuple[str, ...]
    reason: str | None = None


class Told(NamedTuple):
    """A stage that a record says it entered, and when; the stages its value may mean."""

    at: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageProjection:
    """How a stream's vendor field holds the stage.

    ``other`` are the stages of any value that ``read`` does not name; without it such a value is
    a problem. ``back`` is how the vendor takes a move backward: written directly, after clearing
    the field, or never. ``entered`` names the fields that say when values were entered, or the one
    that lists values and times. ``rules`` tell which stages are further than others.
    """

    field: str
    read: Mapping[str, tuple[str, ...]]
    write: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    back: Back = "direct"
    reason_field: str | None = None
    other: tuple[str, ...] = ()
    rules: StageRules = dataclasses.field(default=DEFAULT, repr=False)
    entered: str | None = None

    def told(self, flat: Mapping[str, Any]) -> tuple[Told, ...]:
        """What a record says of the stages it went through, in order of time.

        Values that nobody named and times that cannot be read are left out.
        """
        if self.entered is None:
            return ()
        if _VALUE in self.entered:
            pairs = [(value, flat.get(self.entered.replace(_VALUE, value))) for value in self.read]
        else:
            listed = flat.get(self.entered)
            pairs = [tuple(one) for one in listed] if isinstance(listed, list) else []
        found = []
        for value, at in pairs:
            stages = self.read.get(word(value)) or self.other
            moment = _moment(at)
            if stages and moment is not None:
                found.append(Told(moment, stages))
        return tuple(sorted(found, key=lambda one: one.at))

    def seen(self, value: Any, reason: Any = None) -> StageSeen | None:
        """The stages a vendor's value may mean; None for a blank. Unreadable if nobody said."""
        if is_blank(value):
            return None
        stages = self.read.get(word(value)) or self.other
        if not stages:
            raise Unreadable(
                "PICKLIST_UNMAPPED",
                f'{self.field} holds {shown(value)}, which stands for no stage in "stage: read"',
                hint=f"add a line to read: {shown(value)}: [stage, …]",
            )
        return StageSeen(value, stages, None if is_blank(reason) else word(reason))

    def is_cleared(self, flat: Mapping[str, Any]) -> bool:
        """Whether a record says that its stage is blank, and does not just leave it out."""
        return self.field in flat and is_blank(flat[self.field])

    def project(self, stage: str) -> Any:
        """The vendor's value for a stage, or None when the stage is not written there."""
        return self.write.get(stage)

    def agrees(self, stage: str, value: Any) -> bool:
        """Whether what the vendor holds may mean this stage, so that nothing need be written."""
        return stage in self._meant(value)

    def steps(self, stage: str, held: Any) -> tuple[Any, ...]:
        """The values to write, one after the other, so that a vendor holding ``held`` agrees.

        None of them when it agrees already, when the stage is not written there, or when it would
        be a move backward at a vendor that never goes back. A first "" clears the field.
        """
        value = self.write.get(stage)
        if value is None or self.agrees(stage, held):
            return ()
        if self.goes_back(stage, held):
            if self.back == "never":
                return ()
            if self.back == "clear":
                return ("", value)
        return (value,)

    def goes_back(self, stage: str, held: Any) -> bool:
        """Whether writing this stage moves a record that holds ``held`` backward."""
        meant = self._meant(held)
        rank = self.rules.rank
        return bool(meant) and rank(stage) < min(rank(each) for each in meant)

    def _meant(self, value: Any) -> tuple[str, ...]:
        """The stages a value may mean; none for a blank, or for one that nobody named."""
        try:
            seen = self.seen(value)
        except Unreadable:
            return ()
        return seen.stages if seen else ()


def _moment(raw: Any) -> str | None:
    """A vendor's time as histories have it: UTC, with microseconds; None where it is none."""
    try:
        text = _READ_TIME(raw)
    except Unreadable:
        return None
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"
