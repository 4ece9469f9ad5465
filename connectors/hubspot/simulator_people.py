"""What people do in a simulated portal while nobody calls its API, for tests and rehearsals."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.hubspot.simulator_marketing import MarketingRoutes
from connectors.hubspot.simulator_rules import iso


class People(MarketingRoutes):
    """Plants, edits, merges and deletes records by hand; webhooks follow as they would."""

    def add(self, kind: str, **values: str) -> str:
        """Make a record and return its id; read-only properties may be given, too."""
        with self.lock:
            row = self.portal.write(kind, self._kept(kind, values))
            self.tell()
            return str(row["id"])

    def add_contact(self, **values: str) -> str:
        """A person: ``add_contact(email="…", lastname="山田", lifecyclestage="lead")``."""
        return self.add("contacts", **values)

    def add_company(self, **values: str) -> str:
        """A company: ``add_company(name="株式会社…", domain="….example")``."""
        return self.add("companies", **values)

    def add_deal(
        self, *, contact_ids: Iterable[str] = (), company_id: str | None = None, **values: str
    ) -> str:
        """A deal, tied to people and a company."""
        with self.lock:
            values.setdefault("dealstage", "appointmentscheduled")
            deal = self.portal.write("deals", self._kept("deals", values))["id"]
            for contact in contact_ids:
                self.portal.link("deals", deal, "contacts", contact)
            if company_id is not None:
                self.portal.link("deals", deal, "companies", company_id)
            self.portal.write("deals", {}, deal)
            self.tell()
            return str(deal)

    def add_engagement(self, kind: str, *, contact_ids: Iterable[str] = (), **values: str) -> str:
        """A note, call, meeting, email or task about people."""
        with self.lock:
            values.setdefault("hs_timestamp", str(int(self.now().timestamp() * 1000)))
            own = self.portal.write(kind, self._kept(kind, values))["id"]
            for contact in contact_ids:
                self.portal.link(kind, own, "contacts", contact)
            return str(own)

    def add_owner(self, email: str, last: str, first: str) -> str:
        """A user that records can belong to; returns the owner id."""
        with self.lock:
            own = str(self.next_id("owners", 7001))
            self.table("owners")[own] = {
                "id": own,
                "email": email,
                "type": "PERSON",
                "firstName": first,
                "lastName": last,
                "userId": int(own) + 1000,
                "userIdIncludingInactive": int(own) + 1000,
                "createdAt": iso(self.now()),
                "updatedAt": iso(self.now()),
                "archived": False,
            }
            return own

    def _kept(self, kind: str, values: dict[str, str]) -> dict[str, str]:
        schema = self.portal.schema(kind)
        kept: dict[str, str] = {}
        own: dict[str, str] = {}
        for name, value in values.items():
            read_only = name in schema and schema[name]["modificationMetadata"]["readOnlyValue"]
            (own if read_only else kept)[name] = value
        return {**self.portal.check(kind, kept, None), **own}

    def set_property(self, kind: str, own: str, name: str, value: str) -> None:
        """Somebody edits one property by hand; a stage can be set backwards by hand."""
        with self.lock:
            if name == "lifecyclestage":
                self.portal.write(kind, {name: ""}, own)
            self.portal.write(kind, {name: value}, own)
            self.tell()

    def archive(self, kind: str, own: str) -> None:
        """Somebody deletes a record; it stays in the bin."""
        with self.lock:
            self.portal.archive(kind, own)
            self.tell()

    def restore(self, kind: str, own: str) -> None:
        """Somebody takes a record out of the bin."""
        with self.lock:
            self.portal.restore(kind, own)
            self.tell()

    def merge(self, kind: str, winner: str, loser: str, *, new_id: bool = False) -> str:
        """Somebody merges two records; returns the survivor's id."""
        with self.lock:
            row = self.portal.merge(kind, winner, loser, new_id=new_id)
            self.tell()
            return str(row["id"])

    def link(self, from_: str, own: str, to: str, other: str) -> None:
        """Tie two records."""
        with self.lock:
            self.portal.link(from_, own, to, other)
            self.tell()

    def held(self, kind: str, own: str) -> dict[str, str]:
        """The properties of a record now, whatever searches show; a merged id gives the winner."""
        row = self.portal.resolve(kind, own)
        return {} if row is None else {k: v for k, v in row["properties"].items() if v}
