"""Pulling answers: nothing is missed, whatever happens between two pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx

from connectors.kit.base import Page
from connectors.kit.errors import ContractBroken
from connectors.kit.session import Wiring
from connectors.kit.simulator import Fault
from connectors.kit.tokens import MemoryTokens
from connectors.typeform import Connector, Options, connect
from connectors.typeform.simulator import DEFAULT_FORM_ID, Simulator

STREAM = f"responses:{DEFAULT_FORM_ID}"
PERSON = {
    "email": "yamada@minato.example",
    "last_name": "山田",
    "first_name": "太郎",
    "company": "港工業株式会社",
}
Wire = Callable[..., Connector]


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def pull(connector: Connector, cursor: str | None = None) -> list[Page]:
    return list(connector.pull(STREAM, cursor))


def submit(simulator: Simulator, clock: Any, count: int, gap: float = 10) -> list[str]:
    made = []
    for _ in range(count):
        clock.sleep(gap)
        made.append(simulator.submit(DEFAULT_FORM_ID, PERSON))
    return made


def test_a_pull_goes_from_the_oldest_answer_to_the_newest(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = submit(simulator, clock, 7)
    pages = pull(wire(page_size=3))
    assert ids(pages) == made
    assert [len(page.records) for page in pages] == [3, 3, 1]
    assert pages[0].total == 7
    assert pages[-1].cursor == "2026-04-01T00:01:10Z"


def test_a_record_is_the_response_with_its_form(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    (token,) = submit(simulator, clock, 1)
    (page,) = pull(wire())
    (record,) = page.records
    assert (record.stream, record.external_id) == (STREAM, token)
    assert record.version == f"{token}:completed"
    assert record.changed_at == datetime(2026, 4, 1, 0, 0, 10, tzinfo=UTC)
    assert record.payload["form"] == {"id": DEFAULT_FORM_ID, "title": "資料請求"}
    assert record.payload["answers"][0]["text"] == "山田"


def test_a_form_without_answers_gives_no_page(wire: Wire) -> None:
    assert pull(wire()) == []


def test_the_next_pull_repeats_the_overlap_and_keeps_its_cursor(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = submit(simulator, clock, 3, gap=100)
    connector = wire(overlap=150)
    cursor = pull(connector)[-1].cursor
    (again,) = pull(connector, cursor)
    assert ids([again]) == made[1:]
    assert again.cursor == cursor


def test_every_cursor_on_the_way_goes_on_without_a_gap(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = submit(simulator, clock, 9)
    connector = wire(page_size=2, overlap=0)
    pages = pull(connector)
    for at, page in enumerate(pages):
        rest = ids(pull(connector, page.cursor))
        assert set(ids(pages[: at + 1])) | set(rest) == set(made)


def test_a_saved_cursor_inside_a_walk_does_not_read_the_overlap_again(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    """Else one page a message would never get past an overlap that holds more than a page."""
    made = submit(simulator, clock, 6, gap=1)
    connector = wire(page_size=2, overlap=3600)
    cursor: str | None = None
    seen: list[str] = []
    for _ in range(4):
        page = next(iter(connector.pull(STREAM, cursor)), None)
        if page is not None:
            cursor, seen = page.cursor, seen + ids([page])
    assert set(seen) == set(made)


def test_more_answers_in_one_second_than_fit_a_page_are_all_read(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = submit(simulator, clock, 8, gap=0)
    assert sorted(ids(pull(wire(page_size=3)))) == sorted(made)


def test_an_answer_that_appears_late_is_met_by_the_next_pull(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire()
    clock.sleep(10)
    late = simulator.submit(DEFAULT_FORM_ID, PERSON, lag=1800)
    clock.sleep(1700)
    prompt = simulator.submit(DEFAULT_FORM_ID, PERSON)
    pages = pull(connector)
    assert ids(pages) == [prompt]
    clock.sleep(200)
    assert late in ids(pull(connector, pages[-1].cursor))


def test_a_walk_that_takes_long_does_not_shorten_the_overlap(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    """The late answer is behind the walk when it appears; the walk ends an hour later."""
    connector = wire(page_size=2, overlap=1800)
    submit(simulator, clock, 2)
    late = simulator.submit(DEFAULT_FORM_ID, PERSON, lag=1000)
    submit(simulator, clock, 2)
    walk = connector.pull(STREAM, None)
    next(walk)
    next(walk)
    submit(simulator, clock, 3, gap=3000)
    rest = list(walk)
    assert late not in ids(rest)
    assert late in ids(pull(connector, rest[-1].cursor))


def test_deleting_between_two_pages_does_not_hide_an_answer(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = submit(simulator, clock, 6)
    walk = wire(page_size=2).pull(STREAM, None)
    first = next(walk)
    for token in made[:3]:
        simulator.delete_response(token)
    assert ids([first, *walk]) == [*made[:2], *made[3:]]


def test_a_cursor_does_not_go_back_when_the_newest_answer_is_deleted(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = submit(simulator, clock, 2)
    connector = wire()
    cursor = pull(connector)[-1].cursor
    simulator.delete_response(made[1])
    assert [page.cursor for page in pull(connector, cursor)] == [cursor]


def test_a_deleted_form_stops_its_stream_with_advice(wire: Wire) -> None:
    with pytest.raises(ContractBroken, match="correct `forms`") as caught:
        list(wire(forms=["gone1234"]).pull("responses:gone1234", None))
    assert caught.value.code == "TYPEFORM_NOT_FOUND"


def test_a_stream_that_is_none_of_ours_is_refused(wire: Wire) -> None:
    with pytest.raises(ContractBroken, match="responses:FORM_ID"):
        list(wire().pull("contacts", None))


@pytest.mark.parametrize(
    "cursor", ["soon", '{"completed": 1}', "{", '{"completed":{"at":"x"},"partial":{}}']
)
def test_a_cursor_of_another_kind_is_refused(wire: Wire, cursor: str) -> None:
    with pytest.raises(ContractBroken, match="reset the stream"):
        pull(wire(), cursor)


def test_all_forms_are_read_where_none_is_named(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire(forms=[])
    assert connector.streams() == [STREAM]
    seminar = simulator.add_form("製造業向けセミナー")
    assert connector.streams() == [STREAM, f"responses:{seminar}"]
    simulator.submit(seminar, PERSON)
    calls = connector.session.calls
    (page,) = connector.pull(f"responses:{seminar}", None)
    assert page.records[0].payload["form"]["title"] == "製造業向けセミナー"
    assert connector.session.calls == calls + 1, "the title was known from the list"


def test_more_forms_than_a_page_are_all_found(wire: Wire, simulator: Simulator) -> None:
    for number in range(200):
        simulator.add_form(f"展示会{number}")
    assert len(set(wire(forms=[]).streams())) == 201


def test_partial_answers_are_left_alone_unless_wanted(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    simulator.submit(DEFAULT_FORM_ID, {"email": "sato@hokuto.example"}, partial=True)
    assert pull(wire()) == []


def test_a_partial_answer_comes_by_its_landing_and_again_when_completed(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire(partial=True)
    token = simulator.submit(DEFAULT_FORM_ID, {"email": "sato@hokuto.example"}, partial=True)
    first = pull(connector)
    (record,) = first[-1].records
    assert record.version is not None
    assert record.version.startswith(f"{token}:partial:")
    assert record.changed_at == datetime(2026, 3, 31, 23, 58, 30, tzinfo=UTC)
    clock.sleep(3 * 86_400)
    simulator.complete(token, PERSON)
    second = pull(connector, first[-1].cursor)
    assert [record.version for page in second for record in page.records] == [f"{token}:completed"]


def test_an_answer_completed_during_a_pull_is_last_seen_completed(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    token = simulator.submit(DEFAULT_FORM_ID, {"email": "sato@hokuto.example"}, partial=True)
    walk = wire(partial=True).pull(STREAM, None)
    first = next(walk)
    simulator.complete(token, PERSON)
    types = [record.payload["response_type"] for page in [first, *walk] for record in page.records]
    assert types == ["partial", "completed"]


def test_a_partial_answer_that_grew_has_another_version(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    connector = wire(partial=True)
    token = simulator.submit(DEFAULT_FORM_ID, {"email": "sato@hokuto.example"}, partial=True)
    before = pull(connector)
    row = simulator.responses[token]
    grown = {"field": {"id": "x", "ref": "company"}, "type": "text", "text": "北斗システム"}
    simulator.responses[token] = row | {"answers": [*row["answers"], grown]}
    after = pull(connector, before[-1].cursor)
    assert before[-1].records[0].version != after[-1].records[0].version


def test_partial_answers_switched_on_later_are_read_from_the_beginning(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    old = simulator.submit(DEFAULT_FORM_ID, {"email": "sato@hokuto.example"}, partial=True)
    clock.sleep(30 * 86_400)
    submit(simulator, clock, 1)
    cursor = pull(wire())[-1].cursor
    assert old in ids(pull(wire(partial=True), cursor))


def test_fetch_returns_what_is_there_and_calls_the_rest_deleted(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    kept, lost = submit(simulator, clock, 2)
    simulator.delete_response(lost)
    records = wire().fetch(STREAM, [lost, kept])
    assert {record.external_id: record.deleted for record in records} == {kept: False, lost: True}


def test_fetch_finds_partial_answers_only_where_they_are_read(
    wire: Wire, simulator: Simulator
) -> None:
    token = simulator.submit(DEFAULT_FORM_ID, {"email": "sato@hokuto.example"}, partial=True)
    assert [record.deleted for record in wire(partial=True).fetch(STREAM, [token])] == [False]
    assert [record.deleted for record in wire().fetch(STREAM, [token])] == [True]


def test_fetch_asks_for_many_ids_in_several_requests(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    made = submit(simulator, clock, 130, gap=0)
    records = wire().fetch(STREAM, made)
    assert {record.external_id for record in records if not record.deleted} == set(made)


def test_a_sweep_lists_every_id_that_is_left(wire: Wire, simulator: Simulator, clock: Any) -> None:
    made = submit(simulator, clock, 7)
    partial = simulator.submit(DEFAULT_FORM_ID, {}, partial=True)
    simulator.delete_response(made[3])
    left = [*made[:3], *made[4:]]
    assert list(wire(page_size=2).ids(STREAM)) == left
    assert sorted(wire(page_size=2, partial=True).ids(STREAM)) == sorted([*left, partial])


def test_a_lost_answer_is_asked_for_again(wire: Wire, simulator: Simulator, clock: Any) -> None:
    made = submit(simulator, clock, 1)
    simulator.faults.append(Fault("/responses", after=True))
    assert ids(pull(wire())) == made


# -- a vendor that does not do what we ask -------------------------------------------------------


def item(second: int, token: str) -> dict[str, Any]:
    when = f"2026-03-01T00:00:{second:02d}Z"
    return {"token": token, "landed_at": when, "submitted_at": when, "answers": []}


def stubborn(items: list[dict[str, Any]]) -> Iterator[Page]:
    """A pull of pages of two from a vendor that answers every query with the same."""
    options = Options.model_validate({"token": "tfp_x", "forms": ["f1"], "page_size": 2})
    wiring = Wiring("tf", MemoryTokens(), sleep=lambda _: None)
    connector = connect(options, wiring)
    body = {"total_items": 9, "page_count": 5, "items": items}
    with respx.mock(base_url="https://api.typeform.com") as vendor:
        vendor.get("/forms/f1/responses").mock(return_value=httpx.Response(200, json=body))
        vendor.get("/forms/f1").mock(return_value=httpx.Response(200, json={"title": "問合せ"}))
        yield from connector.pull("responses:f1", None)
    connector.session.close()


def test_a_full_page_newest_first_is_not_trusted() -> None:
    with pytest.raises(ContractBroken, match="oldest first"):
        list(stubborn([item(2, "b"), item(1, "a")]))


def test_pages_that_go_round_in_a_circle_end_in_an_error() -> None:
    with pytest.raises(ContractBroken, match="circle"):
        list(stubborn([item(1, "a"), item(1, "b")]))


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([{"submitted_at": "2026-03-01T00:00:01Z"}], id="no token"),
        pytest.param([{"token": "a"}], id="no time"),
        pytest.param([7], id="no object"),
    ],
)
def test_a_response_of_another_shape_stops_the_stream(items: list[Any]) -> None:
    with pytest.raises(ContractBroken) as caught:
        list(stubborn(items))
    assert caught.value.code == "TYPEFORM_SHAPE"
