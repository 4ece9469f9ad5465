"""Marketo's endpoints as we use them. An answer is good when it says so, whatever its status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from connectors.kit.errors import ContractBroken
from connectors.kit.session import Reply, Session, shown_path
from connectors.marketo.options import Options
from connectors.marketo.translate import NOTHING, codes, refusal

TOKEN = "/identity/oauth/token"  # noqa: S105 - a path
LEADS = "/rest/v1/leads.json"
FIELDS = "/rest/v1/leads/describe2.json"
LISTS = "/rest/v1/lists"
PAGING = "/rest/v1/activities/pagingtoken.json"
ACTIVITIES = "/rest/v1/activities.json"
CHANGES = "/rest/v1/activities/leadchanges.json"
DELETED = "/rest/v1/activities/deletedleads.json"
TYPES = "/rest/v1/activities/types.json"
USAGE = "/rest/v1/stats/usage.json"

MOST = 300
"""Leads of one read or write."""
LONGEST_QUERY = 7000
"""Characters of a query that still go into an address; beyond 8 KB it would be a 414."""
SLOWEST = 100.0
"""Seconds to wait for an answer: Sync Leads may take 90."""
REMEMBER = timedelta(minutes=10)
"""How long fields and kinds of activity are taken for known."""
USUAL = (
    *("id", "email", "firstName", "lastName", "salutation", "phone", "mobilePhone", "fax"),
    *("title", "department", "company", "website", "industry", "address", "city", "state"),
    *("country", "postalCode", "leadSource", "leadStatus", "leadScore", "unsubscribed"),
    *("unsubscribedReason", "doNotCall", "doNotCallReason", "emailInvalid"),
    *("emailInvalidCause", "createdAt", "updatedAt"),
)
"""The fields that are always read."""
UNREAD = frozenset(
    {
        *("anonymousIP", "inferredCompany", "inferredCountry", "inferredCity"),
        *("inferredMetropolitanArea", "inferredPhoneAreaCode", "inferredPostalCode"),
        *("inferredStateRegion", "isAnonymous", "priority", "relativeScore", "urgency"),
        *("cookies", "ecids"),
    }
)
"""What Marketo keeps for itself or guesses; it changes with every visit."""

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Feed:
    """One answer of the activity log: ``rows`` may be few or none although there is ``more``."""

    rows: list[Row]
    token: str
    more: bool


class TokenRefused(ContractBroken):
    """A paging token that Marketo will not take any more."""


class Api:
    """Calls, and what is remembered of the instance for a while."""

    def __init__(self, options: Options, session: Session, now: Callable[[], datetime]) -> None:
        self.options = options
        self.session = session
        self.now = now
        self._known: dict[str, tuple[datetime, Any]] = {}

    def get(self, path: str, params: Mapping[str, str]) -> Row:
        """The body of a read; a long query goes as a POST that says it is a GET."""
        return self._good(self._read(path, params), reads=True)

    def post(self, path: str, body: Mapping[str, Any], *, safe: bool) -> Row:
        """The body of a write. ``safe``: repeating it at once changes nothing more."""
        return self._good(self.session.post(path, json=body, safe=safe), reads=False)

    def _read(self, path: str, params: Mapping[str, str]) -> Reply:
        if len(urlencode(params)) <= LONGEST_QUERY:
            return self.session.get(path, params=params)
        return self.session.post(path, params={"_method": "GET"}, form=params, safe=True)

    def _good(self, reply: Reply, *, reads: bool) -> Row:
        body = reply.json()
        if isinstance(body, dict) and body.get("success") is True:
            return body
        if set(codes(body)) == {NOTHING} and reads:
            return {"success": True, "result": []}
        where = f"Marketo {reply.method} {shown_path(reply.url)}"
        if not codes(body):
            raise ContractBroken(f"{where} answered neither success nor an error: check base_url")
        raise refusal(body, where, self.now(), reads=reads)

    def _remember(self, what: str, ask: Callable[[], T]) -> T:
        known = self._known.get(what)
        if known is None or self.now() - known[0] > REMEMBER:
            known = self._known[what] = (self.now(), ask())
        value: T = known[1]
        return value

    def fields(self) -> dict[str, Row]:
        """Every field of a lead by name, as the instance has it."""

        def ask() -> dict[str, Row]:
            found = rows(self.get(FIELDS, {}))
            listed = found[0].get("fields") if found else None
            if not isinstance(listed, list):
                raise ContractBroken("Marketo described no lead fields: did the API change?")
            return {str(one["name"]): one for one in listed}

        return self._remember("fields", ask)

    def names(self) -> list[str]:
        """The fields to read: the usual ones, and those the operator wants, or all others."""
        known = self.fields()
        missing = [name for name in self.options.fields if name not in known]
        if missing:
            raise ContractBroken(
                f"a Marketo lead has no field {', '.join(missing)}: check the option fields",
                code="MARKETO_FIELD",
            )
        others = self.options.fields or [name for name in known if name not in UNREAD]
        usual = (name for name in USUAL if name in known or name == "id")
        return list(dict.fromkeys([*usual, *others]))

    def types(self) -> dict[int, Row]:
        """The kinds of activity of the instance by id."""
        return self._remember(
            "types", lambda: {int(one["id"]): one for one in rows(self.get(TYPES, {}))}
        )

    def leads(self, ids: Sequence[str], names: Sequence[str]) -> dict[str, Row]:
        """Leads by id; those that were deleted or merged away are left out."""
        found: dict[str, Row] = {}
        for chunk in chunks(list(dict.fromkeys(ids)), MOST):
            for row in self._find("id", chunk, names):
                found[str(row["id"])] = {name: row.get(name) for name in names}
        return found

    def holders(self, emails: Iterable[str]) -> dict[str, list[str]]:
        """The ids of the leads that have each address, in lower case."""
        found: dict[str, list[str]] = {}
        for chunk in chunks(list(dict.fromkeys(emails)), MOST):
            for row in self._find("email", chunk, ("id", "email")):
                found.setdefault(str(row.get("email") or "").lower(), []).append(str(row["id"]))
        return found

    def _find(self, by: str, values: Sequence[str], names: Sequence[str]) -> Iterator[Row]:
        params = {
            "filterType": by,
            "filterValues": ",".join(values),
            "fields": ",".join(names),
            "batchSize": str(MOST),
        }
        while True:
            body = self.get(LEADS, params)
            yield from rows(body)
            token = str(body.get("nextPageToken") or "")
            if not token or not rows(body) or token == params.get("nextPageToken"):
                return
            params["nextPageToken"] = token

    def members(
        self, list_id: int, token: str, names: Sequence[str]
    ) -> tuple[list[Row], str | None]:
        """A page of a static list, and what leads to the next one."""
        params = {"fields": ",".join(names), "batchSize": str(self.options.page_size)}
        body = self.get(
            f"{LISTS}/{list_id}/leads.json", params | ({"nextPageToken": token} if token else {})
        )
        found = [{name: row.get(name) for name in names} for row in rows(body)]
        return found, str(body.get("nextPageToken") or "") or None

    def token_since(self, since: datetime) -> str:
        """A paging token for what happened after this time."""
        text = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        token = self.get(PAGING, {"sinceDatetime": text}).get("nextPageToken")
        if not isinstance(token, str) or not token:
            raise ContractBroken("Marketo gave no paging token: did the API change?")
        return token

    def feed(self, path: str, token: str, params: Mapping[str, str]) -> Feed:
        """What the activity log says from ``token`` on; TokenRefused where it is no good."""
        size = {"batchSize": str(self.options.page_size)}
        reply = self._read(path, {"nextPageToken": token, **size, **params})
        if "1003" in codes(reply.json()):
            # Unverified: 1003 (invalid data) is what a stale token gets; it has no code of its own.
            raise TokenRefused("Marketo refused a paging token or parameter (1003)")
        body = self._good(reply, reads=True)
        following = body.get("nextPageToken")
        if not isinstance(following, str) or not following:
            raise ContractBroken("Marketo told no next paging token: did the API change?")
        return Feed(rows(body), following, body.get("moreResult") is True)

    def used_today(self) -> int:
        """Calls of all integrations today."""
        found = rows(self.get(USAGE, {}))
        return int(found[0].get("total") or 0) if found else 0


def rows(body: Mapping[str, Any]) -> list[Row]:
    """The ``result`` of an answer, which is left out where it is empty."""
    found = body.get("result")
    if found is None:
        return []
    if not isinstance(found, list):
        raise ContractBroken("Marketo answered with a result that is no list")
    return found


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
