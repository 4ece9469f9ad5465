"""YAML text with a tree of values put into it: what is not touched stays letter for letter. Pure.

New keys stand behind the last of their mapping, at its indentation. A mapping in braces, or a bare
value where a mapping is wanted, is spread over lines; its comments go above them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mapping.transforms import word

CHECK = " # check"
"""Stands behind what somebody is to look at."""
_SAFE = re.compile(r"[^\W_](?:[\w \u3000・（）()/.&%+-]*[\w）)%])?")
_COMMENT = re.compile(r"#[^\n]*")
_CONFUSED = frozenset({"yes", "no", "on", "off", "y", "n"})
"""Words that other readers of YAML take for true or false."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value to stand behind a key. ``replaces``: the key in whose place it is put, value kept.

    ``removes``: the key is taken out.
    """

    value: Any
    is_guess: bool = False
    replaces: Any = None
    removes: bool = False


Tree = dict[Any, Any]
"""Keys to a Leaf, or to a further tree."""


def amended(text: str, tree: Tree) -> str:
    """The text of a document with a tree put into it. The document must be readable YAML."""
    if text and not text.endswith("\n"):
        text += "\n"
    root = YAML(typ="safe", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        return text + "".join(_rendered(tree, 0, 2))
    made = _Editor(text, _step(root))
    if root.flow_style:
        made.spread_root(root, tree)
    else:
        made.amend(root, tree)
    return made.text()


class _Editor:
    """Collects replacements of pieces of a text, and makes them."""

    def __init__(self, text: str, step: int) -> None:
        self._text = text
        self._step = step
        self._edits: list[tuple[int, int, str]] = []

    def text(self) -> str:
        """The text with all that was collected; of two at one place the first stands first."""
        made = self._text
        edits = self._edits[::-1]  # of two at one place the later goes in first
        edits.sort(key=lambda one: one[0], reverse=True)
        for start, end, new in edits:
            made = made[:start] + new + made[end:]
        return made

    def amend(self, node: MappingNode, tree: Tree) -> None:
        """Put a tree into a mapping of several lines."""
        new: Tree = {}
        for key, below in tree.items():
            wanted = below.replaces if isinstance(below, Leaf) and below.replaces else key
            pair = next((one for one in node.value if _is_key(one[0], wanted)), None)
            if pair is None:
                if not (isinstance(below, Leaf) and below.removes):
                    new[key] = below
            elif pair[1].start_mark.index >= pair[0].end_mark.index:  # else an alias: left alone
                self._amend_pair(key, below, *pair)
        if new:
            lines = _rendered(new, node.value[0][0].start_mark.column, self._step)
            self._insert(self._end(*node.value[-1]), lines)

    def spread_root(self, node: MappingNode, tree: Tree) -> None:
        """Put a tree into a document that is a mapping in braces."""
        lines = [*self._comments(node, 0), *_rendered(_overlaid(node, tree), 0, self._step)]
        start, end = node.start_mark.index, node.end_mark.index
        self._edits.append((start, end, "".join(lines).rstrip("\n")))

    def _amend_pair(self, key: Any, below: Any, key_node: Node, value: Node) -> None:
        if isinstance(below, Leaf):
            self._amend_leaf(key, below, key_node, value)
        elif isinstance(value, MappingNode) and not value.flow_style:
            self.amend(value, below)
        else:
            self._spread(key_node, value, below)

    def _amend_leaf(self, key: Any, leaf: Leaf, key_node: Node, value: Node) -> None:
        start, end = key_node.start_mark.index, self._end(key_node, value)
        if leaf.removes:
            begin = self._text.rfind("\n", 0, start) + 1
            self._edits.append((begin, self._next_line(end), ""))
        elif leaf.replaces is not None:
            self._edits.append((start, key_node.end_mark.index, _scalar(key)))
        else:
            is_short = isinstance(value, ScalarNode) or bool(getattr(value, "flow_style", False))
            colon = self._text.index(":", key_node.end_mark.index) + 1
            begin = value.start_mark.index if is_short and value.value else colon
            check = CHECK if leaf.is_guess else ""
            blank = "" if begin == value.start_mark.index and begin > colon else " "
            self._edits.append((begin, max(end, begin), f"{blank}{_value(leaf.value)}{check}"))

    def _spread(self, key_node: Node, value: Node, tree: Tree) -> None:
        """Write what stands in braces, or bare, on lines of its own, the tree with it."""
        column = key_node.start_mark.column + self._step
        end = self._end(key_node, value)
        if end > key_node.end_mark.index:
            start = len(self._text[: value.start_mark.index].rstrip(" "))
            self._edits.append((start, end, ""))
        lines = [
            *self._comments(value, column),
            *_rendered(_overlaid(value, tree), column, self._step),
        ]
        self._insert(end, lines)

    def _insert(self, end: int, lines: list[str]) -> None:
        """Put lines below the one in which something ends."""
        place = self._next_line(end)
        self._edits.append((place, place, "".join(lines)))

    def _next_line(self, index: int) -> int:
        found = self._text.find("\n", index)
        return len(self._text) if found < 0 else found + 1

    def _end(self, key_node: Node, value: Node) -> int:
        """Where what stands behind a key ends, comments and blank lines not counted."""
        if value.start_mark.index < key_node.end_mark.index:  # an alias
            return int(key_node.end_mark.index)
        if isinstance(value, MappingNode) and value.value and not value.flow_style:
            return self._end(*value.value[-1])
        if isinstance(value, SequenceNode) and value.value and not value.flow_style:
            return self._end(key_node, value.value[-1])
        if isinstance(value, ScalarNode) and not value.value and value.style is None:
            return int(key_node.end_mark.index)
        return len(self._text[: value.end_mark.index].rstrip())

    def _comments(self, node: Node, column: int) -> list[str]:
        """The comments within something in braces, each a line."""
        if not isinstance(node, MappingNode):
            return []
        found, at = [], node.start_mark.index
        for start, end in [*_scalars(node), (node.end_mark.index, node.end_mark.index)]:
            found += _COMMENT.findall(self._text, at, max(start, at))
            at = max(at, end)
        return [f"{' ' * column}{one}\n" for one in found]


def _step(root: MappingNode) -> int:
    """By how much a document indents."""
    for key, value in root.value:
        if isinstance(value, MappingNode) and value.value and not value.flow_style:
            step = int(value.start_mark.column - key.start_mark.column)
            if step > 0:
                return step
    return 2


def _scalars(node: Node) -> Iterator[tuple[int, int]]:
    """Where the words in something in braces stand, in their order."""
    if isinstance(node, ScalarNode):
        yield node.start_mark.index, node.end_mark.index
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    else:
        for item in node.value:
            yield from _scalars(item)


def _is_key(node: Node, key: Any) -> bool:
    said = str(node.value).strip() if isinstance(node, ScalarNode) else ""
    return (said.lower() if isinstance(key, bool) else said) == word(key)


def _overlaid(node: Node, tree: Tree) -> Tree:
    """What a node says as a tree, with another laid over it, key by key."""
    made: Tree = {}
    for key, value in node.value if isinstance(node, MappingNode) else ():
        made[_plain(key)] = _as_tree(value)
    for key, below in tree.items():
        if isinstance(below, Leaf) and below.replaces is not None:
            value = Leaf(below.value, below.is_guess)
            made = {key if one == below.replaces else one: held for one, held in made.items()}
            made.setdefault(key, value)
        elif isinstance(below, Leaf) and below.removes:
            made.pop(key, None)
        elif isinstance(below, dict) and isinstance(node, MappingNode):
            held = next((value for one, value in node.value if _is_key(one, key)), None)
            made[key] = _overlaid(held, below) if held is not None else below
        else:
            made[key] = below
    return made


def _as_tree(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {_plain(key): _as_tree(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return Leaf(tuple(_plain(one) for one in node.value))
    return Leaf(_plain(node))


class _Verbatim(str):
    """A word of the file that is written again as it stands."""

    __slots__ = ()


def _plain(node: Node) -> Any:
    """A scalar's text; marked where it is no text but a number, a yes or no, or nothing."""
    said = str(node.value)
    return said if str(node.tag).endswith(":str") else _Verbatim(said or "null")


def _rendered(tree: Tree, column: int, step: int) -> list[str]:
    """A tree as lines."""
    lines: list[str] = []
    for key, below in tree.items():
        start = f"{' ' * column}{_scalar(key)}:"
        if isinstance(below, Leaf):
            if not below.removes:
                check = CHECK if below.is_guess else ""
                lines.append(f"{start} {_value(below.value)}{check}\n")
        elif below:
            lines += [f"{start}\n", *_rendered(below, column + step, step)]
        else:
            lines.append(f"{start} {{}}\n")
    return lines


def _value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_scalar(one) for one in value)}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A word as YAML writes it, in quotes only where it would be read as something else."""
    if isinstance(value, _Verbatim) or not isinstance(value, str):
        return str(value) if isinstance(value, str) else word(value)
    if _SAFE.fullmatch(value) and value.lower() not in _CONFUSED and _is_text(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    shown = (one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped)
    return f'"{"".join(shown)}"'


def _is_text(value: str) -> bool:
    """Whether YAML reads a bare word as text."""
    node = YAML(typ="safe", pure=True).compose(value)
    return isinstance(node, ScalarNode) and str(node.tag).endswith(":str") and node.value == value
