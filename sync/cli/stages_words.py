"""What the verbs about stages say, and what rules saw, in Japanese and English."""

from __future__ import annotations

STAGES: dict[str, tuple[str, str]] = {
    "error.TOO_MANY_LEADS": (
        "{count} 件が移動します。一度に移動できるのは {most} 件までです（何も変更していません）",
        "{count} leads would move, {most} may at once; nothing was changed",
    ),
    "stages.told": ("過去の履歴", "from its history"),
    "stages.by_rule": ("規則: {rule}", "by rule: {rule}"),
    "stages.proven": (
        "{at} に「{stage}」へ入った根拠:",
        "What counted as evidence for {stage} at {at}:",
    ),
    "stages.saw": (
        "{stage}（{at}）: 規則「{rule}」（{id}）の判定",
        "{stage} ({at}): what the rule saw: {rule} ({id})",
    ),
    "stages.empty": ("（空）", "(nothing)"),
    "stages.score": ("スコア {name}", "score {name}"),
    "stages.title": (
        "規則の試算 {period}: 期間中に動きのあったリード {leads} 件",
        "Rules tried on {period}; leads with any event: {leads}",
    ),
    "stages.no_rules": (
        "規則がありません（stages.yaml の qualification: に書きます）",
        "there are no rules; write them under qualification: in stages.yaml",
    ),
    "stages.became": ("その後の結果:", "What became of them:"),
    "stages.open": ("継続中", "open"),
    "stages.late": (
        "{count} 件は期間中の出来事より後に取り込まれました。項目は取り込み時の値で判定しています",
        "{count} came to the hub after what happened: their fields are as first heard",
    ),
    "stages.gaps": (
        "{count} 件は項目の履歴がつながらず、一部を現在の値で判定しています",
        "{count} have changes that could not be taken back: some of their fields are as now",
    ),
    "stages.companies_now": (
        "会社の項目は履歴がないため、現在の値で判定しています",
        "fields of companies have no history: they are as now",
    ),
    "stages.would_move": (
        "{looked} 件のうち {count} 件が移動します",
        "of {looked} leads {count} would move",
    ),
    "stages.moved": (
        "{looked} 件のうち {count} 件を移動しました",
        "of {looked} leads {count} moved",
    ),
    "stages.owed": ("{name} への書き込み: {count} 件", "to be written to {name}: {count}"),
    "verdict.new": ("新たに移動", "newly"),
    "verdict.same": ("実際にも移動", "as it was"),
    "verdict.gone": ("移動しなくなる", "no longer"),
    "test.is": ("＝ {value}", "is {value}"),
    "test.contains": ("「{value}」を含む", "has {value}"),
    "test.filled": ("値あり", "filled"),
    "test.unfilled": ("値なし", "empty"),
    "test.count": ("{value} 回以上", "{value} or more"),
    "test.within_days": ("{value} 日以内", "within {value} days"),
    "test.subject": ("件名に「{value}」", "subject has {value}"),
    "test.outcome": ("結果が {value}", "outcome {value}"),
    "test.minutes": ("{value} 分以上", "{value} min or more"),
    "column.rule_name": ("規則", "rule"),
    "column.looked_at": ("調べたもの", "asked"),
    "column.test": ("条件", "test"),
    "column.saw": ("値", "saw"),
    "column.would": ("移動", "moved"),
    "column.as_it_was": ("実際にも移動", "as it was"),
    "column.new": ("新たに移動", "newly"),
    "column.gone": ("移動しなくなる", "no longer"),
    "column.days_later": ("実際との差（日、中央値）", "median days later"),
    "column.who": ("対象", "who"),
}
"""Key → (Japanese, English)."""

STAGES_HELP: dict[str, str] = {
    "Stages: try qualification rules, apply them to everybody.": (
        "ステージ: 判定規則の試算と一括適用。"
    ),
    "The rules to try; default: those of stages.yaml.": (
        "試す規則のファイル（省略時は stages.yaml）。"
    ),
    "Show what qualification rules would have done in a period; change nothing. Goes through "
    "stages, activities and changed fields again and asks the rules at each. Says who would have "
    "moved, how much earlier or later, who newly or no longer, and what became of them. Default: "
    "the last full quarter.": (
        "判定規則が期間中にどう働いたかを試算します。何も変更しません。\n\n"
        "ステージ・活動・項目の変更を順にたどり、そのつど規則を当てはめます。移動する件数、"
        "実際との日数の差、新たに移動する・しなくなるリード、その後の結果を示します。"
        "省略時の期間は直前の四半期です。"
    ),
    "Only this rule. May repeat.": "この規則だけ（複数指定可）。",
    "Move them.": "実際に移動します。",
    "Also more than 1,000 leads.": "1,000 件を超えても移動します。",
    "How many leads are shown.": "表示するリードの件数。",
    "Ask the qualification rules of all leads that stand where one leads away from. Shows who "
    "would move and changes nothing; ends with 4 where anybody would. --apply moves them, as of "
    "now; the connections' own limits hold for what is written then.": (
        "規則の対象ステージにいるすべてのリードに、現在の規則を当てはめます。\n\n"
        "移動するリードを示すだけで変更はしません（該当があれば終了コード 4）。--apply を付けると"
        "現在の日時で移動します。書き込みには各接続の上限が適用されます。"
    ),
}
"""English, its white space evened out, → Japanese."""
