"""A connector as careless as can be: its errors quote the vendor, addresses and people."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict

from connectors.kit.base import Change, Hook, News, Outcome, Page, Record, Ref, Status
from connectors.kit.errors import BadSignature, ConnectorError, RecordRejected
from connectors.kit.session import Reply, Session, Wiring

__all__ = ["Connector", "Options", "connect"]


log = logging.getLogger("renkei.gossip")


class Options(BaseModel):
    """None."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Connector:
    """Pulls, pushes and takes webhooks; ``explode`` in what it reads makes it fail badly."""

    batch_size = 10

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seen: set[bytes] = set()

    def streams(self) -> list[str]:
        return ["companies", "people", "deals", "calls"]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        said = self.session.get(f"/{stream}", params={"owner": "zq-owner@zq.example"}).json()
        if said.get("explode") == "pull":
            raise ValueError(said)
        if cursor != said["cursor"]:
            yield Page([_record(stream, one) for one in said["records"]], cursor=said["cursor"])

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        if payload.get("explode") == "flatten":
            raise KeyError(payload["family_name"])
        return payload

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        return [self._write(one) for one in changes]

    def _write(self, change: Change) -> Outcome:
        path = f"/people?email={change.values.get('email')}"
        log.warning(f"now writing {change.values}")  # noqa: G004 - as careless as can be
        log.info("to %s of %s", path, change, extra={"email": change.values.get("email"), path: 1})
        try:
            said = self.session.post(path, json=dict(change.values)).json()
        except RecordRejected as error:
            return Outcome(change.key, Status.FAILED, error=error)
        if said.get("explode") == "push":
            raise RuntimeError(f"{change.values}")
        return Outcome(change.key, Status.CREATED, external_id=said["id"])

    def verify(self, hook: Hook) -> None:
        if hook.headers.get("x-signature") == "explode":
            raise LookupError(hook.body, hook.headers)
        if hook.headers.get("x-signature") != "right":
            raise BadSignature(f"{hook.url} {hook.headers} {hook.body!r}")

    def read_hook(self, hook: Hook) -> News:
        said = orjson.loads(hook.body)
        if said.get("explode") == "read" and hook.body in self.seen:
            raise TypeError(hook.body.decode())
        self.seen.add(hook.body)
        return News((said["id"],), records=[_record("people", said)])


def _record(stream: str, payload: Mapping[str, Any]) -> Record:
    refs = () if stream in ("people", "companies") else (Ref("people", str(payload["of"])),)
    return Record(stream, str(payload["id"]), payload, refs=refs)


def _translated(reply: Reply) -> ConnectorError | None:
    if reply.status == 400:
        return RecordRejected(f"{reply.url} said {reply.content!r} {reply.headers}")
    return None


def connect(_options: Options, wiring: Wiring) -> Connector:
    return Connector(wiring.session(base_url="https://zq.example", translate=_translated))
