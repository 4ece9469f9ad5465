"""Answers as flat fields, questions as field specs, and what the default map makes of both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import connectors.typeform
from connectors.typeform import Connector
from connectors.typeform.answers import field_specs, flatten
from connectors.typeform.simulator import DEFAULT_FORM_ID, Simulator
from mapping.fieldmap import Draft, compile_map

HOME = Path(connectors.typeform.__file__).parent
SAMPLES = Path(__file__).parents[4] / "shared" / "apis" / "samples" / "typeform"
STREAM = f"responses:{DEFAULT_FORM_ID}"
PERSON = {
    "email": "Tanaka@Hokuto.example",
    "last_name": "田中",
    "first_name": "美咲",
    "last_name_kana": "タナカ",
    "first_name_kana": "ミサキ",
    "company": "北斗システム株式会社",
    "department": "営業企画部",
    "title": "課長",
    "phone": "+81312345678",
    "interest": "demo",
    "consent": True,
    "message": "来月までに導入したい",
}


def cassette(name: str) -> Any:
    return json.loads((HOME / "cassettes" / f"{name}.json").read_text(encoding="utf-8"))


def recorded(place: int, **more: Any) -> dict[str, Any]:
    payload = {**cassette("responses")["items"][place], **more}
    return flatten(payload | {"form": {"id": "pQ7rT2wX", "title": "お問い合わせ"}})


def test_an_answer_is_named_by_its_questions_ref() -> None:
    flat = recorded(0)
    assert flat["last_name"] == "髙橋"
    assert flat["email"] == "takahashi@aozora.example"
    assert flat["phone"] == "+81312345678"
    assert flat["nps"] == 9
    assert flat["visit_on"] == "2026-03-20"
    assert flat["card"].endswith("card.png")
    assert flat["consent"] is True


def test_a_question_without_a_ref_is_named_by_its_id() -> None:
    assert recorded(0)["aBA"] == "https://aozora.example"


def test_a_choice_gives_its_label_and_its_own_ref() -> None:
    flat = recorded(0)
    assert (flat["interest"], flat["interest.ref"]) == ("デモのご相談", "demo")


def test_a_respondents_own_words_are_the_choice() -> None:
    flat = recorded(1)
    assert flat["interest"] == "代理店契約"
    assert "interest.ref" not in flat


def test_several_choices_give_lists_with_the_own_words_last() -> None:
    flat = recorded(0)
    assert flat["products"] == ["営業支援", "MA", "名刺管理"]
    assert flat["products.ref"] == ["sfa", "ma"]


def test_hidden_fields_that_nobody_filled_are_absent() -> None:
    assert recorded(0)["hidden.utm_source"] == "yahoo"
    assert "hidden.utm_campaign" not in recorded(0), "blank"
    assert "hidden.utm_source" not in recorded(1), "the sample link's xxxxx"


def test_the_submission_says_where_and_when_it_was() -> None:
    flat = recorded(0)
    assert flat["form_id"] == "pQ7rT2wX"
    assert flat["form_title"] == "お問い合わせ"
    assert flat["submitted_at"] == "2026-03-02T01:00:40Z"
    assert flat["landed_at"] == "2026-03-02T00:58:11Z"
    assert flat["token"] == "5d1f0c8a77e24b0f9c3f6a1b2c3d4e5f"
    assert flat["calculated.score"] == 3
    assert flat["variables.rank"] == "A"


def test_a_question_cannot_pass_for_the_submissions_own() -> None:
    forged = {"field": {"ref": "form_id"}, "type": "text", "text": "other"}
    assert recorded(0, answers=[forged])["form_id"] == "pQ7rT2wX"


def test_a_payment_is_its_amount_and_never_the_card() -> None:
    paid = {"amount": "¥5,000", "last4": "4242", "name": "TARO", "success": True}
    flat = recorded(0, answers=[{"field": {"ref": "fee"}, "type": "payment", "payment": paid}])
    assert flat["fee"] == "¥5,000"
    assert "4242" not in str(flat)


@pytest.mark.parametrize("empty", [{}, {"answers": None}, {"answers": [{}], "hidden": None}])
def test_a_response_without_answers_is_flat_too(empty: dict[str, Any]) -> None:
    assert flatten({"token": "t", **empty}) == {"token": "t"}


def test_the_shared_sample_is_flattened() -> None:
    file = SAMPLES / "responses-page.json"
    if not file.is_file():
        pytest.skip("the shared API samples are not beside this checkout")
    first, second = json.loads(file.read_text(encoding="utf-8"))["items"]
    flat = flatten(first)
    assert flat["name"] == "山田 太郎"
    assert (flat["interest"], flat["interest.ref"]) == (["資料", "デモ"], ["r1", "r2"])
    assert flatten(second)["response_type"] == "partial"


def test_questions_in_groups_are_described_and_statements_are_not() -> None:
    specs = {spec.name: spec for spec in field_specs(cassette("form"))}
    assert specs["last_name"].required
    assert specs["email"].type == "email"
    assert specs["email"].vendor_type == "email"
    assert {"hello", "you"}.isdisjoint(specs)
    assert not any(spec.writable for spec in specs.values())


def test_choices_are_options_by_label_and_by_ref() -> None:
    specs = {spec.name: spec for spec in field_specs(cassette("form"))}
    assert specs["interest"].type == "picklist"
    assert [option.value for option in specs["interest"].options] == ["デモのご相談", "お見積り"]
    assert [(o.value, o.label) for o in specs["interest.ref"].options] == [
        ("demo", "デモのご相談"),
        ("price", "お見積り"),
    ]
    assert specs["products"].type == "multipicklist"


def test_whatever_an_answer_gives_is_described(
    wire: Callable[..., Connector], simulator: Simulator
) -> None:
    simulator.submit(DEFAULT_FORM_ID, PERSON, {"utm_source": "google", "utm_campaign": "spring"})
    connector = wire()
    (page,) = connector.pull(STREAM, None)
    flat = connector.flatten(STREAM, page.records[0].payload)
    described = {spec.name for spec in connector.fields(STREAM)}
    assert set(flat) <= described
    assert connector.stages(STREAM) == []


# -- the default field map -----------------------------------------------------------------------


def draft(wire: Callable[..., Connector], simulator: Simulator, **more: Any) -> Draft:
    simulator.submit(
        DEFAULT_FORM_ID, {**PERSON, **more}, {"utm_source": "google", "utm_campaign": "2026春"}
    )
    connector = wire()
    (page,) = connector.pull(STREAM, None)
    document = YAML(typ="safe").load((HOME / "fields.yaml").read_text(encoding="utf-8"))
    return compile_map(document["responses"]).read(
        connector.flatten(STREAM, page.records[0].payload)
    )


def test_the_default_form_becomes_a_lead(
    wire: Callable[..., Connector], simulator: Simulator
) -> None:
    lead = draft(wire, simulator)
    assert lead.problems == ()
    assert lead.values | {"email": None} == {
        "email": None,
        "family_name": "田中",
        "given_name": "美咲",
        "family_kana": "タナカ",
        "given_kana": "ミサキ",
        "company": "北斗システム株式会社",
        "department": "営業企画部",
        "title": "課長",
        "phone": "+81312345678",
        "interest": "デモのご相談",
        "note": "来月までに導入したい",
        "channel": "form",
        "lead_source": "google",
        "campaign": "2026春",
        "first_touch_at": "2026-04-01T00:00:00Z",
        "first_touch_channel": "form",
        "first_touch_source": "google",
        "consent.email.marketing": "granted",
        "consent_at": "2026-04-01T00:00:00Z",
    }
    assert str(lead.values["email"]).lower() == "tanaka@hokuto.example"


def test_a_box_left_alone_is_no_refusal(
    wire: Callable[..., Connector], simulator: Simulator
) -> None:
    lead = draft(wire, simulator, consent=False)
    assert lead.values["consent.email.marketing"] == "unknown"
    assert lead.values.get("consent_at") is None


def test_a_form_without_our_refs_gives_fewer_fields_and_no_problem() -> None:
    document = YAML(typ="safe").load((HOME / "fields.yaml").read_text(encoding="utf-8"))
    answer = {"field": {"ref": "8f0c-uuid"}, "type": "email", "email": "x@sakura.example"}
    lead = compile_map(document["responses"]).read(flatten({"token": "t", "answers": [answer]}))
    assert lead.problems == ()
    assert lead.values == {"channel": "form", "first_touch_channel": "form"}
