"""What a value that is read once more counts for: whose word it is, and since when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit.base import Record
from mapping.merge import Trust
from sync.engine.pull import receive
from sync.engine.replay import replay
from sync.engine.resolve import resolve_due
from sync.store.database import iso
from sync.workers import jobs
from tests.sync.engine.histories import MAILABLE as SATO
from tests.sync.engine.replaying import EVER, applied, differing, link, only_read, remap


def test_a_corrected_value_is_no_newer_than_what_it_corrects(shelves: Any) -> None:
    shelves.hub.__dict__["trust"] = Trust()  # nobody is trusted more: the newer word counts
    only_read(shelves, "crm")
    remap(shelves, "crm", fields={"title": {"from": "dept", "direction": "pull"}})
    shelves.at["crm"].put("1", **SATO, dept="営業部", title="部長")
    shelves.run("crm")
    said = link(shelves, "crm/people/1").since["title"]
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].put(own, title="課長")
    shelves.settle()
    assert shelves.leads()[0].fields["title"] == "課長"
    shelves.at["crm"].put("1", phone="03-9999-0000")  # heard again, and later than the others
    shelves.settle()
    with shelves.database.write() as tx:  # the payload that said so first is not kept any more
        assert tx.write("DELETE FROM inbox WHERE link_id = 'crm/people/1' AND id = 1") == 1
    remap(shelves, "crm")
    applied(shelves)
    held = link(shelves, "crm/people/1")
    assert (held.held["title"], held.since["title"]) == ("部長", said)
    assert shelves.leads()[0].fields["title"] == "課長"


@pytest.mark.parametrize(
    ("said", "first"),
    [
        pytest.param(("経理部", "営業部", "営業部"), 1, id="changed on the way"),
        pytest.param(("営業部", "営業部", "営業部"), 0, id="said from the beginning"),
        pytest.param(("営業部", "経理部", "営業部"), 2, id="said again"),
    ],
)
def test_a_field_that_is_new_counts_from_the_payload_that_first_said_it(
    shelves: Any, said: tuple[str, ...], first: int
) -> None:
    remap(shelves, "crm", fields={"department": None})
    for number, name in enumerate(said):
        shelves.at["crm"].put("1", **{**SATO, "dept": name, "memo": str(number)})
        shelves.run("crm")
    with shelves.database.read() as tx:
        heard = tx.rows("SELECT received_at FROM inbox WHERE link_id = 'crm/people/1' ORDER BY id")
    remap(shelves, "crm", fields={"department": {"from": "dept", "direction": "pull"}})
    applied(shelves)
    held = link(shelves, "crm/people/1")
    assert (held.held["department"], held.since["department"]) == ("営業部", heard[first][0])


def test_what_the_hub_wrote_is_not_taken_for_the_vendors_word(shelves: Any) -> None:
    shelves.hub.__dict__["trust"] = Trust(default=("sfa", "crm", "ma"))
    remap(shelves, "sfa", fields={"title": {"from": "dept"}, "department": {"from": "title"}})
    remap(shelves, "crm", fields={"department": {"from": "dept"}})
    shelves.at["crm"].put("1", **SATO, title="部長", dept="営業部")
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    assert shelves.at["sfa"].people[own]["dept"] == "部長"  # the wrong way round
    remap(shelves, "sfa", fields={"department": {"from": "dept"}})
    assert differing(shelves)[f"sfa/people/{own}"] == {
        "title": ("部長", "営業部"),
        "department": ("営業部", "部長"),
    }
    applied(shelves)
    shelves.settle()
    (lead,) = shelves.leads()
    assert (lead.fields["title"], lead.fields["department"]) == ("部長", "営業部")
    row = shelves.at["sfa"].people[own]
    assert (row["title"], row["dept"]) == ("部長", "営業部")
    assert differing(shelves) == {}


def test_what_was_written_after_it_was_received_is_not_undone(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO, title="部長", dept="営業部")
    shelves.run()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].records.append(  # the answer of the vendor to a webhook, say
        Record("people", own, {**shelves.at["sfa"].people[own], "title": ""})
    )
    with shelves.database.write() as tx:
        flow, now = shelves.hub.flows["sfa"], shelves.hub.stamp()
        record = shelves.at["sfa"].records.pop()
        receive(tx, flow, [record], source="webhook", run_id=None, now=now)
    resolve_due(shelves.hub)
    jobs.push_all(shelves.hub)
    assert shelves.at["sfa"].people[own]["title"] == "部長"
    assert link(shelves, f"sfa/people/{own}").held["title"] == "部長"
    assert differing(shelves) == {}


def test_a_field_that_the_record_never_had_is_said_no_longer(shelves: Any) -> None:
    remap(shelves, "crm", fields={"title": {"from": "memo", "direction": "pull"}})
    shelves.at["crm"].put("1", **SATO, memo="至急")
    shelves.settle()
    remap(shelves, "crm")
    assert differing(shelves)["crm/people/1"] == {"title": ("至急", None)}
    applied(shelves)
    assert shelves.leads()[0].fields.get("title") is None
    shelves.settle()
    (row,) = shelves.at["ma"].people.values()
    assert not row.get("title")
    assert differing(shelves) == {}


@pytest.mark.parametrize(
    ("memo", "kept", "title"),
    [
        pytest.param(None, True, "部長", id="an earlier payload says it"),
        pytest.param("至急", True, "部長", id="an earlier payload says otherwise"),
        pytest.param(None, False, "部長", id="the payload that said it is not kept"),
    ],
)
def test_a_part_of_a_record_takes_nothing_back(
    shelves: Any, memo: str | None, kept: bool, title: str
) -> None:
    only_read(shelves, "crm")
    if memo:
        remap(shelves, "crm", fields={"title": "memo"})
    flow = shelves.hub.flows["crm"]
    for payload in ({**SATO, "title": "部長", "memo": memo}, {"phone": "03-9999-0000"}):
        shelves.tick(seconds=30)
        with shelves.database.write() as tx:
            now, record = shelves.hub.stamp(), Record("people", "1", payload)
            receive(tx, flow, [record], source="webhook", run_id=None, now=now)
        resolve_due(shelves.hub)
    remap(shelves, "crm")
    if not kept:
        with shelves.database.write() as tx:
            tx.write("DELETE FROM inbox WHERE id = 1")
    before = link(shelves, "crm/people/1")
    applied(shelves)
    after = link(shelves, "crm/people/1")
    assert (after.held["title"], after.since["title"]) == (title, before.since["title"])
    assert (after.held["family_name"], after.held["phone"]) == ("佐藤", "+81399990000")
    assert differing(shelves) == {}


def test_a_line_that_was_taken_out_is_said_no_longer(shelves: Any) -> None:
    remap(shelves, "crm", fields={"department": {"from": "memo"}})
    shelves.at["crm"].put("1", **SATO, memo="至急")
    shelves.settle()
    remap(shelves, "crm", fields={"department": None})
    diff, _ = applied(shelves)
    (dropped,) = diff.records[0].fields
    assert (dropped.field, dropped.old, dropped.dropped) == ("department", "至急", True)
    assert "department" not in shelves.leads()[0].fields
    assert differing(shelves) == {}


def test_a_corrected_mailbox_brings_a_record_to_its_person(shelves: Any) -> None:
    remap(shelves, "crm", fields={"email": "second"})
    shelves.at["crm"].put("1", **{**SATO, "phone": "", "company": ""}, second="")
    shelves.at["sfa"].put("7", **SATO)
    only_read(shelves, "crm")
    only_read(shelves, "sfa")
    shelves.run("crm", "sfa")
    assert len(shelves.leads()) == 2
    remap(shelves, "crm")
    applied(shelves)
    (lead,) = shelves.leads()
    assert {one.id for one in shelves.links(lead.id)} >= {"crm/people/1", "sfa/people/7"}
    assert differing(shelves) == {}


def test_an_opt_out_that_was_read_stays(shelves: Any) -> None:
    name = "consent.email.marketing"
    remap(shelves, "crm", fields={name: {"from": "mail", "values": {"yes": "denied"}}})
    shelves.at["crm"].put("1", **SATO, title="部長", dept="課長")
    shelves.settle()
    remap(shelves, "crm", fields={"title": "dept"})
    diff = replay(shelves.hub, EVER)
    assert [(one.link_id, one.kept) for one in diff.records if one.kept] == [
        ("crm/people/1", (name,))
    ]
    applied(shelves)
    assert shelves.leads()[0].fields[name] == "denied"


def test_an_older_payload_that_came_late_is_not_what_is_read(shelves: Any) -> None:
    only_read(shelves, "crm")
    remap(shelves, "crm", fields={"title": "dept"})
    late, early = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    flow = shelves.hub.flows["crm"]
    for title, at in (("部長", late), ("課長", early)):
        record = Record("people", "1", {**SATO, "title": title}, changed_at=at)
        with shelves.database.write() as tx:
            now = shelves.hub.stamp()
            receive(tx, flow, [record], source="webhook", run_id=None, now=now)
        resolve_due(shelves.hub)
    remap(shelves, "crm")
    applied(shelves)
    held = link(shelves, "crm/people/1")
    assert (held.held["title"], held.since["title"]) == ("部長", iso(late))
