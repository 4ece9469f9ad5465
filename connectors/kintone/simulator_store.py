"""How a simulated kintone domain keeps its records: all of a request or none, unique values, cells.

Sources: kintone REST API spec (records), cybozu developer network ("Field types").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.kintone.simulator_domain import Domain
from connectors.kintone.simulator_form import (
    BUILT_IN,
    Messages,
    defaults,
    minute,
    refusals,
    same,
    stored,
)
from connectors.kit.simulator import Refusal, Table

_BUILT_IN: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "RECORD_NUMBER": lambda row: str(row["id"]),
    "CREATED_TIME": lambda row: row["created"],
    "UPDATED_TIME": lambda row: row["updated"],
    "CREATOR": lambda row: {"code": row["creator"]},
    "MODIFIER": lambda row: {"code": row["modifier"]},
    "STATUS": lambda row: row["status"],
}
Before = tuple[Table, str, dict[str, Any] | None]
"""A row as it was before a request: its table, its id, and None where it was not there."""


class Store(Domain):
    """Records by app."""

    def __init__(self, **options: Any) -> None:
        self._holders: dict[tuple[int, str], dict[str, int]] = {}
        self._made: dict[tuple[int, int], dict[int, tuple[Any, dict[str, Any]]]] = {}
        self._before: list[Before] | None = None
        super().__init__(**options)

    def rows(self, app: int) -> Table:
        """The records of an app. A row is replaced when it changes, never changed in place."""
        return self.table(f"records:{app}")

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All of a request's changes to records, or none: a Refusal takes them back.

        Blocks may lie in one another.
        """
        outer, before = self._before, list[Before]()
        self._before = before
        try:
            yield
        except Refusal:
            for table, key, row in reversed(before):
                if row is None:
                    del table[key]
                else:
                    table[key] = row
            self._holders.clear()
            raise
        else:
            if outer is not None:
                outer.extend(before)
        finally:
            self._before = outer

    def _keep(self, app: int, key: str, row: dict[str, Any] | None) -> None:
        """Write a row, or delete it; what was there before is remembered where it may be undone."""
        table = self.rows(app)
        if self._before is not None:
            self._before.append((table, key, table.get(key)))
        if row is None:
            del table[key]
        else:
            table[key] = row

    def find(self, app: Mapping[str, Any], record: Any) -> dict[str, Any]:
        """A record's row."""
        row = self.rows(app["id"]).get(str(record))
        if row is None:
            raise self.no("GAIA_RE01", f"指定したレコード（id: {record}）が見つかりません。", 404)
        return row

    def check_revision(self, row: Mapping[str, Any], revision: Any) -> None:
        """Refuse a stale revision; none, or -1, is not checked."""
        if revision not in (None, "", -1, "-1") and str(revision) != str(row["revision"]):
            raise self.no("GAIA_CO02", "指定したrevisionは最新ではありません。", 409)

    def messages(
        self,
        app: Mapping[str, Any],
        row: Mapping[str, Any] | None,
        cells: Mapping[str, Any],
        place: str,
    ) -> Messages:
        """What is wrong with writing ``cells`` to ``row`` (None: a new record)."""
        known = self.known(app, cells)
        base = defaults(app["form"]) if row is None else row["values"]
        own = None if row is None else row["id"]

        def taken(code: str, value: Any) -> bool:
            return self.holder(app, code, value) not in (None, own)

        return refusals(known, {**base, **known}, app["form"], taken, place)

    def holder(self, app: Mapping[str, Any], code: str, value: Any) -> int | None:
        """The id of the record that holds a value of a field without duplicates."""
        held = self._holders.get((app["id"], code))
        if held is None:
            held = {
                same(row["values"][code]): row["id"]
                for row in self.rows(app["id"]).values()
                if row["values"].get(code) not in (None, "")
            }
            self._holders[app["id"], code] = held
        return held.get(same(value))

    def known(self, app: Mapping[str, Any], cells: Mapping[str, Any]) -> dict[str, Any]:
        """The bare values of the cells that the form has; kintone ignores the others."""
        found = {}
        for code, cell in cells.items():
            if code in app["form"]:
                value = cell.get("value") if isinstance(cell, dict) else cell
                found[code] = stored(value, app["form"][code])
        return found

    def store(
        self,
        app: Mapping[str, Any],
        row: Mapping[str, Any] | None,
        cells: Mapping[str, Any],
        who: str,
    ) -> dict[str, Any]:
        """Write ``cells`` and return the new row; nothing is checked here."""
        moment = minute(self.now())
        known = self.known(app, cells)
        if row is None:
            process = app["process"]
            row = {
                "id": self.next_id(f"record:{app['id']}"),
                "revision": 0,
                "values": defaults(app["form"]),
                "created": moment,
                "creator": who,
                "status": process["states"][0] if process else "",
            }
        changed = {
            **row,
            "values": {**row["values"], **known},
            "revision": row["revision"] + 1,
            "updated": moment,
            "modifier": who,
        }
        self._keep(app["id"], str(row["id"]), changed)
        self._note(app["id"], row["values"], changed["values"], row["id"])
        return changed

    def drop(self, app: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        """Delete a record."""
        self._keep(app["id"], str(row["id"]), None)
        self._note(app["id"], row["values"], {}, row["id"])

    def _note(self, app: int, old: Mapping[str, Any], new: Mapping[str, Any], record: int) -> None:
        for (of, code), held in self._holders.items():
            if of == app:
                held.pop(same(old.get(code) or ""), None)
                if new.get(code) not in (None, ""):
                    held[same(new[code])] = record

    def bares(self, app: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The records of an app as the query language sees them: field code to value."""
        built_in = _built_in(app)
        made = self._made.setdefault((app["id"], app["revision"]), {})
        for row in self.rows(app["id"]).values():
            held = made.get(row["id"])
            if held is None or held[0] is not row:
                held = made[row["id"]] = (row, _bare(row, built_in))
            yield held[1]

    def bare(self, app: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """One record: field code to value."""
        return _bare(row, _built_in(app))

    def cells(self, app: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """A record as kintone answers it: field code to type and value."""
        form = app["form"]
        answer: dict[str, Any] = {}
        for code, value in self.bare(app, row).items():
            kind = {"$id": "__ID__", "$revision": "__REVISION__"}.get(code)
            if kind is None and code not in form:
                continue  # the field was removed from the form
            kind = kind or form[code]["type"]
            answer[code] = {"type": kind, "value": self._shown(kind, value)}
        return answer

    def _shown(self, kind: str, value: Any) -> Any:
        if kind in ("CREATOR", "MODIFIER"):
            return {"code": value["code"], "name": self.name_of(value["code"])}
        if kind in ("USER_SELECT", "GROUP_SELECT", "ORGANIZATION_SELECT"):
            codes = [item["code"] if isinstance(item, dict) else item for item in value]
            return [{"code": one, "name": self.name_of(one)} for one in codes]
        return value

    def types(self, app: Mapping[str, Any]) -> dict[str, str]:
        """Field code to type, as the query language needs it."""
        status = BUILT_IN["ステータス"]
        codes = {
            code: made["type"]
            for code, made in app["form"].items()
            if made["type"] != status or app["process"]
        }
        return {**codes, "$id": "__ID__"}

    def name_of(self, login: str) -> str:
        """What a user is called; the login where there is no such user."""
        user = self.table("users").get(login)
        return user["name"] if user else login


def _built_in(app: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (code, made["type"])
        for code, made in app["form"].items()
        if made["type"] in _BUILT_IN and (made["type"] != "STATUS" or app["process"])
    ]


def _bare(row: Mapping[str, Any], built_in: list[tuple[str, str]]) -> dict[str, Any]:
    codes = {code: _BUILT_IN[kind](row) for code, kind in built_in}
    own = {"$id": str(row["id"]), "$revision": str(row["revision"])}
    return {**row["values"], **codes, **own}
