"""What is said about quotas, in Japanese and English, and its help in Japanese."""

from __future__ import annotations

QUOTA: dict[str, tuple[str, str]] = {
    "column.account": ("アカウント", "account"),
    "column.limit": ("上限/日", "a day"),
    "column.left": ("残り", "left"),
    "column.hand_off": ("引継ぎ", "hand-off"),
    "column.opt_out": ("配信停止", "opt-out"),
    "column.routine": ("定常", "routine"),
    "column.backfill": ("初回・照合", "backfill"),
    "column.resets": ("リセット", "resets"),
    "lane.hand_off": ("引継ぎ", "hand-offs"),
    "lane.opt_out": ("配信停止の書込", "opt-outs"),
    "lane.routine": ("定常の同期", "routine work"),
    "lane.backfill": ("初回取得・照合", "backfills"),
    "quota.QUOTA_SPENT": (
        "{name}: 本日の API 枠のため {lanes}は {until} まで待ちます（自動で再開）",
        "{name}: {lanes} wait for the day's calls until {until}, and go on by themselves",
    ),
    "quota.ACCOUNT_PAUSED": (
        "{name}: 相手側の求めにより {until} まで待ちます（自動で再開）",
        "{name}: the vendor asked for a pause until {until}; it goes on by itself",
    ),
    "quota.owed": (
        "{name}: 書込待ち {changes} 件に必要な呼び出しは {calls} 回以上",
        "{name}: writing the {changes} changes owed takes at least {calls} calls",
    ),
    "quota.short": (
        "{name}: 本日の残りでは足りません。残りは {until} 以降に書き込みます",
        "{name}: that is more than is left today; the rest follows after {until}",
    ),
    "quota.none": ("呼び出しの記録はまだありません", "no account has been called yet"),
    "run.resumes": (
        "{name} は {until} に続きから再開します",
        "{name} goes on from where it stopped at {until}",
    ),
}
"""Key → (Japanese, English)."""

QUOTA_HELP: dict[str, str] = {
    "Show what is left of each account's calls. The limit, today's calls by kind of work, who "
    "waits until when, and what the changes that are owed would take.": (
        "アカウントごとの API 呼び出しの残りを表示します。\n\n"
        "上限、処理の種類ごとの本日の使用数、待機とその再開時刻、書込待ちに必要な回数を示します。"
    ),
}
"""English, its white space evened out, → Japanese."""
