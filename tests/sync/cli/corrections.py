"""What tests of plans, limits and undoing share: a lead corrected by hand, the CRM's rows."""

from __future__ import annotations

from typing import Any

APP = 5
LEAD = "lead1@kaisha1.example"


def rows(office: Any) -> dict[str, dict[str, Any]]:
    """The CRM's records by their mailbox."""
    found = {}
    for number in office.crm.simulator.rows(APP):
        record = office.crm.simulator.record(APP, number)
        found[record["メールアドレス"]] = {"number": number, **record}
    return found


def writes(office: Any) -> list[dict[str, Any]]:
    """What the CRM's records hold, but for what changes with every write."""
    fleeting = {"$revision", "更新日時", "更新者"}
    return [
        {name: value for name, value in row.items() if name not in fleeting}
        for _, row in sorted(rows(office).items())
    ]


def edit(office: Any, *words: str) -> None:
    """A lead is corrected by hand, and nothing is pushed yet."""
    assert office.type("lead", LEAD, *words).code == 0


def push_run(office: Any) -> str:
    """The last run that wrote to the CRM."""
    (run, *_) = [run for run in office.json("runs").all("run") if run["job"] in ("push", "undo")]
    return str(run["id"])
