"""A team's room in a simulated chat, in which the hub of a world hands leads over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from connectors.chatwork.contract import rehearsal as chatwork_rehearsal
from connectors.chatwork.simulator import BOT, ROOM
from connectors.kit.base import Hook
from connectors.kit.simulator import Delivery
from connectors.slack.contract import rehearsal as slack_rehearsal
from connectors.slack.simulator import CHANNEL
from sync.config.handoff import HandoffConfig
from sync.engine.handoff.views import Shown, shown
from sync.engine.hooks import take_hooks
from sync.engine.hub import Hub
from sync.store import handoffs, hooks
from sync.store.database import iso
from sync.store.hooks import Arrived
from sync.web.intake import event_key
from sync.workers.handing import hand_over

SUZUKI, TAKAHASHI = "suzuki@mihon.example", "takahashi@mihon.example"
EMAIL = "tanaka@minato-shoji.example"
SLACK_SUZUKI, SLACK_TAKAHASHI = "U0SUZUKI01", "U0TAKAHA01"
LAST = ("山本", "小林", "渡辺", "加藤", "吉田")
FIRST = ("大輔", "由紀", "誠", "恵", "隆", "翔太", "陽子", "拓也")


class Chat:
    """What people and the hub do in one room. ``people`` are the vendor's ids of the team."""

    connector = ""
    room = ""
    people: tuple[str, ...] = ()

    def __init__(self, world: Any, bench: Any) -> None:
        self.world = world
        self.people_seen = 0
        self.sim: Any = bench.simulator
        self.sim.now = world.now
        world.simulators["chat"] = self.sim
        world.slugs["chat"] = self.connector
        world.options["chat"] = dict(bench.options)
        self.rule: dict[str, Any] = {
            "id": "is-to-fs",
            "on": "tql",
            "channel": "chat",
            "room": self.room,
            "team": "field",
            "answer_within_hours": 8,
        }
        self.open()

    def open(self, **changes: Any) -> Hub:
        """Have the hub read its configuration anew."""
        self.rule = {**self.rule, **changes}
        members = [
            {"owner": owner, "name": name, "ids": {"chat": person}}
            for owner, name, person in zip(
                (SUZUKI, TAKAHASHI), ("鈴木 健一", "高橋 美咲"), self.people, strict=True
            )
        ]
        teams = {"field": {"members": members}}
        self.world.handoff = HandoffConfig.model_validate({"teams": teams, "handoffs": [self.rule]})
        self.world.hub = self.world.open()
        return self.hub

    @property
    def hub(self) -> Hub:
        found: Hub = self.world.hub
        return found

    def lead_at_tql(self, email: str = EMAIL, **answers: Any) -> Any:
        """A lead that inside sales has just chosen, in the CRM."""
        self.submits(email, **answers)
        self.world.settle()
        self.crm_stage(email, "MQL")
        self.world.sync("crm")
        self.crm_stage(email, "TQL")
        self.world.sync("crm")
        return self.world.lead(email)

    def submits(self, email: str, **answers: Any) -> None:
        """Somebody fills the form in; each time somebody else."""
        number, self.people_seen = self.people_seen, self.people_seen + 1
        said = {"company": "みなと商事株式会社", "phone": f"+81334567{number:03}"}
        said["last"], said["first"] = LAST[number % 5], FIRST[number // 5 + number % 5]
        if email == EMAIL:
            said |= {"last": "田中", "first": "実"}
        self.world.submit(email, **{**said, **answers})

    def crm_stage(self, email: str, stage: str) -> None:
        """Somebody sets a lead's stage in kintone."""
        record = self.world.links(self.world.lead(email))["crm"].external_id
        self.world.crm.edit_record(5, record, {"ステージ": stage})

    def work(self, **passes: float) -> Any:
        """Let time pass, and do what hand-offs want."""
        if passes:
            self.world.tick(**passes)
        return hand_over(self.hub, "chat")

    def all(self) -> list[Shown]:
        """Every hand-off, oldest first."""
        with self.world.database.read() as tx:
            rows = handoffs.listed(tx, limit=100)
        return [shown(self.hub, row.id) for row in reversed(rows)]

    def only(self) -> Shown:
        (found,) = self.all()
        return found

    def receive(self, delivery: Delivery) -> None:
        """A webhook as the hub's address takes it: verified, stored once, and then read."""
        connector = self.hub.flows["chat"].connector
        hook = Hook("POST", delivery.url, delivery.headers, delivery.body, self.world.now())
        connector.verify(hook)
        arrived = Arrived(
            "chat",
            event_key(connector.read_hook(hook), hook.body),
            "POST",
            hook.url,
            orjson.dumps(dict(hook.headers)).decode(),
            hook.body,
            iso(self.world.now()),
        )
        with self.world.database.write() as tx:
            hooks.put(tx, [arrived])
        take_hooks(self.hub)

    def forget_hooks(self) -> None:
        """The hub no longer knows which webhooks came: only answers tell repeats."""
        with self.world.database.write() as tx:
            tx.write("DELETE FROM hook")


class SlackRoom(Chat):
    """A channel in which buttons are pressed."""

    connector = "slack"
    room = CHANNEL
    people = (SLACK_SUZUKI, SLACK_TAKAHASHI)

    def __init__(self, world: Any, tmp_path: Path) -> None:
        home = tmp_path / "bench-slack"
        home.mkdir()
        super().__init__(world, slack_rehearsal(home))
        self.sim.interactivity_url = "https://hub.example/hooks/chat"

    def posts(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What the hub said in a channel."""
        rows = self.sim.messages.values()
        return [row for row in rows if row["channel"] == channel and row.get("blocks")]

    def text(self, number: int = -1) -> str:
        """All that a message shows."""
        return str(self.posts()[number]["blocks"]) + self.posts()[number]["text"]

    def has_buttons(self, number: int = -1) -> bool:
        return any(block["type"] == "actions" for block in self.posts()[number]["blocks"])

    def press(
        self, action: str, person: str = SLACK_SUZUKI, number: int = -1, channel: str = CHANNEL
    ) -> Delivery:
        """Somebody presses a button; the request, which the hub has had."""
        delivery = self.pressed(action, person, number, channel)
        self.receive(delivery)
        return delivery

    def pressed(
        self, action: str, person: str = SLACK_SUZUKI, number: int = -1, channel: str = CHANNEL
    ) -> Delivery:
        """Somebody presses a button; the request, which is still on its way."""
        row = self.posts(channel)[number]
        blocks = [block for block in row["blocks"] if block["type"] == "actions"]
        ids = [one["action_id"] for block in blocks for one in block["elements"]]
        (wanted,) = [one for one in ids if one.endswith(action)]
        made: Delivery = self.sim.press(channel, row["ts"], wanted, person)
        return made

    def write_reason(self, text: str) -> None:
        """Whoever was asked writes why."""
        (view,) = self.sim.views
        self.receive(self.sim.submit(view, text))

    def told(self) -> list[str]:
        """What only single people saw."""
        return [str(row["text"]) for row in self.sim.whispers.values()]


class ChatworkRoom(Chat):
    """A room in which people reply, and tick off tasks."""

    connector = "chatwork"
    room = str(ROOM)
    people = ("2001", "2002")

    def __init__(self, world: Any, tmp_path: Path) -> None:
        home = tmp_path / "bench-chatwork"
        home.mkdir()
        super().__init__(world, chatwork_rehearsal(home))
        self.sim.set_webhook("https://hub.example/hooks/chat")

    def posts(self) -> list[dict[str, Any]]:
        """What the hub said in the room."""
        rows = [row for row in self.sim.messages.values() if row["account_id"] == BOT]
        return [row for row in rows if not row["body"].startswith("[rp ")]

    def told(self) -> list[str]:
        """What the hub replied to people."""
        rows = [row for row in self.sim.messages.values() if row["account_id"] == BOT]
        return [row["body"] for row in rows if row["body"].startswith("[rp ")]

    def reply(self, words: str, person: int = 2001, *, hooked: bool = True) -> None:
        """Somebody replies to the hand-off; ``hooked`` is whether the webhook arrives."""
        self.sim.reply(person, self.posts()[-1]["message_id"], words)
        if hooked:
            self.receive(self.sim.deliveries[-1])
