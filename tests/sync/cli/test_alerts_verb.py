"""`renkei alerts` lists incidents and who was told, sends tests, and tries again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.chatwork.contract import rehearsal
from connectors.chatwork.simulator import BOT, ROOM
from connectors.kit.session import in_process
from sync.engine.hub import Hub
from sync.store import runs
from sync.workers import alerting

CHAT = """\
connector: chatwork
options:
  token: ${env:CHAT_TOKEN}
  account_id: BOT
"""
ALERTS = """\
to:
  - name: room
    chat: {connection: chat, room: "ROOM"}
  - name: mail
    mail:
      host: 127.0.0.1
      port: 1
      security: none
      from: renkei@hub.example
      to: [ops@hub.example]
"""


@pytest.fixture
def told(office: Any, tmp_path: Path) -> Any:
    """The office, a Chatwork room that is told of incidents, and a mail server that is down."""
    (tmp_path / "bench-chat").mkdir()
    bench = rehearsal(tmp_path / "bench-chat")
    office.chat = bench.simulator
    office.world.transports["chat"] = in_process(office.chat)
    office.env["CHAT_TOKEN"] = str(bench.options["token"])
    office.write("connections/chat.yaml", CHAT.replace("BOT", str(BOT)))
    office.write("alerts.yaml", ALERTS.replace("ROOM", str(ROOM)))
    return office


def posts(told: Any) -> list[str]:
    return [row["body"] for row in told.chat.messages.values() if row["account_id"] == BOT]


def broken(told: Any) -> None:
    """The CRM needs a sign-in, and a hub that is up has noticed and told what it could."""

    def notice(hub: Hub) -> None:
        with hub.database.write() as tx:
            runs.set_connection(tx, "crm", "needs_auth", "refused", hub.stamp())
        alerting.look(hub)
        alerting.send(hub)

    told.world.prepare = notice
    told.type("alerts", "--quiet")
    told.world.prepare = None


def test_nothing_is_wrong_and_nobody_would_be_told(office: Any) -> None:
    typed = office.type("alerts")
    assert (typed.code, "no incident is open" in typed.out) == (0, True)
    assert "alerts.yaml" in typed.out
    assert "インシデント" in office.type("alerts", "--lang", "ja").out


def test_incidents_are_listed_with_who_was_told(told: Any) -> None:
    broken(told)
    listed = told.type("alerts")
    for words in ("sign-in needed", "crm", "open", "room: sent", "mail: waits (MAIL_UNREACHABLE)"):
        assert words in listed.out
    assert "mail: cannot be sent (MAIL_UNREACHABLE)" in listed.out
    ja = told.type("alerts", "--lang", "ja").out
    assert "再認証が必要" in ja
    assert "room: 送信済み" in ja

    typed = told.json("alerts")
    incident = typed.one("incident")
    assert (incident["incident"], incident["subject"]) == ("sign_in_needed", "crm")
    assert {one["destination"]: one["standing"] for one in incident["told"]} == {
        "room": "sent",
        "mail": "waits",
    }
    assert typed.one("alert_waiting")["error"] == "MAIL_UNREACHABLE"


def test_a_retry_tries_at_once_what_was_not_sent(told: Any) -> None:
    broken(told)
    again = told.json("alerts", "retry")
    assert again.code == 3
    counts = again.one("alerts_retried")
    assert (counts["put_back"], counts["sent"], counts["put_off"]) == (1, 0, 1)
    text = ALERTS.replace("ROOM", str(ROOM))
    told.write("alerts.yaml", text.partition("  - name: mail")[0])  # nobody is mailed any more
    assert told.type("alerts", "retry").code == 0
    assert told.json("alerts", "retry").one("alerts_retried")["put_back"] == 0
    assert len(posts(told)) == 1


def test_a_test_is_marked_as_one_and_says_who_was_not_reached(told: Any) -> None:
    one = told.json("alerts", "test", "room")
    assert (one.code, one.one("alert_test")["state"]) == (0, "sent")
    (post,) = posts(told)
    assert "A test" in post
    both = told.type("alerts", "test")
    assert both.code == 3
    assert "mail: a test could not be sent (MAIL_UNREACHABLE)" in both.out
    assert told.type("alerts", "test", "mail").code == 1
    assert told.json("alerts").all("alert_waiting") == []


def test_what_cannot_be_meant_is_refused(told: Any) -> None:
    unknown = told.type("alerts", "test", "rom")
    assert (unknown.code, "room, mail" in unknown.err) == (2, True)
    assert told.type("alerts", "retry", "room").code == 2
    assert told.type("alerts", "send").code == 2
    told.write("alerts.yaml", "to: []\n")
    assert told.type("alerts", "test").code == 2
