"""The simulated domain refuses what kintone refuses, and answers in its shapes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.kintone.simulator import LEADS, Simulator, field, form, leads_form

SATO = {"氏名": "佐藤 花子", "会社名": "株式会社みなと製作所", "ステージ": "MQL"}


def cells(values: dict[str, Any]) -> dict[str, Any]:
    return {code: {"value": value} for code, value in values.items()}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def found(http: httpx.Client, query: str) -> list[str]:
    answer = http.get("/k/v1/records.json", params={"app": LEADS, "query": query})
    assert answer.status_code == 200, answer.text
    return [record["$id"]["value"] for record in answer.json()["records"]]


def test_a_record_is_added_and_read_in_the_vendors_shape(http: httpx.Client) -> None:
    made = http.post("/k/v1/record.json", json={"app": LEADS, "record": cells(SATO)})
    assert made.json() == {"id": "1", "revision": "1"}
    record = http.get("/k/v1/record.json", params={"app": LEADS, "id": 1}).json()["record"]
    assert record["$id"] == {"type": "__ID__", "value": "1"}
    assert record["会社名"] == {"type": "SINGLE_LINE_TEXT", "value": "株式会社みなと製作所"}
    assert record["更新日時"] == {"type": "UPDATED_TIME", "value": "2026-05-14T02:51:00Z"}
    assert "ステータス" not in record, "process management is off"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"X-Cybozu-API-Token": ""}, (401, "CB_AU01"), id="no credentials"),
        pytest.param({"X-Cybozu-API-Token": "wrong"}, (400, "GAIA_IA02"), id="a wrong token"),
        pytest.param(
            {"X-Cybozu-Authorization": "c2F0bzp4"}, (401, "CB_WA01"), id="a wrong password"
        ),
        pytest.param({"Content-Type": "application/json"}, (400, "CB_IL02"), id="a type on a GET"),
    ],
)
def test_a_request_without_good_headers_is_refused(
    http: httpx.Client, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = http.get("/k/v1/app.json", params={"id": LEADS}, headers=headers)
    assert code_of(answer) == expected


def test_a_token_may_do_only_what_it_was_given(http: httpx.Client, simulator: Simulator) -> None:
    simulator.add_token("reader", LEADS, ("view",))
    http.headers["X-Cybozu-API-Token"] = "reader"
    assert http.get("/k/v1/app.json", params={"id": LEADS}).status_code == 200
    answer = http.post("/k/v1/record.json", json={"app": LEADS, "record": {}})
    assert code_of(answer) == (403, "GAIA_NO01")


def test_a_token_of_another_app_opens_nothing_here(
    http: httpx.Client, simulator: Simulator
) -> None:
    simulator.add_app(6, "案件管理", form(field("案件名")))
    assert code_of(http.get("/k/v1/app.json", params={"id": 6})) == (400, "GAIA_IA02")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("limit 501", "GAIA_QU01", id="more than 500"),
        pytest.param("offset 10001", "GAIA_QU02", id="an offset above 10,000"),
        pytest.param('知らない = "x"', "GAIA_IQ11", id="an unknown field"),
        pytest.param('メモ = "x"', "GAIA_IQ03", id="an operator the type has not"),
        pytest.param("会社名 ===", "CB_VA01", id="wrong syntax"),
        pytest.param("会社名 = 'x'", "CB_VA01", id="single quotes"),
    ],
)
def test_a_bad_query_is_refused(http: httpx.Client, query: str, expected: str) -> None:
    answer = http.get("/k/v1/records.json", params={"app": LEADS, "query": query})
    assert code_of(answer) == (400, expected)


def test_the_query_language_selects_and_sorts(
    http: httpx.Client, simulator: Simulator, clock: Any
) -> None:
    for company, stage in (("青葉商事", "MQL"), ("みなと製作所", "SQL"), ('"特殊" 商会', "MQL")):
        simulator.add_record(LEADS, {"会社名": company, "ステージ": stage})
        clock.forward(minutes=1)
    assert found(http, "") == ["3", "2", "1"]
    assert found(http, 'ステージ in ("MQL") order by $id asc') == ["1", "3"]
    assert found(http, 'ステージ not in ("MQL")') == ["2"]
    assert found(http, '会社名 like "商" and ステージ in ("MQL", "SQL") order by $id asc') == [
        "1",
        "3",
    ]
    assert found(http, '会社名 = "\\"特殊\\" 商会"') == ["3"]
    assert found(http, '更新日時 >= "2026-05-14T11:52:00+09:00" order by 更新日時 asc') == [
        "2",
        "3",
    ]
    assert found(http, '($id = 1 or $id = 2) and 会社名 != "青葉商事"') == ["2"]
    assert found(http, '$id = 1 or $id = 2 and 会社名 = "青葉商事"') == ["1"]
    assert found(http, "order by $id asc limit 1 offset 1") == ["2"]


def test_a_long_query_goes_as_a_post_that_says_get(
    http: httpx.Client, simulator: Simulator
) -> None:
    simulator.add_record(LEADS, SATO)
    answer = http.post(
        "/k/v1/records.json",
        json={"app": LEADS, "query": "$id > 0", "fields": ["会社名"], "totalCount": True},
        headers={"X-HTTP-Method-Override": "GET"},
    )
    cell = {"type": "SINGLE_LINE_TEXT", "value": "株式会社みなと製作所"}
    assert answer.json() == {"records": [{"会社名": cell}], "totalCount": "1"}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_hundred_and_one_records_are_refused(http: httpx.Client, method: str) -> None:
    records = [{}] * 101 if method == "POST" else [{"id": 1, "record": {}}] * 101
    answer = http.request(method, "/k/v1/records.json", json={"app": LEADS, "records": records})
    assert code_of(answer) == (400, "CB_VA01")
    assert "records" in answer.json()["errors"]


def test_one_bad_record_spoils_the_batch_and_nothing_is_stored(
    http: httpx.Client, simulator: Simulator
) -> None:
    records = [cells(SATO), cells({"ステージ": "みこみ"})]
    answer = http.post("/k/v1/records.json", json={"app": LEADS, "records": records})
    assert answer.json()["errors"] == {
        "records[1].ステージ.value": {"messages": ['"みこみ"は選択肢にありません。']}
    }
    assert len(simulator.rows(LEADS)) == 0
    simulator.add_record(LEADS, SATO)
    assert list(simulator.rows(LEADS)) == ["2"], "a number once given is not given again"


def test_a_stale_revision_is_a_conflict_for_the_whole_batch(
    http: httpx.Client, simulator: Simulator
) -> None:
    one, two = (simulator.add_record(LEADS, SATO) for _ in range(2))
    simulator.edit_record(LEADS, two, {"役職": "課長"})
    records = [{"id": one, "revision": 1, "record": cells({"役職": "部長"})}]
    records.append({"id": two, "revision": 1, "record": cells({"役職": "部長"})})
    answer = http.put("/k/v1/records.json", json={"app": LEADS, "records": records})
    assert code_of(answer) == (409, "GAIA_CO02")
    assert simulator.record(LEADS, one)["役職"] == ""


def test_unknown_field_codes_are_ignored_in_silence(
    http: httpx.Client, simulator: Simulator
) -> None:
    answer = http.post("/k/v1/record.json", json={"app": LEADS, "record": cells({"無い": "x"})})
    assert answer.status_code == 200
    assert "無い" not in simulator.record(LEADS, answer.json()["id"])


def test_what_must_be_filled_or_unique_is_checked(http: httpx.Client, simulator: Simulator) -> None:
    made = {**leads_form(), "会社名": field("会社名", required=True)}
    simulator.change_form(LEADS, made)
    simulator.add_record(LEADS, {"会社名": "青葉商事", "renkei_id": "ld_1"})
    records = [cells({"renkei_id": "ＬＤ_1", "会社名": "ひかり"}), cells({"氏名": "鈴木 太郎"})]
    answer = http.post("/k/v1/records.json", json={"app": LEADS, "records": records})
    assert answer.json()["errors"] == {
        "records[0].renkei_id.value": {"messages": ["値がほかのレコードと重複しています。"]},
        "records[1].会社名.value": {"messages": ["必須です。"]},
    }


def test_an_upsert_adds_and_updates_by_a_unique_field(
    http: httpx.Client, simulator: Simulator
) -> None:
    simulator.add_record(LEADS, {"renkei_id": "ld_1"})
    records: list[Any] = [
        {"updateKey": {"field": "renkei_id", "value": key}, "record": cells(SATO)}
        for key in ("ld_1", "ld_2")
    ]
    body: dict[str, Any] = {"app": LEADS, "upsert": True, "records": records}
    assert http.put("/k/v1/records.json", json=body).json()["records"] == [
        {"id": "1", "revision": "2", "operation": "UPDATE"},
        {"id": "2", "revision": "1", "operation": "INSERT"},
    ]
    body["upsert"] = False
    records[0]["updateKey"]["value"] = "ld_3"
    assert code_of(http.put("/k/v1/records.json", json=body)) == (404, "GAIA_RE20")
    body["upsert"] = True
    body["records"] = [{"id": "99", "record": cells(SATO)}]
    assert http.put("/k/v1/records.json", json=body).json()["records"][0]["id"] == "3"


def test_deleting_checks_revisions_and_takes_all_or_none(
    http: httpx.Client, simulator: Simulator
) -> None:
    one, two = (simulator.add_record(LEADS, SATO) for _ in range(2))
    asked: dict[str, Any] = {
        "app": LEADS,
        "ids[0]": one,
        "ids[1]": two,
        "revisions[0]": 1,
        "revisions[1]": 7,
    }
    assert code_of(http.delete("/k/v1/records.json", params=asked)) == (409, "GAIA_CO02")
    assert len(simulator.rows(LEADS)) == 2
    asked["revisions[1]"] = 1
    assert http.delete("/k/v1/records.json", params=asked).json() == {}
    assert len(simulator.rows(LEADS)) == 0


def test_a_cursor_keeps_its_records_and_reads_their_values_when_asked(
    http: httpx.Client, simulator: Simulator
) -> None:
    simulator.import_records(LEADS, [SATO] * 3)
    asked = {"app": LEADS, "query": "order by $id asc", "size": 2}
    made = http.post("/k/v1/records/cursor.json", json=asked).json()
    assert made["totalCount"] == "3"
    simulator.edit_record(LEADS, "3", {"役職": "部長"})
    simulator.add_record(LEADS, SATO)
    first = http.get("/k/v1/records/cursor.json", params={"id": made["id"]}).json()
    assert first["next"] is True
    assert len(first["records"]) == 2
    last = http.get("/k/v1/records/cursor.json", params={"id": made["id"]}).json()
    assert last["next"] is False
    assert [record["役職"]["value"] for record in last["records"]] == ["部長"]
    gone = http.get("/k/v1/records/cursor.json", params={"id": made["id"]})
    assert code_of(gone) == (404, "GAIA_CN01")


def test_ten_cursors_may_be_open_for_ten_minutes(
    http: httpx.Client, simulator: Simulator, clock: Any
) -> None:
    simulator.import_records(LEADS, [SATO] * 3)

    def make() -> httpx.Response:
        return http.post("/k/v1/records/cursor.json", json={"app": LEADS, "size": 1})

    assert all(make().status_code == 200 for _ in range(10))
    assert code_of(make()) == (429, "GAIA_TM12")
    clock.forward(minutes=10)
    assert make().status_code == 200


def test_bulk_requests_are_one_transaction(http: httpx.Client, simulator: Simulator) -> None:
    good = {"app": LEADS, "records": [cells(SATO)]}
    bad = {"app": LEADS, "records": [cells({"メール配信": "たぶん"})]}
    requests = [
        {"method": "POST", "api": "/k/v1/records.json", "payload": payload}
        for payload in (good, bad)
    ]
    answer = http.post("/k/v1/bulkRequest.json", json={"requests": requests})
    assert answer.status_code == 400
    assert answer.json()["results"][0] == {}
    assert answer.json()["results"][1]["code"] == "CB_VA01"
    assert len(simulator.rows(LEADS)) == 0
    many = http.post("/k/v1/bulkRequest.json", json={"requests": requests[:1] * 21})
    assert code_of(many) == (400, "CB_VA01")
    done = http.post("/k/v1/bulkRequest.json", json={"requests": requests[:1] * 2}).json()
    assert [result["revisions"] for result in done["results"]] == [["1"], ["1"]]


def test_actions_move_the_status_and_raise_the_revision_by_two(
    http: httpx.Client, simulator: Simulator
) -> None:
    record = simulator.add_record(LEADS, SATO)
    asked = {"app": LEADS, "id": record, "action": "架電する"}
    assert code_of(http.put("/k/v1/record/status.json", json=asked)) == (400, "GAIA_ST02")
    simulator.set_process(LEADS, ["未着手", "架電中", "完了"], [("架電する", "未着手", "架電中")])
    assert http.put("/k/v1/record/status.json", json=asked).json() == {"revision": "3"}
    assert simulator.record(LEADS, record)["ステータス"] == "架電中"
    assert code_of(http.put("/k/v1/record/status.json", json=asked)) == (400, "GAIA_IL03")
    assert found(http, 'ステータス = "架電中"') == [record]


def test_too_many_at_once_are_told_so(http: httpx.Client, simulator: Simulator) -> None:
    simulator.busy = 1
    answer = http.get("/k/v1/app.json", params={"id": LEADS})
    assert code_of(answer) == (429, "GAIA_TO04")
    assert answer.headers["X-ConcurrencyLimit-Limit"] == "100"
    assert http.get("/k/v1/app.json", params={"id": LEADS}).status_code == 200


def test_a_guest_space_has_its_own_path(http: httpx.Client, simulator: Simulator) -> None:
    simulator.add_app(7, "ゲスト", leads_form(), guest_space=3)
    simulator.add_token("guest", 7)
    http.headers["X-Cybozu-API-Token"] = "guest"
    assert code_of(http.get("/k/v1/app.json", params={"id": 7})) == (400, "GAIA_IL23")
    answer = http.get("/k/guest/3/v1/app.json", params={"id": 7})
    assert answer.json()["name"] == "ゲスト"


@pytest.mark.parametrize("path", ["/k/v1/nothing.json", "/k/v2/records.json", "/"])
def test_a_wrong_path_is_refused_in_the_vendors_shape(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "id", "message"}


def test_webhooks_tell_of_people_but_not_of_batches_or_imports(
    http: httpx.Client, simulator: Simulator, clock: Any
) -> None:
    simulator.set_webhook(LEADS, "https://renkei.example/hooks/k/secret")
    simulator.import_records(LEADS, [SATO])
    http.post("/k/v1/records.json", json={"app": LEADS, "records": [cells(SATO)]})
    assert simulator.deliveries == []
    record = simulator.add_record(LEADS, SATO)
    simulator.edit_record(LEADS, record, {"役職": "部長"})
    http.put("/k/v1/record.json", json={"app": LEADS, "id": record, "record": {}})
    simulator.delete_record(LEADS, record)
    assert len(simulator.deliveries) == 4
    for _ in range(70):
        simulator.add_record(LEADS, SATO)
    assert (len(simulator.deliveries), simulator.dropped) == (60, 14)
    clock.forward(minutes=1)
    simulator.add_record(LEADS, SATO)
    assert len(simulator.deliveries) == 61


def test_comments_come_ten_at_a_time(http: httpx.Client, simulator: Simulator) -> None:
    record = simulator.add_record(LEADS, SATO)
    for number in range(12):
        body = {"app": LEADS, "record": record, "comment": {"text": f"架電 {number}"}}
        assert http.post("/k/v1/record/comment.json", json=body).status_code == 200
    asked: dict[str, Any] = {"app": LEADS, "record": record}
    answer = http.get("/k/v1/record/comments.json", params=asked).json()
    assert [one["text"] for one in answer["comments"]][:2] == ["架電 11", "架電 10"]
    assert (len(answer["comments"]), answer["older"], answer["newer"]) == (10, True, False)


def test_a_password_opens_every_app_and_their_list(http: httpx.Client) -> None:
    del http.headers["X-Cybozu-API-Token"]
    http.headers["X-Cybozu-Authorization"] = "c2F0bzpyZWhlYXJzYWwtcGFzc3dvcmQ="
    assert [app["appId"] for app in http.get("/k/v1/apps.json").json()["apps"]] == [str(LEADS)]


def test_its_state_survives_in_a_file(tmp_path: Any, clock: Any) -> None:
    first = Simulator(path=tmp_path / "kintone.db", now=clock)
    first.add_record(LEADS, SATO)
    first.close()
    second = Simulator(path=tmp_path / "kintone.db", now=clock)
    assert second.record(LEADS, "1")["氏名"] == "佐藤 花子"
    assert second.add_record(LEADS, SATO) == "2"
    second.close()
