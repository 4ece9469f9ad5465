"""Makes ``family_names.txt`` and ``given_names.txt`` anew from japanese-personal-name-dataset.

Run as ``python -m mapping.normalise.tables.rebuild_family_names DIRECTORY`` with the package from
PyPI unpacked in DIRECTORY, anywhere but in this project's environment: nothing else needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from mapping.normalise.romanise import romaji, romaji_key
from mapping.normalise.text import katakana

_PACKAGE = "japanese-personal-name-dataset"
_HEAD = """\
# {what}
# Made by rebuild_family_names.py from {package} {version} on PyPI:
# MIT, {owner}; see SOURCES.md. Romaji is ours. Not edited by hand.
"""
_FAMILY = "Family names of Japan, the commonest first: kanji, reading, folded romaji."
_GIVEN = "Given names of Japan: reading, folded romaji, then spellings in kanji."
_OWNER = "Copyright (c) 2022 shuheilocale"

_MISREAD = frozenset({"ハクチョウ", "シンデン", "サンジョウ", "ウチウミ"})
"""Readings of words that are not those of the names: 白鳥, 新田, 山上, 内海 (from memory)."""
_LEAST = 8
"""A reading that is not in the package's choice of popular ones needs so many spellings."""
_ENDINGS = frozenset("郎朗子介助輔佑祐之美")
"""How those given names of three kanji end that are kept: sound-spellings are without number."""


def main(directory: str) -> None:
    """Write both tables beside this module."""
    sys.path.insert(0, directory)
    found = next(d for d in distributions(path=[directory]) if d.metadata["Name"] == _PACKAGE)
    data: Any = __import__(_PACKAGE.replace("-", "_"))
    _write("family_names.txt", _FAMILY, found.version, _family_rows(data))
    _write("given_names.txt", _GIVEN, found.version, _given_rows(data))


def _family_rows(data: Any) -> Iterator[str]:
    names: Mapping[str, Mapping[str, str]] = data.load_dataset("org", True)[2]
    for kanji, row in names.items():
        reading = katakana(row["reading"]) or ""
        if reading not in _MISREAD:
            yield f"{kanji} {reading} {romaji_key(romaji(reading))}"


def _given_rows(data: Any) -> Iterator[str]:
    every = data.load_dataset("org")
    popular = {reading for names in data.load_dataset("opti") for reading in names}
    spellings: dict[str, dict[str, None]] = {}
    for names in every:
        for hiragana, row in names.items():
            spellings.setdefault(hiragana, {}).update(dict.fromkeys(row["kanji"]))
    for hiragana, kanji in sorted(spellings.items()):
        if hiragana in popular or len(kanji) >= _LEAST:
            reading = katakana(hiragana) or ""
            kept = (one for one in kanji if len(one) < 3 or one[-1] in _ENDINGS)
            yield " ".join((reading, romaji_key(romaji(reading)), *kept))


def _write(name: str, what: str, version: str, rows: Iterator[str]) -> None:
    head = _HEAD.format(what=what, package=_PACKAGE, version=version, owner=_OWNER)
    Path(__file__).with_name(name).write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
