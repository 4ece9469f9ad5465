"""Tayori on the bench of the contract suite."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from connectors.kit.base import Hook
from connectors.kit.rehearsal import Rehearsal

from .simulator import TOKEN, WEBHOOK_SECRET, Simulator

FORM = "contact"
STREAM = f"answers:{FORM}"


def rehearsal(tmp_path: Path) -> Rehearsal:
    """An account with one form."""
    vendor = Simulator(path=tmp_path / "tayori.sqlite3")
    planted: list[str] = []

    def seed(count: int) -> None:
        for _ in range(count):
            number = len(planted)
            planted.append(
                vendor.answer(
                    FORM,
                    name=f"佐藤 {number}郎",
                    email=f"sato{number}@midori.example",
                    company="株式会社みどり商事",
                    message="資料をください",
                )
            )

    def hook() -> Hook:
        seed(1)
        sent = vendor.deliveries[-1]
        return Hook("POST", "https://hub.example/hooks/tayori", sent.headers, sent.body, vendor.now())

    def forged() -> Hook:
        true = hook()
        return replace(true, body=true.body.replace(b"midori", b"akuyaku"))

    def revoke() -> None:
        vendor.token = "another"

    return Rehearsal(
        options={"api_token": TOKEN, "webhook_secret": WEBHOOK_SECRET, "form_ids": [FORM]},
        streams=[STREAM],
        seed=seed,
        simulator=vendor,
        change_one=lambda: (STREAM, vendor.edit(planted[0], message="デモを見たい")),
        delete_one=lambda: (STREAM, vendor.edit(planted[-1], withdrawn=True)),
        hook=hook,
        forged=forged,
        revoke=revoke,
    )
