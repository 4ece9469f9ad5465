"""What stands behind a company's name and is not its name: a branch, a department, an addressee.

Texts are levelled first (``legal_forms.level``): lower case, large kana. Places and departments
are short lists from memory; a word in none of them stays with the name.
"""

from __future__ import annotations

import re

from mapping.normalise.company_words import AREAS, DESKS
from mapping.normalise.legal_forms import SMALL_KANA

_AREA = rf"(?:{'|'.join(AREAS)})(?:[東西南北中央駅前]{{1,2}}|第?[一二三1-9])?"
_POST = "支店|支社|支部|支局|支所|営業所|出張所|事業所|営業部|営業本部|販売所|駐在所|駐在員事務所"
_GLUED_POST = f"{_POST}|本社|本部|工場|オフィス"
_DESK = "|".join(DESKS) + r"|第[一二三四五六七八九十\d]+|[一二三\d]"
_UNIT = (
    rf"\S{{0,12}}(?:{_POST}|事業部|本社|本店|本部|工場|倉庫|号店|駅前店|駅店|モール店|ショールーム"
    r"|シテン|エイギョウショ|ホンシャ|ホンテン|シシャ|シュッチョウジョ)"
    rf"|\S{{0,16}}(?:{_DESK})\S{{0,8}}"
    r"(?:部|課|室|係|局|グループ|チーム|ユニット|センター|担当|窓口)"
    r"|\S{1,8}(?<!楽)(?<!クラ)(?:部|課)|第?[一二三四五六七八九十\d]+(?:課|係|班|グループ|チーム)"
    rf"|(?:{_AREA}|本社|新|第.)?オフィス"
    rf"|{_AREA}(?:店|センター|事務所|営業|研究所|拠点|地区|エリア|本社|サテライト)?"
    r"|(?:御|ご)?担当(?:者|課)?|総務|人事|経理|財務|法務|広報|購買|採用|情シス|情報システム"
)
_ONE_UNIT = re.compile(_UNIT.translate(SMALL_KANA))
_LAST_WORD = re.compile(r"[\s/・,:\ue000-]+(\S+)\s*$")
_MAYBE_UNIT = re.compile(r"[\s/・,:]")
_GLUED_UNIT = rf"(?:{_AREA}(?:{_GLUED_POST})|本社(?:営業部|工場)?)"
# A word that is a branch is taken off whole: of 東大阪支店 and 北九州支店 no 東 or 北 stays behind.
_SIDE = "[東西南北中新]?"
_GLUED = re.compile(rf"(?:(?<=\S)|(?<=\s){_SIDE}){_GLUED_UNIT}$".translate(SMALL_KANA))
_AFTER_FORM = re.compile(
    rf"\S{{1,14}}(?:{_POST}|店|部|課|オフィス|ショールーム)".translate(SMALL_KANA)
    + r"|\S{0,14}(?:本社|本店|本部|工場)"
)
_ADDRESSED = re.compile(
    r"\s*(?:御中|各位)$|\s*(?:ご|御)?(?:担当者?|採用担当者?)\s*(?:様|さま|殿|宛て?|御中)$|様$"
    r"|(?<=[\s\ue000社人])(?:さま|殿|宛て?|行|気付)$|(?<=[部課室係])\s*宛て?$"
)

_ADDRESSED_ENDS = tuple("中位様ま殿宛て行付")
GLUED_ENDS = (*_GLUED_POST.split("|"), "オフイス")
"""The ends of what the two above find; looking for them takes much longer."""
BRANCH = f"{_SIDE}(?:{'|'.join(AREAS)})(?:{_GLUED_POST})"
"""What most often stands behind a name: 大阪支店. For a regular expression."""

_CITIES = (
    r"tokyo|osaka|nagoya|fukuoka|sapporo|sendai|yokohama|kyoto|kobe|hiroshima|kanagawa|saitama"
    r"|chiba|kawasaki|shizuoka|niigata|okayama|kumamoto|kagoshima|okinawa|shinjuku|shibuya|minato"
    r"|kansai|kanto|tohoku|chubu|kyushu|hokkaido|japan|singapore|london|new york|shanghai|beijing"
    r"|bangkok|hong kong|taipei|seoul|paris|munich|berlin"
)
_BRANCH = r"branch(?: office)?|(?:sales |head |main |regional |liaison )?office|hq|headquarters"
_ENGLISH_UNIT = re.compile(
    rf"(?:[\w.'-]+\s+){{0,3}}(?:{_BRANCH}|head quarters|factory|plant|division|department|dept"
    rf"|showroom|warehouse|works)|(?:{_CITIES})(?:,?\s+japan)?"
)
_ENGLISH_ENDS = ("branch", "office", "hq", "headquarters")
_ENGLISH_AT_END = re.compile(rf"[\s,/-]+(?:{_CITIES})\s+(?:{_BRANCH})$")


def is_unit(text: str) -> bool:
    """Whether a levelled text is a place or a part of a company and not one: 大阪, 営業部, HQ."""
    text = text.strip(" .,・-:")
    if text.isascii():
        return _ENGLISH_UNIT.fullmatch(text) is not None
    return all(_ONE_UNIT.fullmatch(word) for word in text.split())


def follows_a_form(text: str) -> bool:
    """Whether a levelled text that stands right behind 株式会社 is a branch: 名古屋支店."""
    return _AFTER_FORM.fullmatch(text) is not None


def without_units(text: str) -> str:
    """A levelled name without the branches, departments and addressees at its end.

    What would leave nothing of the name stays.
    """
    while True:
        shorter = _once(text)
        if shorter == text or not any(char.isalnum() for char in shorter):
            return text
        text = shorter


def _once(text: str) -> str:
    if text.isascii():
        return _ENGLISH_AT_END.sub("", text) if text.endswith(_ENGLISH_ENDS) else text
    found = _ADDRESSED.search(text) if text.endswith(_ADDRESSED_ENDS) else None
    if found is None and text.endswith(GLUED_ENDS):
        found = _GLUED.search(text)
    if found is None and _MAYBE_UNIT.search(text):
        found = _LAST_WORD.search(text)
        if found is not None and not is_unit(found.group(1)):
            found = None
    return text[: found.start()].rstrip() if found else text
