"""What every mistake in a configuration is called, and what to do, in English and Japanese.

A code has (message, 文, hint, 対処). Where a near word is known, the hint is that word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.config.alert_messages import ALERT_MESSAGES
from sync.config.file_messages import FILE_MESSAGES
from sync.config.handoff_messages import HANDOFF_MESSAGES
from sync.config.rule_messages import RULE_MESSAGES
from sync.config.stage_messages import STAGE_MESSAGES
from sync.config.wording import EXPECTED, MAPPING

__all__ = ["MESSAGES", "expected", "mapping_words", "words"]

MESSAGES: dict[str, tuple[str, str, str, str]] = {
    **FILE_MESSAGES,
    **STAGE_MESSAGES,
    **RULE_MESSAGES,
    **HANDOFF_MESSAGES,
    **ALERT_MESSAGES,
    # Keys and values
    "UNKNOWN_KEY": (
        '"{name}" is not known here',
        "「{name}」はここでは使えません",
        "Known here: {known}.",
        "使えるキー: {known}",
    ),
    "MISSING_KEY": (
        '"{name}" is missing',
        "「{name}」がありません",
        "Add {name}: {describes}",
        "{name} を追加してください: {describes}",
    ),
    "WRONG_TYPE": (
        '"{name}" takes {expected}',
        "「{name}」には{expected}を書きます",
        "Write {expected}.",
        "{expected}を書いてください。",
    ),
    "BAD_VALUE": (
        '"{name}": {why}',
        "「{name}」の値が正しくありません: {why}",
        "{describes}",
        "{describes}",
    ),
    "BAD_OPTIONS": (
        "the options do not fit together: {why}",
        "オプションの組み合わせが正しくありません: {why}",
        "{why}",
        "{why}",
    ),
    "BAD_DATABASE": (
        "this is no address of a database",
        "データベースのアドレスとして正しくありません",
        "Write sqlite:///data/renkei.sqlite3 or postgresql://user@host/database.",
        "sqlite:///data/renkei.sqlite3 か postgresql://user@host/database と書いてください。",
    ),
    "BAD_BROKER": (
        "this is no address of a broker",
        "ブローカーのアドレスとして正しくありません",
        'Write redis://host:6379/0, amqp://host:5672, or "" for none.',
        'redis://host:6379/0、amqp://host:5672、または ""（なし）と書いてください。',
    ),
    "BAD_URL": (
        '"{name}" takes a web address',
        "「{name}」にはウェブアドレスを書きます",
        "Write https://renkei.example.jp, without a path of your own after it.",
        "https://renkei.example.jp のように書いてください。",
    ),
    "BAD_LISTEN": (
        "this is no host and port",
        "ホストとポートの形になっていません",
        "Write 127.0.0.1:8420, or 0.0.0.0:8420 behind a proxy.",
        "127.0.0.1:8420 のように書いてください（プロキシの内側なら 0.0.0.0:8420）。",
    ),
    "BAD_ZONE": (
        '"{value}" is not a time zone',
        "「{value}」というタイムゾーンはありません",
        "Write an IANA name, as Asia/Tokyo or UTC.",
        "Asia/Tokyo や UTC のような IANA 名で書いてください。",
    ),
    "BAD_CRON": (
        '"{value}" is no schedule',
        "「{value}」は実行予定として正しくありません",
        "Five fields: minute hour day month weekday, e.g. */15 * * * * every 15 minutes.",
        "「分 時 日 月 曜日」の5項目です。例: */15 * * * *（15分ごと）",
    ),
    "NO_PLUGIN": (
        'there is no directory "{name}"',
        "ディレクトリ「{name}」がありません",
        "Paths are relative to the directory of renkei.yaml.",
        "renkei.yaml のあるディレクトリからの相対パスで書いてください。",
    ),
    "BAD_PLUGIN": (
        "a connector there cannot be used: {why}",
        "使えないコネクタがあります: {why}",
        'Mend it, or remove it; "renkei connectors test" says more.',
        "修正するか取り除いてください。「renkei connectors test」で詳細を確認できます。",
    ),
    # Stages
    "EMPTY_HOURS": (
        "business hours from {begin} to {end} are none",
        "営業時間が {begin} から {end} では、時間がありません",
        "Write an end that is later than the beginning, 24:00 for the end of the day.",
        "終わりは始まりより後の時刻にしてください（一日の終わりは 24:00）。",
    ),
    "UNKNOWN_COUNTRY": (
        'the holidays of "{name}" are not known',
        "「{name}」の祝日は分かりません",
        "Write a country by its two letters, as JP, or none.",
        "JP のような2文字の国コードか、none（祝日なし）を書いてください。",
    ),
    "NO_WAY_TO_DORMANT": (
        "{name} does not lead to dormant",
        "{name} から dormant へは移れません",
        "Take it out, or add dormant to its moves under transitions. Stages that do: {known}.",
        "取り除くか、transitions でその移動先に dormant を加えてください。移れるステージ: {known}",
    ),
    # Connections
    "BAD_NAME": (
        '"{name}" cannot be the name of a connection',
        "「{name}」は接続の名前として使えません",
        "Rename the file to {better}: small letters, digits, - and _, a letter or digit first.",
        "ファイル名を {better} に変えてください（英小文字・数字・-・_、先頭は英数字）。",
    ),
    "UNKNOWN_CONNECTOR": (
        'there is no connector "{name}"',
        "コネクタ「{name}」はありません",
        "Installed: {known}.",
        "利用できるもの: {known}",
    ),
    "CONNECTOR_BROKEN": (
        'the connector "{name}" cannot be used: {why}',
        "コネクタ「{name}」を使えません: {why}",
        'Mend or reinstall it; "renkei connectors test {name}" says more.',
        "修正または再インストールしてください。「renkei connectors test {name}」で確認できます。",
    ),
    "UNKNOWN_STREAM": (
        '{connector} has no stream "{name}"',
        "{connector} にストリーム「{name}」はありません",
        "Its streams: {known}.",
        "使えるストリーム: {known}",
    ),
    "CANNOT_PULL": (
        '{connector} cannot read "{name}"',
        "{connector} は「{name}」を読み込めません",
        "It reads: {known}. Write pull: null to read nothing.",
        "読み込めるもの: {known}。読み込まない場合は pull: null と書きます。",
    ),
    "CANNOT_PUSH": (
        '{connector} cannot write "{name}"',
        "{connector} は「{name}」に書き込めません",
        "It writes: {known}. Remove push: to write nothing.",
        "書き込めるもの: {known}。書き込まない場合は push: を削除します。",
    ),
    "PUSH_KIND": (
        '"{name}" holds no leads',
        "「{name}」はリードのストリームではありません",
        "Leads can be written to: {known}.",
        "リードを書き込めるもの: {known}",
    ),
    "NO_CONNECTION": (
        'there is no connection "{name}"',
        "接続「{name}」はありません",
        "Connections are the files in connections/: {known}.",
        "接続は connections/ のファイルです: {known}",
    ),
    "TWICE": (
        '"{name}" is named twice',
        "「{name}」が2回書かれています",
        "Remove one of the two.",
        "どちらかを削除してください。",
    ),
    "UNKNOWN_FIELD": (
        '"{name}" is not a field of a lead',
        "「{name}」はリードの項目ではありません",
        'A field of your own is "custom.{name}".',
        "独自の項目は「custom.{name}」と書きます。",
    ),
    "UNKNOWN_CHOICE": (
        '"{field}" is never "{name}"',
        "「{field}」が「{name}」になることはありません",
        "Its values: {known}.",
        "取りうる値: {known}",
    ),
    "NOT_WRITABLE": (
        'the field map of {connection} does not write "{name}"',
        "{connection} の項目マップは「{name}」を書き込みません",
        "Give it a line without direction: pull in fields/{connection}.yaml, or take it out here.",
        "fields/{connection}.yaml に書き込み可能な行を足すか、ここから外してください。",
    ),
    "NO_MAP": (
        '{connector} has no field map for "{name}"',
        "{connector} には「{name}」の項目マップがありません",
        "Write one in fields/{connection}.yaml, or leave the stream out of pull: streams.",
        "fields/{connection}.yaml に書くか、pull: streams から外してください。",
    ),
    # Lint
    "EXAMPLE_FAILS": (
        "the example gives {got}, not {want}",
        "例の結果が {want} ではなく {got} です",
        "Mend the line or the example.",
        "行か例のどちらかを直してください。",
    ),
    "NOT_IGNORED": (
        ".env lies here and .gitignore does not name it",
        ".env がありますが .gitignore に書かれていません",
        "Add .env to .gitignore.",
        ".gitignore に .env を追加してください。",
    ),
    "NOT_PUBLIC": (
        'webhooks cannot reach "{value}"',
        "Webhook は「{value}」に届きません",
        "Set public_url to the https address that vendors can reach.",
        "外部から届く https のアドレスを public_url に設定してください。",
    ),
    "BAD_HUB_KEY": (
        "what key refers to is no Fernet key",
        "key の参照先が Fernet 鍵ではありません",
        'Use the output of "renkei init --new-key"; several keys with commas, the newest first.',
        "「renkei init --new-key」の出力を使ってください。複数は新しい順にカンマで区切ります。",
    ),
    "UNKNOWN_EVIDENCE": (
        '"{name}" is no evidence that counts points',
        "「{name}」という根拠はありません",
        "Known: {known}.",
        "使えるもの: {known}",
    ),
    "KEY_SIZE": (
        '"{name}:{size}" does not say how many letters count',
        "「{name}:{size}」は文字数の指定として読めません",
        "Write {name}:4 for its first four letters, or {name} for all of it.",
        "先頭 4 文字なら {name}:4、全体なら {name} と書いてください。",
    ),
    "BANDS": (
        "review ({review}) is above accept ({accept}), so that nothing would be asked",
        "review({review})が accept({accept})より大きく、確認の対象がなくなります",
        "Scores from review up to accept are shown to a person: lower review, or raise accept.",
        "review 以上 accept 未満が人の確認対象です。review を下げるか accept を上げてください。",
    ),
    "NO_CONNECTIONS": (
        "there are no connections",
        "接続がひとつもありません",
        "Add connections/<name>.yaml, with connector: and options:.",
        "connections/<名前>.yaml に connector: と options: を書いてください。",
    ),
}


def words(code: str, says: Mapping[str, Any], language: str) -> tuple[str, str]:
    """The message and the hint of a mistake."""
    place = 1 if language == "ja" else 0
    row = MESSAGES[code]
    known = _Blank(says)
    message, hint = row[place].format_map(known), row[place + 2].format_map(known)
    near = says.get("near")
    if near:
        hint = f"「{near}」のことですか？" if place else f'Did you mean "{near}"?'
    return message, hint.strip()


def expected(kind: str, context: Mapping[str, Any], language: str) -> str | None:
    """What a value of pydantic's error ``kind`` should have been, in words; None where unknown."""
    row = EXPECTED.get(kind)
    if row is None:
        return None
    if language != "ja":
        return row[0].format_map(_Blank(context))
    said = {k: v.replace(" or ", ", ") if isinstance(v, str) else v for k, v in context.items()}
    return row[1].format_map(_Blank(said))


def mapping_words(code: str, message: str, hint: str, language: str) -> tuple[str, str]:
    """A mistake in a field map, in the language. The mapping itself speaks English."""
    if language != "ja" or code not in MAPPING:
        return message, hint
    near = hint.partition('did you mean "')[2].partition('"')[0]
    told, todo = MAPPING[code]
    return f"{told}（{message}）", f"「{near}」のことですか？" if near else (todo or hint)


class _Blank(dict[str, Any]):
    """Leaves out what a message names and nobody said."""

    def __missing__(self, key: str) -> str:
        return ""
