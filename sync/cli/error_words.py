"""What the command line's own errors say, by code, in Japanese and English."""

from __future__ import annotations

from sync.cli.alert_words import ALERT_ERRORS
from sync.cli.dedupe_words import DEDUPE_ERRORS

ERRORS: dict[str, tuple[str, str]] = {
    **ALERT_ERRORS,
    **DEDUPE_ERRORS,
    "STOPPED": ("停止しました。失われたものはありません", "stopped; nothing is lost"),
    "UNKNOWN_LANGUAGE": (
        "言語「{name}」はありません（ja または en）",
        'no language "{name}": ja or en',
    ),
    "UNKNOWN_CONNECTION": (
        "接続「{name}」はありません（あるのは {known}）",
        'there is no connection "{name}" (there are {known})',
    ),
    "UNKNOWN_CONNECTOR": ("そのコネクタはありません", "there is no such connector"),
    "CONNECTOR_BROKEN": ("コネクタを読み込めません", "the connector cannot be loaded"),
    "UNKNOWN_STREAM": (
        "ストリーム「{name}」は特定できません（あるのは {known}）",
        'no single stream is "{name}" (there are {known})',
    ),
    "NO_SCRATCH": (
        "仮のスキーマを作れません（{why}）。--measure を外すか、CREATE 権限を付けてください",
        "no scratch schema can be made ({why}): leave --measure out, or grant CREATE on the"
        " database",
    ),
    "UNKNOWN_RUN": ("実行 {id} はありません", "there is no run {id}"),
    "UNKNOWN_ASIDE": ("保留 {ids} はありません", "nothing set aside has the number {ids}"),
    "NO_LEAD": ("「{text}」に当たるリードはありません", 'no lead is "{text}"'),
    "SEVERAL_LEADS": (
        "「{text}」に当たるリードが {count} 件あります。ID で指定してください",
        '{count} leads are "{text}": name one by its id',
    ),
    "NO_VALUE": (
        "「{field}」には値がありません（あるのは {known}）",
        'nothing is known of "{field}" (known are {known})',
    ),
    "REASON_NEEDED": (
        "ステージを手動で変えるには --reason で理由が必要です",
        "a stage set by hand needs --reason; it stays in the history",
    ),
    "SET_HOW": ("--set は「項目=値」と書きます（{text}）", "--set takes FIELD=VALUE, not {text}"),
    "WHO": ("変更者が分かりません。--by で指定してください", "nobody knows who you are: say --by"),
    "RETRY_WHAT": (
        "再試行するものを番号、--connection、--code、--all のいずれかで指定してください",
        "say what: numbers, --connection, --code or --all",
    ),
    "RECORD_OR_FILE": (
        "--record と --file のどちらか一方を指定してください",
        "say either --record or --file",
    ),
    "NO_RECORD": ("{stream} に {id} はありません", "{stream} has no record {id}"),
    "NO_FETCH": (
        "{name} は1件ずつの取得ができません",
        "{name} cannot read a single record",
    ),
    "NO_MAP": (
        "{name} の {stream} には項目の割り当てがありません",
        "{stream} of {name} has no field map",
    ),
    "NOT_DESCRIBED": ("{name} は項目の一覧を返しません", "{name} does not tell its fields"),
    "BAD_FILE": ("{file} を読めません: {why}", "{file} cannot be read: {why}"),
    "NO_FILE": ("{file} がありません", "there is no {file}"),
    "NO_FILE_CONNECTION": (
        "ファイル取り込みの接続ではありません（あるのは {known}）",
        "that is no file connection (there are {known})",
    ),
    "WHICH_CONNECTION": (
        "--connection でファイル取り込みの接続を指定してください（あるのは {known}）",
        "say --connection: which file connection (there are {known})",
    ),
    "NOT_CONFIRMED": ("取りやめました。何も変更していません", "left alone; nothing was changed"),
    "NO_SIMULATOR": ("{name} には模擬サーバーがありません", "{name} has no simulator"),
    "PORT_TAKEN": ("ポート {port} は使用中です", "port {port} is taken"),
    "ADDRESS_TAKEN": ("そのアドレスで待ち受けられません", "the address cannot be listened on"),
    "NOT_READY": ("{url} は稼働できません（{why}）", "{url} is not ready ({why})"),
    "BAD_HEALTH_URL": (
        "http:// か https:// で始まるアドレスを指定してください（{url}）",
        "give an address that begins with http:// or https:// ({url})",
    ),
    "NO_BROKER": (
        "renkei.yaml に broker がありません。1台で動かすなら up を使います",
        "renkei.yaml names no broker; on one host `up` works by itself",
    ),
    "NO_HANDOFF": ("引き継ぎ「{id}」はありません", 'there is no hand-off "{id}"'),
    "NO_PYTEST": ("pytest がありません", "pytest is not installed"),
    "SCAFFOLD": ("コネクタを作れません", "the connector cannot be begun"),
    "THERE_ALREADY": ("{file} はすでにあります", "{file} is there already"),
    "SCHEMA_STALE": (
        "データベースが古いままです（{at}、必要なのは {head}）",
        "the database is at schema {at}; this version needs {head}",
    ),
    "NAME_TAKEN": (
        "別のパッケージが同じ名前を使っています",
        "another package has one of Renkei's names",
    ),
    "SCHEMA_NEWER": (
        "データベースが新しい版の Renkei で更新されています",
        "a newer Renkei upgraded the database",
    ),
    "DATABASE_UNREACHABLE": (
        "データベースに接続できません: {why}",
        "the database cannot be reached: {why}",
    ),
}
"""Code → (Japanese, English)."""
