"""What Zoom answers, recorded, through the connector to the fields of a lead or an activity."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

import connectors.zoom
from connectors.kit.base import Hook, Kind, Record
from connectors.kit.errors import ContractBroken
from connectors.kit.manifest import load_manifest, read_yaml
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens
from connectors.zoom import Connector, Options, connect
from connectors.zoom.describe import WRITABLE
from mapping.fieldmap import FieldMap, compile_map

HOME = Path(connectors.zoom.__file__).parent
MAPS = read_yaml(HOME / "fields.yaml")
EVENT = {
    "id": 83112233445,
    "uuid": "/Yz8mP1xKQo+Rt0aB7cD2E==",
    "topic": "営業DXウェビナー",
    "type": 5,
    "start_time": "2026-04-09T05:00:00Z",
    "duration": 60,
    "timezone": "Asia/Tokyo",
}
HELD = {**EVENT, "user_email": "host@mihon.example", "end_time": "2026-04-09T06:01:00Z"}
BASE = "https://api.zoom.us/v2"


def recorded(name: str) -> Any:
    return json.loads((HOME / "cassettes" / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def zoom() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        token = {"access_token": "t", "token_type": "bearer", "expires_in": 3599, "scope": ""}
        router.post("https://zoom.us/oauth/token").respond(json=token)
        router.get(f"{BASE}/users/host%40mihon.example/webinars").respond(
            json={"page_number": 1, "page_count": 1, "webinars": [EVENT]}
        )
        yield router


@pytest.fixture
def connector() -> Iterator[Connector]:
    given = {
        "server": {"account_id": "a", "client_id": "客", "client_secret": "s"},
        "hosts": ["host@mihon.example"],
        "read": ["webinars", "calls"],
    }
    now = datetime(2026, 4, 9, 9, tzinfo=UTC)
    wiring = Wiring("zoom-jp", MemoryTokens(), now=lambda: now, sleep=lambda seconds: None)
    made = connect(Options.model_validate(given), wiring)
    yield made
    made.session.close()


def read(stream: str, connector: Connector, record: Record) -> Any:
    return compile_map(MAPS[stream]).read(connector.flatten(stream, record.payload))


def test_the_token_is_asked_for_the_account_with_a_basic_header(
    zoom: respx.MockRouter, connector: Connector
) -> None:
    zoom.get(url__startswith=f"{BASE}/webinars").respond(json=recorded("registrants"))
    list(connector.pull("webinar_registrants", None))
    (asked,) = [call.request for call in zoom.calls if call.request.url.path == "/oauth/token"]
    assert asked.content == b"grant_type=account_credentials&account_id=a"
    assert asked.headers["authorization"] == "Basic JUU1JUFFJUEyOnM="


def test_registrants_are_leads(zoom: respx.MockRouter, connector: Connector) -> None:
    zoom.get(
        f"{BASE}/webinars/83112233445/registrants", params__contains={"status": "approved"}
    ).respond(json=recorded("registrants"))
    zoom.get(f"{BASE}/webinars/83112233445/registrants").respond(
        json={"registrants": [], "next_page_token": ""}
    )
    pages = list(connector.pull("webinar_registrants", None))
    whole, one_name = (record for page in pages for record in page.records)
    assert whole.external_id == "83112233445:pX2cV6bN4mL"
    draft = read("webinar_registrants", connector, whole)
    assert draft.problems == ()
    assert {name: draft.values[name] for name in ("email", "family_name", "given_name")} == {
        "email": "hasegawa@nagisa.example",
        "family_name": "長谷川",
        "given_name": "菜々子",
    }
    assert draft.values["phone"] == "+81452223333"
    assert draft.values["campaign"] == "営業DXウェビナー"
    assert draft.values["first_touch_at"] == "2026-04-02T00:00:00Z"
    assert (draft.values["channel"], draft.values["bantch.timing.text"]) == (
        "webinar",
        "1-3 months",
    )
    assert draft.values["prefecture"] == "神奈川県"
    other = read("webinar_registrants", connector, one_name)
    assert other.values["full_name"] == "大野 拓也"
    assert "participant_pin_code" not in one_name.payload


def test_the_source_is_told_by_the_webhook(connector: Connector) -> None:
    body = (HOME / "cassettes" / "registration_hook.json").read_bytes()
    hook = Hook("POST", "https://hub.example", {}, body, datetime(2026, 4, 2, tzinfo=UTC))
    (record,) = connector.read_hook(hook).records
    values = read("webinar_registrants", connector, record).values
    assert (values["lead_source"], values["first_touch_source"]) == (
        "メルマガ4月号",
        "メルマガ4月号",
    )
    assert values["first_touch_at"] == "2026-04-02T00:00:00Z"


def test_who_came_is_an_activity_of_the_registrant(
    zoom: respx.MockRouter, connector: Connector
) -> None:
    reports = zoom.get(f"{BASE}/report/users/host%40mihon.example/meetings")
    reports.side_effect = [
        httpx.Response(200, json={"meetings": [], "next_page_token": ""}),
        httpx.Response(200, json={"meetings": [HELD], "next_page_token": ""}),
    ]
    told = zoom.get(
        f"{BASE}/report/webinars/%252FYz8mP1xKQo%252BRt0aB7cD2E%253D%253D/participants"
    ).respond(json=recorded("participants"))
    pages = list(connector.pull("webinar_participants", None))
    (record,) = (record for page in pages for record in page.records)
    assert told.calls.last.request.url.params["include_fields"] == "registrant_id"
    assert [ref.external_id for ref in record.refs] == ["83112233445:pX2cV6bN4mL"]
    draft = read("webinar_participants", connector, record)
    assert draft.problems == ()
    assert draft.values == {
        "activity": "webinar",
        "subject": "営業DXウェビナー",
        "at": "2026-04-09T05:00:12.660Z",
        "duration_seconds": 3480,
        "outcome": "attended",
        "email": "hasegawa@nagisa.example",
        "custom.name": "長谷川 菜々子",
        "custom.sessions": "2",
    }


def test_the_days_of_a_report_are_a_month_at_most(
    zoom: respx.MockRouter, connector: Connector
) -> None:
    reports = zoom.get(f"{BASE}/report/users/host%40mihon.example/meetings").respond(
        json={"meetings": [], "next_page_token": ""}
    )
    list(connector.pull("webinar_participants", None))
    asked = [call.request.url.params for call in reports.calls]
    assert [(one["from"], one["to"]) for one in asked] == [
        ("2026-03-08", "2026-04-04"),
        ("2026-04-05", "2026-04-10"),
    ]


def test_a_call_told_by_webhook_is_an_activity(connector: Connector) -> None:
    body = (HOME / "cassettes" / "call_hook.json").read_bytes()
    hook = Hook("POST", "https://hub.example", {}, body, datetime(2026, 4, 2, tzinfo=UTC))
    (record,) = connector.read_hook(hook).records
    assert not [name for name in record.payload if name.endswith("_ip")]
    values = read("calls", connector, record).values
    assert (values["activity"], values["duration_seconds"], values["outcome"]) == (
        "call",
        300,
        "connected",
    )
    assert (values["phone"], values["custom.agent"], values["custom.missed"]) == (
        "+819033334444",
        "ichiro@mihon.example",
        "false",
    )
    assert values["email"] is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([], id="a list"),
        pytest.param({"registrants": None}, id="no list"),
        pytest.param({"registrants": ["x"]}, id="no objects"),
        pytest.param({"registrants": [{"email": "x@a.example"}]}, id="no id"),
    ],
)
def test_an_answer_of_another_shape_is_a_broken_contract(
    zoom: respx.MockRouter, connector: Connector, body: Any
) -> None:
    zoom.get(url__startswith=f"{BASE}/webinars").respond(json=body)
    with pytest.raises(ContractBroken):
        list(connector.pull("webinar_registrants", None))


def test_every_stream_has_a_map_of_its_kind_and_writes_what_can_be_written() -> None:
    streams = load_manifest(HOME / "connector.yaml").streams
    assert set(MAPS) == set(streams)
    for name, stream in streams.items():
        field_map: FieldMap = compile_map(MAPS[name])
        assert field_map.kind == stream.kind.value
        written = set(WRITABLE) if stream.kind is Kind.LEAD else set()
        assert field_map.targets() <= written


def test_the_map_reads_only_fields_that_are_described(
    zoom: respx.MockRouter, connector: Connector
) -> None:
    zoom.get(url__startswith=f"{BASE}/webinars").respond(
        json={"questions": [], "custom_questions": [{"title": "導入時期", "type": "short"}]}
    )
    for name in ("webinar_registrants", "webinar_participants", "calls"):
        described = {spec.name for spec in connector.fields(name)}
        assert compile_map(MAPS[name]).vendor_fields() <= described
    (question,) = [
        spec for spec in connector.fields("webinar_registrants:83112233445") if "時期" in spec.name
    ]
    assert (question.name, question.writable, question.max_length) == (
        "question.導入時期",
        True,
        128,
    )


def test_a_lead_without_a_given_name_is_registered_with_the_placeholder() -> None:
    field_map = compile_map(MAPS["webinar_registrants"])
    written = field_map.write({"email": "a@a.example", "family_name": "伊藤"}, create=True).values
    assert written["first_name"] == "（名未入力）"
    assert field_map.read({"first_name": "（名未入力）"}).values["given_name"] is None
