"""Profiles: what kind of list a file is, and which field each of its headers means.

The knowledge is data (``profiles.yaml``); this module compares headers with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

GENERIC = "generic"

_MARKS = re.compile(r"[(\[【〔<](?:必須|任意|required|optional|半角|全角|半角英数字?)[)\]】〕>]")


class _Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str
    lead_source: str | None = None
    signature: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    needs: int = 1
    aliases: dict[str, tuple[str, ...]] = {}
    marks: dict[str, tuple[str, ...]] = {}
    ignore: tuple[str, ...] = ()
    tag_columns: bool = False


class _Book(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: dict[str, tuple[str, ...]]
    profiles: dict[str, _Profile]
    words: dict[str, frozenset[str]]
    ignore: tuple[str, ...]


@lru_cache(maxsize=65536)
def header_key(header: str) -> str:
    """A header without what does not matter: case, width, spaces, punctuation, (必須)."""
    text = _MARKS.sub("", unicodedata.normalize("NFKC", header).casefold())
    kept = "".join(char for char in text if char.isalnum())
    return kept or "".join(text.split())


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of list. ``aliases`` are header keys per field, best first.

    ``signature`` and ``starts`` are what gives the kind away; ``tag_columns`` says that an unknown
    column holding "1" is a tag named by its header.
    """

    name: str
    channel: str
    lead_source: str | None
    aliases: Mapping[str, tuple[str, ...]]
    signature: frozenset[str]
    starts: tuple[str, ...]
    needs: int
    ignore: frozenset[str]
    tag_columns: bool

    def hits(self, keys: Iterable[str]) -> int:
        """How many of these header keys are typical of this kind of list."""
        return sum(
            1
            for key in set(keys)
            if key in self.signature or (self.starts and key.startswith(self.starts))
        )


def _keys(headers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(header_key(header) for header in headers))


def _compiled(name: str, raw: _Profile, book: _Book) -> Profile:
    common = book.fields
    own = {**raw.aliases, **raw.marks}
    aliases = {
        field: _keys((*own.get(field, ()), *common.get(field, ()))) for field in [*common, *own]
    }
    return Profile(
        name=name,
        channel=raw.channel,
        lead_source=raw.lead_source,
        aliases=aliases,
        signature=frozenset(_keys(raw.signature)),
        starts=_keys(raw.starts),
        needs=raw.needs,
        ignore=frozenset(_keys((*book.ignore, *raw.ignore))),
        tag_columns=raw.tag_columns,
    )


def _load() -> tuple[dict[str, Profile], dict[str, str], dict[str, str], dict[str, frozenset[str]]]:
    text = Path(__file__).with_name("profiles.yaml").read_text(encoding="utf-8")
    book = _Book.model_validate(YAML(typ="safe", pure=True).load(text))
    profiles = {name: _compiled(name, raw, book) for name, raw in book.profiles.items()}
    labels = {field: aliases[0] for field, aliases in book.fields.items()}
    marks = {
        field: headers[0] for raw in book.profiles.values() for field, headers in raw.marks.items()
    }
    return profiles, labels, marks, book.words


PROFILES, LABELS, MARKS, WORDS = _load()
"""Profiles by name; per field, and per mark, the label people see; words of yes and no."""

PROFILE_NAMES = tuple(PROFILES)
FIELD_NAMES = frozenset(name for profile in PROFILES.values() for name in profile.aliases)
"""Every field that a header can mean."""

_KNOWN = frozenset(
    key for profile in PROFILES.values() for keys in profile.aliases.values() for key in keys
) | frozenset(key for profile in PROFILES.values() for key in profile.signature | profile.ignore)


def known_headers(cells: Iterable[str], also: frozenset[str] = frozenset()) -> int:
    """How many of these cells are headers that a profile (or ``also``, header keys) knows."""
    keys = {header_key(cell) for cell in cells if cell and len(cell) <= 60}
    return len(keys & _KNOWN) + len((keys & also) - _KNOWN)


def guess(headers: Sequence[str]) -> str:
    """The profile whose typical headers these are; generic where none stands out."""
    keys = _keys(headers)
    scores = {name: profile.hits(keys) for name, profile in PROFILES.items()}
    fitting = [name for name in PROFILE_NAMES if 0 < PROFILES[name].needs <= scores[name]]
    return max(fitting, key=scores.__getitem__, default=GENERIC)


@lru_cache(maxsize=256)
def assign(
    profile: str, headers: tuple[str, ...], own: tuple[tuple[str, tuple[str, ...]], ...] = ()
) -> Mapping[str, str]:
    """Which header each field is read from: field to header.

    ``own`` are an operator's (field, headers) and come first. A header is given to one field, a
    field takes one header; what is left over stays under its own name.
    """
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(header_key(header), header)
    taken: dict[str, str] = {}
    for field, names in own:
        found = next((by_key[key] for key in _keys(names) if key in by_key), None)
        if found is not None:
            taken[field] = found
    left = {key: header for key, header in by_key.items() if header not in taken.values()}
    for field, keys in PROFILES[profile].aliases.items():
        if field in taken:
            continue
        hit = next((key for key in keys if key in left), None)
        if hit is not None:
            taken[field] = left.pop(hit)
    return taken
