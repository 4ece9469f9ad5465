"""Writing to an app: what is refused stands alone, and nothing is added twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.kintone import Connector
from connectors.kintone.contract import STREAM
from connectors.kintone.process import path
from connectors.kintone.simulator import LEADS, TOKEN, Simulator, field, form, leads_form
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.simulator import Fault, json_response

Make = Callable[..., Connector]
STATES = ("リード", "架電中", "商談", "受注", "失注")
ACTIONS = (
    ("架電する", "リード", "架電中"),
    ("商談にする", "架電中", "商談"),
    ("受注にする", "商談", "受注"),
    ("失注にする", "商談", "失注"),
    ("戻す", "商談", "架電中"),
)


def new(key: str, **values: Any) -> Change:
    return Change(STREAM, key, {"会社名": f"{key}株式会社", **values})


def edit(record: str, version: str | None = None, **values: Any) -> Change:
    return Change(STREAM, f"ld_{record}", values, external_id=record, version=version)


def by_key(outcomes: Any) -> dict[str, Outcome]:
    return {outcome.key: outcome for outcome in outcomes}


def test_new_records_are_added_with_the_hubs_id_as_their_key(
    connector: Connector, simulator: Simulator
) -> None:
    (outcome,) = connector.push([new("ld_1", ステージ="MQL", renkei_id="ld_1")])
    assert outcome == Outcome("ld_1", Status.CREATED, external_id="1", version="1")
    held = simulator.record(LEADS, "1")
    assert (held["renkei_id"], held["ステージ"]) == ("ld_1", "MQL")


def test_an_add_whose_answer_was_lost_is_not_added_twice(
    connector: Connector, simulator: Simulator
) -> None:
    simulator.faults.append(Fault("/records.json", method="PUT", after=True))
    (outcome,) = connector.push([new("ld_1")])
    assert outcome.external_id == "1"
    assert len(simulator.rows(LEADS)) == 1


def test_an_add_without_a_key_field_is_not_repeated_blindly(
    wired: Make, simulator: Simulator
) -> None:
    simulator.faults.append(Fault("/records.json", method="POST", after=True))
    with pytest.raises(Unavailable) as caught:
        wired(app={"key_field": None}).push([new("ld_1")])
    assert caught.value.maybe_applied
    assert len(simulator.rows(LEADS)) == 1


def test_records_without_a_key_field_are_added(wired: Make, simulator: Simulator) -> None:
    outcomes = wired(app={"key_field": None}).push([new("ld_1"), new("ld_2")])
    assert [(one.status, one.external_id) for one in outcomes] == [
        (Status.CREATED, "1"),
        (Status.CREATED, "2"),
    ]


def test_two_hundred_and_thirty_records_go_in_three_batches(
    connector: Connector, simulator: Simulator
) -> None:
    outcomes = connector.push([new(f"ld_{number}") for number in range(230)])
    assert {one.status for one in outcomes} == {Status.CREATED}
    assert len(simulator.rows(LEADS)) == 230
    assert [seen.method for seen in simulator.seen].count("PUT") == 3


def test_a_stale_revision_is_a_conflict_of_that_record_only(
    connector: Connector, simulator: Simulator
) -> None:
    records = [simulator.add_record(LEADS, {"氏名": "佐藤 花子"}) for _ in range(5)]
    simulator.edit_record(LEADS, records[2], {"役職": "課長"})
    outcomes = by_key(connector.push([edit(one, "1", 役職="部長") for one in records]))
    stale = outcomes[f"ld_{records[2]}"]
    assert stale.status is Status.FAILED
    assert isinstance(stale.error, Conflict)
    assert [simulator.record(LEADS, one)["役職"] for one in records] == [
        *("部長", "部長", "課長", "部長", "部長")
    ]
    assert {one.version for one in outcomes.values() if one.error is None} == {"2"}


def test_a_deleted_record_is_gone_and_not_added_again(
    connector: Connector, simulator: Simulator
) -> None:
    one, two = (simulator.add_record(LEADS, {}) for _ in range(2))
    simulator.delete_record(LEADS, one)
    outcomes = by_key(connector.push([edit(one, 役職="部長"), edit(two, 役職="部長")]))
    assert isinstance(outcomes[f"ld_{one}"].error, RecordGone)
    assert outcomes[f"ld_{two}"].status is Status.UPDATED
    assert list(simulator.rows(LEADS)) == [two]


@pytest.mark.parametrize("nested", [False, True])
def test_a_refused_value_is_left_out_and_the_rest_is_written(
    connector: Connector, simulator: Simulator, nested: bool
) -> None:
    simulator.nested_places = nested
    changes = [new(f"ld_{number}") for number in range(4)]
    changes[1] = new("ld_1", ステージ="みこみ", 役職="部長")
    changes[3] = new("ld_3", メールアドレス="宛先なし", ステージ="みこみ")
    outcomes = by_key(connector.push(changes))
    assert {one.status for one in outcomes.values()} == {Status.CREATED}
    assert {key: set(one.refused) for key, one in outcomes.items() if one.refused} == {
        "ld_1": {"ステージ"},
        "ld_3": {"ステージ", "メールアドレス"},
    }
    error = outcomes["ld_1"].refused["ステージ"]
    assert isinstance(error, RecordRejected)
    assert (error.code, error.fields) == ("KINTONE_VALUE", ("ステージ",))
    assert "みこみ" not in str(error)
    held = simulator.record(LEADS, outcomes["ld_1"].external_id or "")
    assert (held["役職"], held["ステージ"]) == ("部長", "リード")


def test_a_field_code_the_app_does_not_have_is_refused_and_not_lost_in_silence(
    connector: Connector, simulator: Simulator
) -> None:
    (outcome,) = connector.push([new("ld_1", 無い項目="x", 更新者="sato")])
    assert outcome.status is Status.CREATED
    assert {code: error.code for code, error in outcome.refused.items()} == {
        "無い項目": "KINTONE_NO_FIELD",
        "更新者": "KINTONE_READ_ONLY",
    }


def test_a_field_that_was_just_added_is_written(connector: Connector, simulator: Simulator) -> None:
    connector.push([new("ld_1")])
    simulator.change_form(LEADS, {**leads_form(), "予算": field("予算")})
    (outcome,) = connector.push([new("ld_2", 予算="300万円")])
    assert not outcome.refused
    assert simulator.record(LEADS, "2")["予算"] == "300万円"


def test_a_value_another_record_holds_is_left_out(
    connector: Connector, simulator: Simulator
) -> None:
    made = {**leads_form(), "顧客番号": field("顧客番号", unique=True)}
    simulator.change_form(LEADS, made)
    simulator.add_record(LEADS, {"顧客番号": "C-1"})
    outcomes = by_key(connector.push([new("ld_1", 顧客番号="C-1"), new("ld_2", 顧客番号="C-2")]))
    assert set(outcomes["ld_1"].refused) == {"顧客番号"}
    assert not outcomes["ld_2"].refused


def test_a_record_that_lacks_what_must_be_filled_fails_alone(
    connector: Connector, simulator: Simulator
) -> None:
    simulator.change_form(LEADS, {**leads_form(), "氏名": field("氏名", required=True)})
    outcomes = by_key(connector.push([new("ld_1"), new("ld_2", 氏名="鈴木 太郎")]))
    assert isinstance(outcomes["ld_1"].error, RecordRejected)
    assert outcomes["ld_1"].error.fields == ("氏名",)
    assert outcomes["ld_2"].status is Status.CREATED


def test_an_update_of_which_nothing_is_left_fails(
    connector: Connector, simulator: Simulator
) -> None:
    record = simulator.add_record(LEADS, {"ステージ": "MQL"})
    (outcome,) = connector.push([edit(record, ステージ="みこみ")])
    assert outcome.status is Status.FAILED
    assert simulator.record(LEADS, record)["$revision"] == "1"


def test_nothing_to_write_is_unchanged(connector: Connector, simulator: Simulator) -> None:
    record = simulator.add_record(LEADS, {})
    (outcome,) = connector.push([edit(record, "1")])
    assert (outcome.status, outcome.version) == (Status.UNCHANGED, "1")


def test_the_same_record_twice_goes_in_two_batches(
    connector: Connector, simulator: Simulator
) -> None:
    record = simulator.add_record(LEADS, {})
    changes = [edit(record, 役職="課長"), edit(record, 役職="部長")]
    assert [one.status for one in connector.push(changes)] == [Status.UPDATED] * 2
    assert simulator.record(LEADS, record)["役職"] == "部長"
    assert {seen.status for seen in simulator.seen} == {200}


def test_none_empties_a_field_and_lists_and_times_are_written_as_the_vendor_wants(
    connector: Connector, simulator: Simulator
) -> None:
    made = {
        **leads_form(),
        "関心": field("関心", "CHECK_BOX", options=("MA", "SFA")),
        "再訪日": field("再訪日", "DATE"),
        "架電日時": field("架電日時", "DATETIME"),
        "点数": field("点数", "NUMBER"),
        "担当": field("担当", "USER_SELECT"),
    }
    simulator.change_form(LEADS, made)
    values = {
        "関心": ["MA"],
        "再訪日": date(2026, 6, 1),
        "架電日時": datetime(2026, 5, 14, 2, 51, 9, tzinfo=UTC),
        "点数": 70,
        "担当": "sato",
    }
    (outcome,) = connector.push([new("ld_1", **values)])
    assert not outcome.refused
    held = simulator.record(LEADS, "1")
    assert {code: held[code] for code in values} == {
        "関心": ["MA"],
        "再訪日": "2026-06-01",
        "架電日時": "2026-05-14T02:51:00Z",
        "点数": "70",
        "担当": [{"code": "sato"}],
    }
    connector.push([edit("1", **dict.fromkeys(values), ステージ=None, 会社名=None)])
    held = simulator.record(LEADS, "1")
    assert [held[code] for code in (*values, "ステージ", "会社名")] == [
        *([], None, None, None, []),
        *(None, ""),
    ]


def test_what_passes_is_raised_while_nothing_is_written(
    connector: Connector, simulator: Simulator
) -> None:
    simulator.busy = 1
    with pytest.raises(RateLimited):
        connector.push([new("ld_1")])
    simulator.revoke()
    with pytest.raises(AuthFailed):
        connector.push([new("ld_1")])


def test_what_passes_after_the_first_batch_is_the_outcome_of_the_rest(
    wired: Make, simulator: Simulator
) -> None:
    record = simulator.add_record(LEADS, {})
    locked = {"code": "GAIA_DA02", "id": "x", "message": "ロックに失敗しました。"}
    simulator.faults.append(
        Fault("/records.json", method="PUT", response=json_response(locked, 400))
    )
    changes = [new("ld_1"), new("ld_2"), edit(record, 役職="部長")]
    outcomes = wired(app={"key_field": None}).push(changes)  # adds are a POST
    assert [one.status for one in outcomes] == [Status.CREATED] * 2 + [Status.FAILED]
    assert isinstance(outcomes[2].error, Unavailable)


def test_a_locked_record_is_tried_again_later(connector: Connector, simulator: Simulator) -> None:
    locked = {"code": "GAIA_DA02", "id": "x", "message": "ロックに失敗しました。"}
    simulator.faults.append(
        Fault("/records.json", method="PUT", response=json_response(locked, 400))
    )
    with pytest.raises(Unavailable) as caught:
        connector.push([new("ld_1")])
    assert not caught.value.maybe_applied


def test_a_key_field_that_is_not_unique_stops_the_push(
    connector: Connector, simulator: Simulator
) -> None:
    simulator.change_form(LEADS, {**leads_form(), "renkei_id": field("renkei_id")})
    with pytest.raises(ContractBroken, match="prohibits duplicate values"):
        connector.push([new("ld_1")])
    simulator.change_form(LEADS, leads_form())
    assert connector.push([new("ld_1")])[0].status is Status.CREATED


def test_changes_of_two_apps_go_to_their_apps(wired: Make, simulator: Simulator) -> None:
    simulator.add_app(6, "案件管理", form(field("案件名"), field("renkei_id", unique=True)))
    simulator.add_token("deals", 6)
    connector = wired(
        apps={"leads": {"app": LEADS}, "deals": {"app": 6, "kind": "deal"}},
        api_tokens=[TOKEN, "deals"],
    )
    deal = Change("deals:deals", "dl_1", {"案件名": "新規導入"})
    outcomes = by_key(connector.push([new("ld_1"), deal]))
    assert outcomes["dl_1"].external_id == "1"
    assert simulator.record(6, "1")["案件名"] == "新規導入"
    assert simulator.record(LEADS, "1")["renkei_id"] == "ld_1"


def test_a_status_is_reached_by_the_actions_that_lead_to_it(
    wired: Make, simulator: Simulator
) -> None:
    simulator.set_process(LEADS, STATES, ACTIONS)
    connector = wired(app={"status": True})
    (made,) = connector.push([new("ld_1", ステータス="商談")])
    assert (made.status, made.version) == (Status.CREATED, "5")
    assert simulator.record(LEADS, "1")["ステータス"] == "商談"
    (moved,) = connector.push([edit("1", "5", ステータス="失注", 役職="部長")])
    assert (moved.status, moved.version) == (Status.UPDATED, "8")
    assert simulator.record(LEADS, "1")["ステータス"] == "失注"


def test_a_status_no_action_leads_to_is_refused_and_the_rest_is_written(
    wired: Make, simulator: Simulator
) -> None:
    simulator.set_process(LEADS, STATES, ACTIONS)
    one, two = (simulator.add_record(LEADS, {}) for _ in range(2))
    connector = wired(app={"status": True})
    changes = [edit(one, ステータス="休眠", 役職="部長"), edit(two, ステータス="架電中")]
    outcomes = by_key(connector.push(changes))
    refused = outcomes[f"ld_{one}"].refused["ステータス"]
    assert refused.code == "KINTONE_NO_ACTION"
    assert simulator.record(LEADS, one)["役職"] == "部長"
    assert simulator.record(LEADS, two)["ステータス"] == "架電中"


def test_an_action_that_asks_for_an_assignee_needs_the_option(
    wired: Make, simulator: Simulator
) -> None:
    simulator.set_process(LEADS, STATES, ACTIONS, choose_assignee=True)
    record = simulator.add_record(LEADS, {})
    (refused,) = wired(app={"status": True}).push([edit(record, ステータス="架電中")])
    assert "ステータス" in refused.refused
    (moved,) = wired(app={"status": True, "assignee": "sato"}).push(
        [edit(record, ステータス="架電中")]
    )
    assert not moved.refused
    assert simulator.record(LEADS, record)["ステータス"] == "架電中"


def test_a_status_is_tried_again_when_the_vendor_was_away(
    wired: Make, simulator: Simulator
) -> None:
    simulator.set_process(LEADS, STATES, ACTIONS)
    record = simulator.add_record(LEADS, {})
    connector = wired(app={"status": True})
    simulator.faults.append(Fault("/records/status.json"))
    (outcome,) = connector.push([edit(record, ステータス="架電中", 役職="部長")])
    assert isinstance(outcome.error, Unavailable)
    assert (outcome.external_id, outcome.version) == (record, "2")


def test_the_shortest_way_is_taken() -> None:
    edges = {"a": [("ab", "b"), ("ac", "c")], "b": [("bd", "d")], "c": [("cb", "b")]}
    assert path(edges, "a", "d") == ["ab", "bd"]
    assert path(edges, "a", "a") == []
    assert path(edges, "d", "a") is None
