"""What a portal refuses to store, and how it says so (HubSpot developer docs, error handling)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson

from connectors.kit.simulator import Refusal, Response, json_response

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(eq=False)
class Problem(Exception):
    """One reason why one record was not written."""

    message: str
    code: str = ""
    name: str = ""
    status: int = 400
    category: str = "VALIDATION_ERROR"
    ids: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it is a plain validation error: those fail a whole batch."""
        return self.code not in {"INVALID_EMAIL", ""} and self.status == 400


def iso(moment: datetime) -> str:
    """A moment as the vendor writes it: UTC, milliseconds, Z."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )


def millis(value: str) -> int | None:
    """Epoch milliseconds of a value written as digits or as ISO 8601; None for anything else."""
    text = value.strip()
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def store(definition: Mapping[str, Any], value: object) -> str:
    """The value as it is kept, or a Problem. ``""`` clears and is always allowed."""
    name = str(definition["name"])
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = ""
    elif isinstance(value, str | int | float):
        text = str(value)
    else:
        raise Problem(f"{name} was given a structure", "INVALID_JSON_INPUT", name)
    if definition["modificationMetadata"]["readOnlyValue"]:
        raise Problem(
            f'"{name}" is a read only property; its value cannot be set.', "READ_ONLY_VALUE", name
        )
    if text == "":
        return text
    if name == "email":
        text = text.strip().lower()
        if not _EMAIL.fullmatch(text):
            raise Problem(f"Email address {text} is invalid", "INVALID_EMAIL", name)
        return text
    return _typed(definition, name, text)


def _typed(definition: Mapping[str, Any], name: str, text: str) -> str:
    match definition["type"]:
        case "enumeration" | "bool" if definition["options"]:
            allowed = {option["value"] for option in definition["options"]}
            many = definition["fieldType"] == "checkbox"
            wrong = [one for one in (text.split(";") if many else [text]) if one not in allowed]
            if wrong:
                raise Problem(
                    f"{wrong[0]} was not one of the allowed options: {sorted(allowed)}",
                    "INVALID_OPTION",
                    name,
                )
        case "number":
            try:
                float(text)
            except ValueError:
                raise Problem(f"{text} was not a valid number.", "INVALID_NUMBER", name) from None
        case "datetime":
            moment = millis(text)
            if moment is None:
                raise Problem(f"{text} was not a valid date.", "INVALID_DATE", name)
            return iso(datetime.fromtimestamp(moment / 1000, UTC))
        case "date":
            return _day(name, text)
    return text


def _day(name: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        moment = millis(text)
        if moment is None or moment % 86_400_000:
            raise Problem(
                f"{text} is at some other time of day than midnight UTC.", "INVALID_DATE", name
            ) from None
        return datetime.fromtimestamp(moment / 1000, UTC).date().isoformat()


def unknown(name: str) -> Problem:
    """The refusal of a property the portal does not have."""
    return Problem(f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST", name)


def error_body(
    message: str, category: str, correlation: str, errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The body of a refusal."""
    body: dict[str, Any] = {
        "status": "error",
        "message": message,
        "correlationId": correlation,
        "category": category,
    }
    if errors:
        body["errors"] = errors
    return body


def detail(problem: Problem) -> dict[str, Any]:
    """One line of ``errors``."""
    return {
        "message": problem.message,
        "code": problem.code or problem.category,
        "context": {"propertyName": [problem.name]} if problem.name else {},
    }


def refusal(problems: list[Problem], correlation: str) -> Refusal:
    """The answer to a request whose records, one or many, cannot be written."""
    first = problems[0]
    message = first.message
    if first.plain and first.name:
        told = [
            {
                "isValid": False,
                "message": one.message,
                "error": one.code,
                "name": one.name,
                "localizedErrorMessage": one.message,
            }
            for one in problems
        ]
        message = f"Property values were not valid: {orjson.dumps(told).decode()}"
    details = [detail(one) for one in problems if one.code]
    body = error_body(message, first.category, correlation, details)
    headers = {"x-hubspot-correlation-id": correlation}
    return Refusal(json_response(body, first.status, headers))


def html_page(path: str, status: int = 404) -> Response:
    """What a path or method that does not exist answers: a page, not JSON."""
    reason = "Method Not Allowed" if status == 405 else "Not Found"
    return Response(
        f"<html><head><title>Error {status} {reason}</title></head><body>"
        f"<h2>HTTP ERROR {status}</h2><p>Problem accessing {path}. Reason: {reason}</p>"
        "</body></html>",
        status=status,
        content_type="text/html;charset=utf-8",
    )
