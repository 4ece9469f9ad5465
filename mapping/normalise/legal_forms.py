"""Legal forms of companies, taken off the ends of a name: 株式会社, ㈱, (カ, Co., Ltd., GmbH.

The texts given here are levelled first (``level``): NFKC, lower case, common kanji, large kana.
A form in brackets (㈱, （有）, (ｶ)) is one sign from then on, ``FORM``: it is never part of a name.
A form in full is taken off only at an end: 日本株式会社研究所 is somebody's name.

The forms, in Japan and abroad, and the banks' abbreviations are from memory.
"""

from __future__ import annotations

import re
import unicodedata

from mapping.normalise.kanji import fold_kanji
from mapping.normalise.text import nfkc


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORM = "\ue000"
"""What ``level`` puts for a legal form in brackets; a private character, in no name."""

SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
OPEN, CLOSE = r"(\[{<〈《「『【〔", r")\]}>〉》」』】〕"
LONG = (
    r"(?:特例有限|株式|有限|合同|合資|合名|相互)\s*[会會][社祉杜]"
    r"|(?:(?:一般|公益|特例)\s*)?(?:社団|財団)法人|(?:社会|特定|特別)?医療法人(?:社団|財団)?"
    r"|(?:準)?学校法人|社会福祉法人|宗教法人|(?:認定|仮認定|特例認定)?(?:特定非営利活動|npo)法人"
    r"|(?:地方)?独立行政法人|(?:国立|公立)大学法人|(?:大学共同利用機関|国立研究開発|特殊|認可)法人"
    r"|更生保護法人|職業訓練法人|(?:外国法事務)?弁護士法人|(?:税理士|司法書士|行政書士|弁理士"
    r"|社会保険労務士|社労士|土地家屋調査士)法人|特許業務法人|(?:有限責任)?監査法人"
    r"|(?:農事|管理)組合法人"
    r"|投資事業有限責任組合|有限責任(?:事業組合|中間法人)|(?:特定目的|投資)法人|特定目的会社"
    r"|(?:企業|協業)組合|カブシキ[ガカ]イシヤ|ユウゲン[ガカ]イシヤ|ゴウドウ[ガカ]イシヤ"
    r"|かぶしき[がか]いしゃ|ゆうげん[がか]いしゃ|ごうどう[がか]いしゃ"
)
"""Forms in full, for a regular expression."""

_ONLY_FIRST = r"生活協同組合|協同組合|有限責任\s*(?=.+監査法人)"
_ONLY_LAST = r"(?<!農業)(?<!漁業)(?<!信用)(?<!生活)(?<!商工)(?<!水産)協同組合"
# What stands in brackets; the kana are how banks write a form in the name of an account.
_KANJI = (
    r"株|有|合|同|資|名|相|社|財|一社|公社|一財|公財|医|医社|医財|学|福|社福|宗|特非|独|地独"
    r"|国研|国大|npo|弁|税|監|農|協|企|株式会社|有限会社|合同会社|カブ"
)
_KANA = (
    r"カ|ユ|メ|シ|ド|ソ|イ|ザイ|シヤ|シユウ|ガク|フク|ホゴ|トクヒ|ドク|チドク|ベン|チユウ|ギヨ"
    r"|シホウ|ゼイ|ダイ|ノウ|カンリ|ロウム"
)
_SHORT = rf"(?:{_KANJI}|{_KANA})"
_CIRCLED = str.maketrans(
    {
        "㊑": "(株)",
        "㊒": "(有)",
        "㊓": "(社)",
        "㊔": "(名)",
        "㊖": "(財)",
        "㊩": "(医)",
        "㊫": "(学)",
        "㊬": "(監)",
        "㊭": "(企)",
        "㊮": "(資)",
        "㊯": "(協)",
        "㏍": "(株)",
    }
)
_BRACKETED = re.compile(rf"[{OPEN}]\s*{_SHORT}\s*[{CLOSE}]")
_HALF_BRACKETED = re.compile(
    rf"^\s*{_SHORT}\s*[)\]】〕]|[(\[【〔]\s*{_SHORT}\s*$"
    r"|^\s*\((?:株|有)(?=[^()]+$)|^(?P<name>[^()]+)(?:株|有)\)\s*$"
)
_HYPHEN_IN_KANA = re.compile("(?<=[\u30a1-\u30c2\u30c4-\u30f2\u30f4-\u30fa])[-‐‑‒–—―−]")
_SPACES = re.compile("[ \u3000]{2,}")
_LONGEST = 300
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i"})

_AT_START = re.compile(rf"\s*(?:{FORM}|{LONG}|{_ONLY_FIRST})[\s・.,/:-]*")
_AT_END = re.compile(rf"[\s・,]*(?:{FORM}|{LONG}|{_ONLY_LAST})[\s.,]*$")
_MAYBE_AT_END = re.compile("[社祉杜人団ヤゃや合\ue000][\\s.,]*$")
FORM_ONLY = re.compile(rf"(?:{FORM}|{LONG}|{_ONLY_FIRST}|{_ONLY_LAST})+")

_LATIN_START = re.compile(
    r"(?:(?:k\.\s?k\.|g\.k\.|y\.k\.)\s*|(?:k\s?k|gk|yk|pt|ooo|zao|oao|pao|oy)\.?\s+"
    r"|(?:kabushiki|godo|goudou|yugen|yuugen)[\s-]*[kg]aisha\s+"
    r"|cong ty (?:tnhh(?: mtv)?|co phan)\s+)(?=\S)"
)
# Written without spaces and signs. These are forms after any name; those of two and three letters
# below only after a Latin one: 日本SE is a name.
_CLEAR = _words(
    """
    inc incorporated corp corporation company companylimited companyltd co coinc coltd coltda
    colimited ltd limited ltda llc limitedliabilitycompany plc publiclimitedcompany
    publiccompanylimited pcl pteltd ptelimited privatelimited privateltd pvtltd pvtlimited pltd
    ptyltd ptylimited proprietarylimited sdnbhd gmbh gmbh&cokg gmbh&cokgaa ggmbh kk gk yk
    kabushikikaisha kabushikigaisha godokaisha godogaisha goudoukaisha goudougaisha yugenkaisha
    yugengaisha yuugengaisha jointstockcompany jsc pjsc ojsc cjsc &co &company andco andcompany
    &coltd &coinc sarl sadecv sderldecv sapidecv spzoo spolsro aktiengesellschaft
    """
)
_AFTER_LATIN = _words(
    """
    ag sa se as asa ab abpubl aps bv nv lp llp lllp pllc pc pa sas sasu srl sl slu slne spa kg kgaa
    ohg gbr ev ug ughaftungsbeschrankt mbh oy oyj ou uab sia kft zrt nyrt bt sro vos doo dd ad eood
    ood sca scs snc scrl sprl cvba vof lda eirl sab tbk bhd fze fzco fzc fzllc wll kscc saoc saog
    qsc llcfz nl tnhh pvt pte pty
    """
)
_FORMS = _CLEAR | _AFTER_LATIN
# With the last words of those in several words: K. K., S. de R.L. de C.V., Sp. z o.o., s. r. o.
_LAST_WORDS = _FORMS | _words(
    "k c o p s l a v oo ro od rl cv kaisha gaisha kgaa publ haftungsbeschrankt"
)
_WORD_ENDS = re.compile(r"[\s,;]+")
_NO_SIGNS = str.maketrans("", "", ".()/'-")
_LONGEST_FORM = 5
_GLUED = re.compile("(?<=[\u3041-\u30ff\u4e00-\u9fff])[a-z][a-z., ]*$")
_GLUED_CO = re.compile(r"(?<=[^\W_])co\.[\s,;]*$")


def level(text: str) -> str:
    """The text in one width, case and spelling, each form in brackets made ``FORM``."""
    text = _SPACES.sub(" ", text[:_LONGEST].casefold())
    if text.isascii() and "(" not in text:
        return text.strip()
    text = fold_kanji(nfkc(text.translate(_CIRCLED)).casefold()).translate(SMALL_KANA)
    text = _HYPHEN_IN_KANA.sub("ー", text).replace("、", ",")
    if _ACCENTED.search(text):
        plain = _ACCENTS.sub("", unicodedata.normalize("NFD", text.translate(_LETTERS)))
        text = unicodedata.normalize("NFC", plain)
    text = _BRACKETED.sub(FORM, text)
    if ")" in text or "(" in text or "】" in text or "〕" in text or "[" in text or "]" in text:
        text = _HALF_BRACKETED.sub(lambda found: (found["name"] or "") + FORM, text)
    return text.strip()


def without_forms(text: str) -> str:
    """A levelled name without the legal forms at its ends; as it is when it is nothing else.

    Forms in Latin letters are taken off the end only; ``without_first_form`` sees to the start.
    """
    shorter = _without_japanese_forms(text) if not text.isascii() else text
    shorter = without_latin_form(shorter)
    return without_forms(shorter) if len(shorter) < len(text) else text


def without_first_form(text: str) -> str:
    """A levelled name without the form in Latin letters it begins with: KK, PT, Công ty TNHH.

    Not for a name that had a form at its end: GK Design K.K. has one, and begins with its name.
    """
    found = _LATIN_START.match(text)
    return text[found.end() :] if found and _says(text[found.end() :]) else text


def _without_japanese_forms(text: str) -> str:
    if (found := _AT_START.match(text)) and _says(text[found.end() :]):
        text = text[found.end() :]
    if not _MAYBE_AT_END.search(text):
        return text
    found = _AT_END.search(text)
    return text[: found.start()] if found and _says(text[: found.start()]) else text


def without_latin_form(text: str) -> str:
    """A levelled name without a form in Latin letters at its end."""
    if not text[-1:].isascii():
        return text
    if glued := _GLUED.search(text):
        joined = _joined(glued.group())
        return text[: glued.start()] if joined in _CLEAR and len(joined) > 2 else text
    last = text.rstrip(" ,;.").rsplit(None, 1)[-1:]
    if not last or last[0].rpartition(",")[2].translate(_NO_SIGNS) not in _LAST_WORDS:
        return text
    words = [word.translate(_NO_SIGNS) for word in _WORD_ENDS.split(text)]
    if not words[-1]:
        words.pop()
    starts = [found.span() for found in _WORD_ENDS.finditer(text)]
    for count in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        form = "".join(words[-count:])
        if form not in _FORMS:
            continue
        kept = text[: starts[len(words) - count - 1][0]]
        if _says(kept) and (form in _CLEAR or kept[-1].isascii()):
            return _GLUED_CO.sub("", kept) if form in {"ltd", "limited"} else kept
    return text


def _joined(words: str) -> str:
    return _WORD_ENDS.sub("", words).translate(_NO_SIGNS)


def _says(text: str) -> bool:
    return any(char.isalnum() for char in text)
