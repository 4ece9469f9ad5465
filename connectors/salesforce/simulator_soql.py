"""A parser of the part of SOQL that integrations use.

``SELECT fields | COUNT() FROM object [WHERE …] [ORDER BY …] [LIMIT n] [OFFSET n]`` with ``and``,
``or``, ``not``, parentheses, ``= != < > <= >= LIKE IN NOT IN``, strings, numbers, booleans, null,
unquoted dates and date-times, and date literals (Salesforce SOQL reference). What it cannot read is
MALFORMED_QUERY, as it is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from connectors.salesforce.simulator_periods import is_period

TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<period>[A-Za-z]+_[Nn]_[A-Za-z]+:\d+)
    | (?P<name>[A-Za-z_][\w.]*)
    | (?P<op><=|>=|!=|<>|=|<|>)
    | (?P<mark>[(),])
    )""",
    re.VERBOSE,
)
RESERVED = frozenset(
    ("select", "from", "where", "and", "or", "not", "in", "like", "order", "by", "limit", "offset")
)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class SoqlError(Exception):
    """A query that the vendor would refuse; ``code`` is its errorCode."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a filter. ``kind`` is string, moment, date, period, number, boolean or null.

    A moment is held as the API prints it, in UTC, so that it sorts as text. The string of a LIKE
    keeps its backslashes before ``_``, ``%`` and a backslash.
    """

    kind: str
    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Compare:
    """``field op value``; for ``in`` and ``not in`` there are several values."""

    field: str
    op: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """``all`` of the parts hold (``and``), or any of them (``or``)."""

    parts: tuple[Condition, ...]
    every: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = Compare | Both | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One key of ORDER BY."""

    field: str
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A query, read. ``fields`` is empty for ``COUNT()``."""

    fields: tuple[str, ...]
    object: str
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    count: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            if not text[at:].strip():
                break
            rest = text[at:].lstrip()
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{rest[:1]}'")
        kind = match.lastgroup or ""
        word, start = match.group(kind), match.start(kind)
        if kind == "name" and word.lower() in RESERVED:
            kind, word = "word", word.lower()
        found.append(_Token(kind, word, start))
        at = match.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    def peek(self) -> _Token:
        if self.at < len(self.tokens):
            return self.tokens[self.at]
        return _Token("end", "<EOF>", len(self.text))

    def take(self, *texts: str, kind: str | None = None) -> _Token:
        token = self.peek()
        if (texts and token.text not in texts) or (kind and token.kind != kind):
            self.fail(token)
        self.at += 1
        return token

    def skip(self, *texts: str) -> bool:
        """Take these words if they are next."""
        ahead = [t.text.lower() for t in self.tokens[self.at : self.at + len(texts)]]
        if ahead == list(texts):
            self.at += len(texts)
            return True
        return False

    def fail(self, token: _Token) -> NoReturn:
        raise SoqlError(
            "MALFORMED_QUERY",
            f"\n{self.text}\n{' ' * token.at}^\nERROR at Row:1:Column:{token.at + 1}\n"
            f"unexpected token: '{token.text}'",
        )

    def query(self) -> Query:
        self.take("select")
        fields, count = self.selection()
        self.take("from")
        name = self.take(kind="name").text
        where = self.conditions() if self.skip("where") else None
        order = self.ordering() if self.skip("order", "by") else ()
        limit = int(self.take(kind="number").text) if self.skip("limit") else None
        offset = int(self.take(kind="number").text) if self.skip("offset") else 0
        if self.peek().kind != "end":
            self.fail(self.peek())
        return Query(fields, name, where, order, limit, offset, count)

    def selection(self) -> tuple[tuple[str, ...], bool]:
        first = self.take(kind="name").text
        if first.lower() == "count" and self.skip("(", ")"):
            return (), True
        fields = [first]
        while self.skip(","):
            fields.append(self.take(kind="name").text)
        lower = [f.lower() for f in fields]
        doubled = next((f for n, f in enumerate(fields) if lower.index(f.lower()) != n), None)
        if doubled is not None:
            raise SoqlError("INVALID_FIELD", f"duplicate field selected: {doubled}")
        return tuple(fields), False

    def conditions(self) -> Condition:
        """Conditions joined by AND, or by OR; SOQL refuses both without parentheses."""
        parts = [self.one()]
        joint = self.peek().text if self.peek().text in ("and", "or") else ""
        while joint and self.skip(joint):
            parts.append(self.one())
        if self.peek().text in ("and", "or"):
            self.fail(self.peek())
        return parts[0] if len(parts) == 1 else Both(tuple(parts), every=joint == "and")

    def one(self) -> Condition:
        if self.skip("not"):
            return Not(self.one())
        if self.skip("("):
            inside = self.conditions()
            self.take(")")
            return inside
        field = self.take(kind="name").text
        if self.skip("not", "in"):
            return Compare(field, "not in", self.values())
        if self.skip("in"):
            return Compare(field, "in", self.values())
        if self.skip("like"):
            return Compare(field, "like", (self.literal(pattern=True),))
        op = self.take(kind="op").text
        return Compare(field, "!=" if op == "<>" else op, (self.literal(),))

    def values(self) -> tuple[Literal, ...]:
        self.take("(")
        found = [self.literal()]
        while self.skip(","):
            found.append(self.literal())
        self.take(")")
        return tuple(found)

    def literal(self, *, pattern: bool = False) -> Literal:
        token = self.peek()
        self.at += 1
        said = token.text
        if token.kind == "string":
            return Literal("string", _plain(said[1:-1], pattern=pattern))
        if is_period(said) and token.kind in ("period", "name"):
            return Literal("period", said.upper())
        if token.kind == "moment":
            return Literal("moment", _utc(said))
        if token.kind == "date":
            return Literal("date", said)
        if token.kind == "number":
            return Literal("number", float(said))
        if token.kind != "name" or said.lower() not in _WORDS:
            self.fail(token)
        word = _WORDS[said.lower()]
        return Literal("null" if word is None else "boolean", word)

    def ordering(self) -> tuple[Order, ...]:
        keys = [self.order_key()]
        while self.skip(","):
            keys.append(self.order_key())
        return tuple(keys)

    def order_key(self) -> Order:
        field = self.take(kind="name").text
        descending = False
        if self.peek().text.lower() in ("asc", "desc"):
            descending = self.take().text.lower() == "desc"
        last = False
        if self.skip("nulls", "last"):
            last = True
        else:
            self.skip("nulls", "first")
        return Order(field, descending, last)


def _plain(said: str, *, pattern: bool) -> str:
    """A quoted text without its escapes; in a LIKE those of wildcards are kept."""

    def one(match: re.Match[str]) -> str:
        code, letter = match.group(1), match.group(2)
        if code:
            return chr(int(code, 16))
        if pattern and letter in "_%\\":
            return match.group(0)
        if letter.lower() not in _ESCAPES:
            raise SoqlError(
                "MALFORMED_QUERY",
                f"Illegal character sequence '{match.group(0)}' in string literal",
            )
        return _ESCAPES[letter.lower()]

    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", one, said, flags=re.DOTALL)


def _utc(said: str) -> str:
    moment = datetime.fromisoformat(said).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + ".000+0000"


def parse(text: str) -> Query:
    """The query that ``text`` says; raises SoqlError."""
    return _Parser(text).query()
