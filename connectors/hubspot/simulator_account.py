"""Routes about the account: associations v4, properties, pipelines, owners, sign-in.

HubSpot developer docs: associations v4, properties, pipelines, owners, OAuth, account information.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.hubspot.simulator_objects import ObjectRoutes
from connectors.hubspot.simulator_portal import Row
from connectors.hubspot.simulator_rules import Problem, error_body, iso
from connectors.hubspot.simulator_schema import ASSOCIATION_TYPES, prop
from connectors.kit.simulator import Refusal, Request, Response, json_response, route

ACCESS_SECONDS = 1800
MOST_ASSOCIATION_INPUTS = 1000
"""Inputs of one association batch; from memory."""


class AccountRoutes(ObjectRoutes):
    """Everything about the account that is neither a record nor marketing."""

    client_id = "renkei-app"
    client_secret = "rehearsal-client-secret"  # noqa: S105 - a simulator's
    refresh_token = "rehearsal-refresh-token"  # noqa: S105 - a simulator's
    portal_id = 62515
    app_id = 1160452
    scopes: tuple[str, ...] = ()

    # Associations v4

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
        start, limit = int(request.args.get("after") or 0), int(request.args.get("limit", 500))
        body: Row = {"results": ties[start : start + limit]}
        if start + limit < len(ties):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_response(body)

    @route("PUT", "/crm/v4/objects/<from_>/<key>/associations/default/<to>/<other>")
    def tie(self, _request: Request, from_: str, key: str, to: str, other: str) -> Response:
        """Tie two records without a label."""
        from_, to = self.kind(from_), self.kind(to)
        self.portal.link(from_, self.found(from_, key)["id"], to, self.found(to, other)["id"])
        return self.batch_answer([{"from": {"id": key}, "to": {"id": other}}], [])

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

    @route("POST", "/crm/v4/associations/<from_>/<to>/batch/read")
    def read_ties(self, request: Request, from_: str, to: str) -> Response:
        """The ties of many records; one without any is an error line in a 207."""
        from_, to = self.kind(from_), self.kind(to)
        results: list[Row] = []
        errors: list[Row] = []
        for one in self._tie_inputs(request):
            row = self.portal.resolve(from_, str(one["id"]))
            ties = self._ties(from_, row["id"], to) if row else []
            if ties:
                results.append({"from": {"id": str(one["id"])}, "to": ties})
                continue
            errors.append(
                {
                    "status": "error",
                    "category": "OBJECT_NOT_FOUND",
                    "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                    "message": f"No {to} is associated with {from_} {one['id']}.",
                    "context": {"fromObjectId": [str(one["id"])]},
                }
            )
        return self.batch_answer(results, errors)

    @route("POST", "/crm/v4/associations/<from_>/<to>/batch/create")
    @route("POST", "/crm/v4/associations/<from_>/<to>/batch/associate/default")
    def create_ties(self, request: Request, from_: str, to: str) -> Response:
        """Tie many."""
        from_, to = self.kind(from_), self.kind(to)
        results = []
        for one in self._tie_inputs(request):
            a = self.found(from_, str(one["from"]["id"]))
            b = self.found(to, str(one["to"]["id"]))
            self.portal.link(from_, a["id"], to, b["id"])
            results.append({"fromObjectId": int(a["id"]), "toObjectId": int(b["id"]), "labels": []})
        return self.batch_answer(results, [], 201)

    @route("GET", "/crm/v4/associations/<from_>/<to>/labels")
    @route("GET", "/crm/associations/v4/<from_>/<to>/labels")
    def labels(self, _request: Request, from_: str, to: str) -> Response:
        """The kinds of tie between two objects."""
        from_, to = self.kind(from_), self.kind(to)
        types = ASSOCIATION_TYPES.get((from_, to), ())
        return json_response({"results": [self._type(from_, to, one) for one in types]})

    # Properties, pipelines, owners

    @route("GET", "/crm/v3/properties/<kind>")
    def list_properties(self, _request: Request, kind: str) -> Response:
        """Every property with its options; the deal stages of all pipelines are options too."""
        kind = self.kind(kind)
        return json_response({"results": [self._shown(kind, name) for name in self.schema(kind)]})

    def schema(self, kind: str) -> list[str]:
        """The names of a kind's properties."""
        return list(self.portal.schema(kind))

    def _shown(self, kind: str, name: str) -> Row:
        one = dict(self.portal.schema(kind)[name])
        if kind == "deals" and name in {"pipeline", "dealstage"}:
            pipelines = list(self.table("pipelines:deals").values())
            stages = [stage for pipeline in pipelines for stage in pipeline["stages"]]
            one["options"] = [
                {"label": of["label"], "value": of["id"], "displayOrder": order, "hidden": False}
                for order, of in enumerate(pipelines if name == "pipeline" else stages)
            ]
        return one

    @route("GET", "/crm/v3/properties/<kind>/<name>")
    def read_property(self, _request: Request, kind: str, name: str) -> Response:
        """One property."""
        kind = self.kind(kind)
        if name not in self.portal.schema(kind):
            raise self.missing(kind, name)
        return json_response(self._shown(kind, name))

    @route("POST", "/crm/v3/properties/<kind>")
    def create_property(self, request: Request, kind: str) -> Response:
        """Define a custom property; 409 where the name is taken."""
        kind, body = self.kind(kind), self.body(request)
        name = str(body.get("name"))
        if name in self.portal.schema(kind):
            problem = Problem(f"A property named '{name}' already exists.", status=409)
            problem.category = "OBJECT_ALREADY_EXISTS"
            raise self.refused(problem)
        made = prop(
            name,
            str(body.get("label") or name),
            str(body.get("type", "string")),
            str(body.get("fieldType", "text")),
            options={str(o["value"]): str(o["label"]) for o in body.get("options") or ()},
            unique=bool(body.get("hasUniqueValue")),
            custom=True,
        )
        self.portal.add_property(kind, made)
        return json_response(made, 201)

    @route("GET", "/crm/v3/pipelines/<kind>")
    def list_pipelines(self, _request: Request, kind: str) -> Response:
        """The pipelines of deals."""
        return json_response({"results": list(self.table(f"pipelines:{self.kind(kind)}").values())})

    @route("GET", "/crm/v3/owners")
    @route("GET", "/crm/v3/owners/")
    def list_owners(self, request: Request) -> Response:
        """The users that records can belong to."""
        email = request.args.get("email")
        owners = [one for one in self.table("owners").values() if email in {None, one["email"]}]
        start, limit = int(request.args.get("after") or 0), int(request.args.get("limit", 100))
        body: Row = {"results": owners[start : start + limit]}
        if start + limit < len(owners):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_response(body)

    # Sign-in

    @route("GET", "/account-info/v3/details")
    def account(self, _request: Request) -> Response:
        """Which portal the token belongs to."""
        return json_response(
            {
                "portalId": self.portal_id,
                "accountType": "STANDARD",
                "timeZone": "Asia/Tokyo",
                "companyCurrency": "JPY",
                "utcOffset": "+09:00",
                "utcOffsetMilliseconds": 32_400_000,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "jp1",
            }
        )

    @route("POST", "/oauth/v1/token")
    @route("POST", "/oauth/v3/token")
    def grant(self, request: Request) -> Response:
        """A new access token for a refresh token; the refresh token stays the same."""
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (
            self.client_id,
            self.client_secret,
        ):
            raise self._bad_grant("BAD_CLIENT_ID", "missing or unknown client id")
        if form.get("grant_type") != "refresh_token":
            raise self._bad_grant("BAD_GRANT_TYPE", "missing or unsupported grant type")
        revoked = form.get("refresh_token") in self.table("revoked")
        if form.get("refresh_token") != self.refresh_token or revoked:
            raise self._bad_grant("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        token = f"access-{self.next_id('access')}-{self.random.getrandbits(64):016x}"
        until = self.now() + timedelta(seconds=ACCESS_SECONDS)
        self.table("access")[token] = {"until": iso(until)}
        return json_response(
            {
                "access_token": token,
                "refresh_token": self.refresh_token,
                "expires_in": ACCESS_SECONDS,
                "token_type": "bearer",
                "hub_id": self.portal_id,
                "scopes": list(self.scopes),
            }
        )

    def _bad_grant(self, status: str, message: str) -> Refusal:
        body = error_body(message, "VALIDATION_ERROR", self.correlation())
        return Refusal(json_response({**body, "status": status}, 400))

    @route("GET", "/oauth/v1/access-tokens/<token>")
    def token_info(self, _request: Request, token: str) -> Response:
        """What an access token may do."""
        if token not in self.table("access"):
            raise self.missing("token", "access")
        return json_response(
            {
                "token_type": "access",
                "hub_id": self.portal_id,
                "app_id": self.app_id,
                "scopes": list(self.scopes),
                "expires_in": ACCESS_SECONDS,
            }
        )

    @route("DELETE", "/oauth/v1/refresh-tokens/<token>")
    def revoke_grant(self, _request: Request, token: str) -> Response:
        """Sign out."""
        self.table("revoked")[token] = {"at": iso(self.now())}
        return Response(status=204)
