"""The values that cross the border between a vendor and the hub, and what a connector can do.

A connector has the capabilities whose methods it has: ask ``isinstance(connector, Pushes)``. There
is no base class full of methods that raise NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from connectors.kit.errors import ConnectorError


class Kind(StrEnum):
    """What the records of a stream are about."""

    LEAD = "lead"
    ACCOUNT = "account"
    DEAL = "deal"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Ref:
    """A pointer from one record to another of the same connection."""

    stream: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """One object as the vendor holds it. The payload is not interpreted here.

    ``version`` is the vendor's own mark of this state (revision, updatedAt, SystemModstamp, token);
    with (stream, external_id) it is what a repeated delivery is recognised by. None: the hub uses a
    hash of the payload. ``previous_ids`` are ids that the vendor merged into, or converted to, this
    record: the hub moves their links here. ``refs`` are the records this one belongs to (the
    contacts of a deal, the company of a contact, the person of a call), most important first.
    """

    stream: str
    external_id: str
    payload: Mapping[str, Any]
    version: str | None = None
    changed_at: datetime | None = None
    deleted: bool = False
    previous_ids: tuple[Ref, ...] = ()
    refs: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some records and the cursor that is safe to save after them.

    ``cursor`` is opaque to everyone but the connector, and inclusive: pulling from it again may
    repeat records, never miss one. ``total`` is the vendor's count for the pull where it says.
    """

    records: Sequence[Record]
    cursor: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What we ask a vendor to write to one record.

    ``key`` is the hub's lead id: the create-once key (external id field, trace id), equal in the
    outcome. ``external_id`` None means create (or upsert by the key). ``values`` are flat vendor
    fields as the field map wrote them; None clears a field. ``version`` is the vendor's mark we
    last saw, for vendors with optimistic locks. ``before`` is what the vendor last held for these
    fields, as far as the hub knows.
    """

    stream: str
    key: str
    values: Mapping[str, Any]
    external_id: str | None = None
    version: str | None = None
    before: Mapping[str, Any] = field(default_factory=dict)


class Status(StrEnum):
    """What became of a change."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change. ``error`` is set exactly when ``status`` is failed.

    ``external_id`` may differ from the change's when the vendor redirected the write (merged or
    converted record). ``stream`` is where the record now lives if it moved. ``version`` is the
    vendor's mark after the write. ``refused`` maps vendor fields that were not written, although
    the rest was, to why. ``held`` are vendor fields whose value after the write, read back, is not
    what was sent (a stage that would not go backwards).
    """

    key: str
    status: Status
    external_id: str | None = None
    stream: str | None = None
    version: str | None = None
    error: ConnectorError | None = None
    refused: Mapping[str, ConnectorError] = field(default_factory=dict)
    held: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a picklist. ``value`` is what the API takes; ``label`` is what people see."""

    value: str
    label: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a stream as the vendor describes it.

    ``type`` is one of text, email, phone, number, boolean, date, datetime, picklist, multipicklist,
    url, reference, file, other. ``record_types`` maps a record type's name to the option values it
    allows, for vendors that restrict picklists by record type. ``max_length`` is in characters.
    """

    name: str
    label: str
    type: str
    vendor_type: str = ""
    required: bool = False
    writable: bool = True
    unique: bool = False
    max_length: int | None = None
    options: tuple[Option, ...] = ()
    record_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageSpec:
    """One stage of a pipeline or status list at the vendor."""

    value: str
    label: str
    order: int = 0
    closed: bool = False
    won: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the vendor says we are: the account, its scopes, and what is left of the quota.

    ``clock_offset`` is the vendor's Date header minus our clock, in seconds.
    """

    account: str
    scopes_missing: tuple[str, ...] = ()
    quota_left: int | None = None
    quota_max: int | None = None
    clock_offset: float | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook request, as received. Header names are lower case; ``body`` is the raw bytes.

    ``url`` is the public URL that was called, query string included.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """What a webhook tells us: whole records, or only which records to read again.

    ``event_ids`` are the vendor's ids of the deliveries, for the hub's own de-duplication.
    """

    event_ids: tuple[str, ...]
    records: tuple[Record, ...] = ()
    changed: tuple[Ref, ...] = ()
    deleted: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer a webhook with: a vendor's handshake, or that it was taken in."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


@runtime_checkable
class Pulls(Protocol):
    """Can read. Pages come in an order that makes every cursor safe.

    ``streams`` are this connection's stream names (one per form or app where the vendor's things
    are made by its customers: ``responses:abc123``). The part before the first colon is the stream
    type, which the manifest and the field map name.
    """

    def streams(self) -> Sequence[str]: ...
    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]: ...


@runtime_checkable
class Fetches(Protocol):
    """Can read single records again by id; used for webhooks that are hints, and after conflicts.

    A record that is gone comes back with ``deleted``; one that was merged comes back as the
    survivor, with the asked id among ``previous_ids``.
    """

    def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[Record]: ...


@runtime_checkable
class Flattens(Protocol):
    """Turns a payload into flat vendor fields for the field map. Without it the payload is flat.

    Pure: no network, the same answer for the same payload.
    """

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]: ...


@runtime_checkable
class Pushes(Protocol):
    """Can write. One outcome per change, in any order, told apart by ``key``.

    ``batch_size`` is the most changes one call takes. Raises RateLimited, Unavailable or AuthFailed
    when nothing, or nothing known, was written; the failure of a single change is an outcome.
    """

    batch_size: int

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]: ...


@runtime_checkable
class PushesInBulk(Pushes, Protocol):
    """Has another way to write for when much is owed.

    From ``bulk_from`` changes on, up to ``bulk_size`` come in one call, which may take minutes.
    """

    bulk_from: int
    bulk_size: int


@runtime_checkable
class ReceivesWebhooks(Protocol):
    """Can be told. ``verify`` raises BadSignature, or returns an Answer for a handshake."""

    def verify(self, hook: Hook) -> Answer | None: ...
    def read_hook(self, hook: Hook) -> News: ...


@runtime_checkable
class AnswersHooks(Protocol):
    """Its vendor wants to hear more than an empty 200 when a webhook was taken in."""

    @property
    def taken(self) -> Answer: ...


@runtime_checkable
class Describes(Protocol):
    """Knows its fields, picklists and stages."""

    def fields(self, stream: str) -> Sequence[FieldSpec]: ...
    def stages(self, stream: str) -> Sequence[StageSpec]: ...


@runtime_checkable
class ListsIds(Protocol):
    """Can list every id of a stream, for sweeps that find silent deletes."""

    def ids(self, stream: str) -> Iterator[str]: ...


@runtime_checkable
class Identifies(Protocol):
    """Can say who we are there; used by ``renkei check --connect``."""

    def identify(self) -> Identity: ...


@runtime_checkable
class Subscribes(Protocol):
    """Can register its own webhook at the vendor. Safe to call again with the same address."""

    def subscribe(self, url: str) -> None: ...
