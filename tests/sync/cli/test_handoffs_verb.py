"""`renkei handoffs` lists, shows and tries again what was handed over in a chat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.chatwork.contract import rehearsal
from connectors.chatwork.simulator import BOT, ROOM
from connectors.kit.session import in_process

CHAT = """\
connector: chatwork
options:
  token: ${env:CHAT_TOKEN}
  account_id: BOT
"""
HANDOFF = """\
teams:
  inside:
    members:
      - {owner: suzuki@mihon.example, name: 鈴木 健一, ids: {chat: "2001"}}
handoffs:
  - {id: new, on: inquiry, channel: chat, room: "ROOM", team: inside, newer_than_hours: 90000,
     hand_back: disqualified}
"""


@pytest.fixture
def chatty(office: Any, tmp_path: Path) -> Any:
    """The office with a Chatwork room, in which every new lead is handed over."""
    (tmp_path / "bench-chat").mkdir()
    bench = rehearsal(tmp_path / "bench-chat")
    office.chat = bench.simulator
    office.world.transports["chat"] = in_process(office.chat)
    office.env["CHAT_TOKEN"] = str(bench.options["token"])
    office.write("connections/chat.yaml", CHAT.replace("BOT", str(BOT)))
    office.write("handoff.yaml", HANDOFF.replace("ROOM", str(ROOM)))
    office.form.seed(1)
    return office


def one(chatty: Any, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = chatty.json("handoffs", "list", *words).one("handoff")
    return found


def test_a_hand_off_is_listed_shown_and_its_answer_told(chatty: Any) -> None:
    assert chatty.type("run", "--quiet").code == 0
    handoff = one(chatty)
    assert (handoff["standing"], handoff["owner"]) == ("posted", "suzuki@mihon.example")
    listed = chatty.type("handoffs", "list")
    assert handoff["id"] in listed.out
    assert "waits for an answer" in listed.out
    assert "回答待ち" in chatty.type("handoffs", "list", "--lang", "ja").out

    (message,) = [row for row in chatty.chat.messages.values() if row["account_id"] == BOT]
    chatty.chat.reply(2001, message["message_id"], "差戻し 競合他社")
    assert chatty.type("run", "--quiet").code == 0
    assert chatty.json("handoffs", "list").all("handoff") == []
    assert one(chatty, "--state", "answered")["reason"] == "競合他社"
    shown = chatty.type("handoffs", "show", handoff["id"], "--lang", "ja").out
    for words in ("差戻し", "競合他社", "suzuki@mihon.example", "受け付けた", "終了"):
        assert words in shown
    timeline = chatty.type("lead", handoff["lead"], "--timeline", "--lang", "ja").out
    assert "引き継ぎへの回答" in timeline


def test_what_could_not_be_posted_is_told_and_tried_again(chatty: Any) -> None:
    chatty.write("handoff.yaml", HANDOFF.replace("ROOM", "1"))
    assert chatty.type("run", "--quiet").code == 3
    handoff = one(chatty)
    assert handoff["standing"] == "aside"
    shown = chatty.json("handoffs", "show", handoff["id"]).one("handoff")
    assert shown["set_aside"][0]["fix"].endswith(f"renkei handoffs retry {handoff['id']}")
    chatty.write("handoff.yaml", HANDOFF.replace("ROOM", str(ROOM)))
    again = chatty.json("handoffs", "retry", handoff["id"])
    assert (again.code, again.one("handoffs_retried")["put_back"]) == (0, 1)
    assert one(chatty)["standing"] == "posted"
    assert chatty.json("errors").all("set_aside") == []


def test_the_general_retry_posts_it_too(chatty: Any) -> None:
    chatty.write("handoff.yaml", HANDOFF.replace("ROOM", "1"))
    chatty.type("run", "--quiet")
    chatty.write("handoff.yaml", HANDOFF.replace("ROOM", str(ROOM)))
    assert chatty.type("retry", "--all", "--quiet").code == 0
    assert one(chatty)["standing"] == "posted"


def test_what_nobody_answered_in_time_is_late(chatty: Any) -> None:
    text = HANDOFF.replace("ROOM", str(ROOM)).replace(
        "hand_back", "answer_within_hours: 1e-9, hand_back"
    )
    chatty.write("handoff.yaml", text)
    days = "[mon, tue, wed, thu, fri, sat, sun]"
    always = f'{{days: {days}, from: "00:00", to: "24:00", holidays: none}}'
    chatty.write("stages.yaml", f"hours: {always}\n")
    chatty.type("run", "--quiet")
    assert one(chatty, "--state", "late")["standing"] == "late"
