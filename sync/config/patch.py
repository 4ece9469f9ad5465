"""A patch of an operator's fields file: what people wrote stays as it stands, guesses are marked.

Text is edited, not written anew: new lines go behind the last one of their table, a key or a value
is replaced in its place. Only what is written on one line in braces is spread over lines.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapping.errors import MappingErrors
from mapping.fieldmap import compile_map
from mapping.stage_rules import StageRules
from mapping.transforms import word
from sync.config.guess import Edit
from sync.config.maps import default_document, fields_file, merged_documents
from sync.config.model import Config
from sync.config.positions import parse
from sync.config.yamltext import Leaf, Tree, amended

if TYPE_CHECKING:
    from connectors.registry import Installed


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of one file. ``before`` is None where there is no such file yet."""

    path: Path
    name: str
    before: str | None
    after: str
    newline: str = "\n"

    @property
    def diff(self) -> str:
        """The change as `diff -u` shows it; `git apply` takes it."""
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            "/dev/null" if self.before is None else f"a/{self.name}",
            f"b/{self.name}",
        )
        ended = (
            one if one.endswith("\n") else f"{one}\n\\ No newline at end of file\n" for one in lines
        )
        return "".join(ended)

    def write(self) -> None:
        """Put the file in its new form."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(self.after.replace("\n", self.newline).encode())


def proposed(
    config: Config, name: str, installed: Installed, groups: Sequence[Sequence[Edit]]
) -> Patch | None:
    """The patch of a connection's fields file that makes these edits; None where nothing changes.

    A group of edits that would leave a map that does not compile is left out.
    """
    path = fields_file(config.root, name)
    raw = path.read_bytes().decode("utf-8-sig") if path.is_file() else None
    newline = "\r\n" if raw is not None and "\r\n" in raw else "\n"
    before = raw.replace("\r\n", "\n") if raw is not None else None
    writer = _Writer(path, before or "", installed, config.stages.rules())
    after = writer.write(groups)
    if after is None:
        kept: list[Sequence[Edit]] = []
        for group in groups:
            if (written := writer.write([*kept, group])) is not None:
                kept, after = [*kept, group], written
    if after is None or after == (before or ""):
        return None
    return Patch(path, path.relative_to(config.root).as_posix(), before, after, newline)


class _Writer:
    """Edits the text of one fields file, and sees whether the maps still compile."""

    def __init__(self, path: Path, text: str, installed: Installed, rules: StageRules) -> None:
        self.path = path
        self.text = text
        self.installed = installed
        self.rules = rules
        default = default_document(installed)
        self.default: Mapping[Any, Any] = default.data if default is not None else {}
        self.own: Mapping[Any, Any] = parse(path, text).data

    def write(self, groups: Sequence[Sequence[Edit]]) -> str | None:
        """The text with these edits; None where a map would not compile."""
        tree: Tree = {}
        for edit in (one for group in groups for one in group):
            self._plant(tree, edit)
        text = amended(self.text, tree)
        data = parse(self.path, text).data
        try:
            for stream, document in merged_documents(self.installed, data).items():
                manifest = self.installed.manifest.streams.get(stream)
                kind = str(manifest.kind) if manifest is not None else None
                compile_map(document, kind=kind, rules=self.rules)
        except MappingErrors:
            return None
        return text

    def _plant(self, tree: Tree, edit: Edit) -> None:
        """Put an edit where it belongs in the tree of all edits."""
        stream, part, *rest = edit.path
        if part == "fields":
            table = self._line(tree, str(stream), rest[0])
            rest = rest[1:]
        else:
            table = _below(_below(tree, stream), part)
        *above, key = rest
        for one in above:
            table = _below(table, one)
        own = _at(self.own, edit.path[:-1])
        held = {word(one): one for one in own} if isinstance(own, Mapping) else {}
        old = held.get(edit.replaces or "")
        if edit.replaces is not None and old is None:
            _take_out(table, edit.replaces, is_line=part == "fields")
        if any(isinstance(one, Leaf) and one.replaces == old for one in table.values()):
            old = None
        is_gone = edit.value is None and not self._is_default(edit.path)
        key = held.get(word(key), key)
        table[key] = Leaf(edit.value, edit.is_guess, replaces=old, removes=is_gone)

    def _line(self, tree: Tree, stream: str, field: Any) -> Tree:
        """The tree of a field's line; a line that stands in the default only is copied into it."""
        fields = _below(_below(tree, stream), "fields")
        if field not in fields:
            own = _at(self.own, (stream, "fields", field))
            line = own if own is not None else _at(self.default, (stream, "fields", field))
            fields[field] = {} if isinstance(own, Mapping) else _copied(line)
        made = fields[field]
        return made if isinstance(made, dict) else {}

    def _is_default(self, path: Sequence[Any]) -> bool:
        """Whether the default says something there that the operator's file lies over."""
        own = _at(self.own, (path[0], "stage", "field"))
        if own is not None and own != _at(self.default, (path[0], "stage", "field")):
            return False
        return _at(self.default, path) is not None


def _take_out(table: Tree, key: str, *, is_line: bool) -> None:
    """Leave out a key that the operator's file has not: of a copied line, or of the default."""
    for one in [one for one in table if is_line and word(one) == key]:
        del table[one]
    if not is_line:
        table[key] = Leaf(None)


def _copied(line: Any) -> Tree:
    """A whole line as a tree, its examples left out."""
    said = line if isinstance(line, Mapping) else {"from": line}
    return {key: _tree(value) for key, value in said.items() if key != "examples"}


def _tree(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _tree(one) for key, one in value.items()}
    return Leaf(tuple(value) if isinstance(value, list) else value)


def _below(tree: Tree, key: Any) -> Tree:
    made = tree.get(key)
    if isinstance(made, dict):
        return made
    fresh: Tree = {}
    tree[key] = fresh
    return fresh


def _at(data: Any, path: Sequence[Any]) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
