"""Runs a parsed query over the rows of the simulated org."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from connectors.salesforce.simulator_fields import Field
from connectors.salesforce.simulator_ids import read_id
from connectors.salesforce.simulator_periods import days_of, moments_of
from connectors.salesforce.simulator_rules import stamp
from connectors.salesforce.simulator_schema import Schema
from connectors.salesforce.simulator_soql import (
    Both,
    Compare,
    Condition,
    Literal,
    Not,
    Query,
    SoqlError,
)

if TYPE_CHECKING:
    from connectors.salesforce.simulator_org import Org

Row = dict[str, Any]
Test = Callable[[Row], bool]
MAX_OFFSET = 2000
_LITERALS = {
    "datetime": ("moment", "period", "null"),
    "date": ("date", "period", "null"),
    "boolean": ("boolean", "null"),
    "int": ("number", "null"),
    "double": ("number", "null"),
    "currency": ("number", "null"),
    "percent": ("number", "null"),
}
_WORDS = {"datetime": "dateTime", "boolean": "boolean", "date": "date"}


class Runner:
    """Answers one query: which rows, in which order, and how each is shown."""

    def __init__(self, org: Org, query: Query) -> None:
        self.org = org
        self.schema: Schema = org.schema
        self.object = next(
            (n for n in self.schema.objects if n.lower() == query.object.lower()), ""
        )
        if not self.object:
            raise SoqlError(
                "INVALID_TYPE",
                f"sObject type '{query.object}' is not supported. If you are attempting to use a "
                "custom object, be sure to append the '__c' after the entity name.",
            )
        if query.offset > MAX_OFFSET:
            raise SoqlError(
                "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            )
        self.query = query
        self.paths = [self.path(field) for field in query.fields]

    def path(self, name: str, owner: str | None = None) -> tuple[Field, ...]:
        """The reference fields to follow and the field at the end of a dotted name."""
        owner = owner or self.object
        head, _, rest = name.partition(".")
        fields = self.schema.fields(owner)
        if not rest:
            found = next((f for f in fields.values() if f.name.lower() == head.lower()), None)
            if found is not None:
                return (found,)
        for field in fields.values() if rest else ():
            if (field.relationship or "").lower() == head.lower():
                return (field, *self.path(rest, field.refers_to[0]))
        if rest:
            raise SoqlError(
                "INVALID_FIELD", f"Didn't understand relationship '{head}' in field path."
            )
        raise SoqlError(
            "INVALID_FIELD",
            f"No such column '{head}' on entity '{owner}'. If you are attempting to use a custom "
            "field, be sure to append the '__c' after the custom field name. Please reference your "
            "WSDL or the describe call for the appropriate names.",
        )

    def value(self, row: Row | None, path: tuple[Field, ...]) -> Any:
        """What the path leads to, None where a reference is empty."""
        for field in path[:-1]:
            row = self.org.find(row.get(field.name)) if row else None
        return row.get(path[-1].name) if row else None

    def ids(self, *, deleted: bool) -> list[str]:
        """The ids of the answer, in order, after OFFSET and LIMIT."""
        test = self.test(self.query.where) if self.query.where else None
        rows = [
            row
            for row in self.candidates()
            if (deleted or not row.get("IsDeleted")) and (test is None or test(row))
        ]
        for key in reversed(self.query.order):
            self.sort(rows, self.path(key.field), key.descending, key.nulls_last)
        stop = None if self.query.limit is None else self.query.offset + self.query.limit
        return [row["Id"] for row in rows[self.query.offset : stop]]

    def sort(
        self, rows: list[Row], path: tuple[Field, ...], descending: bool, nulls_last: bool
    ) -> None:
        def key(row: Row) -> tuple[bool, Any]:
            value = self.value(row, path)
            missing = value is None
            if isinstance(value, str) and path[-1].type not in ("id", "reference"):
                value = value.lower()
            return (missing if nulls_last != descending else not missing, 0 if missing else value)

        rows.sort(key=key, reverse=descending)

    def candidates(self) -> Iterable[Row]:
        """The rows worth testing: those named by an id, or all."""
        where = self.query.where
        parts = where.parts if isinstance(where, Both) and where.every else (where,)
        for part in parts:
            if isinstance(part, Compare) and part.field.lower() == "id" and part.op in ("=", "in"):
                named = {read_id(literal.value) for literal in part.values}
                found = (self.org.find(i) for i in named if i)
                return [row for row in found if row and self.org.object_of(row["Id"], self.object)]
        return self.org.rows(self.object)

    def test(self, condition: Condition) -> Test:
        if isinstance(condition, Not):
            inner = self.test(condition.part)
            return lambda row: not inner(row)
        if isinstance(condition, Both):
            tests = [self.test(part) for part in condition.parts]
            if condition.every:
                return lambda row: all(test(row) for test in tests)
            return lambda row: any(test(row) for test in tests)
        return self.compare(condition)

    def compare(self, condition: Compare) -> Test:
        path = self.path(condition.field)
        field = path[-1]
        if field.type == "textarea":
            raise SoqlError(
                "INVALID_FIELD",
                f"field '{field.name}' can not be filtered in a query call",
            )
        wanted = [self.literal(field, literal) for literal in condition.values]
        if condition.values[0].kind == "period":
            return self.within(condition.op, str(wanted[0]), path)
        fold = _fold if field.type not in ("id", "reference") else _same
        if condition.op in ("in", "not in"):
            among = {fold(value) for value in wanted}
            positive = condition.op == "in"
            return lambda row: (fold(self.value(row, path)) in among) is positive
        value = fold(wanted[0])
        match condition.op:
            case "=":
                return lambda row: fold(self.value(row, path)) == value
            case "!=":
                return lambda row: fold(self.value(row, path)) != value
            case "like":
                pattern = _like(str(value))
                return lambda row: (
                    pattern.fullmatch(str(fold(self.value(row, path)) or "")) is not None
                )
        return _ordered(condition.op, value, lambda row: fold(self.value(row, path)))

    def within(self, op: str, word: str, path: tuple[Field, ...]) -> Test:
        """Compare with a period: before its first moment, in it, or after its last."""
        if path[-1].type == "date":
            first, after = (one.isoformat() for one in days_of(word, self.org.simulator.now()))
        else:
            first, after = (stamp(one) for one in moments_of(word, self.org.simulator.now()))
        holds: dict[str, Callable[[str], bool]] = {
            "=": lambda value: first <= value < after,
            "!=": lambda value: not first <= value < after,
            "<": lambda value: value < first,
            "<=": lambda value: value < after,
            ">": lambda value: value >= after,
            ">=": lambda value: value >= first,
        }
        if op not in holds:
            raise SoqlError("MALFORMED_QUERY", f"{op} does not go with {word}")
        test = holds[op]
        return lambda row: (value := self.value(row, path)) is not None and test(value)

    def literal(self, field: Field, literal: Literal) -> Any:
        """The value to compare with, checked against the field's type."""
        allowed = _LITERALS.get(field.type, ("string", "null"))
        if literal.kind not in allowed:
            hint = (
                " and should not be enclosed in quotes"
                if literal.kind == "string"
                else " and should be enclosed in quotes"
            )
            raise SoqlError(
                "INVALID_FIELD",
                f"value of filter criterion for field '{field.name}' must be of type "
                f"{_WORDS.get(field.type, field.type)}{hint}",
            )
        if field.type in ("id", "reference") and literal.value is not None:
            full = read_id(literal.value)
            if full is None:
                raise SoqlError(
                    "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.value}"
                )
            return full
        return literal.value

    def show(self, row_id: str, version: str) -> Row:
        """One row as the API prints it."""
        row = self.org.find(row_id)
        shown: Row = self.attributes(self.object, row_id, version)
        for path in self.paths:
            spot, at, owner = shown, row, self.object
            for field in path[:-1]:
                at = self.org.find(at.get(field.name)) if at else None
                owner = field.refers_to[0]
                name = field.relationship or ""
                if at is None:
                    spot[name] = None
                    break
                spot = spot.setdefault(name, self.attributes(owner, at["Id"], version))
            else:
                spot[path[-1].name] = at.get(path[-1].name) if at else None
        return shown

    def attributes(self, name: str, row_id: str, version: str) -> Row:
        return {
            "attributes": {
                "type": name,
                "url": f"/services/data/{version}/sobjects/{name}/{row_id}",
            }
        }


def _fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _same(value: Any) -> Any:
    return value


def _like(text: str) -> re.Pattern[str]:
    """``%`` is any run of characters and ``_`` any one, but for those after a backslash."""
    wild = {"%": ".*", "_": "."}
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    return re.compile("".join(wild.get(one) or re.escape(one[-1]) for one in parts), re.DOTALL)


def _ordered(op: str, wanted: Any, read: Callable[[Row], Any]) -> Test:
    def holds(row: Row) -> bool:
        value = read(row)
        if value is None or wanted is None:
            return False
        match op:
            case "<":
                return bool(value < wanted)
            case ">":
                return bool(value > wanted)
            case "<=":
                return bool(value <= wanted)
        return bool(value >= wanted)

    return holds
