"""Chatwork on the bench of the contract suite."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from connectors.chatwork.simulator import (
    BOT,
    DEFAULT_TOKEN,
    PEOPLE,
    ROOM,
    WEBHOOK_TOKEN,
    Simulator,
)
from connectors.kit.base import Hook
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.signatures import SCHEMES, sign

STREAM = f"messages:{ROOM}"
HOOK_URL = "https://hub.example/hooks/chatwork"
ANOTHER_TOKEN = "YW5vdGhlci13ZWJob29rLXRva2VuLTMyYnl0ZXM="  # noqa: S105 - of nobody
_COMPANIES = ("青空製作所", "みどり物流", "北斗システム", "さくら商事", "港工業")


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A room in which people speak of leads; its limits are off, the suite has no time."""
    simulator = Simulator(path=tmp_path / "chatwork.db", limits=False)
    planted: list[str] = []

    def speak() -> str:
        number = len(planted) + 1
        company = _COMPANIES[number % len(_COMPANIES)]
        planted.append(
            simulator.say(
                list(PEOPLE)[number % len(PEOPLE)],
                f"[info][title]株式会社{company}[/title]電話しました。"
                f"lead{number}@kaisha{number}.example に資料を送ります。[/info]",
            )
        )
        return planted[-1]

    def seed(count: int) -> None:
        for _ in range(count):
            speak()
        simulator.save()

    def change_one() -> tuple[str, str]:
        message_id = planted[0]
        simulator.edit(message_id, f"アポが取れました。lead1@kaisha1.example {len(planted)}")
        simulator.save()
        return STREAM, message_id

    def hook() -> Hook:
        if not simulator.webhooks:
            simulator.set_webhook(HOOK_URL)
        speak()
        sent = simulator.deliveries[-1]
        return Hook(sent.method, sent.url, sent.headers, sent.body, simulator.now())

    def forged() -> Hook:
        true = hook()
        return replace(true, headers=sign(SCHEMES["chatwork"], ANOTHER_TOKEN, true.body))

    return Rehearsal(
        options={
            "token": DEFAULT_TOKEN,
            "account_id": BOT,
            "rooms": [str(ROOM)],
            "webhook_tokens": [WEBHOOK_TOKEN],
        },
        streams=[STREAM, f"tasks:{ROOM}"],
        seed=seed,
        simulator=simulator,
        change_one=change_one,
        hook=hook,
        forged=forged,
        revoke=simulator.revoke,
    )
