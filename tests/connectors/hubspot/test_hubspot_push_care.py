"""Pushing with care: stages read back, opt-outs first, owners by address, trouble half-way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from connectors.hubspot import Connector
from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.base import Change, Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    RateLimited,
    Unavailable,
)
from connectors.kit.simulator import Fault, json_response

MakePortal = Callable[..., Simulator]
MakeHub = Callable[..., Connector]


def new(key: str, email: str | None = None, **values: Any) -> Change:
    mail = {} if email is None else {"email": email}
    return Change("contacts", key, {**mail, **values})


def edit(key: str, own: str, before: Mapping[str, Any] | None = None, **values: Any) -> Change:
    return Change("contacts", key, values, external_id=own, before=before or {})


def by_key(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    assert len({one.key for one in outcomes}) == len(outcomes)
    return {one.key: one for one in outcomes}


def contacts(portal: Simulator) -> list[dict[str, str]]:
    return [portal.held("contacts", own) for own in portal.portal.rows("contacts")]


def calls(portal: Simulator, part: str) -> int:
    return len([one for one in portal.seen if part in one.path])


# Stages


def test_a_stage_goes_forward_with_one_write(portal: Simulator, hub: Connector) -> None:
    own = portal.add_contact(email="a@example.co.jp", lifecyclestage="lead")

    (said,) = hub.push([edit("ld_1", own, lifecyclestage="marketingqualifiedlead")])

    assert said.held == {}
    assert portal.held("contacts", own)["lifecyclestage"] == "marketingqualifiedlead"
    assert calls(portal, "/batch/update") == 1


def test_a_stage_the_hub_means_to_take_back_is_cleared_and_set(
    portal: Simulator, hub: Connector
) -> None:
    own = portal.add_contact(email="a@example.co.jp", lifecyclestage="opportunity")
    before = {"lifecyclestage": "opportunity"}

    (said,) = hub.push([edit("ld_1", own, before, lifecyclestage="lead", city="港区")])

    assert said.held == {}
    assert said.status is Status.UPDATED
    assert portal.held("contacts", own)["lifecyclestage"] == "lead"


def test_a_stage_that_moved_on_meanwhile_is_left_alone_and_told(
    portal: Simulator, hub: Connector
) -> None:
    own = portal.add_contact(email="a@example.co.jp", lifecyclestage="customer")
    before = {"lifecyclestage": "opportunity"}

    (said,) = hub.push([edit("ld_1", own, before, lifecyclestage="lead", city="港区")])

    assert said.held == {"lifecyclestage": "customer"}
    held = portal.held("contacts", own)
    assert (held["lifecyclestage"], held["city"]) == ("customer", "港区")


def test_a_new_lead_that_is_a_customer_there_does_not_fall_back(
    portal: Simulator, hub: Connector
) -> None:
    own = portal.add_contact(email="a@example.co.jp", lifecyclestage="customer")

    (said,) = hub.push([new("ld_1", "a@example.co.jp", lifecyclestage="lead")])

    assert said.held == {"lifecyclestage": "customer"}
    assert portal.held("contacts", own)["lifecyclestage"] == "customer"


def test_a_merged_contacts_stage_is_read_back_from_the_survivor(
    portal: Simulator, hub: Connector
) -> None:
    winner = portal.add_contact(email="a@example.co.jp", lifecyclestage="customer")
    loser = portal.add_contact(email="b@example.co.jp", lifecyclestage="lead")
    portal.merge("contacts", winner, loser)

    before = {"lifecyclestage": "lead"}
    (said,) = hub.push([edit("ld_1", loser, before, lifecyclestage="marketingqualifiedlead")])

    assert (said.external_id, said.held) == (winner, {"lifecyclestage": "customer"})


# Opt-out and owners


def test_an_opt_out_goes_through_the_consent_api_before_the_rest(
    portal: Simulator, hub: Connector
) -> None:
    own = portal.add_contact(email="a+b@example.co.jp")

    said = by_key(
        hub.push([edit("ld_1", own, hs_email_optout="true", city="港区")])
        + hub.push([new("ld_2", "c@example.co.jp", hs_email_optout=True)])
    )

    assert not [one for one in said.values() if one.error or one.refused]
    assert portal.held("contacts", own)["hs_email_optout"] == "true"
    writes = [one.path for one in portal.seen if one.method == "POST"]
    assert "unsubscribe-all" in next(one for one in writes if "batch/read" not in one)
    assert portal.table("consent")["c@example.co.jp"]["status"] == "UNSUBSCRIBED"


def test_an_opt_out_alone_writes_nothing_else_and_is_never_taken_back(
    portal: Simulator, hub: Connector
) -> None:
    own = portal.add_contact(email="a@example.co.jp")

    (out,) = hub.push([edit("ld_1", own, hs_email_optout="true")])
    (back,) = hub.push([edit("ld_1", own, hs_email_optout="false")])

    assert (out.status, back.status) == (Status.UPDATED, Status.UNCHANGED)
    assert calls(portal, "/batch/update") == 0
    assert portal.held("contacts", own)["hs_email_optout"] == "true"


def test_an_owner_is_named_by_address(portal: Simulator, hub: Connector) -> None:
    owner = portal.add_owner("suzuki@renkei.example", "鈴木", "次郎")
    own, other = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")

    said = by_key(
        hub.push(
            [
                edit("ld_1", own, hubspot_owner_email="Suzuki@renkei.example"),
                edit("ld_2", other, hubspot_owner_email="nobody@renkei.example", city="港区"),
            ]
        )
    )

    assert portal.held("contacts", own)["hubspot_owner_id"] == owner
    assert said["ld_2"].refused["hubspot_owner_email"].code == "VALUE_REFUSED"
    assert portal.held("contacts", other)["city"] == "港区"


# Trouble


def slow_down() -> Any:
    body = {"policyName": "TEN_SECONDLY_ROLLING", "message": "limit", "status": "error"}
    return json_response(body, 429)


def test_a_refusal_of_everything_is_raised(portal: Simulator, hub: Connector) -> None:
    portal.faults.append(Fault("/batch/", response=slow_down(), times=9))

    with pytest.raises(RateLimited):
        hub.push([new("ld_1", "a@example.co.jp")])


def test_what_was_written_before_a_refusal_is_told(portal: Simulator, hub: Connector) -> None:
    own = portal.add_contact(email="a@example.co.jp")
    portal.faults.append(Fault("/batch/upsert", response=slow_down(), times=9))

    said = by_key(hub.push([edit("ld_1", own, city="港区"), new("ld_2", "b@example.co.jp")]))

    assert said["ld_1"].status is Status.UPDATED
    assert isinstance(said["ld_2"].error, RateLimited)


def test_a_stage_that_could_not_be_read_back_is_not_called_done(
    portal: Simulator, hub: Connector
) -> None:
    own, other = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    portal.faults.append(Fault("/batch/read", response=slow_down(), times=9))

    said = by_key(
        hub.push([edit("ld_1", own, lifecyclestage="customer"), edit("ld_2", other, city="港区")])
    )

    assert isinstance(said["ld_1"].error, RateLimited)
    assert said["ld_1"].external_id == own
    assert said["ld_2"].status is Status.UPDATED


def test_a_record_the_answer_forgets_is_written_again_later(
    portal: Simulator, hub: Connector
) -> None:
    empty = json_response({"status": "COMPLETE", "results": []})
    portal.faults.append(Fault("/batch/upsert", response=empty, times=1))

    (said,) = hub.push([new("ld_1", "a@example.co.jp")])

    assert isinstance(said.error, Unavailable)
    assert said.error.code == "NO_OUTCOME"


def test_an_oauth_app_signs_in_and_signs_in_again(
    portal: Simulator, make_hub: MakeHub, clock: Any
) -> None:
    app = {
        "client_id": portal.client_id,
        "client_secret": portal.client_secret,
        "refresh_token": portal.refresh_token,
    }
    hub = make_hub(portal, oauth=app)

    hub.push([new("ld_1", "a@example.co.jp")])
    clock.forward(7200)
    hub.push([new("ld_2", "b@example.co.jp")])
    assert len(contacts(portal)) == 2
    assert hub.identify().account == "HubSpot portal 62515"
    clock.forward(7200)
    portal.revoke()
    with pytest.raises(AuthFailed) as caught:
        hub.push([new("ld_3", "c@example.co.jp")])
    assert caught.value.code == "REAUTHORISE"


def test_the_quota_of_the_day_is_read_from_the_answers(
    make_portal: MakePortal, make_hub: MakeHub
) -> None:
    hub = make_hub(make_portal(limits=Limits(burst=100, daily=500)))

    identity = hub.identify()

    assert (identity.quota_left, identity.quota_max) == (494, 500)
    assert identity.scopes_missing == ()


def test_other_objects_are_not_written(hub: Connector) -> None:
    (said,) = hub.push([Change("companies", "k", {"name": "株式会社サンプル"})])

    assert said.error is not None
    assert said.error.code == "NOT_WRITABLE"
