"""The simulated describe resources: which objects there are, and what is in them."""

from __future__ import annotations

from typing import Any

from connectors.kit.simulator import Request, Response, json_response, route
from connectors.salesforce.simulator_base import OrgSimulator, refusal
from connectors.salesforce.simulator_ids import PREFIXES

MASTER_RECORD_TYPE = "012000000000000AAA"
READ_ONLY = ("LeadStatus", "OpportunityStage", "RecordType", "Organization")
LABELS = {
    "Lead": "リード",
    "Contact": "取引先責任者",
    "Account": "取引先",
    "Opportunity": "商談",
    "Task": "ToDo",
    "Event": "行動",
    "Campaign": "キャンペーン",
    "User": "ユーザー",
}
RECENT = 10
"""Rows that an object's own resource names as lately used; from memory."""
Row = dict[str, Any]


class DescribeRoutes(OrgSimulator):
    """Describe, for all objects and for one, and the picklists of a record type."""

    def _about(self, version: str, name: str) -> Row:
        """What both describes tell of an object."""
        writable = name not in READ_ONLY
        url = f"/services/data/{version}/sobjects/{name}"
        label = LABELS.get(name, name)
        return {
            "name": name,
            "label": label,
            "labelPlural": label,
            "keyPrefix": PREFIXES[name],
            "custom": name.endswith("__c"),
            "customSetting": False,
            "createable": writable,
            "updateable": writable,
            "deletable": writable and name != "User",
            "undeletable": writable and name != "User",
            "mergeable": name in ("Lead", "Contact", "Account"),
            "queryable": True,
            "retrieveable": True,
            "replicateable": writable,
            "searchable": writable,
            "layoutable": writable,
            "triggerable": writable,
            "deprecatedAndHidden": False,
            "urls": {
                "sobject": url,
                "describe": f"{url}/describe",
                "rowTemplate": f"{url}/{{ID}}",
            },
        }

    @route("GET", "/services/data/<version>/sobjects")
    def describe_global(self, request: Request, version: str) -> Response:  # noqa: ARG002
        """The objects of the org."""
        found = [self._about(version, name) for name in self.schema.objects]
        return json_response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})

    @route("GET", "/services/data/<version>/sobjects/<name>")
    def basic_information(self, request: Request, version: str, name: str) -> Response:  # noqa: ARG002
        """An object in short, and the rows used last."""
        name = self.known(name)
        rows = [row for row in self.org.rows(name) if not row.get("IsDeleted")]
        rows.sort(key=lambda row: str(row.get("SystemModstamp") or ""), reverse=True)
        url = f"/services/data/{version}/sobjects/{name}"
        recent = [
            {
                "attributes": {"type": name, "url": f"{url}/{row['Id']}"},
                "Id": row["Id"],
                "Name": row.get("Name") or row.get("Subject"),
            }
            for row in rows[:RECENT]
        ]
        return json_response({"objectDescribe": self._about(version, name), "recentItems": recent})

    @route("GET", "/services/data/<version>/sobjects/<name>/describe")
    def describe(self, request: Request, version: str, name: str) -> Response:  # noqa: ARG002
        """An object's fields and record types."""
        name = self.known(name)
        kinds = [
            {
                "name": kind.name,
                "developerName": f"RT_{n}",
                "recordTypeId": kind.id,
                "active": True,
                "available": True,
                "master": False,
                "defaultRecordTypeMapping": n == 0,
            }
            for n, kind in enumerate(self.schema.record_types.get(name, []))
        ]
        master = {
            "name": "マスタ",
            "developerName": "Master",
            "recordTypeId": MASTER_RECORD_TYPE,
            "active": True,
            "available": True,
            "master": True,
            "defaultRecordTypeMapping": not kinds,
        }
        fields = [field.describe() for field in self.schema.fields(name).values()]
        more = {"fields": fields, "childRelationships": [], "recordTypeInfos": [*kinds, master]}
        return json_response({**self._about(version, name), **more})

    @route("GET", "/services/data/<version>/ui-api/object-info/<name>/picklist-values/<kind_id>")
    def picklists(self, request: Request, version: str, name: str, kind_id: str) -> Response:  # noqa: ARG002
        """The picklist values that one record type allows."""
        name = self.known(name)
        kinds = {kind.id: kind.values for kind in self.schema.record_types.get(name, [])}
        if kind_id not in kinds and kind_id != MASTER_RECORD_TYPE:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        allowed = kinds.get(kind_id, {})
        return json_response(
            {
                "picklistFieldValues": {
                    field.name: {
                        "controllerValues": {},
                        "defaultValue": None,
                        "values": [
                            {"label": v, "value": v, "validFor": [], "attributes": None}
                            for v in allowed.get(field.name, field.values)
                        ],
                    }
                    for field in self.schema.fields(name).values()
                    if field.type == "picklist"
                }
            }
        )
