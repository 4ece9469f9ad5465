"""Reading objects: everything once by list, then what changed by search, then what was archived.

A search shows 10,000 results at most and makes no promise among equal times, and a batch job gives
tens of thousands of records one time. So a window of time is never paged by offset or by time: it
is read in order of id, each page asking for ids beyond the last (``hs_object_id`` GT). That ends,
misses nothing, and may be left and taken up again at any page.

The upper end of a window is fixed before it is read: a record that changes meanwhile leaves it and
is in the next one. The bookmark after a window is its upper end less the index lag; the next window
begins ``overlap`` before that, and the hub drops what it knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from zlib import crc32

import orjson

from connectors.hubspot.api import Api, Row, next_after, results
from connectors.hubspot.translate import moment
from connectors.kit.base import Page, Record, Ref
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded

OBJECTS = ("contacts", "companies", "deals", "calls", "meetings", "emails", "notes")
TIES: dict[str, tuple[str, ...]] = {
    "contacts": ("companies",),
    "companies": (),
    "deals": ("contacts", "companies"),
    "calls": ("contacts", "companies", "deals"),
    "meetings": ("contacts", "companies", "deals"),
    "emails": ("contacts", "companies", "deals"),
    "notes": ("contacts", "companies", "deals"),
}
"""What a record belongs to, most important first."""
OWNER_EMAIL = "hubspot_owner_email"
"""A field of ours beside ``hubspot_owner_id``: people are told apart by address."""
MERGED = "hs_merged_object_ids"
"""Unverified separator of the ids in it: a semicolon."""


def modified(kind: str) -> str:
    """The property that holds the time of the last change."""
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a pull is; times in epoch milliseconds, the vendor's unit.

    ``after`` is the place in the first listing ("" at its start). ``since`` is the bookmark. A
    window that is being read has ``until``, and ``last``, the last id seen. ``swept`` is when the
    archive was last looked through; a look under way has ``sweep``, its place, and ``sweeping``,
    when it began.
    """

    since: int
    swept: int
    after: str | None = None
    until: int | None = None
    last: int = 0
    sweep: str | None = None
    sweeping: int | None = None

    def text(self) -> str:
        """The cursor."""
        said = {key: value for key, value in asdict(self).items() if value not in {None, 0}}
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def read_mark(cursor: str) -> Mark:
    """The mark of a cursor; ContractBroken where it is none of ours."""
    try:
        said = orjson.loads(cursor)
        return Mark(**{"since": 0, "swept": 0, **said})
    except (orjson.JSONDecodeError, TypeError) as error:
        raise ContractBroken("the saved HubSpot cursor cannot be read: start a backfill") from error


class Puller:
    """Pulls the objects of one portal."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._lag = int(api.options.index_lag * 1000)
        self._overlap = int(api.options.overlap * 1000)
        self._sweep_gap = int(api.options.deletes_every * 1000)

    def _now(self) -> int:
        return int(self.api.now().timestamp() * 1000)

    def pull(self, kind: str, cursor: str | None) -> Iterator[Page]:
        """Pages from the cursor on; the last one carries the bookmark for next time."""
        if cursor is None:
            start = self._now() - self._lag
            yield from self._list(kind, Mark(since=start, swept=start, after=""))
            return
        mark = read_mark(cursor)
        if mark.after is not None:
            yield from self._list(kind, mark)
            return
        if mark.sweeping is None:
            for page, after in self._window(kind, mark):
                mark = after
                yield page
        if mark.sweeping is not None or self._now() - mark.swept >= self._sweep_gap:
            yield from self._sweep(kind, mark)

    def _list(self, kind: str, mark: Mark) -> Iterator[Page]:
        names = self.api.names(kind)

        def pages() -> Iterator[tuple[list[Row], str | None]]:
            after = mark.after
            while after is not None:
                rows, after = self.api.list_page(kind, after or None, names)
                yield rows, after

        told = bool(mark.after)
        for rows, after in guarded(pages(), what=f"HubSpot {kind}", key=lambda page: page[1]):
            if rows or told:
                told = True
                yield Page(self.records(kind, rows), replace(mark, after=after).text())

    def _window(self, kind: str, mark: Mark) -> Iterator[tuple[Page, Mark]]:
        until = mark.until or self._now()
        since = mark.since - self._overlap
        names = self.api.names(kind)
        done = replace(mark, since=max(mark.since, until - self._lag), until=None, last=0)

        def pages() -> Iterator[tuple[list[Row], int | None]]:
            last: int | None = mark.last
            while last is not None:
                body = self.api.search(kind, _between(kind, since, until, last), names)
                rows = results(body)
                more = bool(rows) and next_after(body) is not None
                last = max(int(row["id"]) for row in rows) if more else None
                yield rows, last

        told = mark.until is not None
        for rows, last in guarded(pages(), what=f"HubSpot {kind}", key=lambda page: page[1]):
            ahead = done if last is None else replace(mark, until=until, last=last)
            if rows or told:
                told = True
                yield Page(self.records(kind, rows), ahead.text()), ahead

    def _sweep(self, kind: str, mark: Mark) -> Iterator[Page]:
        """Records that were archived since the last look; the list knows no order of time."""
        began = mark.sweeping or self._now()
        oldest = mark.swept - self._overlap
        # The whole mark is carried along: a window's bookmark must not be lost in the archive.
        done = replace(mark, sweep=None, sweeping=None, swept=max(mark.swept, began - self._lag))

        def pages() -> Iterator[tuple[list[Row], str | None]]:
            after, first = mark.sweep, True
            while first or after is not None:
                rows, after = self.api.list_page(kind, after, (MERGED,), archived=True)
                first = False
                yield rows, after

        told = False
        for rows, after in guarded(pages(), what=f"HubSpot {kind} bin", key=lambda page: page[1]):
            gone = [one for one in (_gone(kind, row) for row in rows) if _millis(one) >= oldest]
            ahead = replace(mark, sweep=after, sweeping=began) if after is not None else done
            if gone or (after is None and (told or self._sweep_gap)):
                told = True
                yield Page(gone, ahead.text())

    def fetch(self, kind: str, ids: Sequence[str]) -> list[Record]:
        """Records by id: survivors for merged ids, ``deleted`` for those that are gone."""
        rows = self.api.read(kind, ids, self.api.names(kind))
        found = self.records(kind, rows)
        known = {one.external_id for one in found}
        known |= {ref.external_id for one in found for ref in one.previous_ids}
        gone = [one for one in dict.fromkeys(ids) if one not in known]
        return [*found, *(Record(kind, one, {"id": one}, deleted=True) for one in gone)]

    def records(self, kind: str, rows: Sequence[Row]) -> list[Record]:
        """Rows as records, with their owner's address and what they belong to."""
        ids = [str(row["id"]) for row in rows]
        ties = {to: self.api.ties(kind, to, ids) for to in TIES[kind]} if ids else {}
        return [self._record(kind, row, ties) for row in rows]

    def _record(self, kind: str, row: Row, ties: dict[str, dict[str, list[str]]]) -> Record:
        own = str(row["id"])
        properties = dict(row.get("properties") or {})
        if "hubspot_owner_id" in properties:
            owner = properties["hubspot_owner_id"]
            properties[OWNER_EMAIL] = self.api.owners().get(str(owner)) if owner else None
        changed = moment(properties.get(modified(kind))) or moment(row.get("updatedAt"))
        refs = tuple(Ref(to, other) for to in TIES[kind] for other in ties[to].get(own, ()))
        return Record(
            stream=kind,
            external_id=own,
            payload={**row, "properties": properties},
            version=_version(row, refs),
            changed_at=changed,
            previous_ids=_swallowed(kind, row),
            refs=refs,
        )


def _between(kind: str, since: int, until: int, last: int) -> list[dict[str, str]]:
    time, own = modified(kind), "hs_object_id"
    filters = [
        {"propertyName": time, "operator": "GTE", "value": str(max(since, 0))},
        {"propertyName": time, "operator": "LTE", "value": str(until)},
    ]
    if last:
        filters.append({"propertyName": own, "operator": "GT", "value": str(last)})
    return filters


def _version(row: Row, refs: tuple[Ref, ...]) -> str | None:
    """The vendor's mark, and a sum over the ties: a new tie need not be a modification."""
    if not row.get("updatedAt"):
        return None
    tied = ";".join(f"{ref.stream}:{ref.external_id}" for ref in refs)
    return f"{row['updatedAt']}+{crc32(tied.encode()):08x}" if tied else str(row["updatedAt"])


def _gone(kind: str, row: Row) -> Record:
    when = row.get("archivedAt") or row.get("updatedAt")
    return Record(
        stream=kind,
        external_id=str(row["id"]),
        payload=row,
        version=f"archived {when}",
        changed_at=moment(when),
        deleted=True,
        previous_ids=_swallowed(kind, row),
    )


def _swallowed(kind: str, row: Row) -> tuple[Ref, ...]:
    """The records that were merged into this one."""
    ids = str((row.get("properties") or {}).get(MERGED) or "").split(";")
    return tuple(Ref(kind, one) for one in ids if one and one != str(row["id"]))


def _millis(record: Record) -> int:
    """When it was archived; unknown times count as now, for a delete told twice does no harm."""
    return int(record.changed_at.timestamp() * 1000) if record.changed_at else 1 << 62
