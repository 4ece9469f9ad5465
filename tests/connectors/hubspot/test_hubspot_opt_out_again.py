"""Opt-outs that a sync must not write again and again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.hubspot import Connector
from connectors.hubspot.simulator import Simulator
from connectors.kit.base import Change, Status


@pytest.fixture
def keyed(portal: Simulator, make_hub: Callable[..., Connector]) -> Connector:
    """A connector that writes the hub's id into every contact it writes."""
    return make_hub(portal, hub_id_property="renkei_lead_id")


def test_a_false_opt_out_alone_writes_nothing_not_even_the_hubs_id(
    portal: Simulator, keyed: Connector
) -> None:
    own = portal.add_contact(email="a@example.jp", lastname="佐藤")
    before = portal.portal.rows("contacts")[own]["updatedAt"], portal.held("contacts", own)

    change = Change("contacts", "ld_1", {"hs_email_optout": "false"}, external_id=own)
    (said,) = keyed.push([change])

    assert said.status is Status.UNCHANGED
    assert (
        portal.portal.rows("contacts")[own]["updatedAt"],
        portal.held("contacts", own),
    ) == before


def test_a_new_contact_who_opted_out_is_one_from_the_start(
    portal: Simulator, keyed: Connector
) -> None:
    values = {"email": "a@example.jp", "lastname": "佐藤", "hs_email_optout": "true"}
    (said,) = keyed.push([Change("contacts", "ld_1", values)])

    assert said.status is Status.CREATED
    assert portal.held("contacts", str(said.external_id))["hs_email_optout"] == "true"
