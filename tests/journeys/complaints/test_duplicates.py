"""C7 to C14: one person is one record, whatever comes twice, at once, or wrongly written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from connectors.typeform.simulator import DEFAULT_FORM_ID
from sync.config.model import PushConfig
from sync.engine.hooks import take_hooks
from sync.engine.views import lead_view
from sync.store import runs
from sync.workers import jobs
from tests.journeys.complaints.conftest import (
    BOTH,
    EMAIL,
    FAMILIES,
    LEADS,
    ids,
    in_step,
    posted,
    sent,
    subscribe,
    together,
    told,
)
from tests.journeys.conftest import written

SATO = {"email": EMAIL, "lastname": "佐藤", "firstname": "花子", "company": "青空製作所"}


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_c07_creation_and_updates_told_at_once_make_one_contact(world: Any) -> None:
    subscribe(world)
    own = world.ma.add_contact(**SATO)
    for title in ("係長", "課長", "部長"):
        world.ma.set_property("contacts", own, "jobtitle", title)
    deliveries = sent(world, "ma")
    assert len(deliveries) == 4
    assert posted(world, [*deliveries[::-1], *deliveries]) == [200] * 8

    def work() -> None:
        take_hooks(world.hub, 1)
        jobs.resolve(world.hub)
        jobs.push_all(world.hub)

    together(*[work] * 4)
    world.settle()
    assert [lead.fields["title"] for lead in world.leads()] == ["部長"]
    assert len(world.contacts()) == len(world.sfa_rows()) == len(world.crm_rows()) == 1


def test_c08_a_record_that_searches_do_not_show_yet_is_adopted_and_nothing_failed(
    world: Any,
) -> None:
    world.ma.portal.index.lag *= 1000
    world.sfa.set_duplicate_rule("block")
    own = world.ma.add_contact(**SATO, mobilephone="090-1111-2222")
    row = world.sfa.add_lead(LastName="佐藤", FirstName="花子", Company="青空製作所", Email=EMAIL)
    world.submit(EMAIL)
    done = world.sync("form")
    world.tick(minutes=2)
    done += jobs.push_all(world.hub)
    assert {run.state for run in done} == {"succeeded"}
    assert {name: ids(world)[name] for name in ("ma", "sfa")} == {"ma": own, "sfa": row}
    assert len(world.contacts()) == len(world.sfa_rows()) == 1
    assert world.asides() == []


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_c09_one_phone_number_from_two_systems_at_once_is_one_lead(world: Any) -> None:
    gate = threading.Barrier(2)
    at = {"Company": "青空製作所", "FirstName": "花子"}

    def pull(name: str, stream: str, plant: Callable[[str, str], Any]) -> None:
        hub = world.open()
        for number, family in enumerate(FAMILIES):
            plant(family, f"090-1234-{5000 + number}")
            gate.wait()
            jobs.pull(hub, name, streams=[stream])

    def lead(family: str, phone: str) -> None:
        world.sfa.add_lead(**at, LastName=family, MobilePhone=phone)

    def row(family: str, phone: str) -> None:
        values = {"氏名": f"{family} 花子", "会社名": at["Company"], "携帯番号": phone}
        world.crm.add_record(LEADS, values)

    together(partial(pull, "sfa", "Lead", lead), partial(pull, "crm", "records:leads", row))
    world.settle()
    assert len(world.leads()) == len(world.sfa_rows()) == len(world.crm_rows()) == 10


def test_c10_a_changed_address_is_the_same_person_who_still_wants_no_mail(world: Any) -> None:
    person = in_step(world)
    world.crm.edit_record(LEADS, person["crm"], {"メール配信": "拒否"})
    world.settle()
    married = {"email": "hanako@minato.example", "lastname": "高橋", "phone": "06-1111-2222"}
    for name, value in {**married, "company": "みなと商事株式会社"}.items():
        world.ma.set_property("contacts", person["ma"], name, value)
    world.settle()
    (lead,) = world.leads()
    assert (lead.email, ids(world)) == ("hanako@minato.example", person)
    (contact,), (row,) = world.contacts(), world.sfa_rows()
    assert (contact["email"], contact["hs_email_optout"]) == ("hanako@minato.example", "true")
    assert (row["Email"], row["HasOptedOutOfEmail"]) == ("hanako@minato.example", True)


def test_c11_an_address_that_is_none_makes_no_new_record_at_every_pull(world: Any) -> None:
    row = world.sfa.add_lead(LastName="佐藤", Company="（会社名未入力）")
    world.sfa.table("Lead")[row] = {**world.sfa.table("Lead")[row], "Email": "（メールなし）"}
    world.settle()
    for title in ("係長", "課長", "部長"):
        world.sfa.edit("Lead", row, Title=title)
        world.sync()
    (lead,) = world.leads()
    assert lead.fields["title"] == "部長"
    assert len(world.sfa_rows()) == len(world.crm_rows()) == 1
    (item,) = world.asides(connection="sfa")
    assert (item.field, item.external_id) == ("email", row)


def test_c12_a_webhook_that_was_registered_three_times_counts_once(world: Any) -> None:
    subscribe(world)
    connector = world.hub.flows["form"].connector
    address = f"{world.hub.config.hub.public_url}/hooks/form"
    connector.subscribe(address)
    assert len(world.form.webhooks) == 1
    (hook,) = world.form.webhooks.values()
    for tag in ("old", "older"):
        world.form.webhooks[f"{DEFAULT_FORM_ID}/{tag}"] = {**hook, "tag": tag}
    world.submit(EMAIL)
    assert told(world, "form") == 3
    (lead,) = world.leads()
    assert [one.event for one in lead_view(world.hub, lead).history].count("created") == 1
    assert len(lead_view(world.hub, lead).activities) <= 1
    assert len(world.contacts()) == len(world.sfa_rows()) == len(world.crm_rows()) == 1


def test_c13_reading_everything_from_the_beginning_is_no_news(world: Any) -> None:
    for number, family in enumerate(FAMILIES[:5]):
        world.submit(f"p{number}@c{number}.example", family)
    world.settle()
    before = [lead_view(world.hub, lead).history for lead in world.leads()]
    with world.database.write() as tx:
        for connection, stream, _, _ in runs.cursors(tx):
            runs.save_cursor(tx, connection, stream, None, world.hub.stamp())
    done = world.sync()
    pulled = [run for run in done if run.kind == "pull"]
    assert sum(run.counts.get("unchanged", 0) for run in pulled) >= 4 * 5
    assert sum(run.counts.get("new", 0) for run in pulled) == 0
    assert written(done) == {}
    assert [lead_view(world.hub, lead).history for lead in world.leads()] == before


def test_c14_a_first_sync_ties_what_is_there_and_wakes_nobody_who_sleeps(world: Any) -> None:
    world.pushes["ma"] = PushConfig(stream="contacts", create_when={"stage": ["mql"]})
    world.hub = world.open()
    for number, family in enumerate(FAMILIES):
        email = f"p{number}@c{number}.example"
        row = {"氏名": f"{family}　花子", "会社名": f"㈱第{number}商事", "メールアドレス": email}
        stage = "MQL" if number % 2 else "休眠"
        world.crm.add_record(LEADS, {**row, "ステージ": stage})
        person = {"LastName": family, "FirstName": "花子", "Company": f"株式会社第{number}商事"}
        world.sfa.add_lead(**person, Email=email.upper())
        if number < 4:
            world.ma.add_contact(email=email, lastname=family, firstname="花子")
    world.settle()
    assert len(world.leads()) == len(world.sfa_rows()) == len(world.crm_rows()) == 10
    there = {row["email"] for row in world.contacts()}
    assert there == {f"p{n}@c{n}.example" for n in range(10) if n < 4 or n % 2}
    assert len(there) == len(world.contacts())
