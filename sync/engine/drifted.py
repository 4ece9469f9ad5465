"""Which of a vendor's later edits a field map does not take, in words, and when it is mended. Pure.

A new option harms where the map cannot read it; one that is gone, where the map writes it; a field
that is gone or holds something else, where the map names it. All else is news and no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from mapping.fieldmap import FieldMap
from sync.config.description import STAGES, Drift, Sheet
from sync.config.fieldcheck import is_pushed, is_there, pushed, stream_gaps
from sync.config.findings import said
from sync.config.gaps import READ_CODES, WRITE_CODES, Gap
from sync.config.guess import edits
from sync.engine.hub import Flow, stream_type
from sync.store.asides import Aside

_ABOUT: Mapping[str, frozenset[str]] = {
    "OPTION_NEW": READ_CODES | {"LABEL_NOT_VALUE"},
    "OPTION_GONE": WRITE_CODES | {"LABEL_NOT_VALUE"},
    "OPTION_RETIRED": WRITE_CODES,
}
"""The gaps that an edit of an option may leave."""
_PLAIN = {"OPTION_RETIRED": "OPTION_OFF"}
_RENAMED = {"FIELD_GONE": "FIELD_RENAMED", "OPTION_GONE": "OPTION_RENAMED"}
"""What is said of an edit where it is not its code: where something else stands in its place."""
Changes = Sequence[tuple[str, Any, Any]]


@dataclass(frozen=True, slots=True)
class Harm:
    """What is wrong after an edit: the gap, where it is about an option, or the attributes."""

    gap: Gap | None = None
    changes: tuple[tuple[str, Any, Any], ...] = ()


class Fit:
    """A stream's field map beside what the vendor last said of the stream."""

    def __init__(self, flow: Flow, stream: str, field_map: FieldMap, sheet: Sheet) -> None:
        self.flow = flow
        self.stream = stream
        self.map = field_map
        self.sheet = sheet

    def harm(self, drift: Drift) -> Harm | None:
        """How the map suffers from an edit; None where it does not."""
        match drift.code:
            case "OPTION_NEW" | "OPTION_GONE" | "OPTION_RETIRED":
                gap = self._gap(drift)
                return Harm(gap) if gap is not None else None
            case "FIELD_GONE":
                return Harm() if self._is_missed(drift.field) else None
            case "FIELD_NEW":
                return Harm() if self._is_unfilled(drift.field) else None
            case "FIELD_CHANGED":
                changes = tuple(self._harmful(drift))
                return Harm(changes=changes) if changes else None
            case _:
                return None

    def mended(self, drift: Drift) -> bool:
        """Whether the map no longer suffers from an edit: either side may have been mended.

        The edit is as ``remembered`` gives it.
        """
        if drift.code != "FIELD_CHANGED":
            return self.harm(drift) is None
        spec = self.sheet.fields.get(drift.field)
        before = {name: was for name, was, _ in drift.changes}
        if spec is None or before.pop("line", "") != self._line_digest(drift.field):
            return True
        if before.pop("required", None) is not None and self._is_unfilled(drift.field):
            return False
        return all(getattr(spec, name) == was for name, was in before.items())

    def aside(self, drift: Drift, harm: Harm, language: str) -> Aside:
        """The item that is set aside for an edit."""
        message, hint = drift_words(
            self.flow.name, self.stream, drift, language, harm.changes or drift.changes
        )
        if harm.gap is not None:
            hint = self._suggestion(harm.gap, language)
        held = [("line", self._line_digest(drift.field), None)] if harm.changes else []
        return Aside(
            kind="field",
            connection=self.flow.name,
            stream=self.stream,
            field=drift.subject,
            code=drift.code,
            message=message,
            fix=hint,
            received={
                "field": drift.field,
                "option": drift.option,
                "near": drift.near,
                "changes": [list(one) for one in (*harm.changes, *held)],
            },
        )

    def field_of(self, drift: Drift) -> str:
        """The field an edit is about: of an edit of the stages, a stage field without options."""
        stage = self.map.stage
        if drift.field != STAGES or stage is None:
            return drift.field
        spec = self.sheet.fields.get(stage.field)
        return stage.field if spec is not None and not spec.options else STAGES

    @cached_property
    def _gaps(self) -> Mapping[tuple[str, str], Sequence[Gap]]:
        """The gaps of the map by vendor field and option, or what is written in its place."""
        found: dict[tuple[str, str], list[Gap]] = {}
        for gap in stream_gaps(self.flow.config, self.stream, self.map, self.sheet):
            for option in {gap.option, gap.written} - {""}:
                found.setdefault((gap.name, option), []).append(gap)
        return found

    @cached_property
    def _written(self) -> frozenset[str]:
        """The vendor fields that are written."""
        push = pushed(self.flow.config, self.stream)
        if push is None:
            return frozenset()
        lines = (one for one in self.map.lines if one.pushes and is_pushed(push, one.field))
        found = {line.to for line in lines if line.to}
        if self.map.stage is not None and self.map.stage.write:
            found.add(self.map.stage.field)
        return frozenset(found)

    @cached_property
    def _named(self) -> frozenset[str]:
        """The vendor fields that are read or written."""
        return self._written | self.map.vendor_fields()

    def _gap(self, drift: Drift) -> Gap | None:
        """The gap that an edit of an option leaves."""
        some = self._gaps.get((self.field_of(drift), drift.option), ())
        return next((gap for gap in some if gap.code in _ABOUT[drift.code]), None)

    def _is_missed(self, name: str) -> bool:
        """Whether the map names a field, or a part of what it refers to, that is not there."""
        heads = {name, name.removesuffix("Id"), f"{name.removesuffix('__c')}__r"}
        return any(
            one.partition(".")[0] in heads and not is_there(one, self.sheet.fields)
            for one in self._named
        )

    def _is_unfilled(self, name: str) -> bool:
        """Whether a new record needs a field that nothing fills."""
        push = pushed(self.flow.config, self.stream)
        spec = self.sheet.fields.get(name)
        if push is None or not push.create or spec is None:
            return False
        return spec.required and spec.writable and name not in self.map.targets()

    def _harmful(self, drift: Drift) -> Iterator[tuple[str, Any, Any]]:
        """The changes of a field that its line may not bear."""
        for name, was, now in drift.changes:
            shorter = name == "max_length" and now is not None and (was is None or now < was)
            if (
                (name == "type" and drift.field in self._named)
                or (name == "writable" and not now and drift.field in self._written)
                or (shorter and drift.field in self._written)
                or (name == "required" and now and self._is_unfilled(drift.field))
            ):
                yield name, was, now

    def _line_digest(self, name: str) -> str:
        """Equal as long as the lines that name a vendor field say the same."""
        lines = [
            [line.field, line.direction, line.to, line.operators]
            for line in self.map.lines
            if name in line.reads or line.to == name
        ]
        stage = self.map.stage
        is_stage = stage is not None and stage.field == name
        held = [stage.field, dict(stage.read), dict(stage.write)] if stage and is_stage else None
        packed = orjson.dumps([lines, held], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        return hashlib.sha256(packed).hexdigest()[:16]

    def _suggestion(self, gap: Gap, language: str) -> str:
        """The line of YAML that would close a gap, or what a person has to decide."""
        options = self.sheet.options(gap.name, is_stage=gap.line == "stage")
        made = edits(stream_type(self.stream), gap, self.map, options)
        if not made:
            says: dict[str, Any] = {
                "label": gap.label,
                "stage": gap.lead,
                "others": ", ".join(gap.others),
            }
            return said(gap.code, language, name=gap.name, option=gap.option, **says)[1]
        *_, table, key = made[0].path
        guess = "  # check" if made[0].is_guess else ""
        line = f"{gap.line}: {table}: {{{key}: {_yaml(made[0].value)}}}{guess}"
        message, command = said("PATCH_LINE", language, connection=self.flow.name, line=line)
        return f"{message} ({command})"


def remembered(item: Aside) -> Drift:
    """The edit that an item was set aside for."""
    about: Mapping[str, Any] = item.received or {}
    changes = tuple((name, was, now) for name, was, now in about.get("changes", ()))
    return Drift(
        item.code,
        about.get("field", item.field or ""),
        about.get("option", ""),
        near=about.get("near", ""),
        changes=changes,
    )


def drift_words(
    connection: str, stream: str, drift: Drift, language: str, changes: Changes
) -> tuple[str, str]:
    """What happened at a vendor, and what to do; ``changes`` are those that are told."""
    table = _RENAMED if drift.near else _PLAIN
    code = table.get(drift.code, drift.code)
    return said(
        code,
        language,
        name=drift.field,
        option=drift.option,
        label=drift.label,
        instead=drift.near,
        stream=stream,
        connection=connection,
        changes="; ".join(f"{name} {_shown(was)} → {_shown(now)}" for name, was, now in changes),
    )


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _yaml(value: Any) -> str:
    if value is None:
        return "null"
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)
