"""HubSpot's endpoints as we use them; each family has a version of its own, named once here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from connectors.hubspot.options import Options
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import token_pages
from connectors.kit.session import Reply, Session, Throttle

OBJECTS = "/crm/v3/objects"
PROPERTIES = "/crm/v3/properties"
PIPELINES = "/crm/v3/pipelines"
OWNERS = "/crm/v3/owners"
ASSOCIATIONS = "/crm/v4/associations"
FORMS = "/marketing/v3/forms"
SUBMISSIONS = "/form-integrations/v1/submissions/forms"
CONSENT = "/communication-preferences/v4/statuses"
ACCOUNT = "/account-info/v3/details"
TOKEN = "/oauth/v1/token"  # noqa: S105 - a path
READ = (*(f"{OBJECTS}/{kind}" for kind in ("contacts", "companies", "deals")), OWNERS, FORMS)
"""What a pull needs to be allowed to read."""

MOST_PER_BATCH = 100
MOST_PER_LIST = 100
"""Unverified figure of the list endpoint's page."""
LONGEST_LIST_QUERY = 3000
"""Characters of ``properties`` that go into a URL; beyond, records are read by batch (no 414)."""
ENTERED = "hs_v2_date_entered_"
"""What the properties begin with that say when a record last entered a stage."""
REMEMBER = timedelta(minutes=10)
"""How long properties and owners are taken for known."""

Row = dict[str, Any]
T = TypeVar("T")

_ACTIVITY = ("hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_lastmodifieddate")
_RECORD = ("createdate", "hubspot_owner_id", "hs_merged_object_ids", "hs_object_source_label")
USUAL: Mapping[str, tuple[str, ...]] = {
    "contacts": (
        *_RECORD,
        *("email", "hs_additional_emails", "firstname", "lastname", "salutation", "phone"),
        *("mobilephone", "fax", "company", "website", "jobtitle", "country", "zip", "state"),
        *("city", "address", "message", "lifecyclestage", "hs_lead_status", "hubspotscore"),
        *("hs_analytics_source", "hs_analytics_first_timestamp", "hs_language"),
        *("hs_email_optout", "first_conversion_event_name", "first_conversion_date"),
        *("recent_conversion_event_name", "recent_conversion_date", "lastmodifieddate"),
    ),
    "companies": (
        *_RECORD,
        *("name", "domain", "website", "phone", "industry", "numberofemployees", "country"),
        *("zip", "state", "city", "address", "description", "lifecyclestage"),
        *("hs_lead_status", "hs_lastmodifieddate"),
    ),
    "deals": (
        *_RECORD,
        *("dealname", "pipeline", "dealstage", "amount", "deal_currency_code", "closedate"),
        *("hs_deal_stage_probability", "hs_is_closed", "hs_is_closed_won", "dealtype"),
        *("closed_lost_reason", "closed_won_reason", "description", "hs_lastmodifieddate"),
        f"{ENTERED}current_stage",
    ),
    "calls": (
        *_ACTIVITY,
        *("hs_call_title", "hs_call_body", "hs_call_duration", "hs_call_direction"),
        *("hs_call_disposition", "hs_call_status", "hs_call_recording_url"),
    ),
    "meetings": (
        *_ACTIVITY,
        *("hs_meeting_title", "hs_meeting_body", "hs_meeting_start_time", "hs_meeting_end_time"),
        *("hs_meeting_outcome", "hs_meeting_location", "hs_meeting_external_url"),
    ),
    "emails": (
        *_ACTIVITY,
        *("hs_email_subject", "hs_email_text", "hs_email_direction", "hs_email_status"),
    ),
    "notes": (*_ACTIVITY, "hs_note_body"),
}
"""The properties that are always read."""


class Api:
    """Calls, and what is remembered of the portal for a while."""

    def __init__(
        self, options: Options, session: Session, searches: Throttle, now: Callable[[], datetime]
    ) -> None:
        self.options = options
        self.session = session
        self.now = now
        self._searches = searches
        self._known: dict[str, tuple[datetime, Any]] = {}

    def _remember(self, what: str, ask: Callable[[], T]) -> T:
        known = self._known.get(what)
        if known is None or self.now() - known[0] > REMEMBER:
            known = self._known[what] = (self.now(), ask())
        value: T = known[1]
        return value

    def probe(self, path: str) -> Reply:
        """Read one thing; a refusal for want of a scope is an answer."""
        return self.session.get(path, params={"limit": 1}, accept=(403,))

    def properties(self, kind: str) -> list[Row]:
        """Every property of an object, as the portal defines it."""

        def ask() -> list[Row]:
            return results(self.session.get(f"{PROPERTIES}/{kind}").json())

        return self._remember(f"properties:{kind}", ask)

    def names(self, kind: str) -> list[str]:
        """The properties to read: the usual, the custom ones, and what the operator adds.

        Of contacts also when they entered each stage of the portal.
        """
        custom = [
            str(one["name"])
            for one in self.properties(kind)
            if not (one.get("hubspotDefined", False) or one.get("hidden", False))
            or (kind == "contacts" and str(one["name"]).startswith(ENTERED))
        ]
        extra = self.options.properties.get(kind, ())
        return list(dict.fromkeys([*USUAL[kind], *custom, *extra]))

    def owners(self) -> dict[str, str]:
        """E-mail addresses of owners by id."""

        def ask() -> dict[str, str]:
            pages = self._pages(OWNERS, limit=100)
            return {str(one["id"]): str(one.get("email") or "").lower() for one in pages}

        return self._remember("owners", ask)

    def _pages(self, path: str, **params: Any) -> Iterator[Row]:
        def fetch(after: str | None) -> Any:
            more = {"after": after} if after else {}
            return self.session.get(path, params={**params, **more}).json()

        for body in token_pages(fetch, next_after, what=f"HubSpot {path}"):
            yield from results(body)

    def pipelines(self, kind: str) -> list[Row]:
        """The pipelines of an object with their stages."""
        return results(self.session.get(f"{PIPELINES}/{kind}").json())

    def forms(self) -> list[Row]:
        """Every form."""
        return list(self._pages(FORMS, limit=100))

    def submissions(self, form: str, after: str | None, limit: int) -> Row:
        """A page of a form's submissions, newest first."""
        params: Row = {"limit": limit, **({"after": after} if after else {})}
        body: Row = self.session.get(f"{SUBMISSIONS}/{form}", params=params).json()
        return body

    def search(self, kind: str, filters: Sequence[Mapping[str, str]], names: Iterable[str]) -> Row:
        """The first page of what matches, in order of id."""
        self._searches.wait()
        query = {
            "filterGroups": [{"filters": list(filters)}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(names),
            "limit": self.options.page_size,
        }
        body: Row = self.session.post(f"{OBJECTS}/{kind}/search", json=query, safe=True).json()
        results(body)
        return body

    def list_page(
        self, kind: str, after: str | None, names: Sequence[str], *, archived: bool = False
    ) -> tuple[list[Row], str | None]:
        """A page of everything in order of id, and what leads to the next one."""
        text = ",".join(names)
        fits = len(text) <= LONGEST_LIST_QUERY
        params: Row = {
            "limit": min(MOST_PER_LIST, self.options.page_size),
            "archived": "true" if archived else "false",
            "properties": text if fits else "hs_object_id",
            **({"after": after} if after else {}),
        }
        body = self.session.get(f"{OBJECTS}/{kind}", params=params).json()
        rows = results(body)
        if not fits and not archived:
            rows = self.read(kind, [str(row["id"]) for row in rows], names)
        return rows, next_after(body)

    def ids(self, kind: str) -> Iterator[str]:
        """Every id that is not archived."""
        pages = self._pages(f"{OBJECTS}/{kind}", limit=MOST_PER_LIST, properties="hs_object_id")
        return (str(row["id"]) for row in pages)

    def read(self, kind: str, ids: Sequence[str], names: Sequence[str]) -> list[Row]:
        """Records by id; those that are gone are left out, merged ones come as the survivor."""
        found: list[Row] = []
        for chunk in chunks(list(dict.fromkeys(ids)), MOST_PER_BATCH):
            query = {"properties": list(names), "inputs": [{"id": one} for one in chunk]}
            reply = self.session.post(
                f"{OBJECTS}/{kind}/batch/read", json=query, safe=True, accept=(404,)
            )
            if reply.status != 404:
                found += results(reply.json())
        return found

    def ties(self, from_: str, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """The records of ``to`` that each id is tied to, primary ones first."""
        found: dict[str, list[tuple[int, str]]] = {}
        waiting: list[dict[str, str]] = [{"id": one} for one in dict.fromkeys(ids)]
        while waiting:
            chunk, waiting = waiting[:MOST_PER_BATCH], waiting[MOST_PER_BATCH:]
            reply = self.session.post(
                f"{ASSOCIATIONS}/{from_}/{to}/batch/read", json={"inputs": chunk}, safe=True
            )
            for one in results(reply.json()):
                own, after = str(one["from"]["id"]), next_after(one)
                held = found.setdefault(own, [])
                held += [(_rank(tie), str(tie["toObjectId"])) for tie in one.get("to") or ()]
                if after:
                    waiting.append({"id": own, "after": after})
        return {own: [other for _, other in sorted(held)] for own, held in found.items()}


def _rank(tie: Mapping[str, Any]) -> int:
    """0 for a primary tie, else 1. The label is the vendor's own word in every language."""
    labels = {one.get("label") for one in tie.get("associationTypes") or ()}
    return 0 if "Primary" in labels else 1


def results(body: Any) -> list[Row]:
    """The ``results`` of an answer; ContractBroken where there are none to be had."""
    found = body.get("results") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise ContractBroken("HubSpot answered a list without results: did the API change?")
    return found


def next_after(body: Mapping[str, Any]) -> str | None:
    """What leads to the next page; None on the last one."""
    after = ((body.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
