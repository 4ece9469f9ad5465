"""What an option probably means, and the edits of a field map that would close a gap. Pure.

An option that is the same word as a known one but for width, case and spaces is no guess; all else
is, and is to be looked at by a person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.base import Option
from mapping.errors import Unreadable
from mapping.fieldmap import FieldMap, Line, StageProjection
from mapping.model import FieldType, choices
from mapping.transforms import word
from sync.config.gaps import READ_CODES, STAGE, WRITE_CODES, Gap
from sync.config.positions import Keys

WORDS: Mapping[str, tuple[str, ...]] = {
    "form": ("フォーム", "問い合わせ", "問合せ", "資料請求", "ホームページ", "web", "form"),
    "seminar": ("セミナー", "勉強会", "講演", "seminar"),
    "webinar": ("ウェビナー", "オンラインセミナー", "webセミナー", "webinar"),
    "exhibition": ("展示会", "見本市", "イベント", "exhibition", "fair", "event", "expo"),
    "business_card": ("名刺", "business card"),
    "ad": ("広告", "リスティング", "advertisement", "ads"),
    "referral": ("紹介", "referral"),
    "cold_call": ("テレアポ", "架電", "cold call"),
    "purchased_list": ("購入リスト", "リスト購入", "purchased list"),
    "import": ("インポート", "取込", "import"),
    "other": ("その他", "other"),
    "granted": ("許可", "同意", "希望する", "可", "はい", "opt in", "opt-in", "yes"),
    "denied": (
        "拒否", "不許可", "不可", "同意しない", "希望しない", "いいえ", "停止",
        "opt out", "opt-out", "no",
    ),
    "unknown": ("未確認", "不明", "未回答", "unknown"),
    "partial": ("一部", "partial"),
    "known": ("確認済", "把握", "known"),
}  # fmt: skip
"""Words that people use for the values of lead fields."""
OTHERWISE: Mapping[str, str] = {"channel": "other", "first_touch_channel": "other"}
"""What an option is taken for that nobody knows, by lead field."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A value to write at some keys of a fields file; None takes out what is written there.

    ``replaces`` is the key in whose place the new one is put.
    """

    path: Keys
    value: Any
    is_guess: bool = False
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class _Meaning:
    value: Any
    is_guess: bool


def edits(stream_type: str, gap: Gap, field_map: FieldMap, options: Sequence[Option]) -> list[Edit]:
    """The edits that close a gap, that of the option first; none where nobody can guess."""
    if gap.line == STAGE and field_map.stage is not None:
        path: Keys = (stream_type, STAGE)
        return _stage_edits(path, gap, field_map.stage, field_map.kind, options)
    line = next((one for one in field_map.lines if one.field == gap.line), None)
    if line is None:
        return []
    path = (stream_type, "fields", line.field)
    return _line_edits(path, gap, line, field_map.kind, options)


def _stage_edits(
    path: Keys, gap: Gap, stage: StageProjection, kind: str, options: Sequence[Option]
) -> list[Edit]:
    if gap.code == "LABEL_NOT_VALUE":
        if gap.lead:
            return [Edit((*path, "write", gap.lead), gap.option)]
        stages = stage.read[gap.written]
        return [Edit((*path, "read", gap.option), stages, replaces=gap.written)]
    if gap.code in READ_CODES:
        meant = _stages_of(_option(gap, options), stage, kind)
        return [Edit((*path, "read", gap.option), meant.value, meant.is_guess)]
    if gap.code not in WRITE_CODES:
        return []
    others = (one for one in options if one.active and one.value != gap.option)
    instead = next(
        (one.value for one in others if gap.lead in _stages_of(one, stage, kind).value), None
    )
    return [Edit((*path, "write", gap.lead), instead, is_guess=True)]


def _stages_of(option: Option, stage: StageProjection, kind: str) -> _Meaning:
    """The stages an option stands for."""
    held = stage.read.get(word(option.value))
    if held:
        return _Meaning(held, is_guess=False)
    known_stages = stage.rules.stages
    allowed = ("opportunity", "won", "lost") if kind == "deal" else tuple(known_stages)
    known = [(key, stages) for key, stages in stage.read.items()]
    for code in allowed:
        names = {code, known_stages[code].ja, known_stages[code].en}
        known += [(name, (code,)) for name in names]
    found = _meaning(option, known)
    return found or _Meaning((allowed[0],), is_guess=True)


def _line_edits(
    path: Keys, gap: Gap, line: Line, kind: str, options: Sequence[Option]
) -> list[Edit]:
    table = _table(line, "values")
    write = _table(line, "write")
    if gap.code == "LABEL_NOT_VALUE":
        if line.const is not None:
            return [Edit((*path, "const"), gap.option)]
        if gap.lead in {word(key) for key in write}:
            return [Edit((*path, "write", gap.lead), gap.option)]
        value = next((one for key, one in table.items() if word(key) == gap.written), None)
        if value is None:
            return []
        return [Edit((*path, "values", gap.option), value, replaces=gap.written)]
    if gap.code in READ_CODES:
        return _read_edits(path, line, kind, _option(gap, options), options)
    if line.const is not None:
        return []
    if gap.code in WRITE_CODES:
        return [*_write_edits(path, gap.option, [gap.lead], line, kind, options)]
    if gap.code == "WRITE_UNMAPPED":
        return [*_write_edits(path, "", gap.others, line, kind, options)]
    return []


def _read_edits(
    path: Keys, line: Line, kind: str, option: Option, options: Sequence[Option]
) -> list[Edit]:
    """The option gets a line of its own, and what is written for its meaning stays."""
    meant = _value_of(option, line, kind)
    if meant is None:
        return []
    found = [Edit((*path, "values", option.value), meant.value, meant.is_guess)]
    if "values" not in line.operators:  # with a table, what was read without one must stand in it
        for one in options:
            value = _now(line, one)
            if value is not None and one.value != option.value:
                found.append(Edit((*path, "values", one.value), value))
    if line.pushes:
        try:
            raw = line.written([meant.value] if line.type is FieldType.LIST else meant.value)
        except Unreadable:
            return found
        raw = raw[0] if isinstance(raw, list) and raw else raw
        if raw is not None:
            found.append(Edit((*path, "write", word(meant.value)), raw))
    return found


def _write_edits(
    path: Keys, but: str, leads: Iterable[str], line: Line, kind: str, options: Sequence[Option]
) -> Iterator[Edit]:
    """Another option of the same meaning, for each value where there is one."""
    meanings = {
        one.value: word(meant.value)
        for one in options
        if one.active and one.value != but and (meant := _value_of(one, line, kind)) is not None
    }
    for lead in leads:
        instead = next((value for value, meant in meanings.items() if meant == lead), None)
        if instead is not None:
            yield Edit((*path, "write", lead), instead, is_guess=True)


def _value_of(option: Option, line: Line, kind: str) -> _Meaning | None:
    """What an option means to a lead field; None where nobody can guess."""
    held = _now(line, option)
    if held is not None:
        return _Meaning(held, is_guess=False)
    table = [(word(key), one) for key, one in _table(line, "values").items() if one is not None]
    words = choices(kind, line.field)
    if words is not None:
        table += [(one, one) for one in words]
        table += [(name, one) for one in words for name in WORDS.get(one, ())]
    elif line.type is FieldType.BOOLEAN:
        table += [(name, True) for name in WORDS["granted"]]
        table += [(name, False) for name in WORDS["denied"]]
    found = _meaning(option, table)
    if found is not None:
        return found
    if words is not None:
        fallback = OTHERWISE.get(line.field, "unknown")
        return _Meaning(fallback, is_guess=True) if fallback in words else None
    is_text = line.type in (FieldType.TEXT, FieldType.LIST)
    return _Meaning(option.label or option.value, is_guess=True) if is_text else None


def _now(line: Line, option: Option) -> Any:
    """What the line reads an option as; None where it does not."""
    try:
        value = line.read(option.value)
    except Unreadable:
        return None
    return value[0] if isinstance(value, list) and value else value


def _meaning(option: Option, known: Sequence[tuple[str, Any]]) -> _Meaning | None:
    """What the same word means; else, as a guess, the longest word that the option has in it."""
    names = [name for name in (_bare(option.value), _bare(option.label)) if name]
    bare = [(key, value) for said, value in known if (key := _bare(said))]
    for name in names:
        same = next((value for key, value in bare if key == name), None)
        if same is not None:
            return _Meaning(same, is_guess=False)
    inside = [(len(key), value) for key, value in bare if any(key in name for name in names)]
    if not inside:
        return None
    longest = max(length for length, _ in inside)
    return _Meaning(next(value for length, value in inside if length == longest), is_guess=True)


def _bare(text: str) -> str:
    """A word without what people write in several ways: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _table(line: Line, name: str) -> Mapping[Any, Any]:
    held: Any = line.operators.get(name)
    return held if isinstance(held, Mapping) else {}


def _option(gap: Gap, options: Sequence[Option]) -> Option:
    return next(one for one in options if one.value == gap.option)
