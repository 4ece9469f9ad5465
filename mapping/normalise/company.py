"""Company names: cleaned for display, and folded to a key that two ways of writing share.

Legal forms are stripped at the ends only: 日本株式会社研究所 is somebody's name. Look-alike names
(北斗電機, 北斗電機販売) are sister companies; a key is compared for equality and never likeness.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mapping.normalise.kanji import fold_kanji
from mapping.normalise.text import nfkc, tidy

_CIRCLED = str.maketrans({"㊑": "(株)", "㊒": "(有)", "㊓": "(社)", "㊔": "(名)", "㊖": "(財)"})
_LONG = (
    r"株式\s*会社|有限\s*会社|合同\s*会社|合資\s*会社|合名\s*会社|相互会社|特例有限会社"
    r"|(?:一般|公益)?(?:社団|財団)法人|(?:社会)?医療法人(?:社団|財団)?|(?:準)?学校法人|社会福祉法人"
    r"|宗教法人|特定非営利活動法人|(?:認定)?npo法人|(?:地方)?独立行政法人|国立大学法人|公立大学法人"
    r"|国立研究開発法人|更生保護法人|職業訓練法人|弁護士法人|税理士法人|司法書士法人|行政書士法人"
    r"|社会保険労務士法人|特許業務法人|弁理士法人|土地家屋調査士法人|(?:有限責任)?監査法人|農事組合法人"
    r"|有限責任事業組合|投資事業有限責任組合"
    r"|カブシキ[ガカ]イシャ|ユウゲン[ガカ]イシャ|ゴウドウ[ガカ]イシャ|かぶしき[がか]いしゃ"
    r"|ゆうげん[がか]いしゃ"
)
# What stands in brackets, in kanji and as banks write it in kana (全銀協 abbreviations).
_SHORT = (
    r"株|有|同|資|名|相|社|財|一社|公社|一財|公財|医|医社|医財|学|福|社福|宗|特非|独|地独|npo|弁|税|監"
    r"|農|株式会社|有限会社|合同会社|カブ|カ|ユ|ド|シ|メ|ソ|イ|ガク|フク|シユウ|トクヒ|ドク|ベン|ゼイ|ザイ|シヤ"
)
_OPEN, _CLOSE = r"[(\[〔〈【]", r"[)\]〕〉】]"
_LATIN_FORMS = (
    r"co\.?\s*,?\s*ltd\.?a?|company\s*,?\s*limited|limited\s+liability\s+company|private\s+limited"
    r"|p(?:te|vt|ty|rivate)\.?\s*,?\s*l(?:td|imited)|sdn\.?\s*bhd|limited|ltd|inc(?:orporated)?"
    r"|corp(?:oration)?|company|co|k\.?\s?k|g\.?k|y\.?k|(?:kabushiki|godo|goudou|yugen|yuugen)"
    r"[\s-]*[kg]aisha|l\.?l\.?[cp]|l\.?p|p\.?l\.?c|gmbh(?:\s*&\s*co\.?\s*kg)?|a\.?g|kg|s\.?e"
    r"|s\.?a(?:\.?s|\.?r\.?l)?|s\.?p\.?a|s\.?r\.?l|b\.?v|n\.?v|a/s|a\.?s|a\.?b|oyj?|tbk"
)
_AT_START = re.compile(
    rf"\s*(?:{_LONG}|{_OPEN}\s*(?:{_SHORT})\s*{_CLOSE}|(?:{_SHORT}){_CLOSE}"
    rf"|(?:k\.?k|g\.?k|y\.?k)\.?\s+(?=\S)|(?:kabushiki|godo|yugen)[\s-]*[kg]aisha\s+)[\s・.,]*"
)
_JAPANESE_AT_END = re.compile(
    rf"[\s・,]*(?:{_LONG}|{_OPEN}\s*(?:{_SHORT})\s*{_CLOSE}|{_OPEN}(?:{_SHORT}))[\s.,]*$"
)
_LATIN_AT_END = re.compile(rf"(?:[\s,]*(?<![a-z0-9])(?:{_LATIN_FORMS})|\s*co\.\s*,\s*ltd)[\s.,]*$")
_PLACE = r"(?:支店|支社|支部|支局|営業所|出張所|事業所|本社|本店|本部|工場|オフィス|店)"
_BRANCH = re.compile(
    rf"(?<=\S)\s+\S{{0,12}}{_PLACE}$"
    rf"|(?<=\S)(?P<form>{_LONG}|{_OPEN}(?:{_SHORT}){_CLOSE})\s*"
    rf"(?:\S{{1,12}}{_PLACE}|{_OPEN}[^)\]〕〉】]+{_CLOSE})$"
)
_PLACE_ENDS = frozenset("店社部局所場ス)]〕〉】")
# The commonest way of writing, of letters that NFKC leaves alone: one form, at one end.
_LETTERS = "[a-z0-9\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff々]+"
_PLAIN = re.compile(
    rf"(?:株式会社|有限会社|合同会社)({_LETTERS})|({_LETTERS}?)(?:株式|有限|合同)会社"
)
_MORE_TO_STRIP = re.compile("会社|會社|法人|組合|[がか]いしゃ|[ガカ]イシャ|様$|御中$|[a-z]$")
_ADDRESSED = re.compile(r"\s*(?:御中|様)$")
_CHOON = re.compile("(?<=[\u30a1-\u30c2\u30c4-\u30f2\u30f4-\u30fa])[-‐‑‒–—―−]")
_NOT_IN_KEY = re.compile(r"[^\w&ー+]+|_")
_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_FORM_ONLY = re.compile(rf"(?:{_LONG}|{_SHORT})+")


def clean(raw: str) -> str | None:
    """A company name for display: widths and spaces put right, 御中 off, its form as written."""
    text = tidy(raw)
    return _ADDRESSED.sub("", text) or None if text else None


@lru_cache(maxsize=32768)
def company_key(raw: str) -> str | None:
    """The name without legal form, branch, spaces, signs and case; None when nothing is left."""
    text = raw.casefold()
    if plain := _PLAIN.fullmatch(text):
        name = plain.group(1) or plain.group(2)
        if not _MORE_TO_STRIP.search(name):
            return fold_kanji(name).translate(_SMALL_KANA)
    key = _fold(text)
    # What one form hid may be another: 本店 behind a form that stood behind it.
    while key and (again := _fold(key)) and again != key:
        key = again
    return key or None


def _fold(text: str) -> str:
    if text.isascii():
        return _without_forms(text)
    text = fold_kanji(nfkc(text.translate(_CIRCLED)).casefold())
    text = _cut(_ADDRESSED, _CHOON.sub("ー", text.strip()))
    if text[-1:] in _PLACE_ENDS and (branch := _BRANCH.search(text)):
        without = text[: branch.start()] + (branch.group("form") or "")
        if key := _without_forms(without):
            return key
    return _without_forms(text)


def _without_forms(text: str) -> str:
    """The bare name; "" when there is nothing but a form."""
    if text.isascii():
        return _compact(_strip_latin(text.strip()))
    for _ in range(4):
        before = text
        text = _cut(_JAPANESE_AT_END, _cut(_ADDRESSED, text))
        match = _AT_START.match(text)
        text = text[match.end() :] if match else text
        text = _strip_latin(text)
        if text == before:
            break
    compact = _compact(text).translate(_SMALL_KANA)
    for _ in range(3):
        # Spaces inside a form (株式　会社) and its brackets are gone by now.
        match = _AT_START.match(compact)
        shorter = _JAPANESE_AT_END.sub("", compact[match.end() :] if match else compact)
        if shorter == compact:
            break
        compact = shorter
    return "" if _FORM_ONLY.fullmatch(compact) and len(compact) > 1 else compact


def _strip_latin(text: str) -> str:
    if text.isascii() and (match := _AT_START.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    for _ in range(3):
        shorter = _cut(_LATIN_AT_END, text)
        if shorter == text:
            break
        text = shorter
    return text


def _cut(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern finds at its end, unless that is all there is."""
    match = pattern.search(text)
    if match is None or not _compact(text[: match.start()]):
        return text
    return text[: match.start()]


def _compact(text: str) -> str:
    return _NOT_IN_KEY.sub("", text)
