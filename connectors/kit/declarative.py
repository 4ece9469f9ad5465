"""Runs a connector that is YAML only (``connectors.kit.definition``).

The connector that is built has the methods of what its YAML defines and no others, so that
``isinstance(connector, Pushes)`` tells the truth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from pydantic import BaseModel, SecretStr

from connectors.kit.auth import ApiKey, Auth, Basic, Bearer
from connectors.kit.base import Answer, Hook, Identity, News, Page, Record
from connectors.kit.body import dig, dig_all, flat, moment_of, since_text
from connectors.kit.definition import (
    PLACEHOLDER,
    AuthSpec,
    Definition,
    PagingSpec,
    StreamSpec,
    options_model,
)
from connectors.kit.errors import ConnectorError, ContractBroken, RecordGone, RecordRejected
from connectors.kit.paging import guarded
from connectors.kit.session import Reply, Session, Wiring
from connectors.kit.signatures import SCHEMES, verify

FALSE = frozenset({"", "0", "false", "no", "none", "null"})
LINK_NEXT = re.compile(r'<([^>]*)>[^,]*;\s*rel="?next"?')


@dataclass(frozen=True)
class Built:
    """A connector's two halves, as a Python package would export them."""

    options: type[BaseModel]
    connect: Callable[[BaseModel, Wiring], Core]


def build(definition: Definition) -> Built:
    """The options model and the ``connect`` of a defined connector."""
    from connectors.kit.declarative_push import Writer  # it is built on this module

    parts: list[type[Core]] = []
    if any(stream.push is not None for stream in definition.streams.values()):
        parts.append(Writer)
    if definition.webhooks is not None:
        parts.append(Listener)
    if any(stream.fetch is not None for stream in definition.streams.values()):
        parts.append(Fetcher)
    if definition.identify is not None:
        parts.append(Identifier)
    made: type[Core] = type(
        "Connector", (*parts, Core), {"__doc__": f"Talks to {definition.slug}."}
    )

    def connect(options: BaseModel, wiring: Wiring) -> Core:
        values = dict(options)
        requests = definition.requests
        session = wiring.session(
            base_url=values["base_url"],
            auth=_auth(definition.auth, values),
            throttle=wiring.throttle(requests.rate, requests.per),
            translate=_translator(definition),
            headers={name: fill(text, values) for name, text in requests.headers.items()},
            retry_after_header=requests.retry_after_header.lower(),
        )
        return made(definition, values, session, wiring)

    return Built(options_model(definition), connect)


class Core:
    """What every defined connector can: list its streams, pull them, flatten their payloads."""

    def __init__(
        self, definition: Definition, values: Mapping[str, Any], session: Session, wiring: Wiring
    ) -> None:
        self.definition = definition
        self.session = session
        self._values = values
        self._wiring = wiring
        self._zone = definition.requests.tz()

    def streams(self) -> Sequence[str]:
        """Stream types, or one stream for each item of their list option."""
        return [
            name
            for type_, spec in self.definition.streams.items()
            for name in (
                [f"{type_}:{item}" for item in self._values[spec.each]] if spec.each else [type_]
            )
        ]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Pages from the cursor on; without ``since`` or ``durable`` everything, every time."""
        spec = self.spec(stream)
        since = self._since(spec, cursor)
        latest = None if spec.since is None or cursor is None else _read_cursor(cursor)
        for found, led_here, leads_on in self._walk(stream, spec, since, cursor):
            records = [self.record(stream, item) for item in found]
            if spec.paging.durable:
                yield Page(records, leads_on or led_here)
                continue
            times = [record.changed_at for record in records if record.changed_at is not None]
            latest = max([*times, *([latest] if latest else [])], default=None)
            safe = spec.since is not None and spec.since.ascending
            yield Page(records, self._cursor(latest, cursor) if safe else cursor)
        if spec.since is not None and (end := self._cursor(latest, cursor)) != cursor:
            yield Page((), end)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 - all alike
        """Nested objects become dotted names."""
        return flat(payload)

    def spec(self, stream: str) -> StreamSpec:
        """What is defined for a stream's type."""
        return self.definition.streams[stream.partition(":")[0]]

    def path(self, template: str, stream: str, external_id: str = "") -> str:
        """A path with its placeholders filled, each quoted as one piece."""
        return fill(template, self._known(stream) | {"id": external_id}, in_path=True)

    def record(self, stream: str, item: Any) -> Record:
        """One item as a record; ContractBroken where it has no id or an unreadable time."""
        spec = self.spec(stream)
        external_id = dig(item, spec.external_id)
        if not isinstance(item, Mapping) or external_id in (None, ""):
            raise ContractBroken(f'a record of "{stream}" has no {spec.external_id}')
        written = dig(item, spec.changed_at) if spec.changed_at else None
        changed_at = moment_of(written, self._zone)
        if written not in (None, "") and changed_at is None:
            raise ContractBroken(
                f'record {external_id} of "{stream}" has a {spec.changed_at} that is no time'
            )
        version = dig(item, spec.version) if spec.version else written
        gone = dig(item, spec.deleted) if spec.deleted else None
        return Record(
            stream=stream,
            external_id=str(external_id),
            payload=item,
            version=None if version in (None, "") else str(version),
            changed_at=changed_at,
            deleted=str(gone).lower() not in FALSE,
        )

    def _known(self, stream: str) -> dict[str, Any]:
        each = self.spec(stream).each
        return {**self._values, **({each: stream.partition(":")[2]} if each else {})}

    def _since(self, spec: StreamSpec, cursor: str | None) -> dict[str, str]:
        if spec.since is None or cursor is None:
            return {}
        moment = _read_cursor(cursor) - timedelta(seconds=self._values["overlap"])
        return {spec.since.parameter: since_text(moment, spec.since.format, self._zone)}

    def _cursor(self, latest: datetime | None, cursor: str | None) -> str | None:
        """The latest change seen, but no time still to come: others may come before it."""
        return cursor if latest is None else min(latest, self._wiring.now()).isoformat()

    def _walk(
        self, stream: str, spec: StreamSpec, since: Mapping[str, str], cursor: str | None
    ) -> Iterator[tuple[list[Any], str | None, str | None]]:
        """Each page's items, what led to it, and what leads on."""
        paging = spec.paging
        known = self._known(stream)
        params: dict[str, Any] = {
            name: fill(value, known) if isinstance(value, str) else value
            for name, value in spec.params.items()
        }
        params |= since
        if paging.size_parameter:
            params[paging.size_parameter] = paging.size
        first = str(paging.start) if paging.style == "page" else None
        first = cursor if paging.durable else first
        path = self.path(spec.path, stream)

        def pages() -> Iterator[tuple[list[Any], str | None, str | None]]:
            token, read = first, 0
            while True:
                reply = self._ask(path, params, paging, token)
                items = _items(reply, spec, stream)
                read += len(items)
                onward = self._onward(paging, reply, token, len(items), read)
                yield items, token, onward
                if not onward:
                    return
                token = onward

        return guarded(pages(), what=f'the list of "{stream}"', key=lambda page: page[2])

    def _ask(
        self, path: str, params: Mapping[str, Any], paging: PagingSpec, token: str | None
    ) -> Reply:
        if paging.style == "link" and token is not None:
            return self.session.get(token)
        place = {paging.parameter: token} if paging.parameter and token is not None else {}
        return self.session.get(path, params={**params, **place})

    def _onward(
        self, paging: PagingSpec, reply: Reply, token: str | None, count: int, read: int
    ) -> str | None:
        full = count > 0 and (paging.size is None or count >= paging.size)
        match paging.style:
            case "page":
                return str(int(token or paging.start) + 1) if full else None
            case "offset":
                return str(read) if full else None
            case "cursor":
                found = dig(reply.json(), paging.next)
                return None if found in (None, "", False) else str(found)
            case "link":
                return self._link(paging, reply)
            case _:
                return None

    def _link(self, paging: PagingSpec, reply: Reply) -> str | None:
        if paging.next == "header":
            found = LINK_NEXT.search(reply.headers.get("link", ""))
            url = found[1] if found else None
        else:
            url = dig(reply.json(), paging.next)
        if not url:
            return None
        ours, theirs = urlsplit(self.session.base_url), urlsplit(str(url))
        if theirs.netloc and (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            raise ContractBroken("the next page is at another address; our secret stays here")
        return str(url)


class Fetcher(Core):
    """Reads single records again."""

    def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[Record]:
        """The records; one that is not found comes back as deleted."""
        call = self.spec(stream).fetch
        if call is None:
            raise ContractBroken(f'"{stream}" has no fetch in its connector.yaml')
        records = []
        for external_id in external_ids:
            try:
                reply = self.session.get(self.path(call.path, stream, external_id))
            except RecordGone:
                records.append(Record(stream, external_id, {}, deleted=True))
            else:
                records.append(self.record(stream, dig(reply.json(), call.record)))
        return records


class Identifier(Core):
    """Says who we are at the vendor."""

    def identify(self) -> Identity:
        """The account's name, where the definition says where it is."""
        call = self.definition.identify
        body = self.session.get(fill(call.path, self._values) if call else "/").json()
        account = dig(body, call.account) if call and call.account else None
        return Identity(
            account=str(account or self.definition.name), clock_offset=self.session.clock_offset
        )


class Listener(Core):
    """Takes webhooks that bring whole records."""

    def verify(self, hook: Hook) -> Answer | None:
        """Return when the vendor signed it; else BadSignature."""
        defined = self.definition.webhooks
        secret = self._values.get(defined.secret) if defined else None
        secrets = [secret.get_secret_value()] if isinstance(secret, SecretStr) else []
        verify(SCHEMES[defined.signature if defined else ""], hook, secrets, self._wiring.now())
        return None

    def read_hook(self, hook: Hook) -> News:
        """The records in the body; none where they are of a stream that is not configured."""
        defined = self.definition.webhooks
        try:
            body = orjson.loads(hook.body)
        except orjson.JSONDecodeError:
            raise ContractBroken("a webhook's body is not JSON") from None
        if defined is None:
            return News(event_ids=())
        event = dig(body, defined.event_id) if defined.event_id else None
        event_ids = (str(event) if event else sha256(hook.body).hexdigest(),)
        stream = defined.stream or next(iter(self.definition.streams))
        if self.definition.streams[stream].each:
            stream = f"{stream}:{dig(body, defined.instance)}"
        if stream not in self.streams():
            return News(event_ids)
        found = dig(body, defined.records)
        items = found if isinstance(found, list) else [found]
        return News(event_ids, records=tuple(self.record(stream, item) for item in items))


def fill(template: str, values: Mapping[str, Any], *, in_path: bool = False) -> str:
    """The template with ``{option}`` replaced by the operator's value, quoted for a path."""

    def value_of(found: re.Match[str]) -> str:
        value = values[found[1]]
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        return quote(text, safe="") if in_path else text

    return PLACEHOLDER.sub(value_of, template)


def _auth(spec: AuthSpec, values: Mapping[str, Any]) -> Auth | None:
    if spec.scheme == "none":
        return None
    secret: str = values[spec.secret].get_secret_value()
    match spec.scheme:
        case "api_key":
            return ApiKey(spec.header, secret)
        case "basic":
            return Basic(values[spec.user], secret)
        case _:
            return Bearer(secret)


def _translator(definition: Definition) -> Callable[[Reply], ConnectorError | None]:
    """Reads the vendor's code and fields of a refused record; other refusals go by status."""
    where, slug = definition.requests.errors, definition.slug

    def translate(reply: Reply) -> ConnectorError | None:
        if reply.status not in {400, 422}:
            return None
        body = reply.json()
        said = [str(item) for item in dig_all(body, where.field)] if where.field else []
        fields = tuple(name for name in dict.fromkeys(said) if len(name) <= 80 and "@" not in name)
        word = str(dig(body, where.code) or "") if where.code else ""
        code = re.sub(r"[^A-Z0-9]+", "_", word.upper())[:60].strip("_") or "REJECTED"
        named = f": {', '.join(fields)}" if fields else ""
        return RecordRejected(
            f"{definition.name} refused the record ({reply.status} {code}){named}",
            status=reply.status,
            code=f"{slug.upper()}_{code}",
            fields=fields,
        )

    return translate


def _items(reply: Reply, spec: StreamSpec, stream: str) -> list[Any]:
    body = reply.json()
    found = dig(body, spec.records)
    if isinstance(found, list):
        return found
    parent, _, last = (spec.records or "").rpartition(".")
    holder = dig(body, parent)
    if found is None and spec.records and isinstance(holder, Mapping) and last in holder:
        return []
    place = f'"{spec.records}"' if spec.records else "its top"
    raise ContractBroken(f'an answer for "{stream}" has no list at {place}')


def _read_cursor(cursor: str) -> datetime:
    try:
        return datetime.fromisoformat(cursor)
    except ValueError:
        raise ContractBroken("the saved cursor is no time; backfill this stream") from None
