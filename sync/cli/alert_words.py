"""What is said about incidents and alerts, in Japanese and English, and its help in Japanese."""

from __future__ import annotations

ALERTS: dict[str, tuple[str, str]] = {
    "column.incident": ("インシデント", "incident"),
    "column.concerns": ("対象", "about"),
    "column.arose": ("発生", "since"),
    "column.ended": ("終了", "ended"),
    "column.told": ("通知", "told"),
    "incident.open": ("発生中", "open"),
    "incident.closed": ("終了", "over"),
    "told.waits": ("送信待ち", "waits"),
    "told.unsure": ("確認中", "unsure"),
    "told.sent": ("送信済み", "sent"),
    "told.dropped": ("送信前に終了", "over before it was sent"),
    "alerts.none": (
        "発生中のインシデントも、この1週間に終わったものもありません",
        "no incident is open, and none ended within a week",
    ),
    "alerts.waiting": (
        "{name}: 送信できません（{code}）。{at} に再送します",
        "{name}: cannot be sent ({code}); it is tried again at {at}",
    ),
    "alerts.nobody": (
        "通知先がありません。alerts.yaml に書いてください",
        "nobody is told: say in alerts.yaml whom",
    ),
    "alerts.tested": ("{name}: テストを送信しました", "{name}: a test was sent"),
    "alerts.test_failed": (
        "{name}: テストを送信できません（{code}）",
        "{name}: a test could not be sent ({code})",
    ),
    "alerts.nothing": ("送信待ちの通知はありません", "no alert waits to be sent"),
    "alerts.retried": (
        "{sent} 件を送信しました（送信できないもの {put_off} 件）",
        "sent: {sent}; could not be sent: {put_off}",
    ),
}
"""Key → (Japanese, English)."""

ALERT_ERRORS: dict[str, tuple[str, str]] = {
    "NO_DESTINATIONS": ("通知先がありません", "there is nobody to tell"),
    "UNKNOWN_DESTINATION": (
        "通知先「{name}」はありません（あるのは {known}）",
        'there is no destination "{name}" (there are {known})',
    ),
    "ONLY_A_TEST": (
        "通知先を指定できるのは test だけです",
        "only a test takes a destination",
    ),
}
"""Code → (Japanese, English)."""

ALERTS_HELP: dict[str, str] = {
    "List incidents, open and of the last week, and who was told of each. waits: it could not be "
    "sent yet. unsure: it may have been sent, and is sent again.": (
        "発生中とこの1週間に終わったインシデント、その通知状況を一覧します。\n\n"
        "waits はまだ送信できていないもの、unsure は届いたか不明のため再送するものです。"
    ),
    "list: the incidents; test: send a test; retry: send again what was not sent.": (
        "list は一覧、test はテスト送信、retry は未送信分の再送。"
    ),
    "Of a test: the destination in alerts.yaml; default: all.": (
        "テストの宛先（alerts.yaml の名前。省略時はすべて）。"
    ),
}
"""English, its white space evened out, → Japanese."""
