"""Field maps: YAML that says, field by field, how a vendor's record becomes a draft and back.

A map is compiled once; reading a record is then a call a line. What cannot be read is left out of
the draft and told as a problem, so that one bad field never holds up the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mapping.compile import compile_line, compile_stage
from mapping.document import StreamSpec, merge_documents
from mapping.errors import MappingError, MappingErrors, Path, Unreadable
from mapping.lines import ABSENT, Absent, Line
from mapping.model import FIELDS, FieldType, Value
from mapping.normalise import person
from mapping.projection import StageProjection, StageSeen, Told
from mapping.stage_rules import DEFAULT, StageRules
from mapping.transforms import as_it_is, is_blank, one_newline

__all__ = [
    "Draft",
    "FieldMap",
    "Line",
    "Problem",
    "StageProjection",
    "StageSeen",
    "Written",
    "compile_map",
    "merge_documents",
]


_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that could not be read or written, and what to do about it."""

    field: str
    vendor_field: str
    code: str
    message: str
    hint: str = ""


@dataclass(slots=True)
class Draft:
    """A record read through its field map, not yet matched to a lead.

    A vendor field that the record does not have gives no key, a blank one gives None. ``derived``
    are fields that were worked out from others and that nobody said.
    """

    kind: str
    values: dict[str, Value]
    problems: tuple[Problem, ...] = ()
    stage: StageSeen | None = None
    derived: frozenset[str] = frozenset()


@dataclass(slots=True)
class Written:
    """Vendor fields to write; None clears one. What has a problem is left out."""

    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()


_Plain: TypeAlias = list[tuple[str, str, Line]]
_Others: TypeAlias = list[tuple[str, str | None, Line]]
_LAYOUTS = 2048
"""So many sets of fields are remembered; the records of one vendor have few."""


class FieldMap:
    """How one stream's records become drafts, and leads become records."""

    def __init__(
        self,
        kind: str,
        lines: Iterable[Line],
        stage: StageProjection | None,
        rules: StageRules = DEFAULT,
    ) -> None:
        self.kind = kind
        self.rules = rules
        self.lines = tuple(lines)
        self.stage = stage
        pulled = [line for line in self.lines if line.pulls]
        self.fields = frozenset(line.field for line in pulled)
        self._pushed = {line.field: line for line in self.lines if line.pushes}
        self.writable = frozenset(self._pushed)
        self._writing = [
            (
                line.field,
                line.to or line.field,
                line,
                line.const is None and line.write is as_it_is,
                line.const is not None or line.placeholder is not None,
            )
            for line in self._pushed.values()
        ]
        self._plain = [(line.field, line.reads[0], line) for line in pulled if line.is_plain]
        self._others = [(line.field, line.only, line) for line in pulled if not line.is_plain]
        self._layouts: dict[tuple[str, ...], tuple[_Plain, _Others]] = {}
        self._has_full_name = "full_name" in self.fields

    def vendor_fields(self) -> frozenset[str]:
        """The vendor fields that reading needs, for connectors that must name what they want."""
        names = {name for line in self.lines for name in line.reads}
        if self.stage is not None:
            names |= {self.stage.field, self.stage.reason_field or self.stage.field}
        return frozenset(names)

    def targets(self) -> frozenset[str]:
        """The vendor fields that writing may touch, the stage's included."""
        names = {line.to for line in self._pushed.values() if line.to}
        if self.stage is not None and self.stage.write:
            names.add(self.stage.field)
        return frozenset(names)

    def written_to(self) -> Mapping[str, str]:
        """The lead field that is written to each vendor field; the stage's are not among them."""
        return {target: field for field, target, *_ in self._writing}

    def read(self, flat: Mapping[str, Any]) -> Draft:
        """A record's draft. Raises MappingError for a record its connector could not read."""
        if "_error" in flat:
            message = flat.get("_message") or "the record could not be read"
            raise MappingError(str(flat["_error"]), str(message))
        values: dict[str, Value] = {}
        problems: list[Problem] = []
        get = flat.get
        layout = tuple(flat)
        plain, others = self._layouts.get(layout) or self._lay_out(layout)
        for field, name, line in plain:
            raw = flat[name]
            if type(raw) is str:
                text = raw.strip()
                values[field] = (one_newline(text) if "\r" in text else text) or None
            elif raw is None:
                values[field] = None
            else:
                self._read_line(line, flat, values, problems)
        value: Value | Absent
        for field, only, line in others:
            raw = None if only is None else get(only)
            try:
                value = line.value(flat) if raw is None else line.read(raw)
                if value is None and raw is not None:
                    value = line.empty()
            except Unreadable as why:
                problems.append(_problem(field, line.reads, why))
                continue
            if value is not ABSENT:
                values[field] = value  # type: ignore[assignment]  # ABSENT is its only other type
        seen = self._read_stage(flat, problems) if self.stage is not None else None
        derived = _derive_names(values) if self._has_full_name else _NONE
        return Draft(self.kind, values, tuple(problems), seen, derived)

    def _lay_out(self, names: tuple[str, ...]) -> tuple[_Plain, _Others]:
        """The lines that say anything of a record that has just these fields."""
        if len(self._layouts) >= _LAYOUTS:
            self._layouts.clear()
        there = set(names)
        found = self._layouts[names] = (
            [one for one in self._plain if one[1] in there],
            [one for one in self._others if one[2].may_say(there)],
        )
        return found

    def told(self, flat: Mapping[str, Any]) -> tuple[Told, ...]:
        """What a record says of the stages it went through, in order of time."""
        return self.stage.told(flat) if self.stage is not None else ()

    def write(
        self,
        values: Mapping[str, Value],
        only: Collection[str] | None = None,
        *,
        create: bool = False,
    ) -> Written:
        """Vendor fields for a lead's values, of the fields in ``only`` where it is given.

        A field that ``values`` does not have is not written. With ``create``, constants and
        placeholders are, since a new record may need them. The stage is not part of it.
        """
        written: dict[str, Any] = {}
        problems: list[Problem] = []
        for field, target, line, is_bare, fills in self._writing:
            if only is not None and field not in only:
                continue
            value = values.get(field)
            if is_bare and value and type(value) is str:
                written[target] = value
                continue
            if value is None and field not in values and not (create and fills):
                continue
            try:
                written[target] = line.written(value)
            except Unreadable as why:
                problems.append(_problem(field, (target,), why))
        return Written(written, tuple(problems))

    def settles(self, field: str, ours: Value, held: Value) -> bool:
        """Whether the vendor, holding ``held``, would after a write of ``ours`` hold the same.

        Both are the field's values as ``read`` gives them; of a line that does not read back what
        it writes, ``held`` is what was last written. What a vendor's format loses (seconds,
        an extension, the end of a long text) is no difference. A field that is not written
        settles; one that cannot be written does not, so that the problem is told.
        """
        line = self._pushed.get(field)
        if line is None or line.const is not None or _same(line.type, ours, held):
            return True
        try:
            return _same(line.type, line.round_trip(ours), held)
        except Unreadable:
            return False

    def _read_line(
        self,
        line: Line,
        flat: Mapping[str, Any],
        values: dict[str, Value],
        problems: list[Problem],
    ) -> None:
        try:
            values[line.field] = line.value(flat)  # type: ignore[assignment]  # it is there
        except Unreadable as why:
            problems.append(_problem(line.field, line.reads, why))

    def _read_stage(self, flat: Mapping[str, Any], problems: list[Problem]) -> StageSeen | None:
        assert self.stage is not None  # noqa: S101  # the caller has asked
        raw = flat.get(self.stage.field)
        reason = flat.get(self.stage.reason_field) if self.stage.reason_field else None
        try:
            return self.stage.seen(raw, reason)
        except Unreadable as why:
            problems.append(_problem("stage", (self.stage.field,), why))
            return None


def _derive_names(values: dict[str, Value]) -> frozenset[str]:
    """Adds the parts of a full name where the record has no fields for them; which it added."""
    full = values.get("full_name")
    if not isinstance(full, str) or "family_name" in values or "given_name" in values:
        return _NONE
    name = person.split(full)
    if name is None:
        return _NONE
    parts = {"family_name": name.family, "given_name": name.given}
    known = {field: part for field, part in parts.items() if part}
    values.update(known)
    return frozenset(known)


def _problem(field: str, vendor_fields: Iterable[str], why: Unreadable) -> Problem:
    return Problem(field, ", ".join(vendor_fields), why.code, why.message, why.hint)


def _same(kind: FieldType, a: Value, b: Value) -> bool:
    """Whether two values of a field say the same: moments to the second, lists in any order."""
    if is_blank(a) or is_blank(b):
        return is_blank(a) and is_blank(b)
    if isinstance(a, list) or isinstance(b, list):
        return isinstance(a, list) and isinstance(b, list) and set(a) == set(b)
    if kind is FieldType.DATETIME and isinstance(a, str) and isinstance(b, str):
        return a[:19] == b[:19]
    return a == b


def compile_map(
    document: Mapping[str, Any], *, kind: str | None = None, rules: StageRules = DEFAULT
) -> FieldMap:
    """The field map of one stream's document: ``{kind, fields, stage}``.

    ``kind`` is the stream's where the document does not say, ``rules`` know the stages. Raises
    MappingErrors with everything that is wrong, each with the path of its place.
    """
    if not isinstance(document, Mapping):
        message = "a stream's mapping says kind:, fields: and stage:"
        raise MappingErrors([MappingError("BAD_LINE", message)])
    errors = _unknown_keys(document)
    kind = _kind(document, kind, errors)
    lines: list[Line] = []
    written = document.get("fields") or {}
    if not isinstance(written, Mapping):
        errors.append(MappingError("BAD_LINE", "fields holds a line a field", path=("fields",)))
        written = {}
    for name, line in written.items():
        if line is None:
            continue
        try:
            lines.append(compile_line(kind, str(name), line))
        except MappingErrors as found:
            errors.extend(found.errors)
    stage = None
    if document.get("stage") is not None:
        try:
            stage = compile_stage(kind, document["stage"], rules)
        except MappingErrors as found:
            errors.extend(found.errors)
    errors.extend(_double_writes(lines, stage))
    if errors:
        raise MappingErrors(errors)
    return FieldMap(kind, lines, stage, rules)


def _unknown_keys(document: Mapping[str, Any]) -> list[MappingError]:
    known = tuple(StreamSpec.model_fields)
    return [
        MappingError(
            "UNKNOWN_KEY",
            f'"{key}" is not known here',
            path=(str(key),),
            hint=f"a stream's mapping has {', '.join(known)}",
        )
        for key in document
        if key not in known
    ]


def _kind(document: Mapping[str, Any], kind: str | None, errors: list[MappingError]) -> str:
    said = document.get("kind") or kind
    if said in FIELDS and kind in (None, said):
        return str(said)
    if said in FIELDS:
        message = f"the stream's records are {kind}s, the mapping says {said}"
    else:
        message = f'"{said}" is not a kind' if said else "nothing says what the records are about"
    hint = f"kinds are {', '.join(FIELDS)}"
    errors.append(MappingError("BAD_KIND", message, path=("kind",), hint=hint))
    return kind if kind in FIELDS else "lead"


def _double_writes(lines: list[Line], stage: StageProjection | None) -> list[MappingError]:
    taken: dict[str, str] = {stage.field: "stage"} if stage is not None and stage.write else {}
    errors: list[MappingError] = []
    for line in lines:
        if line.to is None:
            continue
        if line.to in taken:
            path: Path = ("fields", line.field)
            errors.append(
                MappingError(
                    "DOUBLE_WRITE",
                    f'"{taken[line.to]}" and "{line.field}" both write "{line.to}"',
                    path=path,
                    hint="add direction: pull to one of them",
                )
            )
        taken.setdefault(line.to, line.field)
    return errors
