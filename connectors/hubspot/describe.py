"""What a portal's fields and stages are, and payloads as flat fields; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.hubspot.api import ENTERED, Row
from connectors.hubspot.forms import flat
from connectors.hubspot.pull import OWNER_EMAIL
from connectors.hubspot.push import OPT_OUT
from connectors.hubspot.translate import moment
from connectors.kit.base import FieldSpec, Option, StageSpec

LONGEST_TEXT = 65_536
"""Unverified: characters of a text property."""
OUTCOME = "dealstage_outcome"
HISTORY = f"{OUTCOME}_history"
"""A field of ours: when a deal was opened and closed."""
TYPES: Mapping[str, str] = {
    "number": "number",
    "bool": "boolean",
    "date": "date",
    "datetime": "datetime",
    "phone_number": "phone",
    "enumeration": "picklist",
}
FIELD_TYPES: Mapping[str, str] = {
    "phonenumber": "phone",
    "checkbox": "multipicklist",
    "booleancheckbox": "boolean",
    "file": "file",
}
ID = FieldSpec("id", "レコードID", "text", writable=False)
"""What every object has beside its properties."""
OURS: Mapping[str, tuple[FieldSpec, ...]] = {
    "contacts": (FieldSpec(OWNER_EMAIL, "担当者のEメール", "email"),),
    "companies": (FieldSpec(OWNER_EMAIL, "担当者のEメール", "email", writable=False),),
    "deals": (
        FieldSpec(OWNER_EMAIL, "担当者のEメール", "email", writable=False),
        FieldSpec(
            OUTCOME,
            "取引の結果",
            "picklist",
            writable=False,
            options=(Option("open", "商談中"), Option("won", "受注"), Option("lost", "失注")),
        ),
    ),
    "calls": (FieldSpec("duration_seconds", "通話時間（秒）", "number", writable=False),),
    "meetings": (FieldSpec("duration_seconds", "長さ（秒）", "number", writable=False),),
}
"""Fields that the connector adds to the vendor's."""
SUBMITTED = (
    FieldSpec("submittedAt", "送信日時", "datetime", writable=False),
    FieldSpec("pageUrl", "ページ", "url", writable=False),
    FieldSpec("formId", "フォームID", "text", writable=False),
    FieldSpec("formName", "フォーム名", "text", writable=False),
)


def fields(stream: str, properties: Iterable[Row]) -> list[FieldSpec]:
    """The properties of an object, and the fields we add."""
    return [*(_field(one) for one in properties), ID, *OURS.get(stream, ())]


def _field(one: Row) -> FieldSpec:
    name, vendor = str(one["name"]), str(one.get("type", ""))
    kind = FIELD_TYPES.get(str(one.get("fieldType")), TYPES.get(vendor, "text"))
    if name == "email":
        kind = "email"
    read_only = (one.get("modificationMetadata") or {}).get("readOnlyValue", False)
    return FieldSpec(
        name=name,
        label=str(one.get("label") or name),
        type=kind,
        vendor_type=vendor,
        # The flag cannot be written, but an opt-out can: push goes through the consent API.
        writable=name == OPT_OUT or not (read_only or one.get("calculated", False)),
        unique=name == "email" or bool(one.get("hasUniqueValue")),
        max_length=LONGEST_TEXT if vendor == "string" else None,
        options=tuple(
            Option(str(o["value"]), str(o["label"]), not o.get("hidden", False))
            for o in one.get("options") or ()
        ),
    )


def form_fields(forms: Iterable[Row], wanted: Mapping[str, str]) -> list[FieldSpec]:
    """The questions of the wanted forms, each once."""
    found: dict[str, FieldSpec] = {}
    for form in forms:
        if str(form["id"]) in wanted:
            groups = form.get("fieldGroups") or ()
            for one in (one for group in groups for one in group.get("fields") or ()):
                foreign = str(one.get("objectTypeId") or "0-1") != "0-1"
                name = f"{one['objectTypeId']}/{one['name']}" if foreign else str(one["name"])
                kind = "email" if name == "email" else "text"
                label = str(one.get("label") or name)
                found[name] = FieldSpec(
                    name, label, kind, str(one.get("fieldType")), writable=False
                )
    return [*found.values(), *SUBMITTED]


def lifecycle_stages(properties: Iterable[Row]) -> list[StageSpec]:
    """The options of ``lifecyclestage`` in their order."""
    for one in properties:
        if one["name"] == "lifecyclestage":
            options = sorted(one.get("options") or (), key=_order)
            return [
                StageSpec(str(option["value"]), str(option["label"]), order)
                for order, option in enumerate(options)
            ]
    return []


def deal_stages(pipelines: Iterable[Row]) -> list[StageSpec]:
    """The stages of every pipeline, one after the other."""
    found: list[StageSpec] = []
    for pipeline in sorted(pipelines, key=_order):
        for stage in sorted(pipeline.get("stages") or (), key=_order):
            details = stage.get("metadata") or {}
            closed = str(details.get("isClosed", "")).lower() == "true"
            won = closed and float(details.get("probability") or 0) == 1
            found.append(StageSpec(str(stage["id"]), str(stage["label"]), len(found), closed, won))
    return found


def _order(one: Row) -> int:
    return int(one.get("displayOrder") or 0)


def _properties(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {**(payload.get("properties") or {}), "id": payload.get("id")}


def _deal(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A deal of any pipeline tells by two flags whether it is won or lost, and since when."""
    values = _properties(payload)
    won, closed = (str(values.get(f"hs_is_closed{end}")).lower() == "true" for end in ("_won", ""))
    values[OUTCOME] = "won" if won else "lost" if closed else "open"
    times = [("open", values.get("createdate"))]
    if closed:
        times.append((values[OUTCOME], values.get(f"{ENTERED}current_stage")))
    values[HISTORY] = [[outcome, at] for outcome, at in times if at]
    return values


def _call(payload: Mapping[str, Any]) -> dict[str, Any]:
    """``hs_call_duration`` is in milliseconds."""
    values = _properties(payload)
    duration = str(values.get("hs_call_duration") or "")
    values["duration_seconds"] = int(float(duration) / 1000) if _is_number(duration) else None
    return values


def _meeting(payload: Mapping[str, Any]) -> dict[str, Any]:
    values = _properties(payload)
    start, end = (moment(values.get(f"hs_meeting_{one}_time")) for one in ("start", "end"))
    values["duration_seconds"] = int((end - start).total_seconds()) if start and end else None
    return values


def _submission(payload: Mapping[str, Any]) -> dict[str, Any]:
    about = {name: payload.get(name) for name in ("submittedAt", "pageUrl", "formId", "formName")}
    at = moment(about["submittedAt"])
    return {**flat(payload), **about, "submittedAt": at.isoformat() if at else None}


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


FLATTENED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "contacts": _properties,
    "companies": _properties,
    "deals": _deal,
    "calls": _call,
    "meetings": _meeting,
    "emails": _properties,
    "notes": _properties,
    "form_submissions": _submission,
}
