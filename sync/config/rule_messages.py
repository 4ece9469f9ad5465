"""What is wrong with qualification rules, and what to do, in English and Japanese."""

from __future__ import annotations

RULE_MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "RULE_ID": (
        'the history calls a duty of the hub "{name}"',
        "「{name}」は Renkei 自身の処理の名前です",
        "Give the rule another id.",
        "規則に別の id を付けてください。",
    ),
    "RULE_MOVE": (
        "no allowed move leads from {name} to {to}",
        "{name} から {to} への移動は許可されていません",
        "From {name} a rule may lead to: {known}. Further moves go under transitions.",
        "{name} から移動できる先: {known}。ほかは transitions に書き足してください。",
    ),
    "RULE_REASON": (
        "{name} is not entered without a reason, and the rule gives none",
        "{name} への移動には理由が必要ですが、規則に reason がありません",
        "Add reason: to the rule, in words or as one of: {known}.",
        "規則に reason: を書いてください（自由な言葉、または {known}）。",
    ),
    "CONDITION_KIND": (
        "a condition is one of {known}; here is: {name}",
        "条件は {known} のいずれか1つです（ここにあるもの: {name}）",
        "Put several conditions below all: or any:, as a list.",
        "複数の条件は all: か any: の下にリストで書いてください。",
    ),
    "TEST_KIND": (
        '"{name}" cannot be asked of {kind}:',
        "「{name}」は {kind}: の条件には使えません",
        "Of {kind}: may be asked: {known}.",
        "{kind}: に使えるもの: {known}",
    ),
    "NO_TEST": (
        'nothing is asked of "{name}"',
        "「{name}」について何を調べるかがありません",
        "Add one of: {known}.",
        "いずれかを足してください: {known}",
    ),
    "NOT_A_NUMBER": (
        '"{name}" is no number',
        "「{name}」は数値の項目ではありません",
        "Ask with is:, contains: or filled:.",
        "is:・contains:・filled: で調べてください。",
    ),
    "UNKNOWN_ACTIVITY": (
        '"{name}" is no kind of activity',
        "「{name}」という活動の種類はありません",
        "Kinds: {known}.",
        "種類: {known}",
    ),
    "UNKNOWN_SCORE": (
        'there is no score "{name}"',
        "スコア「{name}」はありません",
        "Scores are written under scores: {known}.",
        "スコアは scores: に書きます: {known}",
    ),
    "SCORE_IN_SCORE": (
        "a score cannot be made of scores",
        "スコアの条件にスコアは使えません",
        "Write the conditions of {name} out.",
        "{name} の条件を書き下してください。",
    ),
}
"""Code → (message, 文, hint, 対処)."""
