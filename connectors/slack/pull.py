"""Reading a channel: newest first, from where the last pull ended back to an overlap before it.

The list can only be walked down. A pull that is stopped goes on below the last page it had, and
only when it is through does the newest message become the place where the next one ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded
from connectors.slack.records import TS, order_of

Ask = Callable[[Mapping[str, str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """``since``: all before it is read. ``until``, ``newest``: a walk that is not yet through."""

    since: str = ""
    until: str = ""
    newest: str = ""

    @classmethod
    def load(cls, text: str | None) -> Cursor:
        """The cursor in a text; ContractBroken where it is none of ours."""
        if text is None:
            return cls()
        try:
            held = cls(**orjson.loads(text))
        except (orjson.JSONDecodeError, TypeError) as error:
            raise ContractBroken("a cursor of Slack cannot be read", code="SLACK_CURSOR") from error
        if any(one and not TS.fullmatch(str(one)) for one in (held.since, held.until, held.newest)):
            raise ContractBroken("a cursor of Slack holds no ts", code="SLACK_CURSOR")
        return held

    def dump(self) -> str:
        """The cursor as text."""
        return orjson.dumps(asdict(self)).decode()


@dataclass(frozen=True, slots=True)
class Step:
    """A page of messages, newest first, and the cursor after it."""

    messages: Sequence[Mapping[str, Any]]
    cursor: Cursor


def walk(ask: Ask, held: Cursor, *, overlap: int, size: int) -> Iterator[Step]:
    """The pages from the cursor on. One message comes twice between pages; none is left out."""

    def steps() -> Iterator[Step]:
        cursor = held
        while True:
            body = ask(_query(cursor, overlap, size))
            found = body.get("messages")
            if not isinstance(found, list):
                raise ContractBroken("Slack's history has no messages", code="SLACK_SHAPE")
            stamps = [str(one["ts"]) for one in found]
            newest = max([cursor.newest, *stamps], key=lambda ts: order_of(ts or "0"))
            if body.get("has_more") and stamps:
                cursor = Cursor(cursor.since, min(stamps, key=order_of), newest)
                yield Step(found, cursor)
                continue
            since = max(cursor.since, newest, key=lambda ts: order_of(ts or "0"))
            if since:
                yield Step(found, Cursor(since))
            return

    return guarded(steps(), what="Slack's history", key=lambda step: step.cursor.dump())


def _query(cursor: Cursor, overlap: int, size: int) -> dict[str, str]:
    query = {"limit": str(size), "inclusive": "true"}
    if cursor.since:
        query["oldest"] = f"{max(order_of(cursor.since)[0] - overlap, 0)}.000000"
    if cursor.until:
        query["latest"] = cursor.until
    return query
