"""The one-page schema of a connector without code: what its YAML may say.

There are no expressions. A path, parameter or header may hold ``{option}``, which is replaced by
what the operator wrote; a name with dots (``data.items``) walks into a body. What needs an ``if``
is written in Python. ``connectors.kit.declarative`` runs what is defined here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, create_model, field_validator, model_validator

from connectors.kit.base import Kind
from connectors.kit.manifest import (
    SLUG,
    Activity,
    Auth,
    Description,
    Manifest,
    Quality,
    Role,
    StreamManifest,
    Strict,
    UnknownPeople,
    Webhooks,
)

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
NOT_OPTIONS = frozenset({"id"})
"""Placeholders that are filled for each record and not by an operator."""


class AuthSpec(Strict):
    """How to sign in. ``secret`` names the option that holds the secret; ``user`` one for basic."""

    scheme: Literal["none", "api_key", "basic", "bearer"]
    secret: str = Field(default="api_token", pattern=SLUG)
    user: str = Field(default="user", pattern=SLUG)
    header: str = "x-api-key"


class ErrorSpec(Strict):
    """Where a refusal's body names its code and the fields at fault."""

    code: str | None = None
    field: str | None = None


class RequestSpec(Strict):
    """What all requests share: ``rate`` requests in ``per`` seconds, ``zone`` of bare times."""

    base_url: str = Field(pattern=r"^https?://[^/\s]+[^\s]*$")
    retry_after_header: str = "retry-after"
    rate: float = Field(default=5.0, gt=0)
    per: float = Field(default=1.0, gt=0)
    headers: Mapping[str, str] = Field(default_factory=dict)
    zone: str = "UTC"
    errors: ErrorSpec = ErrorSpec()

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError(f'"{value}" is no time zone; write one like Asia/Tokyo') from None
        return value

    def tz(self) -> ZoneInfo:
        """The zone of times without one."""
        return ZoneInfo(self.zone)


class SinceSpec(Strict):
    """How to ask for what changed since a moment; ``overlap`` seconds are read again each time.

    ``ascending`` says that records come oldest change first, so that every page's cursor is safe;
    else the cursor moves at the end of a pull only.
    """

    parameter: str
    format: str = "iso"
    overlap: float = Field(default=300.0, ge=0)
    ascending: bool = False

    @field_validator("format")
    @classmethod
    def _format(cls, value: str) -> str:
        if value not in {"iso", "unix", "unix_ms", "date"} and "%" not in value:
            raise ValueError("is one of iso, unix, unix_ms, date, or a pattern like %Y/%m/%d")
        return value


class PagingSpec(Strict):
    """How to get from page to page.

    ``next`` is where the body has the token (cursor) or the URL (link; ``header`` for an HTTP Link
    header). ``durable`` says that a token stays good for ever and that new records come after it:
    then it is the cursor that is saved.
    """

    style: Literal["cursor", "page", "offset", "link", "none"] = "none"
    parameter: str | None = None
    next: str | None = None
    size_parameter: str | None = None
    size: int | None = Field(default=None, gt=0)
    start: int = 1
    durable: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.style in {"cursor", "page", "offset"} and not self.parameter:
            raise ValueError(f"paging by {self.style} needs parameter")
        if self.style in {"cursor", "link"} and not self.next:
            raise ValueError(f"paging by {self.style} needs next")
        if self.size_parameter and self.size is None:
            raise ValueError("size_parameter needs size")
        if self.durable and self.style != "cursor":
            raise ValueError("only paging by cursor can be durable")
        return self


class CallSpec(Strict):
    """One write. ``wrap`` is the key of the body under which the fields go."""

    method: Literal["POST", "PUT", "PATCH"]
    path: str
    wrap: str | None = None


class PushSpec(Strict):
    """How to write. ``id`` is where the answer has the record's id.

    ``key`` is a unique field of the vendor's that gets the hub's id, where a create with a known
    key updates instead. Without it a create whose answer was lost is never repeated.
    """

    create: CallSpec
    update: CallSpec
    id: str = "id"
    version: str | None = None
    key: str | None = None


class FetchSpec(Strict):
    """How to read one record again. ``record`` is where the body has it; by default it is it."""

    path: str
    record: str | None = None


class StreamSpec(Strict):
    """One stream type. ``each`` names a list option; every item of it is a stream of its own."""

    kind: Kind
    path: str
    records: str | None = None
    external_id: str
    changed_at: str | None = None
    version: str | None = None
    deleted: str | None = None
    activity: Activity | None = None
    unknown_people: UnknownPeople = "wait"
    each: str | None = None
    params: Mapping[str, str | int | bool] = Field(default_factory=dict)
    since: SinceSpec | None = None
    paging: PagingSpec = PagingSpec()
    push: PushSpec | None = None
    fetch: FetchSpec | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.since is not None and self.changed_at is None:
            raise ValueError("since needs changed_at: the cursor is the latest of these times")
        if self.since is not None and self.paging.durable:
            raise ValueError("a cursor is either a time (since) or a token (durable), not both")
        return self


class WebhookSpec(Strict):
    """A webhook that brings whole records: how it is signed and where they are in its body.

    ``signature`` is a name of ``connectors.kit.signatures.SCHEMES``. ``instance`` is where the body
    says which item of ``each`` it is about. Without ``event_id`` the body's hash is the id.
    """

    signature: str
    secret: str = Field(default="webhook_secret", pattern=SLUG)
    stream: str | None = None
    records: str | None = None
    instance: str | None = None
    event_id: str | None = None

    @field_validator("signature")
    @classmethod
    def _known(cls, value: str) -> str:
        from connectors.kit.signatures import SCHEMES  # only needed where a webhook is defined

        if value not in SCHEMES:
            raise ValueError(f'no scheme "{value}"; known are {", ".join(sorted(SCHEMES))}')
        return value


class IdentifySpec(Strict):
    """A request that shows that the credentials work. ``account`` is where the body names us."""

    path: str
    account: str | None = None


class OptionSpec(Strict):
    """One option of an operator beside base_url and the secrets; required without a default."""

    description: str
    type: Literal["text", "list"] = "text"
    default: str | tuple[str, ...] | None = None


class Definition(Strict):
    """A whole connector."""

    slug: str = Field(pattern=SLUG, max_length=40)
    name: str = Field(min_length=1)
    name_ja: str = ""
    kind: Role | None = None
    roles: tuple[Role, ...] = ()
    description: Description | None = None
    auth: AuthSpec
    requests: RequestSpec
    options: Mapping[str, OptionSpec] = Field(default_factory=dict)
    streams: Mapping[str, StreamSpec] = Field(min_length=1)
    webhooks: WebhookSpec | None = None
    identify: IdentifySpec | None = None
    index_lag: float = Field(default=0.0, ge=0)
    quality: Quality = Quality()
    unverified: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.kind) == bool(self.roles):
            raise ValueError("write kind (one role) or roles (several)")
        for type_, stream in self.streams.items():
            option = self.options.get(stream.each) if stream.each else None
            if stream.each and (option is None or option.type != "list"):
                raise ValueError(
                    f'streams.{type_}.each: "{stream.each}" must be an option with type: list'
                )
        hook = self.webhooks
        if hook is not None and hook.stream is None and len(self.streams) > 1:
            raise ValueError("webhooks.stream: say which of the streams its records are of")
        if hook is not None and hook.stream is not None and hook.stream not in self.streams:
            raise ValueError(f'webhooks.stream: there is no stream "{hook.stream}"')
        return self

    def manifest(self) -> Manifest:
        """What the registry and the hub read of it."""
        return Manifest(
            slug=self.slug,
            name=self.name,
            name_ja=self.name_ja,
            roles=self.roles or ((self.kind,) if self.kind else ()),
            description=self.description or Description(en=self.name),
            auth=Auth(schemes=(self.auth.scheme,)),
            streams={
                type_: StreamManifest(
                    kind=stream.kind,
                    pull=True,
                    push=stream.push is not None,
                    deletes=stream.deleted is not None,
                    activity=stream.activity,
                    unknown_people=stream.unknown_people,
                )
                for type_, stream in self.streams.items()
            },
            webhooks=Webhooks(style="whole" if self.webhooks else "none"),
            index_lag=self.index_lag,
            quality=self.quality,
            unverified=self.unverified,
        )

    def placeholders(self) -> frozenset[str]:
        """Every option that a path, parameter or header has a place for."""
        return frozenset(
            name
            for text in self._texts()
            for name in PLACEHOLDER.findall(text)
            if name not in NOT_OPTIONS
        )

    def _texts(self) -> Iterator[str]:
        yield from self.requests.headers.values()
        if self.identify is not None:
            yield self.identify.path
        for stream in self.streams.values():
            yield stream.path
            yield from (value for value in stream.params.values() if isinstance(value, str))
            if stream.push is not None:
                yield from (stream.push.create.path, stream.push.update.path)
            if stream.fetch is not None:
                yield stream.fetch.path


def options_model(definition: Definition) -> type[Strict]:
    """The model of what an operator writes for this connector."""
    name = definition.name
    fields: dict[str, Any] = {
        "base_url": (
            str,
            Field(default=definition.requests.base_url, description=f"Where {name} answers"),
        )
    }
    auth = definition.auth
    if auth.scheme == "basic":
        fields[auth.user] = (str, Field(description=f"The user that signs in to {name}"))
    if auth.scheme != "none":
        fields[auth.secret] = (SecretStr, Field(description=f"The secret that signs in to {name}"))
    if definition.webhooks is not None:
        fields[definition.webhooks.secret] = (
            SecretStr | None,
            Field(default=None, description=f"The secret with which {name} signs its webhooks"),
        )
    if any(stream.since for stream in definition.streams.values()):
        overlap = max(s.since.overlap for s in definition.streams.values() if s.since)
        fields["overlap"] = (
            float,
            Field(default=overlap, ge=0, description="Seconds that every pull reads again"),
        )
    for option, spec in definition.options.items():
        fields[option] = _option_field(spec)
    for option in sorted(definition.placeholders() - fields.keys()):
        text = f'Goes where {name}\'s paths and parameters say "{option}"'
        fields[option] = (str, Field(description=text))
    model: type[Strict] = create_model("Options", __base__=Strict, **fields)
    return model


def _option_field(spec: OptionSpec) -> tuple[Any, Any]:
    kind: Any = tuple[str, ...] if spec.type == "list" else str
    if spec.default is None:
        return kind, Field(description=spec.description)
    return kind, Field(default=spec.default, description=spec.description)
