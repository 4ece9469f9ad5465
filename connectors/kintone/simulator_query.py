"""kintone's query language, as the simulator understands it.

Source: cybozu developer network, "Query string" (operators and functions for each field type), and
the kintone REST API spec. A query that kintone refuses raises ``BadQuery`` with kintone's code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.kintone.simulator_periods import FUNCTIONS, Period, period

Row = Mapping[str, Any]
"""A record as the simulator sees it: field code to bare value."""
Test = Callable[[Row], bool]

MOST_ROWS = 500
"""Rows of one answer (cybozu developer network, Get Records)."""
MOST_SKIPPED = 10_000
"""The highest offset (cybozu developer network, limits of the REST API)."""
DEFAULT_ROWS = 100

_TEXT = frozenset({"=", "!=", "in", "not in", "like", "not like"})
_ORDERED = frozenset({"=", "!=", ">", "<", ">=", "<="})
_LIST = frozenset({"in", "not in"})
_LONG = frozenset({"like", "not like"})
_EMPTY = frozenset({"is empty", "is not empty"})
OPERATORS: Mapping[str, frozenset[str]] = {
    "__ID__": _ORDERED | _LIST,
    "RECORD_NUMBER": _ORDERED | _LIST,
    "NUMBER": _ORDERED | _LIST,
    "CALC": _ORDERED | _LIST,
    "SINGLE_LINE_TEXT": _TEXT,
    "LINK": _TEXT,
    "MULTI_LINE_TEXT": _LONG | _EMPTY,
    "FILE": _LONG | _EMPTY,
    "RICH_TEXT": _LONG,
    "DATE": _ORDERED,
    "TIME": _ORDERED,
    "DATETIME": _ORDERED,
    "CREATED_TIME": _ORDERED,
    "UPDATED_TIME": _ORDERED,
    "STATUS": _LIST | {"=", "!="},
}
"""The operators each type takes; a type not listed takes ``in`` and ``not in``."""
_NUMBERS = frozenset({"__ID__", "RECORD_NUMBER", "NUMBER", "CALC"})
_TIMES = frozenset({"DATETIME", "CREATED_TIME", "UPDATED_TIME"})
_WORD = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\\t\n]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?)(?![\w])
      | (?P<sign>!=|>=|<=|=|>|<|\(|\)|,)
      | (?P<word>\$?\w+)
    )""",
    re.VERBOSE,
)


class BadQuery(Exception):
    """A query that kintone refuses with ``code``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Query:
    """A query, taken apart. ``order`` is (field code, descending)."""

    test: Test
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    offset: int | None

    def select(self, rows: Iterable[Row], types: Mapping[str, str]) -> list[Row]:
        """The rows that match, in order, without limit and offset.

        kintone sorts by falling ``$id`` when nothing else is asked; so are ties here, for nothing
        is promised about them.
        """
        found = sorted(filter(self.test, rows), key=lambda row: int(row["$id"]), reverse=True)
        for code, falling in reversed(self.order):
            found.sort(key=lambda row: _sortable(row.get(code), types[code]), reverse=falling)
        return found


def parse(text: str, types: Mapping[str, str], now: datetime) -> Query:
    """The query in ``text`` over fields of these types; BadQuery where kintone would refuse."""
    return _Parser(text, types, now).query()


def minute(text: str) -> str:
    """A moment as kintone compares it: UTC, with the literal's seconds."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuery("GAIA_IQ02") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Parser:
    def __init__(self, text: str, types: Mapping[str, str], now: datetime) -> None:
        self.types = types
        self.now = now
        self.words = _split(text)
        self.at = 0

    def query(self) -> Query:
        test: Test = _everything
        if self.look() not in (None, "order", "limit", "offset"):
            test = self.either()
        order = self.order()
        limit = self.count("limit", MOST_ROWS, "GAIA_QU01")
        offset = self.count("offset", MOST_SKIPPED, "GAIA_QU02")
        if self.look() is not None:
            raise BadQuery("CB_VA01")
        return Query(test, order, limit, offset)

    def look(self) -> str | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def take(self, *wanted: str) -> str:
        word = self.look()
        if word is None or (wanted and word not in wanted):
            raise BadQuery("CB_VA01")
        self.at += 1
        return word

    def either(self) -> Test:
        tests = [self.both()]
        while self.look() == "or":
            self.take()
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.look() == "and":
            self.take()
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def one(self) -> Test:
        if self.look() == "(":
            self.take()
            test = self.either()
            self.take(")")
            return test
        code = self.take()
        kind = self.kind(code)
        sign = self.operator()
        if sign not in OPERATORS.get(kind, _LIST):
            raise BadQuery("GAIA_IQ03")
        if sign in _EMPTY:
            return lambda row: (row.get(code) in (None, "", [])) is (sign == "is empty")
        if sign in ("in", "not in"):
            wanted = {_comparable(value, kind) for value in self.several()}
            return _among(code, kind, wanted, sign == "in")
        value = self.value()
        if isinstance(value, Period):
            return _within(code, sign, value.bounds(moments=self.moments(kind)))
        return _compare(code, kind, sign, value)

    def moments(self, kind: str) -> bool:
        """Whether fields of a type hold moments; date functions go with these and with dates."""
        if kind not in _TIMES and kind != "DATE":
            raise BadQuery("GAIA_IQ03")
        return kind in _TIMES

    def kind(self, code: str) -> str:
        if code not in self.types:
            raise BadQuery("GAIA_IQ11")
        return self.types[code]

    def operator(self) -> str:
        word = self.take()
        if word == "not":
            return f"not {self.take('in', 'like')}"
        if word == "is":
            negated = "not " if self.look() == "not" and self.take() else ""
            return f"is {negated}{self.take('empty')}"
        if word not in {*_ORDERED, "in", "like"}:
            raise BadQuery("CB_VA01")
        return word

    def several(self) -> list[str]:
        self.take("(")
        values = [self.plain()]
        while self.take(",", ")") == ",":
            values.append(self.plain())
        return values

    def plain(self) -> str:
        value = self.value()
        if isinstance(value, Period):
            raise BadQuery("CB_VA01")
        return value

    def value(self) -> str | Period:
        word = self.take()
        if word.startswith('"'):
            return re.sub(r"\\(.)", r"\1", word[1:-1])
        if word in ("NOW", "LOGINUSER"):
            self.take("(")
            self.take(")")
            now = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
            return now if word == "NOW" else "Administrator"
        if word in FUNCTIONS:
            return self.call(word)
        if re.fullmatch(r"-?\d+(\.\d+)?", word):
            return word
        raise BadQuery("CB_VA01")

    def call(self, name: str) -> Period:
        self.take("(")
        given: list[str] = []
        while self.look() != ")":
            if given:
                self.take(",")
            given.append(self.take())
        self.take(")")
        found = period(name, given, self.now)
        if found is None:
            raise BadQuery("CB_VA01")
        return found

    def order(self) -> tuple[tuple[str, bool], ...]:
        if self.look() != "order":
            return ()
        self.take()
        self.take("by")
        keys = [self.key()]
        while self.look() == ",":
            self.take()
            keys.append(self.key())
        return tuple(keys)

    def key(self) -> tuple[str, bool]:
        code = self.take()
        self.kind(code)
        falling = True  # kintone sorts downwards where nothing is said
        if self.look() in ("asc", "desc"):
            falling = self.take() == "desc"
        return code, falling

    def count(self, word: str, most: int, code: str) -> int | None:
        if self.look() != word:
            return None
        self.take()
        said = self.take()
        if not said.isdigit():
            raise BadQuery("CB_VA01")
        if int(said) > most:
            raise BadQuery(code)
        return int(said)


def _split(text: str) -> list[str]:
    words: list[str] = []
    at = 0
    while text[at:].strip():
        match = _WORD.match(text, at)
        if match is None:
            raise BadQuery("CB_VA01")
        words.append(match.group().strip())
        at = match.end()
    return words


def _everything(row: Row) -> bool:  # noqa: ARG001 - the test of an empty query
    return True


def _comparable(value: Any, kind: str) -> Any:
    if kind in _NUMBERS:
        try:
            return float(value) if value not in (None, "") else None
        except ValueError as error:
            raise BadQuery("GAIA_IQ02") from error
    if kind in _TIMES and value:
        return minute(str(value))
    return value if value is not None else ""


def _held(row: Row, code: str, kind: str) -> list[Any]:
    value = row.get(code)
    if isinstance(value, list):
        return [item["code"] if isinstance(item, dict) else item for item in value]
    if isinstance(value, dict):
        return [value.get("code")]
    if kind in _TIMES:
        return [value or ""]  # kept as it is compared
    return [_comparable(value, kind)]


def _among(code: str, kind: str, wanted: set[Any], inside: bool) -> Test:
    return lambda row: bool(wanted.intersection(_held(row, code, kind))) is inside


def _compare(code: str, kind: str, sign: str, literal: str) -> Test:
    if sign in ("like", "not like"):
        return lambda row: (literal in str(row.get(code) or "")) is (sign == "like")
    wanted = _comparable(literal, kind)

    def test(row: Row) -> bool:
        held = _held(row, code, kind)[0]
        if sign in ("=", "!="):
            return bool(held == wanted) is (sign == "=")
        if held in (None, ""):
            return False
        return bool(
            (held > wanted and sign in (">", ">="))
            or (held < wanted and sign in ("<", "<="))
            or (held == wanted and sign in (">=", "<="))
        )

    return test


def _within(code: str, sign: str, bounds: tuple[str, str]) -> Test:
    """Compare with a run of days: before it, in it, after it."""
    first, after = bounds
    tests: Mapping[str, Callable[[str], bool]] = {
        "=": lambda held: first <= held < after,
        "!=": lambda held: not first <= held < after,
        "<": lambda held: held < first,
        "<=": lambda held: held < after,
        ">": lambda held: held >= after,
        ">=": lambda held: held >= first,
    }
    test = tests[sign]
    return lambda row: test(str(row[code])) if row.get(code) else sign == "!="


def _sortable(value: Any, kind: str) -> tuple[bool, Any]:
    if kind in _NUMBERS:
        return (value not in (None, ""), float(value) if value not in (None, "") else 0.0)
    if isinstance(value, list | dict):
        return (bool(value), str(value))
    return (value not in (None, ""), str(value or ""))
