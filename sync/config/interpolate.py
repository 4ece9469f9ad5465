"""``${env:NAME}``, ``${env:NAME:-default}`` and ``${file:path}`` in text values; nothing else.

What a reference brought in is not looked at again, so that a password may hold ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.config.positions import Document, Fault, Keys

LARGEST_SECRET = 64 * 1024
REFERENCE = re.compile(r"\$\{(env|file):([^{}]*)\}")
"""What is replaced: the way it is named, and its name."""
_OPENED = re.compile(r"\$\{(?:env|file)\b[^}]*\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Filled:
    """A document's content with its references replaced.

    ``lost`` are the places whose reference leads nowhere: nothing more can be said about their
    values, which are left as written.
    """

    data: dict[Any, Any]
    faults: list[Fault] = field(default_factory=list)
    lost: set[Keys] = field(default_factory=set)


def fill(document: Document, root: Path, env: Mapping[str, str]) -> Filled:
    """The document's content with every reference replaced; ``${file:…}`` is relative to root."""
    filled = Filled({})
    filled.data.update(_walk(document.data, (), document, root, env, filled))
    return filled


def is_reference(text: str) -> bool:
    """Whether a text is made of references only, as a secret has to be."""
    return bool(text.strip()) and not REFERENCE.sub("", text).strip()


def spoken_default(text: str) -> str | None:
    """The default that a reference of the text states in clear, if one does."""
    for _, body in REFERENCE.findall(text):
        _, marked, default = body.partition(":-")
        if marked and default:
            return str(default)
    return None


def _walk(
    value: Any,
    path: Keys,
    document: Document,
    root: Path,
    env: Mapping[str, str],
    filled: Filled,
) -> Any:
    if isinstance(value, dict):
        return {
            key: _walk(item, (*path, key), document, root, env, filled)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _walk(item, (*path, number), document, root, env, filled)
            for number, item in enumerate(value)
        ]
    if not isinstance(value, str) or "${" not in value:
        return value
    faults = list(_malformed(value, path, document))
    parts: list[str] = []
    end = 0
    for found in REFERENCE.finditer(value):
        said = _resolve(found[1], found[2], root, env)
        if isinstance(said, tuple):
            place = document.text_place(path, found[0])
            faults.append(Fault(said[0], place, {"name": said[1], "why": said[2]}))
            continue
        parts += [value[end : found.start()], said]
        end = found.end()
    if faults:
        filled.faults.extend(faults)
        filled.lost.add(path)
        return value
    return "".join([*parts, value[end:]])


def _malformed(value: str, path: Keys, document: Document) -> Iterator[Fault]:
    for found in _OPENED.finditer(value):
        if not REFERENCE.fullmatch(found[0]):
            yield Fault(
                "BAD_REFERENCE", document.text_place(path, found[0]), {"text": found[0][:80]}
            )


def _resolve(
    kind: str, body: str, root: Path, env: Mapping[str, str]
) -> str | tuple[str, str, str]:
    """What a reference stands for; or the code, name and reason why it stands for nothing."""
    if kind == "file":
        return _content(root / body, body)
    name, marked, default = body.partition(":-")
    if not _NAME.match(name):
        return "BAD_VARIABLE", name, ""
    return env.get(name) or (default if marked else ("NO_VARIABLE", name, ""))


def _content(path: Path, name: str) -> str | tuple[str, str, str]:
    try:
        if not name or not path.is_file():
            return "NO_FILE", name, ""
        if path.stat().st_size > LARGEST_SECRET:
            return "BAD_FILE", name, f"> {LARGEST_SECRET} bytes"
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        return "BAD_FILE", name, type(error).__name__
