"""Slack on the bench of the contract suite."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from connectors.kit.base import Hook
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.signatures import SCHEMES, sign
from connectors.slack.simulator import CHANNEL, DEFAULT_TOKEN, PEOPLE, SIGNING_SECRET, Simulator

STREAM = f"messages:{CHANNEL}"
EVENTS_URL = "https://hub.example/hooks/slack"
_COMPANIES = ("青空製作所", "みどり物流", "北斗システム", "さくら商事", "港工業")


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A channel in which people speak of leads; its limits are off, the suite has no time."""
    simulator = Simulator(path=tmp_path / "slack.db", limits=False)
    planted: list[str] = []

    def speak() -> str:
        number = len(planted) + 1
        address = f"lead{number}@kaisha{number}.example"
        company = _COMPANIES[number % len(_COMPANIES)]
        text = f"株式会社{company}に電話しました。<mailto:{address}|{address}> に資料を送ります。"
        planted.append(simulator.say(list(PEOPLE)[number % len(PEOPLE)], text))
        return planted[-1]

    def seed(count: int) -> None:
        for _ in range(count):
            speak()
        simulator.save()

    def change_one() -> tuple[str, str]:
        text = f"アポが取れました。lead1@kaisha1.example {len(planted)}"
        simulator.edit(CHANNEL, planted[0], text)
        simulator.save()
        return STREAM, planted[0]

    def hook() -> Hook:
        simulator.events_url = EVENTS_URL
        speak()
        simulator.events_url = ""
        sent = simulator.deliveries[-1]
        return Hook(sent.method, sent.url, sent.headers, sent.body, simulator.now())

    def forged() -> Hook:
        true = hook()
        headers = sign(SCHEMES["slack"], "another-secret", true.body, at=simulator.now())
        return replace(true, headers=headers)

    return Rehearsal(
        options={
            "bot_token": DEFAULT_TOKEN,
            "signing_secrets": [SIGNING_SECRET],
            "channels": [CHANNEL],
            "page_size": 10,
        },
        streams=[STREAM],
        seed=seed,
        simulator=simulator,
        change_one=change_one,
        hook=hook,
        forged=forged,
        revoke=simulator.revoke,
    )
