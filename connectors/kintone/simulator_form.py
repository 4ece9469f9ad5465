"""The forms of the simulator's apps: field definitions, cells, and what kintone refuses to store.

Sources: kintone REST API spec (app/form/fields, records), cybozu developer network ("Field types",
limits of the REST API). kintone ignores field codes that the form does not have, on reading and on
writing, without a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

Form = Mapping[str, Mapping[str, Any]]
"""Field code to definition, as app/form/fields answers it."""
Messages = dict[str, dict[str, list[str]]]
"""The ``errors`` of a CB_VA01: place in the request to what is wrong there."""

STAGES = (
    *("リード", "MQL", "架電中", "TQL", "SAL", "SQL", "商談"),
    *("受注", "失注", "ナーチャリング", "休眠", "対象外"),
)
SOURCES = ("Webフォーム", "展示会", "ウェビナー", "名刺", "広告", "紹介", "テレアポ", "その他")
REQUIRED = "必須です。"
TAKEN = "値がほかのレコードと重複しています。"
BUILT_IN = {
    "レコード番号": "RECORD_NUMBER",
    "作成者": "CREATOR",
    "更新者": "MODIFIER",
    "作成日時": "CREATED_TIME",
    "更新日時": "UPDATED_TIME",
    "ステータス": "STATUS",
}
NOT_WRITABLE = frozenset(
    {"CALC", "STATUS", "STATUS_ASSIGNEE", "CATEGORY", "RECORD_NUMBER"}
    | {"CREATOR", "MODIFIER", "CREATED_TIME", "UPDATED_TIME"}
    | {"GROUP", "REFERENCE_TABLE"}
)
LISTS = frozenset(
    {"CHECK_BOX", "MULTI_SELECT", "FILE", "SUBTABLE"}
    | {"USER_SELECT", "GROUP_SELECT", "ORGANIZATION_SELECT"}
)
_CHOICES = frozenset({"DROP_DOWN", "RADIO_BUTTON", "CHECK_BOX", "MULTI_SELECT"})


def field(code: str, kind: str = "SINGLE_LINE_TEXT", **settings: Any) -> dict[str, Any]:
    """A field's definition; ``options`` may be a sequence of choices."""
    made: dict[str, Any] = {
        "type": kind,
        "code": code,
        "label": code,
        "noLabel": False,
        "required": False,
    }
    if kind in ("SINGLE_LINE_TEXT", "NUMBER", "DATE", "DATETIME", "LINK"):
        made["unique"] = False
    options = settings.pop("options", None)
    if options is not None:
        made["options"] = {
            choice: {"label": choice, "index": str(index)} for index, choice in enumerate(options)
        }
    return {**made, **settings}


def form(*fields: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A form of these fields and the built-in ones."""
    built_in = [
        {"type": kind, "code": code, "label": code, "noLabel": False}
        | ({"enabled": False} if kind == "STATUS" else {})
        for code, kind in BUILT_IN.items()
    ]
    return {made["code"]: made for made in [*fields, *built_in]}


def leads_form() -> dict[str, dict[str, Any]]:
    """The app リード管理, as the default field map expects it."""
    return form(
        *(field(code) for code in ("氏名", "姓", "名", "フリガナ", "会社名", "部署名", "役職")),
        field("メールアドレス", "LINK", protocol="MAIL"),
        field("電話番号", "LINK", protocol="CALL"),
        field("携帯番号", "LINK", protocol="CALL"),
        *(field(code) for code in ("郵便番号", "都道府県", "住所")),
        field("URL", "LINK", protocol="WEB"),
        field("ステージ", "DROP_DOWN", options=STAGES, defaultValue="リード"),
        field("流入元", "DROP_DOWN", options=SOURCES),
        field("失注理由"),
        field(
            "メール配信", "RADIO_BUTTON", options=("許可", "拒否", "未確認"), defaultValue="未確認"
        ),
        field("メモ", "MULTI_LINE_TEXT"),
        field("renkei_id", unique=True, maxLength="64"),
    )


def minute(moment: datetime) -> str:
    """A moment as kintone keeps it: UTC, to the minute."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z")


def stored(given: Any, definition: Mapping[str, Any]) -> Any:
    """A cell's value as kintone keeps it."""
    kind = definition["type"]
    if kind in LISTS:
        return list(given or [])
    if given in (None, ""):
        return None if kind in ("DATE", "DATETIME", "TIME", "DROP_DOWN", "NUMBER") else ""
    if kind == "DATETIME":
        moment = datetime.fromisoformat(str(given))
        return minute(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return str(given)


def defaults(fields: Form) -> dict[str, Any]:
    """The values of a record to which nothing was given."""
    return {
        code: stored(made.get("defaultValue"), made)
        for code, made in fields.items()
        if made["type"] not in NOT_WRITABLE
    }


def same(value: Any) -> str:
    """A value as "prohibit duplicate values" compares it, without case and width (from memory)."""
    return unicodedata.normalize("NFKC", str(value)).casefold()


def refusals(
    cells: Mapping[str, Any],
    whole: Mapping[str, Any],
    fields: Form,
    taken: Callable[[str, Any], bool],
    place: str,
) -> Messages:
    """What kintone has against storing ``whole``, into which ``cells`` were merged.

    ``taken`` says whether another record holds a value of a field without duplicates. ``place`` is
    where the record stands in the request (``record`` or ``records[3].record``).
    """
    found: Messages = {}
    for code, definition in fields.items():
        messages = _wrong(whole.get(code), definition)
        if code in cells and definition["type"] in NOT_WRITABLE:
            messages = ["更新できないフィールドです。"]
        value = whole.get(code)
        if definition.get("unique") and value not in (None, "") and taken(code, value):
            messages.append(TAKEN)
        if messages:
            found[f"{place}.{code}.value"] = {"messages": messages}
    return found


def _wrong(value: Any, definition: Mapping[str, Any]) -> list[str]:
    kind = definition["type"]
    if value in (None, "", []):
        return [REQUIRED] if definition.get("required") else []
    messages = []
    if kind in _CHOICES:
        chosen: Sequence[Any] = value if isinstance(value, list) else [value]
        options = definition.get("options", {})
        messages += [f'"{one}"は選択肢にありません。' for one in chosen if one not in options]
    if definition.get("maxLength") and len(str(value)) > int(definition["maxLength"]):
        messages.append(f"{int(definition['maxLength']) + 1}文字より短くなければなりません。")
    if kind == "NUMBER" and not _number(str(value)):
        messages.append("数字でなければなりません。")
    if kind == "DATE" and not _date(str(value)):
        messages.append("日付の形式が正しくありません。")
    if kind == "LINK" and definition.get("protocol") == "WEB" and "://" not in str(value):
        messages.append("URLの形式が正しくありません。")
    if kind == "LINK" and definition.get("protocol") == "MAIL" and "@" not in str(value):
        messages.append("メールアドレスの形式が正しくありません。")
    return messages


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
