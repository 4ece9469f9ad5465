"""HubSpot: contacts, companies, deals, form submissions, calls, meetings, e-mails and notes.

What is odd about it:

- Search is behind writes by seconds, shows 10,000 results and keeps no order among equal times:
  ``pull`` reads windows of time in order of id. The first pull goes by the list, which is exact.
- Archived records are in no search: they are looked for in the bin every ``deletes_every`` seconds,
  and told by webhook. A merged id answers as the survivor, who lists the ids it swallowed.
- Creates are upserts by e-mail (or by ``hub_id_property``), so a lost answer costs nothing.
- A life cycle stage goes forward only; a backward write is ignored with a 200. Stages are read back
  after each write, cleared and set where the hub means it, and reported as held where they stay.
- ``hs_email_optout`` is read-only: an opt-out is pushed through the consent API. It is never taken
  back by us.
- Owners are ids; ``hubspot_owner_email`` is added to records and understood in changes.
- A form submission has no id, no cursor by time and is listed newest first.
- A portal's webhooks carry one property each and no order: they are hints. Private apps configure
  them in HubSpot's settings only, so there is no ``subscribe``.
- A new tie between records is not always a modification: the version of a record covers its ties.

The app needs the scopes crm.objects.{contacts,companies,deals,owners}.read, forms, and to push
crm.objects.contacts.write and communication_preferences.read_write.

Sources: HubSpot developer docs (CRM objects, search, batch, associations v4, forms, communication
preferences v4, webhooks v3, usage guidelines). What is from memory is in connector.yaml.
"""

from __future__ import annotations

from connectors.hubspot.api import TOKEN, Api
from connectors.hubspot.connector import Connector
from connectors.hubspot.options import OAuthApp, Options
from connectors.hubspot.translate import translate, translate_grant
from connectors.kit.auth import Bearer, RefreshToken
from connectors.kit.limits import hubspot_daily
from connectors.kit.session import Auth, Wiring

__all__ = ["Connector", "OAuthApp", "Options", "connect"]


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one portal."""
    auth = _auth(options, wiring)
    session = wiring.session(
        base_url=options.base_url,
        auth=auth,
        throttle=wiring.throttle(options.calls_per_10_seconds, 10),
        translate=translate,
        read_quota=hubspot_daily,
    )
    api = Api(options, session, wiring.throttle(options.searches_per_second), wiring.now)
    return Connector(options, api)


def _auth(options: Options, wiring: Wiring) -> Auth:
    if options.token is not None:
        return Bearer(options.token.get_secret_value())
    app = options.oauth
    assert app is not None  # noqa: S101 - Options holds exactly one of the two
    return RefreshToken(
        wiring,
        options.base_url.rstrip("/") + TOKEN,
        app.client_id,
        app.client_secret.get_secret_value(),
        app.refresh_token.get_secret_value(),
        translate=translate_grant,
    )
