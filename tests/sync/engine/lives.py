"""Leads and what happened with them, put into the store as the engine would have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from sync.config.model import Config, HubConfig, StagesConfig
from sync.engine.hub import Hub, open_hub
from sync.store import journeys, leads
from sync.store.database import Database
from sync.store.journeys import ActivityRow, StageRow
from sync.store.leads import LeadRow

Stay = tuple[str, str] | tuple[str, str, Mapping[str, Any]]


def at(day: str, time: str = "01:00:00.000000") -> str:
    """A stored time: 10:00 in Tokyo on that day, or a time in UTC."""
    return f"{day}T{time}Z"


class Lives:
    """A hub without connections, and pens to write its leads' lives with."""

    def __init__(
        self, database: Database, root: Path, *, optional: Sequence[str] = (), **stages: Any
    ) -> None:
        self.database = database
        config = Config(
            root=root, hub=HubConfig(), stages=StagesConfig(optional=list(optional), **stages)
        )
        self.hub: Hub = open_hub(config, database=database)
        self.numbers = count(1)

    def lead(self, *stays: Stay, lead_id: str = "", **fields: Any) -> str:
        """A lead that went through these stages: (stage, when, what else); fields as ``a__b``."""
        lead_id = lead_id or f"ld_{next(self.numbers):04}"
        values = {name.replace("__", "."): value for name, value in fields.items()}
        rows: list[StageRow] = []
        for stage, when, *more in stays:
            told: Mapping[str, Any] = more[0] if more else {}
            rows.append(
                StageRow(
                    lead_id=lead_id,
                    cycle=told.get("cycle", 1),
                    stage=stage,
                    entered_at=when,
                    exited_at=None,
                    system="renkei" if told.get("rule") else "crm",
                    reason_code=told.get("reason"),
                    reason_text=None,
                    inferred=told.get("inferred", False),
                    override_by=told.get("by"),
                    link_id=None,
                    rule=told.get("rule"),
                )
            )
        rows = [one._replace(exited_at=after.entered_at) for one, after in pairwise(rows)] + rows[
            -1:
        ]
        last = rows[-1]
        row = LeadRow(
            id=lead_id,
            name=values.pop("name", "田中 一郎"),
            email=f"{lead_id}@kaisha.example",
            company="株式会社北斗",
            account_id=None,
            stage=last.stage,
            stage_at=last.entered_at,
            stage_reason=None,
            cycle=last.cycle,
            fields=values,
            provenance={},
            edits={},
            merged_into=None,
            created_at=rows[0].entered_at,
            updated_at=last.entered_at,
        )
        with self.database.write() as tx:
            leads.save(tx, [row])
            journeys.add_stages(tx, rows)
        return lead_id

    def did(self, lead_id: str, kind: str, when: str, **told: Any) -> None:
        """Something happened with a lead; ``stream`` told it, by default the CRM's."""
        stream = told.pop("stream", "crm/activities")
        subject = told.pop("subject", None)
        link = f"{stream}/{next(self.numbers)}"
        with self.database.write() as tx:
            journeys.save_activities(tx, [ActivityRow(link, lead_id, kind, when, subject, told)])
