"""A connection against the vendor itself: simulators of kintone and Typeform, and a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.kintone.contract import LEADS, TOKEN
from connectors.kintone.simulator import Simulator as Kintone
from connectors.kintone.simulator_form import field, leads_form
from connectors.kit.base import FieldSpec, Identity, Option, StageSpec
from connectors.kit.errors import Unavailable
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.registry import Registry
from connectors.typeform.contract import rehearsal as typeform_rehearsal
from sync.config.check import connect_check
from sync.config.findings import Finding
from sync.config.load import load
from sync.config.maps import maps_of
from sync.config.model import Config

Plant = Callable[[Mapping[str, str | bytes]], Path]
ENV = {
    "KINTONE_TOKEN": TOKEN,
    "TYPEFORM_TOKEN": "x",
    "HUBSPOT_TOKEN": "x",
    "KINTONE_URL": "http://127.0.0.1:8080",
}
NOW = datetime(2026, 5, 14, 2, 51, 7, tzinfo=UTC)
FIVE = ["reachable", "identity", "scopes", "quota", "clock"]


@dataclass
class Bench:
    """Asks a connector what it makes of a configuration."""

    plant: Plant
    registry: Registry

    def config(self, files: Mapping[str, str]) -> Config:
        return load(self.plant({**files}), env=ENV, registry=self.registry)

    def connector(self, config: Config, name: str, app: Any) -> Any:
        installed = self.registry.get(config.connections[name].connector)
        wiring = Wiring(
            connection=name,
            tokens=MemoryTokens(),
            transport=in_process(app),
            now=lambda: NOW,
            sleep=lambda _: None,
        )
        options = installed.options.model_validate(config.connections[name].options)
        return installed.connect(options, wiring)

    def ask(self, config: Config, name: str, connector: Any) -> list[Finding]:
        installed = self.registry.get(config.connections[name].connector)
        maps = maps_of(config, name, installed)
        return connect_check(connector, config, name, installed, maps).findings

    def kintone(
        self, own: str = "", form: dict[str, Any] | None = None, **files: str
    ) -> list[Finding]:
        simulator = Kintone(now=lambda: datetime.now(UTC))
        if form is not None:
            simulator.change_form(LEADS, form)
        given = {"fields/crm.yaml": own} if own else {}
        config = self.config({**given, **files})
        return self.ask(config, "crm", self.connector(config, "crm", simulator))


@pytest.fixture
def bench(plant: Plant, registry: Registry) -> Bench:
    return Bench(plant, registry)


def faults(found: list[Finding]) -> list[tuple[str, str, str, int, int]]:
    return [
        (f.state, f.code, f.file, f.line, f.column)
        for f in found
        if f.topic == "fields" and f.state != "note"
    ]


def test_five_lines_tell_of_a_connection_that_works(bench: Bench) -> None:
    found = bench.kintone()
    assert [finding.topic for finding in found[:5]] == FIVE
    assert [finding.state for finding in found[:5]] == ["ok"] * 5
    assert "127.0.0.1:8080" in found[1].message
    assert faults(found) == []


def test_refused_credentials_are_told_and_nothing_is_asked_after_them(bench: Bench) -> None:
    config = bench.config({})
    simulator = Kintone(now=lambda: NOW)
    simulator.revoke()
    found = bench.ask(config, "crm", bench.connector(config, "crm", simulator))
    assert [(f.topic, f.state) for f in found] == [
        ("reachable", "ok"),
        ("identity", "error"),
        ("scopes", "note"),
        ("quota", "note"),
        ("clock", "note"),
    ]
    assert "connections/crm.yaml" in found[1].hint


def test_a_clock_that_is_wrong_is_told(bench: Bench) -> None:
    config = bench.config({})
    simulator = Kintone(now=lambda: datetime.now(UTC) + timedelta(minutes=6))
    connector = bench.connector(config, "crm", simulator)
    clock = bench.ask(config, "crm", connector)[4]
    assert (clock.topic, clock.state, clock.code) == ("clock", "error", "CLOCK_OFF")
    assert "NTP" in clock.hint


def test_a_field_that_the_vendor_lacks_is_told_at_its_line(bench: Bench) -> None:
    found = bench.kintone("records:\n  fields:\n    phone: {from: 電話, as: phone}\n")
    assert faults(found) == [("error", "NO_VENDOR_FIELD", "fields/crm.yaml", 3, 19)]
    told = next(f for f in found if f.code == "NO_VENDOR_FIELD" and f.state == "error")
    assert told.hint == 'Did you mean "電話番号"?'


def test_a_default_line_whose_field_is_gone_is_told_in_the_connectors_file(bench: Bench) -> None:
    form = leads_form()
    del form["部署名"]
    found = bench.kintone(form=form)
    ((state, code, file, _, _),) = faults(found)
    assert (state, code) == ("error", "NO_VENDOR_FIELD")
    assert file == "kintone/fields.yaml (default map)"


def test_a_default_map_in_the_operators_directory_is_told_by_its_path_there(bench: Bench) -> None:
    stock = bench.registry.get("kintone")
    manifest = (stock.home / "connector.yaml").read_text(encoding="utf-8")
    fields = "records:\n  fields:\n    fax: faks\n"
    config = bench.config(
        {"plugins/kintone/connector.yaml": manifest, "plugins/kintone/fields.yaml": fields}
    )
    installed = replace(stock, home=config.root / "plugins" / "kintone")
    connector = bench.connector(config, "crm", Kintone(now=lambda: NOW))
    maps = maps_of(config, "crm", installed)
    found = connect_check(connector, config, "crm", installed, maps).findings
    told = next(f for f in found if f.code == "NO_VENDOR_FIELD")
    assert (told.file, told.line) == ("plugins/kintone/fields.yaml", 3)


def test_the_numbers_of_a_record_can_be_mapped_though_no_form_has_them(bench: Bench) -> None:
    found = bench.kintone("records:\n  fields:\n    custom.record: {from: $id, direction: pull}\n")
    assert faults(found) == []


def test_a_field_that_cannot_be_written_is_told(bench: Bench) -> None:
    form = leads_form() | {"集計": field("集計", "CALC")}
    found = bench.kintone("records:\n  fields:\n    custom.total: 集計\n", form=form)
    assert faults(found) == [("error", "READ_ONLY", "fields/crm.yaml", 3, 19)]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        pytest.param("custom.budget: {from: 受付日, as: number}", ["TYPE_DIFFERS"], id="type"),
        pytest.param("custom.day: {from: 受付日, as: date}", [], id="same type"),
        pytest.param("custom.day: 受付日", [], id="text reads anything"),
        pytest.param("title: {from: 役職, max_length: 80}", ["TOO_LONG_THERE"], id="length"),
        pytest.param("title: {from: 役職, max_length: 64}", [], id="fits"),
        pytest.param("title: {from: 役職, max_length: 80, direction: pull}", [], id="only read"),
    ],
)
def test_a_type_or_length_that_differs_is_told(bench: Bench, line: str, wanted: list[str]) -> None:
    form = leads_form() | {
        "受付日": field("受付日", "DATE"),
        "役職": field("役職", maxLength="64"),
    }
    told = faults(bench.kintone(f"records:\n  fields:\n    {line}\n", form=form))
    assert [(state, code) for state, code, *_ in told] == [("warning", code) for code in wanted]


def test_options_that_the_line_does_not_know_are_told(bench: Bench) -> None:
    own = "records:\n  fields:\n    channel:\n      from: 流入元\n      direction: pull\n"
    found = bench.kintone(f"{own}      values:\n        Webフォーム: form\n")
    told = faults(found)
    assert {told[0][:5]} == {("warning", "OPTION_UNMAPPED", "fields/crm.yaml", 6, 7)}
    assert any("展示会" in f.message for f in found if f.code == "OPTION_UNMAPPED")


def test_options_that_the_vendor_does_not_take_are_told(bench: Bench) -> None:
    own = (
        "records:\n  fields:\n    consent.email.marketing:\n      from: メール配信\n"
        "      values: {許可: granted, 拒否する: denied, 未確認: unknown, 拒否: denied}\n"
        "      write: {granted: 許可, denied: 拒否する, unknown: 未確認}\n"
    )
    told = faults(bench.kintone(own))
    assert told == [("error", "OPTION_MISSING", "fields/crm.yaml", 6, 28)]


def test_stages_that_one_side_lacks_are_told(bench: Bench) -> None:
    own = "records:\n  stage:\n    read: {MQL: null, 有望: [mql]}\n    write: {mql: 有望}\n"
    found = bench.kintone(own)
    assert faults(found) == [
        ("warning", "STAGE_UNMAPPED", "fields/crm.yaml", 3, 5),
        ("error", "STAGE_MISSING", "fields/crm.yaml", 4, 13),
    ]
    assert "MQL" in found[-2].message
    assert "有望" in found[-1].message


def test_a_required_field_that_nobody_writes_is_told(bench: Bench) -> None:
    form = leads_form() | {"担当部門": field("担当部門", required=True)}
    found = bench.kintone(form=form)
    told = [f for f in found if f.code == "REQUIRED"]
    assert [f.state for f in told] == ["error"]
    assert "担当部門" in told[0].message
    only_read = "connector: kintone\noptions:\n  base_url: '${env:KINTONE_URL}'\n" + (
        "  api_tokens: ['${env:KINTONE_TOKEN}']\n  apps: {leads: {app: 5}}\n"
    )
    config = bench.config({"connections/crm.yaml": only_read})
    simulator = Kintone(now=lambda: NOW)
    simulator.change_form(LEADS, form)
    found = bench.ask(config, "crm", bench.connector(config, "crm", simulator))
    assert "REQUIRED" not in [f.code for f in found]


def test_a_missing_key_field_is_told(bench: Bench) -> None:
    form = leads_form()
    form["renkei_id"] = field("renkei_id")
    found = bench.kintone(form=form)
    assert [f.state for f in found if f.code == "NO_KEY_FIELD"] == ["warning"]
    assert found[2].state == "error"
    assert "renkei_id" in found[2].message


def test_a_stream_that_the_connection_does_not_have_is_told(bench: Bench) -> None:
    text = (
        "connector: kintone\noptions:\n  base_url: '${env:KINTONE_URL}'\n"
        "  api_tokens: ['${env:KINTONE_TOKEN}']\n  apps: {leads: {app: 5}}\n"
        "push:\n  stream: records:leeds\n"
    )
    config = bench.config({"connections/crm.yaml": text})
    found = bench.ask(config, "crm", bench.connector(config, "crm", Kintone(now=lambda: NOW)))
    told = next(f for f in found if f.code == "NO_STREAM")
    assert (told.file, told.line, told.column) == ("connections/crm.yaml", 7, 3)
    assert told.hint == 'Did you mean "records:leads"?'


def test_a_form_that_lacks_fields_of_the_default_map_is_a_note(
    bench: Bench, tmp_path: Path, registry: Registry
) -> None:
    rehearsal = typeform_rehearsal(tmp_path)
    rehearsal.seed(1)
    config = bench.config(
        {"fields/form.yaml": "responses:\n  fields:\n    fax: {from: faks, direction: pull}\n"}
    )
    installed = registry.get("typeform")
    wiring = Wiring("form", MemoryTokens(), in_process(rehearsal.simulator), sleep=lambda _: None)
    options = installed.options.model_validate({**rehearsal.options})
    found = bench.ask(config, "form", installed.connect(options, wiring))
    assert [finding.topic for finding in found[:5]] == FIVE
    assert [f.state for f in found[:3]] == ["ok", "ok", "ok"]
    assert faults(found) == [("error", "NO_VENDOR_FIELD", "fields/form.yaml", 3, 17)]


class Deaf:
    """A vendor that does not answer."""

    def identify(self) -> Identity:
        raise Unavailable("no answer within 10 s")


def test_a_vendor_that_does_not_answer_is_told(bench: Bench) -> None:
    found = bench.ask(bench.config({}), "crm", Deaf())
    assert [(f.topic, f.state) for f in found] == [
        ("reachable", "error"),
        *((topic, "note") for topic in FIVE[1:]),
    ]
    assert "no answer within 10 s" in found[0].message


class Quiet:
    """A vendor with a picklist that had other values once, a low quota and few scopes."""

    def identify(self) -> Identity:
        return Identity("青空商事", ("deals:read",), quota_left=12, quota_max=10_000)

    def streams(self) -> list[str]:
        return ["records:leads"]

    def pull(self, stream: str, cursor: str | None) -> Any:
        raise AssertionError

    def fields(self, stream: str) -> list[FieldSpec]:
        options = (Option("Webフォーム", "Web"), Option("電話帳", "電話帳", active=False))
        return [FieldSpec("流入元", "流入元", "picklist", options=options)]

    def stages(self, stream: str) -> list[StageSpec]:
        return []


def test_what_is_no_longer_chosen_is_only_a_warning(bench: Bench) -> None:
    found = bench.ask(bench.config({}), "crm", Quiet())
    noted = [f for f in found if f.code.startswith("OPTION_")]
    assert [(f.state, f.code) for f in noted] == [("warning", "OPTION_INACTIVE")]
    assert (found[2].state, found[2].code) == ("error", "SCOPES_MISSING")
    assert "deals:read" in found[2].message
    assert (found[3].state, found[3].code) == ("warning", "QUOTA_LOW")


def test_a_folder_says_what_it_can(bench: Bench, tmp_path: Path, registry: Registry) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    config = bench.config(
        {"connections/list.yaml": f"connector: file\noptions: {{path: {folder}}}\n"}
    )
    installed = registry.get("file")
    options = installed.options.model_validate(config.connections["list"].options)
    connector = installed.connect(options, Wiring("list", MemoryTokens()))
    found = bench.ask(config, "list", connector)
    assert [finding.topic for finding in found[:5]] == FIVE
    assert found[0].state == "ok"
    assert {finding.state for finding in found} <= {"ok", "note"}
    assert not [finding for finding in found if finding.topic == "fields"]


def test_findings_speak_japanese_where_the_hub_does(bench: Bench) -> None:
    own = "records:\n  fields:\n    phone: {from: 電話, as: phone}\n"
    found = bench.kintone(own, **{"renkei.yaml": "language: ja\n"})
    told = next(f for f in found if f.code == "NO_VENDOR_FIELD" and f.state == "error")
    assert told.message == "records:leads に項目「電話」がありません"
    assert told.hint == "「電話番号」のことですか？"
