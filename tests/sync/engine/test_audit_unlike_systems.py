"""The audit of unlike systems: one that cuts values, one that gives none back, one only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sync.config.model import PushConfig
from sync.engine.hub import open_hub
from tests.sync.engine.audited import audit
from tests.sync.engine.conftest import Shelves


@pytest.fixture
def person() -> dict[str, str]:
    return {
        "email": "sato@aozora.example",
        "family": "佐藤",
        "given": "花子",
        "company": "青空製作所本社",
        "mail": "yes",
    }


@pytest.fixture
def remade(shelves: Shelves) -> Callable[..., Shelves]:
    """The shelves with other lines in the field map of one, and another push there."""

    def build(lines: dict[str, Any], **changed: PushConfig | None) -> Shelves:
        connections = dict(shelves.config.connections)
        connections["sfa"] = connections["sfa"].model_copy(update=changed)
        config = shelves.config.model_copy(
            update={"fields": {"sfa": {"people": {"fields": lines}}}, "connections": connections}
        )
        shelves.hub = open_hub(config, database=shelves.database)
        return shelves

    return build


def test_what_a_format_cannot_hold_is_no_drift(
    remade: Callable[..., Shelves], person: dict[str, str]
) -> None:
    shelves = remade({"company": {"from": "company", "max_length": 4}})
    shelves.at["crm"].put("1", **person)
    shelves.settle()
    (row,) = shelves.at["sfa"].people.values()
    assert row["company"] == "青空製作"

    found = audit(shelves.hub, seed=1)

    assert {one.score for one in (*found.connections.values(), *found.pairs.values())} == {1.0}


def test_what_cannot_be_read_back_is_not_counted(
    remade: Callable[..., Shelves], person: dict[str, str]
) -> None:
    shelves = remade({"title": {"to": "title", "direction": "push"}})
    shelves.at["crm"].put("1", **person, title="部長")
    shelves.settle()
    (row,) = shelves.at["sfa"].people.values()
    assert row["title"] == "部長"

    found = audit(shelves.hub, seed=1)

    assert found.connections["crm"].compared["title"] == 1
    assert found.connections["sfa"].compared["title"] == 0
    assert found.pairs["crm", "sfa"].compared["title"] == 0


def test_a_system_that_is_only_read_may_say_otherwise_once_that_was_heard(
    remade: Callable[..., Shelves], person: dict[str, str]
) -> None:
    shelves = remade({}, push=None)
    shelves.at["crm"].put("1", **person)
    shelves.at["sfa"].put("own", **{**person, "company": "青空製作所東京支店"})
    shelves.settle()
    assert audit(shelves.hub, seed=1).pairs["crm", "sfa"].score == 1.0

    shelves.at["sfa"].people["own"]["company"] = "千鳥商会"
    unheard = audit(shelves.hub, seed=1)

    assert unheard.pairs["crm", "sfa"].differing == {"company": 1}
    assert ("crm", "ma") in unheard.pairs
