"""Japanese addresses: postal code, prefecture, and where city and street begin.

Addresses elsewhere are left as written. A prefecture is told from its own name, else from the
municipality (府中市 is in two prefectures, so the town must tell), and last from the postal code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining, normalize

from mapping.normalise import places
from mapping.normalise.romanise import romaji_key
from mapping.normalise.text import is_kana, katakana, nfkc, squeeze

_NAMES = """
北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県
新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県
奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県
熊本県 大分県 宮崎県 鹿児島県 沖縄県
"""
_ROMAJI = """
hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba tokyo
kanagawa niigata toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga kyoto osaka
hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima kagawa ehime kochi
fukuoka saga nagasaki kumamoto oita miyazaki kagoshima okinawa
"""
PREFECTURES = tuple(_NAMES.split())
"""The 47 prefectures, from north to south."""

_BY_ROMAJI = dict(zip(_ROMAJI.split(), PREFECTURES, strict=True))
_WHOLE = frozenset(PREFECTURES)
_SHORT = {name if name == "北海道" else name[:-1]: name for name in PREFECTURES}
_POSTAL = re.compile(
    r"(?:〒|郵便番号|postal\s*code|zip)?\s*:?\s*(\d{3})[-\s]?(\d{4})", re.IGNORECASE
)
_POSTAL_LEADING = re.compile(
    r"\(?(?:〒\s*\(?(\d{3})[-\s]?(\d{4})|(\d{3})-(\d{4})|(\d{3})(\d{4})(?=[\s,、)]))\)?[\s,、]*"
)
_POSTAL_ANYWHERE = re.compile(r"〒\s*(\d{3})-?(\d{4})(?!\d)|(?<![\d-])(\d{3})-(\d{4})(?![\d-])")
_POSTAL_ALONE = re.compile(r"\d{7}")
_DASH = re.compile(r"[‐‑‒–—―−ー－─ｰ]")
_LEADING = re.compile(
    r"(?:日本国?|japan)(?:[\s,、・:/]+|(?=〒|東京|北海道|京都|大阪|..県|...県))"
    r"|[(\[【]?(?:郵便番号|住所|所在地|本店所在地|本社所在地|勤務先住所|本社|本店|address)[\s:/】\])]+",
    re.IGNORECASE,
)
_VARIANT = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SHORT_FIRST = re.compile(
    "("
    + "|".join(sorted(_SHORT, key=len, reverse=True))
    + r")(?=$|[\s,、/()]|市|支[店社]|営業所|東京$)"
)
_SHORT_LEADING = re.compile("(?:" + "|".join(sorted(_SHORT, key=len, reverse=True)) + r")\s*")
_ANY_PREFECTURE = re.compile("|".join(PREFECTURES))
_LATIN = re.compile(r"[a-z]+")
_LATIN_ENDING = re.compile(r"[\s-]+(?:to|fu|ken|pref(?:ecture)?\.?)(?=$|[\s-])")
_LATIN_GLUED_ENDING = re.compile(r"(?:to|fu|ken)$")
_LATIN_KINDS = {
    "shi": "市", "city": "市", "ku": "区", "ward": "区", "gun": "郡", "cho": "町", "machi": "町",
    "town": "町", "mura": "村", "son": "村", "village": "村",
}  # fmt: skip
_LATIN_GLUED = re.compile(r"(.{2,}?)(shi|ku|gun)")
# Names that hold the very sign a city name ends with.
_ODD_CITIES = (
    r"四日市市|廿日市市|八日市市|野々市市|十日町市|市川市|市原市|町田市|大町市|村山市|東村山市|武蔵村山市"
    r"|羽村市|田村市|大村市|郡山市|大和郡山市|蒲郡市|小郡市|郡上市|余市郡余市町|高市郡.+?[町村]"
    r"|杵島郡大町町|佐波郡玉村町|柴田郡村田町"
)
_CITY = re.compile(
    rf"(?:{_ODD_CITIES}|[^\s市区町村0-9]{{1,6}}郡[^\s0-9]{{1,6}}?[町村]"
    r"|[^\s市区町村0-9]{1,7}市(?:[^\s市0-9]{1,4}?区)?|[^\s市区町村0-9]{1,6}[区町村])"
)
_NOT_TOWN = re.compile(r"大字|字(?=[^\d]{2})|(?<!\d)[\s,、]|[\s,、](?!\d)")
_BLOCK_WORD = re.compile(
    r"丁目|番(?!町|街|館)地?ノ?|号室?(?!館)|(?<=\d)[‐‑‒–—―−ー－─ｰノ](?=\d)|(?<=\d)地割"
)
_LAST_NUMERAL = re.compile("(?<=[番地目ノ-])[一二三四五六七八九十]+(?=$|[-ノ号番 ])")
_BLOCK = re.compile(r"(?P<town>\D*?)(?P<block>\d+(?:(?:条[東西南北]?|-+)\d+){0,2})")
_TOWN_SIGNS = re.compile(r"[^\w]|ノ(?=\w)|第$")
_NUMBER = re.compile(r"0*(\d+)(-*)")
_LONGEST = 300
_MOST_LEADING = 4
_LEAST_LATIN_TOWN = 6


class Address(NamedTuple):
    """An address in parts; None for what was not told."""

    postal_code: str | None
    prefecture: str | None
    city: str | None
    street: str | None


def postal_code(raw: str) -> str | None:
    """A Japanese postal code as ``123-4567``; None when there are not seven digits."""
    text = _DASH.sub("-", nfkc(raw)).strip().removesuffix(".0")
    match = _POSTAL.fullmatch(text)
    return f"{match.group(1)}-{match.group(2)}" if match else None


def prefecture_of_postal_code(code: str) -> str | None:
    """The prefecture where a postal code is delivered; None where two share it, or none has it."""
    whole = postal_code(code)
    return places.of_postal_code(whole.replace("-", "")) if whole else None


@lru_cache(maxsize=8192)
def prefecture(raw: str) -> str | None:
    """The prefecture that a name or an address tells, in full (東京都)."""
    return _region(*_bare(raw))


@lru_cache(maxsize=4096)
def split(raw: str) -> Address:
    """The parts of an address on one line. What comes after the city is the street, untouched."""
    code, text = _bare(raw)
    region = _region(code, text)
    start = _after_prefecture(text, region) if region else 0
    end = _city_end(text, start, region)
    city = text[start:end].replace(" ", "")
    return Address(code, region, city or None, text[end:].strip(" ,、") or None)


@lru_cache(maxsize=4096)
def address_key(raw: str) -> str | None:
    """What two ways of writing one address share: ``東京都|港区|芝1-2-3``.

    The prefecture, the municipality without what it is part of (大阪市北区 is 北区), the town
    folded and the numbers of the block; building and floor are left out. None without one of these.
    """
    code, text = _bare(raw[:_LONGEST])
    region = _region(code, text)
    if region is None:
        return None
    folded = places.fold(text)
    start = _after_prefecture(text, region)
    place = places.find(folded[start:], region)
    if place is None:
        return None
    rest = places.numbers(_NOT_TOWN.sub("", folded[start + place.end :]))
    rest = _BLOCK_WORD.sub("-", _LAST_NUMERAL.sub(places.number, rest))
    block = _BLOCK.match(rest)
    if block is None:
        return None
    town = _TOWN_SIGNS.sub("", block["town"])
    numbers = _NUMBER.sub(lambda found: found[1] + found[2][:1], block["block"])
    return f"{region}|{place.city}|{town}{numbers}"


def _region(code: str | None, text: str) -> str | None:
    """The prefecture of an address whose postal code, if any, was taken off."""
    if text[:3] in _WHOLE or text[:4] in _WHOLE:
        return text[:3] if text[:3] in _WHOLE else text[:4]
    found = _latin_region(text) if text.isascii() else _japanese_region(text)
    if found is not None:
        return found
    there = {match.group() for match in _ANY_PREFECTURE.finditer(text)}
    if len(there) == 1:
        return there.pop()
    if code is None and (match := _POSTAL_ANYWHERE.search(_DASH.sub("-", text))):
        code = "-".join(filter(None, match.groups()))
    return prefecture_of_postal_code(code) if code else None


def _japanese_region(text: str) -> str | None:
    if text.startswith("東京"):
        return "東京都"
    folded = places.fold(text)
    place = places.find(folded)
    if place is not None:
        return place.prefecture
    if short := _SHORT_LEADING.match(folded):
        region = _SHORT[short.group().strip()]
        if places.find(folded[short.end() :], region):
            return region
    if alone := _SHORT_FIRST.match(text):
        return _SHORT[alone.group(1)]
    if is_kana(text):
        return places.of_reading(katakana(text) or "")
    latin = _unmarked(text)
    return _latin_region(latin) if latin.isascii() else None


def _after_prefecture(text: str, region: str) -> int:
    """Where the text behind the prefecture's name begins; 0 where the name is not there."""
    end = 0
    if text.startswith(region):
        end = len(region)
    elif text.startswith("東京"):
        end = 2
    elif text == region[:-1] or _of_romaji(_LATIN_ENDING.sub("", _unmarked(text).lower())):
        return len(text)
    elif (short := region.rstrip("都府県")) and text.startswith(short):
        rest = places.fold(text[len(short) :].lstrip())
        if places.find(rest, region) and not places.find(places.fold(text), region):
            end = len(short)
    return end + len(text[end:]) - len(text[end:].lstrip())


def _city_end(text: str, start: int, region: str | None) -> int:
    """Where the municipality that begins at ``start`` ends; ``start`` where there is none."""
    if text.isascii():
        return start
    place = places.find(places.fold(text[start:]), region)
    if place is not None:
        return start + place.end
    match = _CITY.match(text, start)
    return match.end() if match else start


def _bare(raw: str) -> tuple[str | None, str]:
    """The postal code at the start, and the address without it, the country and a label."""
    text = _VARIANT.sub("", squeeze(nfkc(raw))).strip(" ,、")
    code = None
    for _ in range(_MOST_LEADING):
        if label := _LEADING.match(text):
            text = text[label.end() :]
        elif code is None and (match := _POSTAL_LEADING.match(_DASH.sub("-", text[:20]))):
            code, text = "-".join(filter(None, match.groups())), text[match.end() :]
        else:
            break
    if code is None and _POSTAL_ALONE.fullmatch(text):
        code, text = postal_code(text), ""
    return code, text.strip(" ,、")


def _unmarked(text: str) -> str:
    """The text with its letters' accents off: Tōkyō as Tokyo."""
    return "".join(sign for sign in normalize("NFKD", text) if not combining(sign))


def _latin_region(text: str) -> str | None:
    """The prefecture of ``Tokyo``, ``Osaka-fu``, ``Yokohama-shi`` or ``1-2 Shiba, Tokyo``.

    A city or ward with its ending is asked first, so that Fukushima-ku is in Osaka; then the names
    of prefectures; a city without its ending counts only where it stands alone, or where something
    else shows that the place is in Japan.
    """
    parts = [_words(part) for part in reversed(text.lower().split(","))]
    for wanted in ("市区郡", "", "町村"):
        for part in parts:
            for name, kind in reversed(part):
                if kind and kind in wanted and (found := places.of_latin(name, kind)):
                    return found
                if not wanted and not kind and (found := _of_romaji(name)):
                    return found
    is_japan = any(name == "japan" or kind for part in parts for name, kind in part)
    for part in parts:
        names = [name for name, kind in part if not kind and name != "japan"]
        joined = "".join(names[-2:])
        for name in (joined, *reversed(names)) if is_japan or joined == "".join(names) else ():
            for kind in "市区町" if len(name) >= _LEAST_LATIN_TOWN else "市区":
                if found := places.of_latin(name, kind):
                    return found
    return None


def _of_romaji(name: str) -> str | None:
    """The prefecture of a romaji name, folded; its ending may be stuck to it: osakafu."""
    word = romaji_key(name)
    return _BY_ROMAJI.get(word) or _BY_ROMAJI.get(_LATIN_GLUED_ENDING.sub("", word))


def _words(part: str) -> list[tuple[str, str]]:
    """The words of a part of an address, each with what its ending says it is: 市, 区, … or ""."""
    words: list[tuple[str, str]] = []
    for word in _LATIN.findall(_LATIN_ENDING.sub("", part.strip())):
        if word in _LATIN_KINDS and words and not words[-1][1]:
            words[-1] = words[-1][0], _LATIN_KINDS[word]
        elif (glued := _LATIN_GLUED.fullmatch(word)) and not _of_romaji(word):
            base, ending = glued.groups()
            kind = _LATIN_KINDS[ending]
            words.append((base, kind) if places.of_latin(base, kind) else (word, ""))
        else:
            words.append((word, ""))
    return words
