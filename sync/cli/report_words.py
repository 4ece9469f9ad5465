"""What the reports say: funnel, figures, dormant leads, a lead's story; Japanese and English."""

from __future__ import annotations

REPORT: dict[str, tuple[str, str]] = {
    "error.UNKNOWN_PROJECTION": (
        "ファネル「{name}」はありません（あるのは {known}）",
        'there is no funnel "{name}" (there are {known})',
    ),
    "report.always": ("全期間", "all time"),
    "report.period": ("{since}〜{until}（{zone}）", "{since} – {until} ({zone})"),
    "report.comma": ("、", ", "),
    "report.none": ("該当するものはありません", "there is nothing to tell"),
    "report.written": (
        "{rows} 行を {file} に書き出しました",
        "rows written to {file}: {rows}",
    ),
    "funnel.title": (
        "ファネル {period}: 棒は期間中に入った件数",
        "Funnel, {period}; bars are entries in the period",
    ),
    "funnel.cohorts": (
        "コホート（{by}）{period}: 開始 → 最後の段階に到達",
        "Cohorts by {by}, {period}: began → came to the last step",
    ),
    "funnel.aside": ("道の外にいるリード（現在）: {stages}", "beside the way now: {stages}"),
    "column.step": ("段階", "step"),
    "column.in_it": ("現在", "now"),
    "column.entries": ("期間中", "entered"),
    "column.went_on": ("次へ進んだ率", "went on"),
    "column.median_days": ("日数（中央値）", "median days"),
    "column.before": ("前のステージ", "from"),
    "column.back_to": ("戻り先", "back to"),
    "column.times": ("回数", "times"),
    "column.cohort": ("コホート", "cohort"),
    "column.began": ("開始", "began"),
    "column.conversion": ("到達率", "conversion"),
    "column.figure": ("指標", "figure"),
    "column.counted": ("数", "number"),
    "column.of": ("率（分子/分母）", "rate (of)"),
    "column.last_activity": ("最後の活動", "last activity"),
    "column.owner": ("担当", "owner"),
    "column.opted_out": ("配信拒否", "opted out"),
    "column.told_by": ("システム", "system"),
    "column.happened": ("できごと", "what"),
    "column.story": ("内容", "story"),
    "kpi.title": ("活動の指標 {period}", "Figures, {period}"),
    "kpi.duration": ("{hours}時間{minutes}分", "{hours}:{minutes} h"),
    "kpi.within": (
        "アポ・商談・コンバージョンは、直前の架電・クリックから {days} 日以内のものを数えます",
        "appointments, deals, conversions: within {days} days of the last call or click",
    ),
    "kpi_chapter.email": ("メール", "E-mail"),
    "kpi_chapter.phone": ("電話", "Phone"),
    "kpi_chapter.meeting": ("商談・打ち合わせ", "Meetings"),
    "kpi_chapter.webinar": ("ウェビナー", "Webinars"),
    "kpi_chapter.form": ("フォーム", "Forms"),
    "kpi_figure.sent": ("配信", "sent"),
    "kpi_figure.delivered": ("到達", "delivered"),
    "kpi_figure.bounced": ("不達", "bounced"),
    "kpi_figure.opened": ("開封", "opened"),
    "kpi_figure.clicked": ("クリック", "clicked"),
    "kpi_figure.converted": ("コンバージョン", "converted"),
    "kpi_figure.calls": ("架電", "calls"),
    "kpi_figure.connected": ("接続", "connected"),
    "kpi_figure.appointments": ("アポ獲得", "appointments"),
    "kpi_figure.deals": ("商談化", "deals opened"),
    "kpi_figure.talk_seconds": ("通話時間", "talk time"),
    "kpi_figure.meetings": ("予定", "planned"),
    "kpi_figure.held": ("実施", "held"),
    "kpi_figure.meeting_seconds": ("時間", "time"),
    "kpi_figure.webinars": ("参加", "attended"),
    "kpi_figure.webinar_seconds": ("視聴時間", "time"),
    "kpi_figure.forms": ("送信", "submitted"),
    "dormant.none": (
        "{days} 日以上動きのないリードはありません",
        "nobody has been silent for {days} days",
    ),
    "dormant.more": (
        "長く動きのない順に {count} 件を表示しました。すべてはこちら:",
        "the {count} longest silent; for all of them:",
    ),
    "timeline.inferred": ("（途中の段階を補完）", "(inferred on the way)"),
    "timeline.minutes": ("{minutes} 分", "{minutes} min"),
    "timeline.pushes": ("{count} 回: {fields}", "{count} times: {fields}"),
    "moment.created": ("リード作成", "created"),
    "moment.linked": ("レコード紐付け", "linked"),
    "moment.merged": ("統合", "merged"),
    "moment.split": ("分離", "split"),
    "moment.stage": ("ステージ", "stage"),
    "moment.activity": ("活動", "activity"),
    "moment.deal": ("商談", "deal"),
    "moment.consent": ("同意", "consent"),
    "moment.edited": ("手動変更", "edited"),
    "moment.changed": ("項目の変更", "changed"),
    "moment.pushed": ("書込", "written"),
    "moment.gone": ("削除", "gone"),
    "activity.form_submission": ("フォーム送信", "form submitted"),
    "activity.email_sent": ("メール配信", "e-mail sent"),
    "activity.email_delivered": ("メール到達", "e-mail delivered"),
    "activity.email_opened": ("メール開封", "e-mail opened"),
    "activity.email_clicked": ("メールのクリック", "e-mail clicked"),
    "activity.email_bounced": ("メール不達", "e-mail bounced"),
    "activity.call": ("電話", "call"),
    "activity.meeting": ("打ち合わせ", "meeting"),
    "activity.webinar": ("ウェビナー", "webinar"),
    "activity.note": ("メモ", "note"),
    "activity.task": ("タスク", "task"),
    "consent_state.granted": ("許可", "granted"),
    "consent_state.denied": ("拒否", "denied"),
    "consent_state.unknown": ("不明", "unknown"),
}
"""Key → (Japanese, English)."""

REPORT_HELP: dict[str, str] = {
    "Show the funnel: who stands where, who went on, and how fast. For each stage the leads there "
    "now, those who entered it in the period, the share that went on and the median days it took; "
    "then who went back and why. With --by those who began in the period, and how far they have "
    "come.": (
        "ファネルを表示します。\n\n"
        "ステージごとに、現在の件数、期間中に入った件数、次へ進んだ率、かかった日数の中央値と、"
        "戻ったリードとその理由を示します。--by を付けると、期間中に始まったリードが"
        "どこまで進んだかをコホートで示します。"
    ),
    "From this month, date or time on, in the hub's time zone.": (
        "この年月・日付・日時から（設定のタイムゾーン）。"
    ),
    "Until before this time; a month or date is included.": (
        "この日時の直前まで（年月・日付はその末日・当日を含む）。"
    ),
    "Cohorts by source, channel, campaign, month, owner, origin, team or any lead field.": (
        "コホートの分け方: source・channel・campaign・month・owner・origin（SDR/BDR）・team、"
        "またはリードの項目。"
    ),
    "stages, or purchase: the four steps of a buyer.": (
        "stages、または purchase（認知→興味・関心→比較検討→購入）。"
    ),
    "A step of a funnel of your own. May repeat.": "自社のファネルの段階（複数指定）。",
    "Write the table as CSV; - is standard output.": "表を CSV で書き出します（- は標準出力）。",
    "Show the figures of e-mail, phone, meetings, webinars and forms. With their rates, and what "
    "each is a share of. What two systems tell of one call or meeting counts once.": (
        "メール・電話・打ち合わせ・ウェビナー・フォームの指標を表示します。\n\n"
        "率は分子と分母を添えて示します。2つのシステムにある同じ電話や打ち合わせは"
        "1件と数えます。"
    ),
    "Tell apart by month, owner, team, campaign, source, channel, origin, connection or any lead "
    "field.": (
        "分け方: month・owner・team・campaign・source・channel・origin・connection、"
        "またはリードの項目。"
    ),
    "Days in which a meeting, deal or form counts as a result.": (
        "打ち合わせ・商談・フォームを成果と数える日数。"
    ),
    "List who has gone silent, to be won back. Leads at the stage dormant, and those without "
    "activity for so many days, customers included; the longest silent first. Disqualified leads "
    "are left out, and those who opted out. --due and --reopen list those who would be moved, to "
    "dormant or back to recycled, and end with 4 where there are any; --apply moves them.": (
        "動きのなくなったリードを一覧します（掘り起こし用）。\n\n"
        "休眠のリードと、指定した日数のあいだ活動のないリードを、顧客も含めて、"
        "長く動きのない順に示します。対象外と配信拒否の人は除きます。--due は休眠になるリード、"
        "--reopen は再開するリードを示し、あれば終了コード4で終わります。--apply で移します。"
    ),
    "Days without activity or a change of stage.": "活動やステージの変化がない日数。",
    "Also those who opted out of marketing, marked ✗.": "配信拒否の人も含めます（✗ 印）。",
    "How many are shown; a CSV has all.": "表示する件数（CSV には全件）。",
    "Tell the lead's story over all systems.": "全システムのできごとを時系列で表示します。",
}
"""English, its white space evened out, → Japanese."""
