"""What alerts say, in Japanese and English: of each kind its name, effect, and what to do.

``{name}`` is the connection; the other places are facts of the incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS: dict[str, tuple[str, str]] = {
    "subject.opened": ("[Renkei] 要対応: {what}", "[Renkei] Needs you: {what}"),
    "subject.closed": ("[Renkei] 復旧: {what}", "[Renkei] Over: {what}"),
    "subject.reminder": ("[Renkei] 継続中: {what}", "[Renkei] Still open: {what}"),
    "subject.test": ("[Renkei] テスト送信", "[Renkei] A test"),
    "many": ("{count} 件のインシデント", "{count} incidents"),
    "one": ("{title}（{subject}）", "{title} ({subject})"),
    "kind": ("■ {title}（{count} 件）", "■ {title} ({count})"),
    "open.line": ("・{subject}: {since} から{detail}", "- {subject}: since {since}{detail}"),
    "closed.line": (
        "・{subject}: {since} から {until} まで",
        "- {subject}: from {since} to {until}",
    ),
    "more": ("・ほか {count} 件", "- and {count} more"),
    "effect": ("影響: {text}", "Effect: {text}"),
    "fixes": ("対処: {text}", "Do: {text}"),
    "docs": (
        "説明: docs/reference/errors.md#incidents（{code}）",
        "Explained: docs/reference/errors.md#incidents ({code})",
    ),
    "foot": ("一覧: renkei alerts　番号: {id}", "All of them: renkei alerts. Number: {id}"),
    "test.line": (
        "これはテストです。この宛先には障害と復旧が通知されます。対処は不要です。",
        "This is a test: incidents and their end are told here. There is nothing to do.",
    ),
    "and": ("、", ", "),
}

TITLES: Mapping[str, tuple[str, str]] = {
    "sign_in_needed": ("再認証が必要", "sign-in needed"),
    "runs_fail": ("処理が続けて失敗", "runs fail"),
    "quota_spent": ("API の枠を待機", "waits for the quota"),
    "hooks_refused": ("Webhook の署名を拒否", "webhooks refused"),
    "hooks_not_stored": ("Webhook を保存できない", "webhooks not stored"),
    "hooks_late": ("Webhook の処理が遅延", "webhooks wait"),
    "inbox_late": ("受信箱の処理が遅延", "the inbox waits"),
    "outbox_late": ("書き込みが遅延", "writing is late"),
    "pull_late": ("取得が遅延", "reading is late"),
    "set_aside_many": ("大量の保留", "much is set aside"),
    "over_limit": ("上限で書き込みを停止", "writing stopped by a limit"),
    "mass_delete": ("大量の消失を検知", "many records vanished"),
    "handoffs_unanswered": ("引き継ぎが未回答", "hand-offs unanswered"),
    "schedule_failed": ("定期実行が失敗", "a schedule failed"),
    "disk_full": ("ディスクの空き不足", "the disk is nearly full"),
    "drift": ("システム間の不一致", "systems drift apart"),
}

DETAILS: Mapping[str, tuple[str, str]] = {
    "sign_in_needed": ("、書込待ち {owed} 件", ", {owed} changes owed"),
    "runs_fail": (
        "、{job} が {count} 回連続で失敗（{code}）",
        ", {job} failed {count} times in a row ({code})",
    ),
    "quota_spent": ("、{until} に再開予定（{code}）", ", goes on at {until} ({code})"),
    "hooks_refused": ("、10 分間に {count} 件", ", {count} in ten minutes"),
    "hooks_not_stored": ("、10 分間に {count} 件", ", {count} in ten minutes"),
    "hooks_late": ("、{count} 件", ", {count} of them"),
    "inbox_late": ("、{count} 件", ", {count} records"),
    "outbox_late": ("、{count} 件", ", {count} changes"),
    "pull_late": ("成功なし（予定 {count} 回分）", " no success, {count} moments missed"),
    "set_aside_many": ("、{count} 件（{code}）", ", {count} items ({code})"),
    "over_limit": ("、{count} 件を保留中", ", {count} changes held back"),
    "mass_delete": ("、{code}", ", {code}"),
    "handoffs_unanswered": ("、{count} 件", ", {count} of them"),
    "schedule_failed": ("、{job}", ", {job}"),
    "disk_full": ("、空き {percent} %", ", {percent} % free"),
    "drift": ("、一致率 {percent} %（{records} 件）", ", {percent} % agree ({records} records)"),
}

EFFECTS: Mapping[str, tuple[str, str]] = {
    "sign_in_needed": (
        "この接続は読み書きが止まっています。リードは届かず、変更も反映されません。",
        "Nothing is read from or written to it: its leads do not arrive, changes do not reach it.",
    ),
    "runs_fail": (
        "この接続のリードの取得または反映が進んでいません。",
        "Leads are not read from it, or not written to it.",
    ),
    "quota_spent": (
        "定常の取得と書き込みが待機しています。枠が戻ると自動で再開します。",
        "Routine reading and writing wait. They go on by themselves when there are calls again.",
    ),
    "hooks_refused": (
        "その Webhook のリードは届きません。偽の送信の可能性もあります。",
        "What those webhooks tell does not arrive; or somebody sends forged ones.",
    ),
    "hooks_not_stored": (
        "送信元が再送するまで、そのリードは届きません。再送しないサービスもあります。",
        "What they tell arrives only if the vendor sends it again; not every vendor does.",
    ),
    "hooks_late": ("新しいリードの反映が遅れています。", "New leads are late everywhere."),
    "inbox_late": ("新しいリードの反映が遅れています。", "New leads are late everywhere."),
    "outbox_late": (
        "リードの変更がこのシステムに反映されていません。",
        "Changes of leads do not reach this system.",
    ),
    "pull_late": (
        "この接続の新しいリードと変更が届いていません。",
        "New leads and changes do not arrive from it.",
    ),
    "set_aside_many": (
        "保留分は同期されません。ほかは続いています。",
        "What is set aside is not in step; the rest goes on.",
    ),
    "over_limit": (
        "配信停止以外の書き込みが、確認されるまで止まっています。",
        "Nothing but opt-outs is written to it until somebody has looked.",
    ),
    "mass_delete": (
        "消えたレコードは削除とみなしていません。何も変更していません。",
        "The vanished records are not taken as deleted; nothing was changed.",
    ),
    "handoffs_unanswered": (
        "引き継いだリードに誰も対応していません。",
        "Nobody has taken these leads over.",
    ),
    "schedule_failed": (
        "次の予定まで、この取得または照合は行われません。",
        "This reading, or sweep, is not done until its next moment.",
    ),
    "disk_full": (
        "空きがなくなると、Webhook も含めてすべて止まります。",
        "When it is full everything stops, webhooks included.",
    ),
    "drift": (
        "システムによってリードの内容が異なります。",
        "Systems hold different values for the same lead.",
    ),
}

FIXES: Mapping[str, tuple[str, str]] = {
    "sign_in_needed": (
        "認証情報を更新し、renkei check --connect、renkei resume {name}",
        "renew its credentials, then: renkei check --connect, renkei resume {name}",
    ),
    "runs_fail": ("renkei runs {name}", "renkei runs {name}"),
    "quota_spent": ("renkei quota {name}", "renkei quota {name}"),
    "hooks_refused": (
        "接続 {name} の Webhook の秘密と public_url を確認",
        "compare the webhook secret of {name}, and public_url",
    ),
    "hooks_not_stored": (
        "データベースとディスクを確認: renkei status",
        "look at the database and the disk: renkei status",
    ),
    "hooks_late": (
        "renkei up または worker が動いているか確認: renkei status",
        "see that `renkei up` or a worker runs: renkei status",
    ),
    "inbox_late": (
        "renkei up または worker が動いているか確認: renkei status",
        "see that `renkei up` or a worker runs: renkei status",
    ),
    "outbox_late": ("renkei runs {name}", "renkei runs {name}"),
    "pull_late": ("renkei runs {name}", "renkei runs {name}"),
    "set_aside_many": (
        "renkei errors --connection {name}",
        "renkei errors --connection {name}",
    ),
    "over_limit": (
        "renkei plan --connection {name}。意図したものなら renkei apply --allow-large",
        "renkei plan --connection {name}; where it is meant: renkei apply --allow-large",
    ),
    "mass_delete": (
        "接続 {name} の権限と絞り込みを確認（次の照合で再度確認します）",
        "check the permissions and filters of {name}; the next sweep looks again",
    ),
    "handoffs_unanswered": (
        "renkei handoffs list --state late",
        "renkei handoffs list --state late",
    ),
    "schedule_failed": ("renkei runs {name}", "renkei runs {name}"),
    "disk_full": (
        "空きを増やすか、renkei.yaml の retention を短くする",
        "make room, or shorten `retention` in renkei.yaml",
    ),
    "drift": ("renkei audit --repair", "renkei audit --repair"),
}


def say(language: str, key: str, **given: object) -> str:
    """A text in a language."""
    return said(language, WORDS[key], **given)


def said(language: str, words: tuple[str, str], **given: object) -> str:
    """One of a text's two languages, its places filled."""
    return words[0 if language == "ja" else 1].format_map(_Facts(given))


class _Facts(dict[str, Any]):
    """Facts that an older version did not note are a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
