"""Records that a vendor has twice, merged or deleted: which one is written, and who stays."""

from __future__ import annotations

from typing import Any

from connectors.kit.base import Change, Record, Ref
from connectors.kit.errors import Conflict
from sync.engine import merging
from tests.sync.engine.histories import MAILABLE as SATO


def test_a_record_that_stands_in_the_way_is_adopted(shelves: Any) -> None:
    shelf = shelves.at["sfa"]
    shelf.people["77"] = {**SATO, "title": "課長"}  # there, and never heard of

    def refuse(change: Change) -> Conflict | None:
        return Conflict("exists already", existing_id="77") if change.external_id is None else None

    shelf.refuse = refuse
    shelves.at["crm"].put("1", **SATO)
    shelves.run()
    shelves.settle()
    (lead,) = shelves.leads()
    assert {link.id for link in shelves.links(lead.id)} >= {"sfa/people/77"}
    assert lead.fields["title"] == "課長"
    assert len(shelf.people) == 1


def test_records_the_vendor_merged_bring_their_leads_together(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.at["crm"].put(
        "2", **{**SATO, "email": "hanako@home.example", "company": "", "phone": ""}
    )
    shelves.settle()
    assert len(shelves.leads()) == 2
    row = shelves.at["crm"].people.pop("2")
    shelves.at["crm"].records.append(
        Record("people", "1", {**row, **SATO}, previous_ids=(Ref("people", "2"),))
    )
    shelves.settle()
    (lead,) = shelves.leads()
    assert lead.email == SATO["email"]
    assert any(event.event == "merged" for event in shelves.history(lead.id))


def test_when_the_record_that_is_written_to_goes_its_double_gets_everything(shelves: Any) -> None:
    shelves.at["sfa"].put("first", **SATO, title="課長")
    shelves.settle()
    shelves.at["sfa"].put("double", **SATO)
    shelves.settle()
    shelves.at["sfa"].delete("first")

    shelves.settle()

    assert shelves.at["sfa"].people["double"]["title"] == "課長"


def test_of_two_records_that_came_together_the_same_is_written_to_each_time(shelves: Any) -> None:
    shelves.at["crm"].put("own", **SATO)
    shelves.at["crm"].put("double", **SATO)
    shelves.at["crm"].put("own", status="lost")

    shelves.settle()

    assert {row["status"] for row in shelves.at["crm"].people.values()} == {"lost"}


def test_an_address_that_the_hub_writes_over_stays_the_persons(shelves: Any) -> None:
    for flow in shelves.hub.flows.values():
        push = flow.config.push.model_copy(update={"create": False})
        flow.config = flow.config.model_copy(update={"push": push})
    shelves.at["crm"].put("1", **SATO)
    shelves.at["ma"].put("2", **{**SATO, "email": "hanako@chidori.example", "family": "伊藤"})
    shelves.settle()
    merging.merge(shelves.hub, *(lead.id for lead in shelves.leads()), user="mori")
    shelves.settle()

    (lead,) = shelves.leads()
    (second,) = {SATO["email"], "hanako@chidori.example"} - {lead.email}
    assert shelves.at["crm"].people["1"]["email"] == lead.email
    assert shelves.at["ma"].people["2"]["email"] == lead.email
    shelves.at["crm"].put("1", title="部長")
    shelves.settle()
    assert shelves.leads()[0].fields["emails"] == [lead.email, second]


def test_a_record_that_is_found_gone_by_a_write_leaves_its_double_to_be_written(
    shelves: Any,
) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    shelves.at["sfa"].put("double", **SATO)
    shelves.settle()
    row = shelves.at["sfa"].people.pop(own)  # nobody tells
    assert row["email"] == SATO["email"]

    shelves.at["crm"].put("1", title="部長")
    shelves.settle()

    assert shelves.at["sfa"].people["double"]["title"] == "部長"


def test_a_record_deleted_at_the_vendor_is_not_made_again(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO)
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    del shelves.at["sfa"].people[own]
    shelves.at["sfa"].records.append(Record("people", own, {}, deleted=True))
    shelves.at["crm"].put("1", title="部長")
    shelves.settle()
    assert shelves.at["sfa"].people == {}
    (lead,) = shelves.leads()
    assert lead.fields["email"] == SATO["email"]


def test_an_older_state_that_comes_after_the_deletion_revives_nobody(
    shelves: Any, clock: Any
) -> None:
    shelves.at["sfa"].now = clock
    shelves.at["sfa"].put("own", **SATO)
    shelves.settle()
    clock.pass_time(minutes=5)
    shelves.at["sfa"].put("own", title="課長")
    clock.pass_time(minutes=5)
    shelves.at["sfa"].delete("own")
    log = shelves.at["sfa"].records
    log[-2:] = reversed(log[-2:])

    shelves.settle()

    (lead,) = shelves.leads()
    assert [one.state for one in shelves.links(lead.id) if one.connection == "sfa"] == ["gone"]
