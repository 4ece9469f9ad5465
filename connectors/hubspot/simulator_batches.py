"""Routes of the CRM objects API v3 for many records at once.

HubSpot developer docs, "Batch". Whether a batch fails whole or in part is disputed; both ways are
here (``whole_batch_refusals``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.hubspot.simulator_objects import MOST_WITH_HISTORY, ObjectRoutes
from connectors.hubspot.simulator_portal import Row
from connectors.hubspot.simulator_rules import Problem, detail, iso
from connectors.kit.simulator import Request, Response, json_response, route

MOST_PER_BATCH = 100
"""Inputs of one batch; from memory."""


class BatchRoutes(ObjectRoutes):
    """The batch endpoints of a simulated portal."""

    whole_batch_refusals = True

    @route("POST", "/crm/v3/objects/<kind>/batch/read")
    def read_batch(self, request: Request, kind: str) -> Response:
        """Many records by id or unique property; what is not there comes as an error line."""
        kind, body = self.kind(kind), self.body(request)
        past = body.get("propertiesWithHistory") or []
        inputs = self.inputs(body, MOST_WITH_HISTORY if past else MOST_PER_BATCH)
        results, lost, seen = [], [], set()
        for one in inputs:
            row = self.portal.resolve(kind, str(one.get("id")), body.get("idProperty"))
            if row is None or row["archived"]:
                lost.append(str(one.get("id")))
            elif row["id"] not in seen:
                seen.add(row["id"])
                results.append(self.shown(kind, row, body.get("properties") or [], past))
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

    def inputs(self, body: Mapping[str, Any], most: int = MOST_PER_BATCH) -> list[dict[str, Any]]:
        """The inputs of a batch; refused where there are none or too many."""
        inputs = body.get("inputs")
        if not isinstance(inputs, list) or not inputs:
            raise self.refused(Problem("inputs must not be empty"))
        if len(inputs) > most:
            raise self.refused(Problem(f"Batch size is limited to {most}, was {len(inputs)}"))
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
