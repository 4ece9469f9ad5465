"""A company's rules of the life cycle: its stages, their order, the moves and the reasons.

One object carries them all and is passed to whatever decides. The default is the life cycle that
Renkei comes with; ``mapping.own_stages`` makes that of a company with stages of its own.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mapping.errors import MappingError
from mapping.stage_words import (
    BACK,
    OTHER,
    PATH,
    REASONS,
    STAGES,
    TRANSITIONS,
    UNSTATED,
    Reason,
    Stage,
)

__all__ = ["DEFAULT", "StageRules"]


@dataclass(frozen=True, eq=False)
class StageRules:
    """Which stages there are, and which moves between them a company allows.

    ``stages`` stand in the order people read them, ``path`` is the way of a lead that is worked on.
    ``optional`` are stages the company does not use: nobody is inferred to have been there.
    ``after`` names the stage that a stage of the company's own stands behind. ``evidence`` are lead
    fields that must be filled before a stage is entered, save by an override.

    Rules are equal only to themselves, so that what follows from them can be cached by them.
    """

    stages: Mapping[str, Stage] = field(default_factory=lambda: STAGES)
    path: tuple[str, ...] = PATH
    transitions: Mapping[str, frozenset[str]] = field(default_factory=lambda: TRANSITIONS)
    reasons: Mapping[str, Mapping[str, Reason]] = field(default_factory=lambda: REASONS)
    optional: frozenset[str] = frozenset()
    after: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The stages of the way, and which in turn each is."""
        return {stage: place for place, stage in enumerate(self.path)}

    @cached_property
    def beyond(self) -> Mapping[str, tuple[str, ...]]:
        """What follows an order's way up to each stage behind it, the stage itself last."""
        found = {"won": ("won",), "customer": ("won", "customer"), "churned": ("won", "churned")}
        for stage, before in self.after.items():
            if before in found:
                found[stage] = (*found[before], stage)
        return found

    @cached_property
    def back(self) -> tuple[str, ...]:
        """Stages that lead back, or out."""
        own = (stage for stage in self.after if self.like(stage) in BACK)
        return (*BACK, *own)

    @cached_property
    def bare(self) -> StageRules:
        """The same rules where no stage needs evidence: for what has happened already."""
        return replace(self, evidence={}) if self.evidence else self

    def lacking(self, stages: Iterable[str], fields: Mapping[str, Any]) -> tuple[str, ...]:
        """The evidence for these stages that a lead does not have."""
        wanted = dict.fromkeys(name for stage in stages for name in self.evidence.get(stage, ()))
        return tuple(name for name in wanted if fields.get(name) in _BLANK)

    def like(self, stage: str) -> str:
        """The stage of Renkei's own that a stage stands behind, or is."""
        while stage in self.after:
            stage = self.after[stage]
        return stage

    def rank(self, stage: str) -> int:
        """How far a stage is; below all others for one that is no longer configured."""
        known = self.stages.get(stage)
        return known.rank if known is not None else -1

    def name(self, stage: str, language: str) -> str:
        """A stage as people call it; the code of one that is no longer configured."""
        known = self.stages.get(stage)
        return stage if known is None else known.ja if language == "ja" else known.en

    def reason_name(self, stage: str, code: str | None, language: str) -> str | None:
        """A reason as people call it; the code where it is not in the list."""
        known = self.reasons.get(stage, {}).get(code or "")
        return code if known is None else known.ja if language == "ja" else known.en

    def reason_of(self, stage: str, said: str | None) -> tuple[str | None, str | None]:
        """The reason's code and what was said in words beside it.

        A code of the list, or its name in Japanese or English, becomes the code; other words become
        ``other`` with the words kept; silence becomes ``unstated`` where a reason is due, else
        None.
        """
        known = self.reasons.get(stage, {})
        if said is None or not said.strip():
            return (UNSTATED.code if known else None), None
        wanted = _folded(said)
        for reason in known.values():
            if wanted in (reason.code, _folded(reason.ja), _folded(reason.en)):
                return reason.code, None
        return OTHER.code, said.strip()

    def check(self, code: str) -> None:
        """Refuse a word that is no stage, and say which stage is meant."""
        if code in self.stages:
            return
        known = self.stages
        names = {word.lower(): one.code for one in known.values() for word in (one.ja, one.en)}
        near = names.get(code.lower()) or next(
            iter(difflib.get_close_matches(code, known, n=1)), None
        )
        raise MappingError(
            "UNKNOWN_STAGE",
            f'"{code}" is not a stage',
            hint=f'did you mean "{near}"?' if near else f"stages are {', '.join(known)}",
        )


_BLANK: tuple[Any, ...] = (None, "", [])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold().replace(" ", "_")


DEFAULT = StageRules()
"""The life cycle that Renkei comes with."""
