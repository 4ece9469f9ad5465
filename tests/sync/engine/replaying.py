"""What the tests of replays share: maps that are corrected, and what a replay would change."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from mapping.fieldmap import compile_map
from sync.engine.replay import Period, ReplayDiff, replay
from sync.store import links
from sync.workers import jobs
from sync.workers.replays import replay as replay_job
from tests.sync.engine.histories import MAILABLE as SATO

MAP = YAML(typ="safe").load(
    (Path(__file__).parent / "plugins" / "shelf" / "fields.yaml").read_text(encoding="utf-8")
)
EVER = Period("2000-01-01", "2100-01-01")


def remap(shelves: Any, name: str, stream: str = "people", **changes: Any) -> None:
    """Have a connection read and write by another map; None takes a line out."""
    document = deepcopy(MAP[stream])
    for key, value in changes.items():
        if key == "stage":
            document["stage"]["read"] |= value
            document["stage"].pop("write", None)
        else:
            document["fields"] |= value
    flow = shelves.hub.flows[name]
    flow.maps = {**flow.maps, stream: compile_map(document, kind=flow.kind(stream))}


def applied(shelves: Any, period: Period = EVER) -> tuple[ReplayDiff, list[Any]]:
    shelves.tick(seconds=30)
    diff, done = replay_job(shelves.hub, period)
    return diff, [*done, *jobs.push_all(shelves.hub)]


def only_read(shelves: Any, name: str) -> None:
    """Have nothing written to a connection."""
    flow = shelves.hub.flows[name]
    flow.config = flow.config.model_copy(update={"push": None})
    shelves.hub.__dict__.pop("targets", None)


def differing(shelves: Any, period: Period = EVER) -> dict[str, dict[str, tuple[Any, Any]]]:
    """By record what a replay would change: field → (old, new)."""
    diff = replay(shelves.hub, period)
    return {
        one.link_id: {each.field: (each.old, each.new) for each in one.fields}
        for one in diff.records
    }


def rows(shelves: Any, table: str) -> list[Any]:
    with shelves.database.read() as tx:
        return tx.rows(f"SELECT * FROM {table} ORDER BY 1")


def link(shelves: Any, name: str) -> Any:
    with shelves.database.read() as tx:
        return links.by_ids(tx, [name])[name]


def mistaken(shelves: Any) -> None:
    """Three people of the CRM, whose departments are taken for their titles."""
    remap(shelves, "crm", fields={"title": {"from": "dept", "direction": "pull"}})
    for number, (family, mail) in enumerate(
        (("佐藤", "sato"), ("鈴木", "suzuki"), ("林", "hayashi"))
    ):
        values = SATO | {"family": family, "email": f"{mail}@aozora.example", "phone": ""}
        shelves.at["crm"].put(str(number), **values, dept="営業部", title=f"部長{number}")
    shelves.at["crm"].put("3", email="mori@kaze.example", family="森", dept="", title="")
    shelves.settle()


def writes(shelves: Any) -> Counter[str]:
    """How often each field was written, by connection and field."""
    return Counter(
        f"{name}.{field}"
        for name, shelf in shelves.at.items()
        for change in shelf.writes
        for field in change.values
    )
