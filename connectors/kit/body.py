"""Walking into JSON bodies by dotted names, and reading the times vendors write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

__all__ = ["dig", "dig_all", "flat", "moment_of", "since_text"]

MILLISECONDS_FROM = 10**11
"""A number of this size or more is taken for milliseconds (as seconds it is the year 5138)."""


def dig(body: Any, path: str | None) -> Any:
    """What is at ``data.items.0``; None where there is nothing. No path is the body itself."""
    found = body
    for name in path.split(".") if path else ():
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def dig_all(body: Any, path: str) -> Iterator[Any]:
    """Everything at a path, where lists on the way (and at its end) count item by item."""
    if isinstance(body, list):
        for item in body:
            yield from dig_all(item, path)
    elif not path:
        yield body
    elif isinstance(body, Mapping):
        name, _, rest = path.partition(".")
        if name in body:
            yield from dig_all(body[name], rest)


def flat(payload: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The payload with nested objects as dotted names (``name.last``); lists stay as they are."""
    fields: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, Mapping):
            fields.update(flat(value, f"{prefix}{name}."))
        else:
            fields[f"{prefix}{name}"] = value
    return fields


def moment_of(value: Any, zone: tzinfo) -> datetime | None:
    """A vendor's time in UTC: ISO 8601 (slashes too), or a number of seconds or milliseconds.

    ``zone`` is for times that name none. None where it is no time.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(
                value / 1000 if abs(value) >= MILLISECONDS_FROM else value, UTC
            )
        if not isinstance(value, str):
            return None
        if value.isascii() and value.isdigit() and len(value) >= 9:
            return moment_of(int(value), zone)
        found = datetime.fromisoformat(value.strip().replace("/", "-"))
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def since_text(moment: datetime, form: str, zone: tzinfo) -> str:
    """A time as a vendor's parameter wants it, cut to the second and never later than it was."""
    match form:
        case "iso":
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case "unix":
            return str(int(moment.timestamp() // 1))
        case "unix_ms":
            return str(int(moment.timestamp() * 1000 // 1))
        case "date":
            return moment.astimezone(zone).date().isoformat()
        case _:
            return moment.astimezone(zone).strftime(form)
