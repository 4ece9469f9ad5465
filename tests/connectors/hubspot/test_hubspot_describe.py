"""What a portal says of itself, flat payloads, the default field map, and recorded answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from pydantic import ValidationError
from ruamel.yaml import YAML

from connectors.hubspot import Connector, Options, connect
from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.base import Change, Status
from connectors.kit.errors import AuthFailed, Conflict, ContractBroken, RateLimited
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from mapping.fieldmap import FieldMap, compile_map

HERE = Path(__file__).resolve()
VENDOR = HERE.parents[3] / "connectors" / "hubspot"
SHARED = HERE.parents[4] / "shared" / "apis" / "samples" / "hubspot"
BASE = "https://api.hubapi.com"


def cassette(name: str) -> Any:
    return json.loads((VENDOR / "cassettes" / name).read_text())


@pytest.fixture
def maps() -> dict[str, FieldMap]:
    read = YAML(typ="safe", pure=True).load((VENDOR / "fields.yaml").read_text())
    return {stream: compile_map(document) for stream, document in read.items()}


# Fields and stages


def test_fields_carry_types_options_and_whether_they_can_be_written(hub: Connector) -> None:
    fields = {one.name: one for one in hub.fields("contacts")}

    assert fields["email"].type == "email"
    assert fields["email"].unique
    assert fields["phone"].type == "phone"
    assert fields["renkei_lead_id"].unique
    assert fields["lifecyclestage"].type == "picklist"
    assert fields["lifecyclestage"].options[1].value == "lead"
    assert not fields["hs_object_id"].writable
    assert fields["hs_email_optout"].writable
    assert fields["hubspot_owner_email"].type == "email"


def test_stages_are_the_life_cycle_and_the_pipeline(hub: Connector) -> None:
    assert [one.value for one in hub.stages("contacts")][:2] == ["subscriber", "lead"]
    deals = {one.value: one for one in hub.stages("deals")}
    assert (deals["closedwon"].closed, deals["closedwon"].won) == (True, True)
    assert (deals["closedlost"].closed, deals["closedlost"].won) == (True, False)
    assert not deals["contractsent"].closed
    assert hub.stages("calls") == []


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [("closedwon", "won"), ("closedlost", "lost"), ("contractsent", "open")],
)
def test_a_deal_is_told_won_lost_or_open(
    portal: Simulator, hub: Connector, maps: dict[str, FieldMap], stage: str, outcome: str
) -> None:
    own = portal.add_deal(dealname="基幹刷新", dealstage=stage, amount="1200000")

    (record,) = hub.fetch("deals", [own])
    flat = hub.flatten("deals", record.payload)

    assert flat["dealstage_outcome"] == outcome
    assert flat["dealstage"] == stage
    seen = maps["deals"].read(flat).stage
    assert seen is not None
    assert seen.stages == ({"open": "opportunity"}.get(outcome, outcome),)


def test_the_default_map_reads_a_contact_as_a_lead(
    portal: Simulator, hub: Connector, maps: dict[str, FieldMap]
) -> None:
    own = portal.add_contact(
        email="h.sato@minato.example",
        lastname="佐藤",
        firstname="花子",
        company="株式会社みなと製作所",
        phone="03-1234-5678",
        state="東京都",
        hs_lead_status="CONNECTED",
        lifecyclestage="marketingqualifiedlead",
        hs_analytics_source="PAID_SEARCH",
        hs_email_optout="true",
    )

    (record,) = hub.fetch("contacts", [own])
    draft = maps["contacts"].read(hub.flatten("contacts", record.payload))

    assert draft.problems == ()
    assert draft.values["family_name"] == "佐藤"
    assert draft.values["phone"] == "+81312345678"
    assert draft.values["consent.email.marketing"] == "denied"
    assert draft.values["custom.hs_lead_status"] == "CONNECTED"
    assert (draft.values["channel"], draft.values["lead_source"]) == ("ad", "paid_search")
    assert draft.stage is not None
    assert draft.stage.stages == ("mql", "tal", "tql")


def test_the_default_map_reads_activities(
    portal: Simulator, hub: Connector, maps: dict[str, FieldMap]
) -> None:
    connected = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
    made = {
        "calls": portal.add_engagement(
            "calls",
            hs_call_title="初回架電",
            hs_call_duration="185000",
            hs_call_disposition=connected,
        ),
        "meetings": portal.add_engagement(
            "meetings",
            hs_meeting_title="ヒアリング",
            hs_meeting_start_time="2026-01-06T01:00:00Z",
            hs_meeting_end_time="2026-01-06T02:00:00Z",
        ),
        "emails": portal.add_engagement("emails", hs_email_direction="EMAIL"),
        "notes": portal.add_engagement("notes", hs_note_body="展示会で名刺交換"),
    }

    drafts = {}
    for stream, own in made.items():
        (record,) = hub.fetch(stream, [own])
        drafts[stream] = maps[stream].read(hub.flatten(stream, record.payload)).values

    assert drafts["calls"]["activity"] == "call"
    assert drafts["calls"]["duration_seconds"] == 185
    assert drafts["calls"]["outcome"] == "connected"
    assert drafts["meetings"]["duration_seconds"] == 3600
    assert str(drafts["meetings"]["at"]).startswith("2026-01-06T01:00:00")
    assert drafts["emails"]["activity"] == "email_sent"
    assert drafts["notes"]["body"] == "展示会で名刺交換"


def test_every_field_of_the_default_map_is_one_a_fresh_portal_has(
    portal: Simulator, hub: Connector, maps: dict[str, FieldMap]
) -> None:
    portal.add_form("資料請求", ("email", "lastname", "firstname", "company", "phone", "message"))
    for stream, field_map in maps.items():
        known = {one.name for one in hub.fields(stream)}
        assert field_map.vendor_fields() <= known, stream


# Options


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="no way in"),
        pytest.param(
            {
                "token": "t",
                "oauth": {"client_id": "a", "client_secret": "b", "refresh_token": "c"},
            },
            id="two ways in",
        ),
        pytest.param({"token": "t", "page_size": 500}, id="page too large"),
    ],
)
def test_options_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(given)


# Recorded answers, over the real address


@pytest.fixture
def live() -> Connector:
    wiring = Wiring(connection="hs-jp", tokens=MemoryTokens(), sleep=lambda _: None)
    return connect(Options.model_validate({"token": "pat-jp1-x"}), wiring)


@respx.mock
def test_a_recorded_207_gives_each_change_its_outcome(live: Connector) -> None:
    path = f"{BASE}/crm/v3/objects/contacts/batch/upsert"
    sent = respx.post(path).respond(207, json=cassette("upsert_207.json"))
    addresses = ["h.sato@minato.example", "suzuki-at-aoba", "takahashi@aoba.example"]
    changes = [
        Change("contacts", f"ld_{n}", {"email": email}) for n, email in enumerate(addresses, 1)
    ]

    said = {one.key: one for one in live.push(changes)}

    assert (said["ld_1"].status, said["ld_1"].external_id) == (Status.CREATED, "35102")
    assert said["ld_2"].error is not None
    assert said["ld_2"].error.code == "VALUE_REFUSED"
    assert "suzuki" not in str(said["ld_2"].error)
    assert isinstance(said["ld_3"].error, Conflict)
    assert said["ld_3"].error.existing_id == "35090"
    assert sent.calls.last.request.headers["authorization"] == "Bearer pat-jp1-x"


@respx.mock
def test_a_recorded_refusal_names_its_property_only_in_the_message(live: Connector) -> None:
    path = f"{BASE}/crm/v3/objects/contacts/batch/upsert"
    route = respx.post(path)
    done = {"status": "COMPLETE", "results": [{"id": "1", "objectWriteTraceId": "ld_1"}]}
    route.side_effect = [
        httpx.Response(400, json=cassette("unknown_property_400.json")),
        httpx.Response(200, json=done),
    ]

    (said,) = live.push([Change("contacts", "ld_1", {"email": "a@x.jp", "sei_kana": "サトウ"})])

    assert said.error is None
    assert said.refused["sei_kana"].code == "UNKNOWN_FIELD"


@respx.mock
@pytest.mark.parametrize(
    ("status", "file", "error", "said"),
    [
        (403, "missing_scopes_403.json", AuthFailed, "crm.objects.deals.read"),
        (429, "daily_limit_429.json", RateLimited, "daily"),
    ],
)
def test_recorded_refusals_of_a_read(
    live: Connector, status: int, file: str, error: type[Exception], said: str
) -> None:
    respx.route(host="api.hubapi.com").respond(status, json=cassette(file))

    with pytest.raises(error, match=said) as caught:
        list(live.pull("deals", None))

    assert "7f0d6c7e-5a41" in str(caught.value)
    if isinstance(caught.value, RateLimited):
        assert (caught.value.code, caught.value.retry_after) == ("HUBSPOT_DAILY_LIMIT", 3600)


@respx.mock
def test_a_path_that_does_not_exist_is_our_fault(live: Connector) -> None:
    respx.route(host="api.hubapi.com").respond(404, html="<html>404</html>")

    with pytest.raises(ContractBroken, match="base_url"):
        list(live.pull("contacts", None))


# The simulator against samples of the vendor's answers


def shape(value: Any) -> Any:
    """The keys of an answer, all the way down."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items() if key not in {"properties", "total"}}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.skipif(not SHARED.exists(), reason="samples of the vendor's answers are not beside us")
@pytest.mark.parametrize("name", ["batch-upsert-207", "error-409-contact-exists", "search-page"])
def test_the_simulator_answers_in_the_shape_of_the_samples(
    portal: Simulator, clock: Any, name: str
) -> None:
    sample = json.loads((SHARED / f"{name}.json").read_text())
    client = httpx.Client(
        base_url="https://hubspot.test",
        transport=in_process(portal),
        headers={"authorization": f"Bearer {portal.token}"},
    )
    contacts = "/crm/v3/objects/contacts"
    one = {"idProperty": "email", "objectWriteTraceId": "a"}
    inputs = [
        {**one, "id": "a@x.jp", "properties": {"email": "a@x.jp"}},
        {**one, "id": "nope", "properties": {"email": "nope"}},
    ]
    answer = client.post(f"{contacts}/batch/upsert", json={"inputs": inputs})
    if name.startswith("error"):
        answer = client.post(contacts, json={"properties": {"email": "a@x.jp"}})
    if name.startswith("search"):
        portal.add_contact(email="b@x.jp")
        clock.forward(10)
        answer = client.post(f"{contacts}/search", json={"limit": 1})

    assert shape(answer.json()) == shape(sample)


@pytest.mark.skipif(not SHARED.exists(), reason="samples of the vendor's answers are not beside us")
def test_the_simulators_429_and_webhooks_have_the_keys_of_the_samples(
    make_portal: Callable[..., Simulator],
) -> None:
    portal = make_portal(limits=Limits(burst=0))
    client = httpx.Client(
        base_url="https://hubspot.test",
        transport=in_process(portal),
        headers={"authorization": f"Bearer {portal.token}"},
    )
    limited = json.loads((SHARED / "error-429.json").read_text())
    assert client.get("/crm/v3/owners").json().keys() == limited.keys()

    portal.subscribe_url("https://hub.example.co.jp/hook", "s")
    winner, loser = (portal.add_contact(email=f"{n}@example.co.jp") for n in "ab")
    survivor = portal.merge("contacts", winner, loser)
    portal.archive("contacts", survivor)
    sent = [one for delivery in portal.deliveries for one in json.loads(delivery.body)]
    for sample in json.loads((SHARED / "webhook-batch.json").read_text()):
        kind = sample["subscriptionType"]
        made = next(one for one in sent if one["subscriptionType"] == kind)
        assert made.keys() == sample.keys(), kind
