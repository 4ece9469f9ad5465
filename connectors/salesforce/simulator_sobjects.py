"""The simulated sObject resources: single rows, rows by external id, collections, replication."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.kit.simulator import Refusal, Request, Response, json_response, route
from connectors.salesforce.simulator_base import OrgSimulator, allows_duplicates, refusal
from connectors.salesforce.simulator_ids import read_id
from connectors.salesforce.simulator_rules import DmlError, stamp

GONE = ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY")
Row = dict[str, Any]


def refused(error: DmlError) -> Refusal:
    """A write of a single row, refused."""
    return Refusal(json_response(error.body(), 404 if error.code in GONE else 400))


def no_such_key(key: str) -> Refusal:
    """What is no id is taken for the name of an external id field, and refused as such."""
    message = f"Provided external ID field does not exist or is not accessible: {key}"
    return refusal(404, "NOT_FOUND", message)


def _changed(row: Row) -> datetime:
    return datetime.fromisoformat(str(row["LastModifiedDate"]))


class SobjectRoutes(OrgSimulator):
    """Rows one by one and by the two hundred."""

    @route("POST", "/services/data/<version>/sobjects/<name>")
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
        """Every visible field of a row that is not deleted; 304 where it did not change since."""
        name = self.known(name)
        full = read_id(row_id)
        if full is None:
            raise no_such_key(row_id)
        row = self.org.find(full)
        if row is None or row.get("IsDeleted") or not self._is(row, name):
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        since = request.if_modified_since
        if since is not None and _changed(row) <= since:
            return Response(status=304)
        return json_response(self._row(version, name, row, self._asked(request, name)))

    def _asked(self, request: Request, name: str) -> list[str]:
        """The fields that ``fields`` asks for; all where it does not."""
        said = request.args.get("fields")
        return self._spelt(name, said.split(",") if said else list(self.schema.fields(name)))

    def _spelt(self, name: str, fields: list[str]) -> list[str]:
        known = {field.lower(): field for field in self.schema.fields(name)}
        unknown = next((f for f in fields if f.strip().lower() not in known), None)
        if unknown is not None:
            raise refusal(400, "INVALID_FIELD", f"No such column '{unknown}' on entity '{name}'.")
        return [known[field.strip().lower()] for field in fields]

    def _row(self, version: str, name: str, row: Row, fields: list[str]) -> Row:
        url = f"/services/data/{version}/sobjects/{name}/{row['Id']}"
        shown: Row = {"attributes": {"type": name, "url": url}}
        return shown | {field: row.get(field) for field in fields}

    @route("PATCH", "/services/data/<version>/sobjects/<name>/<row_id>")
    def change(self, request: Request, version: str, name: str, row_id: str) -> Response:  # noqa: ARG002
        """Update a row; 412 where it is newer than ``If-Unmodified-Since``."""
        values = self.body(request)
        row, since = self.org.find(row_id), request.if_unmodified_since
        if row is not None and since is not None and _changed(row) > since:
            return Response(status=412)
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

    @route("GET", "/services/data/<version>/sobjects/<name>/<field>/<path:value>")
    def read_by(
        self, request: Request, version: str, name: str, field: str, value: str
    ) -> Response:
        """A row by external id; 300 with the URLs where several rows hold it."""
        name = self.known(name)
        found = self._one_by(version, name, field, value)
        if isinstance(found, Response):
            return found
        return json_response(self._row(version, name, found, self._asked(request, name)))

    @route("DELETE", "/services/data/<version>/sobjects/<name>/<field>/<path:value>")
    def remove_by(
        self,
        request: Request,  # noqa: ARG002
        version: str,
        name: str,
        field: str,
        value: str,
    ) -> Response:
        """Move a row to the recycle bin by external id."""
        name = self.known(name)
        found = self._one_by(version, name, field, value)
        if isinstance(found, Response):
            return found
        self.org.delete(name, found["Id"])
        return Response(status=204)

    def _one_by(self, version: str, name: str, field: str, value: str) -> Row | Response:
        found = self._by_external(name, field, value)
        if len(found) > 1:
            return json_response(
                [f"/services/data/{version}/sobjects/{name}/{row_id}" for row_id in found], 300
            )
        row = self.org.find(found[0]) if found else None
        if row is None:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return row

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

    @route("GET", "/services/data/<version>/sobjects/<name>/updated")
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
            raise no_such_key(field)
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
