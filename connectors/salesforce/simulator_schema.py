"""The schema of one simulated org, changed as its administrator would change it."""

from __future__ import annotations

from dataclasses import replace

from connectors.salesforce.simulator_fields import Field, RecordType, Stage
from connectors.salesforce.simulator_objects import LEAD_STATUSES, OPPORTUNITY_STAGES, objects


class Schema:
    """The objects of one org; changed as an administrator would change them."""

    def __init__(self, *, stage_fields: bool = True) -> None:
        self.objects = {
            name: {f.name: f for f in fields} for name, fields in objects(stage_fields).items()
        }
        self.hidden: set[tuple[str, str]] = set()
        self.record_types: dict[str, list[RecordType]] = {}
        self.stages = {"LeadStatus": LEAD_STATUSES, "OpportunityStage": OPPORTUNITY_STAGES}

    def fields(self, name: str) -> dict[str, Field]:
        """The fields of an object that the connected user may see."""
        return {f.name: f for f in self.objects[name].values() if (name, f.name) not in self.hidden}

    def set_picklist(self, name: str, field_name: str, *values: str, restricted: bool) -> None:
        """Give a picklist its values; ``restricted`` makes the API refuse all others."""
        old = self.objects[name][field_name]
        self.objects[name][field_name] = replace(old, values=values, restricted=restricted)

    def set_stages(self, name: str, *stages: Stage) -> None:
        """Give LeadStatus or OpportunityStage its rows, and the picklist its values."""
        self.stages[name] = stages
        owner, field_name = (
            ("Lead", "Status") if name == "LeadStatus" else ("Opportunity", "StageName")
        )
        default = next((s.value for s in stages if s.default), None)
        self.objects[owner][field_name] = replace(
            self.objects[owner][field_name],
            values=tuple(s.value for s in stages),
            default=default if owner == "Lead" else None,
        )
