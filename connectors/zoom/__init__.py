"""Zoom: registrants of webinars and meetings are leads, attendance and calls are activities.

What is odd here:

- Nothing says what changed since when. Registrations come by webhook; a pull reads the lists of all
  events that are still open again (``pull``). Past events that have expired are not listed at all.
- Webhooks must be subscribed in the marketplace, not over the API. The address is checked when it
  is set and every 72 hours: ``verify`` answers with an HMAC of the token.
- A cancelled registration is told by webhook only. It is in no list; asked for by id it is gone.
  A list of all ids would prove nothing, for those of expired events are not in it either.
- A report is not ready when an event ends, and may grow. One person has a row for each time they
  joined. Guests without registration have neither id nor address and cannot be told apart.
- Permissions and plans that are missing are a 400. Messages quote addresses and are not repeated.
- Registrants can be added and not changed. Zoom passes over fields it does not know.
- Numbers of events are text in some answers; UUIDs may hold slashes and are then encoded twice.
- Times are UTC; the days a report is asked by are of a zone that Zoom does not name.
- Limits are by kind of call, for the whole account, whatever else uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.kit.auth import ClientCredentials, OAuth, RefreshToken
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
)
from connectors.kit.errors import ContractBroken
from connectors.kit.session import Session, Wiring
from connectors.zoom import hooks, pull, push
from connectors.zoom.api import Api, Kind, number_of
from connectors.zoom.describe import specs
from connectors.zoom.options import Options, ServerApp, UserApp
from connectors.zoom.records import (
    CALLS,
    PARTICIPANTS,
    REGISTRANTS,
    call_record,
    flatten,
    kind_of,
    registrant_record,
)
from connectors.zoom.translate import translate

__all__ = ["Connector", "Options", "ServerApp", "UserApp", "connect"]

SCOPES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "webinars": (
        ("webinar:read:list_webinars", "webinar:read"),
        ("webinar:read:list_registrants", "webinar:read"),
        ("report:read:user", "report:read"),
        ("report:read:list_webinar_participants", "report:read"),
    ),
    "meetings": (
        ("meeting:read:list_meetings", "meeting:read"),
        ("meeting:read:list_registrants", "meeting:read"),
        ("report:read:user", "report:read"),
        ("report:read:list_meeting_participants", "report:read"),
    ),
    "calls": (("phone:read:list_call_logs", "phone:read"),),
}
"""Scopes that reading needs, each of the newer and of the older family (Zoom's OpenAPI)."""


class Connector:
    """One Zoom account."""

    batch_size = push.MOST

    def __init__(self, options: Options, session: Session, auth: OAuth, wiring: Wiring) -> None:
        self.options = options
        self.session = session
        self._auth = auth
        self._api = Api(session, options, wiring.now)

    def streams(self) -> list[str]:
        """Registrants and attendance of each kind of event that is read, and calls."""
        kinds: list[Kind] = [
            kind for kind in ("webinar", "meeting") if f"{kind}s" in self.options.read
        ]
        found = [f"{kind}_{what}" for what in ("registrants", "participants") for kind in kinds]
        return [*found, *([CALLS] if CALLS in self.options.read else [])]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """A round through what may have changed; the last page's cursor ends it."""
        if stream == CALLS:
            return pull.calls(self._api, cursor)
        if stream in PARTICIPANTS:
            return pull.participants(self._api, PARTICIPANTS[stream], cursor)
        if stream in REGISTRANTS:
            return pull.registrants(self._api, REGISTRANTS[stream], cursor)
        raise ContractBroken(f'Zoom has no stream "{stream}" to read', code="ZOOM_NO_STREAM")

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """Registrants or calls by id as they are now; a cancelled or unknown one is deleted.

        Attendance cannot be asked for by person; none is returned for it.
        """
        if stream in PARTICIPANTS:
            return []
        if stream == CALLS:
            return [self._call(own) for own in external_ids]
        kind, _ = kind_of(stream)
        events = {str(number_of(row)): row for row in self._api.events(kind)}
        records = []
        for own in external_ids:
            event_id, _, registrant_id = own.partition(":")
            row = None
            if event_id.isdigit() and registrant_id:
                row = self._api.registrant(kind, event_id, registrant_id)
            event = events.get(event_id, {"id": event_id})
            gone = Record(f"{kind}_registrants", own, {}, deleted=True)
            records.append(gone if row is None else registrant_record(kind, event, row))
        return records

    def _call(self, own: str) -> Record:
        row = self._api.call(own)
        found = None if row is None else call_record(row)
        return found if found is not None else Record(CALLS, own, {}, deleted=True)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Answers by question, the event's facts as ``event.…``, a call by its outer side."""
        return flatten(stream, payload)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """Register leads for the event that the stream names: ``webinar_registrants:NUMBER``."""
        return push.push(self._api, changes)

    def fields(self, stream: str) -> list[FieldSpec]:
        """Zoom's fields, and the questions of the event or of the latest events."""
        return specs(self._api, stream)

    def stages(self, stream: str) -> list[StageSpec]:  # noqa: ARG002 - Zoom has none
        """None: a registration has a status, which is no stage."""
        return []

    def verify(self, hook: Hook) -> Answer | None:
        """Return where Zoom signed it; the answer where Zoom checks the address."""
        return hooks.check(hook, self.options.secrets)

    def read_hook(self, hook: Hook) -> News:
        """The registrant or the call that an event carries, whole, or what is gone."""
        return hooks.read(hook, frozenset(self.streams()))

    def identify(self) -> Identity:
        """The account's id, and the scopes that the token lacks for what is read."""
        token = self._auth.token()
        has = {scope.removesuffix(":admin") for scope in token.extra.get("scope", "").split()}
        needed = [pair for what in self.options.read for pair in SCOPES[what]]
        missing = [pair[0] for pair in needed if has and not has & set(pair)]
        if not missing:
            self._greet()
        server = self.options.server
        return Identity(
            account=self.session.connection if server is None else server.account_id,
            scopes_missing=tuple(dict.fromkeys(missing)),
            clock_offset=self.session.clock_offset,
        )

    def _greet(self) -> None:
        """Ask for one row of what is read, so that a wrong host or plan is told now."""
        if CALLS in self.options.read:
            self._api.read("/v2/phone/call_history", [("page_size", 1)])
        for kind in ("webinar", "meeting"):
            if f"{kind}s" in self.options.read:
                for host in self.options.users:
                    self._api.greet(kind, host)


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one account."""
    auth = _auth(options, wiring)
    session = wiring.session(
        base_url=options.base_url.rstrip("/"),
        auth=auth,
        throttle=wiring.throttle(options.requests_per_second),
        translate=translate,
    )
    return Connector(options, session, auth, wiring)


def _auth(options: Options, wiring: Wiring) -> OAuth:
    token_url = f"{options.login_url.rstrip('/')}/oauth/token"
    if options.server is not None:
        app = options.server
        extra = {"grant_type": "account_credentials", "account_id": app.account_id}
        secret = app.client_secret.get_secret_value()
        return ClientCredentials(wiring, token_url, app.client_id, secret, extra=extra, basic=True)
    if options.oauth is None:
        raise ContractBroken("a Zoom connection needs server or oauth")
    user = options.oauth
    return RefreshToken(
        wiring,
        token_url,
        user.client_id,
        user.client_secret.get_secret_value(),
        user.refresh_token.get_secret_value(),
        basic=True,
    )
