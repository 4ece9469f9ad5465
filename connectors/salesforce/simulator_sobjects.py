"""The simulated sObject resources: single rows, rows by external id, collections, replication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.kit.simulator import Refusal, Request, Response, json_response, route
from connectors.salesforce.simulator_base import OrgSimulator, allows_duplicates, refusal
from connectors.salesforce.simulator_rules import DmlError, stamp

MOST_ROWS = 200
TOO_MANY = "INVALID_INPUT"
"""Unverified: the code for a collection of more than 200 rows."""
GONE = ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")
ROLLED_BACK = DmlError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header",
)
Row = dict[str, Any]
Save = Callable[[Row], Row]


def refused(error: DmlError) -> Refusal:
    """A write of a single row, refused."""
    return Refusal(json_response(error.body(), 404 if error.code in GONE else 400))


class SobjectRoutes(OrgSimulator):
    """Rows one by one and by the two hundred."""

    @route("POST", "/services/data/<version>/sobjects/<name>")
    @route("POST", "/services/data/<version>/sobjects/<name>/")
    def create(self, request: Request, version: str, name: str) -> Response:
        """Insert a row."""
        name = self.known(name)
        values = self.body(request)
        try:
            row_id = self.org.insert(name, values, allow_save=allows_duplicates(request))
        except DmlError as error:
            raise refused(error) from error
        where = {"Location": f"/services/data/{version}/sobjects/{name}/{row_id}"}
        return json_response({"id": row_id, "success": True, "errors": []}, 201, where)

    @route("GET", "/services/data/<version>/sobjects/<name>/<row_id>")
    def read(self, request: Request, version: str, name: str, row_id: str) -> Response:
        """Every visible field of a row that is not deleted."""
        name = self.known(name)
        row = self.org.find(row_id)
        if row is None or row.get("IsDeleted"):
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        asked = request.args.get("fields")
        names = asked.split(",") if asked else list(self.schema.fields(name))
        url = f"/services/data/{version}/sobjects/{name}/{row['Id']}"
        shown = {"attributes": {"type": name, "url": url}}
        return json_response(shown | {field: row.get(field) for field in names})

    @route("PATCH", "/services/data/<version>/sobjects/<name>/<row_id>")
    def change(self, request: Request, version: str, name: str, row_id: str) -> Response:  # noqa: ARG002
        """Update a row."""
        values = self.body(request)
        try:
            self.org.update(self.known(name), row_id, values, allow_save=allows_duplicates(request))
        except DmlError as error:
            raise refused(error) from error
        return Response(status=204)

    @route("DELETE", "/services/data/<version>/sobjects/<name>/<row_id>")
    def remove(self, request: Request, version: str, name: str, row_id: str) -> Response:  # noqa: ARG002
        """Move a row to the recycle bin."""
        try:
            self.org.delete(self.known(name), row_id)
        except DmlError as error:
            raise refused(error) from error
        return Response(status=204)

    @route("PATCH", "/services/data/<version>/sobjects/<name>/<field>/<path:value>")
    def upsert(self, request: Request, version: str, name: str, field: str, value: str) -> Response:
        """Insert or update by external id; 300 with the URLs where several rows hold it."""
        name = self.known(name)
        found = self._by_external(name, field, value)
        if len(found) > 1:
            return json_response(
                [f"/services/data/{version}/sobjects/{name}/{row_id}" for row_id in found], 300
            )
        try:
            done = self._upsert_row(
                name, field, {field: value, **self.body(request)}, allows_duplicates(request)
            )
        except DmlError as error:
            raise refused(error) from error
        return json_response(done, 201 if done["created"] else 200)

    @route("POST", "/services/data/<version>/composite/sobjects")
    def create_many(self, request: Request, version: str) -> Response:  # noqa: ARG002
        """Insert up to 200 rows."""
        allow = allows_duplicates(request)

        def save(row: Row) -> Row:
            row_id = self.org.insert(_type(row), _values(row), allow_save=allow)
            return {"id": row_id, "success": True, "errors": []}

        return self._collection(request, save)

    @route("PATCH", "/services/data/<version>/composite/sobjects")
    def change_many(self, request: Request, version: str) -> Response:  # noqa: ARG002
        """Update up to 200 rows."""
        allow = allows_duplicates(request)

        def save(row: Row) -> Row:
            row_id = str(row.get("id") or row.get("Id") or "")
            self.org.update(_type(row), row_id, _values(row, "id", "Id"), allow_save=allow)
            return {"id": row_id, "success": True, "errors": []}

        return self._collection(request, save, key=lambda row: row.get("id") or row.get("Id"))

    @route("PATCH", "/services/data/<version>/composite/sobjects/<name>/<field>")
    def upsert_many(self, request: Request, version: str, name: str, field: str) -> Response:  # noqa: ARG002
        """Insert or update up to 200 rows by external id."""
        name = self.known(name)
        self._by_external(name, field, "")
        allow = allows_duplicates(request)

        def save(row: Row) -> Row:
            return self._upsert_row(name, field, _values(row), allow)

        return self._collection(
            request, save, created=False, key=lambda row: str(row.get(field) or "").lower()
        )

    @route("DELETE", "/services/data/<version>/composite/sobjects")
    def remove_many(self, request: Request, version: str) -> Response:  # noqa: ARG002
        """Delete up to 200 rows of any objects."""
        ids = [i for i in request.args.get("ids", "").split(",") if i]
        rows = [{"id": row_id} for row_id in ids]
        whole = request.args.get("allOrNone", "false").lower() == "true"

        def save(row: Row) -> Row:
            found = self.org.find(row["id"])
            name = next((n for n in self.schema.objects if found and self._is(found, n)), "Lead")
            self.org.delete(name, row["id"])
            return {"id": row["id"], "success": True, "errors": []}

        return json_response(self._save_all(rows, save, whole))

    @route("GET", "/services/data/<version>/sobjects/<name>/updated")
    @route("GET", "/services/data/<version>/sobjects/<name>/updated/")
    def updated(self, request: Request, version: str, name: str) -> Response:  # noqa: ARG002
        """Ids of rows changed in a window."""
        start, end = self._window(request)
        found = [
            row["Id"]
            for row in self.org.rows(self.known(name))
            if not row.get("IsDeleted") and start <= row["SystemModstamp"] < end
        ]
        return json_response({"ids": found, "latestDateCovered": end})

    @route("GET", "/services/data/<version>/sobjects/<name>/deleted")
    @route("GET", "/services/data/<version>/sobjects/<name>/deleted/")
    def deleted(self, request: Request, version: str, name: str) -> Response:  # noqa: ARG002
        """Ids and times of rows deleted in a window."""
        start, end = self._window(request)
        found = [
            {"id": row["Id"], "deletedDate": row["SystemModstamp"]}
            for row in self.org.rows(self.known(name))
            if row.get("IsDeleted") and start <= row["SystemModstamp"] < end
        ]
        first = stamp(self.now() - timedelta(days=15))
        return json_response(
            {"deletedRecords": found, "earliestDateAvailable": first, "latestDateCovered": end}
        )

    def _window(self, request: Request) -> tuple[str, str]:
        try:
            start = datetime.fromisoformat(request.args["start"].replace(" ", "+"))
            end = datetime.fromisoformat(request.args["end"].replace(" ", "+"))
        except (KeyError, ValueError) as error:
            raise refusal(400, "INVALID_REPLICATION_DATE", "start and end are required") from error
        if end - start <= timedelta(minutes=1):
            raise refusal(
                400, "INVALID_REPLICATION_DATE", "startDate and endDate must differ by a minute"
            )
        if self.now() - start > timedelta(days=30):
            raise refusal(400, "INVALID_REPLICATION_DATE", "startDate before replication window")
        return stamp(start.replace(second=0)), stamp(end.replace(second=0))

    def _is(self, row: Row, name: str) -> bool:
        return self.org.object_of(row["Id"], name)

    def _by_external(self, name: str, field: str, value: str) -> list[str]:
        held = self.schema.fields(name).get(field)
        if held is None or not (held.external_id or held.type == "email"):
            raise refusal(
                404,
                "NOT_FOUND",
                f"Provided external ID field does not exist or is not accessible: {field}",
            )
        return self.org.by_value(name, field, value) if value else []

    def _upsert_row(self, name: str, field: str, row: Row, allow: bool) -> Row:
        value = str(row.get(field) or "")
        if not value:
            raise DmlError("MISSING_ARGUMENT", f"{field} not specified", field)
        if "id" in row or "Id" in row:
            raise DmlError("INVALID_FIELD", "cannot specify Id in an upsert by external id", "Id")
        found = self._by_external(name, field, value)
        if len(found) > 1:
            raise DmlError(
                "DUPLICATE_EXTERNAL_ID",
                f"{field}: more than one record found for external id field: {found}",
            )
        if found:
            self.org.update(name, found[0], row, allow_save=allow)
            row_id = found[0]
        else:
            row_id = self.org.insert(name, row, allow_save=allow)
        return {"id": row_id, "success": True, "errors": [], "created": not found}

    def _collection(
        self,
        request: Request,
        save: Save,
        *,
        created: bool | None = None,
        key: Callable[[Row], Any] | None = None,
    ) -> Response:
        body = self.body(request)
        rows = body.get("records")
        if not isinstance(rows, list):
            raise refusal(400, "JSON_PARSER_ERROR", "records must be a list")
        if len(rows) > MOST_ROWS:
            raise refusal(400, TOO_MANY, f"The request must have at most {MOST_ROWS} records")
        keys = [k for k in map(key, rows) if k] if key else []

        def once(row: Row) -> Row:
            if key and keys.count(key(row)) > 1:
                raise DmlError("DUPLICATE_VALUE", f"duplicate id in list: {key(row)}")
            return save(row)

        done = self._save_all(rows, once, bool(body.get("allOrNone")))
        if created is not None:
            done = [item if item["success"] else {**item, "created": False} for item in done]
        return json_response(done)

    def _save_all(self, rows: list[Row], save: Save, whole: bool) -> list[Row]:
        if len(rows) > MOST_ROWS:
            raise refusal(400, TOO_MANY, f"The request must have at most {MOST_ROWS} records")
        done: list[Row] = []
        try:
            with self.org.all_or_none():
                for row in rows:
                    try:
                        done.append(save(row))
                    except DmlError as error:
                        done.append({"success": False, "errors": [error.row()]})
                if whole and not all(item["success"] for item in done):
                    raise ROLLED_BACK
        except DmlError as error:
            failed = {"success": False, "errors": [error.row()]}
            done = [failed if item["success"] else item for item in done]
        return done


def _type(row: Row) -> str:
    name = (row.get("attributes") or {}).get("type")
    if not name:
        raise DmlError("INVALID_TYPE", "Must send sobject type in the attributes of a record")
    return str(name)


def _values(row: Row, *but: str) -> Row:
    return {name: value for name, value in row.items() if name not in ("attributes", *but)}
