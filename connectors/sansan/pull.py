"""Reading cards window by window, so that every cursor on the way can be saved.

The first walk asks by ``registered…``, which never changes, from ``since`` to when the walk began;
every later one by ``updated…``, from ``overlap`` seconds before the last. Each walk is cut into
windows, since the vendor takes none wider than about a year, and ends at the moment it began: what
changes meanwhile is the next one's. Inside a window the cursor holds the page token; where Sansan
does not know the token any more, the window is read again from its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from connectors.kit.errors import ContractBroken
from connectors.kit.paging import token_pages

Mode = Literal["registered", "updated"]
Body = Mapping[str, Any]
Ask = Callable[[Mapping[str, str], str | None], Body | None]
"""Gets a window and a page token; returns a page, or None where the token is not known."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far cards were read. All times are as the vendor takes them.

    ``mark``: every change up to here was read. The rest is set inside a walk only: it is at the
    page ``token`` of the window that starts ``at``, and ends at ``until``.
    """

    mark: str | None = None
    mode: Mode = "registered"
    at: str | None = None
    until: str | None = None
    token: str | None = None

    def dump(self) -> str | None:
        """The cursor as the hub keeps it: a plain time between walks, JSON inside one."""
        if self.at is None:
            return self.mark
        held = {name: value for name, value in asdict(self).items() if value is not None}
        return orjson.dumps(held).decode()

    @classmethod
    def load(cls, text: str | None) -> Cursor:
        """What ``dump`` wrote; ContractBroken for anything else."""
        if text is None:
            return cls()
        try:
            held = orjson.loads(text) if text.startswith("{") else {"mark": text}
            cursor = cls(**held)
            times = [time for time in (cursor.mark, cursor.at, cursor.until) if time is not None]
            inside = cursor.at is not None and cursor.until is not None
            good = cursor.mode in ("registered", "updated") and (inside or cursor.at is None)
            if [stamp(moment(time)) for time in times] == times and times and good:
                return cursor
        except (ValueError, TypeError, AttributeError):
            pass
        raise ContractBroken(
            "the saved cursor is not one of Sansan's: reset the stream to read it anew",
            code="SANSAN_CURSOR",
        )


def moment(text: str) -> datetime:
    """A time of ours, aware."""
    return datetime.fromisoformat(text).astimezone(UTC)


def stamp(value: datetime) -> str:
    """A time as the vendor takes it: UTC, to the second, so that text sorts like time."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def begun(cursor: Cursor, *, since: datetime, now: datetime, overlap: int) -> Cursor:
    """The cursor inside a walk: the one it is in, or the first window of the next."""
    if cursor.at is not None:
        return cursor
    if cursor.mark is None:
        return Cursor(mode="registered", at=stamp(min(since, now)), until=stamp(now))
    start = moment(cursor.mark) - timedelta(seconds=overlap)
    until = max(now, start)
    return Cursor(cursor.mark, "updated", at=stamp(start), until=stamp(until))


def walk(
    ask: Ask, cursor: Cursor, *, window: timedelta
) -> Iterator[tuple[Sequence[Mapping[str, Any]], Cursor]]:
    """The cards of each page of a walk, and the cursor that is safe to save after them."""
    if cursor.at is None or cursor.until is None:
        return
    until = moment(cursor.until)
    start, token = moment(cursor.at), cursor.token
    while True:
        end = min(start + window, until)
        query = {f"{cursor.mode}From": stamp(start), f"{cursor.mode}To": stamp(end)}
        for body in _window(ask, query, token):
            following = next_token(body)
            if following is not None:
                at = replace(cursor, at=stamp(start), token=following)
            elif end < until:
                at = replace(cursor, at=stamp(end), token=None)
            else:
                at = Cursor(max(cursor.mark or cursor.until, cursor.until))
            yield cards_of(body), at
        if end >= until:
            return
        start, token = end, None


def _window(ask: Ask, query: Mapping[str, str], token: str | None) -> Iterator[Body]:
    """The pages of one window, from a token on; from its start where the token is forgotten."""
    first = None if token is None else ask(query, token)

    def fetch(held: str | None) -> Body:
        body = ask(query, held)
        if body is not None:
            return body
        raise ContractBroken(
            "Sansan refused the page token it had just given; tried again from the saved cursor",
            code="SANSAN_TOKEN_REFUSED",
        )

    if first is None:
        yield from token_pages(fetch, next_token, what="Sansan's list of cards")
        return
    yield first
    following = next_token(first)
    if following is not None:
        yield from token_pages(fetch, next_token, first=following, what="Sansan's list of cards")


def next_token(body: Body) -> str | None:
    """The token of the next page; None on the last one."""
    token = body.get("nextPageToken")
    if body.get("hasMore") is False or not token:
        return None
    return str(token)


def cards_of(body: Body) -> Sequence[Mapping[str, Any]]:
    """The cards of a page; ContractBroken where it is none."""
    cards = body.get("data")
    if isinstance(cards, list) and all(isinstance(one, Mapping) and one.get("id") for one in cards):
        return cards
    raise ContractBroken("Sansan's list of cards has no cards with ids", code="SANSAN_SHAPE")
