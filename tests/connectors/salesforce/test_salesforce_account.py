"""The account: ways to sign in, its fields and stages, who we are, and what options may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.kit.errors import AuthFailed
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.salesforce import Connector, Options, connect
from connectors.salesforce.simulator import (
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    Simulator,
    Stage,
    key_pair,
)

Connecting = Callable[..., Connector]


def signed_in(org: Simulator, clock: Any, **auth: Any) -> Connector:
    options = Options.model_validate({"auth": {"client_id": CLIENT_ID, **auth}})
    transport = in_process(org)
    return connect(options, Wiring("sf", MemoryTokens(), transport=transport, now=clock))


def test_a_signed_assertion_signs_in(org: Simulator, clock: Any) -> None:
    private, public = key_pair()
    org.register_key(public)
    jwt = {"scheme": "jwt", "username": "renkei@example.co.jp", "private_key": private}
    connector = signed_in(org, clock, **jwt)
    assert connector.identify().account.startswith("連携デモ株式会社 (00D")
    stranger = signed_in(org, clock, **{**jwt, "username": "other@example.co.jp"})
    with pytest.raises(AuthFailed):
        stranger.identify()
    my_domain = "https://aozora.my.salesforce.example"
    own = signed_in(org, clock, **jwt, login_url=my_domain, audience="https://login.salesforce.com")
    assert own.identify().account


def test_rotating_refresh_tokens_are_kept(org: Simulator, clock: Any) -> None:
    connector = signed_in(
        org, clock, scheme="refresh", client_secret=CLIENT_SECRET, refresh_token=REFRESH_TOKEN
    )
    for _ in range(3):
        assert connector.identify().account
        clock.pass_time(hours=3)
    assert sum(1 for seen in org.seen if seen.path.endswith("/token")) == 3


def test_an_app_that_is_revoked_is_told_as_such(org: Simulator, connected: Connecting) -> None:
    connector = connected()
    connector.identify()
    org.revoke_app()
    with pytest.raises(AuthFailed):
        connector.identify()


def test_identify_says_what_is_left_of_the_day(org: Simulator, connected: Connecting) -> None:
    identity = connected().identify()
    assert identity.quota_max == 15_000
    assert identity.quota_left is not None
    assert identity.quota_left >= 14_990
    assert identity.scopes_missing == ()
    assert identity.clock_offset is not None


def test_fields_are_described_with_picklists_by_record_type(
    org: Simulator, connected: Connecting
) -> None:
    org.schema.set_picklist("Lead", "Rating", "高", "中", "低", restricted=True)
    org.add_record_type("Lead", "法人", Rating=("高", "中"))
    org.add_record_type("Lead", "代理店", Rating=("低",))
    specs = {spec.name: spec for spec in connected().fields("Lead")}
    rating = specs["Rating"]
    assert rating.type == "picklist"
    assert [option.value for option in rating.options] == ["高", "中", "低"]
    assert rating.record_types == {"法人": ("高", "中"), "代理店": ("低",)}
    assert (specs["LastName"].required, specs["LastName"].max_length) == (True, 80)
    assert specs["FirstName"].required is False
    assert specs["Status"].required is False
    assert (specs["Renkei_Id__c"].unique, specs["SystemModstamp"].writable) == (True, False)
    kinds = {name: specs[name].type for name in ("Email", "DoNotCall", "OwnerId", "Street")}
    assert kinds == {
        "Email": "email",
        "DoNotCall": "boolean",
        "OwnerId": "reference",
        "Street": "text",
    }


def test_an_org_without_record_types_costs_one_call(org: Simulator, connected: Connecting) -> None:
    connected().fields("Contact")
    assert sum(1 for seen in org.seen if seen.path.startswith("/services/data/v")) == 1


def test_stages_come_from_the_org(org: Simulator, connected: Connecting) -> None:
    org.schema.set_stages(
        "LeadStatus",
        Stage("New", default=True),
        Stage("Talking"),
        Stage("Done", converted=True),
    )
    leads = connected().stages("Lead")
    assert [(s.value, s.order, s.closed, s.won) for s in leads] == [
        ("New", 1, False, False),
        ("Talking", 2, False, False),
        ("Done", 3, True, False),
    ]
    deals = {stage.value: stage for stage in connected().stages("Opportunity")}
    assert (deals["Closed Won"].closed, deals["Closed Won"].won) == (True, True)
    assert (deals["Closed Lost"].closed, deals["Closed Lost"].won) == (True, False)
    assert connected().stages("Task") == []
    org.schema.set_stages(
        "OpportunityStage", Stage("見込", default=True), Stage("旧", active=False)
    )
    assert [stage.value for stage in connected().stages("Opportunity")] == ["見込"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"auth": {"scheme": "password"}},
        {"auth": {"scheme": "client_credentials", "client_id": "a", "client_secret": "b"}},
        {"base_url": "http://hub.example"},
        {"base_url": "ftp://127.0.0.1"},
        {"api_version": "62"},
        {"objects": ["Leads"]},
        {"objects": []},
        {"fields": {"Lead": ["Id FROM Lead --"]}},
        {"external_id_field": "x, y"},
        {"page_size": 2001},
        {"overlap": 0},
    ],
)
def test_options_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    good = {
        "auth": {
            "scheme": "client_credentials",
            "client_id": "a",
            "client_secret": "b",
            "login_url": "https://aozora.my.salesforce.example/",
        }
    }
    assert Options.model_validate(good).auth.login_url == "https://aozora.my.salesforce.example"
    with pytest.raises(ValidationError):
        Options.model_validate({**good, **wrong})
