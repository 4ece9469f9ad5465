"""Mistakes of handoff.yaml, in English and Japanese."""

from __future__ import annotations

HANDOFF_MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "NO_TEAM": (
        'there is no team "{name}"',
        "チーム「{name}」はありません",
        "Teams are named under `teams:`: {known}.",
        "チームは `teams:` に書きます: {known}",
    ),
    "NOT_A_CHAT": (
        '"{name}" is no chat connection: nothing can be said there',
        "接続「{name}」はチャットではないため、投稿できません",
        "Name a connection to Slack or Chatwork.",
        "Slack か Chatwork の接続名を書いてください。",
    ),
    "NOT_A_MEMBER": (
        '"{name}" is not in the team "{team}"',
        "「{name}」はチーム「{team}」のメンバーではありません",
        "Its members: {known}.",
        "メンバー: {known}",
    ),
    "ANSWER_FORBIDDEN": (
        "{before} does not lead to {name}: the answer would be refused",
        "{before} から {name} へは進めないため、回答が受け付けられません",
        "From {before} a lead may go to: {known}. Or allow it in stages.yaml under `transitions:`.",
        "{before} から進める先: {known}。または stages.yaml の `transitions:` で許可してください。",
    ),
}
