"""Typeform on the bench of the contract suite."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connectors.kit.base import Hook
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.signatures import SCHEMES, sign
from connectors.typeform.records import stream_of
from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN, Simulator

SECRET = "rehearsal-secret"  # noqa: S105 - the rehearsal's own
HOOK_URL = "https://hub.example/webhooks/typeform/rehearsal"
SPREAD = 600.0
"""Seconds over which planted answers are spread at most, well inside the connector's overlap."""
_FAMILY = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村")
_GIVEN = ("太郎", "花子", "健一", "美咲", "翔太", "陽子", "大輔", "恵")
_COMPANIES = ("青空製作所", "みどり物流", "北斗システム", "さくら商事", "港工業")


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A simulated account with the form 資料請求; its rate limit is off, the suite has no time."""
    simulator = Simulator(path=tmp_path / "typeform.db", rate=None)
    planted: list[str] = []

    def plant(ago: float = 0.0) -> str:
        number = len(planted) + 1
        company = _COMPANIES[number % len(_COMPANIES)]
        token = simulator.submit(
            DEFAULT_FORM_ID,
            {
                "email": f"lead{number}@kaisha{number % len(_COMPANIES)}.example",
                "last_name": _FAMILY[number % len(_FAMILY)],
                "first_name": _GIVEN[number // len(_FAMILY) % len(_GIVEN)],
                "company": f"株式会社{company}",
                "phone": f"+8131234{number % 10_000:04d}",
                "interest": "demo" if number % 2 else "document",
                "consent": number % 3 == 0,
            },
            {"utm_source": "google", "utm_campaign": "2026-spring"},
            at=simulator.now() - timedelta(seconds=ago),
        )
        planted.append(token)
        return token

    def seed(count: int) -> None:
        gap = min(1.0, SPREAD / max(count, 1))
        for left in reversed(range(count)):
            plant(ago=left * gap)
        simulator.save()

    def delete_one() -> tuple[str, str]:
        if not planted:
            plant()
        token = planted.pop()
        simulator.delete_response(token)
        simulator.save()
        return stream_of(DEFAULT_FORM_ID), token

    def hook() -> Hook:
        simulator.webhooks[f"{DEFAULT_FORM_ID}/rehearsal"] = {
            "form_id": DEFAULT_FORM_ID,
            "tag": "rehearsal",
            "url": HOOK_URL,
            "enabled": True,
            "secret": SECRET,
            "event_types": {"form_response": True},
        }
        plant()
        del simulator.webhooks[f"{DEFAULT_FORM_ID}/rehearsal"]
        sent = simulator.deliveries[-1]
        return Hook(sent.method, sent.url, sent.headers, sent.body, simulator.now())

    def forged() -> Hook:
        true = hook()
        headers = sign(SCHEMES["typeform"], "another-secret", true.body)
        return Hook(true.method, true.url, headers, true.body, true.received_at)

    return Rehearsal(
        options={
            "token": DEFAULT_TOKEN,
            "forms": [DEFAULT_FORM_ID],
            "webhook_secrets": [SECRET],
            "page_size": 10,
        },
        streams=[stream_of(DEFAULT_FORM_ID)],
        seed=seed,
        simulator=simulator,
        delete_one=delete_one,
        hook=hook,
        forged=forged,
        revoke=simulator.revoke,
    )
