"""What plan, apply and undo say, in Japanese and English, and their help in Japanese."""

from __future__ import annotations

PLAN: dict[str, tuple[str, str]] = {
    "plan.line": (
        "{name}: 新規作成 {create} 件、更新 {update} 件の予定",
        "{name}: {create} to create, {update} to update",
    ),
    "plan.nothing": ("書き込む変更はありません", "nothing is owed to anybody"),
    "plan.more": ("ほか {count} 件", "and {count} more"),
    "plan.unresolved": (
        "受信したレコード {count} 件は処理待ちで、この計画には含まれません",
        "received and not yet resolved, so no part of this plan: {count}",
    ),
    "plan.stages": (
        "  ステージの移動 {moves} 件（うち後退 {back} 件）",
        "  stage moves: {moves}, of which backward: {back}",
    ),
    "plan.doubles": (
        "  {count} 件は同じ人のレコードがほかにもあります（統合・削除はしません）",
        "  people with further records there, which are neither merged nor archived: {count}",
    ),
    "plan.calls": (
        "  呼び出し {calls} 回（API 残り {left}）",
        "  calls: {calls} (quota left: {left})",
    ),
    "plan.quota_short": (
        "  API の残りが足りません。残りは後で書き込まれます",
        "  the quota does not reach; what is left over is written later",
    ),
    "plan.back": ("ステージが後退します", "the stage goes backward"),
    "second.our_id": (
        "レコードとリードを結ぶ Renkei ID を書き込みます",
        "the Renkei id that ties the record to its lead is written, too",
    ),
    "second.marks": (
        "Renkei が管理するステージなどの印も書き込みます",
        "what Renkei itself says of the lead is written, too",
    ),
    "second.opt_out": (
        "配信停止を、同じ人の別レコードにも書き込みます",
        "the opt-out goes to this further record of the person",
    ),
    "second.stage_cleared": (
        "戻す前にステージを空にします",
        "the stage is cleared before it goes back",
    ),
    "over.creates": (
        "  上限超過: 新規作成 {wanted} 件（上限 {allowed} 件）",
        "  over the limit: {wanted} creates, {allowed} are allowed",
    ),
    "over.changed_percent": (
        "  上限超過: レコードの {wanted} % を変更（上限 {allowed} %）",
        "  over the limit: {wanted} % of the records change, {allowed} % may",
    ),
    "over.stage_regressions": (
        "  上限超過: ステージの後退 {wanted} 件（上限 {allowed} 件）",
        "  over the limit: {wanted} stages go backward, {allowed} may",
    ),
    "moved.connection": (
        "いまは書き込めません（一時停止・無効）",
        "is not written to now (paused or disabled)",
    ),
    "moved.setup": ("接続の設定が変わりました", "its configuration changed"),
    "moved.lead": ("リードが変わりました", "the lead changed"),
    "moved.record": ("相手側のレコードが変わりました", "the record changed at the vendor"),
    "moved.change": ("書き込む内容が変わりました", "what would be written changed"),
    "moved.settled": ("もう書き込むものがありません", "nothing is owed any more"),
    "unreadable.missing": ("ファイルがありません", "there is no such file"),
    "unreadable.broken": ("計画ファイルではありません", "it is no plan"),
    "unreadable.edited": (
        "このハブが書いたままではありません",
        "it is not as this hub wrote it",
    ),
    "unreadable.version": ("別の版の計画です", "it is of another version"),
    "error.NO_PLAN": ("計画 {file} を使えません: {why}", "the plan {file} cannot be used: {why}"),
    "error.PLAN_MOVED": (
        "計画後に {count} 件が変わったため、何も書き込みませんでした",
        "nothing was written: {count} things moved since the plan was made",
    ),
    "error.OVER_LIMIT": (
        "上限を超えるため、何も書き込みませんでした",
        "nothing was written: the plan is over a limit",
    ),
    "error.NOTHING_WRITTEN": ("実行 {id} は何も書き込んでいません", "run {id} wrote nothing"),
    "error.UNDO_ENDED": (
        "取り消し {id} は途中で終わりました",
        "undo {id} ended early; do it again",
    ),
    "apply.undo": ("取り消すには: renkei undo {run}", "to take it back: renkei undo {run}"),
    "apply.left": (
        "{count} 件はその間に変わったか書き込み中だったため見送りました",
        "left alone, changed or being written just then: {count}",
    ),
    "kept.created": (
        "この実行で作成（削除はしません。不要なら相手側で削除してください）",
        "created by this run, or found then; delete it there by hand where it should not be",
    ),
    "kept.edited": ("その後に変更されています（{by}）", "changed since ({by})"),
    "kept.gone": ("レコードがありません", "the record is gone"),
    "kept.moved": ("別のレコードに統合されました", "it was merged into another record"),
    "kept.opt_out": ("配信停止は取り消しません", "an opt-out is not taken back"),
    "kept.unknown": ("書き込む前の値が分かりません", "what it held before is not known"),
    "kept.unmapped": (
        "項目割り当てがもう書き込みません",
        "the field map does not write it any more",
    ),
    "kept.refused": ("相手側が受け付けません（{by}）", "the vendor refused it ({by})"),
    "undo.would": (
        "{records} レコードのうち {fields} 項目を元に戻します（対象外 {kept} 件）",
        "fields to be put back: {fields}, of {records} records (left as they are: {kept})",
    ),
    "undo.done": (
        "{records} レコードのうち {fields} 項目を元に戻しました（対象外 {kept} 件）",
        "fields put back: {fields}, of {records} records (left as they are: {kept})",
    ),
    "retry.limit": (
        "#{id}: 上限で止まっています。renkei plan で確認し、renkei apply --allow-large で再開",
        "#{id}: held back by a limit; look with renkei plan, then renkei apply --allow-large",
    ),
    "job.undo": ("取消", "undo"),
    "aside.limit": ("上限", "limit"),
}
"""Key → (Japanese, English)."""

PLAN_HELP: dict[str, str] = {
    "Show what a push would write now, field by field, and keep it as a plan. Creates, updates, "
    "stage moves and what follows from them; the calls it takes, and the limits it is over. "
    "Nothing is written. `renkei apply` carries out exactly this; ends with 4 where there is "
    "anything to write.": (
        "いま書き込むとどうなるかを項目ごとに示し、計画として保存します。\n\n"
        "新規作成・更新・ステージの移動とそれに伴う書き込み、呼び出し回数、上限超過を示します。"
        "何も書き込みません。`renkei apply` はこの内容だけを書き込みます。"
        "書き込むものがあれば 4 で終わります。"
    ),
    "Only this target. May repeat.": "この書き込み先だけ（複数可）。",
    "Where to keep the plan; default: data/plan.json.": "計画の保存先（省略時は data/plan.json）。",
    "How many changes are shown for each target.": "書き込み先ごとに表示する変更の件数。",
    "Write exactly what a plan says, or nothing. The records are read again first. Where one of "
    "them, a lead, or the configuration is not as it was when the plan was made, nothing is "
    "written.": (
        "計画のとおりに書き込みます。さもなければ何も書き込みません。\n\n"
        "先にレコードを読み直し、レコード・リード・設定のどれかが計画時と違えば、"
        "何も書き込みません。"
    ),
    "The plan; default: data/plan.json.": "計画ファイル（省略時は data/plan.json）。",
    "Also where it is over a limit.": "上限を超えていても書き込みます。",
    "Put back what a run wrote, where it still stands. Fields that somebody changed since are "
    "left, and listed. Records that the run created stay. What is put back is parked: it is not "
    "written again until the lead's value changes, or by `renkei retry`. An undo is a run, too, "
    "and can be undone.": (
        "実行が書き込んだ値のうち、そのまま残っているものを元に戻します。\n\n"
        "その後に変更された項目は残して一覧し、作成されたレコードも残します。"
        "戻した項目は、リードの値が変わるか `renkei retry` するまで書き込まれません。"
        "取り消しも一つの実行で、さらに取り消せます。"
    ),
    "The run, as `renkei runs` shows it; or last, the last that wrote.": (
        "実行の ID（`renkei runs` が示すもの）。last は最後に書き込んだ実行。"
    ),
    "Show what would be put back; write nothing.": "元に戻す内容を示すだけにします。",
}
"""English, its white space evened out, → Japanese."""
