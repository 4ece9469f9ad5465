"""Mistakes of alerts.yaml, in English and Japanese."""

from __future__ import annotations

ALERT_MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "NOT_AN_ADDRESS": (
        "this is no mail address",
        "メールアドレスとして正しくありません",
        "Write ops@example.jp, an address a line.",
        "ops@example.jp のように、1行に1つ書いてください。",
    ),
}
