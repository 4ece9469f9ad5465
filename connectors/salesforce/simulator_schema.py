"""The schema of one simulated org, changed as its administrator would change it."""

from __future__ import annotations

from dataclasses import replace

from connectors.salesforce.simulator_fields import Field, RecordType, Stage
from connectors.salesforce.simulator_objects import LEAD_STATUSES, OPPORTUNITY_STAGES, objects

STAGE_FIELDS = {"LeadStatus": ("Lead", "Status"), "OpportunityStage": ("Opportunity", "StageName")}


class Schema:
    """Objects, fields, picklists and record types.

    A hidden field exists, and the connected user may not see it: describe leaves it out and
    everything else refuses it (field-level security).
    """

    def __init__(self, *, stage_fields: bool = True) -> None:
        self.objects = {
            name: {f.name: f for f in fields} for name, fields in objects(stage_fields).items()
        }
        self.record_types: dict[str, list[RecordType]] = {}
        self.stages = {"LeadStatus": LEAD_STATUSES, "OpportunityStage": OPPORTUNITY_STAGES}
        self._hidden: set[tuple[str, str]] = set()
        self._visible: dict[str, dict[str, Field]] = {}

    def fields(self, name: str) -> dict[str, Field]:
        """The fields of an object that the connected user may see."""
        if name not in self._visible:
            self._visible[name] = {
                f.name: f for f in self.objects[name].values() if (name, f.name) not in self._hidden
            }
        return self._visible[name]

    def put_field(self, name: str, field: Field) -> None:
        """Add a custom field, or replace a field."""
        self.objects[name][field.name] = field
        self._visible.clear()

    def hide_field(self, name: str, field_name: str) -> None:
        """Take a field from the connected user's view."""
        self._hidden.add((name, field_name))
        self._visible.clear()

    def set_picklist(
        self, name: str, field_name: str, *values: str, restricted: bool = True
    ) -> None:
        """Give a picklist its values; ``restricted`` makes the API refuse all others."""
        old = self.objects[name][field_name]
        self.put_field(name, replace(old, values=values, restricted=restricted))

    def set_stages(self, name: str, *stages: Stage) -> None:
        """Give LeadStatus or OpportunityStage its rows, and the picklist its values."""
        self.stages[name] = stages
        owner, field_name = STAGE_FIELDS[name]
        default = next((s.value for s in stages if s.default), None)
        self.put_field(
            owner,
            replace(
                self.objects[owner][field_name],
                values=tuple(s.value for s in stages),
                default=default if owner == "Lead" else None,
            ),
        )
