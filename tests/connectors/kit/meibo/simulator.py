"""A simulated Meibo account: people with names, keyed by ``renkei_id``."""

from __future__ import annotations

from typing import Any

import orjson

from connectors.kit.simulator import (
    BaseSimulator,
    Refusal,
    Request,
    Response,
    json_response,
    route,
)

FIELDS = {"name", "mail", "renkei_id", "stage"}


class Simulator(BaseSimulator):
    """One team's people."""

    slug = "meibo"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.key = "meibo-rehearsal-key"
        self.keyed = True

    def put(self, person_id: str | None = None, **fields: Any) -> str:
        """Make or change a person in the console; returns the id."""
        people = self.table("people")
        known = person_id or str(self.next_id("person", 100))
        held = people.get(known, {"id": int(known), "meta": {"revision": 0, "archived": False}})
        meta = {
            **held["meta"],
            "revision": held["meta"]["revision"] + 1,
            "modified": self.now().timestamp(),
        }
        people[known] = {**held, **fields, "meta": meta}
        return known

    def archive(self, person_id: str) -> None:
        """Delete a person, as Meibo does it."""
        row = self.table("people")[person_id]
        row["meta"]["archived"] = True
        self.put(person_id)

    def admit(self, request: Request) -> None:
        """Key and team must be right."""
        if request.headers.get("x-meibo-key") != self.key:
            raise Refusal(json_response({"error": {"code": "key"}}, 401))
        if request.headers.get("x-team") != "営業1".encode().hex():
            raise Refusal(json_response({"error": {"code": "team"}}, 403))

    @route("GET", "/api/team")
    def team(self, request: Request) -> Response:
        """Who we are."""
        return json_response({"data": {"name": "営業一課"}})

    @route("GET", "/api/people")
    def people(self, request: Request) -> Response:
        """A page of people."""
        since = float(request.args.get("modified_from", 0))
        page, size = int(request.args["page"]), int(request.args["per_page"])
        found = [row for row in self.table("people").values() if row["meta"]["modified"] >= since]
        return json_response({"data": {"items": found[(page - 1) * size : page * size]}})

    @route("GET", "/api/people/<person_id>")
    def person(self, request: Request, person_id: str) -> Response:
        """One person."""
        row = self.table("people").get(person_id)
        if row is None or row["meta"]["archived"]:
            raise Refusal(json_response({"error": {"code": "gone"}}, 404))
        return json_response({"data": row})

    @route("POST", "/api/people")
    def create(self, request: Request) -> Response:
        """Make a person, or change the one with the same key."""
        values = self._values(request)
        for known, row in self.table("people").items():
            if self.keyed and row.get("renkei_id") == values["renkei_id"]:
                return json_response({"data": self.table("people")[self.put(known, **values)]})
        return json_response({"data": self.table("people")[self.put(**values)]}, 201)

    @route("PATCH", "/api/people/<person_id>")
    def change(self, request: Request, person_id: str) -> Response:
        """Change a person."""
        if person_id not in self.table("people"):
            raise Refusal(json_response({"error": {"code": "gone"}}, 404))
        known = self.put(person_id, **self._values(request))
        return json_response({"data": self.table("people")[known]})

    def _values(self, request: Request) -> dict[str, Any]:
        values: dict[str, Any] = orjson.loads(request.get_data())["person"]
        for name in values:
            if name not in FIELDS:
                error = {"code": "unknown-field", "details": [{"field": name}]}
                raise Refusal(json_response({"error": error}, 422))
        return values
