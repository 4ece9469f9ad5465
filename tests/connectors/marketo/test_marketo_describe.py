"""What an instance says of itself: fields, kinds of activity, who we are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors import marketo
from connectors.kit.base import Change
from connectors.kit.errors import AuthFailed
from connectors.kit.manifest import load_manifest, read_yaml
from connectors.marketo import Connector, Options
from connectors.marketo.activities import NAME
from connectors.marketo.simulator import Simulator
from mapping.fieldmap import FieldMap, compile_map

MakeInstance = Callable[..., Simulator]
MakeHub = Callable[..., Connector]
HOME = Path(marketo.__file__).parent
MAPS = read_yaml(HOME / "fields.yaml")


@pytest.fixture
def leads() -> FieldMap:
    return compile_map(MAPS["leads"])


# Fields


def test_fields_are_told_with_type_length_and_whether_they_can_be_written(
    instance: Simulator, hub: Connector
) -> None:
    instance.add_field("kana", "string", "フリガナ")
    instance.add_field("budget", "currency", "予算")

    found = {one.name: one for one in hub.fields("leads")}

    assert (found["kana"].label, found["kana"].type, found["kana"].max_length) == (
        "フリガナ",
        "text",
        255,
    )
    assert (found["budget"].type, found["budget"].vendor_type) == ("number", "currency")
    assert (found["email"].type, found["email"].unique, found["email"].writable) == (
        "email",
        True,
        True,
    )
    assert (found["unsubscribed"].type, found["unsubscribed"].writable) == ("boolean", True)
    assert [name for name in ("id", "createdAt", "company") if found[name].writable] == []


def test_a_field_is_known_for_ten_minutes_and_then_asked_for_again(
    instance: Simulator, hub: Connector, clock: Any
) -> None:
    hub.fields("leads")
    instance.add_field("kana")
    assert "kana" not in {one.name for one in hub.fields("leads")}
    clock.pass_time(minutes=11)
    assert "kana" in {one.name for one in hub.fields("leads")}


def test_an_activity_has_what_all_have_and_the_attributes_of_every_kind_once(
    hub: Connector,
) -> None:
    found = hub.fields("activities")
    names = [one.name for one in found]
    assert {NAME, "activityDate", "attributes.Link", "attributes.Form Fields"} <= set(names)
    assert len(names) == len(set(names))
    assert not any(one.writable for one in found)


def test_there_are_no_stages_of_the_vendor_s(hub: Connector) -> None:
    assert hub.stages("leads") == []


# Who we are


def test_identify_tells_the_instance_and_what_is_left_of_the_day(
    instance: Simulator, make_hub: MakeHub
) -> None:
    hub = make_hub(instance, daily_quota=10)
    hub.fields("leads")
    hub.api.used_today()

    said = hub.identify()

    assert said.account == "Marketo 123-ABC-456"
    assert (said.quota_left, said.quota_max) == (8, 10)
    assert said.clock_offset is not None
    assert (hub.session.quota.left, hub.session.quota.limit) == (8, 10)


def test_identify_names_the_permission_that_is_missing(
    make_instance: MakeInstance, make_hub: MakeHub
) -> None:
    said = make_hub(make_instance(permissions=["Read-Only Lead"])).identify()
    assert said.scopes_missing == ("Read-Only Activity",)


def test_a_deleted_service_is_an_auth_failure(instance: Simulator, hub: Connector) -> None:
    hub.identify()
    instance.revoke()
    with pytest.raises(AuthFailed):
        hub.identify()


@pytest.mark.parametrize("end", ["", "/", "/rest", "/rest/", "/identity"])
def test_the_address_may_be_copied_as_marketo_shows_it(end: str) -> None:
    given = {"client_id": "a", "client_secret": "b"}
    options = Options.model_validate({"base_url": f"https://1-A-2.mktorest.com{end}", **given})
    assert options.base_url == "https://1-A-2.mktorest.com"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"base_url": "123-abc-456"}, id="no address"),
        pytest.param({"page_size": 301}, id="page"),
        pytest.param({"client_id": ""}, id="no client"),
    ],
)
def test_options_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    given = {"base_url": "https://a.mktorest.com", "client_id": "a", "client_secret": "b"}
    with pytest.raises(ValidationError):
        Options.model_validate({**given, **wrong})


# The default field map


def test_every_stream_has_a_map_of_its_kind() -> None:
    streams = load_manifest(HOME / "connector.yaml").streams
    assert set(MAPS) == set(streams)
    for name, stream in streams.items():
        assert compile_map(MAPS[name]).kind == stream.kind.value


@pytest.mark.parametrize("stream", ["leads", "activities"])
def test_the_map_names_only_fields_that_there_are(hub: Connector, stream: str) -> None:
    described = {one.name: one for one in hub.fields(stream)}
    compiled = compile_map(MAPS[stream])
    assert compiled.vendor_fields() <= set(described)
    assert stream == "activities" or all(described[one].writable for one in compiled.targets())


def test_a_lead_is_read_and_written_back_as_it_was(
    instance: Simulator, hub: Connector, leads: FieldMap
) -> None:
    person: dict[str, Any] = {
        "email": "hanako@minato.example",
        "lastName": "佐藤",
        "firstName": "花子",
        "phone": "03-1234-5678",
        "department": "情報システム部",
        "title": "部長",
        "state": "東京都",
        "leadStatus": "SAL",
        "unsubscribed": True,
    }
    instance.add_lead(**person, company="株式会社みなと製作所")
    (record,) = (one for page in hub.pull("leads", None) for one in page.records)

    draft = leads.read(hub.flatten("leads", record.payload))
    assert draft.values["company"] == "株式会社みなと製作所"
    assert draft.values["consent.email.marketing"] == "denied"
    assert draft.values["family_name"] == "佐藤"

    values = leads.write(dict(draft.values), create=True).values
    (said,) = hub.push([Change("leads", "ld_1", {**values, "email": "new@minato.example"})])
    held = instance.held(str(said.external_id))
    assert said.refused == {}
    kept = ("lastName", "firstName", "department", "title", "state", "unsubscribed")
    assert {name: held[name] for name in kept} == {name: person[name] for name in kept}


def test_every_stage_is_read_back_as_it_was_written(leads: FieldMap) -> None:
    assert leads.stage is not None
    for code in ("inquiry", "mql", "tal", "tql", "sal", "sql", "won", "lost", "dormant"):
        seen = leads.stage.seen(leads.stage.project(code))
        assert seen is not None
        assert code in seen.stages


def test_kinds_of_activity_are_read_as_the_hub_s(instance: Simulator, hub: Connector) -> None:
    own = instance.add_lead(email="a@example.jp")
    for kind in (2, 6, 11, 27, 46):
        instance.act(own, kind, "4月号", Link="https://www.aoba.example/seminar")
    compiled = compile_map(MAPS["activities"])

    drafts = [
        compiled.read(hub.flatten("activities", one.payload)).values
        for page in hub.pull("activities", None)
        for one in page.records
    ]

    assert [one["activity"] for one in drafts] == [
        "form_submission",
        "email_sent",
        "email_clicked",
        "email_bounced",
        "note",
    ]
    assert {one["url"] for one in drafts} == {"https://www.aoba.example/seminar"}
    assert str(drafts[0]["at"]).startswith("2026-04-01T00:00:00")
