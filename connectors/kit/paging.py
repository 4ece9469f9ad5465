"""Loops over pages that end: every vendor's "next" is followed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, TypeVar

from connectors.kit.base import Page
from connectors.kit.errors import ContractBroken

T = TypeVar("T")

MOST_PAGES = 100_000
"""More pages than this in one pull are taken for a loop."""


def guarded(
    pages: Iterable[T],
    *,
    what: str = "the list",
    key: Callable[[T], Hashable | None] | None = None,
    limit: int = MOST_PAGES,
) -> Iterator[T]:
    """The pages, unchanged; ContractBroken when they go round in a circle.

    ``key`` returns what leads from a page to the next (a token, an offset, a URL), None on the last
    page; the same key twice is a circle. Without it a ``Page`` is known by its cursor, record ids
    and versions, and other things are only counted. ``what`` names the list in the message.
    """
    marker = key if key is not None else _page_marker
    seen: set[Hashable] = set()
    for count, page in enumerate(pages, start=1):
        if count > limit:
            raise ContractBroken(f"{what} did not end after {limit} pages", code="ENDLESS_PAGES")
        mark = marker(page)
        if mark is not None:
            if mark in seen:
                raise ContractBroken(
                    f"{what} goes round in a circle: page {count} leads where an earlier one led",
                    code="ENDLESS_PAGES",
                )
            seen.add(mark)
        yield page


def token_pages(
    fetch: Callable[[str | None], T],
    next_of: Callable[[T], str | None],
    *,
    first: str | None = None,
    what: str = "the list",
    limit: int = MOST_PAGES,
) -> Iterator[T]:
    """Bodies from ``fetch(token)``, following ``next_of`` until it has no token; guarded."""

    def bodies() -> Iterator[T]:
        token = first
        while True:
            body = fetch(token)
            yield body
            token = next_of(body)
            if not token:
                return

    yield from guarded(bodies(), what=what, key=lambda body: next_of(body) or None, limit=limit)


def offset_pages(
    fetch: Callable[[int], T],
    count_of: Callable[[T], int],
    *,
    size: int,
    start: int = 0,
    step: int | None = None,
    more_of: Callable[[T], bool] | None = None,
    what: str = "the list",
    limit: int = MOST_PAGES,
) -> Iterator[T]:
    """Bodies from ``fetch(offset)`` until one is short (or ``more_of`` says it was the last).

    ``step`` is what the offset grows by for each page: the number of items by default, 1 for page
    numbers. An empty page always ends the list.
    """

    def bodies() -> Iterator[T]:
        offset = start
        while True:
            body = fetch(offset)
            count = count_of(body)
            yield body
            last = count < size if more_of is None else not more_of(body)
            if last or count == 0:
                return
            offset += count if step is None else step

    yield from guarded(bodies(), what=what, limit=limit)


def _page_marker(page: Any) -> Hashable | None:
    if not isinstance(page, Page) or not page.records:
        return None
    records = tuple((record.external_id, record.version, record.deleted) for record in page.records)
    return (page.cursor, records)
