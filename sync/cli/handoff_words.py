"""What is said about hand-offs, in Japanese and English, and its help in Japanese."""

from __future__ import annotations

HANDOFF: dict[str, tuple[str, str]] = {
    "column.handoff": ("引き継ぎ", "hand-off"),
    "column.handoff_rule": ("ルール", "rule"),
    "column.standing": ("状況", "standing"),
    "column.answer_by": ("回答期限", "answer by"),
    "column.answer": ("回答", "answer"),
    "column.answered_by": ("回答者", "answered by"),
    "column.level": ("段階", "level"),
    "column.room": ("ルーム", "room"),
    "column.posted": ("投稿", "posted"),
    "column.person": ("相手側の人", "person"),
    "column.verdict": ("扱い", "came to"),
    "handoff.due": ("投稿待ち", "to be posted"),
    "handoff.posting": ("投稿中", "being posted"),
    "handoff.posted": ("回答待ち", "waits for an answer"),
    "handoff.late": ("期限切れ", "late"),
    "handoff.escalated": ("上位へ通知済み", "escalated"),
    "handoff.answered": ("回答済み", "answered"),
    "handoff.withdrawn": ("取り下げ", "withdrawn"),
    "handoff.aside": ("保留", "set aside"),
    "said.due": ("投稿待ち", "to be posted"),
    "said.posting": ("投稿中", "being posted"),
    "said.there": ("投稿済み", "posted"),
    "said.update": ("更新待ち", "to be updated"),
    "said.closed": ("終了", "closed"),
    "said.aside": ("保留", "set aside"),
    "answer.accept": ("承認", "accepted"),
    "answer.hand_back": ("差戻し", "handed back"),
    "answer.recycle": ("再育成", "recycled"),
    "answer.none": ("不明", "not understood"),
    "answer.new": ("処理中", "being taken"),
    "answer.taken": ("受け付けた", "taken"),
    "answer.asked": ("理由を尋ねた", "asked for the reason"),
    "answer.reason": ("理由がない", "the reason is missing"),
    "answer.unproven": ("必須項目が空欄", "evidence is missing"),
    "answer.not_understood": ("意味が不明", "not understood"),
    "answer.stranger": ("担当外のため拒否", "refused: not in the team"),
    "answer.unknown": ("別の引き継ぎのため拒否", "refused: of another hand-off"),
    "answer.answered": ("回答済みのため無効", "too late: answered already"),
    "answer.withdrawn": ("進行済みのため無効", "too late: the lead moved on"),
    "answer.forbidden": ("許可されない遷移", "refused: the move is not allowed"),
    "handoffs.none": ("該当する引き継ぎはありません", "there are no such hand-offs"),
    "handoffs.nothing": ("保留になった引き継ぎはありません", "no hand-off was set aside"),
    "aside.handoff": ("引き継ぎ", "hand-off"),
    "job.handoff": ("引継ぎ", "hand-off"),
    "job.subscribe": ("Webhook の登録", "subscribe"),
    "moment.answered": ("引き継ぎへの回答", "hand-off answered"),
    "moment.refused": ("回答の拒否", "answer refused"),
}
"""Key → (Japanese, English)."""

HANDOFF_HELP: dict[str, str] = {
    "Leads handed over in chats: list, show, retry.": (
        "チャットでの引き継ぎ: 一覧・表示・再試行。"
    ),
    "List the leads that were handed over, and how each stands. late: nobody answered in time. "
    "aside: the message could not be posted.": (
        "引き継いだリードとその状況を一覧します。\n\n"
        "late は期限までに回答がないもの、aside は投稿できなかったものです。"
    ),
    "Only these.": "この状態のものだけ。",
    "Show one hand-off: to whom, why, what was said where, and what was answered.": (
        "引き継ぎを1件表示します（担当・理由・投稿先・回答）。"
    ),
    "A hand-off, as `renkei handoffs list` shows it.": "`renkei handoffs list` が示す引き継ぎ。",
    "Post again what could not be posted, in the room that the rule names now.": (
        "投稿できなかったものを、現在の設定のルームに投稿し直します。"
    ),
    "Hand-offs; default: all that were set aside.": "引き継ぎ（省略時は保留になったすべて）。",
}
"""English, its white space evened out, → Japanese."""
