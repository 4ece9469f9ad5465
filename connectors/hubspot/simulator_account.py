"""Routes about how the account is set up: properties, pipelines, owners.

HubSpot developer docs: properties, pipelines, owners.
"""

from __future__ import annotations

from connectors.hubspot.simulator_objects import is_true, whole_number
from connectors.hubspot.simulator_portal import Row
from connectors.hubspot.simulator_rules import Problem
from connectors.hubspot.simulator_schema import prop
from connectors.hubspot.simulator_signin import SignInRoutes
from connectors.kit.simulator import Request, Response, json_response, route

GROUPS = {"information": "情報", "renkei": "Renkei"}
"""The property groups an object has from the start."""


class AccountRoutes(SignInRoutes):
    """Everything about the account that is neither a record nor marketing."""

    # Properties

    @route("GET", "/crm/v3/properties/<kind>")
    def list_properties(self, request: Request, kind: str) -> Response:
        """Every property with its options; the deal stages of all pipelines are options too."""
        kind = self.kind(kind)
        if is_true(request.args, "archived"):
            return json_response({"results": []})
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

    def _custom(self, kind: str, name: str) -> Row:
        """A property that may be changed: one of the account's own."""
        held = self.portal.schema(kind).get(name)
        if held is None:
            raise self.missing(kind, name)
        if held["hubspotDefined"]:
            raise self.refused(Problem(f"{name} is a HubSpot property and cannot be changed"))
        return held

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
        made["groupName"] = str(body.get("groupName") or made["groupName"])
        self.portal.add_property(kind, made)
        return json_response(made, 201)

    @route("PATCH", "/crm/v3/properties/<kind>/<name>")
    def change_property(self, request: Request, kind: str, name: str) -> Response:
        """Change the label, group, description or options of a custom property."""
        kind, body = self.kind(kind), self.body(request)
        allowed = ("label", "groupName", "description", "options", "hidden", "displayOrder")
        changed = {key: body[key] for key in allowed if key in body}
        self.portal.add_property(kind, {**self._custom(kind, name), **changed})
        return json_response(self._shown(kind, name))

    @route("DELETE", "/crm/v3/properties/<kind>/<name>")
    def archive_property(self, _request: Request, kind: str, name: str) -> Response:
        """Take a custom property away; from then on it is unknown."""
        kind = self.kind(kind)
        self._custom(kind, name)
        self.portal.drop_property(kind, name)
        return Response(status=204)

    @route("GET", "/crm/v3/properties/<kind>/groups")
    def list_groups(self, _request: Request, kind: str) -> Response:
        """The groups that properties are shown in."""
        kind = self.kind(kind)
        used = [one["groupName"] for one in self.portal.schema(kind).values()]
        names = list(dict.fromkeys([*GROUPS, *used]))
        return json_response(
            {
                "results": [
                    {
                        "name": name,
                        "label": GROUPS.get(name, name),
                        "displayOrder": order,
                        "archived": False,
                    }
                    for order, name in enumerate(names)
                ]
            }
        )

    # Pipelines

    @route("GET", "/crm/v3/pipelines/<kind>")
    def list_pipelines(self, _request: Request, kind: str) -> Response:
        """The pipelines of deals."""
        return json_response({"results": list(self.table(f"pipelines:{self.kind(kind)}").values())})

    def _pipeline(self, kind: str, pipeline: str) -> Row:
        held = self.table(f"pipelines:{self.kind(kind)}").get(pipeline)
        if held is None:
            raise self.missing("pipeline", pipeline)
        return held

    @route("GET", "/crm/v3/pipelines/<kind>/<pipeline>")
    def read_pipeline(self, _request: Request, kind: str, pipeline: str) -> Response:
        """One pipeline with its stages."""
        return json_response(self._pipeline(kind, pipeline))

    @route("GET", "/crm/v3/pipelines/<kind>/<pipeline>/stages")
    def list_stages(self, _request: Request, kind: str, pipeline: str) -> Response:
        """The stages of a pipeline."""
        return json_response({"results": self._pipeline(kind, pipeline)["stages"]})

    @route("GET", "/crm/v3/pipelines/<kind>/<pipeline>/stages/<stage>")
    def read_stage(self, _request: Request, kind: str, pipeline: str, stage: str) -> Response:
        """One stage."""
        for one in self._pipeline(kind, pipeline)["stages"]:
            if one["id"] == stage:
                return json_response(one)
        raise self.missing("stage", stage)

    # Owners

    @route("GET", "/crm/v3/owners")
    @route("GET", "/crm/v3/owners/")
    def list_owners(self, request: Request) -> Response:
        """The users that records can belong to."""
        args = request.args
        email, archived = args.get("email"), is_true(args, "archived")
        owners = [
            one
            for one in self.table("owners").values()
            if email in {None, one["email"]} and one["archived"] is archived
        ]
        start, limit = whole_number(args, "after", 0), whole_number(args, "limit", 100)
        body: Row = {"results": owners[start : start + limit]}
        if start + limit < len(owners):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_response(body)

    @route("GET", "/crm/v3/owners/<own>")
    def read_owner(self, request: Request, own: str) -> Response:
        """One user, by owner id or, with ``idProperty=userId``, by user id."""
        by = "userId" if request.args.get("idProperty") == "userId" else "id"
        for one in self.table("owners").values():
            if str(one[by]) == own:
                return json_response(one)
        raise self.missing("owner", own)
