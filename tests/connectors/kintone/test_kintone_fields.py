"""The default field map, between what the simulated app holds and what a lead is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.kintone import Connector
from connectors.kintone.contract import STREAM
from connectors.kintone.simulator import LEADS, Simulator, leads_form
from connectors.kit.base import Change
from connectors.kit.manifest import load_manifest, read_yaml
from mapping.fieldmap import FieldMap, compile_map

Make = Callable[..., Connector]
HOME = Path(__file__).parents[3] / "connectors" / "kintone"
MAPS = read_yaml(HOME / "fields.yaml")


@pytest.fixture
def leads() -> FieldMap:
    return compile_map(MAPS["records"])


def test_every_stream_type_has_a_map_of_its_kind() -> None:
    streams = load_manifest(HOME / "connector.yaml").streams
    assert set(MAPS) == set(streams)
    for name, stream in streams.items():
        assert compile_map(MAPS[name]).kind == stream.kind.value


def test_the_map_names_only_fields_that_the_app_has(leads: FieldMap) -> None:
    assert leads.vendor_fields() | leads.targets() <= set(leads_form())


def test_every_stage_of_the_app_is_read_and_written_as_itself(leads: FieldMap) -> None:
    assert leads.stage is not None
    for stage in leads_form()["ステージ"]["options"]:
        seen = leads.stage.seen(stage)
        assert seen is not None
        assert leads.stage.project(seen.stages[0]) == stage


def test_a_record_is_read_as_a_lead_and_written_back_as_it_was(
    connector: Connector, simulator: Simulator, leads: FieldMap
) -> None:
    person = {
        "氏名": "佐藤 花子",
        "フリガナ": "サトウ ハナコ",
        "会社名": "株式会社みなと製作所",
        "メールアドレス": "hanako@minato.example.jp",
        "電話番号": "03-1234-5678",
        "流入元": "展示会",
        "ステージ": "失注",
        "失注理由": "予算が合わない",
        "メール配信": "拒否",
    }
    simulator.import_records(LEADS, [person])
    (page,) = connector.pull(STREAM, None)
    draft = leads.read(connector.flatten(STREAM, page.records[0].payload))
    assert draft.problems == ()
    wanted: dict[str, Any] = {
        "email": "hanako@minato.example.jp",
        "family_kana": "サトウ",
        "given_kana": "ハナコ",
        "channel": "exhibition",
        "consent.email.marketing": "denied",
    }
    assert wanted.items() <= draft.values.items()
    assert draft.stage is not None
    assert (draft.stage.stages, draft.stage.reason) == (("lost",), "予算が合わない")

    written = leads.write({**draft.values, "renkei_id": "ld_1"})
    assert written.problems == ()
    (outcome,) = connector.push([Change(STREAM, "ld_1", written.values, external_id="1")])
    assert not outcome.refused
    held = simulator.record(LEADS, "1")
    assert held["renkei_id"] == "ld_1"
    assert {code: held[code] for code in person if code != "電話番号"} == {
        code: value for code, value in person.items() if code != "電話番号"
    }
