"""Received payloads beside what their records say now: how a replay tells what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mapping.errors import MappingError
from mapping.fieldmap import Draft, Problem
from mapping.normalise.text import is_blank
from mapping.stages import Observation, StageState, decide_stage
from sync.engine.hub import Flow, Hub
from sync.engine.restating import Again, Correction, corrections, layers
from sync.engine.trails import activity_values
from sync.store import leads, links, replays
from sync.store.database import Tx
from sync.store.inbox import InboxRow
from sync.store.leads import LeadRow
from sync.store.links import LinkRow
from sync.store.replays import Slot, Written

__all__ = ["Found", "Page", "RecordDiff", "StageDiff"]

LOOK_BACK = 20
"""Earlier payloads of a record that are asked since when it says something."""


@dataclass(frozen=True, slots=True)
class StageDiff:
    """What a record says of the stage now: the vendor's value, and the lead's move.

    ``new`` is the stage where the lead stands afterwards. ``refused`` is the code of a move that
    is not allowed and will wait for a person.
    """

    value: str
    old: str
    new: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class RecordDiff:
    """What differs of one record. ``settled`` are fields that could not be read and now can.

    ``refused`` is set where the map of today cannot read the record at all; ``readable`` where the
    record was set aside and now can be read: then it is not known yet what will differ.
    """

    link_id: str
    connection: str
    stream: str
    external_id: str
    kind: str
    lead_id: str | None
    fields: tuple[Correction, ...] = ()
    stage: StageDiff | None = None
    problems: tuple[Problem, ...] = ()
    settled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    refused: MappingError | None = None
    readable: bool = False

    @property
    def differs(self) -> bool:
        """Whether applying would do anything."""
        return bool(self.fields or self.stage or self.problems or self.settled or self.readable)


@dataclass(slots=True)
class Found:
    """A record's difference, with what it takes to put it back."""

    diff: RecordDiff
    row: InboxRow
    again: Again | None
    absent: tuple[str, ...] = ()


class Page:
    """Some payloads and everything that the comparison of them needs."""

    def __init__(self, hub: Hub, tx: Tx, slots: Sequence[Slot], counts: Counter[str]) -> None:
        self.hub = hub
        self.tx = tx
        self.counts = counts
        self.links = links.by_ids(tx, {slot.link_id for slot in slots})
        self.slots = [slot for slot in slots if self._counts(slot)]
        self.rows = replays.payloads(tx, [slot.id for slot in self.slots])
        owners = {link.owner_id for link in self.links.values() if link.owner_id}
        self.writes: dict[str, list[Written]] = replays.written(tx, owners)
        self.leads: dict[str, LeadRow] = leads.by_ids(tx, owners, provenance=False)
        self.authors = replays.stage_authors(tx, owners)
        kinds: dict[str, list[str]] = {}
        for link in self.links.values():
            kinds.setdefault(link.kind, []).append(link.id)
        self.deals = replays.deals(tx, kinds.get("deal", ()))
        self.activities = replays.activities(tx, kinds.get("activity", ()))

    def _counts(self, slot: Slot) -> bool:
        """Whether a payload is the last word of a record that is still there."""
        link = self.links.get(slot.link_id)
        if slot.state == "aside":
            return link is None or link.state == "live"
        if link is None or link.digest != slot.digest:
            return False
        if link.state != "live":
            self.counts[link.state] += 1
            return False
        return True

    def found(self) -> list[Found]:
        """The differences, in the order of the payloads."""
        states = {slot.id: slot.state for slot in self.slots}
        found = []
        for row in self.rows:
            if row.payload is None:
                self.counts["unreadable"] += 1
                continue
            self.counts["read"] += 1
            one = self._aside(row) if states[row.id] == "aside" else self._done(row)
            if one is not None:
                found.append(one)
        return self._dated(found)

    def _flow(self, row: InboxRow) -> tuple[Flow, str, str]:
        connection, stream, external_id = links.split_id(row.link_id)
        return self.hub.flows[connection], stream, external_id

    def _read(self, row: InboxRow, over: Any = None) -> Draft | MappingError:
        """A payload through the map of today, with what was written later laid over it."""
        flow, stream, _ = self._flow(row)
        try:
            flat = flow.flatten(stream, orjson.loads(row.payload or b"null"))
            return flow.map_for(stream).read({**flat, **over} if over else flat)
        except MappingError as error:
            return error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"the record's payload is not as expected ({type(error).__name__})"
            return MappingError("PAYLOAD_UNREADABLE", what)

    def _aside(self, row: InboxRow) -> Found | None:
        """A record that was set aside: all that can be said is whether it can be read now."""
        flow, stream, external_id = self._flow(row)
        if isinstance(self._read(row), MappingError):
            self.counts["same"] += 1
            return None
        link = self.links.get(row.link_id)
        diff = RecordDiff(
            row.link_id,
            flow.name,
            stream,
            external_id,
            flow.kind(stream),
            link.owner_id if link is not None else None,
            readable=True,
        )
        return Found(diff, row, None)

    def _done(self, row: InboxRow) -> Found:
        flow, stream, external_id = self._flow(row)
        link = self.links[row.link_id]
        own = layers(self.writes.get(link.id, ()), row.received_at)
        diff = RecordDiff(row.link_id, flow.name, stream, external_id, link.kind, link.owner_id)
        draft = self._read(row, own.after)
        if isinstance(draft, MappingError):
            return Found(replace(diff, refused=draft), row, None)
        at = _at(row)
        absent: tuple[str, ...] = ()
        if link.kind == "lead":
            said = corrections(link, draft, flow.map_for(stream), own, at)
            unread = {problem.field for problem in draft.problems}
            parked = {n.removeprefix("read:") for n in link.parked if n.startswith("read:")}
            absent = said.absent
            diff = replace(
                diff,
                fields=said.fields,
                kept=said.kept,
                stage=self._stage(link, draft, at),
                problems=tuple(p for p in draft.problems if p.field not in parked),
                settled=tuple(sorted(parked - unread)),
            )
        else:
            diff = self._other(diff, link, draft, at)
        stage = diff.stage is not None
        return Found(diff, row, Again(link.updated_at, own.after, diff.fields, stage), absent)

    def _stage(self, link: LinkRow, draft: Draft, at: str) -> StageDiff | None:
        """Whether the record says something else of the stage than when it was heard.

        It does where another value is read, or where it put the lead where the lead stands and its
        value no longer means that.
        """
        seen, lead = draft.stage, self.leads.get(link.owner_id or "")
        if seen is None or lead is None:
            return None
        value = str(seen.value)
        other_value = value != link.stage_value
        is_author = self.authors.get(lead.id) == link.id
        if not other_value and not (is_author and lead.stage not in seen.stages):
            return None
        first = link.stage_value is None
        state = StageState(lead.stage, lead.cycle, lead.stage_at)
        word = Observation(seen.stages, at, link.connection, seen.reason, first, link.id)
        decision = decide_stage(state, word, self.hub.stage_rules, lead.fields)
        if decision.refused:
            if link.parked.get("stage") == value:
                return None  # a person is asked already
            return StageDiff(value, lead.stage, seen.stages[0], decision.refused)
        after = decision.state.stage if decision.state is not None else lead.stage
        if after == lead.stage and not other_value:
            return None
        return StageDiff(value, lead.stage, after)

    def _other(self, diff: RecordDiff, link: LinkRow, draft: Draft, at: str) -> RecordDiff:
        """An account's, deal's or activity's record: it is what its record says, no more."""
        stage = None
        now: dict[str, Any] = {k: v for k, v in draft.values.items() if v is not None}
        if link.kind == "deal":
            before, held = self.deals.get(link.id, (None, {}))
            seen = draft.stage
            meant = seen.stages[0] if seen is not None and seen.stages else None
            if meant is not None and seen is not None and meant != before:
                stage = StageDiff(str(seen.value), before or "", meant)
        elif link.kind == "activity":
            now, held = activity_values(draft.values, at), self.activities.get(link.id, {})
        else:
            held = link.held
        names = [*now, *(name for name in held if name not in now)]
        found = tuple(
            Correction(name, held.get(name), now.get(name), at)
            for name in names
            if held.get(name) != now.get(name)
        )
        return replace(diff, fields=found, stage=stage)

    def _dated(self, found: list[Found]) -> list[Found]:
        """The same, with corrected values said since the payload that first said them.

        What the last payload has nothing of is what an earlier one says, or was never said.
        """
        wanted = {
            one.diff.link_id: one
            for one in found
            if one.absent
            or (one.diff.kind == "lead" and any(each.since for each in one.diff.fields))
        }
        rows = replays.earlier(self.tx, wanted, LOOK_BACK)
        for link_id, one in wanted.items():
            heard = [
                (_at(row), draft)
                for row in rows.get(link_id, ())
                if row.id < one.row.id
                and row.payload is not None
                and not isinstance(draft := self._read(row), MappingError)
            ]
            fields = [self._since(one, each, heard) for each in one.diff.fields]
            fields += [
                each for name in one.absent if (each := self._missing(one, name, heard)) is not None
            ]
            one.diff = replace(one.diff, fields=tuple(fields))
            if one.again is not None:
                one.again = replace(one.again, corrections=one.diff.fields)
        return found

    def _since(self, one: Found, found: Correction, heard: Sequence[_Heard]) -> Correction:
        if found.since is None:
            return found
        at = _at(one.row)
        for when, draft in heard:
            if draft.values.get(found.field) != found.new:
                return found._replace(since=at)
            at = min(at, when)
        return found._replace(since=min(at, found.since))

    def _missing(self, one: Found, name: str, heard: Sequence[_Heard]) -> Correction | None:
        """A correction of a field of which the last payload has nothing; None to leave it."""
        link = self.links[one.diff.link_id]
        old, since = link.held.get(name), link.since[name]
        for when, draft in heard:
            if name in draft.values:
                new = draft.values[name]
                if is_blank(new):
                    return Correction(name, old, None, None)
                return None if new == old else Correction(name, old, new, min(since, when))
        oldest = min([_at(one.row), *(when for when, _ in heard)])
        return Correction(name, old, None, None) if oldest <= since else None


_Heard = tuple[str, Draft]
"""When a vendor said something, and how the map of today reads it."""


def _at(row: InboxRow) -> str:
    """When the vendor says that a record changed, or else when we heard of it."""
    return row.changed_at or row.received_at
