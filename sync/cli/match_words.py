"""What the verbs about matching say, in Japanese and English, and their help in Japanese."""

from __future__ import annotations

MATCH: dict[str, tuple[str, str]] = {
    "error.NO_LABEL": (
        "正解の列が見つかりません（あるのは {known}）",
        "no column says who each row is (there are {known})",
    ),
    "error.NO_COLUMN": (
        "列「{name}」はありません（あるのは {known}）",
        'there is no column "{name}" (there are {known})',
    ),
    "match.read": (
        "{file}: {records} 件、正解 {entities} 件（列 {label}）",
        "{file}: {records} records, {entities} labelled entities (column {label})",
    ),
    "match.leads": (
        "リードとして照合しました。自動統合は {accept} 点以上",
        "matched as leads; put together unasked from {accept} points",
    ),
    "match.columns": (
        "列ごとに照合しました。自動統合は {accept} 点以上",
        "matched column by column; put together unasked from {accept} points",
    ),
    "match.automatic": ("自動", "automatic"),
    "match.reviewed": ("確認 {at} 点以上", "review from {at}"),
    "match.bands_note": (
        "「確認」の行は、その点数以上の組をすべて統合した場合の値です",
        "a review row is what comes out when every pair from that score on is put together",
    ),
    "match.false": ("誤って統合した組（上位 {count} 件）", "put together wrongly (worst {count})"),
    "match.missed": ("統合できなかった組（上位 {count} 件）", "missed (worst {count})"),
    "match.none": ("ありません", "none"),
    "match.pair": ("{a} 行目 / {b} 行目: {points} 点", "rows {a} and {b}: {points} points"),
    "match.below": (
        "F1 {f1} は --gate の {gate} に届きません",
        "F1 {f1} is below the gate of {gate}",
    ),
    "step.same": ("{field} が一致", "{field}: the same"),
    "step.close": ("{field} がほぼ一致", "{field}: nearly the same"),
    "step.near": ("{field} が似ている", "{field}: alike"),
    "step.differ": ("{field} が異なる", "{field}: another"),
    "step.one_group": ("同じ世帯・会社の別人でもありうる", "or two of one household or company"),
    "step.one_side": ("同じ側のファイルの行", "rows of one side"),
    "column.band": ("段階", "band"),
    "column.precision": ("適合率", "precision"),
    "column.recall": ("再現率", "recall"),
    "column.f1": ("F1", "F1"),
    "column.b3": ("B³", "B³"),
    "column.exact": ("完全一致", "exact"),
    "column.asked": ("確認の組", "to review"),
    "column.per_record": ("1件あたり", "per record"),
    "column.true_share": ("うち同一", "of them true"),
    "column.compared_as": ("比べ方", "compared as"),
    "column.same": ("一致", "same"),
    "column.close": ("ほぼ一致", "close"),
    "column.near": ("類似", "near"),
    "column.differ": ("不一致", "differ"),
}
"""Key → (Japanese, English)."""

MATCH_HELP: dict[str, str] = {
    "Judge the matching by a labelled file. Precision, recall, F1 and B-cubed at each band, what "
    "people would be asked, and the worst mistakes with their reasons. Leads are matched as the "
    "hub does; any other table by --config, or by what its columns tell without the labels.": (
        "正解付きのファイルで名寄せの精度を調べます。\n\n"
        "段階ごとの適合率・再現率・F1・B³、確認が必要な量、誤りの上位をその理由とともに示します。"
        "リードはハブと同じ方法で、それ以外の表は --config、"
        "なければ正解を見ずに列の値から推定した設定で照合します。"
    ),
    "A labelled CSV or TSV file.": "正解付きの CSV・TSV ファイル。",
    "The column that says who each row is; default: by its usual names, or FEBRL's rec-1-org.": (
        "正解の列（省略時は cluster などよくある名前の列、または FEBRL の rec-1-org）。"
    ),
    "The column that says which of two linked files a row is from; rows of one are never joined.": (
        "2つのファイルのどちらの行かを示す列（同じ側の行は統合しません）。"
    ),
    "A match.yaml with fixed settings.": "固定の設定（match.yaml 形式）。",
    "The score from which two records are put together.": "統合する点数。",
    "How many mistakes of each kind are shown.": "示す誤りの数（種類ごと）。",
    "End with 1 where the automatic F1 is below this.": (
        "自動統合の F1 がこれを下回ったら終了コード 1 にします。"
    ),
}
"""English, its white space evened out, → Japanese."""
