"""What the simulated Responses API makes of its query: filters, order, and what it refuses."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.kit.simulator import Refusal, json_response

Row = Mapping[str, Any]

DEFAULT_PAGE = 25
MOST_RESPONSES = 1000
RESPONSE_TYPES = frozenset({"started", "partial", "completed"})


def refusal(status: int, code: str, description: str, **details: str) -> Refusal:
    """A refusal in the vendor's shape; ``details`` names the parameter at fault."""
    body: dict[str, Any] = {"code": code, "description": description}
    if details:
        body["details"] = [{"code": code, "description": description, **details}]
    return Refusal(json_response(body, status))


def invalid(field: str, description: str) -> Refusal:
    """A refusal of one query parameter."""
    return refusal(400, "VALIDATION_ERROR", description, field=field, **{"in": "query"})


def stamp(moment: float) -> str:
    """The moment as the vendor writes it: UTC, to the second."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_number(args: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A page or page size; refused where it is no number from 1 to ``most``."""
    text = args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid(name, f"{name} must be a number from 1 to {most}")
    return int(text)


def find(rows: Iterable[Row], args: Mapping[str, str], chance: random.Random) -> list[Row]:
    """The rows the query asks for, in its order; ``rows`` are those that can be seen already.

    Within one second the vendor promises no order, so ``chance`` decides anew for each request.
    """
    found = list(rows)
    types = _types(args)
    at_cursor = _at_cursor(found, args)
    timed = "submitted_at" if types == {"completed"} else "landed_at"
    found = [row for row in found if row["type"] in types and row.get(timed) is not None]
    since, until = _moment(args, "since"), _moment(args, "until")
    if since is not None:
        found = [row for row in found if int(row[timed]) >= since]
    if until is not None:
        found = [row for row in found if int(row[timed]) <= until]
    included = _tokens(args, "included_response_ids", "included_tokens")
    excluded = _tokens(args, "excluded_response_ids", "excluded_tokens")
    if included:
        found = [row for row in found if row["token"] in included]
    found = [row for row in found if row["token"] not in excluded]
    if args.get("query"):
        found = [row for row in found if args["query"].lower() in _words(row)]
    if at_cursor is None:
        return _sorted(found, args, timed, chance)
    forward = "after" in args
    place = _processed(at_cursor)
    beyond = [
        row for row in found if (_processed(row) > place if forward else _processed(row) < place)
    ]
    return sorted(beyond, key=_processed, reverse=not forward)


def _words(row: Row) -> str:
    """What ``query`` is looked for in: the answers and the hidden fields."""
    given = [answer[answer["type"]] for answer in row["answers"]]
    return " ".join(map(str, [*given, *row["hidden"].values()])).lower()


def _types(args: Mapping[str, str]) -> set[str]:
    finished = args.get("completed", "true").lower()
    if finished not in {"true", "false"}:
        raise invalid("completed", "completed must be true or false")
    default = "completed" if finished == "true" else "started,partial"
    types = set(filter(None, args.get("response_type", default).split(",")))
    if not types or not types <= RESPONSE_TYPES:
        raise invalid("response_type", "response_type must be started, partial or completed")
    return types


def _tokens(args: Mapping[str, str], *names: str) -> set[str]:
    return {token for name in names for token in args.get(name, "").split(",") if token}


def _processed(row: Row) -> tuple[float, int]:
    """The order in which the system processed the answers, which is not that of submission."""
    return (float(row["visible_at"]), int(row["seq"]))


def _at_cursor(rows: Sequence[Row], args: Mapping[str, str]) -> Row | None:
    """The row that ``after`` or ``before`` names. Unverified: an unknown token is refused."""
    names = [name for name in ("after", "before") if args.get(name)]
    if not names:
        return None
    if "sort" in args or len(names) > 1:
        raise invalid(names[0], f"{names[0]} cannot be used together with sort or another cursor")
    for row in rows:
        if row["token"] == args[names[0]]:
            return row
    raise invalid(names[0], f"{names[0]} is not the token of a response of this form")


def _sorted(
    rows: list[Row], args: Mapping[str, str], timed: str, chance: random.Random
) -> list[Row]:
    name, _, direction = args.get("sort", f"{timed},desc").partition(",")
    if name not in {"submitted_at", "landed_at"} or direction not in {"asc", "desc"}:
        raise invalid("sort", "sort must be submitted_at or landed_at, then asc or desc")
    drawn = {str(row["token"]): chance.random() for row in rows}
    return sorted(
        rows,
        key=lambda row: (int(row.get(name) or 0), drawn[row["token"]]),
        reverse=direction == "desc",
    )


def _moment(args: Mapping[str, str], name: str) -> float | None:
    """Seconds since the epoch, from those or ISO 8601; without a zone it is UTC."""
    text = args.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(name, f"{name} is neither ISO 8601 nor seconds") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
