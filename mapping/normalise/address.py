"""Japanese addresses: postal code, prefecture, and where city and street begin.

Addresses elsewhere are left as written. A prefecture is told from its own name, or from a city or
ward of which there is one; 府中市 is in two prefectures and so says nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from mapping.normalise.text import nfkc, squeeze

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
_SHORT = {name if name == "北海道" else name[:-1]: name for name in PREFECTURES}
# Cities and wards whose name is found once in the country and says more than their prefecture.
_CITIES = {
    city: prefecture
    for prefecture, cities in {
        "北海道": "札幌市 函館市 旭川市 小樽市 釧路市 帯広市 苫小牧市 室蘭市 北見市",
        "青森県": "八戸市 弘前市",
        "岩手県": "盛岡市",
        "宮城県": "仙台市 石巻市",
        "福島県": "郡山市 いわき市 会津若松市",
        "茨城県": "水戸市 つくば市 日立市 土浦市",
        "栃木県": "宇都宮市 足利市",
        "群馬県": "前橋市 高崎市 太田市",
        "埼玉県": "さいたま市 川口市 川越市 所沢市 越谷市 熊谷市",
        "千葉県": "船橋市 松戸市 市川市 柏市 浦安市 市原市 習志野市",
        "東京都": (
            "千代田区 新宿区 文京区 台東区 墨田区 江東区 品川区 目黒区 大田区 世田谷区 渋谷区 "
            "中野区 杉並区 豊島区 荒川区 板橋区 練馬区 足立区 葛飾区 江戸川区 八王子市 立川市 "
            "武蔵野市 三鷹市 町田市 調布市"
        ),
        "神奈川県": "横浜市 川崎市 相模原市 横須賀市 藤沢市 鎌倉市 小田原市 厚木市 平塚市 茅ヶ崎市",
        "新潟県": "長岡市 上越市",
        "石川県": "金沢市",
        "山梨県": "甲府市",
        "長野県": "松本市 上田市",
        "静岡県": "浜松市 沼津市 富士市",
        "愛知県": "名古屋市 豊田市 豊橋市 岡崎市 一宮市 春日井市 刈谷市",
        "三重県": "津市 四日市市 鈴鹿市",
        "滋賀県": "大津市 草津市 彦根市",
        "大阪府": "堺市 東大阪市 豊中市 吹田市 高槻市 枚方市 茨木市",
        "兵庫県": "神戸市 姫路市 西宮市 尼崎市 明石市 宝塚市",
        "島根県": "松江市 出雲市",
        "岡山県": "倉敷市",
        "広島県": "福山市 呉市",
        "山口県": "下関市",
        "香川県": "高松市",
        "愛媛県": "松山市 今治市",
        "福岡県": "北九州市 久留米市",
        "長崎県": "佐世保市",
        "沖縄県": "那覇市 浦添市",
    }.items()
    for city in cities.split()
}
_POSTAL = re.compile(
    r"(?:〒|郵便番号|postal\s*code|zip)?\s*:?\s*(\d{3})[-\s]?(\d{4})", re.IGNORECASE
)
_POSTAL_LEADING = re.compile(r"^(?:〒\s*(\d{3})-?(\d{4})\s*|(\d{3})-(\d{4})\s*|(\d{3})(\d{4})\s)")
_DASH = re.compile(r"[‐‑‒–—―−ー－]")
_COUNTRY_LEADING = re.compile(r"^(?:日本国?|japan)[\s,、]+", re.IGNORECASE)
_SHORT_FIRST = re.compile(
    "(" + "|".join(sorted(_SHORT, key=len, reverse=True)) + r")(?=$|[\s,、/]|市|東京$)"
)
_CITY_FIRST = re.compile("|".join(sorted(_CITIES, key=len, reverse=True)))
_LATIN_WORD = re.compile(r"[a-z]+")
_LATIN_ENDING = re.compile(r"[\s-]*(?:to|fu|ken|pref(?:ecture)?\.?)$")
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


@lru_cache(maxsize=4096)
def prefecture(raw: str) -> str | None:
    """The prefecture that a name or the start of an address tells, in full (東京都)."""
    text = _bare(raw)[1]
    if text.isascii():
        return _latin_prefecture(text)
    for name in PREFECTURES:
        if text.startswith(name):
            return name
    if text.startswith("東京"):
        return "東京都"
    if city := _CITY_FIRST.match(text):
        return _CITIES[city.group()]
    short = _SHORT_FIRST.match(text)
    return _SHORT[short.group(1)] if short else None


@lru_cache(maxsize=4096)
def split(raw: str) -> Address:
    """The parts of an address on one line. What comes after the city is the street, untouched."""
    code, text = _bare(raw)
    region = prefecture(text)
    if region:
        text = _without_prefecture(text, region)
    match = None if text.isascii() else _CITY.match(text)
    city = match.group() if match else None
    street = (text[match.end() :] if match else text).strip(" ,、")
    return Address(code, region, city, street or None)


def _without_prefecture(text: str, region: str) -> str:
    if text.startswith(region):
        return text[len(region) :].lstrip()
    if text.startswith("東京"):
        return text[2:].lstrip()
    is_all = text == region[:-1] or _LATIN_ENDING.sub("", text.lower()) in _BY_ROMAJI
    return "" if is_all else text


def _bare(raw: str) -> tuple[str | None, str]:
    """The postal code at the start, and the address without it and without the country."""
    text = squeeze(nfkc(raw))
    match = _POSTAL_LEADING.match(_DASH.sub("-", text[:13]))
    code = None
    if match:
        code, text = "-".join(filter(None, match.groups())), text[match.end() :]
    return code, _COUNTRY_LEADING.sub("", text).strip(" ,、")


def _latin_prefecture(text: str) -> str | None:
    """The prefecture of ``Tokyo``, ``Osaka-fu`` or ``1-2-3 Marunouchi, Chiyoda-ku, Tokyo``."""
    for part in reversed(text.lower().split(",")):
        name = _LATIN_ENDING.sub("", part.strip())
        for word in [name, *reversed(_LATIN_WORD.findall(name))]:
            if word in _BY_ROMAJI:
                return _BY_ROMAJI[word]
    return None
