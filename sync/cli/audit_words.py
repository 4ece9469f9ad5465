"""What ``audit`` and ``consent`` say, in Japanese and English, and their help in Japanese."""

from __future__ import annotations

AUDIT: dict[str, tuple[str, str]] = {
    "job.audit": ("監査", "audit"),
    "column.agree": ("一致", "agree"),
    "column.between": ("対象の組", "between"),
    "column.consent": ("経路と目的", "channel and purpose"),
    "column.compared": ("比較した値", "values"),
    "column.differing": ("不一致", "differ"),
    "column.rests_on": ("根拠", "rests on"),
    "column.interval": ("95%区間", "95 % interval"),
    "column.both_out": ("双方で停止", "both opted out"),
    "column.people": ("人数", "people"),
    "column.score": ("一致率", "score"),
    "column.worst": ("不一致の多い項目", "worst fields"),
    "audit.seed": (
        "各接続から最大 {sample} 件を抽出（--seed {seed}）",
        "up to {sample} records of each connection (--seed {seed})",
    ),
    "audit.nothing": (
        "読み直せる接続がないか、レコードがありません",
        "no connection can be read again, or there are no records",
    ),
    "audit.error": (
        "{name}: 途中で読めなくなりました（{why}）",
        "{name}: reading ended early ({why})",
    ),
    "audit.exact": ("全件を確認", "all were read"),
    "audit.repaired": (
        "{count} 件のレコードを取り込み直しました",
        "records taken in again: {count}",
    ),
    "audit.only_sample": (
        "直したのは抽出した分だけです。すべてを直すには --sample を全レコード数以上にしてください",
        "only what was drawn is repaired; a --sample of as many as there are repairs all",
    ),
    "audit_why.drifted": ("Renkei の記憶と違う", "not what Renkei remembers"),
    "audit_why.owed": ("書き込みが届いていない", "not what it should be given"),
    "audit_why.gone": ("レコードがない", "the record is gone"),
    "audit_why.differs": ("2つの接続で違う", "the two differ"),
    "consent.none": (
        "2つ以上の接続にいる人の同意はまだありません",
        "nobody's consent is known to two connections yet",
    ),
    "consent.agree": ("すべて一致しています", "all agree"),
    "consent.more": ("ほか {count} 件（--json で全件）", "and {count} more (--json lists them)"),
    "consent.by_hand": ("手動（{user}、{where}）", "by hand ({user}, {where})"),
    "consent_why.owed": ("書き込み待ち", "to be written"),
    "consent_why.refused": ("相手側が拒否、または保留", "refused there, or set aside"),
    "consent_why.unmapped": ("書き込む項目の割り当てがない", "mapped to no field there"),
    "consent_why.read_only": ("書き込まない接続", "not written to"),
    "consent_why.kept": ("停止のまま残している", "left opted out there"),
    "error.NO_CONSENT": (
        "「{text}」の同意は何も分かっていません",
        'nothing is known of the consents of "{text}"',
    ),
}
"""Key → (Japanese, English)."""

AUDIT_HELP: dict[str, str] = {
    "Read a sample of records again and say how far they agree. Every connection is held against "
    "what Renkei remembers and what the leads say it should hold, and against each other "
    "connection. Ends with 3 where a score is below --below.": (
        "レコードを抽出して読み直し、一致の度合いを示します。\n\n"
        "各接続の実際の値を、Renkei の記憶とリードのあるべき値、および他の接続と比べます。"
        "一致率が --below 未満なら 3 で終わります。"
    ),
    "Records of each connection.": "接続ごとの件数。",
    "Which sample; the same number takes the same records. Default: one a day.": (
        "抽出の番号。同じ番号なら同じレコード（省略時は日ごと）。"
    ),
    "Take in what differs, and write what is owed then.": (
        "不一致を取り込み直し、必要な書き込みを行います。"
    ),
    "Repair, and warn, only where the score is below this.": (
        "この一致率を下回る場合だけ修復・警告します。"
    ),
    "Say how far the systems agree on who opted out. For each pair, channel and purpose: how many "
    "agree, who does not, and why. Ends with 3 where anybody does not.": (
        "配信停止がシステム間で一致しているかを示します。\n\n"
        "組・経路・目的ごとに、一致する人数、一致しない人とその理由を示します。"
        "不一致があれば 3 で終わります。"
    ),
    "Only these two connections.": "この2つの接続だけ。",
    "Only this lead: what each of its consents rests on.": (
        "このリードだけ（各同意の根拠を表示）。"
    ),
}
"""English help → Japanese."""
