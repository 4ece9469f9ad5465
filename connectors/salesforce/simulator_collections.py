"""The simulated sObject collections: up to 200 rows in one request, each with its verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.kit.simulator import Request, Response, json_response, route
from connectors.salesforce.simulator_base import allows_duplicates, refusal
from connectors.salesforce.simulator_rules import DmlError
from connectors.salesforce.simulator_sobjects import Row, SobjectRoutes

MOST_ROWS = 200
MOST_READ = 2000
"""Rows read at once (Salesforce REST API guide, "Get records with sObject collections")."""
TOO_MANY = "INVALID_INPUT"
"""Unverified: the code for a collection of more than 200 rows."""
ROLLED_BACK = DmlError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone "
    "header",
)
Save = Callable[[Row], Row]


class CollectionRoutes(SobjectRoutes):
    """``/composite/sobjects``."""

    @route("GET", "/services/data/<version>/composite/sobjects/<name>")
    def read_many(self, request: Request, version: str, name: str) -> Response:
        """Rows by id, in the order asked; null for one that is not there."""
        ids, fields = (request.args.get(key, "").split(",") for key in ("ids", "fields"))
        return self._several(version, name, ids, fields)

    @route("POST", "/services/data/<version>/composite/sobjects/<name>")
    def read_very_many(self, request: Request, version: str, name: str) -> Response:
        """Rows by id, for when the ids do not fit in a URL."""
        body = self.body(request)
        return self._several(version, name, body.get("ids") or [], body.get("fields") or [])

    def _several(self, version: str, name: str, ids: list[Any], fields: list[Any]) -> Response:
        name = self.known(name)
        ids, fields = [i for i in map(str, ids) if i], [f for f in map(str, fields) if f]
        if not ids or not fields:
            raise refusal(400, "MISSING_ARGUMENT", "ids and fields are required")
        if len(ids) > MOST_READ:
            raise refusal(400, TOO_MANY, f"The request must have at most {MOST_READ} ids")
        spelt = self._spelt(name, fields)
        rows = [self.org.find(row_id) for row_id in ids]
        return json_response(
            [
                self._row(version, name, row, spelt)
                if row and not row.get("IsDeleted") and self._is(row, name)
                else None
                for row in rows
            ]
        )

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
