"""What the verbs of dedupe say, in Japanese and English, and their help in Japanese."""

from __future__ import annotations

DEDUPE: dict[str, tuple[str, str]] = {
    "dedupe.none": ("確認待ちの組はありません", "no pair waits for you"),
    "dedupe.waiting": ("確認待ち {count} 組", "pairs that wait for you: {count}"),
    "dedupe.until": ("{at} まで後回し", "put off until {at}"),
    "dedupe.not_asked": (
        "確認待ちではありません。いま比べた結果です",
        "nothing was asked about these two; they were compared just now",
    ),
    "dedupe.by": ("比べたレコード: {a} と {b}", "compared by {a} and {b}"),
    "dedupe.nothing_alike": ("共通点がありません", "nothing to compare"),
    "dedupe.sum": ("合計", "in all"),
    "dedupe.bands": (
        "自動統合は {accept} 点以上、確認は {review} 点以上",
        "put together unasked from {accept} points, asked about from {review}",
    ),
    "dedupe.gone": ("{lead} は {into} に統合", "{lead} becomes part of {into}"),
    "dedupe.lead": ("リード {lead}", "lead {lead}"),
    "dedupe.new_lead": ("新しいリード {lead}", "new lead {lead}"),
    "dedupe.unchanged": ("値は変わりません", "no value changes"),
    "dedupe.records": ("レコード: {names}", "records: {names}"),
    "dedupe.create": ("{connection}: {lead} を新規作成", "{connection}: create {lead}"),
    "dedupe.update": ("{connection}: {record} を更新", "{connection}: update {record}"),
    "dedupe.no_writes": ("書き込みはありません", "nothing is to be written"),
    "dedupe.writes": ("書き込み予定", "to be written"),
    "dedupe.undo": ("取り消すには:", "to take it back:"),
    "dedupe.stay_apart": (
        "今後の取込でも統合されません",
        "no later import puts them together",
    ),
    "dedupe.apart": (
        "別人として記録しました（レコード {count} 組）。今後の取込でも統合されません",
        "kept apart for good (pairs of records: {count}); no later import puts them together",
    ),
    "dedupe.later": ("{at} 以降にまた確認します", "you are asked again from {at} on"),
    "dedupe.would": (
        "{count} 組を統合します（最高 {top} 点、中央値 {median} 点、最低 {low} 点）",
        "pairs to merge: {count} (score: highest {top}, median {median}, lowest {low})",
    ),
    "dedupe.sample": ("そのうち {count} 組", "some of them: {count}"),
    "dedupe.ask": (
        "統合するには {count} と入力してください",
        "Type {count} to merge that many pairs",
    ),
    "dedupe.stopping": (
        "いまの統合を終えて停止します（もう一度 Ctrl-C で即時停止）",
        "stopping after this merge (Ctrl-C again: at once)",
    ),
    "dedupe.progress": ("統合 {count} / {all}", "merged {count} of {all}"),
    "dedupe.merged": ("{count} 組を統合しました", "merged: {count}"),
    "dedupe.refused": ("統合しませんでした:", "left alone:"),
    "dedupe.contradicted": (
        "{a} と {b}: 先の統合により矛盾が生じるため",
        "{a} and {b}: with what was merged before, records contradict each other",
    ),
    "dedupe.other": ("{a} と {b}: {code}", "{a} and {b}: {code}"),
    "blocked.score": ("点数が足りません", "the score is too low to be sure"),
    "blocked.contradiction": ("別のレコードと矛盾します", "another record contradicts"),
    "blocked.decision": ("別人と判断済みです", "somebody said that they are two"),
    "blocked.size": ("レコードが多すぎます", "too many records would come together"),
    "blocked.rival": ("同程度の候補がほかにあります", "another candidate is as near"),
    "evidence.agrees": ("{field}が一致", "{field}: the same"),
    "evidence.differs": ("{field}が異なる", "{field}: another"),
    "explain.merge": (
        "{at} {lead} を統合（{cause}）: {names}",
        "{at} merged with {lead} ({cause}): {names}",
    ),
    "cause.match": ("照合による", "by matching"),
    "cause.hand": ("手動、{user}", "by hand, {user}"),
    "cause.vendor": ("相手側での統合", "merged at the vendor"),
    "status.unsure": (
        "同一人物か確認待ちの組が {count} 件あります:",
        "pairs that may be one person: {count}",
    ),
    "column.a": ("リード A", "lead A"),
    "column.b": ("リード B", "lead B"),
    "column.blocked": ("自動統合しなかった理由", "why not by itself"),
    "column.number": ("#", "#"),
    "column.pairs": ("組", "pairs"),
    "column.points": ("点", "points"),
    "column.scores": ("点数", "score"),
    "column.evidence": ("根拠", "evidence"),
}
"""Key → (Japanese, English)."""

DEDUPE_ERRORS: dict[str, tuple[str, str]] = {
    "SAME_LEAD": ("すでに1つのリードです", "they are one lead already"),
    "NOT_MERGED": (
        "このリードは統合されたものではありません。--record で切り離すレコードを指定してください",
        "this lead was not made of two; name the records to take off by --record",
    ),
    "NOT_ITS_RECORD": (
        "「{text}」はこのリードのレコードではありません（あるのは {known}）",
        '"{text}" is no record of this lead (it has {known})',
    ),
    "NOTHING_LEFT": (
        "一方のリードに、それ自身の値を持つレコードが残りません",
        "one of the two leads would have no record that says anything itself",
    ),
    "NO_SUCH_MERGE": (
        "このリードに統合 {id} はありません（あるのは {known}）",
        "no merge {id} made this lead (there are {known})",
    ),
    "NO_PAIR": (
        "{number} 番の組はありません（確認待ちは {count} 組）",
        "there is no pair {number} ({count} wait)",
    ),
    "PAIR_HOW": (
        "リードを2つ指定してください",
        "name two leads",
    ),
    "NOT_ASKED": (
        "この2つは確認待ちではありません",
        "nothing is asked about these two",
    ),
    "MERGE_WHAT": (
        "リードを2つ、または --above で点数を指定してください",
        "name two leads, or say --above",
    ),
    "SPLIT_WHAT": (
        "--record と --merge のどちらか一方を指定してください",
        "say either --record or --merge",
    ),
    "SAY_YES": (
        "{count} 組を統合するには --yes が必要です",
        "merging {count} pairs needs --yes",
    ),
}
"""Code → (Japanese, English)."""

DEDUPE_HELP: dict[str, str] = {
    "Who may be one person: look, merge, take apart.": (
        "同一人物かもしれないリードを確認し、統合・分離します。"
    ),
    "List the pairs of leads that may be one person. The surest first, with what kept them from "
    "being put together.": (
        "同一人物かもしれないリードの組を一覧します。\n\n"
        "確度の高い順に、自動統合しなかった理由とともに示します。"
    ),
    "Only pairs with at least this score.": "この点数以上の組だけ。",
    "How many, the surest first.": "表示件数（確度の高い順）。",
    "Those that were put off, too.": "後回しにした組も示します。",
    "Show two leads side by side. What differs first and marked (≠), their records, the reasons "
    "with points that add up to the score, and what stands in the way.": (
        "2つのリードを並べて示します。\n\n"
        "異なる項目を先に（≠ 付き）、レコード、点数の内訳、統合しなかった理由を示します。"
    ),
    "A lead, or the number of a line of the list.": "リード、または一覧の番号。",
    "The other lead.": "もう一方のリード。",
    "Merge two leads, or every pair from a score on. The older lead stays, with the records of "
    "both. Each merge can be taken back by `renkei dedupe split`. Many are shown first, and need "
    "--yes or that you type their number.": (
        "2つのリード、または一定の点数以上の組すべてを統合します。\n\n"
        "古いほうのリードが残り、両方のレコードを持ちます。どの統合も `renkei dedupe split` で"
        "取り消せます。一括の場合は先に内容を示し、--yes か件数の入力が必要です。"
    ),
    "A lead: an id, an e-mail, a record's id, or part of a name or company.": (
        "リード（ID・メール・レコード ID・氏名や会社名の一部）。"
    ),
    "Every pair with at least this score.": "この点数以上の組すべて。",
    "Those, too, that something stands in the way of.": (
        "点数以外の理由で自動統合しなかった組も含めます。"
    ),
    "How many of them are shown first.": "先に示す組の数。",
    "Take a merge back, or records off a lead. Without --record the last merge is taken back: "
    "both leads are what they were before. With it the records become a lead of their own. They "
    "are never put together again by themselves.": (
        "統合を取り消すか、レコードを切り離します。\n\n"
        "--record がなければ最後の統合を取り消し、両方のリードを元に戻します。"
        "指定すればそのレコードが新しいリードになります。自動では二度と統合されません。"
    ),
    "A record to take off, as `renkei lead` shows it. May repeat.": (
        "切り離すレコード（`renkei lead` の表示どおり、複数可）。"
    ),
    "The merge to take back, by its number in `renkei explain LEAD match`.": (
        "取り消す統合（`renkei explain LEAD match` の番号）。"
    ),
    "Say for good that two leads are two people. No later import or change puts them together.": (
        "2つのリードを別人として記録します。\n\n今後の取込や変更でも統合されません。"
    ),
    "Ask about two leads again some other day.": "2つのリードの確認を後回しにします。",
    "After how many days.": "何日後に確認するか。",
}
"""English, its white space evened out, → Japanese."""
