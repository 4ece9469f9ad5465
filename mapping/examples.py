"""Runs the examples that stand beside the lines of a field map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mapping.document import ExampleSpec
from mapping.errors import MappingError, Path, Unreadable
from mapping.fieldmap import compile_map
from mapping.lines import ABSENT, Line
from mapping.stage_rules import DEFAULT, StageRules


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What one example gave. A problem shows as ``problem: CODE``; nothing at all as None."""

    field: str
    ok: bool
    got: Any
    want: Any
    path: Path


def run_examples(
    document: Mapping[str, Any], *, kind: str | None = None, rules: StageRules = DEFAULT
) -> list[ExampleResult]:
    """The result of every example in a stream's document, in its order.

    ``in`` holds vendor fields, or the one value where the line reads one field; ``out`` is the
    field's value. On a line that is only written ``in`` is the field's value, and ``out`` what the
    vendor gets. Raises MappingErrors when the document itself is wrong.
    """
    fieldmap = compile_map(document, kind=kind, rules=rules)
    return [result for line in fieldmap.lines for result in _of_line(line)]


def _of_line(line: Line) -> Iterator[ExampleResult]:
    for place, written in enumerate(line.operators.get("examples") or ()):
        example = ExampleSpec.model_validate(written)
        path: Path = ("fields", line.field, "examples", place)
        want = f"problem: {example.problem}" if example.problem else example.out
        try:
            got = _pulled(line, example.in_, path) if line.pulls else line.written(example.in_)
        except Unreadable as why:
            got = f"problem: {why.code}"
        yield ExampleResult(line.field, _equal(got, want), got, want, path)


def _pulled(line: Line, given: Any, path: Path) -> Any:
    if not isinstance(given, Mapping):
        if len(line.reads) > 1:
            raise MappingError(
                "BAD_EXAMPLE",
                f"the line reads {', '.join(line.reads)}; which of them is meant?",
                path=(*path, "in"),
                hint=f"write in: {{{line.reads[0]}: …}}",
            )
        given = dict.fromkeys(line.reads, given)
    value = line.value(given)
    return None if value is ABSENT else value


def _equal(got: Any, want: Any) -> bool:
    return type(got) is type(want) and got == want if isinstance(got, bool) else bool(got == want)
