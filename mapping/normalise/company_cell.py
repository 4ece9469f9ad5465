"""What one cell says about a company: its names, and the names it used to have.

People write both into one cell: "北斗電機㈱ (Hokuto Electric Co., Ltd.)", "ひばり㈱（旧つばめ㈱）".
Texts are levelled first (``legal_forms.level``).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mapping.normalise.company_units import follows_a_form, is_unit
from mapping.normalise.legal_forms import CLOSE, FORM, FORM_ONLY, LONG, OPEN, without_latin_form

_MAYBE_MORE = re.compile(
    rf"[{OPEN}/|;\n\t※旧現]|会[社祉杜].|法人.|{FORM}.|[a-z.]\s+[^\x00-\x7f]|fka |former|previous"
)
_MAYBE_MORE_LATIN = re.compile(
    r"[(\[{</|;\n\t]|fka |former|previous|(?:inc|ltd|kk|k\.k|llc|corp)\b.+\w"
)
_BRACKET = re.compile(rf"\s*[{OPEN}]([^{OPEN}{CLOSE}]*)(?:[{CLOSE}]|$)\s*")
_JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff々]")
_FORMER = re.compile(
    r"\s*(?:旧|元)?\s*(?:社名|商号|名称|会社名|称|名)?\s*(?:は|が)?\s*[:・=]?\s*(?P<old>.+)"
)
_FORMER_HEAD = re.compile(r"\s*(?:※\s*)?(?:旧|前社名|前商号|元社名)")
_RENAMED = re.compile(
    r"(?:.*[年月日]\s*に?)?\s*(?P<old>.+?)(?:から|より)(?:社名|商号|名称)?(?:を)?変更.*"
)
_NOW = re.compile(
    r"\s*現(?![代場金地物像実行役])(?:在)?(?:の)?(?:社名|商号|名称|は)?\s*[:・,=]?\s*(?P<name>.+)"
)
_FORMERLY = re.compile(
    r"\s*(?:formerly(?:\s+known\s+as)?|former(?:\s+name)?|previously(?:\s+known\s+as)?|f/?k/?a|ex)"
    r"\b[\s.:]*(?P<old>.+)"
)
_THEN_FORMER = re.compile(
    rf"(?:[\s/,;※]+|(?<={FORM}))(?P<former>旧(?:社名|商号|名称|会社名|称|名)?\s*[:・]?\s*\S.*"
    r"|(?:formerly|previously|f/?k/?a)\b.*)$"
)
_THEN_NOW = re.compile(
    rf"(?:[\s/,;※]+|(?<={FORM}))(?P<now>現(?:社名|商号|在)?\s*(?:[:・\s]\s*\S|.*会社|.*{FORM}).*)$"
)
_APART = re.compile(
    rf"\s*[|;\n\t]\s*|\s+/\s+|(?<=[社人{FORM}])\s*/\s*|(?<=[^\x00-\x7f])/(?=[a-z])"
    r"|(?<=[a-z.])/(?=[^\x00-\x7f])"
)
_BRANCH = re.compile(r"branch|office|hq|headquarters|factory|plant|division|department")
_OLD_AGAIN = re.compile("^旧(?:社名|商号|称)?[:・\\s]*")
_SIGN_BETWEEN = re.compile(r"[|;\n\t/]")
_BETWEEN_OLD = re.compile(r"[,;/]\s*(?=\S{2})|→")
_INSIDE = re.compile(rf"(?P<form>{FORM}|{LONG})(?P<between>[\s/・,:-]*)(?P<rest>\S.*)$")
_LATIN_FORM_INSIDE = re.compile(
    r"[\s,](?:co\.?\s*,?\s*ltd|inc|ltd|limited|corp|corporation|llc|gmbh|k\.?k|g\.?k|plc|ag|s\.a)"
    r"(?![\w&])\.?(?P<between>[\s,-]+)(?P<rest>\S.*)$"
)
# In brackets behind a name, and no name: a note, a way of delivery, a listing.
_NOTE = re.compile(
    r"(?:代理店|取引先|既存|新規|重複|仮称?|テスト|閉鎖|休眠|解約|本人|同上|以下略|略称|親会社"
    r"|子会社|グループ|連結|上場|非上場|東証.*|プライム|スタンダード|グロース|nyse.*|nasdaq.*|japan"
    r"|jp|test|new|old|hq|ceo|it|dx|hr|pr)"
)


class Cell(NamedTuple):
    """The names in a cell, with their legal forms; the first is the company's."""

    names: tuple[str, ...]
    former: tuple[str, ...] = ()


def read(text: str) -> Cell:
    """The names in a levelled text, the one the company has now first."""
    if not (_MAYBE_MORE_LATIN if text.isascii() else _MAYBE_MORE).search(text):
        return Cell((text,))
    names: list[str] = []
    former: list[str] = []
    rest = _without_brackets(text, names, former)
    if (found := _THEN_FORMER.search(rest)) and _names_one(rest[: found.start()]):
        former.extend(_old_names(found["former"]))
        rest = rest[: found.start()]
    if (
        (found := _THEN_NOW.search(rest))
        and _names_one(rest[: found.start()])
        and (now := _NOW.fullmatch(found["now"]))
    ):
        former.append(rest[: found.start()])
        rest = now["name"]
    aside, names = names, []
    for part in _parts(rest):
        name, also = _before_the_rest(part)
        if name and not (names and is_unit(name)):
            names.append(name)
        names.extend(also)
    return Cell(tuple(names or [text]) + tuple(aside), tuple(former))


def _without_brackets(text: str, names: list[str], former: list[str]) -> str:
    """The text outside brackets; what they say goes to the lists."""
    if text[:1] in CLOSE or not _BRACKET.search(text):
        return text
    kept, at = "", 0
    for found in _BRACKET.finditer(text):
        said, before = found.group(1).strip(), kept + text[at : found.start()]
        after = text[found.end() :]
        outside = before + after
        if not _names_one(outside):
            continue
        if old := _old_names(said):
            former.extend(old)
        elif now := _NOW.fullmatch(said):
            former.append(outside)
            return now["name"]
        elif not _JAPANESE.search(outside + said) and not _ends_it(before, after, said):
            continue
        elif _is_name(said, outside):
            names.append(said)
        kept, at = f"{before} " if after else before, found.end()
    return (kept + text[at:]).strip()


def _ends_it(before: str, after: str, said: str) -> bool:
    """Whether brackets among Latin letters stand behind a whole name: not as in X (Japan) Ltd."""
    if after.strip():
        return False
    return without_latin_form(before.strip()) != before.strip() or (
        is_unit(said) and _BRANCH.search(said) is not None
    )


def _is_name(said: str, outside: str) -> bool:
    """Whether what brackets say beside a name is another name of the company."""
    if len(said) < 3 or is_unit(said) or _NOTE.fullmatch(said) or said[0].isdigit():
        return False
    if not _JAPANESE.search(said):
        return _JAPANESE.search(outside) is not None and re.search("[a-z]{3}", said) is not None
    if FORM in said or re.search(LONG, said):
        return True
    if not _JAPANESE.search(outside):
        return True
    return re.fullmatch("[\u30a1-\u30ff・\\s]+", said) is not None


def _old_names(said: str) -> list[str]:
    """The former names that a text tells of; none when it tells of none."""
    found: re.Match[str] | None = None
    if _FORMER_HEAD.match(said):
        found = _FORMER.fullmatch(said.lstrip(" ※"))
    elif "変更" in said:
        found = _RENAMED.fullmatch(said)
    elif said[:1] in "fpe":
        found = _FORMERLY.fullmatch(said)
    if found is None:
        return []
    old = [_OLD_AGAIN.sub("", part.strip()) for part in _BETWEEN_OLD.split(found["old"])]
    return [name for name in old if len(name) > 1 and _letters(name) and not is_unit(name)]


def _parts(text: str) -> list[str]:
    parts = _APART.split(text) if _SIGN_BETWEEN.search(text) else [text]
    # 株式会社/ひばり is one name whose form stands apart.
    return parts if _names_one(parts[0]) or len(parts) == 1 else [text]


def _before_the_rest(text: str) -> tuple[str, list[str]]:
    """The name up to its form where a branch or another name follows the form, and that name."""
    start = re.match(rf"(?:{FORM}|{LONG})[\s・.,/:-]*", text)
    skipped = start.end() if start else 0
    if found := _INSIDE.search(text, skipped):
        rest, glued = found["rest"], not found["between"] and found["form"] != FORM
        if _names_one(text[skipped : found.start()]) and (not glued or follows_a_form(rest)):
            return text[: found.end("form")], [rest] if _is_name(
                rest, text[: found.start()]
            ) else []
    if found := _LATIN_FORM_INSIDE.search(text):
        rest = found["rest"].strip()
        if is_unit(rest) or _JAPANESE.search(rest):
            return text[: found.start("between")], [rest] if _JAPANESE.search(rest) else []
    return text, []


def _names_one(text: str) -> bool:
    """Whether a text says more than a legal form."""
    return _letters(text) and not FORM_ONLY.fullmatch(text.strip())


def _letters(text: str) -> bool:
    return any(char.isalnum() for char in text)
