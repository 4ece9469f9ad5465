"""Following the activity log: tokens, places, and what to do when a token is no good any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

import orjson

from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded
from connectors.marketo.api import Api, Feed, TokenRefused
from connectors.marketo.options import Options

KEPT_DAYS = 761
"""Days after which Marketo drops most activities: 25 months, from memory."""

M = TypeVar("M")


def follow(
    api: Api, path: str, params: Mapping[str, str], token: str, since: datetime
) -> Iterator[Feed]:
    """The log from ``token`` to its end.

    A token that is refused is replaced once by one for ``since``: what is told twice does no harm.
    """

    def answers() -> Iterator[Feed]:
        place, renewed = token, False
        while True:
            try:
                feed = api.feed(path, place, params)
            except TokenRefused:
                if renewed:
                    raise
                place, renewed = api.token_since(since), True
                continue
            yield feed
            if not feed.more:
                return
            place = feed.token

    return guarded(
        answers(), what=f"Marketo {path}", key=lambda feed: feed.token if feed.more else None
    )


def first_moment(options: Options, now: datetime) -> datetime:
    """From when on the first pull reads."""
    if options.backfill_from is not None:
        return datetime.combine(options.backfill_from, time(), UTC)
    return now - timedelta(days=KEPT_DAYS)


def cursor_text(said: Mapping[str, Any]) -> str:
    """A cursor of what is to be kept; None is left out."""
    kept = {name: value for name, value in said.items() if value is not None}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def read_cursor(kind: type[M], cursor: str) -> M:
    """The mark of a cursor; ContractBroken where it is none of ours."""
    try:
        return kind(**orjson.loads(cursor))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise ContractBroken(
            "the saved Marketo cursor cannot be read: start a backfill", code="MARKETO_CURSOR"
        ) from error


def at(seconds: int, overlap: float = 0.0) -> datetime:
    """The moment of a mark, some seconds before it."""
    return datetime.fromtimestamp(seconds - overlap, UTC)
