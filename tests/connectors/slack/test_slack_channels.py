"""Reading channels downwards, and what the simulated workspace refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from werkzeug.test import Client

import connectors.slack
from connectors.kit.base import Page
from connectors.kit.errors import AuthFailed, ContractBroken
from connectors.slack import Connector
from connectors.slack.records import flatten, is_told, to_record
from connectors.slack.simulator import CHANNEL, DEFAULT_TOKEN, PEOPLE, Simulator
from mapping.fieldmap import compile_map

Wire = Callable[..., Connector]
HOME = Path(connectors.slack.__file__).parent
STREAM = f"messages:{CHANNEL}"
SUZUKI = next(iter(PEOPLE))
ME = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
JSON = "application/json; charset=utf-8"


def speak(simulator: Simulator, clock: Any, count: int, gap: float = 60.0) -> list[str]:
    made = []
    for number in range(count):
        clock.sleep(gap)
        made.append(simulator.say(SUZUKI, f"lead{number}@aozora.example に電話"))
    return made


def ids(pages: list[Page]) -> list[str]:
    return [record.external_id for page in pages for record in page.records]


def test_a_walk_that_was_stopped_goes_on_below_where_it_was(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    said = speak(simulator, clock, 11)
    connector = wire(page_size=4)
    pull = iter(connector.pull(STREAM, None))
    first = next(pull)
    assert ids([first]) == said[:6:-1]
    newer = speak(simulator, clock, 2)
    rest = list(wire(page_size=4, overlap=0).pull(STREAM, first.cursor))
    assert set(ids(rest)) == set(said[:8])
    later = list(wire(page_size=4, overlap=0).pull(STREAM, rest[-1].cursor))
    assert set(ids(later)) == {*newer, said[-1]}


def test_what_was_edited_comes_again_within_the_overlap(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    said = speak(simulator, clock, 3)
    (page,) = wire().pull(STREAM, None)
    for ts in said[:2]:
        simulator.edit(CHANNEL, ts, "lead9@aozora.example に訪問")
    (again,) = wire(overlap=60).pull(STREAM, page.cursor)
    assert {r.external_id for r in again.records if "訪問" in r.payload["text"]} == {said[1]}
    (again,) = wire(overlap=3_600).pull(STREAM, page.cursor)
    assert {r.external_id for r in again.records if "訪問" in r.payload["text"]} == set(said[:2])


def test_two_messages_of_one_second_are_both_read(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    said = speak(simulator, clock, 9, gap=0)
    assert set(ids(list(wire(page_size=2).pull(STREAM, None)))) == set(said)


def test_a_quiet_channel_gives_nothing_new_and_keeps_its_cursor(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    assert list(wire().pull(STREAM, None)) == []
    speak(simulator, clock, 1)
    (page,) = wire().pull(STREAM, None)
    clock.sleep(7 * 86_400)
    (quiet,) = wire().pull(STREAM, page.cursor)
    assert quiet == page


@pytest.mark.parametrize("cursor", ["x", "[]", '{"since":"yesterday"}', '{"from":"1.000001"}'])
def test_a_cursor_that_is_none_of_ours_is_refused(wire: Wire, cursor: str) -> None:
    with pytest.raises(ContractBroken):
        list(wire().pull(STREAM, cursor))


def test_a_channel_that_cannot_be_read_stops_its_stream(wire: Wire, simulator: Simulator) -> None:
    other = simulator.add_channel("board", with_bot=False)
    with pytest.raises(ContractBroken, match="not_in_channel") as caught:
        list(wire(channels=[other]).pull(f"messages:{other}", None))
    assert caught.value.code == "SLACK_NO_CHANNEL"


def test_a_lost_scope_is_told(wire: Wire, simulator: Simulator) -> None:
    simulator.scopes.discard("channels:history")
    with pytest.raises(AuthFailed, match="channels:history"):
        list(wire().pull(STREAM, None))


def test_a_message_is_fetched_again_and_a_deleted_one_is_said_to_be(
    wire: Wire, simulator: Simulator, clock: Any
) -> None:
    kept, gone = speak(simulator, clock, 2)
    simulator.remove(CHANNEL, gone)
    one, two, three = wire().fetch(STREAM, [kept, gone, "yesterday"])
    assert (one.deleted, two.deleted, three.deleted) == (False, True, True)
    assert one.payload["text"] == "lead0@aozora.example に電話"


@pytest.mark.parametrize("stream", ["messages", "messages:", "files:C1"])
def test_a_stream_of_another_name_is_refused(wire: Wire, stream: str) -> None:
    with pytest.raises(ContractBroken):
        list(wire().pull(stream, None))


def test_a_ts_keeps_all_its_digits() -> None:
    record = to_record(CHANNEL, {"ts": "1775001600.000010", "text": "a@b.example"})
    assert record.external_id == "1775001600.000010"
    assert record.version == "1775001600.000010:"


def test_the_default_map_makes_a_note_as_people_read_it() -> None:
    maps = YAML(typ="safe").load((HOME / "fields.yaml").read_text("utf-8"))
    message = {
        "type": "message",
        "ts": "1775001625.000200",
        "user": SUZUKI,
        "text": "<mailto:kato@aozora.example|kato@aozora.example> &lt;至急&gt;\n"
        "<https://aozora.example|会社> <https://x.example> A&amp;amp;B",
    }
    assert is_told(message)
    read = compile_map(maps["messages"]).read(flatten(to_record(CHANNEL, message).payload)).values
    assert (read["activity"], read["email"]) == ("note", "kato@aozora.example")
    assert read["subject"] == "kato@aozora.example <至急>"
    assert read["body"] == "kato@aozora.example <至急>\n会社 https://x.example A&amp;B"
    assert str(read["at"]).startswith("2026-04-01T00:00:25")


# -- the simulator, asked as a stranger would ---------------------------------------------------


@pytest.mark.parametrize(
    ("path", "send", "error"),
    [
        pytest.param("auth.test", {"headers": {}}, "not_authed", id="no token"),
        pytest.param(
            "auth.test",
            {"headers": {"Authorization": "Bearer x"}},
            "invalid_auth",
            id="wrong token",
        ),
        pytest.param("chat.shout", {}, "unknown_method", id="no such method"),
        pytest.param("chat.postMessage", {"data": "{}"}, "missing_post_type", id="no type"),
        pytest.param(
            "chat.postMessage", {"data": "{", "content_type": JSON}, "invalid_json", id="cut"
        ),
        pytest.param(
            "chat.postMessage", {"data": "[]", "content_type": JSON}, "json_not_object", id="a list"
        ),
        pytest.param("chat.postMessage", {"json": {}}, "invalid_charset", id="no charset"),
        pytest.param(
            "chat.postMessage", {"data": {"channel": "x"}}, "channel_not_found", id="no channel"
        ),
        pytest.param("chat.postMessage", {"data": {"channel": CHANNEL}}, "no_text", id="no text"),
        pytest.param(
            "chat.postMessage",
            {"data": {"channel": CHANNEL, "text": "あ" * 40_001}},
            "msg_too_long",
            id="too long",
        ),
        pytest.param(
            "chat.update",
            {"data": {"channel": CHANNEL, "ts": "1.000001", "text": "x"}},
            "message_not_found",
            id="no message",
        ),
        pytest.param(
            "chat.postEphemeral",
            {"data": {"channel": CHANNEL, "user": "U0NOBODY", "text": "x"}},
            "user_not_in_channel",
            id="nobody there",
        ),
        pytest.param(
            "views.open", {"data": {"trigger_id": "x"}}, "invalid_arguments", id="trigger"
        ),
    ],
)
def test_the_simulator_refuses_with_200_and_a_word(
    simulator: Simulator, path: str, send: dict[str, Any], error: str
) -> None:
    answer = Client(simulator).post(f"/api/{path}", **{"headers": ME, **send})
    assert answer.status_code == 200
    assert answer.get_json()["ok"] is False
    assert answer.get_json()["error"] == error


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: str) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "承認"}
    return {"type": "button", "action_id": "a", "text": label, **more}


@pytest.mark.parametrize(
    "blocks",
    [
        pytest.param([section("あ" * 3_001)], id="a section too long"),
        pytest.param([section("")], id="an empty section"),
        pytest.param([section("x")] * 51, id="too many blocks"),
        pytest.param([{"type": "poem"}], id="an unknown block"),
        pytest.param([{"type": "actions", "elements": []}], id="no buttons"),
        pytest.param([{"type": "actions", "elements": [button()] * 2}], id="one id twice"),
        pytest.param([{"type": "actions", "elements": [button(value="x" * 2_001)]}], id="a value"),
        pytest.param([{**section("x"), "block_id": "b"}] * 2, id="one block id twice"),
        pytest.param("[]", id="no list"),
    ],
)
def test_the_simulator_refuses_blocks_and_says_why(simulator: Simulator, blocks: Any) -> None:
    send = {"json": {"channel": CHANNEL, "text": "x", "blocks": blocks}, "content_type": JSON}
    answer = Client(simulator).post("/api/chat.postMessage", headers=ME, **send).get_json()
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"]


def test_the_simulator_lets_nobody_update_anothers_message(simulator: Simulator) -> None:
    ts = simulator.say(SUZUKI, "x")
    send = {"data": {"channel": CHANNEL, "ts": ts, "text": "y"}}
    answer = Client(simulator).post("/api/chat.update", headers=ME, **send)
    assert answer.get_json()["error"] == "cant_update_message"


def test_the_simulator_slows_a_channel_down_with_429(simulator: Simulator) -> None:
    client = Client(simulator)
    send = {"data": {"channel": CHANNEL, "text": "x"}, "headers": ME}
    answers = [client.post("/api/chat.postMessage", **send) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "1"


def test_the_simulator_lists_channels_by_cursor(simulator: Simulator) -> None:
    for number in range(4):
        simulator.add_channel(f"room{number}")
    client = Client(simulator)
    found: list[str] = []
    cursor = ""
    while True:
        query = {"limit": "2", "cursor": cursor}
        body = client.get("/api/conversations.list", headers=ME, query_string=query).get_json()
        found += [row["name"] for row in body["channels"]]
        cursor = body["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert found == ["sales", "room0", "room1", "room2", "room3"]


def test_the_simulator_keeps_its_channel_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "slack.db"
    first = Simulator(path=path)
    ts = first.say(SUZUKI, "kato@aozora.example")
    first.close()
    second = Simulator(path=path)
    assert second.messages[f"{CHANNEL}:{ts}"]["text"] == "kato@aozora.example"
    assert second.say(SUZUKI, "次") != ts
    second.close()
