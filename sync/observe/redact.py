"""What may be read in a log is listed; everything else becomes a keyed hash (``h:1f0a93c2``).

Four things pass. A text that is a literal of the code that logs it: it was written by a programmer,
not by a vendor or a person. A word of a closed vocabulary: the operator's connections and streams,
our jobs, the names of exception classes. An id that the hub made. A number, as long as it is no
longer than a count. The hash is the same for the same value, so a person can be followed by who has
the log, and found by nobody who lacks the hub's key. See docs/adr/0010.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from enum import Enum
from hashlib import blake2b
from time import monotonic
from types import CodeType, FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import LogRecord

__all__ = ["CODE", "Plain", "Redactor", "code_of", "is_literal"]

CODE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
"""An error code."""
LONGEST_NUMBER = 10**9
"""From here on a number may be a telephone's."""
MOST_PARTS = 8
_OWN_ID = re.compile(r"[a-z]{1,4}\d*_[0-9a-v]{26}")
_BETWEEN = re.compile(r"([/:|,])")
_IDENTIFIER = re.compile(r"[A-Z]\w{2,60}")
LEARN_SECONDS = 60.0
"""How often it is looked whether there are new exception classes, at most."""

Scalar = str | int | float | bool | None


class Plain(str):
    """A text whose author vouches that it is about no person: it is shown as it is."""

    __slots__ = ()


def code_of(error: BaseException) -> Plain:
    """The error's own code where it has one, else the name of its class."""
    code = getattr(error, "code", None)
    if isinstance(code, str) and CODE.fullmatch(code):
        return Plain(code)
    return Plain(type(error).__name__)


class Redactor:
    """Decides value by value. ``words`` are the vocabulary, ``key`` is the hash's."""

    def __init__(self, key: bytes, words: Iterable[str] = ()) -> None:
        self._key = key
        self._words = {word for word in words if word}
        self._classes: frozenset[str] = frozenset()
        self._learnt = -LEARN_SECONDS

    def hashed(self, text: str) -> str:
        """What stands for a text: the same for the same text, whatever its case."""
        plain = text.strip().casefold().encode("utf-8", "surrogatepass")
        return f"h:{blake2b(plain, key=self._key, digest_size=4).hexdigest()}"

    def shown(self, value: object) -> Scalar:
        """The value where it may be read, else its hash."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return str(value.value)
        if isinstance(value, int | float):
            return value if abs(value) < LONGEST_NUMBER else self.hashed(str(value))
        if isinstance(value, Plain):
            return str(value)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, BaseException):
            return _name(value)
        if isinstance(value, type):
            return value.__name__
        if isinstance(value, list | tuple | set | frozenset) and len(value) <= MOST_PARTS:
            return ", ".join(str(self.shown(one)) for one in value)
        return self.hashed(_plain(value))

    def message(
        self,
        template: object,
        args: tuple[object, ...] | Mapping[str, object],
        *,
        literal: bool,
    ) -> str:
        """A log line's words: the template, if it is a literal, with its arguments redacted."""
        if not isinstance(template, str):
            return str(self.shown(template))
        said = template if literal else self.hashed(template)
        if not args:
            return said.rstrip("\n")
        named = isinstance(args, Mapping)
        rest = [self.shown(one) for one in (args.values() if isinstance(args, Mapping) else args)]
        given = dict(zip(args, rest, strict=True)) if named else tuple(rest)
        try:
            return (said % given).rstrip("\n") if literal else _with(said, rest)
        except (TypeError, ValueError, KeyError):
            return _with(said, rest)

    def _text(self, text: str) -> str:
        """A word that is known, or a path of words that begins with one, its parts redacted."""
        if not text or self.is_known(text):
            return text
        parts = _BETWEEN.split(text)
        if len(parts) > 2 * MOST_PARTS or not self.is_known(parts[0]):
            return self.hashed(text)
        return "".join(
            one if place % 2 or not one or self.is_known(one) else self.hashed(one)
            for place, one in enumerate(parts)
        )

    def is_known(self, word: str) -> bool:
        """Whether a word is of the vocabulary, an id of our own, or names an exception class."""
        if word in self._words or _OWN_ID.fullmatch(word):
            return True
        return bool(_IDENTIFIER.fullmatch(word)) and self._is_class(word)

    def _is_class(self, word: str) -> bool:
        if word not in self._classes and monotonic() - self._learnt >= LEARN_SECONDS:
            self._learnt = monotonic()
            self._classes = frozenset(_exceptions())
        return word in self._classes


def _with(said: str, rest: list[Scalar]) -> str:
    return f"{said} ({', '.join(str(one) for one in rest)})"


def _name(error: BaseException) -> str:
    code = code_of(error)
    name = type(error).__name__
    return name if code == name else f"{name} {code}"


def _plain(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a value that cannot be told is known by its type alone
        return type(value).__name__


def _exceptions() -> Iterable[str]:
    """The names of all exception classes there are now."""
    seen: set[type] = set()
    left: list[type] = [BaseException]
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            left += type.__subclasses__(one)
            yield one.__name__


def is_literal(record: LogRecord, text: object) -> bool:
    """Whether a text stands as it is in the code that made the record.

    Asked while the record is being logged, in the thread that logs it; later it is never so.
    """
    code = _code_of(record)
    return code is not None and any(
        text in const if isinstance(const, tuple) else type(const) is str and const == text
        for const in code.co_consts
    )


def _code_of(record: LogRecord) -> CodeType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if (
            frame.f_lineno == record.lineno
            and code.co_name == record.funcName
            and code.co_filename == record.pathname
        ):
            return code
        frame = frame.f_back
    return None
