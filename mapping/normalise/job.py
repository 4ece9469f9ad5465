"""Job titles and departments: how high, and what for. The text itself is never changed.

Of several titles the highest counts (取締役営業部長 is an executive). A deputy of a director is a
manager and a deputy of a manager a lead (部長代理, 課長補佐, 副課長, Assistant Manager); a deputy
of an executive or of a whole division (副社長, 副本部長) stays where that is. Former titles
(元社長) say nothing, nor does the title of somebody whom one works for (社長秘書, 部長付).

All words are from memory of Japanese business cards; no list of them is published.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache

from mapping.normalise.job_words import FUNCTIONS, READINGS
from mapping.normalise.kanji import fold_kanji
from mapping.normalise.text import katakana, nfkc, squeeze


class Level(StrEnum):
    """How high a title is, from the highest."""

    EXECUTIVE = "executive"
    DIRECTOR = "director"
    MANAGER = "manager"
    LEAD = "lead"
    STAFF = "staff"


class Function(StrEnum):
    """What a department or a title is for."""

    SALES = "sales"
    MARKETING = "marketing"
    PR = "pr"
    CUSTOMER_SUPPORT = "customer_support"
    RETAIL = "retail"
    IT = "it"
    ENGINEERING = "engineering"
    PRODUCTION = "production"
    QUALITY = "quality"
    PROCUREMENT = "procurement"
    LOGISTICS = "logistics"
    PLANNING = "planning"
    FINANCE = "finance"
    HR = "hr"
    GENERAL_AFFAIRS = "general_affairs"
    LEGAL = "legal"
    AUDIT = "audit"
    OPERATIONS = "operations"
    MANAGEMENT = "management"


_KANA_MANAGER = r"マネー?ジ(?:ャー?|メント)"
_OFFICER = (
    r"\bc(?:[abcdefhiklmprstx]|hr|is|so|io|co|lo|no|to|do)o\b|\bchief\b[\w\s&,-]{1,40}\bofficer"
)
_LEVELS = {
    Level.EXECUTIVE: (
        r"(?<!支)社長|(?<!部)会長|頭取|総裁|取締役|執行役|監査役|役員|理事(?![務業])|監事|代表|院長|学長"
        r"|総長|校長|園長|塾長|議長|相談役|顧問(?!弁護士|税理士|契約)|オーナー|創業者|創設者|事業主|店主|専務|常務"
        r"|知事|[市町村区]長|最高\w{1,10}責任者|プレジデント|ファウンダー|マネージング・?ディレクター"
        r"|(?:^|代表|シニア|マネージング)・?パートナー|エグゼクティブ・?(?:ディレクター|オフィサー)"
        rf"|{_OFFICER}|\bpresident|\b[es]?vp\b|\bchair(?:man|woman|person)?\b"
        r"|\b(?:managing|representative|executive|board|statutory)\s+director|\bexecutive\s+officer"
        r"|\bboard\s+member|\bmember\s+of\s+the\s+board|\bfounder|\bowner\b|\bproprietor|\bdean\b"
        r"|(?<!business )\bpartner\b|\bchancellor"
    ),
    Level.DIRECTOR: (
        r"部長|(?:部門|支社|支店|工場|支部|事業所|研究所|局|館)長|総支配人|部門責任者|統括責任者|統括$|教頭|参与"
        rf"|ディレクター|[ゼジ]ェ?ネラル・?{_KANA_MANAGER}|ヘッド(?!ハン)"
        r"|\bdirector|\bhead\b|\bgeneral\s+manager|\be?gm\b"
        r"|\b(?:division|plant|factory|branch|country)\s+manager"
    ),
    Level.MANAGER: (
        r"[次課室所店科師婦]長|医長|(?:センター|グループ|ユニット|チーム|事務|編集)長|支配人|参事|主幹|主管"
        rf"|{_KANA_MANAGER}|責任者|管理職|教授|\bmanager|\bmgr\b|\bsection\s+(?:chief|head)|\bpm\b"
    ),
    Level.LEAD: (
        r"係長|主任|主査|[班職組工]長|チーフ|リーダー?(?![ァ-ヶ])|リード(?![ァ-ヶ])|シニア|スーパーバイザー|主席|上席"
        r"|\blead|\bsenior\b|\bsr\b|\bchief\b|\bsupervisor|\bsv\b|\bforeman|\bprincipal\b|\b[gt]l\b"
    ),
    Level.STAFF: (
        r"担当|一般|スタッフ|社員|職員|メンバー|事務(?![局所長])|アシスタント|秘書|嘱託|派遣|パート(?!ナー)|アルバイト|インターン"
        r"|研究員|技師|技術者|主事|書記|[部課係店]員|作業員|販売員|オペレーター?|エンジニア|プログラマー?|デザイナー"
        r"|コンサルタント|アナリスト|スペシャリスト|コーディネーター?|アソシエイト|プランナー|ライター|講師|教員"
        r"|看護師|医師|営業マン|\bstaff|\bassociate|\bassistant|\bsecretary|\bengineer|\bspecialist"
        r"|\banalyst|\bcoordinator|\brepresentative|\brep\b|\bconsultant|\bdesigner|\bdeveloper"
        r"|\bprogrammer|\bofficer|\bclerk|\bintern\b|\bmember|\badministrator|\bexecutive\b"
        r"|\baccountant|\bresearcher|\bbuyer|\bplanner|\brecruiter|\badvisor|\bbusiness partner"
    ),
}
_PATTERNS = [(level, re.compile(words)) for level, words in _LEVELS.items()]
_LONGEST = 200
_ONE_DOWN = {Level.DIRECTOR: Level.MANAGER, Level.MANAGER: Level.LEAD}
_DEPUTY = re.compile(
    r"[^\s/]{0,12}?[長事幹]\s*(?:代理|補佐|代行|心得)|副[^\s/]{0,12}?[長事](?![付室])"
    rf"|(?:サブ|アシスタント|副|アソシエイト)・?(?:[ゼジ]ェ?ネラル・?)?(?:{_KANA_MANAGER}|ディレクター)"
    r"|\b(?:deputy|assistant|asst\.?|associate|sub|vice|junior)[\s-]+(?:(?:general|senior|sales|branch"
    r"|plant|department|section|division|product|project|store)\s+){0,3}(?:manager|director|head|gm|chief)"
)
_WHOLE = re.compile(
    r"本部長|事業部長|統括部長|部門長|社長|会長|取締役|理事|院長|学長|校長|専務|常務"
)
_FORMER = re.compile(
    r"(?:^|[\s/、,・(])(?:元|前|旧)\s*(?=代表|社長|会長|専務|常務|取締役|副|執行|理事|[部課次係]長|本部|支店長"
    r"|主任|工場長|営業|総務|人事|経理|開発|技術|企画|広報|製造|購買)[^\s/、,・()]*"
    r"|\b(?:former|ex|retired|past)[\s-]+[^,/、]*"
)
_WORKS_FOR = re.compile(
    r"(?:代表)?(?:取締役)?(?:副?[社会]長|役員|[部課所院学]長|知事|市長|理事長?|代表|頭取|取締役|ceo)"
    r"\s*(?:室?\s*(?:付き?(?!\w*部長)|秘書|直属|直轄)|(?=室))|取締役会(?=室|事務)"
    r"|\b(?:executive|personal)\s+(?:assistant|secretary)(?:\s+(?:to|of)\b[^,/、]*)?"
    r"|\b(?:assistant|secretary)\s+(?:to|of)\b[^,/、]*"
    r"|\boffice\s+of\s+(?:the\s+)?(?:ceo|president)|\b(?:ceo|president)(?:'s)?\s+office"
    r"|\bproduct\s+owner|プロダクト・?オーナー"
)
_SERVES = re.compile("秘書|assistant|secretary")
# What says more than it is: a web director leads a piece of work, a sales representative sells.
_RESTATED = (
    (
        re.compile(
            r"(?:\bweb|ウェブ|\bart|アート|制作|\bcreative|クリエイティブ|映像|番組|\bgame|ゲーム|進行)\s*・?"
            r"(?:ディレクター|director)"
        ),
        "リーダー",
    ),
    (re.compile(r"\b(?:sales|service|customer|medical|account)\s+representative"), "staff"),
    (re.compile(r"\bavp\b|\bassistant\s+vice[\s-]+president"), "manager"),
    (re.compile(r"(?<=[部課係室次社会所店])\s+(?=長)"), ""),
)

_MANAGEMENT = re.compile(
    r"(?<!支)社長|会長|頭取|取締役|代表|執行役|役員|理事長|代表理事|院長|学長|経営(?!企画|戦略|管理|情報)|オーナー|創業者|事業主"
    r"|専務|常務|\b(?:ceo|coo|president|founder|owner|chairman|management|executive|board)\b"
    r"|\b(?:managing|representative) director"
)
_NO_FUNCTION = re.compile(r"管理職|営業時間|サポーター|支店")

_KANA_WORD = re.compile(r"(?<!\w)[\u3041-\u3096\u30a1-\u30fa\u30fc]+(?!\w)")

_ROMAN = {0x2160 + step: str(step + 1) for step in range(12)}
_FIGURES = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")}
_UNIT = "[課部係室班組科局]|グループ|チーム|ユニット|営業|事業|製造|開発|技術|設計|生産|システム"
_ORDINAL = re.compile(
    r"(?<!第)第++\s*(?P<ordinal>[一二三四五六七八九十]{1,3}|\d{1,3})"
    rf"|(?P<plain>[一二三四五六七八九十]{{1,2}})(?={_UNIT})"
)
_SHORT_FORMS = (
    (re.compile(r"\b(?:department|dept)\b"), "dept"),
    (re.compile(r"\b(?:division|div)\b"), "div"),
    (re.compile(r"\b(?:section|sect|sec)\b"), "section"),
    (re.compile(r"\b(?:group|grp|gr)\b"), "group"),
)
_GROUP = re.compile(r"(?<=[\d一二三四五六七八九十])gr?p?(?![a-z])")
_NOT_IN_KEY = re.compile(r"[^\w&ー]+|_")
_GAP = re.compile(r"(?<![a-z]) | (?![a-z])")
_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_CHOON = re.compile("(?<=[\u30a1-\u30fa])[-‐‑‒–—―−]")


@lru_cache(maxsize=8192)
def level(title: str) -> Level | None:
    """The highest level that a title names; None where it names none, or only a former one."""
    text = _FORMER.sub(" ", _spelled(_folded(title[:_LONGEST])))
    for pattern, plainly in _RESTATED:
        text = pattern.sub(plainly, text)
    found = set()
    for deputy in _DEPUTY.findall(text):
        whose = _highest(deputy)
        if whose is not None:
            found.add(whose if _WHOLE.search(deputy) else _ONE_DOWN.get(whose, whose))
    text = _DEPUTY.sub(" ", text)
    if (master := _WORKS_FOR.search(text)) and _SERVES.search(master.group()):
        found.add(Level.STAFF)
    if (own := _highest(_WORKS_FOR.sub(" ", text))) is not None:
        found.add(own)
    return next((one for one in Level if one in found), None)


@lru_cache(maxsize=8192)
def function(text: str) -> Function | None:
    """What a department or a title is for, by its most telling word; None where none is known.

    The longest word counts (営業企画 is sales, 経営企画 planning), of equals the first. Whoever
    only leads the whole company is ``management``.
    """
    folded = _NO_FUNCTION.sub(" ", _spelled(_folded(text[:_LONGEST])))
    functions, pattern = _function_words()
    if words := pattern.findall(folded):
        return functions[max(words, key=len)]
    return Function.MANAGEMENT if _MANAGEMENT.search(folded) else None


@lru_cache(maxsize=8192)
def department_key(raw: str) -> str:
    """A department folded for equality: 第一営業部 and 第1営業部 are one; "" if blank."""
    text = _NOT_IN_KEY.sub(" ", _folded(raw.translate(_ROMAN)))
    for pattern, short in _SHORT_FORMS:
        text = pattern.sub(short, text)
    text = _GROUP.sub("グループ", _GAP.sub("", " ".join(text.split())))
    text = _ORDINAL.sub(_figures, _GAP.sub("", text))
    return text.translate(_SMALL_KANA)


def same_department(a: str, b: str) -> bool | None:
    """Whether two texts are one department; None where it cannot be told.

    True where they are equal or one is part of the other (営業部, 営業部 第一課), False where they
    are for different things.
    """
    keys = sorted((department_key(a), department_key(b)), key=len)
    if not keys[0]:
        return None
    if keys[0] == keys[1] or _is_within(*keys):
        return True
    functions = {function(a), function(b)}
    return False if len(functions) > 1 and None not in functions else None


@cache
def _function_words() -> tuple[dict[str, Function], re.Pattern[str]]:
    """What each word says, and the pattern that finds the longest at a place."""
    functions = {
        word.replace("_", " "): Function(name)
        for name, words in re.findall(r"^(\w+):((?:.|\n  )+)$", FUNCTIONS, re.MULTILINE)
        for word in words.split()
    }
    longest_first = sorted(functions, key=len, reverse=True)
    return functions, re.compile("|".join(_as_pattern(word) for word in longest_first))


def _as_pattern(word: str) -> str:
    return rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)


def _highest(text: str) -> Level | None:
    return next((found for found, words in _PATTERNS if words.search(text)), None)


def _is_within(part: str, whole: str) -> bool:
    """Whether a key stands within another as a whole word or number: 1課 is no part of 11課."""
    if len(part) < 2:
        return False
    ending = r"(?![a-z\d])" if part[-1].isascii() else ""
    return re.search(rf"(?<![a-z\d]){re.escape(part)}{ending}", whole) is not None


def _figures(found: re.Match[str]) -> str:
    numeral = found["ordinal"] or found["plain"]
    if numeral.isdecimal():
        return str(int(numeral))
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return "".join(_FIGURES[sign] for sign in numeral)
    return str(10 * int(_FIGURES.get(tens, "1")) + int(_FIGURES.get(ones, "0")))


def _spelled(text: str) -> str:
    """The text with the titles and departments of its kana words in kanji: ぶちょう."""
    if text.isascii():
        return text
    return _KANA_WORD.sub(_in_kanji, text)


def _in_kanji(word: re.Match[str]) -> str:
    kanji, pattern = _readings()
    return pattern.sub(lambda found: kanji[found.group()], katakana(word.group()) or "")


@cache
def _readings() -> tuple[dict[str, str], re.Pattern[str]]:
    kanji = dict(pair.split("=") for pair in READINGS.split())
    return kanji, re.compile("|".join(sorted(kanji, key=len, reverse=True)))


def _folded(raw: str) -> str:
    text = squeeze(nfkc(raw)).casefold()
    return text if text.isascii() else _CHOON.sub("ー", fold_kanji(text))
