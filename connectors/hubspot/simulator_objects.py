"""Routes of the CRM objects API v3, one record at a time: list, read, write, search, merge.

HubSpot developer docs, "CRM objects", "Search", "Merge".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

from connectors.hubspot.simulator_portal import Portal, Row
from connectors.hubspot.simulator_rules import Problem, error_body, refusal
from connectors.hubspot.simulator_schema import (
    ASSOCIATION_TYPES,
    CREATED,
    KINDS,
    MODIFIED,
    SHOWN,
    tied_to,
)
from connectors.hubspot.simulator_search import search
from connectors.kit.simulator import BaseSimulator, Refusal, Request, Response, json_response, route

MOST_PER_LIST = 100
MOST_WITH_HISTORY = 50
"""Records of an answer that also tells past values; from memory, as is the one above."""
LONGEST_URL = 8000
"""Characters of a query string before 414; the real figure is not published."""


class ObjectRoutes(BaseSimulator):
    """The object endpoints of a simulated portal."""

    portal: Portal
    search_cap = 10_000

    def correlation(self) -> str:
        """A fresh correlation id."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def refused(self, *problems: Problem) -> Refusal:
        """The refusal of a whole request."""
        return refusal(list(problems), self.correlation())

    def kind(self, name: str) -> str:
        """The path name of an object, from its path name or type id; refused where unknown."""
        for kind, (singular, type_id) in KINDS.items():
            if name in {kind, singular, type_id}:
                return kind
        raise self.refused(Problem(f"Unable to infer object type from: {name}"))

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON object of a request."""
        try:
            read = orjson.loads(request.get_data())
        except orjson.JSONDecodeError:
            read = None
        if not isinstance(read, dict):
            raise self.refused(Problem("Invalid input JSON on line 1, column 1"))
        return read

    def missing(self, kind: str, key: str) -> Refusal:
        """404 for one record."""
        body = error_body("resource not found", "OBJECT_NOT_FOUND", self.correlation())
        body["context"] = {"id": [key], "objectType": [kind]}
        return Refusal(json_response(body, 404))

    def found(self, kind: str, key: str, by: str | None = None, *, archived: bool = False) -> Row:
        """One record, or 404."""
        row = self.portal.resolve(kind, key, by)
        if row is None or row["archived"] is not archived:
            raise self.missing(kind, key)
        return row

    def shown(
        self, kind: str, row: Row, names: list[str], past: Iterable[str] = (), tied: str = ""
    ) -> Row:
        """A record as an answer holds it; properties that do not exist are left out silently.

        ``past`` are properties to tell the history of, ``tied`` names kinds of tied records.
        """
        schema = self.portal.schema(kind)
        wanted = [
            *(names or SHOWN.get(kind, ("hs_timestamp",))),
            CREATED.get(kind, "hs_createdate"),
            MODIFIED.get(kind, "hs_lastmodifieddate"),
            "hs_object_id",
        ]
        held = row["properties"]
        body = {
            "id": row["id"],
            "properties": {name: held.get(name) or None for name in wanted if name in schema},
            "createdAt": row["createdAt"],
            "updatedAt": row["updatedAt"],
            "archived": row["archived"],
        }
        if row["archived"]:
            body["archivedAt"] = row["archivedAt"]
        if past:
            versions = {name: self.portal.versions(row, name) for name in past if name in schema}
            body["propertiesWithHistory"] = versions
        ties = {to: self._tied(kind, row["id"], to) for to in map(self.kind, names_in(tied))}
        if any(ties.values()):
            body["associations"] = {to: {"results": found} for to, found in ties.items() if found}
        return body

    def _tied(self, kind: str, own: str, to: str) -> list[Row]:
        """Ties as v3 tells them; where there is a primary one, the others are "unlabeled"."""
        name = f"{KINDS[kind][0]}_to_{KINDS[to][0]}"
        plain, *main = ASSOCIATION_TYPES.get((kind, to), (1000,))
        return [
            {"id": other, "type": f"{name}_unlabeled" if main and one == plain else name}
            for other, types in self.portal.linked(kind, own, to).items()
            for one in types
        ]

    @route("GET", "/crm/v3/objects/<kind>")
    def list_objects(self, request: Request, kind: str) -> Response:
        """Everything in order of id; ``after`` is opaque."""
        kind, args = self.kind(kind), request.args
        if len(request.query_string) > LONGEST_URL:
            raise Refusal(Response("URI Too Long", status=414))
        limit, past = whole_number(args, "limit", 10), names_in(args.get("propertiesWithHistory"))
        most = MOST_WITH_HISTORY if past else MOST_PER_LIST
        if not 0 < limit <= most:
            raise self.refused(Problem(f"limit must be at most {most}"))
        archived = is_true(args, "archived")
        ids, rows = self.portal.ids[kind], self.portal.rows(kind)
        page: list[Row] = []
        for key in ids[bisect_right(ids, whole_number(args, "after", 0)) :]:
            row = rows[str(key)]
            if row["archived"] is archived:
                page.append(row)
                if len(page) > limit:
                    break
        names, tied = names_in(args.get("properties")), args.get("associations", "")
        body: Row = {"results": [self.shown(kind, row, names, past, tied) for row in page[:limit]]}
        if len(page) > limit:
            after = page[limit - 1]["id"]
            link = f"{request.base_url}?limit={limit}&after={after}"
            body["paging"] = {"next": {"after": after, "link": link}}
        return json_response(body)

    @route("GET", "/crm/v3/objects/<kind>/<key>")
    def read_object(self, request: Request, kind: str, key: str) -> Response:
        """One record; a merged id answers with the winner."""
        kind, args = self.kind(kind), request.args
        row = self.found(kind, key, args.get("idProperty"), archived=is_true(args, "archived"))
        names, past = names_in(args.get("properties")), names_in(args.get("propertiesWithHistory"))
        return json_response(self.shown(kind, row, names, past, args.get("associations", "")))

    @route("POST", "/crm/v3/objects/<kind>")
    def create_object(self, request: Request, kind: str) -> Response:
        """Create one record; an e-mail that is taken answers 409 with the holder's id."""
        kind, body = self.kind(kind), self.body(request)
        ties = [self._tie_of(kind, one) for one in body.get("associations") or ()]
        row = self.write(kind, body.get("properties") or {})
        for to, other in ties:
            self.portal.link(kind, row["id"], to, other)
        return json_response(self.shown(kind, row, list(body.get("properties") or {})), 201)

    def _tie_of(self, kind: str, one: Mapping[str, Any]) -> tuple[str, str]:
        """What an association of a new record leads to; its type says of which kind that is."""
        key = str((one.get("to") or {}).get("id"))
        types = [of.get("associationTypeId") for of in one.get("types") or ()]
        to = next(filter(None, (tied_to(kind, type_id) for type_id in types)), None)
        if to is None:
            raise self.refused(Problem(f"no association type of {kind} is among {types}"))
        return to, str(self.found(to, key)["id"])

    @route("PATCH", "/crm/v3/objects/<kind>/<key>")
    def update_object(self, request: Request, kind: str, key: str) -> Response:
        """Change some properties of one record; an empty string clears."""
        kind, values = self.kind(kind), self.body(request).get("properties") or {}
        row = self.found(kind, key, request.args.get("idProperty"))
        return json_response(self.shown(kind, self.write(kind, values, row["id"]), list(values)))

    @route("DELETE", "/crm/v3/objects/<kind>/<key>")
    def archive_object(self, _request: Request, kind: str, key: str) -> Response:
        """Archive one record; 204 whether or not it was there."""
        kind = self.kind(kind)
        row = self.portal.resolve(kind, key)
        if row is not None and not row["archived"]:
            self.portal.archive(kind, row["id"])
        return Response(status=204)

    def write(self, kind: str, values: Mapping[str, object], own: str | None = None) -> Row:
        """Write one record from the API, or refuse the request."""
        try:
            return self.portal.write(kind, self.portal.check(kind, values, own), own)
        except Problem as problem:
            raise self.refused(problem) from problem

    @route("POST", "/crm/v3/objects/<kind>/merge")
    def merge_objects(self, request: Request, kind: str) -> Response:
        """Fold one record into another."""
        kind, body = self.kind(kind), self.body(request)
        winner = self.found(kind, str(body.get("primaryObjectId")))
        loser = self.found(kind, str(body.get("objectIdToMerge")))
        if winner["id"] == loser["id"]:
            raise self.refused(Problem("Cannot merge a record with itself"))
        row = self.portal.merge(kind, winner["id"], loser["id"])
        return json_response(self.shown(kind, row, []))

    @route("POST", "/crm/v3/objects/<kind>/gdpr-delete")
    def privacy_delete(self, request: Request, kind: str) -> Response:
        """Delete for good."""
        kind, body = self.kind(kind), self.body(request)
        row = self.found(kind, str(body.get("objectId")), body.get("idProperty"))
        self.portal.forget(kind, row["id"])
        return Response(status=204)

    @route("POST", "/crm/v3/objects/<kind>/search")
    def search_objects(self, request: Request, kind: str) -> Response:
        """Filtered records out of the late index, capped."""
        kind, query = self.kind(kind), self.body(request)
        try:
            schema = self.portal.schema(kind)
            total, rows, after = search(self.portal.index, kind, schema, query, self.search_cap)
        except (Problem, ValueError, KeyError) as error:
            problem = error if isinstance(error, Problem) else Problem("Invalid search request")
            raise self.refused(problem) from error
        names = query.get("properties") or []
        body: Row = {
            "total": total,
            "results": [self.shown(kind, dict(row), names) for row in rows],
        }
        if after is not None:
            body["paging"] = {"next": {"after": str(after)}}
        return json_response(body)


def is_true(args: Mapping[str, str], name: str) -> bool:
    """Whether a parameter says true, in any case: Python clients write ``True``."""
    return args.get(name, "").lower() == "true"


def whole_number(args: Mapping[str, str], name: str, default: int) -> int:
    """A parameter that must be a whole number."""
    text = args.get(name) or str(default)
    if not text.isascii() or not text.isdigit():
        raise Refusal(
            json_response(error_body(f"{name} must be a number", "VALIDATION_ERROR", ""), 400)
        )
    return int(text)


def names_in(text: str | None) -> list[str]:
    """The names of a comma-separated parameter."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
