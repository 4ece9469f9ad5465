"""Webhooks, descriptions, sign-in and options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import respx
from httpx import Response
from pydantic import ValidationError

from connectors.kintone import Connector, Options, connect
from connectors.kintone.contract import ADDRESS, SECRET, STREAM, rehearsal
from connectors.kintone.simulator import LEADS, TOKEN, Simulator, leads_form
from connectors.kit.base import Change, Hook, Ref
from connectors.kit.errors import AuthFailed, BadSignature, ContractBroken
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens

Make = Callable[..., Connector]
CASSETTES = Path(__file__).parents[3] / "connectors" / "kintone" / "cassettes"
STAGES = [option["label"] for option in leads_form()["ステージ"]["options"].values()]


def sent(simulator: Simulator) -> Hook:
    delivery = simulator.deliveries[-1]
    received = datetime(2026, 5, 14, tzinfo=UTC)
    return Hook("POST", delivery.url, dict(delivery.headers), delivery.body, received)


@pytest.mark.parametrize(
    "url",
    [
        ADDRESS,
        f"{ADDRESS}&x=1",
        f"https://renkei.example/hooks/kintone/{SECRET}",
        f"https://renkei.example/hooks/kintone/{SECRET}/",
    ],
)
def test_an_address_with_the_secret_is_believed(connector: Connector, url: str) -> None:
    hook = Hook("POST", url, {}, b"{}", datetime(2026, 5, 14, tzinfo=UTC))
    assert connector.verify(hook) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://renkei.example/hooks/kintone/",
        "https://renkei.example/hooks/kintone/wrong",
        f"https://renkei.example/{SECRET}/kintone",
        f"https://renkei.example/hooks/{SECRET}?token=wrong",
        "https://renkei.example/hooks/kintone/推測",
    ],
)
def test_an_address_without_the_secret_is_refused(connector: Connector, url: str) -> None:
    with pytest.raises(BadSignature):
        connector.verify(Hook("POST", url, {}, b"{}", datetime(2026, 5, 14, tzinfo=UTC)))


def test_without_a_secret_no_webhook_is_believed(wired: Make) -> None:
    hook = Hook("POST", ADDRESS, {}, b"{}", datetime(2026, 5, 14, tzinfo=UTC))
    with pytest.raises(BadSignature, match="hook_secret"):
        wired(hook_secret=None).verify(hook)


def test_an_edit_says_which_record_to_read_again(
    connector: Connector, simulator: Simulator
) -> None:
    simulator.set_webhook(LEADS, ADDRESS)
    record = simulator.add_record(LEADS, {"氏名": "佐藤 花子"})
    news = connector.read_hook(sent(simulator))
    assert news.changed == (Ref(STREAM, record),)
    assert (news.records, news.deleted) == ((), ())
    assert news.event_ids == (simulator.deliveries[-1].vendor_id,)


def test_a_delete_says_which_record_is_gone(connector: Connector, simulator: Simulator) -> None:
    record = simulator.add_record(LEADS, {})
    simulator.set_webhook(LEADS, ADDRESS)
    simulator.delete_record(LEADS, record)
    news = connector.read_hook(sent(simulator))
    assert (news.changed, news.deleted) == ((), (Ref(STREAM, record),))


@pytest.mark.parametrize(
    "body",
    [
        {
            "id": "e1",
            "type": "UPDATE_RECORD",
            "app": {"id": "99"},
            "record": {"$id": {"value": "1"}},
        },
        {"id": "e1", "type": "ADD_RECORD_COMMENT", "app": {"id": "5"}, "recordId": "1"},
        {"id": "e1", "type": "UPDATE_RECORD"},
    ],
)
def test_a_webhook_about_something_else_says_nothing(
    connector: Connector, body: dict[str, Any]
) -> None:
    hook = Hook("POST", ADDRESS, {}, orjson.dumps(body), datetime(2026, 5, 14, tzinfo=UTC))
    news = connector.read_hook(hook)
    assert (news.event_ids, news.changed, news.deleted) == (("e1",), (), ())


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>"])
def test_a_webhook_that_is_no_object_is_refused(connector: Connector, body: bytes) -> None:
    with pytest.raises(ContractBroken):
        connector.read_hook(Hook("POST", ADDRESS, {}, body, datetime(2026, 5, 14, tzinfo=UTC)))


def test_the_rehearsals_hooks_are_one_good_and_one_forged(tmp_path: Path, wired: Make) -> None:
    bench = rehearsal(tmp_path)
    assert bench.hook is not None
    assert bench.forged is not None
    connector = wired()
    good = bench.hook()
    connector.verify(good)
    assert connector.read_hook(good).changed
    for wrong in (bench.forged(), replace(good, url=good.url[:-1])):
        with pytest.raises(BadSignature):
            connector.verify(wrong)


def test_fields_are_described_with_choices_and_limits(
    connector: Connector, simulator: Simulator
) -> None:
    specs = {spec.name: spec for spec in connector.fields(STREAM)}
    assert [option.value for option in specs["ステージ"].options] == STAGES
    assert (specs["メールアドレス"].type, specs["URL"].type) == ("email", "url")
    assert (specs["renkei_id"].unique, specs["renkei_id"].max_length) == (True, 64)
    assert (specs["$id"].writable, specs["$revision"].writable) == (False, False)
    assert (specs["更新日時"].writable, specs["氏名"].writable) == (False, True)


def test_stages_are_the_choices_or_the_statuses(wired: Make, simulator: Simulator) -> None:
    assert [stage.value for stage in wired().stages(STREAM)] == STAGES
    simulator.set_process(LEADS, ["未着手", "対応中", "完了"], [("始める", "未着手", "対応中")])
    stages = wired(app={"status": True}).stages(STREAM)
    assert [(stage.value, stage.order) for stage in stages] == [
        ("未着手", 0),
        ("対応中", 1),
        ("完了", 2),
    ]


def test_identify_names_the_domain_and_counts_the_days_requests(wired: Make, clock: Any) -> None:
    connector = wired(requests_per_day=100)
    identity = connector.identify()
    assert (identity.account, identity.scopes_missing) == ("127.0.0.1:8080", ())
    assert (identity.quota_left, identity.quota_max) == (98, 100)
    clock.forward(days=1)
    assert connector.identify().quota_left == 98


def test_identify_says_what_is_lacking(wired: Make, simulator: Simulator) -> None:
    simulator.add_token("writer", LEADS, ("add",))
    assert wired(api_tokens=["writer"]).identify().scopes_missing == (
        f"leads: view records of app {LEADS}",
    )
    missing = wired(app={"key_field": "氏名"}).identify().scopes_missing
    assert missing == ("leads: field 氏名 that prohibits duplicate values",)
    simulator.revoke()
    with pytest.raises(AuthFailed):
        wired().identify()


def test_a_user_with_a_password_signs_in(wired: Make, simulator: Simulator) -> None:
    simulator.import_records(LEADS, [{"氏名": "佐藤 花子"}])
    connector = wired(api_tokens=[], user="sato", password="rehearsal-password")
    assert list(connector.ids(STREAM)) == ["1"]
    with pytest.raises(AuthFailed):
        list(wired(api_tokens=[], user="sato", password="wrong").ids(STREAM))


def test_apps_of_a_guest_space_are_reached_by_its_path(wired: Make, simulator: Simulator) -> None:
    simulator.add_app(7, "ゲスト", leads_form(), guest_space=3)
    simulator.add_token("guest", 7)
    simulator.import_records(7, [{"氏名": "鈴木 太郎"}] * 3)
    connector = wired(apps={"guests": {"app": 7}}, guest_space=3, api_tokens=["guest"])
    found = [record for page in connector.pull("records:guests", None) for record in page.records]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param({"api_tokens": []}, "either api_tokens, or user", id="no way in"),
        pytest.param({"user": "sato", "password": "x"}, "either", id="two ways in"),
        pytest.param({"api_tokens": [], "user": "sato"}, "belong together", id="no password"),
        pytest.param({"apps": {}}, "at least 1", id="no app"),
        pytest.param({"apps": {"a:b": {"app": 1}}}, "colon", id="a colon"),
        pytest.param({"apps": {"a": {"app": 1, "refs": {"x": "b"}}}}, 'called "b"', id="lost ref"),
        pytest.param({"subdomain": "x"}, "Extra inputs", id="an unknown key"),
    ],
)
def test_wrong_options_are_named(changed: dict[str, Any], message: str) -> None:
    good = {
        "base_url": "https://rei.cybozu.com",
        "api_tokens": ["t"],
        "apps": {"leads": {"app": 5}},
    }
    with pytest.raises(ValidationError, match=message):
        Options.model_validate({**good, **changed})


@respx.mock(base_url="https://rei.cybozu.com")
def test_the_vendors_own_answers_are_understood(respx_mock: respx.MockRouter) -> None:
    def answer(name: str) -> Response:
        held = orjson.loads((CASSETTES / f"{name}.json").read_bytes())
        return Response(held["status"], json=held["body"], headers=held.get("headers"))

    respx_mock.get("/k/v1/app/form/fields.json").mock(return_value=answer("form_fields"))
    read = respx_mock.get("/k/v1/records.json").mock(return_value=answer("records"))
    respx_mock.put("/k/v1/records.json").mock(
        side_effect=[answer("validation_error"), answer("upsert")]
    )
    options = {
        "base_url": "https://rei.cybozu.com/",
        "api_tokens": [TOKEN, "other"],
        "basic_user": "門番",
        "basic_password": "合言葉",
        "apps": {"leads": {"app": 5}},
    }
    connector = connect(Options.model_validate(options), Wiring("kintone-rei", MemoryTokens()))
    (record,) = connector.fetch(STREAM, ["12"])
    assert (record.version, record.changed_at) == ("3", datetime(2026, 5, 14, 2, 51, tzinfo=UTC))
    assert connector.flatten(STREAM, record.payload)["会社名"] == "株式会社みなと製作所"
    request = read.calls.last.request
    assert request.headers["X-Cybozu-API-Token"] == f"{TOKEN},other"
    assert request.headers["Authorization"].startswith("Basic ")
    assert "content-type" not in request.headers
    change = Change(STREAM, "ld_1", {"会社名": "青葉商事", "ステージ": "みこみ"})
    (outcome,) = connector.push([change])
    assert (outcome.external_id, set(outcome.refused)) == ("100", {"ステージ"})
