"""Writing to an app, a hundred records at a time, and finding the one that spoils a batch.

A batch is written all or none. What is new is upserted by the key field, so that a second try adds
nothing twice; what is known is updated by id and revision, and never upserted: an upsert of a
deleted id would add a new record. Where kintone says which fields it refuses, those are left out
and the rest is written; where it does not say, the batch is halved until the culprit stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kintone.api import Kintone
from connectors.kintone.options import App
from connectors.kintone.process import Process, Wish
from connectors.kintone.translate import cell, places, said, translate
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordRejected,
    Unavailable,
)
from connectors.kit.session import Reply

MOST = 100
"""Records of one write (kintone REST API spec)."""
KEY_LENGTH = 64
"""Characters of an updateKey's value (kintone REST API spec)."""
NOT_WRITABLE = frozenset(
    {"CALC", "CATEGORY", "STATUS", "STATUS_ASSIGNEE", "RECORD_NUMBER", "GROUP"}
    | {"CREATOR", "CREATED_TIME", "MODIFIER", "UPDATED_TIME", "REFERENCE_TABLE"}
)
"""Types the API does not write (cybozu developer network, limits of the REST API)."""
PASSING = (RateLimited, Unavailable, AuthFailed, ContractBroken)


@dataclass
class Item:
    """One change on its way: its cells, and what was left out of them."""

    change: Change
    cells: dict[str, Any]
    refused: dict[str, ConnectorError]
    stage: str | None = None
    outcome: Outcome | None = None

    @property
    def spot(self) -> tuple[bool, str]:
        """The record it writes to; no batch may name one twice."""
        new = self.change.external_id is None
        return new, self.change.key if new else str(self.change.external_id)


@dataclass
class Writer:
    """Writes changes to one app."""

    kintone: Kintone
    app: App
    written: int = 0

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome per change. What passes by itself is raised while nothing is written yet."""
        self._check_key()
        items = [self._item(change) for change in changes]
        for new in (True, False):
            for batch in _batches(
                [one for one in items if (one.change.external_id is None) is new]
            ):
                self._guarded(batch, new=new)
        self._move([one for one in items if one.stage is not None])
        return [one.outcome for one in items if one.outcome is not None]

    def _check_key(self) -> None:
        """Stop where the key field would not keep records from being added twice."""
        key = self.app.key_field
        if key is not None and not self.kintone.form(self.app).fields.get(key, {}).get("unique"):
            self.kintone.forms.pop(self.app.app)
            raise ContractBroken(
                f'kintone app {self.app.app} needs a text field with the field code "{key}" that '
                "prohibits duplicate values: add it, or set apps.*.key_field of the connection",
                code="KINTONE_NO_KEY",
            )

    def _item(self, change: Change) -> Item:
        """The change as cells, without what the form does not take.

        kintone ignores unknown field codes in silence: what is not said here is never said.
        """
        form = self.kintone.form(self.app)
        status = form.code_of("STATUS") if self.app.status else None
        if any(code not in form.fields for code in change.values):
            form = self.kintone.form(self.app, fresh=True)
        item = Item(change, {}, {})
        for code, value in change.values.items():
            if status is not None and code == status:
                item.stage = str(value) if value else None
            elif code not in form.fields:
                item.refused[code] = self._refusal(code, "no such field", "KINTONE_NO_FIELD")
            elif form.fields[code]["type"] in NOT_WRITABLE:
                item.refused[code] = self._refusal(code, "not writable", "KINTONE_READ_ONLY")
            elif code != self.app.key_field or change.external_id is not None:
                item.cells[code] = cell(value, form.fields[code]["type"])
        return item

    def _refusal(self, code: str, why: str, key: str) -> RecordRejected:
        text = f'kintone app {self.app.app}: field code "{code}": {why}; check the field map'
        return RecordRejected(text, code=key, fields=(code,))

    def _guarded(self, batch: list[Item], *, new: bool) -> None:
        """Write a batch; after the first success a failure of the rest becomes its outcomes."""
        try:
            self._write(batch, new=new)
        except PASSING as error:
            if not self.written:
                raise
            for one in batch:
                if one.outcome is None:
                    self._fail(one, error)

    def _write(self, batch: list[Item], *, new: bool) -> None:
        ready = [one for one in batch if self._worth(one, new=new)]
        if not ready:
            return
        reply = self._send(ready, new=new)
        if reply.status < 300:
            self._done(ready, reply, new=new)
            return
        error = translate(reply) or RecordRejected(f"kintone refused a batch ({reply.status})")
        if isinstance(error, PASSING):
            raise error
        wrong = {(at, code) for at, code in places(said(reply)) if at < len(ready)}
        if wrong:
            self._leave_out(ready, wrong, error)
            self._write([one for one in ready if one.outcome is None], new=new)
        elif len(ready) == 1:
            self._fail(ready[0], error)
        else:
            middle = len(ready) // 2
            self._guarded(ready[:middle], new=new)
            self._guarded(ready[middle:], new=new)

    def _worth(self, item: Item, *, new: bool) -> bool:
        """Whether there is something to write; where there is not, the outcome is settled."""
        if item.cells or (new and not item.refused):
            return True
        if item.refused:
            error = next(iter(item.refused.values()))
            self._fail(item, error)
        elif item.stage is None:
            change = item.change
            item.outcome = Outcome(
                change.key, Status.UNCHANGED, change.external_id, version=change.version
            )
        else:
            item.outcome = Outcome(item.change.key, Status.UPDATED, item.change.external_id)
        return False

    def _send(self, batch: Sequence[Item], *, new: bool) -> Reply:
        session, path = self.kintone.session, self.kintone.path("records")
        accept = (400, 404, 409)
        if new and self.app.key_field is None:
            body = {"app": self.app.app, "records": [one.cells for one in batch]}
            return session.post(path, json=body, accept=accept)
        records = [self._aimed(one) for one in batch]
        body = {"app": self.app.app, "upsert": new, "records": records}
        locked = any("revision" in record for record in records)
        return session.put(path, json=body, accept=accept, safe=not locked)

    def _aimed(self, item: Item) -> dict[str, Any]:
        change = item.change
        if change.external_id is None:
            key = {"field": self.app.key_field, "value": change.key[:KEY_LENGTH]}
            return {"updateKey": key, "record": item.cells}
        aimed: dict[str, Any] = {"id": change.external_id, "record": item.cells}
        if change.version is not None:
            aimed["revision"] = change.version
        return aimed

    def _done(self, batch: Sequence[Item], reply: Reply, *, new: bool) -> None:
        for item, (record, revision, made) in zip(batch, _answers(reply.json(), new), strict=True):
            status = Status.CREATED if made else Status.UPDATED
            item.outcome = Outcome(
                item.change.key, status, record, version=revision, refused=item.refused
            )
        self.written += len(batch)

    def _leave_out(
        self, batch: Sequence[Item], wrong: set[tuple[int, str]], error: ConnectorError
    ) -> None:
        """Take the refused fields out; a record whose missing field is the trouble fails."""
        for at, code in sorted(wrong):
            item = batch[at]
            if item.outcome is not None:
                continue
            if item.cells.pop(code, None) is None:
                text = f'kintone app {self.app.app}: field "{code}" must be filled or is refused'
                why = RecordRejected(text, status=400, code=error.code, fields=(code,))
                self._fail(item, why)
            else:
                item.refused[code] = self._refusal(code, "value refused", "KINTONE_VALUE")

    def _fail(self, item: Item, error: ConnectorError) -> None:
        change = item.change
        item.outcome = Outcome(
            change.key, Status.FAILED, change.external_id, error=error, refused=item.refused
        )

    def _move(self, items: Sequence[Item]) -> None:
        """Take the actions that lead to the stages asked for."""
        wishes: dict[str, Wish] = {}
        for item in items:
            done = item.outcome
            if item.stage and done is not None and done.external_id and done.error is None:
                wishes[done.external_id] = Wish(done.external_id, item.stage)
        if not wishes:
            return
        code = self.kintone.form(self.app).code_of("STATUS") or ""
        Process(self.kintone, self.app, code).move(list(wishes.values()))
        for item in items:
            done = item.outcome
            if done is not None and done.external_id in wishes:
                item.outcome = wishes[done.external_id].settle(done, code)


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Batches of at most a hundred in which no record comes twice."""
    batch: list[Item] = []
    spots: set[tuple[bool, str]] = set()
    for item in items:
        if len(batch) == MOST or item.spot in spots:
            yield batch
            batch, spots = [], set()
        batch.append(item)
        spots.add(item.spot)
    if batch:
        yield batch


def _answers(body: Mapping[str, Any], new: bool) -> Iterator[tuple[str, str, bool]]:
    """Of each record written: id, revision, whether it was added."""
    if "records" in body:
        for one in body["records"]:
            yield str(one["id"]), str(one["revision"]), one.get("operation") == "INSERT"
    else:
        for record, revision in zip(body["ids"], body["revisions"], strict=True):
            yield str(record), str(revision), new
