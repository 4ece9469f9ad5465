"""What the hub says in chats, in Japanese and English."""

from __future__ import annotations

from connectors.kit.messages import ACCEPT, HAND_BACK, RECYCLE

WORDS: dict[str, tuple[str, str]] = {
    "title": ("リードの引き継ぎ: {who}", "A lead for you: {who}"),
    "title.late": ("未対応の引き継ぎ: {who}", "Still unanswered: {who}"),
    "late": (
        "{due} までの回答がありませんでした。担当: {owner}",
        "Nobody answered by {due}. Owner: {owner}",
    ),
    "why": ("理由: {stage} になりました（ルール {rule}）", "Why: it became {stage} (rule {rule})"),
    "owner": ("担当: {owner}（{way}）", "Owner: {owner} ({way})"),
    "owner.none": ("担当: 未定", "Owner: nobody yet"),
    "way.rule": ("ルールによる", "by rule"),
    "way.account_owner": ("同じ会社の担当者", "has the company already"),
    "way.round_robin": ("順番", "in turn"),
    "way.taken_over": ("引き受けた人", "took it over"),
    "contact": ("連絡先: {said}", "Contact: {said}"),
    "bantch": ("{name}: {said}", "{name}: {said}"),
    "activity": ("{at} {kind} {subject}", "{at} {kind} {subject}"),
    "activities": ("最近の動き:", "Lately:"),
    "records": ("記録: {records}", "Records: {records}"),
    "lead": ("リード: {lead}", "Lead: {lead}"),
    f"button.{ACCEPT}": ("承認", "Accept"),
    f"button.{HAND_BACK}": ("差戻し", "Hand back"),
    f"button.{RECYCLE}": ("再育成へ", "Recycle"),
    "asks": ("差戻しの理由", "Why it goes back"),
    f"outcome.{ACCEPT}": ("✔ {who} が {at} に承認しました", "✔ accepted by {who} at {at}"),
    f"outcome.{HAND_BACK}": (
        "↩ {who} が {at} に差し戻しました: {reason}",
        "↩ handed back by {who} at {at}: {reason}",
    ),
    f"outcome.{RECYCLE}": (
        "♻ {who} が {at} に再育成へ回しました",
        "♻ sent back to nurturing by {who} at {at}",
    ),
    "outcome.withdrawn": (
        "取り下げ: リードは {stage} に進んでいます",
        "withdrawn: the lead is at {stage} now",
    ),
    "told.taken": ("受け付けました: {outcome}", "Done: {outcome}"),
    "told.answered": (
        "この引き継ぎはすでに回答済みです（{outcome}）",
        "This was answered already ({outcome})",
    ),
    "told.withdrawn": (
        "この引き継ぎは終わっています。リードは {stage} に進んでいます",
        "This hand-off is over: the lead has moved on to {stage}",
    ),
    "told.stranger": (
        "この引き継ぎに回答できるのは担当チームのメンバーだけです",
        "Only members of the team it was handed to can answer this",
    ),
    "told.unknown": (
        "このメッセージの引き継ぎはありません。新しいメッセージから回答してください",
        "There is no such hand-off any more: answer from its newest message",
    ),
    "told.reason": (
        "差戻しには理由が必要です。もう一度「差戻し」を押すか、「差戻し 理由」と返信してください",
        "A reason is needed: press Hand back again, or reply with it behind the word",
    ),
    "told.not_understood": (
        "「承認」「差戻し 理由」「再育成」のいずれかで返信してください",
        'Reply with "accept", "hand back REASON" or "recycle"',
    ),
    "told.unproven": (
        "{lacking} が入力されていないため進められません。入力してから、もう一度回答してください",
        "These are blank and needed first: {lacking}. Fill them in and answer again",
    ),
    "told.forbidden": (
        "このリードは {stage} からその状態に進めません。Renkei で確認してください",
        "The lead cannot go there from {stage}: look at it in Renkei",
    ),
}

ACTIVITY: dict[str, tuple[str, str]] = {
    "form_submission": ("フォーム回答", "form"),
    "email_sent": ("メール送信", "e-mail sent"),
    "email_delivered": ("メール到達", "e-mail delivered"),
    "email_opened": ("メール開封", "e-mail opened"),
    "email_clicked": ("メールクリック", "e-mail clicked"),
    "email_bounced": ("メール不達", "e-mail bounced"),
    "call": ("電話", "call"),
    "meeting": ("商談・会議", "meeting"),
    "webinar": ("ウェビナー", "webinar"),
    "note": ("メモ", "note"),
    "task": ("タスク", "task"),
}


def say(language: str, key: str, **given: object) -> str:
    """A text in a language."""
    return WORDS[key][0 if language == "ja" else 1].format(**given)


def activity(language: str, kind: str) -> str:
    """What a kind of activity is called."""
    return ACTIVITY.get(kind, (kind, kind))[0 if language == "ja" else 1]
