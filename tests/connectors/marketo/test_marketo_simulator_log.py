"""The simulator's activity log, lists and memory against the vendor's documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from connectors.marketo.simulator import Simulator

Ask = Callable[..., httpx.Response]


def token_since(ask: Ask, since: str) -> str:
    answer = ask("GET", "/rest/v1/activities/pagingtoken.json", params={"sinceDatetime": since})
    return str(answer.json()["nextPageToken"])


def test_an_answer_may_hold_nothing_and_have_more_to_come(
    make_instance: Callable[..., Simulator], asker: Callable[..., Ask]
) -> None:
    instance = make_instance(stretch=2)
    ask = asker(instance)
    own = instance.add_lead(email="a@example.jp")
    token = token_since(ask, "2026-03-31T00:00:00Z")
    for _ in range(3):
        instance.act(own, 1, "トップページ")
    instance.act(own, 2, "資料請求フォーム")

    seen = []
    more = True
    while more:
        params = {"nextPageToken": token, "activityTypeIds": "2"}
        body = ask("GET", "/rest/v1/activities.json", params=params).json()
        seen.append(len(body.get("result", [])))
        token, more = body["nextPageToken"], body["moreResult"]

    assert seen == [0, 0, 1]


def test_a_token_stands_for_what_is_after_its_time(
    instance: Simulator, ask: Ask, clock: Any
) -> None:
    own = instance.add_lead(email="a@example.jp")
    token = token_since(ask, "2026-04-01T09:00:00+09:00")
    clock.pass_time(seconds=1)
    instance.edit_lead(own, city="港区")

    params = {"nextPageToken": token, "fields": "city"}
    body = ask("GET", "/rest/v1/activities/leadchanges.json", params=params).json()

    (change,) = body["result"]
    assert change["activityTypeId"] == 13
    assert change["activityDate"] == "2026-04-01T00:00:01+0000"
    assert {name: change["fields"][0][name] for name in ("name", "newValue", "oldValue")} == {
        "name": "city",
        "newValue": "港区",
        "oldValue": None,
    }
    assert body["moreResult"] is False


def test_changes_of_fields_that_were_not_asked_for_are_not_told(
    instance: Simulator, ask: Ask
) -> None:
    own = instance.add_lead(email="a@example.jp")
    instance.edit_lead(own, city="港区")
    params = {"nextPageToken": token_since(ask, "2026-03-01T00:00:00Z"), "fields": "title"}
    told = ask("GET", "/rest/v1/activities/leadchanges.json", params=params).json()["result"]
    assert [one["activityTypeId"] for one in told] == [12]


def test_a_merged_lead_answers_empty_and_fills_the_winners_blanks(
    instance: Simulator, ask: Ask
) -> None:
    winner = instance.add_lead(email="a@example.jp", lastName="佐藤")
    loser = instance.add_lead(email="b@example.jp", lastName="伊藤", city="港区")

    body = ask("POST", f"/rest/v1/leads/{winner}/merge.json?leadIds={loser}").json()

    assert body["success"] is True
    assert "result" not in body
    assert ask("GET", f"/rest/v1/lead/{loser}.json").json()["result"] == []
    held = instance.held(winner)
    assert (held["lastName"], held["city"]) == ("佐藤", "港区")


def test_a_deleted_lead_is_told_by_the_deleted_leads(instance: Simulator, ask: Ask) -> None:
    own = instance.add_lead(email="a@example.jp", firstName="健一", lastName="高橋")
    token = token_since(ask, "2026-03-31T00:00:00Z")
    body = {"input": [{"id": int(own)}, {"id": 999}]}
    told = ask("POST", "/rest/v1/leads/delete.json", json=body).json()["result"]
    gone = ask(
        "GET", "/rest/v1/activities/deletedleads.json", params={"nextPageToken": token}
    ).json()

    assert [one["status"] for one in told] == ["deleted", "skipped"]
    assert [(one["leadId"], one["activityTypeId"]) for one in gone["result"]] == [(int(own), 37)]


def test_updated_at_follows_standard_fields_only(instance: Simulator, ask: Ask, clock: Any) -> None:
    own = instance.add_lead(email="a@example.jp")
    clock.pass_time(minutes=1)
    instance.edit_lead(own, renkeiStage="mql")
    before = ask("GET", f"/rest/v1/lead/{own}.json").json()["result"][0]
    instance.edit_lead(own, city="港区")
    after = ask("GET", f"/rest/v1/lead/{own}.json").json()["result"][0]
    assert before["updatedAt"] == "2026-04-01T00:00:00Z"
    assert after["updatedAt"] == "2026-04-01T00:01:00Z"


def test_leads_are_put_on_a_list_taken_off_and_read_page_by_page(
    instance: Simulator, ask: Ask
) -> None:
    people = [instance.add_lead(email=f"p{n}@example.jp") for n in range(3)]
    own = instance.add_list(people[:1])
    path = f"/rest/v1/lists/{own}/leads.json"

    added = ask("POST", f"{path}?id={people[1]}&id={people[2]}&id=999").json()["result"]
    removed = ask("DELETE", f"{path}?id={people[0]}").json()["result"]
    page = ask("GET", path, params={"batchSize": 1}).json()
    rest = ask("GET", path, params={"nextPageToken": page["nextPageToken"]}).json()

    assert [one["status"] for one in added] == ["added", "added", "skipped"]
    assert [one["status"] for one in removed] == ["removed"]
    assert [one["id"] for one in (*page["result"], *rest["result"])] == [
        int(people[1]),
        int(people[2]),
    ]
    assert "nextPageToken" not in rest
    (error,) = ask("GET", "/rest/v1/lists/9/leads.json").json()["errors"]
    assert error["code"] == "1013"


def test_the_instance_is_the_same_after_it_was_killed(tmp_path: Path, clock: Any) -> None:
    first = Simulator(path=tmp_path / "marketo.sqlite3", now=clock)
    own = first.add_lead(email="a@example.jp")
    first.act(own, 2, "資料請求フォーム")
    first.close()

    again = Simulator(path=tmp_path / "marketo.sqlite3", now=clock)

    assert again.held(own) == {"email": "a@example.jp"}
    assert [row["kind"] for row in again._log] == [12, 2]
    assert again.add_lead(email="b@example.jp") != own
