"""Everything the crash suite says, in Japanese and English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": (
        "Renkei クラッシュ試験: {records:,} レコード、シード {seed}",
        "Renkei crash suite: {records:,} records, seed {seed}",
    ),
    "where": (
        "作業フォルダー: {root}（{kept}）",
        "directory: {root} ({kept})",
    ),
    "kept": ("残します", "kept"),
    "dropped": ("終了後に消します", "removed at the end"),
    "begin": ("{backend}: 開始", "{backend}: begins"),
    "calm": ("障害なしの実行（比較の基準）", "without faults, to compare with"),
    "under_way": (
        "{backend}: {share} 同期、強制終了 {kills}、キュー消去 {flushes}、DB 再起動 {restarts}",
        "{backend}: {share} synced, {kills} kills, {flushes} flushes, {restarts} restarts",
    ),
    "missing": (
        "{backend}: {program} がこのコンピューターにありません。"
        "入れるか、--backend で外してください。",
        "{backend}: {program} is not on this machine; install it, or leave this back end out.",
    ),
    "stuck_process": ("{backend}: {why}", "{backend}: {why}"),
    "unlike": (
        "{backend}: 最終状態 {digest} が障害なしの実行 {calm} と違います。",
        "{backend}: ended as {digest}, and not as the run without faults, {calm}.",
    ),
    "trouble": ("{backend}: {what}", "{backend}: {what}"),
    "more": ("  ほか {count} 件は {file} にあります。", "  {count} more are in {file}."),
    "good": (
        "失われた・重複した・古い値に戻ったレコードはありません。",
        "no record was lost, doubled or regressed.",
    ),
    "bad": ("問題が見つかりました。", "something is wrong."),
    "again": ("同じ条件で再実行: {command}", "the same again: {command}"),
    "stopped": ("中断しました。", "stopped."),
    "column.backend": ("構成", "back end"),
    "column.records": ("レコード", "records"),
    "column.kills": ("強制終了", "kills"),
    "column.flushes": ("キュー消去", "flushes"),
    "column.restarts": ("DB 再起動", "restarts"),
    "column.lost": ("消失", "lost"),
    "column.doubled": ("重複", "doubled"),
    "column.regressed": ("後退", "regressed"),
    "column.recovery": ("復旧 p50/p99 秒", "recovery p50/p99 s"),
    "column.stop": ("停止 p50/p99 秒", "stop p50/p99 s"),
    "column.seconds": ("秒", "seconds"),
    "backend.sqlite": ("プロセス内 / SQLite", "in-process / SQLite"),
    "backend.postgres": ("プロセス内 / PostgreSQL", "in-process / PostgreSQL"),
    "backend.redis": ("Redis / PostgreSQL", "Redis / PostgreSQL"),
    "backend.rabbitmq": ("RabbitMQ / PostgreSQL", "RabbitMQ / PostgreSQL"),
}
