"""Pydantic's findings as mistakes with a place; secrets that stand where only references may."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from sync.config.interpolate import Filled, is_reference, spoken_default
from sync.config.messages import expected
from sync.config.positions import Document, Keys
from sync.config.report import Report, listed, near

Model = TypeVar("Model", bound=BaseModel)
_QUOTED = re.compile(r"'([^']*)'")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Part:
    """A document, its content with references replaced, and where mistakes in it are told."""

    report: Report
    document: Document
    filled: Filled

    @property
    def data(self) -> dict[Any, Any]:
        """The content, references replaced."""
        return self.filled.data

    def wrong(self, path: Keys, code: str, *, at_key: bool = False, **says: Any) -> None:
        """Note a mistake at a value, or at a key; not where a reference led nowhere."""
        if path in self.filled.lost:
            return
        place = self.document.key_place(path) if at_key else self.document.value_place(path)
        self.report.add(self.document, place, code, **says)


def validated(part: Part, model: type[Model], value: Any, path: Keys = ()) -> Model | None:
    """The model of a value; None, and every mistake noted, where it does not fit."""
    _check_secrets(part, model, value, path)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _note(part, model, value, path, detail)
    return None


def secret_paths(annotation: Any, value: Any, path: Keys = ()) -> Iterator[Keys]:
    """Where in a value the secrets of a model stand."""
    for kind in _kinds(annotation):
        if kind in (SecretStr, SecretBytes):
            yield from _leaves(value, path)
        elif _is_model(kind) and isinstance(value, Mapping):
            for name, info in kind.model_fields.items():
                key = info.alias or name
                if key in value:
                    yield from secret_paths(info.annotation, value[key], (*path, key))
        elif _item(kind) is not None:
            for key, item in _items(value):
                yield from secret_paths(_item(kind), item, (*path, key))


def models_at(annotation: Any, keys: Sequence[str | int]) -> list[type[BaseModel]]:
    """The models a value below some keys may be; the tags of unions among the keys are passed."""
    found = list(_kinds(annotation))
    for key in keys:
        below = [inner for kind in found for inner in _below(kind, key)]
        found = [kind for inner in below for kind in _kinds(inner)] or found
    return [kind for kind in found if _is_model(kind)]


def described(annotation: Any, keys: Sequence[str | int]) -> str:
    """What the description of a key says."""
    for model in models_at(annotation, keys[:-1]):
        for name, info in model.model_fields.items():
            if keys and (info.alias or name) == keys[-1]:
                return info.description or ""
    return ""


def _check_secrets(part: Part, model: type[BaseModel], value: Any, path: Keys) -> None:
    for place in secret_paths(model, value, path):
        written = _at(part.document.data, place)
        name = _name(place)
        if isinstance(written, str) and is_reference(written):
            default = spoken_default(written)
            if default:
                part.report.blot(part.document, default)
                part.wrong(place, "SECRET_DEFAULT", name=name)
        elif written != "":
            part.report.blot(part.document, str(written))
            part.wrong(place, "SECRET_LITERAL", name=name)


def _note(
    part: Part,
    model: type[BaseModel],
    value: Any,
    base: Keys,
    detail: Mapping[str, Any],
) -> None:
    kind, loc = detail["type"], tuple(detail["loc"])
    context: dict[str, Any] = dict(detail.get("ctx") or {})
    keys = _real(value, loc, is_missing=kind == "missing")
    path = (*base, *keys)
    name = _name(path)
    if kind == "extra_forbidden":
        known = _known(models_at(model, loc[:-1]))
        part.wrong(
            path,
            "UNKNOWN_KEY",
            at_key=True,
            name=keys[-1],
            known=listed(known),
            near=near(keys[-1], known),
        )
    elif kind == "missing":
        part.wrong(path, "MISSING_KEY", at_key=True, name=name, describes=described(model, loc))
    elif kind == "union_tag_not_found":
        tag = str(context["discriminator"]).strip("'")
        part.wrong((*path, tag), "MISSING_KEY", at_key=True, name=tag, describes="")
    elif kind == "union_tag_invalid":
        tag = str(context["discriminator"]).strip("'")
        says: dict[str, Any] = _expectation(
            part, kind, context, context.get("tag"), "expected_tags"
        )
        part.wrong((*path, tag), "WRONG_TYPE", name=tag, **says)
    elif kind in ("value_error", "assertion_error"):
        why = str(context.get("error", detail["msg"]))
        if isinstance(_at(value, keys), Mapping):
            part.wrong(path, "BAD_OPTIONS", at_key=True, why=why)
        else:
            part.wrong(
                path, "BAD_VALUE", name=name, why=why, describes=described(model, loc) or why
            )
    elif expected(kind, context, part.report.language) is not None:
        part.wrong(
            path,
            "WRONG_TYPE",
            at_key=loc[-1:] == ("[key]",),
            name=name,
            **_expectation(part, kind, context, detail.get("input"), "expected"),
        )
    else:
        why = detail["msg"]
        part.wrong(path, "BAD_VALUE", name=name, why=why, describes=described(model, loc) or why)


def _expectation(
    part: Part, kind: str, context: dict[str, Any], given: Any, choices: str
) -> dict[str, Any]:
    """What was expected, and which of the choices, if there are any, was probably meant."""
    known = _QUOTED.findall(str(context.get(choices, "")))
    return {
        "expected": expected(kind, context, part.report.language) or "",
        "near": near(given, known) if known and isinstance(given, str) else "",
    }


def _real(value: Any, loc: tuple[Any, ...], *, is_missing: bool) -> Keys:
    """Pydantic's place without what it put in for itself: the branches of unions."""
    keys: list[str | int] = []
    for number, key in enumerate(loc):
        found = _at(value, (key,))
        if found is not _ABSENT:
            keys.append(key)
            value = found
        elif is_missing and number == len(loc) - 1:
            keys.append(key)
    return tuple(keys)


def _at(value: Any, path: Keys) -> Any:
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key, _ABSENT)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return _ABSENT
    return value


def _name(path: Keys) -> str:
    """The last key, with the numbers in lists behind it: ``streams[1]``."""
    name = ""
    for key in reversed(path):
        if isinstance(key, str):
            return f"{key}{name}"
        name = f"[{key + 1}]{name}"
    return name


def _known(models: Sequence[type[BaseModel]]) -> list[str]:
    names = [i.alias or name for model in models for name, i in model.model_fields.items()]
    return list(dict.fromkeys(names))


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _leaves(value: Any, path: Keys) -> Iterator[Keys]:
    """Where something stands in a value, which should have been one text."""
    if isinstance(value, Mapping | list):
        for key, item in _items(value):
            yield from _leaves(item, (*path, key))
    elif value is not None:
        yield path


def _kinds(annotation: Any) -> Iterator[Any]:
    """The branches of an annotation, Annotated and Union taken apart."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for branch in get_args(annotation):
            yield from _kinds(branch)
    else:
        yield annotation


def _item(kind: Any) -> Any:
    """What a list, tuple, set or mapping holds; None for anything else."""
    origin, arguments = get_origin(kind), get_args(kind)
    if not isinstance(origin, type) or not arguments:
        return None
    if issubclass(origin, Mapping):
        return arguments[1]
    if issubclass(origin, Sequence | frozenset | set):
        return arguments[0]
    return None


def _items(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _below(kind: Any, key: str | int) -> Iterator[Any]:
    if _is_model(kind):
        for name, info in kind.model_fields.items():
            if (info.alias or name) == key:
                yield info.annotation
    elif _item(kind) is not None:
        yield _item(kind)
