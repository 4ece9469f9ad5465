"""Routes of the CRM objects API v3: list, read, write, batches, search, merge.

HubSpot developer docs, "CRM objects", "Batch", "Search", "Merge". Whether a batch fails whole or in
part is disputed; both ways are here (``whole_batch_refusals``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import orjson

from connectors.hubspot.simulator_portal import Portal, Row
from connectors.hubspot.simulator_rules import Problem, detail, error_body, iso, refusal
from connectors.hubspot.simulator_schema import CREATED, KINDS, MODIFIED, SHOWN
from connectors.hubspot.simulator_search import search
from connectors.kit.simulator import BaseSimulator, Refusal, Request, Response, json_response, route

MOST_PER_LIST = 100
MOST_PER_BATCH = 100
LONGEST_URL = 8000
"""Characters of a query string before 414; the real figure is not published."""


class ObjectRoutes(BaseSimulator):
    """The object endpoints of a simulated portal."""

    portal: Portal
    search_cap = 10_000
    whole_batch_refusals = True

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

    def shown(self, kind: str, row: Mapping[str, Any], names: list[str]) -> Row:
        """A record as an answer holds it; properties that do not exist are left out silently."""
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
        return body

    @route("GET", "/crm/v3/objects/<kind>")
    def list_objects(self, request: Request, kind: str) -> Response:
        """Everything in order of id; ``after`` is opaque."""
        kind, args = self.kind(kind), request.args
        if len(request.query_string) > LONGEST_URL:
            raise Refusal(Response("URI Too Long", status=414))
        limit = int(args.get("limit", 10))
        if not 0 < limit <= MOST_PER_LIST:
            raise self.refused(Problem(f"limit must be at most {MOST_PER_LIST}"))
        archived = args.get("archived") == "true"
        ids, rows = self.portal.ids[kind], self.portal.rows(kind)
        page: list[Row] = []
        for key in ids[bisect_right(ids, int(args.get("after") or 0)) :]:
            row = rows[str(key)]
            if row["archived"] is archived:
                page.append(row)
                if len(page) > limit:
                    break
        names = _names(args.get("properties"))
        body: Row = {"results": [self.shown(kind, row, names) for row in page[:limit]]}
        if len(page) > limit:
            after = page[limit - 1]["id"]
            link = f"{request.base_url}?limit={limit}&after={after}"
            body["paging"] = {"next": {"after": after, "link": link}}
        return json_response(body)

    @route("GET", "/crm/v3/objects/<kind>/<key>")
    def read_object(self, request: Request, kind: str, key: str) -> Response:
        """One record; a merged id answers with the winner."""
        kind, args = self.kind(kind), request.args
        archived = args.get("archived") == "true"
        row = self.found(kind, key, args.get("idProperty"), archived=archived)
        return json_response(self.shown(kind, row, _names(args.get("properties"))))

    @route("POST", "/crm/v3/objects/<kind>")
    def create_object(self, request: Request, kind: str) -> Response:
        """Create one record; an e-mail that is taken answers 409 with the holder's id."""
        kind, body = self.kind(kind), self.body(request)
        row = self.write(kind, body.get("properties") or {})
        for one in body.get("associations") or ():
            other = next(k for k in KINDS if self.portal.resolve(k, str(one["to"]["id"])))
            self.portal.link(kind, row["id"], other, str(one["to"]["id"]))
        return json_response(self.shown(kind, row, list(body.get("properties") or {})), 201)

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
        body: Row = {"total": total, "results": [self.shown(kind, row, names) for row in rows]}
        if after is not None:
            body["paging"] = {"next": {"after": str(after)}}
        return json_response(body)

    @route("POST", "/crm/v3/objects/<kind>/batch/read")
    def read_batch(self, request: Request, kind: str) -> Response:
        """Many records by id or unique property; what is not there comes as an error line."""
        kind, body = self.kind(kind), self.body(request)
        inputs = self.inputs(body)
        results, lost, seen = [], [], set()
        for one in inputs:
            row = self.portal.resolve(kind, str(one["id"]), body.get("idProperty"))
            if row is None or row["archived"]:
                lost.append(str(one["id"]))
            elif row["id"] not in seen:
                seen.add(row["id"])
                results.append(self.shown(kind, row, body.get("properties") or []))
        errors = []
        if lost:
            problem = Problem(
                "Could not get some objects, they may be deleted or not exist.",
                status=404,
                category="OBJECT_NOT_FOUND",
                ids=tuple(lost),
            )
            errors.append(_error_line(problem, []))
        return self.batch_answer(results, errors)

    def inputs(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The inputs of a batch; refused where there are none or too many."""
        inputs = body.get("inputs")
        if not isinstance(inputs, list) or not inputs:
            raise self.refused(Problem("inputs must not be empty"))
        if len(inputs) > MOST_PER_BATCH:
            raise self.refused(
                Problem(f"Batch size is limited to {MOST_PER_BATCH}, was {len(inputs)}")
            )
        return inputs

    @route("POST", "/crm/v3/objects/<kind>/batch/create")
    def create_batch(self, request: Request, kind: str) -> Response:
        """Create many."""
        return self.write_batch(request, self.kind(kind), lambda _kind, _one: None, status=201)

    @route("POST", "/crm/v3/objects/<kind>/batch/update")
    def update_batch(self, request: Request, kind: str) -> Response:
        """Change many by id or unique property."""

        def target(kind: str, one: Row) -> str:
            row = self.portal.resolve(kind, str(one.get("id")), one.get("idProperty"))
            if row is None or row["archived"]:
                key = str(one.get("id"))
                raise Problem(f"resource not found: {key}", "", "", 404, "OBJECT_NOT_FOUND", (key,))
            return str(row["id"])

        return self.write_batch(request, self.kind(kind), target)

    @route("POST", "/crm/v3/objects/<kind>/batch/upsert")
    def upsert_batch(self, request: Request, kind: str) -> Response:
        """Create or change many by a unique property."""

        def target(kind: str, one: Row) -> str | None:
            by = str(one.get("idProperty") or "")
            definition = self.portal.schema(kind).get(by)
            if definition is None or not (by == "email" or definition["hasUniqueValue"]):
                raise Problem(f"{by or 'idProperty'} is no unique property", "INVALID_ID_PROPERTY")
            key = str(one.get("id") or "").strip()
            if not key:
                raise Problem("an input has no id", "INVALID_ID")
            values = one["properties"] = dict(one.get("properties") or {})
            row = self.portal.resolve(kind, key, by)
            secondary = row is not None and row["properties"].get(by, "").lower() != key.lower()
            if secondary:
                values.pop(by, None)
            else:
                values.setdefault(by, key)
            return None if row is None else str(row["id"])

        return self.write_batch(request, self.kind(kind), target, upsert=True)

    def write_batch(
        self,
        request: Request,
        kind: str,
        target: Callable[[str, Row], str | None],
        *,
        status: int = 200,
        upsert: bool = False,
    ) -> Response:
        """Check every input, then write those that pass; a plain error stops all of them."""
        inputs = self.inputs(self.body(request))
        keys = [str(one.get("id")).lower() for one in inputs if "id" in one]
        if len(set(keys)) < len(keys):
            raise self.refused(Problem("Duplicate IDs found in batch input"))
        traced = all("objectWriteTraceId" in one for one in inputs)
        ready: list[tuple[Row, str | None]] = []
        failed: list[tuple[Row, Problem]] = []
        for one in inputs:
            try:
                own = target(kind, one)
                self.portal.check(kind, one.get("properties") or {}, own)
                ready.append((one, own))
            except Problem as problem:
                failed.append((one, problem))
        whole = [p for _, p in failed if not traced or (p.plain and self.whole_batch_refusals)]
        if whole:
            raise self.refused(*whole)
        results, errors = [], [_error_line(problem, [one]) for one, problem in failed]
        for one, own in ready:
            try:  # again: an earlier line may have taken a unique value
                kept = self.portal.check(kind, one.get("properties") or {}, own)
            except Problem as problem:
                errors.append(_error_line(problem, [one]))
                continue
            row = self.portal.write(kind, kept, own)
            shown = self.shown(kind, row, list(kept))
            if upsert:
                shown["new"] = own is None
            if "objectWriteTraceId" in one:
                shown["objectWriteTraceId"] = one["objectWriteTraceId"]
            results.append(shown)
        self.random.shuffle(results)  # no promise of order
        return self.batch_answer(results, errors, status)

    def batch_answer(self, results: list[Row], errors: list[Row], status: int = 200) -> Response:
        """The envelope of a batch: 207 with error lines, else ``status``."""
        now = iso(self.now())
        body: Row = {"status": "COMPLETE", "startedAt": now, "completedAt": now, "results": results}
        if errors:
            body.update(numErrors=len(errors), errors=errors)
        return json_response(body, 207 if errors else status)

    @route("POST", "/crm/v3/objects/<kind>/batch/archive")
    def archive_batch(self, request: Request, kind: str) -> Response:
        """Archive many."""
        kind = self.kind(kind)
        for one in self.inputs(self.body(request)):
            row = self.portal.resolve(kind, str(one.get("id")))
            if row is not None and not row["archived"]:
                self.portal.archive(kind, row["id"])
        return Response(status=204)


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _error_line(problem: Problem, inputs: list[Row]) -> Row:
    context: dict[str, list[str]] = {}
    traces = [str(one["objectWriteTraceId"]) for one in inputs if "objectWriteTraceId" in one]
    if traces:
        context["objectWriteTraceId"] = traces
    if problem.ids:
        context["ids"] = list(problem.ids)
    return {
        "status": "error",
        "category": problem.category,
        "message": "Property values were not valid" if problem.name else problem.message,
        "context": context,
        "errors": [detail(problem)] if problem.code else [],
        "links": {},
    }
