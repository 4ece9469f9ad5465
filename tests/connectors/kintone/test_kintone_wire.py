"""What kintone's own client sends and its documents allow, pinned without the client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.kintone.simulator import LEADS, Simulator, field, form
from connectors.kintone.simulator_periods import period

RECORD = "/k/v1/record.json"


def found(http: httpx.Client, query: str, app: int = LEADS) -> list[str]:
    answer = http.get("/k/v1/records.json", params={"app": app, "query": query})
    assert answer.status_code == 200, answer.text
    return [record["$id"]["value"] for record in answer.json()["records"]]


def one(method: str, api: str, **payload: Any) -> dict[str, Any]:
    return {"method": method, "api": api, "payload": {"app": LEADS, **payload}}


def test_bulk_takes_requests_for_single_records_too(
    http: httpx.Client, simulator: Simulator
) -> None:
    held = simulator.add_record(LEADS, {"氏名": "佐藤"})
    simulator.set_process(LEADS, ["未着手", "完了"], [("終える", "未着手", "完了")])
    requests = [
        one("POST", RECORD, record={"氏名": {"value": "鈴木"}}),
        one("PUT", RECORD, id=held, record={"氏名": {"value": "田中"}}),
        one("PUT", "/k/v1/record/status.json", id=held, action="終える"),
        one("DELETE", "/k/v1/records.json", ids=["2"]),
    ]

    answer = http.post("/k/v1/bulkRequest.json", json={"requests": requests})

    assert answer.json()["results"] == [
        {"id": "2", "revision": "1"},
        {"revision": "2"},
        {"revision": "4"},
        {},
    ]
    assert found(http, "") == [held]


def test_a_bulk_that_fails_leaves_nothing_and_tells_nobody(
    http: httpx.Client, simulator: Simulator
) -> None:
    simulator.set_webhook(LEADS, "http://127.0.0.1/hook")
    good = one("POST", RECORD, record={"氏名": {"value": "鈴木"}})
    bad = one("PUT", RECORD, id="99", record={})

    refused = http.post("/k/v1/bulkRequest.json", json={"requests": [good, bad, good]})

    assert refused.status_code == 404
    assert [result.get("code") for result in refused.json()["results"]] == [
        None,
        "GAIA_RE01",
        None,
    ]
    assert (found(http, ""), simulator.deliveries) == ([], [])
    http.post("/k/v1/bulkRequest.json", json={"requests": [good]})
    assert len(simulator.deliveries) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("作成日時 = TODAY()", ["2"]),
        ("作成日時 < TODAY()", ["1"]),
        ("作成日時 = YESTERDAY()", ["1"]),
        ("作成日時 >= FROM_TODAY(-1, DAYS) order by $id asc", ["1", "2"]),
        ("作成日時 > FROM_TODAY(-1, DAYS)", ["2"]),
        ("作成日時 = THIS_MONTH() order by $id asc", ["1", "2"]),
        ("作成日時 = LAST_YEAR()", []),
        ("来社日 = TODAY()", ["2"]),
        ("来社日 != TODAY()", ["1"]),
        ("メモ is empty", ["1"]),
        ("メモ is not empty", ["2"]),
    ],
)
def test_date_functions_name_days_and_long_texts_are_empty_or_not(
    http: httpx.Client, simulator: Simulator, clock: Any, query: str, expected: list[str]
) -> None:
    simulator.add_app(6, "来社", form(field("来社日", "DATE"), field("メモ", "MULTI_LINE_TEXT")))
    simulator.add_token("visits", 6)
    http.headers["X-Cybozu-API-Token"] = "visits"
    clock.time = datetime(2026, 5, 13, 14, 59, tzinfo=UTC)  # a minute to midnight in Japan
    simulator.add_record(6, {})
    clock.forward(minutes=2)
    simulator.add_record(6, {"来社日": "2026-05-14", "メモ": "資料持参"})

    assert found(http, query, app=6) == expected


@pytest.mark.parametrize(
    "query",
    [
        "作成日時 = FROM_TODAY(1)",
        "作成日時 = FROM_TODAY(1, HOURS)",
        "作成日時 = TODAY(1)",
        "作成日時 = THIS_WEEK(HOLIDAY)",
        "氏名 = TODAY()",
        "氏名 is empty",
    ],
)
def test_functions_and_operators_out_of_place_are_refused(http: httpx.Client, query: str) -> None:
    answer = http.get("/k/v1/records.json", params={"app": LEADS, "query": query})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("name", "given", "first", "days"),
    [
        ("FROM_TODAY", ["-1", "MONTHS"], "2026-04-30", 1),
        ("FROM_TODAY", ["2", "WEEKS"], "2026-06-14", 1),
        ("FROM_TODAY", ["-1", "YEARS"], "2025-05-31", 1),
        ("THIS_WEEK", [], "2026-05-31", 7),
        ("LAST_WEEK", ["MONDAY"], "2026-05-25", 1),
        ("THIS_MONTH", ["LAST"], "2026-05-31", 1),
        ("NEXT_MONTH", ["31"], "2026-06-30", 1),
        ("LAST_MONTH", [], "2026-04-01", 30),
        ("NEXT_YEAR", [], "2027-01-01", 365),
    ],
)
def test_periods_are_counted_from_today_in_japan(
    name: str, given: list[str], first: str, days: int
) -> None:
    named = period(name, given, datetime(2026, 5, 30, 15, 0, tzinfo=UTC))
    assert named is not None
    assert (named.first.isoformat(), (named.after - named.first).days) == (first, days)


def test_apps_are_found_by_id_and_name(http: httpx.Client, simulator: Simulator) -> None:
    simulator.add_app(6, "案件管理", form())

    def apps(**asked: Any) -> list[str]:
        answer = http.get("/k/v1/apps.json", params=asked, headers=signed)
        return [app["appId"] for app in answer.json()["apps"]]

    signed = {"X-Cybozu-Authorization": "c2F0bzpyZWhlYXJzYWwtcGFzc3dvcmQ="}
    del http.headers["X-Cybozu-API-Token"]
    assert apps() == ["5", "6"]
    assert apps(**{"ids[0]": 6}) == ["6"]
    assert apps(**{"ids[0]": 99}) == []
    assert apps(name="リード") == ["5"]
    too_many = http.get("/k/v1/apps.json", params={"limit": 101}, headers=signed)
    assert too_many.status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/k/v1/records/cursor.json", {"app": LEADS, "size": 501}),
        ("/k/v1/records/cursor.json", {"app": LEADS, "size": "many"}),
    ],
)
def test_a_wrong_size_is_named_in_the_refusal(
    http: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    refused = http.post(path, json=body)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["size"])


def test_a_revision_that_is_no_number_is_stale_and_a_comment_can_be_deleted(
    http: httpx.Client, simulator: Simulator
) -> None:
    held = simulator.add_record(LEADS, {"氏名": "佐藤"})
    body = {"app": LEADS, "id": held, "revision": "x", "record": {}}
    assert http.put(RECORD, json=body).json()["code"] == "GAIA_CO02"

    comment = {"app": LEADS, "record": held, "comment": {"text": "電話済み"}}
    made = http.post("/k/v1/record/comment.json", json=comment).json()["id"]
    gone = {"app": LEADS, "record": held, "comment": made}
    assert http.request("DELETE", "/k/v1/record/comment.json", json=gone).json() == {}
    left = http.get("/k/v1/record/comments.json", params={"app": LEADS, "record": held})
    assert left.json()["comments"] == []
