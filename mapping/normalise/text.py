"""Widths, spaces and kana. ASCII text, which is most text, takes the short way out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters, digits and the signs of addresses; ！ and ～ belong to Japanese sentences and stay. A
# full-width minus behind kana is a long vowel mistyped, and no hyphen either.
_WIDE = re.compile(
    "[\u3000\u00a0０-９Ａ-Ｚａ-ｚ＆＠．＿＋／（）％＃＇\uffe0-\uffe6]+|(?<![\u30a1-\u30fa])－"
)
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_UNSEEN = re.compile("[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACES = re.compile(r"\s+")
_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
# A sound mark written on its own: NFKC makes it a space and a combining mark, which joins nothing.
_SOUND_MARKS = str.maketrans({"゛": "\u3099", "゜": "\u309a"})
_KANA_ONLY = re.compile("[\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe・ ]+")
_HYPHEN_IN_KANA = re.compile("(?<=[\u30a1-\u30c2\u30c4-\u30f2\u30f4-\u30fa])[-‐‑‒–—―−]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]+")
_KANA_KEY = str.maketrans(
    "ァィゥェォッャュョヮヵヶヂヅヰヱヲ",
    "アイウエオツヤユヨワカケジズイエオ",
    " ・",
)


def is_blank(value: object) -> bool:
    """Whether a value says nothing: None, an empty list, text of spaces. 0 and False say much."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, (list, tuple, dict)) and not value


def nfkc(raw: str) -> str:
    """The text in NFKC, with sound marks that stand alone joined to their kana."""
    if raw.isascii():
        return raw
    if "゛" in raw or "゜" in raw:
        raw = raw.translate(_SOUND_MARKS)
    return unicodedata.normalize("NFKC", raw)


def squeeze(raw: str) -> str:
    """The text without control and zero-width characters, its runs of spaces made one."""
    if raw.isprintable():  # no other space than the usual one, and nothing unseen
        return " ".join(raw.split()) if "  " in raw else raw.strip(" ")
    return _SPACES.sub(" ", _UNSEEN.sub("", raw)).strip()


def tidy(raw: str) -> str | None:
    """The text for display: full-width letters and half-width kana turned, spaces squeezed.

    Kanji and signs such as ㈱ stay as written. None when nothing is left.
    """
    if not unicodedata.is_normalized("NFKC", raw):
        raw = _HALF_KANA.sub(_to_nfkc, raw)
        raw = _WIDE.sub(_to_nfkc, raw)
    return squeeze(raw) or None


def lines(raw: str) -> str | None:
    """Longer text for display: as ``tidy``, but its lines stay lines."""
    kept = (tidy(line) or "" for line in raw.splitlines())
    return "\n".join(kept).strip() or None


def katakana(raw: str) -> str | None:
    """The text with its hiragana and half-width kana as full-width katakana, for display."""
    if raw.isascii():
        return squeeze(raw) or None
    text = nfkc(raw).translate(_TO_KATAKANA)
    return squeeze(_HYPHEN_IN_KANA.sub("ー", text)) or None


@lru_cache(maxsize=16384)
def is_kana(raw: str) -> bool:
    """Whether the text is hiragana or katakana (spaces and middle dots aside), of any width."""
    return not raw.isascii() and _KANA_ONLY.fullmatch(nfkc(raw)) is not None


def kana_key(raw: str) -> str:
    """A reading folded for comparison: katakana, small kana large, no spaces; "" if not kana."""
    if _KATAKANA.fullmatch(raw):
        return raw.translate(_KANA_KEY)
    text = katakana(raw)
    if text is None or not is_kana(text):
        return ""
    return text.translate(_KANA_KEY)


def _to_nfkc(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match.group())
