"""Who may say a field, how values that differ are decided, and what a connection may be written."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.config.model import PushConfig, TrustConfig
from sync.engine.edits import edit_lead
from sync.engine.hub import open_hub

SATO = {"email": "sato@aozora.example", "family": "佐藤", "given": "花子", "company": "青空製作所"}


@pytest.fixture
def ruled(shelves: Any) -> Callable[..., Any]:
    """The shelves under other rules of trust, or with another push to the SFA."""

    def build(trust: TrustConfig | None = None, **push: Any) -> Any:
        hub = shelves.config.hub
        connections = dict(shelves.config.connections)
        if push:
            connections["sfa"] = connections["sfa"].model_copy(
                update={"push": PushConfig(stream="people", **push)}
            )
        config = shelves.config.model_copy(
            update={
                "hub": hub.model_copy(update={"trust": trust or hub.trust}),
                "connections": connections,
            }
        )
        shelves.hub = open_hub(config, database=shelves.database)
        return shelves

    return build


def test_nobody_but_the_owner_changes_a_field(ruled: Callable[..., Any]) -> None:
    shelves = ruled(TrustConfig(default=["crm", "sfa", "ma"], owners={"title": "sfa"}))
    shelves.at["crm"].put("1", **SATO, title="部長")
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    assert "title" not in shelves.leads()[0].fields

    shelves.at["sfa"].put(own, title="課長")
    shelves.settle()
    shelves.at["crm"].put("1", title="社長")
    shelves.settle()

    assert shelves.leads()[0].fields["title"] == "課長"
    assert shelves.at["crm"].people["1"]["title"] == "課長"


def test_a_held_conflict_is_an_open_item_with_both_values_until_it_is_decided(
    ruled: Callable[..., Any],
) -> None:
    shelves = ruled(TrustConfig(default=["crm", "sfa", "ma"], policies={"title": "hold"}))
    shelves.at["crm"].put("1", **SATO, title="課長")
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].put(own, title="部長")

    shelves.run()

    (lead,) = shelves.leads()
    (item,) = shelves.asides(code="CONFLICT_HELD")
    assert lead.fields["title"] == "課長"
    assert item.received == {"kept": "課長", "said": "部長"}
    assert (item.connection, item.field, item.lead_id) == ("sfa", "title", lead.id)

    edit_lead(shelves.hub, lead.id, {"title": "部長"}, user="yoko")
    shelves.settle()

    assert shelves.asides(code="CONFLICT_HELD") == []
    assert shelves.at["crm"].people["1"]["title"] == "部長"


def test_a_field_that_is_only_filled_is_never_overwritten(ruled: Callable[..., Any]) -> None:
    shelves = ruled(fill=["title", "phone"])
    shelves.at["sfa"].put("own", **SATO, title="課長")
    shelves.settle()
    shelves.at["crm"].put("1", **SATO, title="部長", phone="03-1234-5678")

    shelves.settle()

    assert shelves.leads()[0].fields["title"] == "部長"
    assert shelves.at["sfa"].people["own"]["title"] == "課長"
    assert shelves.at["sfa"].people["own"]["phone"]


@pytest.mark.parametrize(
    ("push", "created", "updated"),
    [
        ({"update": False}, True, False),
        ({"create": False}, False, True),
        ({"create": False, "update": False}, False, False),
    ],
)
def test_a_connection_may_only_be_created_in_or_updated_or_tied(
    ruled: Callable[..., Any], push: dict[str, bool], created: bool, updated: bool
) -> None:
    shelves = ruled(**push)
    shelves.at["sfa"].put("own", **SATO)
    shelves.at["crm"].put("1", **SATO, title="部長")
    shelves.at["crm"].put("2", email="ito@b.example", family="伊藤", given="健", company="千鳥")

    shelves.settle()

    assert len(shelves.leads()) == 2
    assert (len(shelves.at["sfa"].people) == 2) is created
    assert (shelves.at["sfa"].people["own"].get("title") == "部長") is updated
