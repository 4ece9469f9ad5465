"""What is said of backups, in Japanese and English, and their help in Japanese."""

from __future__ import annotations

BACKUP: dict[str, tuple[str, str]] = {
    "backup.done": (
        "{file} に保存しました（{size}、スキーマ {schema}）。鍵は含まれません",
        "written: {file} ({size}, schema {schema}); the key is not in it",
    ),
    "restore.proven": (
        "{file} は完全です（{at} 作成、スキーマ {schema}）",
        "{file} is whole (made {at}, schema {schema})",
    ),
    "restore.ask": (
        "{at} の状態に戻します。続けますか？",
        "This puts the database back to {at}. Go on?",
    ),
    "restore.done": ("{at} の状態に戻しました", "the database is as it was at {at}"),
    "restore.aside": (
        "直前のデータベースは {aside} に残しました",
        "what was there before is kept as {aside}",
    ),
    "restore.paused": (
        "{name} は書き込み専用のため一時停止しました。二重に作られるものがないか確かめてから "
        "renkei resume {name} を実行してください",
        "{name} is written and never read, so it is paused: look for what would be made twice, then"
        " renkei resume {name}",
    ),
    "error.BACKUP_FAILED": (
        "バックアップできませんでした: {why}",
        "no backup was made: {why}",
    ),
    "error.BAD_BACKUP": (
        "{file} はバックアップとして使えません: {why}",
        "{file} cannot be restored: {why}",
    ),
    "error.DATABASE_IN_USE": (
        "データベースが使用中です。renkei をすべて止めてください（{why}）",
        "the database is in use; stop every renkei first ({why})",
    ),
}
"""What is said, as (Japanese, English); braces are filled in."""

BACKUP_HELP: dict[str, str] = {
    "Write the database as it is now into a file; the hub goes on meanwhile. The file holds "
    "everything but the key; keep that elsewhere. It is written whole or not at all, and never "
    "over another.": (
        "いまのデータベースをファイルに保存します。動かしたまま実行できます。\n\n"
        "鍵は含まれません。別の場所に保管してください。途中までのファイルは残らず、既存のファイルも"
        "上書きしません。"
    ),
    "Put a backup in the place of the database, which is kept aside. Nothing else may use the "
    "database. Afterwards each connection is read once more before anything but opt-outs is "
    "written to it: what was written since the backup is found and not made twice.": (
        "バックアップの状態に戻します。直前のデータベースは残します。\n\n"
        "ほかの renkei はすべて止めておきます。戻したあとは、接続ごとにもう一度読み終えるまで"
        "配信停止以外を書き込みません。バックアップ後に作ったものを見つけ、二重に作らないためです。"
    ),
    "The backup file.": "バックアップのファイル。",
    "Only prove that the file is whole.": "ファイルが完全かどうかだけを確かめます。",
}
"""English, its white space evened out, → Japanese."""
