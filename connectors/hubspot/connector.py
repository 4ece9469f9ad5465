"""The connector: what a portal can be asked, each in a module of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.hubspot import describe, hooks
from connectors.hubspot.api import ACCOUNT, MOST_PER_BATCH, READ, Api
from connectors.hubspot.describe import FLATTENED
from connectors.hubspot.forms import STREAM as FORM_STREAM
from connectors.hubspot.forms import FormPuller
from connectors.hubspot.options import Options
from connectors.hubspot.pull import OBJECTS, Puller
from connectors.hubspot.push import Pusher
from connectors.hubspot.translate import missing_scopes
from connectors.hubspot.writes import STREAM as PUSHED
from connectors.kit.base import (
    Answer,
    Change,
    FieldSpec,
    Hook,
    Identity,
    News,
    Outcome,
    Page,
    Record,
    StageSpec,
    Status,
)
from connectors.kit.errors import RecordRejected


class Connector:
    """One HubSpot portal."""

    batch_size = MOST_PER_BATCH

    def __init__(self, options: Options, api: Api) -> None:
        self.options = options
        self.api = api
        self._objects = Puller(api)
        self._forms = FormPuller(api)
        self._pusher = Pusher(api)

    def streams(self) -> Sequence[str]:
        """The objects, and the forms: all in one stream, or one each where they are named."""
        forms = [f"{FORM_STREAM}:{form}" for form in self.options.form_ids] or [FORM_STREAM]
        return [*OBJECTS[:3], *forms, *OBJECTS[3:]]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Pages of a stream."""
        puller = self._forms if _is_form(stream) else self._objects
        return puller.pull(stream, cursor)

    def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[Record]:
        """Records read again. A submission never changes and cannot be asked for: none."""
        return [] if _is_form(stream) else self._objects.fetch(stream, external_ids)

    def ids(self, stream: str) -> Iterator[str]:
        """Every id there is."""
        return self._forms.ids(stream) if _is_form(stream) else self.api.ids(stream)

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Write contacts; other objects are only read."""
        mine = [change for change in changes if change.stream == PUSHED]
        said = self._pusher.push(mine) if mine else []
        others = [change for change in changes if change.stream != PUSHED]
        return [*said, *(_not_ours(change) for change in others)]

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Properties by name, and what we add to them."""
        return FLATTENED[stream.partition(":")[0]](payload)

    def fields(self, stream: str) -> Sequence[FieldSpec]:
        """Every property, or every question of the forms."""
        if _is_form(stream):
            return describe.form_fields(self.api.forms(), self._forms.forms(stream))
        return describe.fields(stream, self.api.properties(stream))

    def stages(self, stream: str) -> Sequence[StageSpec]:
        """Life cycle stages of people and companies, pipeline stages of deals."""
        if stream == "deals":
            return describe.deal_stages(self.api.pipelines(stream))
        if stream in {"contacts", "companies"}:
            return describe.lifecycle_stages(self.api.properties(stream))
        return []

    def identify(self) -> Identity:
        """The portal, and the scopes to read that are missing; found out by reading a little."""
        account = self.api.session.get(ACCOUNT).json()
        probes = (self.api.probe(path) for path in READ)
        missing = dict.fromkeys(scope for reply in probes for scope in missing_scopes(reply))
        session = self.api.session
        return Identity(
            account=f"HubSpot portal {account['portalId']}",
            scopes_missing=tuple(missing),
            quota_left=session.quota.left,
            quota_max=session.quota.limit,
            clock_offset=session.clock_offset,
        )

    def verify(self, hook: Hook) -> Answer | None:
        """Nothing when the hook is HubSpot's; else BadSignature. There is no handshake."""
        hooks.check(hook, self.options)
        return None

    def read_hook(self, hook: Hook) -> News:
        """Which records to read again."""
        return hooks.read(hook, self.options.portal_id)


def _is_form(stream: str) -> bool:
    return stream.partition(":")[0] == FORM_STREAM


def _not_ours(change: Change) -> Outcome:
    reason = f"HubSpot {change.stream} are only read: take them out of the connection's push"
    error = RecordRejected(reason, code="NOT_WRITABLE")
    return Outcome(change.key, Status.FAILED, change.external_id, error=error)
