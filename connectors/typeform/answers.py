"""Answers as flat vendor fields, and a form's questions as field specs.

A field is named by its question's ``ref``, which the form's maker chooses and which survives
duplicating the form and rewording the question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.kit.base import FieldSpec, Option

Payload = Mapping[str, Any]

NESTING = frozenset({"group", "matrix", "contact_info", "address", "inline_group"})
"""Question types that hold questions in ``properties.fields``. Unverified: all but group."""
NOT_FILLED = ("", None, "xxxxx")
"""Hidden fields nobody filled. Unverified: the last is what the console's sample link fills in."""
SILENT = frozenset({"statement"})
"""Question types that nobody answers."""
TYPES = {
    "short_text": "text",
    "long_text": "text",
    "email": "email",
    "phone_number": "phone",
    "number": "number",
    "opinion_scale": "number",
    "rating": "number",
    "nps": "number",
    "payment": "number",
    "yes_no": "boolean",
    "legal": "boolean",
    "date": "date",
    "website": "url",
    "file_upload": "file",
    "multiple_choice": "picklist",
    "dropdown": "picklist",
    "picture_choice": "picklist",
    "ranking": "multipicklist",
}
_ABOUT = (
    FieldSpec("form_id", "Form id", "text", writable=False),
    FieldSpec("form_title", "Form title", "text", writable=False),
    FieldSpec("token", "Response token", "text", writable=False, unique=True),
    FieldSpec("response_type", "Response type", "text", writable=False),
    FieldSpec("landed_at", "Form opened at", "datetime", writable=False),
    FieldSpec("submitted_at", "Submitted at", "datetime", writable=False),
    FieldSpec("calculated.score", "Score", "number", writable=False),
)


def flatten(payload: Payload) -> dict[str, Any]:
    """The answers by ref, hidden fields, variables and what is known of the submission.

    A choice gives its label under the ref and its own ref under ``<ref>.ref``; several give lists.
    What is known of the submission wins over a question with the same ref.
    """
    flat: dict[str, Any] = {}
    for answer in payload.get("answers") or ():
        flat.update(_answer(answer))
    for name, value in (payload.get("hidden") or {}).items():
        if value not in NOT_FILLED:
            flat[f"hidden.{name}"] = value
    for variable in payload.get("variables") or ():
        flat[f"variables.{variable.get('key')}"] = variable.get(str(variable.get("type")))
    score = (payload.get("calculated") or {}).get("score")
    form = payload.get("form") or {}
    about = {
        "calculated.score": score,
        "form_id": form.get("id"),
        "form_title": form.get("title"),
        **{
            name: payload.get(name)
            for name in ("token", "response_type", "landed_at", "submitted_at")
        },
    }
    return flat | {name: value for name, value in about.items() if value is not None}


def _answer(answer: Payload) -> dict[str, Any]:
    field = answer.get("field") or {}
    name = field.get("ref") or field.get("id")
    if not name:
        return {}
    kind = str(answer.get("type"))
    value = answer.get(kind)
    if kind == "choice" and isinstance(value, Mapping):
        own = {name: value.get("label") or value.get("other")}
        return own | ({f"{name}.ref": value["ref"]} if value.get("ref") else {})
    if kind == "choices" and isinstance(value, Mapping):
        other = [value["other"]] if value.get("other") else []
        own = {name: [*(value.get("labels") or ()), *other]}
        return own | ({f"{name}.ref": list(value["refs"])} if value.get("refs") else {})
    if kind == "payment" and isinstance(value, Mapping):
        return {name: value.get("amount")}
    return {name: value}


def field_specs(form: Payload) -> list[FieldSpec]:
    """What answers to this form can hold, questions in groups included."""
    specs = [spec for field in _questions(form.get("fields") or ()) for spec in _specs(field)]
    hidden = [
        FieldSpec(f"hidden.{name}", str(name), "text", "hidden", writable=False)
        for name in form.get("hidden") or ()
    ]
    variables = [
        FieldSpec(f"variables.{name}", str(name), "other", "variable", writable=False)
        for name in form.get("variables") or ()
    ]
    return [*specs, *hidden, *variables, *_ABOUT]


def _questions(fields: Sequence[Payload]) -> Iterator[Payload]:
    for field in fields:
        if field.get("type") in NESTING:
            yield from _questions((field.get("properties") or {}).get("fields") or ())
        elif field.get("type") not in SILENT:
            yield field


def _specs(field: Payload) -> Iterator[FieldSpec]:
    vendor_type = str(field.get("type"))
    properties = field.get("properties") or {}
    kind = TYPES.get(vendor_type, "other")
    if kind == "picklist" and properties.get("allow_multiple_selection"):
        kind = "multipicklist"
    choices = properties.get("choices") or ()
    name = str(field.get("ref") or field.get("id"))
    label = str(field.get("title") or name)
    yield FieldSpec(
        name,
        label,
        kind,
        vendor_type,
        required=bool((field.get("validations") or {}).get("required")),
        writable=False,
        options=tuple(Option(str(item.get("label")), str(item.get("label"))) for item in choices),
    )
    refs = tuple(Option(str(i["ref"]), str(i.get("label"))) for i in choices if i.get("ref"))
    if refs:
        yield FieldSpec(f"{name}.ref", label, kind, vendor_type, writable=False, options=refs)
