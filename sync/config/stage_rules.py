"""What must hold in stages.yaml: known stages in their places, ways that lead on, names apart."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mapping.errors import MappingError
from mapping.model import PUSH_ONLY, field_type, suggestions
from mapping.own_stages import unreached
from mapping.stage_rules import DEFAULT, StageRules
from mapping.stage_words import BACK, PATH, STAGES, Stage
from sync.config.clocks import check_clocks
from sync.config.positions import Keys
from sync.config.report import listed
from sync.config.stages import StagesConfig
from sync.config.validate import Part

__all__ = ["check_stage_word", "check_stages"]

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


def check_stages(part: Part, read: StagesConfig | None) -> StageRules:
    """The rules that stages.yaml comes to.

    Where something is wrong with it, these are the usual ones with every stage that is named, so
    that field maps are not blamed for it.
    """
    before = len(part.report.errors())
    own = _below(part.data, "stages")
    known = _named(own)
    for code, written in own.items():
        _check_own(part, code, written, own, known)
    _check_names(part, own)
    optional = part.data.get("optional")
    for number, name in enumerate(optional if isinstance(optional, list) else []):
        check_stage_word(part, ("optional", number), name, known)
    for name, after in _below(part.data, "transitions").items():
        check_stage_word(part, ("transitions", name), name, known, at_key=True)
        for number, stage in enumerate(after if isinstance(after, list) else []):
            check_stage_word(part, ("transitions", name, number), stage, known)
    for name, reasons in _below(part.data, "reasons").items():
        check_stage_word(part, ("reasons", name), name, known, at_key=True)
        for code in reasons if isinstance(reasons, Mapping) else ():
            _check_code(part, ("reasons", name, code), code)
    _check_evidence(part, known)
    _check_purchase(part, known)
    _check_times(part, known)
    if read is None or len(part.report.errors()) > before:
        return known
    rules = read.rules()
    for stage, leading in unreached(rules):
        _note_no_way(part, rules, stage, leading)
    check_clocks(part, rules)
    return rules


def check_stage_word(
    part: Part, path: Keys, name: Any, rules: StageRules, *, at_key: bool = False
) -> None:
    """Note a word that is no stage."""
    if not isinstance(name, str):
        return
    try:
        rules.check(name)
    except MappingError as error:
        meant = error.hint.partition('did you mean "')[2].partition('"')[0]
        known = listed(rules.stages)
        part.wrong(path, "UNKNOWN_STAGE", at_key=at_key, name=name, near=meant, known=known)


def _below(data: Any, key: str) -> Mapping[Any, Any]:
    found = data.get(key)
    return found if isinstance(found, Mapping) else {}


def _named(own: Mapping[Any, Any]) -> StageRules:
    """The usual rules with every stage that is named, whatever is wrong with it."""
    added = {
        str(code): Stage(str(code), -1, str(code), str(code)) for code in own if code not in STAGES
    }
    return StageRules(stages={**STAGES, **added}) if added else DEFAULT


def _check_own(
    part: Part, code: Any, written: Any, own: Mapping[Any, Any], known: StageRules
) -> None:
    path: Keys = ("stages", code)
    if not isinstance(written, Mapping):
        return
    after = written.get("after")
    if code in STAGES:
        if after is not None:
            part.wrong((*path, "after"), "FIXED_PLACE", at_key=True, name=code)
        return
    _check_code(part, path, code)
    if after is None:
        meant = next(iter(difflib.get_close_matches(str(code), STAGES, n=1, cutoff=0.8)), "")
        part.wrong(path, "NO_PLACE", at_key=True, name=code, near=meant, known=listed(STAGES))
        return
    for name, what in (("ja", "its name in Japanese."), ("en", "its name in English.")):
        if written.get(name) is None:
            part.wrong(path, "MISSING_KEY", at_key=True, name=name, describes=what)
    check_stage_word(part, (*path, "after"), after, known)
    seen = [code]
    while isinstance(after, str) and after in own and after not in STAGES and after not in seen:
        seen.append(after)
        after = _below(own, after).get("after")
    if after == code:
        part.wrong((*path, "after"), "AFTER_ITSELF", name=code, known=listed(seen))


def _check_code(part: Part, path: Keys, code: Any) -> None:
    if not _CODE.match(str(code)):
        part.wrong(path, "BAD_CODE", at_key=True, name=str(code))


def _check_names(part: Part, own: Mapping[Any, Any]) -> None:
    """No two stages are called the same, in either language, nor like another one's code."""
    called = {_folded(code): str(code) for code in (*STAGES, *own)}
    for code, stage in STAGES.items():
        for key, usual in (("ja", stage.ja), ("en", stage.en)):
            if key not in _below(own, code):
                called.setdefault(_folded(usual), code)
    for code in own:
        for key in ("ja", "en"):
            name = _below(own, code).get(key)
            other = called.setdefault(_folded(name), code) if isinstance(name, str) else code
            if other != code:
                part.wrong(("stages", code, key), "SAME_NAME", name=name, other=other)


def _folded(name: Any) -> str:
    return str(name).strip().casefold()


def _check_times(part: Part, known: StageRules) -> None:
    for name in _below(part.data, "clocks"):
        check_stage_word(part, ("clocks", name), name, known, at_key=True)
    stages = _below(part.data, "dormant").get("stages")
    for number, name in enumerate(stages if isinstance(stages, list) else []):
        check_stage_word(part, ("dormant", "stages", number), name, known)


def _check_evidence(part: Part, known: StageRules) -> None:
    """Stages that need not be open to everybody, and fields that a lead has."""
    for name, fields in _below(part.data, "evidence").items():
        check_stage_word(part, ("evidence", name), name, known, at_key=True)
        if _must_be_open(name, _below(part.data, "stages")):
            part.wrong(("evidence", name), "NO_EVIDENCE_ASKED", at_key=True, name=name)
        seen: set[str] = set()
        for number, one in enumerate(fields if isinstance(fields, list) else []):
            path: Keys = ("evidence", name, number)
            if not isinstance(one, str):
                continue
            if one in PUSH_ONLY or field_type("lead", one) is None:
                close = (other for other in suggestions("lead", one) if other not in PUSH_ONLY)
                part.wrong(path, "UNKNOWN_FIELD", name=one, near=next(close, ""))
            if one in seen:
                part.wrong(path, "TWICE", name=one)
            seen.add(one)


def _must_be_open(stage: Any, own: Mapping[Any, Any]) -> bool:
    """Whether leads begin or rest at a stage, or at the one that a stage stands behind."""
    seen: set[Any] = set()
    while stage not in STAGES and stage not in seen and isinstance(own.get(stage), Mapping):
        seen.add(stage)
        stage = own[stage].get("after")
        if stage == PATH[0]:
            return False
    return stage == PATH[0] or stage in BACK


def _check_purchase(part: Part, known: StageRules) -> None:
    steps = part.data.get("purchase")
    if not isinstance(steps, list):
        return
    if len(steps) == 1:
        part.wrong(("purchase",), "FEW_STEPS", at_key=True)
    taken: set[str] = set()
    names: set[str] = set()
    for number, step in enumerate(steps):
        if not isinstance(step, Mapping):
            continue
        name = step.get("en")
        if isinstance(name, str) and _folded(name) in names:
            part.wrong(("purchase", number, "en"), "TWICE", name=name)
        names.add(_folded(name))
        stages = step.get("stages")
        for place, stage in enumerate(stages if isinstance(stages, list) else []):
            path: Keys = ("purchase", number, "stages", place)
            check_stage_word(part, path, stage, known)
            if stage in taken:
                part.wrong(path, "IN_TWO_STEPS", name=stage)
            taken.add(str(stage))


def _note_no_way(part: Part, rules: StageRules, stage: str, leading: str | None) -> None:
    """Told where the moves are written that leave the stage out, or else where the stage is."""
    before = leading or rules.after[stage]
    places: Iterable[Keys] = (("transitions", before), ("stages", stage), ("transitions",))
    path = next((one for one in places if part.document.holds(one)), ("stages",))
    part.wrong(path, "NO_WAY", at_key=True, name=stage, before=before)
