"""A Salesforce org to rehearse with: queries, writes, jobs, conversion, merging, limits.

Built from the vendor's documentation and recorded exchanges, not from the connector. It answers
what an org answers and refuses what an org refuses; what people do in its screens (planting
records, converting, merging, changing picklists) are methods here. Each of these
saves what it did.

Unverified in this simulator: the code for an over-long collection, for a converted status set by a
write, for a dead query locator; the HTTP status of QUERY_TIMEOUT; that relationship fields of a
polymorphic owner are always a user's.
"""

from __future__ import annotations

from typing import Any, Literal

from connectors.kit.simulator import Request, Response, json_response, route
from connectors.salesforce.simulator_base import VERSIONS, refusal
from connectors.salesforce.simulator_bulk import BulkRoutes
from connectors.salesforce.simulator_composite import CompositeRoutes
from connectors.salesforce.simulator_describe import DescribeRoutes
from connectors.salesforce.simulator_fields import Field, RecordType, Stage
from connectors.salesforce.simulator_ids import PREFIXES, make_id
from connectors.salesforce.simulator_life import convert, merge
from connectors.salesforce.simulator_oauth import (
    AUTHORIZATION_CODE,
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    OAuthRoutes,
    key_pair,
)
from connectors.salesforce.simulator_query import Runner
from connectors.salesforce.simulator_soql import SoqlError, parse

__all__ = [
    "AUTHORIZATION_CODE",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "REFRESH_TOKEN",
    "Field",
    "Simulator",
    "Stage",
    "key_pair",
]

BATCH = range(200, 2001)
MOST_LOCATORS = 10
DEAD_LOCATOR = "INVALID_QUERY_LOCATOR"
"""Unverified: the code for a locator that has been forgotten."""


class Simulator(OAuthRoutes, CompositeRoutes, DescribeRoutes, BulkRoutes):
    """One org. ``timeout_over`` makes queries that match more rows time out (None: none does)."""

    timeout_over: int | None = None

    # what people do in the org ------------------------------------------------------------------

    def add_lead(self, **fields: Any) -> str:
        """Plant a lead; LastName and Company have defaults. Returns its id, as all of these do."""
        return self._add("Lead", {"LastName": "山田", "Company": "株式会社見本", **fields})

    def add_contact(self, account: str | None = None, **fields: Any) -> str:
        """Plant a contact, at an account or at none."""
        return self._add("Contact", {"LastName": "山田", "AccountId": account, **fields})

    def add_account(self, name: str = "株式会社見本", **fields: Any) -> str:
        """Plant an account."""
        return self._add("Account", {"Name": name, **fields})

    def add_opportunity(
        self,
        contact: str | None = None,
        stage: str = "Prospecting",
        *,
        account: str | None = None,
        primary: bool = True,
        **fields: Any,
    ) -> str:
        """Plant an opportunity; ``contact`` gets a contact role at it."""
        values = {
            "Name": "見本商談",
            "CloseDate": self.now().date().isoformat(),
            "StageName": stage,
            "AccountId": account,
            **fields,
        }
        deal = self._add("Opportunity", values)
        if contact is not None:
            self.add_role(deal, contact, primary=primary)
        return deal

    def add_role(self, opportunity: str, contact: str, *, primary: bool = False) -> str:
        """Give a contact a role at an opportunity."""
        role = {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": primary}
        return self._add("OpportunityContactRole", role)

    def add_task(self, who: str | None = None, **fields: Any) -> str:
        """Plant a task (a call, an e-mail, a to-do) on a lead or contact."""
        return self._add("Task", {"Subject": "電話", "WhoId": who, **fields})

    def add_event(self, who: str | None = None, **fields: Any) -> str:
        """Plant a meeting."""
        start = self.now().isoformat()
        return self._add(
            "Event", {"Subject": "打合せ", "WhoId": who, "StartDateTime": start, **fields}
        )

    def add_user(self, name: str, email: str) -> str:
        """Plant a user who can own records."""
        user = {"Name": name, "Username": email, "Email": email, "IsActive": True}
        return self._add("User", user)

    def edit(self, name: str, row_id: str, **fields: Any) -> None:
        """Change a row as a person in the org does."""
        with self.lock, self.org.without_duplicate_rule():
            self.org.update(name, row_id, fields)
        self.save()

    def delete(self, name: str, row_id: str) -> None:
        """Delete a row into the recycle bin."""
        with self.lock:
            self.org.delete(name, row_id)
        self.save()

    def purge(self, name: str, row_id: str) -> None:
        """Empty a row out of the recycle bin."""
        with self.lock:
            self.org.purge(name, row_id)
        self.save()

    def convert_lead(
        self,
        lead_id: str,
        *,
        opportunity: bool = True,
        account: str | None = None,
        contact: str | None = None,
        copy_custom: bool = False,
    ) -> dict[str, str | None]:
        """Convert a lead; see ``simulator_life.convert``."""
        with self.lock:
            became = convert(
                self.org,
                lead_id,
                opportunity=opportunity,
                account=account,
                contact=contact,
                copy_custom=copy_custom,
            )
        self.save()
        return became

    def merge(self, winner: str, loser: str, name: str = "Lead") -> None:
        """Merge ``loser`` into ``winner``."""
        with self.lock:
            merge(self.org, name, winner, loser)
        self.save()

    def set_duplicate_rule(self, action: Literal["off", "alert", "block"]) -> None:
        """What the org does about a second lead or contact with an e-mail."""
        self.org.duplicates = action

    def add_record_type(self, obj: str, label: str, **values: tuple[str, ...]) -> str:
        """A record type; ``values`` are the picklist values it allows, by field."""
        kinds = self.schema.record_types.setdefault(obj, [])
        record_type = make_id(
            PREFIXES["RecordType"], sum(map(len, self.schema.record_types.values())) + 1
        )
        kinds.append(RecordType(record_type, label, values))
        self.org.rows("RecordType")
        return record_type

    def lock_row(self, row_id: str, times: int = 1) -> None:
        """Keep a row locked for the next ``times`` writes."""
        self.org.locked[row_id] = times

    def _add(self, name: str, fields: dict[str, Any]) -> str:
        with self.lock, self.org.without_duplicate_rule():
            row_id = self.org.insert(name, fields)
        self.save()
        return row_id

    # what the API answers -----------------------------------------------------------------------

    @route("GET", "/services/data")
    def versions(self, request: Request) -> Response:  # noqa: ARG002
        """The versions this org speaks; needs no session."""
        return json_response(
            [
                {"label": f"Release {n}", "url": f"/services/data/v{n}.0", "version": f"{n}.0"}
                for n in VERSIONS
            ]
        )

    @route("GET", "/services/data/<version>")
    def resources(self, request: Request, version: str) -> Response:
        """Where the resources of a version are, and whose session this is."""
        names = ("sobjects", "query", "queryAll", "composite", "limits", "jobs", "ui-api")
        found = {name: f"/services/data/{version}/{name}" for name in names}
        return json_response(found | {"identity": self.identity_url(request)})

    @route("GET", "/services/data/<version>/query")
    def query(self, request: Request, version: str) -> Response:
        """SOQL over what is not deleted."""
        return self._query(request, version, deleted=False)

    @route("GET", "/services/data/<version>/queryAll")
    def query_all(self, request: Request, version: str) -> Response:
        """SOQL over everything, the recycle bin too."""
        return self._query(request, version, deleted=True)

    @route("GET", "/services/data/<version>/query/<locator>")
    @route("GET", "/services/data/<version>/queryAll/<locator>")
    def query_more(self, request: Request, version: str, locator: str) -> Response:
        """The next page of a query."""
        key, _, start = locator.rpartition("-")
        held = self._locators.get(key)
        if held is None or not start.isdigit():
            raise refusal(400, DEAD_LOCATOR, "invalid query locator")
        return self._page(request, version, key, held, int(start))

    @route("GET", "/services/data/<version>/limits")
    def limits(self, request: Request, version: str) -> Response:  # noqa: ARG002
        """What is left of the day."""
        left = self._calls.left()
        return json_response({"DailyApiRequests": {"Max": self.daily_limit, "Remaining": left}})

    def _query(self, request: Request, version: str, *, deleted: bool) -> Response:
        try:
            query = parse(request.args.get("q", ""))
            runner = Runner(self.org, query)
            ids = runner.ids(deleted=deleted)
        except SoqlError as error:
            raise refusal(400, error.code, error.message) from error
        if query.count:
            return json_response({"totalSize": len(ids), "done": True, "records": []})
        if self.timeout_over is not None and len(ids) > self.timeout_over:
            raise refusal(400, "QUERY_TIMEOUT", "Your query request was running for too long.")
        key = f"0r8IR{self.next_id('locator'):010d}"
        return self._page(request, version, key, (runner, ids), 0)

    def _page(
        self, request: Request, version: str, key: str, held: tuple[Runner, list[str]], start: int
    ) -> Response:
        runner, ids = held
        size = min(_batch_size(request) or self.page_size, self.page_size)
        chosen = ids[start : start + size]
        body: dict[str, Any] = {"totalSize": len(ids), "done": start + size >= len(ids)}
        if not body["done"]:
            body["nextRecordsUrl"] = f"/services/data/{version}/query/{key}-{start + size}"
            self._locators[key] = held
            for old in list(self._locators)[:-MOST_LOCATORS]:
                del self._locators[old]
        body["records"] = [runner.show(row_id, version) for row_id in chosen]
        return json_response(body)

    @property
    def _locators(self) -> dict[str, tuple[Runner, list[str]]]:
        """Open queries; the oldest is forgotten when there are too many, all by a restart."""
        held: dict[str, tuple[Runner, list[str]]] = self.__dict__.setdefault("_open_queries", {})
        return held


def _batch_size(request: Request) -> int | None:
    """The page size that ``Sforce-Query-Options`` asks for, within what is allowed."""
    said = request.headers.get("Sforce-Query-Options", "").replace(" ", "")
    if not said.startswith("batchSize=") or not said[10:].isdigit():
        return None
    return max(BATCH.start, min(int(said[10:]), BATCH.stop - 1))
