"""Pages: everything once, in order, and never in a circle."""

from collections.abc import Sequence
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.base import Page, Record
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded, offset_pages, token_pages


def page(*ids: str, cursor: str | None = "c") -> Page:
    return Page([Record("contacts", name, {}, version="1") for name in ids], cursor)


@given(st.lists(st.integers(), unique=True, max_size=40))
def test_a_list_without_a_circle_passes_unchanged(markers: list[int]) -> None:
    assert list(guarded(markers, key=lambda marker: marker)) == markers


@given(
    st.lists(st.integers(0, 50), unique=True, min_size=1, max_size=20),
    st.data(),
)
def test_a_circle_is_noticed_when_it_closes(markers: list[int], data: st.DataObject) -> None:
    back = data.draw(st.sampled_from(markers))
    seen = []
    with pytest.raises(ContractBroken, match="circle") as caught:  # noqa: PT012 - a loop
        for marker in guarded([*markers, back, *markers], key=lambda marker: marker):
            seen.append(marker)
    assert seen == markers
    assert caught.value.code == "ENDLESS_PAGES"


def test_pages_without_a_next_are_not_compared() -> None:
    assert len(list(guarded([1, 1, 1], key=lambda marker: None))) == 3


def test_a_list_that_never_ends_is_stopped() -> None:
    with pytest.raises(ContractBroken, match="HubSpot contacts did not end after 7 pages"):
        list(guarded(count(), what="HubSpot contacts", limit=7))


def test_the_same_page_of_records_twice_is_a_circle() -> None:
    with pytest.raises(ContractBroken):
        list(guarded([page("1", "2"), page("3"), page("1", "2")]))


def test_the_same_records_with_another_cursor_are_an_overlap_and_no_circle() -> None:
    pages = [page("1"), page("1", cursor="d"), page(), page()]
    assert list(guarded(pages)) == pages


@given(st.lists(st.integers(), max_size=60), st.integers(1, 9), st.booleans())
def test_offset_pages_read_everything_once(items: list[int], size: int, by_number: bool) -> None:
    def fetch(offset: int) -> Sequence[int]:
        start = (offset - 1) * size if by_number else offset
        return items[start : start + size]

    start, step = (1, 1) if by_number else (0, None)
    pages = list(offset_pages(fetch, len, size=size, start=start, step=step))
    assert [item for found in pages for item in found] == items
    assert all(len(found) == size for found, _ in pairwise(pages))


def test_offset_pages_can_be_told_whether_there_is_more() -> None:
    asked: list[int] = []

    def fetch(offset: int) -> dict[str, object]:
        asked.append(offset)
        return {"items": [1, 2], "more": len(asked) < 3}

    list(offset_pages(fetch, lambda body: 2, size=100, more_of=lambda body: bool(body["more"])))
    assert asked == [0, 2, 4]


def test_an_empty_page_ends_the_list_even_where_the_vendor_says_there_is_more() -> None:
    pages = offset_pages(lambda offset: [], len, size=10, more_of=lambda body: True)
    assert list(pages) == [[]]


def test_token_pages_follow_the_token_until_there_is_none() -> None:
    bodies = {None: ("a", "t1"), "t1": ("b", "t2"), "t2": ("c", "")}
    found = token_pages(lambda token: bodies[token], lambda body: body[1])
    assert [body[0] for body in found] == ["a", "b", "c"]


def test_a_token_that_comes_again_is_a_circle() -> None:
    with pytest.raises(ContractBroken, match="goes round"):
        list(token_pages(lambda token: "x", lambda body: "same", what="Zoho leads"))
