"""Forms of the simulated Typeform: a Japanese request form, and answers in the wire's shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

DEFAULT_FORM_ID = "sHiRyo01"
DEFAULT_TITLE = "資料請求"
DEFAULT_HIDDEN = ("utm_source", "utm_campaign")

NESTING = frozenset({"group", "matrix", "contact_info", "address", "inline_group"})
"""Question types that hold other questions in ``properties.fields``."""
ANSWER_TYPES = {
    "short_text": "text",
    "long_text": "text",
    "email": "email",
    "phone_number": "phone_number",
    "number": "number",
    "opinion_scale": "number",
    "rating": "number",
    "nps": "number",
    "yes_no": "boolean",
    "legal": "boolean",
    "date": "date",
    "website": "url",
    "file_upload": "file_url",
    "payment": "payment",
    "multiple_choice": "choice",
    "dropdown": "choice",
    "picture_choice": "choice",
    "ranking": "choices",
}
"""The ``type`` of an answer to each type of question (vendor SDK, typeform-types)."""


def question(
    ref: str, title: str, kind: str, *, required: bool = False, **properties: Any
) -> dict[str, Any]:
    """One question of a form, as ``GET /forms/{id}`` describes it; its id is made from the ref."""
    validations = {} if kind in NESTING else {"validations": {"required": required}}
    return {
        "id": f"q{crc32(ref.encode()):08x}",
        "ref": ref,
        "title": title,
        "type": kind,
        "properties": properties,
        **validations,
    }


def choice(ref: str, label: str) -> dict[str, Any]:
    """One choice of a multiple choice question."""
    return {"id": f"c_{ref}", "ref": ref, "label": label}


def default_fields() -> list[dict[str, Any]]:
    """The questions of a B2B form 資料請求; the name is asked in a group."""
    return [
        question(
            "name",
            "お名前",
            "group",
            fields=[
                question("last_name", "姓", "short_text", required=True),
                question("first_name", "名", "short_text", required=True),
                question("last_name_kana", "セイ", "short_text"),
                question("first_name_kana", "メイ", "short_text"),
            ],
        ),
        question("email", "会社のメールアドレス", "email", required=True),
        question("company", "会社名", "short_text", required=True),
        question("department", "部署", "short_text"),
        question("title", "役職", "short_text"),
        question("phone", "電話番号", "phone_number"),
        question(
            "interest",
            "ご関心のある内容",
            "multiple_choice",
            allow_multiple_selection=False,
            allow_other_choice=True,
            choices=[
                choice("document", "製品資料"),
                choice("demo", "デモのご相談"),
                choice("price", "料金のお見積り"),
                choice("case", "導入事例"),
            ],
        ),
        question("consent", "ご案内メールの受け取りに同意します", "legal"),
        question("message", "ご質問・ご要望", "long_text"),
    ]


def questions(fields: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Every question that can be answered, out of whatever group it is in."""
    for field in fields:
        if field["type"] in NESTING:
            yield from questions(field.get("properties", {}).get("fields", []))
        elif field["type"] != "statement":
            yield field


def answers(
    fields: Sequence[Mapping[str, Any]], values: Mapping[str, Any], *, complete: bool
) -> list[dict[str, Any]]:
    """The answers in the wire's shape, in the order of the questions; unanswered ones are absent.

    A choice is given by its ref or label; another text is the respondent's own ("other"). Raises
    ValueError for a ref the form does not have, and for a required question left out when
    ``complete``, because the form would not have let such a respondent through.
    """
    asked = {str(field["ref"]): field for field in questions(fields)}
    unknown = sorted(set(values) - set(asked))
    if unknown:
        raise ValueError(f"the form has no question {', '.join(unknown)}; it has {sorted(asked)}")
    given = {ref: value for ref, value in values.items() if value is not None}
    required = [ref for ref, field in asked.items() if field["validations"]["required"]]
    left_out = [ref for ref in required if ref not in given]
    if complete and left_out:
        raise ValueError(f"required questions without an answer: {', '.join(left_out)}")
    return [_answer(field, given[ref]) for ref, field in asked.items() if ref in given]


def _answer(field: Mapping[str, Any], value: Any) -> dict[str, Any]:
    several = bool(field["properties"].get("allow_multiple_selection"))
    kind = "choices" if several else ANSWER_TYPES[str(field["type"])]
    body = value
    if kind == "choice":
        body = _picked(field, value)
    elif kind == "choices":
        body = _all_picked(field, value)
    return {
        "field": {"id": field["id"], "type": field["type"], "ref": field["ref"]},
        "type": kind,
        kind: body,
    }


def _picked(field: Mapping[str, Any], value: str) -> dict[str, Any]:
    for option in field["properties"].get("choices", []):
        if value in {option["ref"], option["label"]}:
            return dict(option)
    if not field["properties"].get("allow_other_choice"):
        raise ValueError(f"question {field['ref']} has no choice {value}")
    return {"other": value}


def _all_picked(field: Mapping[str, Any], values: Sequence[str]) -> dict[str, Any]:
    picked = [_picked(field, value) for value in values]
    listed = [option for option in picked if "ref" in option]
    others = [option["other"] for option in picked if "other" in option]
    return {
        "ids": [option["id"] for option in listed],
        "refs": [option["ref"] for option in listed],
        "labels": [option["label"] for option in listed],
        **({"other": others[0]} if others else {}),
    }
