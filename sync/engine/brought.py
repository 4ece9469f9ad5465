"""What brought a value to the hub: a record as it was received, the run that read it, or a person.

What was received is kept for as long as the inbox keeps it; after that the lead's history tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.store import inbox, leads, links
from sync.store.database import Tx
from sync.store.leads import Event
from sync.store.links import LinkRow

__all__ = ["Brought", "Events", "events"]

_BRINGS_NOTHING = frozenset({"pushed", "gone"})


@dataclass(frozen=True, slots=True)
class Brought:
    """One event.

    ``how`` is the way a record came (pull, webhook, import, reread, replay), or else what the
    history calls it (created, changed, edited, merged, …; first is all that is known). ``at`` is
    when the hub heard of it, ``run`` the run that did, and ``inbox`` what was received.
    """

    how: str
    at: str
    run: str | None = None
    inbox: int | None = None


class Events:
    """The events of a lead, to be asked for that of one value."""

    def __init__(
        self,
        received: Mapping[tuple[str, str], Brought],
        history: Sequence[Event],
        first_seen: Mapping[str, str],
    ) -> None:
        self._received = received
        self._history = history
        self._first_seen = first_seen

    def of_record(self, record: str, at: str, name: str, value: Any) -> Brought | None:
        """What brought a value that a record said at a time; None for an unknown record."""
        found = self._received.get((record, at))
        if found is not None:
            return found
        about = [event for event in self._history if event.link_id == record]
        noted = [event for event in about if event.at == at] or self._setting(name, value) or about
        if noted:
            return _told(noted[-1])
        seen = self._first_seen.get(record)
        return Brought("first", seen) if seen else None

    def of_edit(self, at: str, name: str, value: Any) -> Brought:
        """What brought a value that was set by hand."""
        noted = [event for event in self._setting(name, value) if event.event == "edited"]
        by_then = [event for event in noted if event.at == at]
        return _told(by_then[-1]) if by_then else Brought("edited", at)

    def _setting(self, name: str, value: Any) -> list[Event]:
        """The events that gave a field this value."""
        return [
            event
            for event in self._history
            if isinstance(change := event.changes.get(name), list) and change[-1] == value
        ]


def _told(event: Event) -> Brought:
    return Brought(event.event, event.at, event.run_id, event.inbox_id)


def events(
    tx: Tx, lead_ids: Sequence[str], held: Sequence[LinkRow], others: Iterable[str] = ()
) -> Events:
    """The events of a lead, and of those that were merged into it, with those of its records.

    ``others`` are records that are not the person itself but say something, deals.
    """
    now = {own: own for own in (*(link.id for link in held), *others)}
    now |= links.earlier_ids(tx, list(now))
    received = {
        (now[row.link_id], row.at): Brought(row.source, row.received_at, row.run_id, row.id)
        for row in inbox.heard(tx, list(now))
    }
    history = [
        event
        for lead_id in lead_ids
        for event in leads.history(tx, lead_id)
        if event.event not in _BRINGS_NOTHING
    ]
    history.sort(key=lambda event: event.at)
    return Events(received, history, {link.id: link.first_seen_at for link in held})
