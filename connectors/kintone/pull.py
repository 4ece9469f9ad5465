"""Reading an app: all of it once, and from then on what changed.

更新日時 is kept to the minute, so a pull goes by whole minutes: from the first page, while a page
holds more than one minute, the next begins at its last minute; a minute that fills a page alone is
read by ``$id``. No offset is used, so its bound of 10,000 does not matter, and a record that is
edited while we read moves to a minute that is still to come.

A cursor is ``{"since": minute}``; while the first read is under way ``{"since": …, "after": id}``,
``since`` being the newest 更新日時 when that read began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.kintone.api import Kintone, literal, number
from connectors.kintone.options import App, Options
from connectors.kintone.translate import as_id
from connectors.kit.base import Page, Record, Ref
from connectors.kit.errors import ConnectorError, ContractBroken, RateLimited, RecordGone
from connectors.kit.paging import guarded

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on. ``after`` is the last ``$id`` of a first read that is not finished."""

    since: str
    after: int | None = None

    def __str__(self) -> str:
        """As the hub keeps it."""
        held = {"since": self.since} | ({} if self.after is None else {"after": self.after})
        return orjson.dumps(held).decode()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor in ``text``; ContractBroken where it is none of ours."""
        try:
            held = orjson.loads(text)
            minute(held["since"])
            return cls(held["since"], held.get("after"))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise ContractBroken(
                "the saved cursor of a kintone stream cannot be read: reset the stream",
                code="KINTONE_BAD_CURSOR",
            ) from error


@dataclass(frozen=True)
class Reader:
    """Reads the records of one app as records of its stream."""

    kintone: Kintone
    options: Options
    app: App
    stream: str

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Pages from ``cursor`` on; from the beginning where it is None."""
        held = None if cursor is None else Cursor.read(cursor)
        if held is None:
            newest = self._newest()
            pages = iter(()) if newest is None else self._all(Cursor(newest, 0))
        elif held.after is not None:
            pages = self._all(held)
        else:
            pages = self._changed(held.since)
        return guarded(pages, what=f'the pull of kintone stream "{self.stream}"')

    def fetch(self, ids: Iterable[str]) -> list[Record]:
        """Records by id; one that is gone comes back as deleted."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Record] = {}
        for start in range(0, len(wanted), self.options.page_size):
            some = wanted[start : start + self.options.page_size]
            listed = ", ".join(literal(one) for one in some)
            query = f"$id in ({listed}) order by $id asc limit {len(some)}"
            for record in self._records(self.kintone.records(self.app.app, query)):
                found[record.external_id] = record
        gone = {one: Record(self.stream, one, {}, deleted=True) for one in wanted}
        return [found.get(one, gone[one]) for one in wanted]

    def ids(self) -> Iterator[str]:
        """Every id there is."""
        size = self.options.page_size
        for found in self.kintone.by_id(self.app.app, "", size, fields=["$id"]):
            yield from (str(number(record, "$id")) for record in found)

    def _all(self, cursor: Cursor) -> Iterator[Page]:
        """The first read. Its last page leads on to what changed since it began."""
        held = Page((), None)
        for page in self._each(cursor):
            if held.cursor is not None:
                yield held
            held = page
        yield replace(held, cursor=str(Cursor(cursor.since)))

    def _each(self, cursor: Cursor) -> Iterator[Page]:
        """The records after an id, by kintone's cursor; by ``$id`` where none is to be had."""
        after = cursor.after or 0
        try:
            for found, total in self._by_cursor(after):
                after = number(found[-1], "$id")
                yield Page(self._records(found), str(Cursor(cursor.since, after)), total)
        except (RateLimited, RecordGone) as error:
            if error.code not in ("KINTONE_CURSORS", "KINTONE_CURSOR"):
                raise
            size = self.options.page_size
            for found in self.kintone.by_id(self.app.app, "", size, after=after):
                after = number(found[-1], "$id")
                yield Page(self._records(found), str(Cursor(cursor.since, after)))

    def _by_cursor(self, after: int) -> Iterator[tuple[list[dict[str, Any]], int]]:
        path = self.kintone.path("records/cursor")
        asked = {
            "app": self.app.app,
            "query": f"$id > {after} order by $id asc",
            "size": self.options.page_size,
        }
        made = self.kintone.session.post(path, json=asked).json()
        more = True
        try:
            while more:
                reply = self.kintone.session.request(
                    "GET", path, params={"id": made["id"]}, safe=False
                )  # each answer is given once: a repeat would skip what was lost
                body = reply.json()
                more = bool(body["next"])
                if body["records"]:
                    yield body["records"], int(made["totalCount"])
        finally:
            if more:
                self._give_back(made["id"])

    def _give_back(self, cursor: str) -> None:
        path = self.kintone.path("records/cursor")
        with suppress(ConnectorError):  # it dies by itself in ten minutes
            self.kintone.session.delete(path, params={"id": cursor})

    def _changed(self, since: str) -> Iterator[Page]:
        """What changed in and after the minute ``since``."""
        code, size = self.kintone.updated_field(self.app), self.options.page_size
        start = text(minute(since) - self.options.overlap_minutes * MINUTE)
        until: str | None = None
        saved = since
        while True:
            found = self._from(code, start, until)
            last = self._minute(found[-1], code) if found else saved
            full = len(found) == size
            if full and until is None:
                # What is edited from here on falls into this minute or a later one: were this pull
                # to read beyond it, its cursor would pass edits in minutes it has left behind.
                until = max(self._newest() or last, last)
            if full and self._minute(found[0], code) == last:
                saved = max(saved, last)
                for some in self._in(code, last):
                    yield Page(self._records(some), str(Cursor(saved)))
                start = text(minute(last) + MINUTE)
                if until is not None and start > until:
                    return
                continue
            saved = max(saved, last)
            if found:
                yield Page(self._records(found), str(Cursor(saved)))
            if not full:
                return
            start = last

    def _from(self, code: str, start: str, until: str | None) -> list[dict[str, Any]]:
        condition = f"{code} >= {literal(start)}"
        if until is not None:
            condition += f" and {code} < {literal(text(minute(until) + MINUTE))}"
        query = f"{condition} order by {code} asc, $id asc limit {self.options.page_size}"
        return self.kintone.records(self.app.app, query)

    def _in(self, code: str, at: str) -> Iterator[list[dict[str, Any]]]:
        """One minute's records, by id."""
        following = text(minute(at) + MINUTE)
        where = f"{code} >= {literal(at)} and {code} < {literal(following)}"
        return self.kintone.by_id(self.app.app, where, self.options.page_size)

    def _newest(self) -> str | None:
        """The newest 更新日時 of the app, by kintone's own clock."""
        code = self.kintone.updated_field(self.app)
        found = self.kintone.records(self.app.app, f"order by {code} desc limit 1", [code])
        return self._minute(found[0], code) if found else None

    def _minute(self, record: Mapping[str, Any], code: str) -> str:
        return text(minute(record[code]["value"]))

    def _records(self, found: Iterable[Mapping[str, Any]]) -> list[Record]:
        code = self.kintone.updated_field(self.app)
        return [
            Record(
                stream=self.stream,
                external_id=str(number(one, "$id")),
                payload=one,
                version=str(number(one, "$revision")),
                changed_at=minute(one[code]["value"]) if code in one else None,
                refs=tuple(self._refs(one)),
            )
            for one in found
        ]

    def _refs(self, record: Mapping[str, Any]) -> Iterator[Ref]:
        for code, name in self.app.refs.items():
            held = as_id(record.get(code, {}).get("value"))
            if held is not None:
                yield Ref(self.options.stream(name), held)


def minute(value: str) -> datetime:
    """A moment of kintone's, to the minute."""
    return datetime.fromisoformat(value).astimezone(UTC).replace(second=0, microsecond=0)


def text(moment: datetime) -> str:
    """A minute as kintone writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z")
