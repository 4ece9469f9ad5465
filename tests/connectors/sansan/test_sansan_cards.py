"""Cards as flat fields, and what the default map makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import connectors.sansan
from connectors.sansan import Connector
from connectors.sansan.cards import flatten
from connectors.sansan.options import CAMPAIGN_TAGS
from mapping.fieldmap import Draft, compile_map

HOME = Path(connectors.sansan.__file__).parent
CARDS = json.loads((HOME / "cassettes" / "cards.json").read_text(encoding="utf-8"))["data"]
MAP = YAML(typ="safe").load((HOME / "fields.yaml").read_text(encoding="utf-8"))["bizCards"]


def draft(card: dict[str, Any]) -> Draft:
    read = compile_map(MAP).read(flatten(card, CAMPAIGN_TAGS))
    assert read.problems == ()
    return read


def test_a_digitised_card_is_a_lead_with_everything_on_it() -> None:
    values = draft(CARDS[0]).values
    assert {name: values[name] for name in ("email", "phone", "mobile", "fax")} == {
        "email": "takahashi@aozora.example",
        "phone": "+81312345678",
        "mobile": "+819012345678",
        "fax": "+81312345679",
    }
    assert [
        values[name] for name in ("family_name", "given_name", "family_kana", "given_kana")
    ] == [
        "髙橋",
        "陽子",
        "タカハシ",
        "ヨウコ",
    ]
    assert (values["company"], values["department"], values["title"]) == (
        "株式会社青空製作所",
        "営業企画部",
        "部長",
    )
    assert (values["prefecture"], values["street"]) == ("東京都", "丸の内1-1-1 ミライビル5階")
    assert (values["owner"], values["note"]) == ("kitagawa@mihon.example", "来期に更改")
    assert (values["channel"], values["custom.sansan_person"]) == ("business_card", "AD4DBE0011")


def test_the_day_of_exchange_is_a_day_and_its_moment_is_japans_midnight() -> None:
    values = draft(CARDS[0]).values
    assert values["occurred_on"] == "2026-05-10"
    assert values["first_touch_at"] == "2026-05-09T15:00:00Z"


@pytest.mark.parametrize(
    "written",
    ["2026-05-10", "2026/05/10", "2026/5/10", "2026年5月10日", "2026年05月10日", "令和8年5月10日"],
)
def test_a_day_is_read_however_japan_writes_it(written: str) -> None:
    assert draft(CARDS[0] | {"exchangeDate": written}).values["occurred_on"] == "2026-05-10"


def test_without_a_day_of_exchange_it_is_the_day_of_the_scan_in_japan() -> None:
    assert draft(CARDS[1]).values["occurred_on"] == "2026-05-12"


def test_tags_are_named_private_ones_are_not_and_the_exhibition_is_the_campaign() -> None:
    values = draft(CARDS[0]).values
    assert values["tags"] == ["重点", "展示会2026春"]
    assert values["campaign"] == "展示会2026春"


def test_a_card_without_a_campaigns_tag_has_no_campaign() -> None:
    assert flatten(CARDS[0], ("セミナー",)).get("campaignTag") is None
    assert draft(CARDS[1]).values.get("campaign") is None


def test_a_card_says_nothing_of_consent() -> None:
    assert [name for name in draft(CARDS[0]).values if name.startswith("consent")] == []


def test_a_card_with_few_fields_is_read_as_far_as_it_goes() -> None:
    values = draft({"id": "b", "lastName": "伊藤", "owner": None, "tags": None}).values
    assert values["family_name"] == "伊藤"
    assert values.get("owner") is None


def test_every_field_of_the_default_map_is_described(wire: Callable[..., Connector]) -> None:
    described = {spec.name for spec in wire().fields("bizCards")}
    used = {
        name
        for line in MAP["fields"].values()
        for name in [line.get("from"), *line.get("first", ()), *line.get("concat", ())]
        if name
    }
    assert used <= described
    assert set(flatten(CARDS[0], CAMPAIGN_TAGS)) <= described
