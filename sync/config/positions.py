"""YAML read so that every key and value knows its line and column.

ruamel.yaml composes the nodes (YAML 1.2: ``NO`` is a word, not false); the values are made here,
so that what is doubled, tagged, aliased without end or no mapping at all is told with its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

Keys = tuple[str | int, ...]
"""The keys that lead to a place in a document."""

LARGEST_FILE = 1024 * 1024
MOST_ALIASES = 20
MOST_VALUES = 100_000
"""Values that a file may hold once its aliases are written out."""
DEEPEST = 60


class Place(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that was found while reading; ``says`` fills the message of its code."""

    code: str
    place: Place
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    """A file's content and where each part of it stands."""

    path: Path
    data: dict[Any, Any]
    lines: list[str]
    faults: list[Fault]
    keys: dict[Keys, Place]
    values: dict[Keys, Place]

    @property
    def is_broken(self) -> bool:
        """Whether the file could not be read, so that nothing else can be said about it."""
        return not self.data and bool(self.faults)

    def holds(self, path: Keys) -> bool:
        """Whether something is written at these keys."""
        return path in self.values

    def key_place(self, path: Keys) -> Place:
        """Where the last key stands; of a key that is not there, where the nearest above does."""
        while path:
            found = self.keys.get(path) or self.values.get(path)
            if found is not None:
                return found
            path = path[:-1]
        return Place(1, 1)

    def value_place(self, path: Keys) -> Place:
        """Where the value stands, or the key where nothing stands behind it."""
        return self.values.get(path) or self.key_place(path)

    def text_place(self, path: Keys, text: str) -> Place:
        """Where a piece of a text value stands."""
        start = self.value_place(path)
        for number in range(start.line, min(start.line + 200, len(self.lines) + 1)):
            begin = start.column - 1 if number == start.line else 0
            found = self.lines[number - 1].find(text, begin)
            if found >= 0:
                return Place(number, found + 1)
        return start


def read_document(path: Path) -> Document:
    """A YAML file. A file that did not change since it was last read is not read again."""
    try:
        stat = path.stat()
    except OSError as error:
        return _broken(path, "", Fault("UNREADABLE", Place(1, 1), {"why": error.strerror}))
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1024)
def _read(path: Path, _changed: int, size: int) -> Document:
    if size > LARGEST_FILE:
        return _broken(path, "", Fault("TOO_LARGE", Place(1, 1), {"most": LARGEST_FILE}))
    try:
        raw = path.read_bytes()
    except OSError as error:
        return _broken(path, "", Fault("UNREADABLE", Place(1, 1), {"why": error.strerror}))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _broken(path, raw.decode("utf-8", "replace"), _not_utf8(raw, error.start))
    return parse(path, text)


def parse(path: Path, text: str) -> Document:
    """The document in a text; ``path`` is only its name."""
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        return _broken(path, text, _syntax(text, error))
    except ReaderError as error:
        return _broken(path, text, Fault("BAD_CHARACTER", _at(text, error.position)))
    except RecursionError:
        return _broken(path, text, Fault("TOO_DEEP", Place(1, 1), {"most": DEEPEST}))
    except (YAMLError, ValueError) as error:
        return _broken(path, text, Fault("SYNTAX", Place(1, 1), {"why": str(error)}))
    if root is None:
        return Document(path, {}, text.splitlines(), [], {}, {(): Place(1, 1)})
    builder = _Builder()
    if not isinstance(root, MappingNode):
        return _broken(path, text, Fault("NOT_A_MAPPING", _mark(root)))
    data = builder.build(root)
    return Document(path, data, text.splitlines(), builder.faults, builder.keys, builder.values)


class _Stop(Exception):
    """The aliases of a file would fill the memory."""


class _Builder:
    """Makes plain values of nodes and notes where they stand."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.keys: dict[Keys, Place] = {}
        self.values: dict[Keys, Place] = {}
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._aliases = 0
        self._count = 0

    def build(self, root: MappingNode) -> dict[Any, Any]:
        try:
            made: dict[Any, Any] = self._value(root, (), 0)
        except _Stop:
            self.faults = self.faults[:1]
            return {}
        return made

    def _value(self, node: Node, path: Keys, depth: int) -> Any:
        place = _mark(node)
        self._guard(node, place, depth)
        if not (isinstance(node, ScalarNode) and node.value == "" and node.style is None):
            self.values[path] = place
        elif path in self.keys:
            self.values[path] = self.keys[path]
        if isinstance(node, ScalarNode):
            return self._scalar(node, place)
        self._open.add(id(node))
        try:
            if node.tag not in _PLAIN:
                self.faults.append(Fault("TAG", place, {"tag": node.tag}))
            if isinstance(node, SequenceNode):
                return [
                    self._value(item, (*path, number), depth + 1)
                    for number, item in enumerate(node.value)
                ]
            return self._mapping(node.value, path, depth)
        finally:
            self._open.discard(id(node))

    def _guard(self, node: Node, place: Place, depth: int) -> None:
        self._count += 1
        if id(node) in self._seen:
            self._aliases += node.anchor is not None
        self._seen.add(id(node))
        if depth > DEEPEST:
            self.faults.insert(0, Fault("TOO_DEEP", place, {"most": DEEPEST}))
            raise _Stop
        too_many = self._aliases > MOST_ALIASES or self._count > MOST_VALUES
        if too_many or id(node) in self._open:
            self.faults.insert(0, Fault("ALIASES", place, {"most": MOST_ALIASES}))
            raise _Stop

    def _mapping(self, pairs: list[tuple[Node, Node]], path: Keys, depth: int) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key_node, value_node in pairs:
            place = _mark(key_node)
            if key_node.tag == _MERGE:
                self.faults.append(Fault("MERGE_KEY", place))
                continue
            key = self._scalar(key_node, place) if isinstance(key_node, ScalarNode) else None
            if key is None:
                self.faults.append(Fault("BAD_KEY", place))
                continue
            if key in made:
                first = self.keys[(*path, key)].line
                self.faults.append(Fault("DUPLICATE_KEY", place, {"key": key, "first": first}))
                continue
            self.keys[(*path, key)] = place
            made[key] = self._value(value_node, (*path, key), depth + 1)
        return made

    def _scalar(self, node: ScalarNode, place: Place) -> Any:
        kind = str(node.tag).removeprefix(_YAML)
        text: str = node.value
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return _whole(text)
        if kind == "float":
            return _number(text)
        if kind not in ("str", "timestamp", "value"):
            self.faults.append(Fault("TAG", place, {"tag": node.tag}))
        return text


_YAML = "tag:yaml.org,2002:"
_MERGE = f"{_YAML}merge"
_PLAIN = frozenset({f"{_YAML}map", f"{_YAML}seq"})


def _whole(text: str) -> int | str:
    digits = text.replace("_", "")
    try:
        return int(digits, 0 if digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
    except ValueError:  # more digits than Python turns into a number: no number that anyone means
        return text


def _number(text: str) -> float | str:
    plain = text.replace("_", "").lower()
    if plain.lstrip("+-") == ".inf":
        return -math.inf if plain.startswith("-") else math.inf
    if plain == ".nan":
        return math.nan
    try:
        return float(plain)
    except ValueError:
        return text


def _mark(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _broken(path: Path, text: str, fault: Fault) -> Document:
    return Document(path, {}, text.splitlines(), [fault], {}, {})


def _at(text: str, position: int) -> Place:
    before = text[:position]
    return Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _not_utf8(raw: bytes, start: int) -> Fault:
    before = raw[:start]
    line_start = before.rfind(b"\n") + 1
    column = len(before[line_start:].decode("utf-8", "replace")) + 1
    place = Place(before.count(b"\n") + 1, column)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Fault("NOT_UTF8", place, {"looks": "UTF-16"})
    try:
        raw.decode("cp932")
    except UnicodeDecodeError:
        return Fault("NOT_UTF8", place, {"looks": "?"})
    return Fault("NOT_UTF8", place, {"looks": "Shift_JIS (CP932)"})


def _syntax(text: str, error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)
    problem = str(error.problem or error.context or "")
    tab = _tab_before(text, place.line)
    if tab is not None:
        return Fault("TAB", tab)
    if problem.startswith(("expected <block end>", "mapping values")):
        return Fault("INDENT", place)
    if problem.startswith("found undefined alias"):
        return Fault("UNDEFINED_ALIAS", place)
    if problem.startswith("but found another document"):
        return Fault("TWO_DOCUMENTS", place)
    if "scanning a quoted scalar" in str(error.context) and error.context_mark is not None:
        opened = error.context_mark
        return Fault("OPEN_QUOTE", Place(opened.line + 1, opened.column + 1))
    return Fault("SYNTAX", place, {"why": problem})


def _tab_before(text: str, last: int) -> Place | None:
    """The first tab that indents a line, up to the line that the parser stumbled at."""
    for number, line in enumerate(text.splitlines()[:last], start=1):
        ahead = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in ahead:
            return Place(number, ahead.index("\t") + 1)
    return None
