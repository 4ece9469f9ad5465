"""Form submissions: newest first, no ids, no time filter."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from connectors.hubspot import Connector
from connectors.hubspot.simulator import Simulator
from connectors.kit.errors import ContractBroken


def emails(pages: Any, hub: Connector) -> list[str]:
    return [
        str(hub.flatten(one.stream, one.payload)["email"]) for page in pages for one in page.records
    ]


def last(pages: list[Any]) -> str | None:
    return pages[-1].cursor if pages else None


def fill(portal: Simulator, form: str, clock: Any, *names: str) -> list[str]:
    for name in names:
        portal.submit(form, email=f"{name}@example.co.jp", lastname="佐藤", message="資料希望")
        clock.forward(600)
    return [f"{name}@example.co.jp" for name in names]


def test_every_form_is_found_and_its_answers_read_newest_first(
    portal: Simulator, hub: Connector, clock: Any
) -> None:
    first, second = portal.add_form("資料請求"), portal.add_form("お問い合わせ")
    fill(portal, first, clock, "a", "b")
    fill(portal, second, clock, "c")

    pages = list(hub.pull("form_submissions", None))

    assert sorted(emails(pages, hub)) == [f"{n}@example.co.jp" for n in "abc"]
    (newest, _) = pages[0].records
    flat = hub.flatten("form_submissions", newest.payload)
    assert flat["email"] == "b@example.co.jp"
    assert flat["formName"] == "資料請求"
    assert flat["submittedAt"] == "2026-01-05T01:10:00+00:00"


def test_a_later_pull_stops_where_it_knows_the_answers(
    portal: Simulator, hub: Connector, clock: Any
) -> None:
    form = portal.add_form("資料請求")
    fill(portal, form, clock, *(f"p{n}" for n in range(120)))
    cursor = last(list(hub.pull("form_submissions", None)))
    asked = len(portal.seen)
    fresh = fill(portal, form, clock, "new")

    pages = list(hub.pull("form_submissions", cursor))

    assert set(emails(pages, hub)) == {*fresh, "p119@example.co.jp"}
    assert len([one for one in portal.seen[asked:] if "submissions" in one.path]) == 1


def test_a_pull_left_on_the_way_back_loses_nothing_old_or_new(
    portal: Simulator, hub: Connector, clock: Any
) -> None:
    form = portal.add_form("資料請求")
    old = fill(portal, form, clock, *(f"p{n}" for n in range(130)))

    half = list(islice(hub.pull("form_submissions", None), 1))
    new = fill(portal, form, clock, "new")
    rest = list(hub.pull("form_submissions", last(half)))
    after = list(hub.pull("form_submissions", last(rest)))

    assert set(emails(half, hub)) | set(emails(rest, hub)) == set(old)
    assert set(emails(after, hub)) >= set(new)
    assert json.loads(last(after) or "")[form].keys() == {"at"}


def test_answers_are_told_apart_and_keep_their_id(
    portal: Simulator, hub: Connector, clock: Any
) -> None:
    form = portal.add_form("アンケート")
    portal.submit(form, email="a@example.co.jp", message="一")
    portal.submit(form, email="b@example.co.jp", message="一")
    portal.submit(form, message="名無し")
    portal.submit(form, message="名無しその二")

    once, twice = (
        [one.external_id for page in hub.pull("form_submissions", None) for one in page.records]
        for _ in range(2)
    )

    assert once == twice
    assert len(set(once)) == 4
    assert set(hub.ids("form_submissions")) == set(once)


def test_named_forms_are_streams_of_their_own(
    portal: Simulator, make_hub: Callable[..., Connector], clock: Any
) -> None:
    wanted, other = portal.add_form("資料請求"), portal.add_form("採用")
    fill(portal, wanted, clock, "a")
    fill(portal, other, clock, "b")
    hub = make_hub(portal, form_ids=[wanted])

    stream = f"form_submissions:{wanted}"
    assert stream in hub.streams()
    assert "form_submissions" not in hub.streams()
    pages = list(hub.pull(stream, None))

    assert emails(pages, hub) == ["a@example.co.jp"]
    assert pages[0].records[0].stream == stream
    names = {one.name: one.type for one in hub.fields(stream)}
    assert names["email"] == "email"
    assert names["submittedAt"] == "datetime"


def test_a_form_that_is_not_there_stops_its_stream_and_says_where_to_look(
    portal: Simulator, make_hub: Callable[..., Connector]
) -> None:
    hub = make_hub(portal, form_ids=["no-such-form"])

    with pytest.raises(ContractBroken, match="form_ids"):
        list(hub.pull("form_submissions:no-such-form", None))
