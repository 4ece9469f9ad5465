"""Reading leads: once by who was created and who is on lists, then by what the activity log says.

There is no "updated since" at Marketo. Three feeds of the log tell which leads to read again:

- lead changes: new leads, and data value changes of the fields we read;
- touches: merges, and what changes a lead without being told as a data value change;
- deleted leads, looked at every ``deletes_every`` seconds.

The last paging token of each is its bookmark. A merged lead answers empty from then on, so who it
went up in must be told before its end: where leads were deleted, the merges are read once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from connectors.kit.base import Page, Record, Ref
from connectors.kit.paging import guarded
from connectors.marketo.api import ACTIVITIES, CHANGES, DELETED, Api, Row
from connectors.marketo.feeds import at, cursor_text, first_moment, follow, read_cursor
from connectors.marketo.translate import moment

STREAM = "leads"
NEW_LEAD, MERGE = 12, 32
"""Kinds of activity; that a merge is 32 is from memory."""
TOUCHES = (8, 9, 22, MERGE)
"""Bounced, unsubscribed, change of score, merge: ids from memory. The first three change fields of
a lead; whether as data value changes, too, is unverified."""
MERGED_IDS = "Merge IDs"
"""The attribute of a merge that lists the losing leads; name and form are from memory."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a pull is; times in seconds since 1970.

    ``changes``, ``touches`` and ``deletes`` are paging tokens. All that happened before ``at`` has
    been read, of deletes before ``looked``. A first pull that is under way has ``born``, its place
    among the new leads, and before that ``listed`` and ``page``, its place in the static lists.
    """

    at: int
    looked: int
    changes: str
    touches: str
    deletes: str
    born: str | None = None
    listed: int | None = None
    page: str | None = None

    def text(self) -> str:
        """The cursor."""
        return cursor_text(asdict(self))


class LeadPuller:
    """Pulls the leads of one instance."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._overlap = api.options.overlap

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages from the cursor on; the last one carries the bookmarks for next time."""
        mark = self._first() if cursor is None else read_cursor(Mark, cursor)
        if mark.born is not None:
            yield from self._backfill(mark)
        else:
            yield from self._follow(mark)

    def fetch(self, ids: Sequence[str]) -> list[Record]:
        """Leads by id. Whoever was merged away answers like one who was deleted."""
        found = self.api.leads([one for one in ids if one.isdigit()], self.api.names())
        return [
            _record(found[one]) if one in found else _gone(one, None) for one in dict.fromkeys(ids)
        ]

    # ---- the first pull ----------------------------------------------------------------------

    def _first(self) -> Mark:
        now = int(self.api.now().timestamp())
        token = self.api.token_since(at(now, self._overlap))
        lists = self.api.options.backfill_lists
        return Mark(
            at=now,
            looked=now,
            changes=token,
            touches=token,
            deletes=token,
            born=self.api.token_since(first_moment(self.api.options, self.api.now())),
            listed=lists[0] if lists else None,
        )

    def _backfill(self, mark: Mark) -> Iterator[Page]:
        names = self.api.names()
        lists = self.api.options.backfill_lists
        begun = lists.index(mark.listed) if mark.listed in lists else len(lists)
        for place, list_id in enumerate(lists[begun:], start=begun + 1):
            following = lists[place] if place < len(lists) else None
            start = mark.page or ""
            for rows, token in self._members(list_id, start, names):
                mark = replace(mark, listed=list_id if token else following, page=token)
                yield Page([_record(row) for row in rows], mark.text())
        since = first_moment(self.api.options, self.api.now())
        params = {"activityTypeIds": str(NEW_LEAD)}
        for feed in follow(self.api, ACTIVITIES, params, mark.born or "", since):
            mark = replace(mark, born=feed.token if feed.more else None)
            yield Page(self._told(feed.rows), mark.text())

    def _members(
        self, list_id: int, token: str, names: Sequence[str]
    ) -> Iterator[tuple[list[Row], str | None]]:
        def pages() -> Iterator[tuple[list[Row], str | None]]:
            place: str | None = token
            while place is not None:
                rows, place = self.api.members(list_id, place, names)
                yield rows, place

        return guarded(pages(), what=f"Marketo list {list_id}", key=lambda page: page[1])

    # ---- what happened since -----------------------------------------------------------------

    def _follow(self, mark: Mark) -> Iterator[Page]:
        began = int(self.api.now().timestamp())
        since = at(mark.at, self._overlap)
        for page, after in self._touches(mark, since):
            mark = after
            yield page
        changed = {"fields": ",".join(self._watched())}
        for feed in follow(self.api, CHANGES, changed, mark.changes, since):
            mark = replace(mark, changes=feed.token)
            if not feed.more:
                mark = replace(mark, at=began)
            yield Page(self._told(feed.rows), mark.text())
        if began - mark.looked >= self.api.options.deletes_every:
            yield from self._deletes(mark, since, began)

    def _watched(self) -> list[str]:
        """The fields whose changes matter; the system's own are never told as changes."""
        known = self.api.fields()
        return [
            name
            for name in self.api.names()
            if name in known and name not in {"id", "createdAt", "updatedAt"}
        ]

    def _touches(self, mark: Mark, since: datetime) -> Iterator[tuple[Page, Mark]]:
        known = self.api.types()
        kinds = ",".join(str(kind) for kind in TOUCHES if kind in known)
        params = {"activityTypeIds": kinds or str(MERGE)}
        for feed in follow(self.api, ACTIVITIES, params, mark.touches, since):
            mark = replace(mark, touches=feed.token)
            yield Page(self._told(feed.rows), mark.text()), mark

    def _deletes(self, mark: Mark, since: datetime, began: int) -> Iterator[Page]:
        oldest = at(mark.looked, self._overlap)
        for feed in follow(self.api, DELETED, {}, mark.deletes, oldest):
            if feed.rows:
                for page, after in self._touches(mark, since):
                    mark = after
                    yield page
            mark = replace(mark, deletes=feed.token)
            if not feed.more:
                mark = replace(mark, looked=began)
            gone = [_gone(str(row["leadId"]), moment(row.get("activityDate"))) for row in feed.rows]
            yield Page(gone, mark.text())

    def _told(self, activities: Sequence[Row]) -> list[Record]:
        """The leads that activities are about, as they are now; who is gone is told elsewhere."""
        swallowed = _merges(activities)
        dates: dict[str, datetime | None] = {}
        for row in activities:
            own = str(row["leadId"])
            dates[own] = _later(dates.get(own), moment(row.get("activityDate")))
        for winner in swallowed:
            dates.setdefault(winner, None)
        if not dates:
            return []
        found = self.api.leads(list(dates), self.api.names())
        return [
            _record(found[own], dates[own], swallowed.get(own, ())) for own in dates if own in found
        ]


def _merges(activities: Sequence[Row]) -> dict[str, list[str]]:
    """The leads that went up in each; who went on to be merged counts for the last one."""
    into: dict[str, str] = {}
    for row in activities:
        if row.get("activityTypeId") == MERGE:
            winner = str(row["leadId"])
            into |= {one: winner for one in _losers(row) if one != winner}
    found: dict[str, list[str]] = {}
    for loser in into:
        winner, seen = into[loser], {loser}
        while winner in into and winner not in seen:
            seen.add(winner)
            winner = into[winner]
        found.setdefault(winner, []).append(loser)
    return found


def _losers(row: Mapping[str, Any]) -> list[str]:
    for one in row.get("attributes") or ():
        if one.get("name") == MERGED_IDS:
            return re.findall(r"\d+", str(one.get("value") or ""))
    return []


def _record(row: Row, told: datetime | None = None, previous: Sequence[str] = ()) -> Record:
    """A lead; its ``updatedAt`` misses custom fields, so it is no version."""
    return Record(
        stream=STREAM,
        external_id=str(row["id"]),
        payload=row,
        changed_at=_later(told, moment(row.get("updatedAt"))),
        previous_ids=tuple(Ref(STREAM, one) for one in previous),
    )


def _gone(own: str, when: datetime | None) -> Record:
    return Record(STREAM, own, {"id": own}, changed_at=when, deleted=True)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
