"""The leads of a simulated instance: looking up, writing, deleting and merging them.

Several leads may share an e-mail address; an upsert by it is then refused. Sources: Adobe Marketo
Engage developer docs ("Leads", "List Membership", "Error Codes").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.kit.simulator import Request, Response, route
from connectors.marketo.simulator_fields import Skipped
from connectors.marketo.simulator_instance import zulu
from connectors.marketo.simulator_log import CHANGED, DELETED, MERGED, NEW, SCORED, Log
from connectors.marketo.simulator_schema import UNLOOKED

Row = dict[str, Any]
BATCH = 300
MOST_MATCHES = 1000
MOST_MERGED = 25
ACTIONS = frozenset({"createOrUpdate", "createOnly", "updateOnly", "createDuplicate"})
DEFAULT_FIELDS = ("id", "email", "firstName", "lastName", "createdAt", "updatedAt")
PARTITIONS = ("Default", "Japan")
API = "Web service API"
SCREEN = "Marketo user"


class Leads(Log):
    """Leads by id: their values, their partition, and when they were made and changed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._index: dict[str, dict[str, set[str]]] = {}

    # ---- state -------------------------------------------------------------------------------

    def matches(self, field: str, value: Any) -> list[Row]:
        """The leads with this value, in order of id; text is compared without case."""
        if field == "id":
            row = self.table("leads").get(str(value))
            return [row] if row else []
        if field not in self._index:
            self._index[field] = {}
            for row in self.table("leads").values():
                self._enter(field, row)
        ids = self._index[field].get(str(value).lower(), set())
        return [self.table("leads")[one] for one in sorted(ids, key=int)]

    def _enter(self, field: str, row: Row) -> None:
        value = row["values"].get(field)
        if value is not None:
            self._index[field].setdefault(str(value).lower(), set()).add(str(row["id"]))

    def _leave(self, row: Row) -> None:
        for field, held in self._index.items():
            held.get(str(row["values"].get(field)).lower(), set()).discard(str(row["id"]))

    def create(self, values: Mapping[str, Any], partition: str, source: str) -> Row:
        """A new lead."""
        own = self.next_id("leads", 1)
        now = zulu(self.now())
        row = {
            "id": own,
            "partition": partition,
            "values": {name: value for name, value in values.items() if value is not None},
            "createdAt": now,
            "updatedAt": now,
        }
        self.table("leads")[str(own)] = row
        for field in self._index:
            self._enter(field, row)
        self.log(NEW, own, attributes={"Source Type": source, "Created Date": now[:10]})
        return row

    def change(self, row: Row, values: Mapping[str, Any], source: str) -> None:
        """New values of a lead, each written down; ``updatedAt`` follows standard fields only."""
        changed = {
            name: value for name, value in values.items() if row["values"].get(name) != value
        }
        if not changed:
            return
        self._leave(row)
        held = {**row["values"], **changed}
        fresh = {**row, "values": {name: one for name, one in held.items() if one is not None}}
        fields = self.table("fields")
        if any(name in fields and not fields[name].get("custom") for name in changed):
            fresh["updatedAt"] = zulu(self.now())
        self.table("leads")[str(row["id"])] = fresh
        for field in self._index:
            self._enter(field, fresh)
        for name, value in changed.items():
            self._note(row, name, value, source)

    def _note(self, row: Row, name: str, value: Any, source: str) -> None:
        before = row["values"].get(name)
        told = {"New Value": _said(value), "Old Value": _said(before)}
        if name == "leadScore":
            self.log(SCORED, row["id"], primary="Lead Score", primary_id=1, attributes=told)
            return
        self.log(
            CHANGED,
            row["id"],
            primary=name,
            primary_id=1,
            attributes={**told, "Reason": source, "Source": source},
            changed={
                "id": self.next_id("changes", 1),
                "name": name,
                "newValue": _said(value),
                "oldValue": _said(before),
            },
        )

    def remove(self, row: Row) -> None:
        """A lead is no more; nothing is written down of it here."""
        self._leave(row)
        del self.table("leads")[str(row["id"])]

    def drop(self, row: Row) -> None:
        """A lead is deleted."""
        self.remove(row)
        values = row["values"]
        name = " ".join(values[one] for one in ("firstName", "lastName") if one in values)
        self.log(DELETED, row["id"], primary=name, primary_id=row["id"])

    def swallow(self, winner: Row, losers: Sequence[Row]) -> None:
        """The losers go up in the winner: its blanks are filled, what it holds stays."""
        values = dict(winner["values"])
        for row in losers:
            values = {**row["values"], **values}
            self.remove(row)
        ids = "[" + ", ".join(str(row["id"]) for row in losers) + "]"
        said = {"Merge IDs": ids, "Merge Source": API}
        self.log(MERGED, winner["id"], primary_id=winner["id"], attributes=said)
        self.change(winner, values, API)

    def shown(self, row: Row, names: Iterable[str]) -> Row:
        """A lead as it is told: what is blank is null at some leads and left out at others."""
        own = {"id": row["id"], "createdAt": row["createdAt"], "updatedAt": row["updatedAt"]}
        said: Row = {"id": row["id"]}
        for name in names:
            value = own.get(name, row["values"].get(name))
            if value is not None or row["id"] % 2:
                said[name] = value
        return said

    # ---- reading -----------------------------------------------------------------------------

    @route("GET", "/rest/v1/leads.json")
    def by_filter(self, request: Request) -> Response:
        """Leads by up to 300 values of one field."""
        self.need("Read-Only Lead", "Read-Write Lead")
        asked = self.asked(request)
        field, values = asked.get("filterType", ""), self.names(asked, "filterValues")
        for name in ("filterType", "filterValues"):
            if not asked.get(name):
                raise self.no("1002", f"Missing value for the required parameter '{name}'")
        if len(values) > BATCH:
            raise self.no("1003", f"At most {BATCH} filter values are allowed")
        if field != UNLOOKED:
            self.check_fields([field])
        if field not in self.searchable():
            raise self.no("1011", f"Field '{field}' not supported")
        rows = [row for value in dict.fromkeys(values) for row in self.matches(field, value)]
        if len(rows) > MOST_MATCHES:
            raise self.no("1003", "Too many results match the filter")
        return self._page(asked, rows)

    @route("GET", "/rest/v1/lead/<int:own>.json")
    def by_id(self, request: Request, own: int) -> Response:
        """One lead; nothing where it was deleted or merged."""
        self.need("Read-Only Lead", "Read-Write Lead")
        return self._page(self.asked(request), self.matches("id", own))

    @route("GET", "/rest/v1/leads/partitions.json")
    def partitions(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """The lead partitions."""
        self.need("Read-Only Lead", "Read-Write Lead")
        return self.ok([{"id": own, "name": name} for own, name in enumerate(PARTITIONS, start=1)])

    @route("GET", "/rest/v1/lists/<int:list_id>/leads.json")
    @route("GET", "/rest/v1/list/<int:list_id>/leads.json")
    def members(self, request: Request, list_id: int) -> Response:
        """The leads of a static list."""
        self.need("Read-Only Lead", "Read-Write Lead")
        held = self.table("lists").get(str(list_id))
        if held is None:
            raise self.no("1013", "List not found")
        leads = self.table("leads")
        rows = [leads[str(own)] for own in held["members"] if str(own) in leads]
        return self._page(self.asked(request), rows)

    def _page(self, asked: Mapping[str, str], rows: Sequence[Row]) -> Response:
        names = self.names(asked, "fields") or list(DEFAULT_FIELDS)
        self.check_fields(names)
        size = min(int(asked.get("batchSize") or BATCH), BATCH)
        token = asked.get("nextPageToken", "PAGE0")
        if not token.startswith("PAGE") or not token[4:].isdigit():
            raise self.no("1003", "Invalid nextPageToken")
        start = int(token[4:])
        told = [self.shown(row, names) for row in rows[start : start + size]]
        if len(rows) > start + size:
            return self.ok(told, nextPageToken=f"PAGE{start + size}", moreResult=True)
        return self.ok(told)

    # ---- writing -----------------------------------------------------------------------------

    @route("POST", "/rest/v1/leads.json")
    def sync(self, request: Request) -> Response:
        """Write up to 300 leads; each is told for itself, in the order they came."""
        self.need("Read-Write Lead")
        body = self.body(request)
        action, lookup = body.get("action", "createOrUpdate"), body.get("lookupField", "email")
        records = self._records(body)
        if action not in ACTIONS:
            raise self.no("1003", "Invalid value for action")
        self.check_fields([lookup])
        if lookup == "id" and action != "updateOnly":
            raise self.no("1003", "Lookup field 'id' is allowed with updateOnly only")
        if lookup not in self.searchable():
            raise self.no("1011", f"Field '{lookup}' not supported")
        seen: set[str] = set()
        told: list[Row] = []
        for record in records:
            try:
                told.append(self._sync_one(action, lookup, body.get("partitionName"), record, seen))
            except Skipped as skipped:
                reasons = [{"code": skipped.code, "message": skipped.message}]
                told.append({"status": "skipped", "reasons": reasons})
        return self.ok(told)

    def _sync_one(
        self, action: str, lookup: str, partition: str | None, record: Row, seen: set[str]
    ) -> Row:
        if partition is not None and partition not in PARTITIONS:
            raise Skipped("1008", f"Access denied to partition '{partition}'")
        key = record.get(lookup)
        if action != "createDuplicate":
            _once(lookup, key, seen)
        if "id" in record and action != "updateOnly":
            raise Skipped("1003", "Value for the field 'id' is not allowed")
        given = {name: value for name, value in record.items() if name != "id"}
        values = {name: self.store(name, value) for name, value in given.items()}
        found = [] if action == "createDuplicate" else self.matches(lookup, key)
        if len(found) > 1:
            raise Skipped("1007", "Multiple lead match lookup criteria")
        if not found:
            if action == "updateOnly":
                raise Skipped("1004", "Lead not found")
            made = self.create(values, partition or PARTITIONS[0], API)
            return {"id": made["id"], "status": "created"}
        if action == "createOnly":
            raise Skipped("1005", "Lead already exists")
        if partition is not None and found[0]["partition"] != partition:
            raise Skipped("1010", "Partition update not allowed")
        self.change(found[0], values, API)
        return {"id": found[0]["id"], "status": "updated"}

    @route("POST", "/rest/v1/leads/delete.json")
    def delete(self, request: Request) -> Response:
        """Delete up to 300 leads."""
        self.need("Read-Write Lead")
        told: list[Row] = []
        for record in self._records(self.body(request)):
            found = self.matches("id", record.get("id"))
            if found:
                self.drop(found[0])
                told.append({"id": found[0]["id"], "status": "deleted"})
            else:
                reasons = [{"code": "1004", "message": "Lead not found"}]
                told.append({"status": "skipped", "reasons": reasons})
        return self.ok(told)

    @route("POST", "/rest/v1/leads/<int:winner>/merge.json")
    def merge_leads(self, request: Request, winner: int) -> Response:
        """Merge up to 25 leads into one."""
        self.need("Read-Write Lead")
        ids = [*self.names(request.args, "leadIds"), *self.names(request.args, "leadId")]
        if len(ids) > MOST_MERGED:
            raise self.no("1080", f"At most {MOST_MERGED} leads can be merged")
        rows = [self.matches("id", one) for one in (winner, *ids)]
        if len(rows) == 1 or not all(rows):
            raise self.no("1004", "Lead not found")
        self.swallow(rows[0][0], [one for (one,) in rows[1:]])
        return self.ok()

    def _records(self, body: Row) -> list[Row]:
        records = body.get("input")
        if not isinstance(records, list) or not records:
            raise self.no("701", "input cannot be blank")
        if len(records) > BATCH:
            raise self.no("1003", f"At most {BATCH} records are allowed")
        if not all(isinstance(one, dict) for one in records):
            raise self.no("609")
        return records


def _once(lookup: str, key: Any, seen: set[str]) -> None:
    """Refuse a record without a key, or with the key of an earlier one."""
    if key in (None, ""):
        raise Skipped("1002", f"Missing value for the required parameter '{lookup}'")
    if str(key).lower() in seen:
        raise Skipped("1036", "Duplicate object found in input")
    seen.add(str(key).lower())


def _said(value: Any) -> str | None:
    """A value as the activity log keeps it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
