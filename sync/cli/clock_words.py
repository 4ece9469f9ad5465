"""What is said of clocks, and of leads that are put to rest or woken; Japanese and English."""

from __future__ import annotations

CLOCKS: dict[str, tuple[str, str]] = {
    "clocks.none": (
        "期限を決めたステージがありません。stages.yaml の clocks: に書いてください",
        "no stage has a time limit: write them under clocks: in stages.yaml",
    ),
    "clocks.nobody": (
        "期限の {percent}% を過ぎたリードはありません",
        "no lead has used up {percent}% of its time",
    ),
    "clocks.more": (
        "期限の早い順に {shown} 件（全 {count} 件）を表示しました。すべてはこちら:",
        "the {shown} due first of {count}; for all of them:",
    ),
    "clocks.title": ("ステージごとの期限の順守 {period}", "How stages keep their time, {period}"),
    "clocks.late": ("{hours} 時間超過", "{hours} h late"),
    "clocks.left": ("あと {hours} 時間", "{hours} h left"),
    "clocks.business": ("{hours} 営業時間", "{hours} business h"),
    "clocks.wall": ("{hours} 時間", "{hours} h"),
    "error.NO_DORMANT_RULE": (
        "stages.yaml に dormant: がありません。after_days と stages を書いてください",
        "stages.yaml has no dormant: write after_days and stages",
    ),
    "error.REOPEN_HOW": (
        "「{text}」は 項目=値 でも all でもありません",
        '"{text}" is neither FIELD=VALUE nor all',
    ),
    "dormant.none_due": (
        "休眠にするリードはありません",
        "nobody is due to become dormant",
    ),
    "dormant.due": (
        "休眠になるリード: {count} 件。実行するには:",
        "to become dormant: {count}; do it:",
    ),
    "dormant.rested": ("休眠にしたリード: {count} 件", "made dormant: {count}"),
    "dormant.none_asleep": (
        "該当する休眠リードはありません",
        "no dormant lead is meant by that",
    ),
    "dormant.to_wake": (
        "再開するリード: {count} 件。--apply と --reason で実行します",
        "to be woken: {count}; --apply with --reason does it",
    ),
    "dormant.woken": (
        "ナーチャリングに戻したリード: {count} 件",
        "handed back to marketing: {count}",
    ),
    "explain.told": ("{system}（過去の履歴）", "{system} (its history)"),
    "column.since": ("開始", "since"),
    "column.due": ("期限", "due"),
    "column.late": ("超過/残り", "late/left"),
    "column.time_limit": ("期限", "limit"),
    "column.over": ("超過中", "late now"),
    "column.kept": ("順守率", "kept"),
    "column.median_hours": ("時間（中央値）", "median h"),
    "column.p90_hours": ("時間（90%）", "90% h"),
}
"""Key → (Japanese, English)."""

CLOCKS_HELP: dict[str, str] = {
    "Show which leads stand in a stage for too long. Those over the limit of their stage or near "
    "it, due first; then for each stage how many left it in time, of those who entered it in the "
    "period, and the hours it took.": (
        "ステージに長くとどまっているリードを表示します。\n\n"
        "期限を過ぎた、または近いリードを期限の早い順に示し、続いてステージごとに、"
        "期間中に入ったリードのうち期限内に出た割合と、かかった時間を示します。"
    ),
    "Only those who become dormant by stages.yaml.": "stages.yaml により休眠になるリードだけ。",
    "Dormant leads with this value, to be woken. May repeat.": (
        "この値を持つ休眠リードを再開の対象にします（複数指定）。"
    ),
    "Dormant leads of these ids, to be woken.": "この ID の休眠リードを再開の対象にします。",
    "Why they are woken; kept.": "再開の理由（記録されます）。",
    "Move them; without it they are only listed.": "移します（付けなければ一覧だけ）。",
    "Only the leads of this owner.": "この担当者のリードだけ。",
    "Only the leads of this team (custom.team).": "このチーム（custom.team）のリードだけ。",
    "Percent of its time that a lead has used up.": "期限のうち使った割合（%）。",
}
"""English, its white space evened out, → Japanese."""
