"""Pulling cards: windows, tokens, digitisation, and cards that vanish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx

from connectors.kit.base import Page
from connectors.kit.errors import ContractBroken
from connectors.kit.session import Wiring
from connectors.kit.simulator import Fault, json_response
from connectors.kit.tokens import MemoryTokens
from connectors.sansan import Connector, Options, connect
from connectors.sansan.pull import Cursor
from connectors.sansan.simulator import Simulator

STREAM = "bizCards"
PERSON: dict[str, Any] = {
    "lastName": "伊藤",
    "firstName": "恵",
    "companyName": "さくら商事株式会社",
}
Wire = Callable[..., Connector]


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def pull(connector: Connector, cursor: str | None = None) -> list[Page]:
    return list(connector.pull(STREAM, cursor))


def test_the_first_walk_asks_for_registrations_in_windows_that_touch(
    wire: Wire, simulator: Simulator, queries: list[dict[str, str]], clock: Any
) -> None:
    old = simulator.scan(at=datetime(2026, 3, 2, tzinfo=UTC), **PERSON)
    new = simulator.scan(at=datetime(2026, 3, 31, tzinfo=UTC), **PERSON)

    pages = pull(wire(window_days=10))

    assert ids(pages) == [old, new]
    assert [(one["registeredFrom"], one["registeredTo"]) for one in queries] == [
        ("2026-02-28T15:00:00Z", "2026-03-10T15:00:00Z"),
        ("2026-03-10T15:00:00Z", "2026-03-20T15:00:00Z"),
        ("2026-03-20T15:00:00Z", "2026-03-30T15:00:00Z"),
        ("2026-03-30T15:00:00Z", "2026-04-01T00:00:00Z"),
    ]
    assert pages[-1].cursor == "2026-04-01T00:00:00Z"
    assert {(one["range"], one["entryStatus"], one["limit"]) for one in queries} == {
        ("all", "all", "300")
    }


def test_later_walks_ask_for_updates_since_the_last_one_and_some_before(
    wire: Wire, simulator: Simulator, queries: list[dict[str, str]], clock: Any
) -> None:
    card = simulator.scan(at=datetime(2026, 3, 2, tzinfo=UTC), **PERSON)
    connector = wire(overlap=7200)
    cursor = pull(connector)[-1].cursor
    queries.clear()
    clock.pass_time(hours=1)
    simulator.edit(card, title="部長")

    (page,) = pull(connector, cursor)

    assert ids([page]) == [card]
    (query,) = queries
    assert (query["updatedFrom"], query["updatedTo"]) == (
        "2026-03-31T22:00:00Z",
        "2026-04-01T01:00:00Z",
    )
    assert page.cursor == "2026-04-01T01:00:00Z"


def test_a_hub_that_was_off_for_months_catches_up_in_windows(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire(window_days=30)
    cursor = pull(connector)[-1].cursor
    missed = []
    for _ in range(14):
        clock.pass_time(days=40)
        missed.append(simulator.scan(**PERSON))
    assert ids(pull(connector, cursor)) == missed


def test_every_cursor_on_the_way_goes_on_without_a_gap(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = [
        simulator.scan(at=datetime(2026, 3, 1 + day, tzinfo=UTC), **PERSON) for day in range(25)
    ]
    connector = wire(page_size=2)
    pages = pull(connector)
    for at, page in enumerate(pages):
        rest = ids(pull(wire(page_size=2), page.cursor))
        assert set(ids(pages[: at + 1])) | set(rest) == set(made)
        assert not page.cursor or "Z" in page.cursor


def test_a_cursor_inside_a_window_goes_on_with_its_page(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    """Else one page a message would never get past a window that holds more than a page."""
    made = [simulator.scan(**PERSON) for _ in range(6)]
    cursor: str | None = None
    seen: list[str] = []
    for _ in range(10):
        page = next(iter(wire(page_size=2).pull(STREAM, cursor)))
        cursor, seen = page.cursor, seen + ids([page])
    assert set(seen) == set(made)


def test_a_forgotten_page_token_has_its_window_read_again(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = [simulator.scan(**PERSON) for _ in range(5)]
    cursor = Cursor(None, "registered", "2026-03-28T15:00:00Z", "2026-04-01T00:00:00Z", "x").dump()
    assert ids(pull(wire(page_size=2), cursor)) == made


def test_a_token_that_must_come_alone_is_sent_alone_from_then_on(
    wire: Wire, clock: Any, simulator: Simulator, queries: list[dict[str, str]]
) -> None:
    simulator.token_alone = True
    made = [simulator.scan(**PERSON) for _ in range(7)]
    assert ids(pull(wire(page_size=2, window_days=365))) == made
    with_token = [set(query) for query in queries if "nextPageToken" in query]
    assert [len(names) for names in with_token] == [7, 1, 1, 1]


def test_a_card_comes_when_it_is_digitised(wire: Wire, simulator: Simulator, clock: Any) -> None:
    card = simulator.scan(digitised=False)
    connector = wire()
    pages = pull(connector)
    assert ids(pages) == []
    clock.pass_time(hours=5)
    simulator.digitise(card, **PERSON, email="ito@sakura.example")
    (record,) = [record for page in pull(connector, pages[-1].cursor) for record in page.records]
    assert (record.external_id, record.payload["email"]) == (card, "ito@sakura.example")
    assert record.changed_at == datetime(2026, 4, 1, 5, 0, tzinfo=UTC)


def test_a_card_with_an_address_need_not_be_digitised(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    card = simulator.scan(digitised=False)
    simulator.edit(card, email="ito@sakura.example")
    assert ids(pull(wire())) == [card]


def test_own_cards_are_left_alone_unless_wanted(wire: Wire, simulator: Simulator) -> None:
    own = simulator.scan(own=True, **PERSON)
    assert ids(pull(wire())) == []
    assert ids(pull(wire(own_cards=True))) == [own]


def test_only_my_cards_are_read_where_that_is_said(wire: Wire, simulator: Simulator) -> None:
    mine = simulator.scan(**PERSON)
    theirs = simulator.scan(owner={"id": "USR9", "name": "他人", "email": "x@m.example"}, **PERSON)
    assert ids(pull(wire(range="me"))) == [mine]
    assert ids(pull(wire())) == [mine, theirs]


def test_an_old_card_that_changes_stays_out_so_that_no_sweep_takes_it_for_deleted(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    old = simulator.scan(at=datetime(2025, 1, 5, tzinfo=UTC), **PERSON)
    connector = wire()
    cursor = pull(connector)[-1].cursor
    simulator.edit(old, title="部長")
    assert ids(pull(connector, cursor)) == []
    assert old not in set(connector.ids(STREAM))


def test_a_sweep_lists_every_card_that_is_left(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = [simulator.scan(at=datetime(2026, 3, 1 + day, tzinfo=UTC), **PERSON) for day in range(9)]
    simulator.edit(made[2], title="課長")
    simulator.delete(made[4])
    assert list(wire(page_size=2).ids(STREAM)) == [*made[:4], *made[5:]]


def test_a_card_that_is_grouped_anew_comes_with_its_new_person(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    first = simulator.scan(person="P1", **PERSON)
    connector = wire()
    cursor = pull(connector)[-1].cursor
    clock.pass_time(minutes=1)
    simulator.regroup(first, "P2")
    (record,) = [record for page in pull(connector, cursor) for record in page.records]
    assert record.payload["personId"] == "P2"


def test_fetch_returns_what_is_there_and_calls_the_rest_deleted(
    wire: Wire, simulator: Simulator
) -> None:
    kept, lost = simulator.scan(tags=("重点",), **PERSON), simulator.scan(**PERSON)
    simulator.delete(lost)
    records = wire().fetch(STREAM, [kept, lost, "../me"])
    assert {one.external_id: one.deleted for one in records} == {
        kept: False,
        lost: True,
        "../me": True,
    }
    assert records[0].payload["tags"][0]["name"] == "重点"


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("soon", id="no time"),
        pytest.param("{", id="no JSON"),
        pytest.param("{}", id="nothing"),
        pytest.param('{"mark":"2026-04-01"}', id="a date"),
        pytest.param('{"at":"2026-04-01T00:00:00Z"}', id="no end"),
        pytest.param('{"mark":"2026-04-01T00:00:00Z","mode":"all"}', id="another mode"),
        pytest.param('{"mark":"2026-04-01T00:00:00Z","page":1}', id="another key"),
    ],
)
def test_a_cursor_of_another_kind_is_refused(wire: Wire, cursor: str) -> None:
    with pytest.raises(ContractBroken, match="reset the stream"):
        pull(wire(), cursor)


def test_a_stream_that_is_none_of_ours_is_refused(wire: Wire) -> None:
    with pytest.raises(ContractBroken, match="bizCards"):
        list(wire().pull("contacts", None))


def test_a_lost_answer_is_asked_for_again(wire: Wire, simulator: Simulator) -> None:
    card = simulator.scan(**PERSON)
    simulator.faults.append(Fault("/bizCards", after=True))
    assert ids(pull(wire())) == [card]


def test_a_window_that_is_refused_stops_the_stream_with_advice(
    wire: Wire, simulator: Simulator
) -> None:
    plain = {"code": "INVALID_PARAMETER", "message": "secret words"}
    simulator.faults.append(Fault("/bizCards", response=json_response(plain, 400), times=9))
    with pytest.raises(ContractBroken, match="INVALID_PARAMETER") as caught:
        pull(wire())
    assert "secret words" not in str(caught.value)


# -- a vendor that does not do what we ask -------------------------------------------------------


def stubborn(body: Any) -> Iterator[Page]:
    """A pull from a vendor that answers every query with the same."""
    options = Options.model_validate({"api_key": "k" * 32, "since": "2026-03-28"})
    now = datetime(2026, 4, 1, tzinfo=UTC)
    wiring = Wiring("cards", MemoryTokens(), now=lambda: now, sleep=lambda _: None)
    connector = connect(options, wiring)
    with respx.mock(base_url="https://api.sansan.com") as vendor:
        vendor.get("/v3.2/bizCards").mock(return_value=httpx.Response(200, json=body))
        yield from connector.pull(STREAM, None)
    connector.session.close()


def test_pages_that_go_round_in_a_circle_end_in_an_error() -> None:
    with pytest.raises(ContractBroken, match="circle"):
        list(stubborn({"data": [{"id": "a"}], "hasMore": True, "nextPageToken": "t"}))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([], id="no object"),
        pytest.param({"items": []}, id="no data"),
        pytest.param({"data": [{"personId": "p"}]}, id="no id"),
    ],
)
def test_an_answer_of_another_shape_stops_the_stream(body: Any) -> None:
    with pytest.raises(ContractBroken) as caught:
        list(stubborn(body))
    assert caught.value.code == "SANSAN_SHAPE"


@pytest.mark.parametrize("wrapped", [{"id": "b1"}, {"item": {"id": "b1"}}, {"data": {"id": "b1"}}])
def test_a_single_card_is_read_however_it_is_wrapped(wrapped: dict[str, Any]) -> None:
    options = Options.model_validate({"api_key": "k" * 32, "since": "2026-03-28"})
    connector = connect(options, Wiring("cards", MemoryTokens(), sleep=lambda _: None))
    with respx.mock(base_url="https://api.sansan.com") as vendor:
        vendor.get("/v3.2/bizCards/b1").mock(return_value=httpx.Response(200, json=wrapped))
        (record,) = connector.fetch(STREAM, ["b1"])
    connector.session.close()
    assert (record.external_id, record.deleted) == ("b1", False)


def test_a_clock_that_went_back_does_not_move_the_cursor_back(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    cursor = pull(wire())[-1].cursor
    clock.moment -= timedelta(hours=1)
    assert pull(wire(), cursor)[-1].cursor == cursor
