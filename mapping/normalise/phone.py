"""Telephone numbers: E.164, the extension, and what kind of line it is.

Plain Japanese numbers, which are nearly all, are read by one regular expression; whatever it does
not know goes to libphonenumber, which is loaded at its first use. ``+81312345678;ext=123`` is how
a number with an extension is written as one value (RFC 3966).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from mapping.normalise.text import nfkc


class PhoneKind(StrEnum):
    """What kind of line a number is; only a mobile number speaks for a person."""

    MOBILE = "mobile"
    FIXED = "fixed"
    FREEPHONE = "freephone"
    IP = "ip"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number that can be dialled from anywhere."""

    e164: str
    extension: str | None = None
    kind: PhoneKind = PhoneKind.UNKNOWN

    @property
    def text(self) -> str:
        """The number as one value, with its extension where it has one."""
        return f"{self.e164};ext={self.extension}" if self.extension else self.e164


# The Japanese numbering plan (Ministry of Internal Affairs and Communications): what a fixed line
# of nine digits after the 0 begins with; a test holds it against libphonenumber.
_FIXED = re.compile(
    r"1(?:1[235-8]|2[3-6]|3[3-9]|4[2-6]|[58][2-8]|6[2-7]|7[2-9]|9[1-9])|2[2-9]\d|[36][1-9]\d"
    r"|4(?:[2-578]\d|6[02-8]|9[2-59])|5(?:[2-589]\d|6[1-9]|7[2-8])|7(?:[25-9]\d|3[4-9]|4[02-9])"
    r"|8(?:[2679]\d|3[2-9]|4[5-9]|5[1-9]|8[03-9])|9(?:[2-58]\d|[679][1-9])"
)
# Nothing but noughts behind the area code (045-000-0000, 0120-000-000) is what people type who do
# not want to tell; 03-3000-0000 may be somebody's.
_NOBODY = r"(?:[12457-9]\d0{7}|(?:120|570)0{6}|8000{7})"
_NOBODYS = re.compile(f"(?:0|81)?{_NOBODY}")
_NOUGHTS = "000000"
_SEPARATORS = str.maketrans("", "", "-() .・")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー─━ｰ⁃⁻﹘﹣", "-") | {"〜": "~", "\u3000": " "})
_EXTENSION = re.compile(
    r"[\s,;、]*(?:\(?\s*内線(?:番号)?|\(内\)|\(?内|\(?\bext?(?:ension|en|n)?\b|(?<=\d)\s*x|#)"
    r"\s*[.:=)]?\s*(\d{1,7})(?!\d|-\d\d)\)?"
    r"|[\s,;、]*\(?\bext?(?:ension|en|n)?(\d{1,7})(?!\d|-\d\d)\)?",
    re.IGNORECASE,
)
# A letter typed for a figure, as scanned cards have it.
_NOUGHT = re.compile(r"(?<![a-zA-Z])[oO](?=[-\d])|(?<=[-\d])[oO](?=[-\d])")
_ONE = re.compile(r"(?<=[-\d])[lI](?=\d)")
_IN_KANJI = re.compile("[〇零一二三四五六七八九][〇零一二三四五六七八九()・ -]{8,}")
_KANJI_FIGURES = str.maketrans("〇零一二三四五六七八九", "00123456789")
_ODD_SEPARATORS = re.compile(r"(0\d{1,4})[/_~:*](\d{1,4})[/_~:*](\d{3,4})")
# Carriers and number display (184, 186) that are dialled before a number.
_DIALLED_BEFORE = re.compile(r"^(?:18[46]|00(?:1|33|41|44|61|77|91))[- ]?(?=0[1-9]\d?0?[- \d])")
_DIRECT = re.compile(
    r"直通|直電|\(直\)|ダイヤルイン|ダイレクト|携帯|スマホ|\bdirect|\bmobile|\bcell|\bdid\b",
    re.IGNORECASE,
)
_SWITCHBOARD = re.compile(
    r"代表(?!取締役|者|理事|社員)|\(代\)|^代\)|代表?[:)]|総合受付|switchboard|\bmain\b|\bpbx\b"
    r"|reception",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[/,;、。\n\r\t|~&]|\bor\b|\band\b|または|又は|及び|および", re.IGNORECASE)
_RUN = re.compile(r"[+(]*\d[\d ()\-.・+]*")
_FAX = re.compile(
    r"(?:fax|ファックス|ファクス|ファクシミリ|f)\s*[.:)\]】]*\s*[+(]*$", re.IGNORECASE
)
_GROUPS = re.compile(r"\d+")
_MARK = re.compile(r"#(\d+)")
_MAYBE_EXTENSION = re.compile("[#xX内]")
_NUMBER_CELL = re.compile(r"(?<![\d.])(\d{9,12})\.0(?!\d)")
# One number with what most often stands about it: +81 (0)3-…, … (代表), … ext.123.
_USUAL = re.compile(
    r"(?:\+81[- ]?(?:\(0\)|0)?|0)(?P<rest>\d{1,4}[- ]?(?:\(\d{1,4}\)|\d{1,4})[- ]?\d{4})"
    r"(?: ?(?:\(代表\)|\(代\)|代表)|(?: ext\.? ?| ?x|#| ?\(?内線?[ :]?)(?P<extension>\d{2,5})\)?)?"
)
_LONGEST = 500
_MOST_GROUPS = 5


def plain(raw: str) -> str | None:
    """A Japanese number in E.164 that is written plainly; None for what needs a closer look."""
    digits = raw.translate(_SEPARATORS)
    return "+81" + digits[1:] if _line(digits) else None


@lru_cache(maxsize=32768)
def normalise(raw: str, region: str = "JP") -> Phone | None:
    """The number in ``raw``, the first if there are several, None if none can be dialled.

    ``region`` is the country a number without a country code is from.
    """
    if region == "JP":
        text = raw if raw.isascii() else nfkc(raw).translate(_DASHES)
        digits = "0" + text[3:] if text.startswith("+81") else text.translate(_SEPARATORS)
        if digits.isdigit() and digits.isascii() and (phone := _at_home(digits)):
            return phone
        if usual := _USUAL.fullmatch(text):
            kind = _line(digits := "0" + usual["rest"].translate(_SEPARATORS))
            if kind:
                return Phone("+81" + digits[1:], usual["extension"], kind)
    found = every(raw, region)
    return found[0] if found else None


@lru_cache(maxsize=1024)
def every(raw: str, region: str = "JP") -> tuple[Phone, ...]:
    """Every number in ``raw``, in the order they stand, each once; a fax only where it is alone.

    What stands behind the first 500 letters of a cell is not looked at.
    """
    text = _NUMBER_CELL.sub(r"\1", nfkc(raw[:_LONGEST]).translate(_DASHES).strip())
    text = _figures(text)
    if _MAYBE_EXTENSION.search(text):
        text = _EXTENSION.sub(lambda found: f"#{found[1] or found[2]} ", text)
    phones: list[Phone] = []
    faxes: list[Phone] = []
    for piece in _BETWEEN.split(text):
        for phone, is_fax in _in_piece(piece, region):
            (faxes if is_fax else phones).append(phone)
    return tuple(dict.fromkeys(phones or faxes))


def is_direct_hint(raw: str) -> bool | None:
    """Whether the text says that its number reaches one person (直通, 携帯, direct).

    False where it says that many share it (代表, switchboard); None where it says neither or both.
    """
    text = nfkc(raw)
    is_direct, is_shared = _DIRECT.search(text), _SWITCHBOARD.search(text)
    if bool(is_direct) == bool(is_shared):
        return None
    return is_direct is not None


def kind_of(number: str) -> PhoneKind:
    """What kind of line a normalised Japanese number is; ``unknown`` for other countries."""
    if not number.startswith("+81"):
        return PhoneKind.UNKNOWN
    return _line("0" + number[3:].partition(";")[0]) or PhoneKind.UNKNOWN


@lru_cache(maxsize=8192)
def display(number: str, region: str = "JP") -> str:
    """A normalised number as people of ``region`` write it: ``03-1234-5678``, abroad ``+1 …``."""
    e164, _, extension = number.partition(";ext=")
    shown = _display(e164, region)
    if not extension:
        return shown
    return f"{shown} 内線{extension}" if region == "JP" else f"{shown} ext. {extension}"


def _display(e164: str, region: str) -> str:
    if region == "JP" and e164.startswith("+81"):
        digits = "0" + e164[3:]
        kind = kind_of(e164)
        if kind in {PhoneKind.MOBILE, PhoneKind.IP}:
            return f"{digits[:3]}-{digits[3:7]}-{digits[7:]}"
        if kind is PhoneKind.FREEPHONE or digits.startswith("0570"):
            return f"{digits[:4]}-{digits[4:7]}-{digits[7:]}"
    import phonenumbers

    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    at_home = phonenumbers.region_code_for_number(parsed) == region
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, style.NATIONAL if at_home else style.INTERNATIONAL)


def _figures(text: str) -> str:
    """The text with figures written as letters or kanji, or parted in odd ways, put right."""
    if match := _ODD_SEPARATORS.search(text):
        text = text[: match.start()] + "-".join(match.groups()) + text[match.end() :]
    if "o" in text or "O" in text:
        text = _NOUGHT.sub("0", text)
    if "l" in text or "I" in text:
        text = _ONE.sub("1", text)
    if not text.isascii():
        text = _IN_KANJI.sub(lambda found: found.group().translate(_KANJI_FIGURES), text)
    return _DIALLED_BEFORE.sub("", text)


def _in_piece(piece: str, region: str) -> Iterator[tuple[Phone, bool]]:
    """The numbers between two separators, each with whether it is said to be a fax."""
    mark = _MARK.search(piece)
    if mark:
        piece = piece[: mark.start()] + "  " + piece[mark.end() :]
    for run in _RUN.finditer(piece):
        is_fax = _FAX.search(piece, 0, run.start()) is not None
        whole = _one(run.group(), region)
        for phone in [whole] if whole else list(_in_groups(run.group(), region)):
            if mark and not phone.extension:
                yield Phone(phone.e164, mark.group(1), phone.kind), is_fax
            else:
                yield phone, is_fax


def _in_groups(run: str, region: str) -> Iterator[Phone]:
    """The numbers in a run that is not one: neighbouring groups of digits are tried together.

    Each must begin with its 0 or +: with a lost nought, 1234-56789 of 03-1234-56789 were one.
    """
    groups = list(_GROUPS.finditer(run))
    start = 0
    while start < len(groups):
        begin = groups[start].start()
        if region == "JP" and run[begin] != "0" and run[max(0, begin - 1)] != "+":
            start += 1
            continue
        for end in range(min(len(groups), start + _MOST_GROUPS), start, -1):
            begin = groups[start].start()
            if run[max(0, begin - 1)] == "+":
                begin -= 1
            phone = _one(run[begin : groups[end - 1].end()], region, ask_library=False)
            if phone:
                yield phone
                start = end
                break
        else:
            start += 1


def _one(run: str, region: str, *, ask_library: bool = True) -> Phone | None:
    """The number that a run of digits and separators is as a whole."""
    digits = "".join(_GROUPS.findall(run))
    if len(set(digits)) == 1 or (region == "JP" and _NOBODYS.fullmatch(digits)):
        return None
    is_international = run.lstrip("( ").startswith("+")
    if not is_international and region == "JP":
        for prefix in ("010", "00"):
            if digits.startswith(prefix) and len(digits) > 11:
                digits, is_international = digits[len(prefix) :], True
                break
    if is_international and digits.startswith("81"):
        return _japanese("0" + digits[2:].removeprefix("0"))
    if region == "JP" and not is_international and (phone := _at_home(digits)):
        return phone
    if not ask_library or not 6 <= len(digits) <= 15:
        return None
    return _library(f"+{digits}" if is_international else digits, region)


def _at_home(digits: str) -> Phone | None:
    """A Japanese number of digits that may have lost their 0, or have 81 in its place."""
    if len(set(digits)) == 1:
        return None
    phone = _japanese(digits) or _japanese("0" + digits)
    if phone is None and digits.startswith("81"):
        phone = _japanese("0" + digits[2:].removeprefix("0"))
    return phone


def _japanese(digits: str) -> Phone | None:
    """A Japanese number of digits that begin with its 0."""
    kind = _line(digits)
    return Phone("+81" + digits[1:], None, kind) if kind else None


def _line(digits: str) -> PhoneKind | None:
    """What kind of line has this number in Japan, its 0 included; None where none can have it."""
    if not (digits.isdecimal() and digits.isascii()):
        return None
    if digits.endswith(_NOUGHTS) and _NOBODYS.fullmatch(digits):
        return None
    kind = _kinds().get(digits[:4])
    return kind[0] if kind is not None and kind[1] == len(digits) else None


@cache
def _kinds() -> dict[str, tuple[PhoneKind, int]]:
    """By the first four digits: the kind of line, and how long its numbers are."""
    fixed, mobile, ip = PhoneKind.FIXED, PhoneKind.MOBILE, PhoneKind.IP
    areas = [f"{number:03}" for number in range(1000)]
    found = {f"0{area}": (fixed, 10) for area in areas if _FIXED.fullmatch(area)}
    found |= {f"0{one}0{two}": (mobile, 11) for one in "6789" for two in "123456789"}
    found |= {f"050{two}": (ip, 11) for two in "123456789"}
    return found | {
        "0120": (PhoneKind.FREEPHONE, 10),
        "0800": (PhoneKind.FREEPHONE, 11),
        "0570": (PhoneKind.UNKNOWN, 10),
    }


def _library(text: str, region: str) -> Phone | None:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    kinds = {
        phonenumbers.PhoneNumberType.MOBILE: PhoneKind.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE: PhoneKind.FIXED,
        phonenumbers.PhoneNumberType.TOLL_FREE: PhoneKind.FREEPHONE,
        phonenumbers.PhoneNumberType.VOIP: PhoneKind.IP,
    }
    kind = kinds.get(phonenumbers.number_type(parsed), PhoneKind.UNKNOWN)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, None, kind)
