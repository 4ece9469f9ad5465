"""A simulated Slack workspace: channels, people, and an app with a bot user.

Written from the sheet, the OpenAPI document and the recorded payloads of the vendor's SDK. What
people do is done with ``say``, ``edit``, ``press`` and ``submit``; what Slack posts to the app is
signed as the vendor signs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import Delivery
from connectors.slack.simulator_wire import (
    BOT,
    DEFAULT_TOKEN,
    RESPONSE_SECONDS,
    TEAM,
    TRIGGER_SECONDS,
    Wire,
)

__all__ = ["BOT", "CHANNEL", "DEFAULT_TOKEN", "PEOPLE", "SIGNING_SECRET", "Simulator"]

CHANNEL = "C0SALES001"
APP = "A0RENKEI01"
PEOPLE = {
    "U0SUZUKI01": ("鈴木 健一", "suzuki@mihon.example"),
    "U0TAKAHA01": ("高橋 美咲", "takahashi@mihon.example"),
}
SIGNING_SECRET = "rehearsal-signing-secret"  # noqa: S105 - the simulator's own
RETRIES = 3


class Simulator(Wire):
    """One workspace with the channel #sales. ``limits`` off lets tests post as they like.

    ``interactivity_url`` and ``events_url`` are the app's addresses; empty: nothing is sent.
    """

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
        self.secret = SIGNING_SECRET
        self.interactivity_url = ""
        self.events_url = ""
        self.hooks_url = "https://hooks.slack.com"
        if not self.channels:
            self.users[BOT] = {"name": "renkei", "email": ""}
            for key, (name, email) in PEOPLE.items():
                self.users[key] = {"name": name, "email": email}
            self.add_channel("sales", key=CHANNEL)
            self.save()

    def add_channel(self, name: str, *, key: str = "", with_bot: bool = True) -> str:
        """A channel with everybody in it; returns its id."""
        with self.lock:
            made = key or f"C{self.next_id('channel', 100_000)}"
            members = [*PEOPLE, *([BOT] if with_bot else [])]
            row = {"id": made, "name": name, "archived": False, "members": members}
            self.channels[made] = row
            return made

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        with self.lock:
            self.channels[channel] = {**self.channels[channel], "archived": True}

    def revoke(self) -> None:
        """The app's token is taken back."""
        with self.lock:
            self.token = ""

    # -- what people do -------------------------------------------------------------------------

    def say(self, user: str, text: str, channel: str = CHANNEL, thread_ts: str = "") -> str:
        """Somebody says something, in a thread or not; returns its ts."""
        with self.lock:
            thread = {"thread_ts": thread_ts} if thread_ts else {}
            row = self.keep(channel, user, text, **thread)
            self._event({**row, "event_ts": row["ts"], "channel_type": "channel"})
            return str(row["ts"])

    def edit(self, channel: str, ts: str, text: str) -> None:
        """Somebody edits a message; the event's shape is from memory."""
        with self.lock:
            held = self.messages[f"{channel}:{ts}"]
            stamp = f"{int(self.now().timestamp())}.{self.next_id('ts') % 1_000_000:06d}"
            changed = {**held, "text": text, "edited": {"user": held["user"], "ts": stamp}}
            self.messages[f"{channel}:{ts}"] = changed
            shown = {key: value for key, value in changed.items() if key != "channel"}
            about = {"type": "message", "subtype": "message_changed", "hidden": True}
            self._event({**about, "channel": channel, "message": shown, "event_ts": stamp})

    def remove(self, channel: str, ts: str) -> None:
        """Somebody deletes a message; no event is simulated."""
        with self.lock:
            del self.messages[f"{channel}:{ts}"]

    def press(self, channel: str, ts: str, action_id: str, user: str) -> Delivery:
        """Somebody presses a button of a message; the request that Slack makes."""
        with self.lock:
            row = self.messages[f"{channel}:{ts}"]
            blocks = [block for block in row.get("blocks", []) if block["type"] == "actions"]
            block, button = next(
                (block, one)
                for block in blocks
                for one in block["elements"]
                if one["action_id"] == action_id
            )
            seconds = self.now().timestamp()
            trigger = f"{self.next_id('trigger', 13_345)}.{TEAM}.{self.random.getrandbits(64):x}"
            until = seconds + TRIGGER_SECONDS
            self.triggers[trigger] = {"user": user, "until": until, "used": False}
            key = f"{self.random.getrandbits(96):024x}"
            self.responses[key] = {
                "channel": channel,
                "ts": ts,
                "user": user,
                "uses": 0,
                "until": seconds + RESPONSE_SECONDS,
            }
            pressed = {
                "action_id": action_id,
                "block_id": block["block_id"],
                "text": button["text"],
                "value": button.get("value", ""),
                "type": "button",
                "action_ts": f"{int(seconds)}.{self.next_id('ts') % 1_000_000:06d}",
            }
            return self._interaction(
                {
                    "type": "block_actions",
                    "user": self._person(user),
                    "api_app_id": APP,
                    "container": {
                        "type": "message",
                        "message_ts": ts,
                        "channel_id": channel,
                        "is_ephemeral": False,
                    },
                    "trigger_id": trigger,
                    "team": {"id": TEAM, "domain": "mihon"},
                    "channel": {"id": channel, "name": self.channels[channel]["name"]},
                    "message": {name: row[name] for name in row if name != "channel"},
                    "response_url": f"{self.hooks_url}/actions/{key}",
                    "actions": [pressed],
                }
            )

    def submit(self, view_id: str, text: str) -> Delivery:
        """Whoever has a modal open fills it in and sends it; the request that Slack makes."""
        with self.lock:
            held = self.views[view_id]
            values = {
                block["block_id"]: {
                    block["element"]["action_id"]: {"type": "plain_text_input", "value": text}
                }
                for block in held["view"]["blocks"]
                if block["type"] == "input"
            }
            del self.views[view_id]
            return self._interaction(
                {
                    "type": "view_submission",
                    "team": {"id": TEAM, "domain": "mihon"},
                    "user": self._person(held["user"]),
                    "api_app_id": APP,
                    "view": {**held["view"], "state": {"values": values}},
                    "response_urls": [],
                }
            )

    # -- what Slack sends -----------------------------------------------------------------------

    def check_address(self, challenge: str) -> Delivery:
        """Slack checks the address of the events when it is set."""
        body = {"type": "url_verification", "challenge": challenge}
        return self._post(self.events_url, orjson.dumps(body), "application/json")

    def again(self, delivery: Delivery, number: int, reason: str = "http_timeout") -> Delivery:
        """An event that was not answered in time, sent again and signed anew."""
        if not 1 <= number <= RETRIES:
            raise ValueError("Slack tries an event again three times")
        more = {"x-slack-retry-num": str(number), "x-slack-retry-reason": reason}
        return self._post(delivery.url, delivery.body, "application/json", more)

    def _person(self, user: str) -> dict[str, str]:
        return {"id": user, "username": user.lower(), "team_id": TEAM}

    def _event(self, event: Mapping[str, Any]) -> None:
        if not self.events_url:
            return
        body = {
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self.next_id('event', 1_000_000)}",
            "event_time": int(self.now().timestamp()),
        }
        self._post(self.events_url, orjson.dumps(body), "application/json")

    def _interaction(self, payload: Mapping[str, Any]) -> Delivery:
        body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
        return self._post(self.interactivity_url, body, "application/x-www-form-urlencoded")

    def _post(
        self, url: str, body: bytes, kind: str, more: Mapping[str, str] | None = None
    ) -> Delivery:
        headers = sign(
            SCHEMES["slack"],
            self.secret,
            body,
            at=self.now(),
            headers={"content-type": kind, **(more or {})},
        )
        delivery = Delivery(url, body, headers)
        self.send(delivery)
        return delivery
