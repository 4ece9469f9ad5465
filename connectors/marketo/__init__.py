"""Adobe Marketo Engage: leads and what they did, by the REST API of the lead database.

What is odd about it:

- Errors come with a 200 and ``success: false``; a used-up token (601, 602) as well. Asking for a
  token early gives the same one with the seconds it has left.
- There is no "updated since". The activity log tells who changed (see ``leads``), by paging tokens;
  an answer may hold nothing and still have more to come. ``updatedAt`` misses custom fields.
- Neither is there a list of all leads: the first pull reads the New Lead activities, and the
  static lists that the operator names.
- A merged or deleted id answers empty. Who it was merged into is in the merge activity only.
- Several leads may share an e-mail address. Creates are upserts by it, one after the other; where
  two leads have it already, Marketo refuses (1007) and a person must merge them.
- Company fields are read through leads and not written through them (1021).
- An opt-out is written and never taken back by us.
- 100 calls in 20 seconds, ten at once and the calls of a day are shared by all integrations of an
  instance. No header tells what is left.
- Webhooks are what an administrator writes: they are hints, proven by a header (see ``hooks``).

The API-only user's role needs Read-Only Lead and Read-Only Activity, and to push Read-Write Lead.

Sources: Adobe Marketo Engage developer docs and the Swagger documents of AdobeDocs/marketo-apis.
What is from memory is in connector.yaml.
"""

from __future__ import annotations

from connectors.kit.auth import ClientCredentials
from connectors.kit.limits import stated_limit
from connectors.kit.session import Wiring
from connectors.marketo.api import SLOWEST, TOKEN, Api
from connectors.marketo.connector import Connector
from connectors.marketo.options import Options
from connectors.marketo.translate import is_expired, translate

__all__ = ["Connector", "Options", "connect"]


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one instance."""
    auth = ClientCredentials(
        wiring,
        f"{options.base_url}{TOKEN}",
        options.client_id.strip(),
        options.client_secret.get_secret_value().strip(),
        expired=is_expired,
        in_query=True,
    )
    session = wiring.session(
        base_url=options.base_url,
        auth=auth,
        throttle=wiring.throttle(options.calls_per_20_seconds, 20),
        translate=translate,
        read_quota=stated_limit(options.daily_quota),
        read_timeout=SLOWEST,
    )
    return Connector(options, Api(options, session, wiring.now))
