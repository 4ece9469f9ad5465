"""The YAML of a stream's mapping: what its lines may say, and a default with differences laid over.

These models also make the JSON Schema by which editors complete a ``fields/*.yaml``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mapping.errors import MappingError, MappingErrors, Path

Scalar = str | bool | int | float
Word = str | bool | int | float | None


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class SplitSpec(_Spec):
    """Which part of a text a field takes."""

    on: str = Field(default=" ", min_length=1, description="What the parts stand between.")
    take: int | Literal["rest"] = Field(
        default=0, description='Which part: 0 is the first, -1 the last, "rest" all but the first.'
    )


class WhenSpec(_Spec):
    """A line that only counts where another vendor field has one of some values."""

    field: str = Field(description="The vendor field that is looked at.")
    in_: list[Scalar] = Field(alias="in", min_length=1, description="The values that count.")


class ExampleSpec(_Spec):
    """A vendor's fields and what the line makes of them; run by ``renkei mapping test``."""

    in_: Any = Field(
        alias="in", description="Vendor fields, or the value where the line reads one."
    )
    out: Any = Field(default=None, description="The field's value. Nothing: it reads as blank.")
    problem: str | None = Field(default=None, description="The problem's code, e.g. NOT_A_DATE.")


class LineSpec(_Spec):
    """One line of a field map: where a field's value comes from, and how it is turned."""

    from_: str | None = Field(default=None, alias="from", description="The vendor field.")
    first: list[str] | None = Field(
        default=None, min_length=1, description="Vendor fields; the first that is not blank."
    )
    concat: list[str] | None = Field(
        default=None, min_length=1, description="Vendor fields, joined."
    )
    const: Scalar | list[Scalar] | None = Field(
        default=None, description="A value that is always the same."
    )
    with_: str = Field(default=" ", alias="with", description="What concat puts between the parts.")
    split: SplitSpec | None = Field(default=None, description="Take a part of the text.")
    lower: bool = Field(default=False, description="Turn to lower case when reading.")
    values: dict[Scalar, Word] | None = Field(
        default=None, description="The vendor's picklist values and what they mean."
    )
    other: Word = Field(
        default="error", description='What any other value means: "error", "keep", or a value.'
    )
    write: dict[Scalar, Scalar] | None = Field(
        default=None, description="What to write where values is not one to one."
    )
    default: Scalar | list[Scalar] | None = Field(
        default=None, description="What a blank or missing value is read as."
    )
    placeholder: str | None = Field(
        default=None, description="Written where there is nothing; read as nothing."
    )
    when: WhenSpec | None = Field(default=None, description="Count only for some records.")
    as_: str | None = Field(default=None, alias="as", description="The type of the values.")
    formats: list[str] = Field(
        default_factory=list, description="How dates are written; the first is for writing."
    )
    zone: str | None = Field(default=None, description="Where local times are, e.g. Asia/Tokyo.")
    on: str | None = Field(
        default=None, min_length=1, description="What stands between the values of a list."
    )
    format: Literal["e164", "national", "raw"] = Field(
        default="e164", description="How telephone numbers are written."
    )
    max_length: int | None = Field(
        default=None, ge=1, description="The most characters the vendor takes."
    )
    to: str | None = Field(default=None, description="The vendor field to write to.")
    direction: Literal["pull", "push", "both"] | None = Field(
        default=None, description="Read, write, or both (the default)."
    )
    examples: list[ExampleSpec] = Field(default_factory=list, description="Checked examples.")


class StageSpec(_Spec):
    """How the stream holds the stage."""

    field: str = Field(description="The vendor field that holds the stage.")
    read: dict[Scalar, list[str] | str] = Field(
        min_length=1,
        description="The stages each of the vendor's values may mean, the preferred one first.",
    )
    other: list[str] = Field(default_factory=list, description="The stages of any other value.")
    write: dict[str, Scalar] = Field(
        default_factory=dict, description="The value to write for a stage."
    )
    back: Literal["direct", "clear", "never"] = Field(
        default="direct", description="How a move backward is written."
    )
    reason: str | None = Field(default=None, description="The vendor field that holds the reason.")
    entered: str | None = Field(
        default=None,
        description="Vendor fields that say when a value was entered, with {value} for the value; "
        "or one field that lists [value, time] pairs.",
    )


class StreamSpec(_Spec):
    """The mapping of one stream."""

    kind: Literal["lead", "account", "deal", "activity"] | None = Field(
        default=None, description="What the records are about."
    )
    fields: dict[str, str | LineSpec | None] = Field(
        default_factory=dict, description="A line for each field; null takes a default line out."
    )
    stage: StageSpec | None = Field(default=None, description="How the stream holds the stage.")


def merge_documents(
    default: Mapping[str, Any], override: Mapping[str, Any] | None
) -> dict[str, Any]:
    """A connector's default map with an operator's differences laid over it.

    A field's line replaces the whole default line; null takes it out. The stage is merged key by
    key, value by value, and null takes a key out; where it names another vendor field nothing of
    the default stage is kept, since its values belong to the other field.
    """
    if override is None:
        return dict(default)
    if not isinstance(override, Mapping):
        message = "a stream's mapping says kind:, fields: and stage:"
        raise MappingErrors([MappingError("BAD_LINE", message)])
    merged = {**default, **override}
    lines = override.get("fields") or {}
    if isinstance(lines, Mapping):
        merged["fields"] = _without_nulls({**(default.get("fields") or {}), **lines})
    if "stage" in override:
        merged["stage"] = _merged_stage(default.get("stage"), override["stage"])
        if merged["stage"] is None:
            del merged["stage"]
    return merged


def _merged_stage(default: Any, override: Any) -> Any:
    if not isinstance(default, Mapping) or not isinstance(override, Mapping):
        return override
    if override.get("field", default.get("field")) != default.get("field"):
        return dict(override)
    merged = {**default, **override}
    for table in ("read", "write"):
        mine, theirs = override.get(table), default.get(table)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            merged[table] = _without_nulls({**theirs, **mine})
    return _without_nulls(merged)


def _without_nulls(table: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in table.items() if value is not None}


def spec_errors(error: ValidationError, path: Path, model: type[BaseModel]) -> list[MappingError]:
    """What pydantic found, as errors that say where and what would be right."""
    found = []
    for detail in error.errors(include_url=False, include_input=False):
        keys = tuple(key for key in detail["loc"] if not _is_union_tag(key))
        if detail["type"] == "extra_forbidden":
            found.append(_unknown_key(keys, path, model))
        else:
            name = str(keys[-1]) if keys else "this"
            message = f'"{name}": {detail["msg"][0].lower()}{detail["msg"][1:]}'
            found.append(MappingError("BAD_OPERATOR", message, path=(*path, *keys)))
    return list({error.path: error for error in found}.values())


def _is_union_tag(key: str | int) -> bool:
    """Whether pydantic put this into the place for itself: which branch of a union it tried."""
    return key in ("bool", "int", "float", "str", "[key]") or (
        isinstance(key, str) and key.startswith(("list[", "literal["))
    )


def _unknown_key(keys: Path, path: Path, model: type[BaseModel]) -> MappingError:
    for key in keys[:-1]:
        info = next((i for n, i in model.model_fields.items() if (i.alias or n) == key), None)
        inner = _NESTED.get(str(key)) if info else None
        model = inner or model
    known = [info.alias or name for name, info in model.model_fields.items()]
    name = str(keys[-1])
    near = [key for key in known if sorted(key) == sorted(name)]
    near = near or difflib.get_close_matches(name, known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}"
    return MappingError(
        "UNKNOWN_OPERATOR", f'"{name}" is not known here', path=(*path, *keys), hint=hint
    )


_NESTED: dict[str, type[BaseModel]] = {
    "split": SplitSpec,
    "when": WhenSpec,
    "examples": ExampleSpec,
}
