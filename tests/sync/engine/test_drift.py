"""Later edits at a vendor are found and set aside once; what waited for them comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.hubspot.contract import rehearsal as hubspot
from connectors.kintone.simulator import LEADS
from connectors.kintone.simulator_form import field, leads_form
from connectors.kit.session import in_process
from connectors.salesforce.contract import rehearsal as salesforce
from connectors.salesforce.simulator_fields import Field
from sync.config.model import Config, ConnectionConfig, PushConfig
from sync.engine import drift
from sync.engine.drift import News
from sync.engine.hub import Hub, open_hub
from sync.store import asides, described
from sync.store.asides import Aside
from sync.store.database import Database
from sync.workers import jobs, upkeep

SOURCES = ["Webフォーム", "展示会", "ウェビナー", "名刺", "広告", "紹介", "テレアポ", "その他"]
MAIL = ("許可", "拒否", "未確認")


def form_with(*, sources: list[str] = SOURCES, mail: tuple[str, ...] = MAIL) -> dict[str, Any]:
    return leads_form() | {
        "流入元": field("流入元", "DROP_DOWN", options=sources),
        "メール配信": field("メール配信", "RADIO_BUTTON", options=mail, defaultValue="未確認"),
    }


class Crm:
    """A form and a kintone app behind a hub; the form of the app is edited by its owner."""

    def __init__(self, relay: Any) -> None:
        self.relay = relay
        self.hub: Hub = relay.open()

    def edit(self, form: dict[str, Any]) -> None:
        self.relay.crm_simulator.change_form(LEADS, form)

    def describe(self) -> drift.Learnt:
        return drift.describe(self.hub, self.hub.flows["crm"])

    def reopen(self, own: dict[str, Any] | None = None) -> None:
        """The hub starts again, with other field maps."""
        first = self.relay.open()
        config = first.config.model_copy(update={"fields": {"crm": own} if own else {}})
        apps = {"form": self.relay.form_app, "crm": self.relay.crm_app}
        self.hub = open_hub(
            config,
            database=self.relay.database,
            transports={name: in_process(app) for name, app in apps.items()},
            sleep=lambda _: None,
        )

    def open_items(self, **wanted: Any) -> list[Aside]:
        with self.relay.database.read() as tx:
            return asides.listed(tx, **wanted)

    def codes(self) -> list[tuple[str, str | None]]:
        return sorted((one.code, one.field) for one in self.open_items())


@pytest.fixture
def crm(relay: Any) -> Crm:
    return Crm(relay)


def test_the_first_description_is_no_news(crm: Crm) -> None:
    learnt = crm.describe()
    assert (learnt.news, learnt.set_aside) == ([], 0)
    with crm.relay.database.read() as tx:
        rows = described.of(tx, "crm")
    assert [*rows] == ["records:leads"]
    assert "流入元" in rows["records:leads"].content["fields"]


def test_a_new_option_that_the_map_does_not_read_is_set_aside_once(crm: Crm) -> None:
    crm.describe()
    crm.edit(form_with(sources=[*SOURCES, "共催セミナー"]))
    assert crm.describe().set_aside == 1
    assert crm.describe().set_aside == 0
    (item,) = crm.open_items()
    assert (item.kind, item.code, item.field, item.times) == (
        "field",
        "OPTION_NEW",
        "流入元: 共催セミナー",
        1,
    )
    assert item.fix is not None
    assert "channel: values: {共催セミナー: seminar}" in item.fix


def test_it_is_closed_when_the_vendor_takes_it_back(crm: Crm) -> None:
    crm.describe()
    crm.edit(form_with(sources=[*SOURCES, "共催"]))
    crm.describe()
    crm.edit(form_with())
    assert crm.describe().closed == 1
    assert crm.open_items() == []


def test_it_is_closed_when_the_map_learns_to_read_it(crm: Crm) -> None:
    drift.note_maps(crm.hub, "crm")
    crm.describe()
    crm.edit(form_with(sources=[*SOURCES, "共催"]))
    crm.describe()
    line = {"from": "流入元", "direction": "pull", "values": {"共催": "seminar"}, "other": "other"}
    crm.reopen({"records": {"fields": {"channel": line}}})
    drift.note_maps(crm.hub, "crm")
    assert crm.open_items() == []


def test_edits_that_no_map_names_are_news_and_nothing_more(crm: Crm) -> None:
    crm.describe()
    crm.edit({**form_with(), "予算": field("予算", "NUMBER")})
    assert crm.describe().set_aside == 0
    told = drift.learn(crm.hub, crm.hub.flows["crm"], asked(crm), tell=True)
    assert [(one.drift.code, one.drift.field, one.is_aside) for one in told.news] == [
        ("FIELD_NEW", "予算", False)
    ]
    assert drift.learn(crm.hub, crm.hub.flows["crm"], asked(crm), tell=True).news == []
    assert crm.open_items() == []


def asked(crm: Crm) -> Any:
    from sync.config.vendor import described as ask

    flow = crm.hub.flows["crm"]
    return ask(flow.connector, flow.config)


def test_a_field_that_is_gone_names_what_stands_in_its_place(crm: Crm) -> None:
    crm.describe()
    form = form_with()
    form["肩書"] = {**form.pop("役職"), "code": "肩書"}
    crm.edit(form)
    crm.describe()
    (item,) = crm.open_items()
    assert (item.code, item.field) == ("FIELD_GONE", "役職")
    assert "肩書" in item.message
    form["役職"] = field("役職")
    crm.edit(form)
    crm.describe()
    assert crm.open_items() == []


def test_a_changed_type_is_open_until_its_line_or_the_field_is_changed(crm: Crm) -> None:
    drift.note_maps(crm.hub, "crm")
    crm.describe()
    crm.edit({**form_with(), "役職": field("役職", "NUMBER")})
    crm.describe()
    assert crm.codes() == [("FIELD_CHANGED", "役職")]
    assert "type text → number" in crm.open_items()[0].message
    crm.describe()
    assert crm.codes() == [("FIELD_CHANGED", "役職")]
    crm.reopen({"records": {"fields": {"title": {"from": "役職", "direction": "pull"}}}})
    drift.note_maps(crm.hub, "crm")
    assert crm.codes() == []


def test_a_field_that_every_new_record_now_needs_is_set_aside(crm: Crm) -> None:
    crm.describe()
    crm.edit({**form_with(), "担当部門": field("担当部門", required=True)})
    crm.describe()
    assert crm.codes() == [("FIELD_NEW", "担当部門")]


def test_an_option_that_is_taken_away_parks_the_field_and_comes_back_with_it(crm: Crm) -> None:
    """Removing an option at the vendor is one warning; the other fields go on."""
    drift.note_maps(crm.hub, "crm")
    crm.describe()
    crm.edit(form_with(mail=("拒否", "未確認")))
    assert crm.describe().set_aside == 1
    crm.relay.form.seed(3)
    jobs.run_once(crm.hub)
    rows = {row["メールアドレス"]: row for row in crm.relay.crm_rows()}
    assert len(rows) == 3
    assert all(row["会社名"] for row in rows.values()), "the rest of each record was written"
    assert "許可" not in {row["メール配信"] for row in rows.values()}
    parked = [one for one in crm.open_items() if one.lead_id]
    assert [one.code for one in parked] == ["KINTONE_VALUE"]
    crm.edit(form_with())
    learnt = crm.describe()
    assert (learnt.put_back, learnt.closed) == (1, 1)
    jobs.run_once(crm.hub)
    assert "許可" in {row["メール配信"] for row in crm.relay.crm_rows()}
    assert crm.open_items() == []


def test_a_description_that_stays_as_it_is_puts_nothing_back(crm: Crm) -> None:
    crm.edit(form_with(mail=("拒否", "未確認")))
    crm.describe()
    crm.relay.form.seed(3)
    jobs.run_once(crm.hub)
    before = crm.open_items()
    assert before
    assert crm.describe().put_back == 0
    crm.edit({**form_with(mail=("拒否", "未確認")), "予算": field("予算", "NUMBER")})
    assert crm.describe().put_back == 0, "another field has changed"
    assert crm.open_items() == before


def test_a_hub_that_dies_while_it_puts_values_back_does_it_again(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.describe()
    crm.edit(form_with(mail=("拒否", "未確認")))
    crm.describe()
    crm.relay.form.seed(3)
    jobs.run_once(crm.hub)
    crm.edit(form_with())
    with monkeypatch.context() as patch:
        patch.setattr(drift, "put_back", _dies)
        with pytest.raises(KeyboardInterrupt):
            crm.describe()
    crm.reopen()
    crm.describe()
    jobs.run_once(crm.hub)
    assert crm.open_items() == []


def _dies(*_given: Any) -> None:
    raise KeyboardInterrupt


def test_vendors_are_asked_once_a_day(crm: Crm, clock: Any) -> None:
    assert drift.due(crm.hub) == ["form", "crm"]
    crm.describe()
    assert drift.due(crm.hub) == ["form"]
    clock.pass_time(hours=23)
    upkeep.describe_connection(crm.hub, "form")
    assert drift.due(crm.hub) == []
    clock.pass_time(hours=1)
    assert drift.due(crm.hub) == ["crm"]


def test_a_vendor_that_does_not_answer_is_asked_again(
    crm: Crm, caplog: pytest.LogCaptureFixture
) -> None:
    crm.relay.crm_app.refuse = True
    upkeep.describe_connection(crm.hub, "crm")
    assert "could not be asked" in caplog.text
    assert "crm" in drift.due(crm.hub)


# Other vendors


def hub_of(database: Database, root: Path, connector: str, rehearsal: Any, stream: str) -> Hub:
    connection = ConnectionConfig(
        connector=connector, options=dict(rehearsal.options), push=PushConfig(stream=stream)
    )
    config = Config(root=root, connections={"it": connection})
    transports = {"it": in_process(rehearsal.simulator)}
    return open_hub(config, database=database, transports=transports, sleep=lambda _: None)


def codes(learnt: drift.Learnt) -> set[tuple[str, str, bool]]:
    def told(one: News) -> tuple[str, str, bool]:
        return one.drift.code, one.drift.subject, one.is_aside

    return {told(one) for one in learnt.news}


def test_hubspot_options_that_are_hidden_renamed_and_added(
    database: Database, tmp_path: Path, clock: Any
) -> None:
    rehearsal = hubspot(tmp_path)
    hub = hub_of(database, tmp_path, "hubspot", rehearsal, "contacts")
    drift.describe(hub, hub.flows["it"])
    portal: Any = rehearsal.simulator.portal  # type: ignore[union-attr]  # it has one
    stage = dict(portal.schema("contacts")["lifecyclestage"])
    options = {one["value"]: dict(one) for one in stage["options"]}
    options["opportunity"]["hidden"] = True
    options["evangelist"]["hidden"] = True
    options["lead"]["label"] = "見込み客"
    options["trial"] = {**options["lead"], "value": "trial", "label": "お試し"}
    portal.add_property("contacts", {**stage, "options": [*options.values()]})
    clock.pass_time(minutes=11)
    assert codes(drift.describe(hub, hub.flows["it"])) >= {
        ("OPTION_RETIRED", "lifecyclestage: opportunity", True),
        ("OPTION_RETIRED", "lifecyclestage: evangelist", False),
        ("OPTION_RELABELLED", "lifecyclestage: lead", False),
        ("OPTION_NEW", "lifecyclestage: trial", True),
    }


def test_salesforce_fields_record_types_and_statuses(database: Database, tmp_path: Path) -> None:
    rehearsal = salesforce(tmp_path)
    hub = hub_of(database, tmp_path, "salesforce", rehearsal, "Lead")
    drift.describe(hub, hub.flows["it"])
    simulator: Any = rehearsal.simulator
    schema = simulator.schema
    company: Field = schema.objects["Lead"]["Company"]
    schema.put_field("Lead", replace(company, length=100))
    schema.put_field("Lead", Field("Budget__c", "予算", custom=True))
    schema.hide_field("Lead", "Title")
    statuses = schema.stages["LeadStatus"]
    schema.set_stages("LeadStatus", *statuses[1:], replace(statuses[0], value="新規"))
    simulator.add_record_type("Lead", "法人", Status=("新規",))
    found = codes(drift.describe(hub, hub.flows["it"]))
    assert found >= {
        ("FIELD_CHANGED", "Company", True),
        ("FIELD_NEW", "Budget__c", False),
        ("FIELD_GONE", "Title", True),
        ("OPTION_GONE", f"Status: {statuses[0].value}", True),
        ("OPTION_NEW", "Status: 新規", True),
    }


def test_the_sweeper_rings_for_what_was_not_described_today(relay: Any, clock: Any) -> None:
    from sync.workers.bells import Bell, make_broker
    from sync.workers.sweeper import Sweeper

    rung: list[tuple[str, str]] = []

    class Deaf(Bell):
        def ring(self, job: str, connection: str = "") -> bool:
            rung.append((job, connection))
            return True

    hub = relay.open("crm")
    look = Sweeper(hub, Deaf(make_broker(""), "test"))
    look.sweep()
    assert rung == [("describe", "crm")]
    look.sweep()
    assert rung == [("describe", "crm")], "not again within the hour"
    upkeep.describe_connection(hub, "crm")
    clock.pass_time(hours=2)
    look.sweep()
    assert rung == [("describe", "crm")], "it was described today"
    clock.pass_time(days=1)
    look.sweep()
    assert rung[1:] == [("describe", "crm")]
