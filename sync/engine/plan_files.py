"""Plans as files: JSON that people can read, and that is refused once somebody has edited it."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import orjson

from sync.engine.hub import Hub
from sync.engine.limits import Excess
from sync.engine.planning import HubPlan, PlannedChange, TargetPlan
from sync.store.sealing import Box

__all__ = ["VERSION", "PlanUnreadable", "load_plan", "plan_id", "save_plan"]

VERSION = 2
Made = TypeVar("Made", PlannedChange, TargetPlan, Excess)


class PlanUnreadable(Exception):
    """A file that is no plan of this hub; ``why`` is missing, broken, edited or version."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def plan_id(hub: Hub, plan: HubPlan) -> str:
    """A name that two plans share exactly when they are the same; keyed, it tells nothing."""
    return _id(hub.database.box, _body(plan))


def save_plan(hub: Hub, plan: HubPlan, path: Path) -> str:
    """Write a plan, for its owner's eyes only, since it holds people's data; its id."""
    body = _body(plan)
    name = _id(hub.database.box, body)
    text = orjson.dumps({"version": VERSION, "id": name, **body}, option=orjson.OPT_INDENT_2)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(text + b"\n")
    return name


def load_plan(hub: Hub, path: Path) -> tuple[str, HubPlan]:
    """A plan and its id; PlanUnreadable where the file is none, or not as this hub wrote it."""
    try:
        found = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise PlanUnreadable("missing") from None
    except (OSError, orjson.JSONDecodeError) as error:
        raise PlanUnreadable("broken") from error
    if not isinstance(found, dict) or "targets" not in found:
        raise PlanUnreadable("broken")
    if found.pop("version", None) != VERSION:
        raise PlanUnreadable("version")
    name = found.pop("id", None)
    if name != _id(hub.database.box, found):
        raise PlanUnreadable("edited")
    targets = tuple(_target(one) for one in found["targets"])
    return str(name), HubPlan(found["made_at"], targets, found["unresolved"])


def _body(plan: HubPlan) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(orjson.dumps(asdict(plan)))
    return body


def _id(box: Box, body: dict[str, Any]) -> str:
    return "plan_" + box.digest(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))


def _target(found: dict[str, Any]) -> TargetPlan:
    changes = tuple(_change(one) for one in found["changes"])
    over = tuple(_made(Excess, one) for one in found["over"])
    return _made(TargetPlan, {**found, "changes": changes, "over": over})


def _change(found: dict[str, Any]) -> PlannedChange:
    stage = found["stage"]
    stage = (stage[0], stage[1]) if stage is not None else None
    return _made(PlannedChange, {**found, "stage": stage, "second": tuple(found["second"])})


def _made(kind: type[Made], found: dict[str, Any]) -> Made:
    return kind(**{one.name: found[one.name] for one in fields(kind)})
