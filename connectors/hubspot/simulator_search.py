"""The search index of a simulated portal: late, capped, and indifferent to order among equals.

HubSpot developer docs, CRM search: filter groups are OR, filters AND; one sort; at most 200 results
a page; ``after`` + page beyond 10,000 is refused; fresh writes show up some seconds later.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import ge, gt, itemgetter, le, lt
from typing import Any
from zlib import crc32

from connectors.hubspot.simulator_rules import Problem, millis

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

MOST_PER_PAGE = 200
MOST_GROUPS = 5
MOST_FILTERS_PER_GROUP = 10
MOST_FILTERS = 25
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"LT": lt, "LTE": le, "GT": gt, "GTE": ge}
ALWAYS: Mapping[str, str] = {
    "hs_object_id": "key",
    "lastmodifieddate": "ms",
    "hs_lastmodifieddate": "ms",
}
"""Properties that every row has, and where their number is kept."""


SEARCHED: Mapping[str, Sequence[str]] = {
    "contacts": (
        *("email", "firstname", "lastname", "company", "phone", "mobilephone", "fax"),
        "hs_additional_emails",
    ),
    "companies": ("name", "domain", "website", "phone"),
    "deals": ("dealname", "pipeline", "dealstage", "description", "dealtype"),
}
"""Where the words of ``query`` are looked for (HubSpot developer docs, CRM search)."""


class Index:
    """What searches see: each record as it was ``lag`` ago."""

    def __init__(self, now: Callable[[], datetime], lag: timedelta) -> None:
        self.now = now
        self.lag = lag
        self._rows: dict[str, dict[int, Row]] = {}
        self._order: dict[str, list[int]] = {}
        self._waiting: deque[tuple[datetime, str, int, Row | None]] = deque()

    def put(self, kind: str, row: Row, *, at_once: bool = False) -> None:
        """Take note of a write."""
        self._note(kind, int(row["id"]), row, at_once)

    def drop(self, kind: str, row: Row) -> None:
        """Take note of a record that left."""
        self._note(kind, int(row["id"]), None, at_once=False)

    def _note(self, kind: str, key: int, row: Row | None, at_once: bool) -> None:
        if at_once or not self.lag:
            self._apply(kind, key, row)
        else:
            self._waiting.append((self.now() + self.lag, kind, key, row))

    def _apply(self, kind: str, key: int, row: Row | None) -> None:
        rows = self._rows.setdefault(kind, {})
        order = self._order.setdefault(kind, [])
        if row is None:
            if rows.pop(key, None) is not None:
                order.remove(key)
            return
        if key not in rows:
            insort(order, key)
        rows[key] = row

    def rows(self, kind: str, beyond: int = 0) -> list[Row]:
        """What is visible now of the ids beyond one, by id."""
        now = self.now()
        while self._waiting and self._waiting[0][0] <= now:
            _, name, key, row = self._waiting.popleft()
            self._apply(name, key, row)
        held, order = self._rows.get(kind, {}), self._order.get(kind, [])
        return [held[key] for key in order[bisect_right(order, beyond) :]]


def search(
    index: Index,
    kind: str,
    schema: Mapping[str, Mapping[str, Any]],
    query: Mapping[str, Any],
    cap: int,
) -> tuple[int, list[Row], int | None]:
    """The total, one page, and the offset of the next one; raises Problem for what is refused."""
    limit, after = int(query.get("limit", 10)), int(query.get("after") or 0)
    if not 0 < limit <= MOST_PER_PAGE:
        raise Problem(f"limit must be between 1 and {MOST_PER_PAGE}, was {limit}")
    if after + limit > cap:
        raise Problem(f"The total number of results may not exceed {cap} (after {after})")
    groups = query.get("filterGroups") or []
    if len(groups) > MOST_GROUPS or sum(len(g["filters"]) for g in groups) > MOST_FILTERS:
        raise Problem(f"at most {MOST_GROUPS} filter groups and {MOST_FILTERS} filters are allowed")
    found = _union([_group(index, kind, schema, group["filters"]) for group in groups])
    if not groups:
        found = index.rows(kind)
    if query.get("query"):
        found = [row for row in found if _says(row, kind, str(query["query"]))]
    _sort(found, schema, query.get("sorts") or [])
    end = after + limit
    return len(found), found[after:end], end if end < len(found) else None


def _group(
    index: Index,
    kind: str,
    schema: Mapping[str, Mapping[str, Any]],
    filters: Sequence[Mapping[str, Any]],
) -> list[Row]:
    """The rows that pass every filter of a group."""
    if len(filters) > MOST_FILTERS_PER_GROUP:
        raise Problem(f"at most {MOST_FILTERS_PER_GROUP} filters are allowed in a group")
    floor = 0  # the index is kept in order of id, so this filter costs nothing
    tests: list[Test] = []
    for one in filters:
        test = _filter(schema, one)
        if (one["propertyName"], one["operator"]) == ("hs_object_id", "GT"):
            floor = max(floor, int(one["value"]))
        else:
            tests.append(test)
    found = index.rows(kind, floor)
    for test in tests:
        found = [row for row in found if test(row)]
    return found


def _says(row: Row, kind: str, words: str) -> bool:
    held = " ".join(str(row["properties"].get(name) or "") for name in SEARCHED.get(kind, ()))
    return all(word in held.lower() for word in words.lower().split())


def _union(groups: Sequence[list[Row]]) -> list[Row]:
    if len(groups) == 1:
        return groups[0]
    every = {row["key"]: row for group in groups for row in group}
    return [every[key] for key in sorted(every)]


def _filter(schema: Mapping[str, Mapping[str, Any]], one: Mapping[str, Any]) -> Test:
    name, operator = str(one.get("propertyName")), str(one.get("operator"))
    if name not in schema:
        raise Problem(f"There was a problem with the request: unknown property {name}")
    read = _reader(name, str(schema[name]["type"]))
    if operator in COMPARE:
        limit, compare = _operand(schema[name], one.get("value")), COMPARE[operator]
        if name in ALWAYS:
            key = ALWAYS[name]
            return lambda row: compare(row[key], limit)
        return lambda row: (value := read(row)) is not None and compare(value, limit)
    match operator:
        case "EQ" | "NEQ":
            wanted = _operand(schema[name], one.get("value"))
            return lambda row: (read(row) == wanted) is (operator == "EQ")
        case "BETWEEN":
            low = _operand(schema[name], one.get("value"))
            high = _operand(schema[name], one.get("highValue"))
            return lambda row: (value := read(row)) is not None and low <= value <= high
        case "IN" | "NOT_IN":
            among = {_operand(schema[name], value) for value in one.get("values") or ()}
            return lambda row: (read(row) in among) is (operator == "IN")
        case "HAS_PROPERTY" | "NOT_HAS_PROPERTY":
            return lambda row: (read(row) is not None) is (operator == "HAS_PROPERTY")
        case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN":
            token = str(one.get("value", "")).strip("*").lower()
            return lambda row: (token in str(read(row) or "")) is (operator == "CONTAINS_TOKEN")
    raise Problem(f"{operator} is not a valid operator")


def _reader(name: str, type_: str) -> Callable[[Row], Any]:
    if name in ALWAYS:
        return itemgetter(ALWAYS[name])
    if type_ in {"number", "datetime"}:
        return lambda row: _number(row["properties"].get(name))
    return lambda row: str(row["properties"].get(name) or "").lower() or None


def _number(value: str | None) -> float | None:
    if not value:
        return None
    moment = millis(value)
    return float(value) if moment is None else moment


def _operand(definition: Mapping[str, Any], value: object) -> Any:
    if value is None:
        raise Problem(f"the filter on {definition['name']} has no value")
    if definition["type"] in {"number", "datetime"}:
        try:
            return _number(str(value))
        except ValueError:
            raise Problem(f"{definition['name']} needs a number, not {value}") from None
    return str(value).lower()


def _sort(found: list[Row], schema: Mapping[str, Mapping[str, Any]], sorts: Sequence[Any]) -> None:
    if len(sorts) > 1:
        raise Problem("only one sort is allowed")
    if not sorts:
        return
    one = sorts[0]
    name = one if isinstance(one, str) else str(one.get("propertyName"))
    down = not isinstance(one, str) and one.get("direction") == "DESCENDING"
    if name.startswith("-"):
        name, down = name[1:], True
    if name not in schema:
        raise Problem(f"cannot sort by unknown property {name}")
    if name == "hs_object_id":  # the index is kept in this order
        if down:
            found.reverse()
        return
    read = _reader(name, str(schema[name]["type"]))
    found.sort(key=lambda row: crc32(row["id"].encode()))  # no promise among equals
    found.sort(key=lambda row: ((value := read(row)) is None, value or 0), reverse=down)
