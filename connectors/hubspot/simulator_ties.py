"""Routes of associations v4: the ties between records (HubSpot developer docs, associations v4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.hubspot.simulator_batches import BatchRoutes
from connectors.hubspot.simulator_objects import whole_number
from connectors.hubspot.simulator_portal import Row
from connectors.hubspot.simulator_rules import Problem
from connectors.hubspot.simulator_schema import ASSOCIATION_TYPES, KINDS
from connectors.kit.simulator import Request, Response, json_response, route

MOST_ASSOCIATION_INPUTS = 1000
"""Inputs of one association batch; from memory."""


class TieRoutes(BatchRoutes):
    """Reading, making and removing ties, one by one and in batches."""

    def _ties(self, from_: str, key: str, to: str) -> list[Row]:
        return [
            {
                "toObjectId": int(other),
                "associationTypes": [self._type(from_, to, one) for one in types],
            }
            for other, types in self.portal.linked(from_, key, to).items()
        ]

    @staticmethod
    def _type(from_: str, to: str, type_id: int) -> Row:
        primary = type_id in ASSOCIATION_TYPES.get((from_, to), ())[1:]
        label = "Primary" if primary else None
        return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label}

    @route("GET", "/crm/v4/objects/<from_>/<key>/associations/<to>")
    def list_ties(self, request: Request, from_: str, key: str, to: str) -> Response:
        """The records tied to one."""
        from_, to = self.kind(from_), self.kind(to)
        ties = self._ties(from_, self.found(from_, key)["id"], to)
        start = whole_number(request.args, "after", 0)
        limit = whole_number(request.args, "limit", 500)
        body: Row = {"results": ties[start : start + limit]}
        if start + limit < len(ties):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_response(body)

    @route("PUT", "/crm/v4/objects/<from_>/<key>/associations/default/<to>/<other>")
    def tie(self, _request: Request, from_: str, key: str, to: str, other: str) -> Response:
        """Tie two records without a label; answers with the tie seen from both ends."""
        return self.batch_answer(self._tie_plainly(self.kind(from_), key, self.kind(to), other), [])

    def _tie_plainly(self, from_: str, key: str, to: str, other: str) -> list[Row]:
        a, b = self.found(from_, key)["id"], self.found(to, other)["id"]
        self.portal.link(from_, a, to, b)
        return [
            {
                "from": {"id": one},
                "to": {"id": two},
                "associationSpec": {
                    "associationCategory": "HUBSPOT_DEFINED",
                    "associationTypeId": ASSOCIATION_TYPES.get(pair, (1000,))[0],
                },
            }
            for one, two, pair in ((a, b, (from_, to)), (b, a, (to, from_)))
        ]

    @route("PUT", "/crm/v4/objects/<from_>/<key>/associations/<to>/<other>")
    def tie_by_type(self, request: Request, from_: str, key: str, to: str, other: str) -> Response:
        """Tie two records with the types the body lists."""
        from_, to = self.kind(from_), self.kind(to)
        return json_response(self._tie_typed(from_, key, to, other, request.get_json()), 201)

    def _tie_typed(self, from_: str, key: str, to: str, other: str, types: Any) -> Row:
        a, b = self.found(from_, key)["id"], self.found(to, other)["id"]
        primary = False
        for one in types if isinstance(types, list) and types else [{}]:
            known = ASSOCIATION_TYPES.get((from_, to), (1000,))
            if one.get("associationTypeId") not in known:
                raise self.refused(
                    Problem(
                        f"association type {one.get('associationTypeId')} does not tie {from_} "
                        f"to {to}"
                    )
                )
            primary |= one["associationTypeId"] in known[1:]
        self.portal.link(from_, a, to, b, primary=primary)
        return {
            "fromObjectTypeId": KINDS[from_][1],
            "fromObjectId": int(a),
            "toObjectTypeId": KINDS[to][1],
            "toObjectId": int(b),
            "labels": [],
        }

    @route("DELETE", "/crm/v4/objects/<from_>/<key>/associations/<to>/<other>")
    def untie(self, _request: Request, from_: str, key: str, to: str, other: str) -> Response:
        """Remove every tie of two records."""
        self.portal.unlink(self.kind(from_), key, self.kind(to), other)
        return Response(status=204)

    def _tie_inputs(self, request: Request) -> list[dict[str, Any]]:
        inputs = self.body(request).get("inputs")
        if not isinstance(inputs, list) or not 0 < len(inputs) <= MOST_ASSOCIATION_INPUTS:
            raise self.refused(Problem(f"1 to {MOST_ASSOCIATION_INPUTS} inputs are allowed"))
        return inputs

    def _pairs(self, request: Request) -> Iterable[tuple[str, list[str], Row]]:
        """The ends of each input; ``to`` is one record, or several where ties are removed."""
        for one in self._tie_inputs(request):
            ends = one.get("to")
            others: list[Any] = ends if isinstance(ends, list) else [ends]
            try:
                yield str(one["from"]["id"]), [str(end["id"]) for end in others], one
            except (KeyError, TypeError):
                raise self.refused(Problem("an input needs from.id and to.id")) from None

    @route("POST", "/crm/v4/associations/<from_>/<to>/batch/read")
    def read_ties(self, request: Request, from_: str, to: str) -> Response:
        """The ties of many records; one without any is an error line in a 207."""
        from_, to = self.kind(from_), self.kind(to)
        results: list[Row] = []
        errors: list[Row] = []
        for one in self._tie_inputs(request):
            key = str(one.get("id"))
            row = self.portal.resolve(from_, key)
            ties = self._ties(from_, row["id"], to) if row else []
            if ties:
                results.append({"from": {"id": key}, "to": ties})
                continue
            errors.append(
                {
                    "status": "error",
                    "category": "OBJECT_NOT_FOUND",
                    "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                    "message": f"No {to} is associated with {from_} {key}.",
                    "context": {"fromObjectId": [key]},
                    "errors": [],
                    "links": {},
                }
            )
        return self.batch_answer(results, errors)

    @route("POST", "/crm/v4/associations/<from_>/<to>/batch/create")
    def create_ties(self, request: Request, from_: str, to: str) -> Response:
        """Tie many, each with the types it lists."""
        from_, to = self.kind(from_), self.kind(to)
        results = [
            self._tie_typed(from_, key, to, others[0], one.get("types"))
            for key, others, one in self._pairs(request)
        ]
        return self.batch_answer(results, [], 201)

    @route("POST", "/crm/v4/associations/<from_>/<to>/batch/associate/default")
    def create_plain_ties(self, request: Request, from_: str, to: str) -> Response:
        """Tie many without a label."""
        from_, to = self.kind(from_), self.kind(to)
        results = [
            line
            for key, others, _ in self._pairs(request)
            for line in self._tie_plainly(from_, key, to, others[0])
        ]
        return self.batch_answer(results, [])

    @route("POST", "/crm/v4/associations/<from_>/<to>/batch/archive")
    def archive_ties(self, request: Request, from_: str, to: str) -> Response:
        """Remove every tie of many pairs."""
        from_, to = self.kind(from_), self.kind(to)
        for key, others, _ in self._pairs(request):
            for other in others:
                self.portal.unlink(from_, key, to, other)
        return Response(status=204)

    @route("GET", "/crm/v4/associations/<from_>/<to>/labels")
    @route("GET", "/crm/associations/v4/<from_>/<to>/labels")
    def labels(self, _request: Request, from_: str, to: str) -> Response:
        """The kinds of tie between two objects."""
        from_, to = self.kind(from_), self.kind(to)
        types = ASSOCIATION_TYPES.get((from_, to), ())
        return json_response({"results": [self._type(from_, to, one) for one in types]})
