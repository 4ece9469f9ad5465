"""A simulated kintone domain, for tests and rehearsals.

It starts with one app, リード管理 (``LEADS``), with one API token (``TOKEN``) and one user. Plant
and stir records with ``add_record``, ``edit_record``, ``delete_record`` (a person at the screen:
the app's webhook is told) and ``import_records`` (a CSV import: it is not, as at kintone).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.kintone.simulator_domain import LEADS, TOKEN, api
from connectors.kintone.simulator_form import field, form, leads_form
from connectors.kintone.simulator_hooks import PERSON
from connectors.kintone.simulator_process import ProcessApi
from connectors.kit.simulator import Request, Response

__all__ = ["LEADS", "TOKEN", "Simulator", "field", "form", "leads_form"]

MOST_APPS = 100
"""Apps of one answer (kintone REST API spec)."""


class Simulator(ProcessApi):
    """A kintone domain, with what a person at the screen does."""

    def add_record(self, app: int, values: Mapping[str, Any]) -> str:
        """A person adds a record; returns its id. ``values`` are bare: field code to value."""
        return self._edit(app, None, values)

    def edit_record(self, app: int, record: str, values: Mapping[str, Any]) -> None:
        """A person changes a record."""
        self._edit(app, record, values)

    def delete_record(self, app: int, record: str) -> None:
        """A person deletes a record."""
        with self.lock:
            held = self.table("apps")[str(app)]
            row = self.find(held, record)
            self.drop(held, row)
            self.tell(held, "DELETE_RECORD", row)

    def import_records(self, app: int, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """A person imports a CSV file: no webhook is sent, and nothing is checked."""
        with self.lock:
            held = self.table("apps")[str(app)]
            return [str(self.store(held, None, row, PERSON)["id"]) for row in rows]

    def record(self, app: int, record: str) -> dict[str, Any]:
        """A record's bare values, with ``$id`` and ``$revision``."""
        with self.lock:
            held = self.table("apps")[str(app)]
            return self.bare(held, self.find(held, record))

    def set_process(
        self,
        app: int,
        states: Sequence[str],
        actions: Iterable[tuple[str, str, str]],
        *,
        choose_assignee: bool = False,
    ) -> None:
        """Switch process management on. ``actions`` are (name, from, to).

        Records that are there stand at the first state. ``choose_assignee``: whoever takes an
        action must name the next assignee.
        """
        with self.lock:
            held = self.table("apps")[str(app)]
            process = {
                "states": list(states),
                "actions": [list(action) for action in actions],
                "choose_assignee": choose_assignee,
            }
            made = {**held["form"], "ステータス": {**held["form"]["ステータス"], "enabled": True}}
            changed = {**held, "process": process, "form": made}
            self.table("apps")[str(app)] = {**changed, "revision": held["revision"] + 1}
            for key, row in self.rows(app).items():
                self.rows(app)[key] = {**row, "status": states[0]}

    def _edit(self, app: int, record: str | None, values: Mapping[str, Any]) -> str:
        with self.lock:
            held = self.table("apps")[str(app)]
            row = None if record is None else self.find(held, record)
            errors = self.messages(held, row, values, "record")
            if errors:
                raise self.invalid(errors)
            row = self.store(held, row, values, PERSON)
            self.tell(held, "ADD_RECORD" if record is None else "UPDATE_RECORD", row)
            return str(row["id"])

    @api("GET", "app")
    def get_app(self, request: Request, space: int | None = None) -> Response:
        """What an app is called."""
        asked = self.parameters(request)
        self.needed(asked, "id")
        app = self.allow(request, asked["id"], "view", space)
        return self.ok(self._described(app))

    @api("GET", "apps")
    def get_apps(self, request: Request, space: int | None = None) -> Response:
        """Every app; not for API tokens."""
        if "kintone.tokens" in request.environ:
            raise self.no("GAIA_NO01", "このAPIトークンでは、指定したAPIを実行できません。", 403)
        asked = self.parameters(request)
        start, count = self.number(asked, "offset", 0), self.number(asked, "limit", 100)
        if not 0 < count <= MOST_APPS:
            raise self.invalid({"limit": {"messages": [f"最大で{MOST_APPS}です。"]}})
        ids, name = [str(one) for one in asked.get("ids") or ()], str(asked.get("name") or "")
        held = [
            app
            for app in self.table("apps").values()
            if app["guest_space"] == space
            and (not ids or str(app["id"]) in ids)
            and name.lower() in app["name"].lower()
            and not asked.get("codes")  # no app here has a code
        ]
        return self.ok({"apps": [self._described(app) for app in held[start : start + count]]})

    @api("GET", "app/form/fields")
    def get_fields(self, request: Request, space: int | None = None) -> Response:
        """An app's fields."""
        asked = self.parameters(request)
        self.needed(asked, "app")
        app = self.allow(request, asked["app"], "view", space)
        return self.ok({"properties": app["form"], "revision": str(app["revision"])})

    def _described(self, app: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "appId": str(app["id"]),
            "code": "",
            "name": app["name"],
            "description": "",
            "spaceId": None if app["guest_space"] is None else str(app["guest_space"]),
            "threadId": None,
            "createdAt": app["created"],
            "creator": {"code": PERSON, "name": self.name_of(PERSON)},
            "modifiedAt": app["created"],
            "modifier": {"code": PERSON, "name": self.name_of(PERSON)},
        }
