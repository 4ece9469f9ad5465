"""The connector: what an instance can be asked, each in a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

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
from connectors.kit.errors import AuthFailed, RecordRejected
from connectors.kit.session import Quota, Session
from connectors.marketo import describe, hooks
from connectors.marketo.activities import STREAM as ACTIVITIES
from connectors.marketo.activities import ActivityPuller, flat
from connectors.marketo.api import MOST, Api
from connectors.marketo.leads import STREAM as LEADS
from connectors.marketo.leads import LeadPuller
from connectors.marketo.options import Options
from connectors.marketo.push import Pusher

HOST_END = ".mktorest.com"


class Connector:
    """One Marketo instance."""

    batch_size = MOST

    def __init__(self, options: Options, api: Api) -> None:
        self.options = options
        self.api = api
        self._leads = LeadPuller(api)
        self._activities = ActivityPuller(api)
        self._pusher = Pusher(api)

    @property
    def session(self) -> Session:
        """The way to the instance."""
        return self.api.session

    def streams(self) -> Sequence[str]:
        """People, and what they did."""
        return [LEADS, ACTIVITIES]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Pages of a stream."""
        puller = self._activities if stream == ACTIVITIES else self._leads
        return puller.pull(cursor)

    def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[Record]:
        """Leads read again. An activity never changes and cannot be asked for: none."""
        return [] if stream == ACTIVITIES else self._leads.fetch(external_ids)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """A lead as it is; an activity with its attributes by name."""
        return flat(payload) if stream == ACTIVITIES else payload

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Write leads; activities are only read."""
        mine = [change for change in changes if change.stream == LEADS]
        others = [change for change in changes if change.stream != LEADS]
        said = self._pusher.push(mine) if mine else []
        return [*said, *(_not_ours(change) for change in others)]

    def fields(self, stream: str) -> Sequence[FieldSpec]:
        """Every field of a lead, or of the kinds of activity that there are."""
        if stream == ACTIVITIES:
            return describe.activity_fields(self.api.types().values())
        return describe.lead_fields(self.api.fields().values())

    def stages(self, stream: str) -> Sequence[StageSpec]:  # noqa: ARG002 - alike for both
        """None: ``leadStatus`` is free text, and the revenue model is not in this API."""
        return []

    def identify(self) -> Identity:
        """The instance, what the API-only user may not read, and what is left of today's calls."""
        used = self.api.used_today()
        left = max(self.options.daily_quota - used, 0)
        self.session.quota = Quota(left=left, limit=self.options.daily_quota)
        wanted: dict[str, Callable[[], object]] = {
            "Read-Only Lead": self.api.fields,
            "Read-Only Activity": self.api.types,
        }
        return Identity(
            account=f"Marketo {_instance(self.options.base_url)}",
            scopes_missing=tuple(name for name, ask in wanted.items() if not _may(ask)),
            quota_left=left,
            quota_max=self.options.daily_quota,
            clock_offset=self.session.clock_offset,
        )

    def verify(self, hook: Hook) -> Answer | None:
        """Nothing when the hook has our secret; else BadSignature. There is no handshake."""
        hooks.check(hook, self.options, self.api.now())
        return None

    @property
    def taken(self) -> Answer:
        """An empty object: an empty body Marketo notes as an error of the campaign's step."""
        return hooks.TAKEN

    def read_hook(self, hook: Hook) -> News:
        """Which lead to read again."""
        return hooks.read(hook)


def _instance(base_url: str) -> str:
    return urlsplit(base_url).netloc.removesuffix(HOST_END).upper()


def _may(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except AuthFailed as error:
        if error.code != "FORBIDDEN":
            raise
        return False
    return True


def _not_ours(change: Change) -> Outcome:
    reason = f"Marketo {change.stream} are only read: take them out of the connection's push"
    error = RecordRejected(reason, code="NOT_WRITABLE")
    return Outcome(change.key, Status.FAILED, change.external_id, error=error)
