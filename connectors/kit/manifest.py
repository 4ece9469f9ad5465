"""What a connector says about itself in its connector.yaml, read without importing its code."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from connectors.kit.base import Kind

__all__ = [
    "ACTIVITIES",
    "Manifest",
    "ManifestBroken",
    "Quality",
    "StreamManifest",
    "Strict",
    "load_manifest",
    "parse",
    "read_yaml",
]

Role = Literal["form", "ma", "sfa", "crm", "communication", "file", "ads"]
Scheme = Literal[
    "none",
    "api_key",
    "basic",
    "bearer",
    "oauth2_client_credentials",
    "oauth2_refresh",
    "jwt_bearer",
]
Activity = Literal[
    "form_submission",
    "email_sent",
    "email_delivered",
    "email_opened",
    "email_clicked",
    "email_bounced",
    "call",
    "meeting",
    "webinar",
    "note",
    "task",
]
UnknownPeople = Literal["wait", "drop"]
ACTIVITIES: tuple[str, ...] = Activity.__args__  # type: ignore[attr-defined]  # a Literal has them
SLUG = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
LARGEST_FILE = 1024 * 1024


class ManifestBroken(ValueError):
    """A connector's YAML that cannot be used; the message names the file and the key."""


class Strict(BaseModel):
    """What people write: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(Strict):
    """The ways to sign in that the connector knows."""

    schemes: tuple[Scheme, ...] = Field(min_length=1)


class StreamManifest(Strict):
    """What one stream type holds and what can be done with it.

    ``activity`` is what a record also is, beside its kind (a form's answer is a lead and a
    form_submission), or what all activities of the stream are. ``unique`` are lead fields of which
    the vendor lets only one record have the same value. ``unknown_people`` is what becomes of an
    activity of somebody who is no lead: it waits, and is set aside in the end, or is dropped then.
    """

    kind: Kind
    pull: bool = False
    push: bool = False
    deletes: bool = False
    activity: Activity | None = None
    unique: tuple[str, ...] = ()
    unknown_people: UnknownPeople = "wait"

    @model_validator(mode="after")
    def _only_activities(self) -> Self:
        if self.unknown_people == "drop" and self.kind is not Kind.ACTIVITY:
            raise ValueError("unknown_people: drop is for activities; others must not get lost")
        return self


class Webhooks(Strict):
    """Whether a webhook brings the whole record or only says which to read again."""

    style: Literal["whole", "hint", "none"] = "none"


class Day(Strict):
    """When the vendor's daily quota of calls begins anew, where it has one.

    ``resets`` is a time of day in ``timezone``. ``rolling``: never all at once; the calls of the
    last 24 hours count, and only the vendor knows what is left.
    """

    resets: str = Field(default="00:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    timezone: str = "UTC"
    rolling: bool = False


class Quality(Strict):
    """How well the connector is proven. ``exempt`` says why a contract check cannot apply."""

    tier: Literal["gold", "silver", "bronze"] = "bronze"
    exempt: Mapping[str, str] = Field(default_factory=dict)


class Description(Strict):
    """What the vendor is, in a sentence, for lists."""

    en: str
    ja: str = ""


class Manifest(Strict):
    """What a connector is and can do. ``index_lag``: seconds its search is behind its writes."""

    slug: str = Field(pattern=SLUG, max_length=40)
    name: str = Field(min_length=1)
    name_ja: str = ""
    roles: tuple[Role, ...] = Field(min_length=1)
    description: Description
    auth: Auth
    streams: Mapping[str, StreamManifest] = Field(min_length=1)
    webhooks: Webhooks = Webhooks()
    index_lag: float = Field(default=0.0, ge=0)
    quota: Day | None = None
    quality: Quality = Quality()
    unverified: tuple[str, ...] = ()


Model = TypeVar("Model", bound=BaseModel)


def load_manifest(path: Path) -> Manifest:
    """The manifest in a connector.yaml, of either kind; ManifestBroken where it is wrong."""
    try:
        stat = path.stat()
    except OSError as error:
        raise ManifestBroken(f"{path}: cannot be read: {error}") from error
    return _load_manifest(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _load_manifest(path: Path, _changed: int, _size: int) -> Manifest:
    """The same, read once for each version of the file: reading YAML takes 20 ms."""
    content = read_yaml(path)
    if isinstance(content, dict) and "requests" in content:
        from connectors.kit.definition import Definition  # it imports this module

        return parse(Definition, content, path).manifest()
    return parse(Manifest, content, path)


def read_yaml(path: Path) -> Any:
    """A YAML file's content; ManifestBroken with line and column where it is none."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ManifestBroken(f"{path}: larger than {LARGEST_FILE} bytes")
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        raise ManifestBroken(f"{path}:{place} {error.problem}") from error
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise ManifestBroken(f"{path}: cannot be read: {error}") from error


def parse(model: type[Model], content: Any, path: Path) -> Model:
    """``content`` as the model; ManifestBroken naming ``path`` and each key that is wrong."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [_problem(model, problem["loc"], problem) for problem in error.errors()]
        raise ManifestBroken("\n".join(f"{path}: {problem}" for problem in problems)) from error


def _problem(model: type[BaseModel], loc: tuple[int | str, ...], problem: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in loc) or "the file"
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), sorted(_known_keys(model)), n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        return f"{key}: unknown key{hint}"
    if problem["type"] == "missing":
        return f"{key}: is missing"
    return f"{key}: {problem['msg']}"


def _known_keys(model: type[BaseModel]) -> set[str]:
    """Every key of the model and of the models in it."""
    known: set[str] = set()
    waiting: list[Any] = [model]
    while waiting:
        item = waiting.pop()
        if isinstance(item, type) and issubclass(item, BaseModel):
            known.update(item.model_fields)
            waiting.extend(field.annotation for field in item.model_fields.values())
        else:
            waiting.extend(_arguments(item))
    return known


def _arguments(annotation: Any) -> Iterable[Any]:
    return [item for item in getattr(annotation, "__args__", ()) if not isinstance(item, str)]
