"""Salesforce (Sales Cloud): leads, contacts, accounts, opportunities, tasks and events.

What is odd about it:

- The org's host is named by the token (``instance_url``), and no token says when it ends: a 401
  with INVALID_SESSION_ID is how one learns of it.
- ``SystemModstamp`` moves with every change, automated ones too, in whole seconds; many rows share
  one. Transactions commit late, so each pull reads ``overlap`` seconds again. A contact role that
  is added to an opportunity moves nothing: its contact is known once the opportunity changes.
- A lead that is converted becomes a contact (with an account and an opportunity) and stays behind,
  read-only. It comes as the contact, with the lead's id among ``previous_ids``; a write to it goes
  to the contact. There is no REST call that converts: a converted status is never written.
- A merged record lies in the recycle bin and names its winner. Once the bin is emptied nothing
  tells of a deletion: the id sweep finds it.
- A batch write answers 200 whatever became of its rows; a row's errors name fields, and the rest
  of the row is written without them. E-mail is not unique: an upsert goes by a field of our own.
- The daily quota (``Sforce-Limit-Info``) is the org's, shared with all its other integrations, and
  there is no Retry-After when it is used up.
- Fields that the connected user may not see do not exist: describe is asked before a query is made.

The simulator is in ``simulator.py``; person accounts are not supported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.kit.auth import ClientCredentials, JwtBearer, OAuth, RefreshToken
from connectors.kit.base import (
    Change,
    FieldSpec,
    Identity,
    Outcome,
    Page,
    Record,
    StageSpec,
)
from connectors.kit.limits import sforce_limit_info
from connectors.kit.session import Session, Wiring
from connectors.salesforce import records
from connectors.salesforce.api import Api
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.jobs import Jobs
from connectors.salesforce.options import JwtAuth, Options, RefreshAuth
from connectors.salesforce.pull import Puller
from connectors.salesforce.push import BATCH, Pusher
from connectors.salesforce.translate import translate

__all__ = ["Connector", "Options", "connect"]

LONGEST_QUERY = 130.0
"""Seconds to wait for an answer: Salesforce ends a query after two minutes (unverified)."""
ENOUGH_SCOPES = frozenset({"api", "full"})


class Connector:
    """Reads six objects of an org, writes leads and contacts, and describes both."""

    batch_size = BATCH
    bulk_size = 10_000

    def __init__(self, options: Options, session: Session, oauth: OAuth, wiring: Wiring) -> None:
        self.options = options
        self.session = session
        self.bulk_from = options.bulk_push_threshold + 1
        self._api = Api(
            session,
            oauth,
            version=options.api_version,
            base_url=options.base_url,
            now=wiring.now,
        )
        self._descriptions = Descriptions(self._api, wiring.now)
        extra: dict[str, tuple[str, ...]] = {
            str(name): more for name, more in options.fields.items()
        }
        for name in ("Lead", "Contact"):  # our own id, by which a record of ours is known again
            extra[name] = (*extra.get(name, ()), options.external_id_field)
        self._rows = records.Rows(self._api, self._descriptions, extra)
        jobs = Jobs(self._api, wiring.sleep)
        self._puller = Puller(self._api, self._descriptions, self._rows, jobs, options)
        self._pusher = Pusher(self._api, self._descriptions, jobs, options)

    def streams(self) -> list[str]:
        """The objects that are read."""
        return list(self.options.objects)

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Changes since the cursor, oldest first; deleted, merged and converted rows too."""
        return self._puller.pull(stream, cursor)

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """What the ids are now: the winner of a merge, the contact of a converted lead."""
        return self._rows.fetch(stream, external_ids)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Flat fields; see ``records.flatten``."""
        return records.flatten(stream, payload)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """Creates and updates of leads and contacts."""
        return self._pusher.push(changes)

    def fields(self, stream: str) -> list[FieldSpec]:
        """The object's fields, as the connected user sees them, and what we add to them."""
        return [*self._descriptions.specs(stream), *records.MADE.get(stream, ())]

    def stages(self, stream: str) -> Sequence[StageSpec]:
        """Lead statuses or opportunity stages."""
        return self._descriptions.stages(stream)

    def ids(self, stream: str) -> Iterator[str]:
        """Every id that is not in the recycle bin."""
        return self._puller.ids(stream)

    def identify(self) -> Identity:
        """The org and what is left of its day."""
        quota = self._api.get("/limits").get("DailyApiRequests", {})
        org = next(self._api.rows("SELECT Id, Name FROM Organization"), {})
        scopes = self._api.scopes()
        missing = scopes is not None and not scopes & ENOUGH_SCOPES
        return Identity(
            account=f"{org.get('Name', 'Salesforce')} ({org.get('Id', 'unknown org')})",
            scopes_missing=("api",) if missing else (),
            quota_left=quota.get("Remaining"),
            quota_max=quota.get("Max"),
            clock_offset=self.session.clock_offset,
        )

    def close(self) -> None:
        """Give the sockets back."""
        self.session.close()


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one org. Nothing is sent before its first use."""
    oauth = _oauth(options, wiring)
    session = wiring.session(
        base_url=options.base_url or options.auth.login_url,
        auth=oauth,
        throttle=wiring.throttle(options.requests_per_second),
        translate=translate,
        read_quota=sforce_limit_info,
        headers={"sforce-call-options": "client=renkei", "accept-encoding": "gzip"},
        read_timeout=LONGEST_QUERY,
    )
    return Connector(options, session, oauth, wiring)


def _oauth(options: Options, wiring: Wiring) -> OAuth:
    auth = options.auth
    login = options.base_url or auth.login_url
    token_url = f"{login}/services/oauth2/token"
    if isinstance(auth, JwtAuth):
        return JwtBearer(
            wiring,
            token_url,
            issuer=auth.client_id,
            subject=auth.username,
            audience=auth.audience or login,
            private_key_pem=auth.private_key.get_secret_value(),
        )
    secret = auth.client_secret.get_secret_value()
    if isinstance(auth, RefreshAuth):
        first = auth.refresh_token.get_secret_value() if auth.refresh_token else None
        return RefreshToken(wiring, token_url, auth.client_id, secret, initial_refresh_token=first)
    return ClientCredentials(wiring, token_url, auth.client_id, secret)
