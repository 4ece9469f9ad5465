"""Reading an app: nothing is missed, whatever the clock, the page size and people do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from connectors.kintone import Connector
from connectors.kintone.contract import STREAM
from connectors.kintone.simulator import LEADS, TOKEN, Simulator, field, form, leads_form
from connectors.kit.base import Page, Record, Ref
from connectors.kit.errors import AuthFailed, ContractBroken, RateLimited
from connectors.kit.simulator import Fault, json_response

Make = Callable[..., Connector]
SATO = {"氏名": "佐藤 花子", "会社名": "株式会社みなと製作所"}


def records(pages: Iterator[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def ids(pages: Iterator[Page]) -> list[str]:
    return [record.external_id for record in records(pages)]


def last_cursor(pages: Iterator[Page]) -> str | None:
    cursor = None
    for page in pages:
        cursor = page.cursor
    return cursor


def held(simulator: Simulator) -> set[tuple[str, str]]:
    return {(key, str(row["revision"])) for key, row in simulator.rows(LEADS).items()}


def test_the_first_read_brings_everything_with_ids_versions_and_times(
    wired: Make, simulator: Simulator
) -> None:
    simulator.import_records(LEADS, [SATO] * 7)
    pages = list(wired(page_size=3).pull(STREAM, None))
    found = records(iter(pages))
    assert [record.external_id for record in found] == [str(one) for one in range(1, 8)]
    assert {record.version for record in found} == {"1"}
    assert {str(record.changed_at) for record in found} == {"2026-05-14 02:51:00+00:00"}
    assert [page.total for page in pages] == [7, 7, 7]
    assert simulator.open_cursors() == []


def test_an_empty_app_gives_no_page(connector: Connector) -> None:
    assert list(connector.pull(STREAM, None)) == []


def test_every_page_of_the_first_read_can_be_gone_on_from(
    wired: Make, simulator: Simulator
) -> None:
    simulator.import_records(LEADS, [SATO] * 7)
    connector = wired(page_size=2)
    pages = list(connector.pull(STREAM, None))
    seen: set[str] = set()
    for page in pages:
        seen |= {record.external_id for record in page.records}
        rest = set(ids(connector.pull(STREAM, page.cursor)))
        assert seen | rest == {str(one) for one in range(1, 8)}


def test_a_first_read_that_is_left_early_gives_its_cursor_back(
    wired: Make, simulator: Simulator
) -> None:
    simulator.import_records(LEADS, [SATO] * 9)
    pages = wired(page_size=2).pull(STREAM, None)
    next(pages)
    assert len(simulator.open_cursors()) == 1
    pages.close()  # type: ignore[attr-defined]  # a generator
    assert simulator.open_cursors() == []


def test_the_first_read_goes_by_id_where_all_cursors_are_taken(
    wired: Make, simulator: Simulator, http: httpx.Client
) -> None:
    simulator.import_records(LEADS, [SATO] * 5)
    for _ in range(10):
        http.post("/k/v1/records/cursor.json", json={"app": LEADS, "size": 1})
    assert ids(wired(page_size=2).pull(STREAM, None)) == ["1", "2", "3", "4", "5"]


def test_the_first_read_goes_by_id_where_its_cursor_dies(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    simulator.import_records(LEADS, [SATO] * 9)
    pages = wired(page_size=2).pull(STREAM, None)
    found = ids(iter([next(pages)]))
    clock.forward(minutes=11)
    found += ids(pages)
    assert found == [str(one) for one in range(1, 10)]


def test_what_changes_while_the_first_read_is_under_way_comes_after_it(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    simulator.import_records(LEADS, [SATO] * 6)
    connector = wired(page_size=2)
    pages = connector.pull(STREAM, None)
    next(pages)
    simulator.edit_record(LEADS, "1", {"役職": "部長"})
    added = simulator.add_record(LEADS, SATO)
    simulator.delete_record(LEADS, "5")
    cursor = last_cursor(pages)
    clock.forward(minutes=1)
    after = {
        (record.external_id, record.version) for record in records(connector.pull(STREAM, cursor))
    }
    assert {("1", "2"), (added, "1")} <= after


def test_a_later_pull_brings_what_changed_and_keeps_its_cursor_when_nothing_did(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    simulator.import_records(LEADS, [SATO] * 3)
    connector = wired(overlap_minutes=0)
    cursor = last_cursor(connector.pull(STREAM, None))
    clock.forward(hours=1)
    simulator.edit_record(LEADS, "2", {"役職": "部長"})
    pages = list(connector.pull(STREAM, cursor))
    assert ids(iter(pages)) == ["1", "3", "2"], "a cursor includes its own minute"
    newer = pages[-1].cursor
    assert {record.external_id for record in records(connector.pull(STREAM, newer))} == {"2"}
    assert last_cursor(connector.pull(STREAM, newer)) == newer


def test_an_edit_in_the_minute_of_the_cursor_is_not_missed(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    record = simulator.add_record(LEADS, SATO)
    connector = wired(overlap_minutes=0)
    cursor = last_cursor(connector.pull(STREAM, None))
    clock.forward(seconds=20)
    simulator.edit_record(LEADS, record, {"役職": "部長"})
    assert [one.version for one in records(connector.pull(STREAM, cursor))] == ["2"]


def test_the_overlap_reads_the_minutes_before_the_cursor_again(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    for _ in range(4):
        simulator.add_record(LEADS, SATO)
        clock.forward(minutes=1)
    connector = wired(overlap_minutes=2)
    cursor = last_cursor(connector.pull(STREAM, None))
    assert ids(connector.pull(STREAM, cursor)) == ["2", "3", "4"]


def test_more_records_than_an_offset_may_skip_are_read(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    first = simulator.add_record(LEADS, SATO)
    connector = wired()
    cursor = last_cursor(connector.pull(STREAM, None))
    clock.forward(hours=1)
    simulator.import_records(LEADS, [SATO] * 10_600)  # all in one minute
    found = ids(connector.pull(STREAM, cursor))
    assert len(set(found)) == 10_600 + len({first})
    assert len(found) < 10_600 + 502, "no more than one page is read twice"


def test_a_minute_that_fills_pages_is_read_by_id_and_then_the_next(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    simulator.import_records(LEADS, [SATO] * 2)
    connector = wired(page_size=2, overlap_minutes=0)
    cursor = last_cursor(connector.pull(STREAM, None))
    for count in (1, 5, 2, 1):
        clock.forward(minutes=1)
        simulator.import_records(LEADS, [SATO] * count)
    pages = list(connector.pull(STREAM, cursor))
    assert set(ids(iter(pages))) == {str(one) for one in range(1, 12)}
    assert pages[-1].cursor is not None
    assert "02:55:00Z" in pages[-1].cursor
    cursors = [str(page.cursor) for page in pages]
    assert cursors == sorted(cursors)


def test_an_edit_in_a_minute_that_is_being_read_is_not_missed(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    simulator.add_record(LEADS, SATO)
    connector = wired(page_size=2, overlap_minutes=0)
    cursor = last_cursor(connector.pull(STREAM, None))
    clock.forward(minutes=1)
    simulator.import_records(LEADS, [SATO] * 6)
    seen: set[tuple[str, str | None]] = set()
    pages = connector.pull(STREAM, cursor)
    for page in pages:
        seen |= {(record.external_id, record.version) for record in page.records}
        cursor = page.cursor
        if ("3", "1") in seen and len(simulator.rows(LEADS)) == 7:
            simulator.edit_record(LEADS, "2", {"役職": "部長"})  # passed, and in the same minute
            clock.forward(minutes=1)
            simulator.import_records(LEADS, [SATO] * 2)
    seen |= {(one.external_id, one.version) for one in records(connector.pull(STREAM, cursor))}
    assert held(simulator) <= seen


def test_a_renamed_time_field_is_found_by_its_type(
    wired: Make, simulator: Simulator, clock: Any
) -> None:
    made = {code: one for code, one in leads_form().items() if code != "更新日時"}
    made["最終更新"] = {**leads_form()["更新日時"], "code": "最終更新", "label": "最終更新"}
    simulator.change_form(LEADS, made)
    simulator.import_records(LEADS, [SATO] * 2)
    connector = wired()
    cursor = last_cursor(connector.pull(STREAM, None))
    clock.forward(minutes=1)
    simulator.edit_record(LEADS, "2", {"役職": "部長"})
    assert ("2", "2") in {
        (record.external_id, record.version) for record in records(connector.pull(STREAM, cursor))
    }


def test_fetch_brings_records_in_the_order_asked_and_says_what_is_gone(
    wired: Make, simulator: Simulator
) -> None:
    simulator.import_records(LEADS, [SATO] * 5)
    simulator.delete_record(LEADS, "3")
    found = wired(page_size=2).fetch(STREAM, ["5", "3", "1"])
    assert [(one.external_id, one.deleted) for one in found] == [
        ("5", False),
        ("3", True),
        ("1", False),
    ]


def test_a_fetch_of_many_is_not_cut_by_the_length_of_an_address(
    connector: Connector, simulator: Simulator
) -> None:
    simulator.import_records(LEADS, [SATO] * 500)
    wanted = [str(one) for one in range(1, 501)]
    assert [one.external_id for one in connector.fetch(STREAM, wanted)] == wanted
    assert simulator.seen[0].method == "POST"


def test_a_sweep_lists_every_id(wired: Make, simulator: Simulator) -> None:
    simulator.import_records(LEADS, [SATO] * 7)
    simulator.delete_record(LEADS, "4")
    assert list(wired(page_size=2).ids(STREAM)) == ["1", "2", "3", "5", "6", "7"]


def test_a_record_points_to_the_record_of_another_app(wired: Make, simulator: Simulator) -> None:
    simulator.add_app(6, "案件管理", form(field("案件名"), field("リード番号"), field("renkei_id")))
    simulator.add_token("deals", 6)
    simulator.add_record(6, {"案件名": "新規導入", "リード番号": "LEADS-12"})
    apps = {
        "leads": {"app": LEADS},
        "won": {"app": 6, "kind": "deal", "refs": {"リード番号": "leads"}},
    }
    connector = wired(apps=apps, api_tokens=[TOKEN, "deals"])
    assert connector.streams() == ["records:leads", "deals:won"]
    (record,) = records(connector.pull("deals:won", None))
    assert record.refs == (Ref("records:leads", "12"),)


def test_cells_become_flat_values(connector: Connector) -> None:
    payload = {
        "$id": {"type": "__ID__", "value": "12"},
        "会社名": {"type": "SINGLE_LINE_TEXT", "value": "青葉商事"},
        "関心": {"type": "CHECK_BOX", "value": ["MA", "SFA"]},
        "担当": {"type": "USER_SELECT", "value": [{"code": "sato", "name": "佐藤 花子"}]},
        "更新者": {"type": "MODIFIER", "value": {"code": "sato", "name": "佐藤 花子"}},
        "資料": {"type": "FILE", "value": [{"fileKey": "k", "name": "提案書.pdf"}]},
        "履歴": {
            "type": "SUBTABLE",
            "value": [
                {"id": "1", "value": {"内容": {"type": "SINGLE_LINE_TEXT", "value": "架電"}}}
            ],
        },
    }
    assert connector.flatten(STREAM, payload) == {
        "$id": "12",
        "会社名": "青葉商事",
        "関心": ["MA", "SFA"],
        "担当": ["sato"],
        "更新者": "sato",
        "資料": ["提案書.pdf"],
        "履歴": [{"内容": "架電"}],
    }


def test_a_search_that_was_cut_short_stops_the_stream(
    connector: Connector, simulator: Simulator
) -> None:
    headers = {"X-Cybozu-Warning": "Filter aborted because of too many search results"}
    cut = json_response({"records": [], "totalCount": None}, 200, headers)
    simulator.faults.append(Fault("/records.json", response=cut))
    with pytest.raises(ContractBroken, match="half-way"):
        connector.fetch(STREAM, ["1"])


@pytest.mark.parametrize("cursor", ["", "{}", '{"since":"yesterday"}', "[]"])
def test_a_cursor_that_is_none_of_ours_is_refused(connector: Connector, cursor: str) -> None:
    with pytest.raises(ContractBroken, match="reset the stream"):
        list(connector.pull(STREAM, cursor))


def test_too_many_at_once_is_a_rate_limit(connector: Connector, simulator: Simulator) -> None:
    simulator.busy = 1
    with pytest.raises(RateLimited) as caught:
        connector.fetch(STREAM, ["1"])
    assert (caught.value.code, caught.value.retry_after) == ("KINTONE_BUSY", 10.0)


def test_a_deleted_token_is_an_auth_failure(connector: Connector, simulator: Simulator) -> None:
    simulator.revoke()
    with pytest.raises(AuthFailed) as caught:
        connector.fetch(STREAM, ["1"])
    assert caught.value.code == "KINTONE_AUTH"
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        pytest.param({"apps": {"leads": {"app": 99}}}, "KINTONE_NO_APP", id="no such app"),
        pytest.param({"guest_space": 3}, "KINTONE_GUEST_SPACE", id="not in that space"),
        pytest.param({"base_url": "http://127.0.0.1:8080/x"}, "KINTONE_NO_PATH", id="wrong path"),
    ],
)
def test_a_wrong_address_is_named(wired: Make, options: dict[str, Any], code: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        wired(**options).fetch(STREAM, ["1"])
    assert caught.value.code == code
