"""A simulated Chatwork: one room, its people, and a bot account whose token the hub has.

Written from the sheet of the vendor's documents. What others do in a room is done with ``say``,
``reply``, ``edit``, ``remove`` and ``complete``; webhooks leave at once and are sent once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.chatwork.simulator_wire import BOT, DEFAULT_TOKEN, Wire
from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import Delivery

__all__ = ["BOT", "DEFAULT_TOKEN", "PEOPLE", "ROOM", "WEBHOOK_TOKEN", "Simulator"]

ROOM = 567890123
PEOPLE = {2001: "鈴木 健一", 2002: "高橋 美咲"}
WEBHOOK_TOKEN = "cmVuZWhlYXJzYWwtd2ViaG9vay10b2tlbi0zMmJ5dGVz"  # noqa: S105 - the simulator's own
MOST_FAILURES = 10
"""Failed deliveries after which a webhook is switched off. Unverified: the vendor names no number,
only that it happens when the rate of errors grows."""
LARGEST_ANSWER = 2_048
"""Bytes that a webhook may be answered with."""


class Simulator(Wire):
    """One company's Chatwork. ``limits`` off lets tests ask as often as they like."""

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        token: str = DEFAULT_TOKEN,
        limits: bool = True,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed, token=token, limits=limits)
        self.webhooks = self.table("webhooks")
        if not self.accounts:
            self.accounts[str(BOT)] = {"name": "連携ボット"}
            for number, name in PEOPLE.items():
                self.accounts[str(number)] = {"name": name}
            self.add_room("営業引き継ぎ", room_id=ROOM)
            self.save()

    def add_room(self, name: str, *, room_id: int | None = None, role: str = "member") -> int:
        """A room with everybody in it; ``role`` is the bot's there, "" where it is not invited."""
        with self.lock:
            made = room_id or self.next_id("room", 600_000_000)
            members = {str(number): "member" for number in PEOPLE}
            if role:
                members[str(BOT)] = role
            self.rooms[str(made)] = {
                "room_id": made,
                "name": name,
                "members": members,
                "read_to": 0,
            }
            return made

    def say(self, account_id: int, body: str, room_id: int = ROOM) -> str:
        """Somebody says something; returns the message's id."""
        with self.lock:
            return str(self.keep(room_id, account_id, body)["message_id"])

    def reply(self, account_id: int, message_id: str, words: str) -> str:
        """Somebody uses the reply button under a message; returns the reply's id."""
        with self.lock:
            row = self.messages[message_id]
            name = self.accounts[str(row["account_id"])]["name"]
            tag = f"[rp aid={row['account_id']} to={row['room_id']}-{message_id}]"
            return self.say(account_id, f"{tag}{name}さん\n{words}", row["room_id"])

    def edit(self, message_id: str, body: str) -> None:
        """The author of a message changes it."""
        with self.lock:
            self.change(self.messages[message_id], body)

    def remove(self, message_id: str) -> None:
        """The author of a message deletes it; no webhook tells."""
        with self.lock:
            del self.messages[message_id]

    def complete(self, task_id: int | str) -> None:
        """The person a task is for ticks it off; no webhook tells."""
        with self.lock:
            self.tasks[str(task_id)] = {**self.tasks[str(task_id)], "status": "done"}

    def revoke(self) -> None:
        """The token is taken back, and every sign-in."""
        with self.lock:
            self.token = ""
            for key, row in self.grants.items():
                self.grants[key] = {**row, "access_token": "", "client_id": ""}
            self.save()

    def add_app(self, client_id: str, secret: str) -> str:
        """Register an OAuth client that the bot signed in to; returns its refresh token."""
        with self.lock:
            self.apps[client_id] = {"secret": secret}
            refresh = self._secret()
            self.grants[refresh] = {
                "client_id": client_id,
                "refresh_token": refresh,
                "access_token": "",
                "until": 0.0,
            }
            return refresh

    # -- webhooks -------------------------------------------------------------------------------

    def set_webhook(
        self, url: str, *, room_id: int | None = ROOM, token: str = WEBHOOK_TOKEN
    ) -> str:
        """Set a webhook up in the console: of a room, or (None) of mentions of the bot."""
        with self.lock:
            setting = str(self.next_id("webhook", 246))
            self.webhooks[setting] = {
                "url": url,
                "room_id": room_id,
                "token": token,
                "failures": 0,
                "on": True,
            }
            return setting

    def told(self, event: str, row: Mapping[str, Any]) -> None:
        """Send what happened to every webhook it concerns."""
        for setting, hook in self.webhooks.items():
            if not hook["on"]:
                continue
            if hook["room_id"] == row["room_id"]:
                shown = {key: row[key] for key in row}
                self._send(setting, hook, event, shown)
            elif hook["room_id"] is None and f"[To:{BOT}]" in row["body"]:
                self._send(setting, hook, "mention_to_me", _mention(row))

    def _send(
        self, setting: str, hook: Mapping[str, Any], event: str, shown: Mapping[str, Any]
    ) -> None:
        body = orjson.dumps(
            {
                "webhook_setting_id": setting,
                "webhook_event_type": event,
                "webhook_event_time": int(self.now().timestamp()),
                "webhook_event": shown,
            }
        )
        told = {"content-type": "application/json", "user-agent": "ChatWork-Webhook/1.0.0"}
        headers = sign(SCHEMES["chatwork"], hook["token"], body, headers=told)
        self.send(Delivery(hook["url"], body, headers, vendor_id=setting))

    def answered(self, delivery: Delivery, status: int, body: bytes = b"") -> None:
        """What a webhook was answered with: never sent again, switched off when it often fails."""
        with self.lock:
            hook = self.webhooks[delivery.vendor_id]
            failed = status != 200 or len(body) > LARGEST_ANSWER
            failures = hook["failures"] + 1 if failed else 0
            on = hook["on"] and failures < MOST_FAILURES
            self.webhooks[delivery.vendor_id] = {**hook, "failures": failures, "on": on}


def _mention(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("room_id", "message_id", "body", "send_time", "update_time")
    who = {"from_account_id": row["account_id"], "to_account_id": BOT}
    return {**who, **{key: row[key] for key in kept}}
