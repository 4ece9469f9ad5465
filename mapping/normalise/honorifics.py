"""What stands beside a name: honorifics, job titles, degrees, a remark or reading in brackets.

A title that touches a name (佐藤部長) comes off only where a known family name is left over:
服部長 is a name.
"""

from __future__ import annotations

import re

from mapping.normalise import family_names, given_names
from mapping.normalise.kanji import fold_kanji

_HONORIFIC_END = re.compile(
    r"(?<=..)[\s]*(?:様方|さま|サマ|様|殿|氏|さん|サン|くん|ちゃん|先生|御中|各位)$"
)
_ENDS_OF_HONORIFICS = frozenset("方まマ様殿氏んン生中位")
_LATIN_HONORIFICS = (
    *("mr", "mrs", "ms", "mx", "miss", "dr", "prof", "sir", "mme", "mlle", "herr", "frau"),
)
_HONORIFIC_START = re.compile(
    rf"^(?:{'|'.join(_LATIN_HONORIFICS)})(?:\.\s*|\s+)(?=\S)", re.IGNORECASE
)
_SAN = re.compile(r"(?<=\w)(?:-(?i:san|sama|kun|chan)|\s+(?:san|sama))$")
_STARTS_OF_HONORIFICS = frozenset("mdpshfMDPSHF")
_SAN_ENDS = ("san", "sama", "kun", "chan", "San", "Sama", "SAN", "SAMA")
# Degrees and posts behind a Latin name; Jr. and III belong to the name.
_DEGREES = re.compile(
    r"(?:\s*,\s*|\s+)(?:ph\.?\s?d|mba|m\.\s?b\.\s?a|cpa|cfa|pmp|esq|m\.d|d\.d\.s)\.?$"
    r"|\s*,\s*(?:md|dds|pe|ma|ba|bsc|msc|c[efiotm]o|[es]?vp|gm|(?:[a-z&]+\s+)*(?:president|director"
    r"|manager|engineer|officer|founder|chairman|partner|consultant|analyst|specialist))$",
    re.IGNORECASE,
)

# The titles that people write beside names, from memory of business cards; 博士 is also a given
# name and is left alone.
_TITLES = """
代表取締役社長 代表取締役会長 代表取締役副社長 代表取締役専務 代表取締役 専務取締役
常務取締役 取締役社長 取締役会長 取締役 代表社員 代表理事 代表 執行役員 執行役
監査役 相談役 顧問 参与 参事 副社長 社長 副会長 会長 専務 常務 理事長
理事 監事 本部長 事業部長 副部長 部長代理 部長補佐 部長 次長 課長代理
課長補佐 副課長 課長 係長 主任 主査 主幹 室長 所長 支店長 支社長 支部長
営業所長 工場長 局長 院長 校長 園長 学長 店長 班長 教授 准教授 助教 講師
弁護士 税理士 会計士 社労士 行政書士 司法書士 医師 議員 秘書 担当者 担当
責任者 マネージャー マネジャー リーダー ディレクター チーフ オーナー
プロデューサー エンジニア
"""
_TITLE = "(?:" + "|".join(sorted(_TITLES.split(), key=len, reverse=True)) + ")"
_ENDS_OF_TITLES = frozenset(title[-1] for title in _TITLES.split())
_ENDS = _ENDS_OF_HONORIFICS | _ENDS_OF_TITLES
# Titles in kana stand behind names; these signs of other titles are rare in names.
_IN_TITLES_BEFORE = frozenset(sign for sign in _ENDS_OF_TITLES if sign > "\u4e00") - {"佐"}
# 営業部長 is a word that ends in a title; 営業部 and 第一課 stand beside one.
_TITLE_APART = re.compile(rf"\s+(\S*?){_TITLE}$")
_OFFICE_APART = re.compile(r"(?<=\S\s)\S{2,}[部課室係局]$|(?<=\S\S)\s+\S{2,}[部課室係局]$")
_TITLE_TOUCHING = re.compile(rf"(?<=\S){_TITLE}$")
_TITLE_BEFORE = re.compile(rf"^(?:\S+\s+){{0,3}}?\S*{_TITLE}\s+(?=\S)")
_TITLE_BEFORE_TOUCHING = re.compile(rf"^{_TITLE}(?=\S)")

_OPENING = "(\\[\uff08\u3008\u3010\u300c\uff3b<\uff1c"
_CLOSING = ")\\]\uff09\u3009\u3011\u300d\uff3d>\uff1e"
_BRACKETS = re.compile(rf"\s*[{_OPENING}]([^{_CLOSING}]*)(?:[{_CLOSING}]\s*|$)")
_ANY_OPENING = frozenset(_OPENING.replace("\\", ""))


def without_honorifics(text: str) -> str:
    """A tidied name without honorifics, titles and degrees; "" when there is nothing else."""
    if text.isascii():
        return _latin(text)
    if text[-1] not in _ENDS and (len(text) < 5 or _IN_TITLES_BEFORE.isdisjoint(text)):
        return text
    if text[-1] in _ENDS_OF_HONORIFICS:
        text = _HONORIFIC_END.sub("", text).strip()
    if text[-1:] in _ENDS_OF_TITLES:
        text = _without_end(text)
    return text if len(text) < 5 or _IN_TITLES_BEFORE.isdisjoint(text) else _without_start(text)


def without_brackets(text: str) -> str:
    """A name without what stands in brackets, wherever they are."""
    return text if _ANY_OPENING.isdisjoint(text) else _BRACKETS.sub("", text).strip()


def in_brackets(text: str) -> list[str]:
    """What stands in brackets beside a name, in order."""
    return [] if _ANY_OPENING.isdisjoint(text) else _BRACKETS.findall(text)


def is_plain(text: str) -> bool:
    """Whether a Japanese name surely has neither honorific nor title."""
    return text[-1] not in _ENDS and (len(text) < 5 or _IN_TITLES_BEFORE.isdisjoint(text))


def is_plain_latin(one: str, other: str) -> bool:
    """Whether two Latin words surely have no honorific before or behind them."""
    return one.lower() not in _LATIN_HONORIFICS and not other.endswith(_SAN_ENDS)


def _latin(text: str) -> str:
    if text[:1] in _STARTS_OF_HONORIFICS:
        text = _HONORIFIC_START.sub("", text)
    if text.endswith(_SAN_ENDS):
        text = _SAN.sub("", text)
    if "," in text or text.count(" ") > 1:
        before = None
        while text != before:
            before, text = text, _DEGREES.sub("", text)
    return text


def _without_end(text: str) -> str:
    """佐藤 健一 営業部 部長 and 佐藤部長 without what is no name."""
    apart = _TITLE_APART.search(text)
    if apart:
        bare = text[: apart.start()]
        if apart[1] and " " not in bare and given_names.is_given(apart[1]):
            return f"{bare} {apart[1]}"  # 高橋 花子部長: no department is called 花子
        return _OFFICE_APART.sub("", _without_end(bare)) if bare.count(" ") > 1 else bare
    found = _TITLE_TOUCHING.search(text)
    return text[: found.start()] if found and _begins_with_family(text[: found.start()]) else text


def _without_start(text: str) -> str:
    """営業部 部長 佐藤 健一 and 代表取締役佐藤健一 without what is no name."""
    if (found := _TITLE_BEFORE.match(text)) and not _is_family(text.split(" ", 1)[0]):
        return _without_start(text[found.end() :])
    found = _TITLE_BEFORE_TOUCHING.match(text)
    return text[found.end() :] if found and _begins_with_family(text[found.end() :]) else text


def _begins_with_family(text: str) -> bool:
    word = text.split(" ", 1)[0]
    longest = min(len(word), family_names.longest_kanji())
    return any(_is_family(word[:size]) for size in range(longest, 0, -1))


def _is_family(word: str) -> bool:
    return fold_kanji(word) in family_names.in_kanji()
