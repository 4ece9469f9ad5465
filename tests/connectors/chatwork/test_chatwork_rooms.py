"""Reading rooms: what is read, what is missed and said so, and what the simulator refuses."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from werkzeug.test import Client

import connectors.chatwork
from connectors.chatwork import Connector
from connectors.chatwork.records import flatten, message_payload
from connectors.chatwork.simulator import BOT, DEFAULT_TOKEN, PEOPLE, ROOM, Simulator
from connectors.kit.errors import AuthFailed, ContractBroken
from connectors.kit.simulator import Fault, json_response
from mapping.fieldmap import compile_map

Wire = Callable[..., Connector]
HOME = Path(connectors.chatwork.__file__).parent
RECORDED: dict[str, Any] = json.loads((HOME / "cassettes" / "rooms.json").read_text("utf-8"))
STREAM, TASKS = f"messages:{ROOM}", f"tasks:{ROOM}"
SUZUKI = next(iter(PEOPLE))
ME = {"X-ChatWorkToken": DEFAULT_TOKEN}
IN_ROOM = f"/v2/rooms/{ROOM}"


def test_only_what_holds_a_mail_address_becomes_a_record(wire: Wire, simulator: Simulator) -> None:
    simulator.say(SUZUKI, "お昼に行きます")
    kept = simulator.say(SUZUKI, "加藤さん <kato@aozora.example> から電話")
    (page,) = wire().pull(STREAM, None)
    assert [record.external_id for record in page.records] == [kept]


def test_the_servers_own_cursor_is_never_moved(wire: Wire, simulator: Simulator) -> None:
    simulator.say(SUZUKI, "kato@aozora.example")
    list(wire().pull(STREAM, None))
    (page,) = wire().pull(STREAM, None)
    assert len(page.records) == 1
    assert simulator.seen[-1].status == 200


def test_messages_that_were_missed_are_told(
    wire: Wire, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    connector = wire()
    simulator.say(SUZUKI, "kato@aozora.example")
    (page,) = connector.pull(STREAM, None)
    for _ in range(99):
        simulator.say(SUZUKI, "雑談")
    with caplog.at_level(logging.WARNING):
        (page,) = connector.pull(STREAM, page.cursor)
        assert caplog.text == ""
        for _ in range(101):
            simulator.say(SUZUKI, "雑談")
        (page,) = connector.pull(STREAM, page.cursor)
    assert f"room {ROOM}" in caplog.text


def test_an_empty_room_gives_nothing(wire: Wire) -> None:
    assert list(wire().pull(STREAM, None)) == []


def test_open_and_completed_tasks_are_read(wire: Wire, simulator: Simulator) -> None:
    for body in ("kato@aozora.example に電話", "mori@minato.example に見積", "片付け"):
        simulator.keep_task(ROOM, SUZUKI, body, 0, "none")
    simulator.complete(2)
    (page,) = wire().pull(TASKS, None)
    assert {(r.external_id, r.payload["status"]) for r in page.records} == {
        ("1", "open"),
        ("2", "done"),
    }


def test_a_task_that_was_completed_is_fetched_so(wire: Wire, simulator: Simulator) -> None:
    key = str(simulator.keep_task(ROOM, SUZUKI, "kato@aozora.example", 0, "none"))
    simulator.complete(key)
    found, gone = wire().fetch(TASKS, [key, "999"])
    assert (found.payload["status"], gone.deleted) == ("done", True)


def test_a_deleted_message_is_fetched_as_deleted(wire: Wire, simulator: Simulator) -> None:
    key = simulator.say(SUZUKI, "kato@aozora.example")
    simulator.remove(key)
    (record,) = wire().fetch(STREAM, [key])
    assert record.deleted


@pytest.mark.parametrize("stream", ["messages", "messages:x", "files:1", ""])
def test_a_stream_of_another_name_is_refused(wire: Wire, stream: str) -> None:
    with pytest.raises(ContractBroken):
        list(wire().pull(stream, None))


@pytest.mark.parametrize("role", ["", None])
def test_a_room_that_cannot_be_read_stops_its_stream_alone(
    wire: Wire, simulator: Simulator, role: str | None
) -> None:
    room = 1 if role is None else simulator.add_room("役員会", role=role)
    connector = wire(rooms=[str(room), str(ROOM)])
    with pytest.raises(ContractBroken, match="invite the bot"):
        list(connector.pull(f"messages:{room}", None))
    assert list(connector.pull(STREAM, None)) == []


def test_a_recorded_refusal_of_the_token_is_told(wire: Wire, simulator: Simulator) -> None:
    refused = json_response(RECORDED["refused"], 401)
    simulator.faults.append(Fault("/me", response=refused))
    with pytest.raises(AuthFailed) as caught:
        wire().identify()
    assert caught.value.code == "CHATWORK_TOKEN_REFUSED"


def test_the_default_map_makes_activities_of_recorded_items() -> None:
    maps = YAML(typ="safe").load((HOME / "fields.yaml").read_text("utf-8"))
    message = flatten(message_payload(str(ROOM), RECORDED["messages"][1]))
    read = compile_map(maps["messages"]).read(message).values
    assert (read["activity"], read["email"]) == ("note", "kato@sakura.example")
    assert str(read["at"]).startswith("2026-04-01T00:00:25")
    assert read["url"] == f"https://www.chatwork.com/#!rid{ROOM}-1000000000000302"
    assert read["body"] == "連携ボットさん\n資料は kato@sakura.example へ送りました。"
    task = flatten({**RECORDED["tasks"][0], "room_id": ROOM})
    read = compile_map(maps["tasks"]).read(task).values
    assert (read["activity"], read["outcome"]) == ("task", "done")
    assert read["subject"] == "引き継ぎ: 株式会社青空製作所"
    assert read["custom.assignee"] == "鈴木 健一"


# -- the simulator, asked as a stranger would ---------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "send", "status"),
    [
        pytest.param("GET", "/v2/me", {"headers": {}}, 401, id="no token"),
        pytest.param("GET", "/v2/me", {"headers": {"X-ChatWorkToken": "x"}}, 401, id="wrong token"),
        pytest.param("POST", f"{IN_ROOM}/messages", {"json": {"body": "x"}}, 400, id="JSON"),
        pytest.param("POST", f"{IN_ROOM}/messages", {"data": {}}, 400, id="no body"),
        pytest.param(
            "POST", f"{IN_ROOM}/messages", {"data": {"body": "あ" * 65_536}}, 400, id="long"
        ),
        pytest.param("POST", "/v2/rooms/1/messages", {"data": {"body": "x"}}, 404, id="no room"),
        pytest.param("PUT", f"{IN_ROOM}/messages/1", {"data": {"body": "x"}}, 404, id="no message"),
        pytest.param("POST", f"{IN_ROOM}/tasks", {"data": {"body": "x"}}, 400, id="for nobody"),
        pytest.param(
            "POST",
            f"{IN_ROOM}/tasks",
            {"data": {"body": "x", "to_ids": "77"}},
            400,
            id="a stranger",
        ),
        pytest.param(
            "POST",
            f"{IN_ROOM}/tasks",
            {"data": {"body": "x", "to_ids": str(SUZUKI), "limit_type": "week"}},
            400,
            id="a limit of another kind",
        ),
        pytest.param("GET", f"{IN_ROOM}/tasks?status=late", {}, 400, id="another status"),
        pytest.param("GET", "/v2/nothing", {}, 404, id="no such path"),
    ],
)
def test_the_simulator_refuses(
    simulator: Simulator, method: str, path: str, send: dict[str, Any], status: int
) -> None:
    answer = Client(simulator).open(path, method=method, **{"headers": ME, **send})
    assert answer.status_code == status
    assert isinstance(answer.get_json()["errors"], list)


def test_the_simulator_gives_each_message_once_without_force(simulator: Simulator) -> None:
    client = Client(simulator)
    simulator.say(SUZUKI, "一")
    first = client.get(f"{IN_ROOM}/messages", headers=ME)
    again = client.get(f"{IN_ROOM}/messages", headers=ME)
    forced = client.get(f"{IN_ROOM}/messages?force=1", headers=ME)
    assert [item["body"] for item in first.get_json()] == ["一"]
    assert (again.status_code, again.data) == (204, b"")
    assert forced.get_json() == first.get_json()


def test_the_simulator_lets_nobody_edit_anothers_message(simulator: Simulator) -> None:
    key = simulator.say(SUZUKI, "一")
    edit = {"headers": ME, "data": {"body": "二"}}
    assert Client(simulator).put(f"{IN_ROOM}/messages/{key}", **edit).status_code == 403


def test_the_simulator_switches_a_failing_webhook_off(simulator: Simulator) -> None:
    simulator.set_webhook("https://hub.example/hooks/cw")
    for _ in range(12):
        simulator.say(SUZUKI, "x")
        simulator.answered(simulator.deliveries[-1], 200, b"x" * 2_049)
    assert len(simulator.deliveries) == 10


def test_the_simulator_keeps_its_room_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "chatwork.db"
    first = Simulator(path=path)
    key = first.say(BOT, "引き継ぎ")
    first.close()
    second = Simulator(path=path)
    assert second.messages[key]["body"] == "引き継ぎ"
    assert second.say(BOT, "次") > key
    second.close()
