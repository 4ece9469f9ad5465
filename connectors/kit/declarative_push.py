"""The writing half of a connector that is YAML only: one request for each change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.kit.base import Change, Outcome, Status
from connectors.kit.body import dig
from connectors.kit.declarative import Core
from connectors.kit.definition import PushSpec
from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.session import Reply


class Writer(Core):
    """Writes changes one by one and stops at the first that says the vendor is not to be had."""

    batch_size = 20

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome per change. Raises only when nothing was written before the failure."""
        outcomes: list[Outcome] = []
        for place, change in enumerate(changes):
            try:
                outcomes.append(self._write(change))
            except (RecordRejected, RecordGone, Conflict, ContractBroken) as error:
                outcomes.append(failed(change, error))
            except (RateLimited, Unavailable, AuthFailed) as error:
                if not outcomes:
                    raise
                outcomes.append(failed(change, error))
                rest = changes[place + 1 :]
                return [*outcomes, *(failed(later, _not_tried(error)) for later in rest)]
        return outcomes

    def _write(self, change: Change) -> Outcome:
        spec = self.spec(change.stream).push
        if spec is None:
            raise RecordRejected(f'"{change.stream}" has no push in its connector.yaml')
        if change.external_id is None:
            return self._create(change, spec)
        reply = self._call(change, spec, dict(change.values), safe=True)
        return self._outcome(change, spec, reply, Status.UPDATED)

    def _create(self, change: Change, spec: PushSpec) -> Outcome:
        values = {name: value for name, value in change.values.items() if value is not None}
        if spec.key is not None:
            values[spec.key] = change.key
        reply = self._call(change, spec, values, safe=spec.key is not None)
        known = spec.key is not None and reply.status == 200
        outcome = self._outcome(change, spec, reply, Status.UPDATED if known else Status.CREATED)
        if outcome.external_id is None:
            raise Unavailable(
                f'a create in "{change.stream}" was answered without an id at "{spec.id}"',
                maybe_applied=True,
                code="UNREADABLE_ANSWER",
            )
        return outcome

    def _call(self, change: Change, spec: PushSpec, values: dict[str, Any], *, safe: bool) -> Reply:
        call = spec.create if change.external_id is None else spec.update
        path = self.path(call.path, change.stream, change.external_id or "")
        body = {call.wrap: values} if call.wrap else values
        return self.session.request(call.method, path, json=body, safe=safe)

    def _outcome(self, change: Change, spec: PushSpec, reply: Reply, status: Status) -> Outcome:
        body: Any = None
        if reply.content:
            try:
                body = reply.json()
            except ContractBroken as error:
                raise Unavailable(
                    str(error), maybe_applied=True, code="UNREADABLE_ANSWER"
                ) from error
        found = dig(body, spec.id)
        version = dig(body, spec.version) if spec.version else None
        return Outcome(
            key=change.key,
            status=status,
            external_id=change.external_id if found in (None, "") else str(found),
            version=None if version in (None, "") else str(version),
        )


def failed(change: Change, error: ConnectorError) -> Outcome:
    """The outcome of a change that was not written."""
    return Outcome(change.key, Status.FAILED, external_id=change.external_id, error=error)


def _not_tried(error: ConnectorError) -> ConnectorError:
    """The same trouble for a change that was never sent: its fate is known."""
    if isinstance(error, Unavailable) and error.maybe_applied:
        return Unavailable("not sent: an earlier change of the batch got no answer")
    return error
