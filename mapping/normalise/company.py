"""Company names: cleaned for display, and folded to a key that two ways of writing share.

Legal forms are stripped at the ends only: 日本株式会社研究所 is somebody's name. Look-alike names
(北斗電機, 北斗電機販売) are sister companies; a key is compared for equality and never likeness.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mapping.normalise import company_cell
from mapping.normalise.company_units import BRANCH, GLUED_ENDS, without_units
from mapping.normalise.company_words import LATIN_SISTERS, NO_COMPANY, SISTERS
from mapping.normalise.kanji import fold_kanji
from mapping.normalise.legal_forms import (
    FORM_ONLY,
    SMALL_KANA,
    level,
    without_first_form,
    without_forms,
)
from mapping.normalise.text import tidy

_ADDRESSED = re.compile(r"\s*(?:御中|各位|(?:ご|御)担当者?\s*様|様)$")
# The commonest ways of writing, of letters that NFKC leaves alone: one form, at one end, and a
# branch behind a space.
_NAME = "[a-z0-9\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff々]+"
_ONE_FORM = r"(?:(?:株式|有限|合同)会社|[㈱㈲]|[(（][株有同医学][)）])"
_FIRST_FORM = rf"(?:{_ONE_FORM}|(?:医療|学校|社会福祉|一般社団|公益社団|一般財団|公益財団)法人)"
_PLAIN = re.compile(
    rf"(?:{_FIRST_FORM}[ \u3000]?({_NAME})|({_NAME}?)(?:[ \u3000]?{_ONE_FORM})?)"
    rf"(?:[ \u3000]{BRANCH})?"
)
# What there may be more of to strip: a form, an addressee, Latin letters.
_MORE_TO_STRIP = re.compile(
    "[会會][社祉杜]|法人|組合|[がか]いし[ゃや]|[ガカ]イシ[ャヤ]|^(?:[社財]団|々)|[様々中位宛a-zザ]$"
)
_NOT_IN_KEY = re.compile(r"[^\w&ー+]+|_")
_NO_ANSWER = frozenset({"n/a", "n.a.", "#n/a"})

_SISTER = f"(?:{'|'.join(SISTERS + LATIN_SISTERS)})".translate(SMALL_KANA)
_SISTER_LAST = re.compile(rf"(?<=.){_SISTER}$")
_SISTER_ENDS = tuple(one.translate(SMALL_KANA) for one in (*SISTERS, *LATIN_SISTERS))
_SISTER_FIRST = re.compile(rf"(?:{_SISTER}|新)(?=.)")
_DIRECTIONS = frozenset("東西南北中")
_SISTERS_ONLY = re.compile(rf"{_SISTER}+")


def clean(raw: str) -> str | None:
    """A company name for display: widths and spaces put right, 御中 off, its form as written."""
    text = tidy(raw)
    return _ADDRESSED.sub("", text) or None if text else None


@lru_cache(maxsize=32768)
def company_key(raw: str) -> str | None:
    """The name without legal form, branch, spaces, signs and case; None when nothing is left.

    Of several names in one cell the first is taken (``company_names`` gives them all), of a
    former and a present name the present one. What says that there is no company (なし, 個人) is
    None.
    """
    plain = _plain(raw.casefold())
    if plain:
        return None if plain in NO_COMPANY else plain
    return _first(raw, company_cell.read(level(raw)))


def company_names(raw: str) -> tuple[str, ...]:
    """The keys of every name in one cell, that of ``company_key`` first, each once.

    "北斗電機㈱ (Hokuto Electric Co., Ltd.)" gives two. Former names are not among them.
    """
    plain = _plain(raw.casefold())
    if plain and plain.isalnum() and "旧" not in raw and "現" not in raw:
        return () if plain in NO_COMPANY else (plain,)
    cell = company_cell.read(level(raw))
    first = plain or _first(raw, cell)
    if first is None or first in NO_COMPANY:
        return ()
    return tuple(dict.fromkeys([first, *_keys(cell.names[1:])]))


def former_names(raw: str) -> tuple[str, ...]:
    """The keys of the names a cell says the company used to have: 旧, 旧社名, formerly."""
    return tuple(dict.fromkeys(_keys(company_cell.read(level(raw)).former)))


def look_alike(a_key: str, b_key: str) -> bool:
    """Whether two keys are those of sister companies: 北斗電機 and 北斗電機販売, not one company.

    They are when nothing but words of the kind a group tells its companies apart by (販売,
    サービス, ホールディングス, 東日本) stands around the name they share. Equal keys are one
    company, and so may be those of which one letter is another (電機, 電気).
    """
    if a_key == b_key or _mistyped(a_key, b_key):
        return False
    ours, theirs = _stems(a_key), _stems(b_key)
    return not ours.isdisjoint(theirs)


def _mistyped(ours: str, theirs: str) -> bool:
    if len(ours) != len(theirs):
        return False
    apart = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
    return len(apart) == 1 and not set(apart[0]) <= _DIRECTIONS


@lru_cache(maxsize=8192)
def _stems(key: str) -> frozenset[str]:
    """The key, and what is left of it as the words around it come off one by one."""
    stems, at = {key}, key
    while at.endswith(_SISTER_ENDS) and (found := _SISTER_LAST.search(at)):
        at = at[: found.start()]
        stems.add(at)
    for stem in tuple(stems):
        at = stem
        while found := _SISTER_FIRST.match(at):
            at = at[found.end() :]
            stems.add(at)
    return frozenset(stem for stem in stems if len(stem) > 1 and not _SISTERS_ONLY.fullmatch(stem))


def _keys(names: tuple[str, ...]) -> list[str]:
    return [key for name in names if (key := _settled(_bare(name)))]


def _plain(text: str) -> str | None:
    """The key of a name with one form or none and nothing else about it; None for another."""
    found = _PLAIN.fullmatch(text)
    name = (found.group(1) or found.group(2)) if found else None
    if not name or name.endswith(GLUED_ENDS) or _MORE_TO_STRIP.search(name):
        return None
    return fold_kanji(name).translate(SMALL_KANA)


def _first(raw: str, cell: company_cell.Cell) -> str | None:
    """The key of the first name in a cell."""
    return None if raw.casefold().strip() in _NO_ANSWER else _settled(_bare(cell.names[0]))


def _settled(key: str) -> str | None:
    """The key when nothing more comes off: what one form or space hid may be another form."""
    while key and not key.isascii() and _plain(key) != key:
        again = _bare(company_cell.read(level(key)).names[0])
        if again == key:
            break
        key = again
    return None if not key or key in NO_COMPANY else key


def _bare(text: str) -> str:
    had_form, before = False, ""
    while text != before:
        before, text = text, without_forms(text)
        had_form = had_form or (text != before and not text.startswith(("pt ", "pt.")))
        text = without_units(text)
    if not had_form:
        text = without_first_form(text)
    compact = _NOT_IN_KEY.sub("", text).rstrip("&")
    if FORM_ONLY.fullmatch(compact) or not any(char.isalnum() for char in compact):
        return ""
    return compact
