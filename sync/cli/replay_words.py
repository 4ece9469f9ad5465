"""What ``replay`` says, in Japanese and English, and its help in Japanese."""

from __future__ import annotations

REPLAY: dict[str, tuple[str, str]] = {
    "replay.none_kept": (
        "保存されている受信データはありません（{days} 日間保持）",
        "no raw record is kept (they are kept for {days} days)",
    ),
    "replay.reach": (
        "受信データが残っているのは {at} 以降です（{days} 日間保持）。それより前は再読込できません",
        "raw records are kept for {days} days: what came before {at} cannot be replayed",
    ),
    "replay.read": (
        "受信データ {read} 件を現在の項目割り当てで読み直しました: "
        "差異あり {differ} 件、変更なし {same} 件",
        "read again by the field maps of today: {read} ({differ} differ, {same} do not)",
    ),
    "replay.stage": (
        "ステージ「{value}」: {old} → {new}",
        'stage "{value}": {old} → {new}',
    ),
    "replay.stage_refused": (
        "ステージ「{value}」: {old} → {new} は許可されない移動のため、保留になります",
        'stage "{value}": {old} → {new} is not allowed, and will be set aside for a person',
    ),
    "replay.problem": ("読めません", "cannot be read"),
    "replay.settled": ("読めるようになります", "can be read now"),
    "replay.kept": (
        "配信停止は残します（解除は人が行います）",
        "the opt-out stays: a person may lift it",
    ),
    "replay.readable": (
        "保留中のレコードが読めるようになります",
        "was set aside, and can be read now",
    ),
    "replay.dropped": ("（対象外）", "(no longer read)"),
    "replay.more": (
        "ほか {count} 件（--limit で表示数を変更）",
        "and {count} more (--limit shows more)",
    ),
    "replay.refused": (
        "現在の項目割り当てでは読めないため、そのままにするレコード: {count} 件",
        "records that the field maps of today refuse, left as they are: {count}",
    ),
    "replay.gone": ("削除済みのため対象外: {count} 件", "left out, deleted since: {count}"),
    "replay.moved": (
        "相手側で統合・変換されたため対象外: {count} 件",
        "left out, merged or converted at the vendor since: {count}",
    ),
    "replay.waiting": (
        "新しい受信が処理待ちのため対象外: {count} 件",
        "left out, something newer waits to be resolved: {count}",
    ),
    "replay.no_connection": (
        "接続またはストリームがなくなったため対象外: {count} 件",
        "left out, of a connection or stream that is no more: {count}",
    ),
    "replay.unreadable": (
        "現在の鍵では復号できません: {count} 件（古い鍵を追加してください）",
        "sealed with a key that is not listed: {count} (put the old key back behind the new one)",
    ),
    "replay.nothing": ("変わるものはありません", "nothing would change"),
    "replay.applied": (
        "{count} 件を反映しました",
        "applied: {count}",
    ),
    "replay.stale": (
        "その間に新しい変更があったため {count} 件を見送りました。もう一度実行してください",
        "left alone, changed meanwhile: {count}; replay once more",
    ),
    "error.BAD_TIME": (
        "日時「{text}」を読めません（例: 2026-11-01、2026-11-01T09:30）",
        'no date or time is "{text}" (write 2026-11-01 or 2026-11-01T09:30)',
    ),
    "error.EMPTY_PERIOD": (
        "期間が空です（{since} から {until}）",
        "the period is empty: from {since} until {until}",
    ),
    "job.replay": ("再読込", "replay"),
}
"""Key → (Japanese, English)."""

REPLAY_HELP: dict[str, str] = {
    "Read what was received in a period once more, by the field maps of today. Shows what would "
    "differ and changes nothing; ends with 4 where anything does. --apply mends the leads and "
    "writes what is owed then. Raw records are kept for retention.inbox_days.": (
        "ある期間に受信したデータを、現在の項目割り当てで読み直します。\n\n"
        "変わる内容を示すだけで、何も変更しません（変わるものがあれば終了コード 4）。"
        "--apply でリードを直し、各システムに書き込みます。"
        "受信データは retention.inbox_days の日数だけ保持されます。"
    ),
    "From this date or time on, in the hub's time zone.": "この日時から（ハブのタイムゾーン）。",
    "Until before this time; a date is included.": "この日時まで（日付はその日を含みます）。",
    "Only this stream. May repeat.": "このストリームだけ（複数可）。",
    "Mend what differs, and write what is owed then.": "差異を反映し、必要な書き込みを行います。",
    "How many records are shown.": "表示するレコード数。",
}
"""English, its white space evened out, → Japanese."""
