"""The record endpoints of the simulator: read, add, update, upsert, delete, cursors.

Sources: kintone REST API spec (record, records, records/cursor). Several records are written all or
none. A cursor fixes which records it gives when it is made, and reads their values when asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.kintone.simulator_domain import api
from connectors.kintone.simulator_form import Messages
from connectors.kintone.simulator_hooks import Hooks
from connectors.kintone.simulator_query import DEFAULT_ROWS, MOST_ROWS, BadQuery, Query, parse
from connectors.kit.simulator import Request, Response

MOST_WRITTEN = 100
"""Records of one write (kintone REST API spec)."""
OPEN_CURSORS = 10
"""Cursors open at once in a domain (cybozu developer network, Add Cursor)."""
CURSOR_LIFE = timedelta(minutes=10)
"""A cursor's life after it was made or last read (cybozu developer network, Add Cursor)."""
_WHY = {
    "GAIA_QU01": "limit には 500 以下の値を指定してください。",
    "GAIA_QU02": "offset には 10,000 以下の値を指定してください。",
    "GAIA_IQ11": "指定されたフィールドが見つかりません。",
}


class RecordsApi(Hooks):
    """Answers to record.json, records.json and records/cursor.json."""

    @api("GET", "records")
    def get_records(self, request: Request, space: int | None = None) -> Response:
        """Records by query."""
        asked = self.parameters(request)
        self.needed(asked, "app")
        app = self.allow(request, asked["app"], "view", space)
        query = self.query(app, asked.get("query"))
        found = query.select(self.bares(app), self.types(app))
        start = query.offset or 0
        chosen = found[start : start + (DEFAULT_ROWS if query.limit is None else query.limit)]
        counted = str(asked.get("totalCount", "")).lower() == "true"
        return self.ok(
            {
                "records": [self.shown(app, row["$id"], asked.get("fields")) for row in chosen],
                "totalCount": str(len(found)) if counted else None,
            }
        )

    @api("GET", "record")
    def get_record(self, request: Request, space: int | None = None) -> Response:
        """One record."""
        asked = self.parameters(request)
        self.needed(asked, "app", "id")
        app = self.allow(request, asked["app"], "view", space)
        return self.ok({"record": self.cells(app, self.find(app, asked["id"]))})

    @api("POST", "record")
    def post_record(self, request: Request, space: int | None = None) -> Response:
        """Add one record; tells the app's webhook."""
        return self.ok(self.add_one(request, self.parameters(request), space))

    def add_one(self, request: Request, asked: Mapping[str, Any], space: int | None) -> Any:
        """What POST record.json does."""
        self.needed(asked, "app")
        app = self.allow(request, asked["app"], "add", space)
        cells = asked.get("record") or {}
        errors = self.messages(app, None, cells, "record")
        if errors:
            raise self.invalid(errors)
        row = self.store(app, None, cells, request.environ["kintone.who"])
        self.tell(app, "ADD_RECORD", row)
        return {"id": str(row["id"]), "revision": str(row["revision"])}

    @api("PUT", "record")
    def put_record(self, request: Request, space: int | None = None) -> Response:
        """Update one record; tells the app's webhook."""
        return self.ok(self.put_one(request, self.parameters(request), space))

    def put_one(self, request: Request, asked: Mapping[str, Any], space: int | None) -> Any:
        """What PUT record.json does."""
        self.needed(asked, "app")
        app = self.allow(request, asked["app"], "edit", space)
        row = self.target(app, asked)
        self.check_revision(row, asked.get("revision"))
        cells = asked.get("record") or {}
        errors = self.messages(app, row, cells, "record")
        if errors:
            raise self.invalid(errors)
        row = self.store(app, row, cells, request.environ["kintone.who"])
        self.tell(app, "UPDATE_RECORD", row)
        return {"revision": str(row["revision"])}

    @api("POST", "records")
    def post_records(self, request: Request, space: int | None = None) -> Response:
        """Add records, all or none, without a webhook."""
        return self.ok(self.add_many(request, self.parameters(request), space))

    @api("PUT", "records")
    def put_records(self, request: Request, space: int | None = None) -> Response:
        """Update or upsert records, all or none, without a webhook."""
        return self.ok(self.put_many(request, self.parameters(request), space))

    @api("DELETE", "records")
    def delete_records(self, request: Request, space: int | None = None) -> Response:
        """Delete records, all or none, without a webhook."""
        return self.ok(self.delete_many(request, self.parameters(request), space))

    def add_many(self, request: Request, asked: Mapping[str, Any], space: int | None) -> Any:
        """What POST records.json does."""
        self.needed(asked, "app", "records")
        app = self.allow(request, asked["app"], "add", space)
        self.few(asked["records"], "追加")
        errors: Messages = {}
        rows = []
        with self.whole():
            for index, cells in enumerate(asked["records"]):
                wrong = self.messages(app, None, cells, f"records[{index}]")
                errors |= wrong
                if not wrong:
                    rows.append(self.store(app, None, cells, request.environ["kintone.who"]))
            if errors:
                raise self.invalid(errors)
        return {
            "ids": [str(row["id"]) for row in rows],
            "revisions": [str(row["revision"]) for row in rows],
        }

    def put_many(self, request: Request, asked: Mapping[str, Any], space: int | None) -> Any:
        """What PUT records.json does. With ``upsert`` a record that is not there is added."""
        self.needed(asked, "app", "records")
        app = self.allow(request, asked["app"], "edit", space)
        upsert = bool(asked.get("upsert"))
        self.few(asked["records"], "更新")
        errors: Messages = {}
        answers = []
        seen: set[int] = set()
        with self.whole():
            for index, item in enumerate(asked["records"]):
                row = None if upsert and not self.exists(app, item) else self.target(app, item)
                cells = dict(item.get("record") or {})
                if row is not None:
                    if row["id"] in seen:
                        raise self.no(
                            "GAIA_RE09", f"レコード（id: {row['id']}）の指定が重複しています。"
                        )
                    self.check_revision(row, item.get("revision"))
                elif item.get("updateKey"):
                    key = item["updateKey"]
                    cells[key["field"]] = {"value": key["value"]}
                place = f"records[{index}]" + (".record" if self.nested_places else "")
                wrong = self.messages(app, row, cells, place)
                errors |= wrong
                if not wrong:
                    made = self.store(app, row, cells, request.environ["kintone.who"])
                    seen.add(made["id"])
                    answer = {"id": str(made["id"]), "revision": str(made["revision"])}
                    if upsert:
                        answer["operation"] = "INSERT" if row is None else "UPDATE"
                    answers.append(answer)
            if errors:
                raise self.invalid(errors)
        return {"records": answers}

    def delete_many(self, request: Request, asked: Mapping[str, Any], space: int | None) -> Any:
        """What DELETE records.json does."""
        self.needed(asked, "app", "ids")
        app = self.allow(request, asked["app"], "delete", space)
        self.few(asked["ids"], "削除")
        revisions = asked.get("revisions") or []
        with self.whole():
            for index, record in enumerate(asked["ids"]):
                row = self.find(app, record)
                self.check_revision(row, revisions[index] if index < len(revisions) else None)
                self.drop(app, row)
        return {}

    @api("POST", "records/cursor")
    def post_cursor(self, request: Request, space: int | None = None) -> Response:
        """Make a cursor."""
        asked = self.parameters(request)
        self.needed(asked, "app")
        app = self.allow(request, asked["app"], "view", space)
        query = self.query(app, asked.get("query"))
        size = self.number(asked, "size", DEFAULT_ROWS)
        if not 0 < size <= MOST_ROWS:
            message = f"1以上{MOST_ROWS}以下で指定してください。"
            raise self.invalid({"size": {"messages": [message]}})
        if query.limit is not None or query.offset is not None:
            raise self.invalid(
                {"query": {"messages": ["カーソルには limit も offset も使えません。"]}}
            )
        if len(self.open_cursors()) >= OPEN_CURSORS:
            raise self.no("GAIA_TM12", "作成できるカーソルの上限に達しています。", 429)
        found = query.select(self.bares(app), self.types(app))
        cursor = f"{self.random.getrandbits(64):016x}-cursor"
        self.table("cursors")[cursor] = {
            "app": app["id"],
            "ids": [row["$id"] for row in found],
            "size": size,
            "fields": asked.get("fields"),
            "until": (self.now() + CURSOR_LIFE).isoformat(),
        }
        return self.ok({"id": cursor, "totalCount": str(len(found))})

    @api("GET", "records/cursor")
    def get_cursor(self, request: Request, space: int | None = None) -> Response:
        """The next records of a cursor."""
        asked = self.parameters(request)
        cursor = self.cursor(asked.get("id"))
        app = self.allow(request, cursor["app"], "view", space)
        given, left = cursor["ids"][: cursor["size"]], cursor["ids"][cursor["size"] :]
        if left:
            until = (self.now() + CURSOR_LIFE).isoformat()
            self.table("cursors")[asked["id"]] = {**cursor, "ids": left, "until": until}
        else:
            del self.table("cursors")[asked["id"]]
        held = self.rows(app["id"])
        rows = [self.shown(app, record, cursor["fields"]) for record in given if record in held]
        return self.ok({"records": rows, "next": bool(left)})

    @api("DELETE", "records/cursor")
    def delete_cursor(self, request: Request, space: int | None = None) -> Response:
        """Give a cursor back."""
        asked = self.parameters(request)
        app = self.cursor(asked.get("id"))["app"]
        self.allow(request, app, "view", space)
        del self.table("cursors")[asked["id"]]
        return self.ok({})

    def open_cursors(self) -> list[str]:
        """The ids of the cursors that still live."""
        table = self.table("cursors")
        for key in table:
            if datetime.fromisoformat(table[key]["until"]) <= self.now():
                del table[key]
        return list(table)

    def cursor(self, key: Any) -> dict[str, Any]:
        """A cursor that still lives."""
        if key not in self.open_cursors():
            raise self.no("GAIA_CN01", "指定したカーソルは存在しないか、期限が切れています。", 404)
        return self.table("cursors")[str(key)]

    def query(self, app: Mapping[str, Any], text: Any) -> Query:
        """A query over an app's fields, or the refusal of it."""
        try:
            return parse(str(text or ""), self.types(app), self.now())
        except BadQuery as error:
            if error.code == "CB_VA01":
                raise self.invalid(
                    {"query": {"messages": ["クエリ記法が間違っています。"]}}
                ) from error
            raise self.no(error.code, _WHY.get(error.code, "クエリが正しくありません。")) from error

    def shown(self, app: Mapping[str, Any], record: str, fields: Any) -> dict[str, Any]:
        """A record's cells; only ``fields`` where they are asked for."""
        cells = self.cells(app, self.rows(app["id"])[record])
        return {code: cells[code] for code in cells if not fields or code in fields}

    def few(self, records: Any, what: str) -> None:
        """Refuse more than a hundred at once."""
        if len(records) > MOST_WRITTEN:
            message = f"一度に{MOST_WRITTEN}件までのレコードを{what}できます。"
            raise self.invalid({"records": {"messages": [message]}})

    def exists(self, app: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
        """Whether an item of an upsert names a record that is there."""
        if item.get("updateKey"):
            return self.keyed(app, item) is not None
        return str(item.get("id")) in self.rows(app["id"])

    def target(self, app: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
        """The row that an update names by id or by a unique field."""
        if not item.get("updateKey"):
            return self.find(app, item.get("id"))
        record = self.keyed(app, item)
        if record is None:
            raise self.no("GAIA_RE20", "updateKeyの値に一致するレコードが見つかりません。", 404)
        return self.find(app, record)

    def keyed(self, app: Mapping[str, Any], item: Mapping[str, Any]) -> int | None:
        """The id of the record that an updateKey names."""
        key = item["updateKey"]
        definition = app["form"].get(key.get("field"), {})
        if not definition.get("unique") or key["field"] in (item.get("record") or {}):
            raise self.invalid({"updateKey.field": {"messages": ["更新キーに使えません。"]}})
        return self.holder(app, key["field"], key["value"])
