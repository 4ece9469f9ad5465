"""What waited for a field map is tried again when that map changes, and only then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.errors import RecordRejected
from sync.engine import drift
from sync.engine.hub import open_hub
from sync.store import asides
from sync.store.asides import Aside


@pytest.fixture
def remap(shelves: Any) -> Callable[..., None]:
    """The hub of the shelves starts again with other maps for one of them."""

    def change(name: str, own: dict[str, Any], stream: str = "people") -> None:
        fields = {**shelves.config.fields, name: {stream: {"fields": own}}}
        shelves.config = shelves.config.model_copy(update={"fields": fields})
        shelves.hub = open_hub(shelves.config, database=shelves.database)

    return change


CONSENT = "consent.email.marketing"
PERSON = {"email": "a@aozora.example", "family": "佐藤", "given": "花子", "status": "new"}


def test_a_value_that_was_not_read_is_read_when_its_line_changes(
    shelves: Any, remap: Callable[..., None]
) -> None:
    shelves.at["crm"].put("1", **PERSON, mail="maybe")
    shelves.settle()
    assert [one.code for one in shelves.asides()] == ["PICKLIST_UNMAPPED"]
    remap("crm", {CONSENT: {"from": "mail", "values": {"yes": "granted", "maybe": "denied"}}})
    shelves.settle()
    assert shelves.asides() == []
    assert shelves.leads()[0].fields[CONSENT] == "denied"


def test_a_value_that_was_refused_is_written_when_its_line_changes(
    shelves: Any, remap: Callable[..., None]
) -> None:
    def refuse(change: Any) -> dict[str, Any]:
        wrong = change.values.get("mail") == "yes"
        return {"mail": RecordRejected("no such option", code="SHELF_VALUE")} if wrong else {}

    shelves.at["sfa"].refuse_fields = refuse
    shelves.at["crm"].put("1", **PERSON, mail="yes")
    shelves.settle()
    assert [(one.code, one.connection) for one in shelves.asides()] == [("SHELF_VALUE", "sfa")]
    remap("sfa", {CONSENT: {"from": "mail", "values": {"はい": "granted", "no": "denied"}}})
    shelves.settle()
    assert shelves.asides() == []
    assert [row["mail"] for row in shelves.at["sfa"].people.values()] == ["はい"]


def test_a_record_that_the_map_could_not_take_is_tried_again(
    shelves: Any, remap: Callable[..., None]
) -> None:
    shelves.at["crm"].put("1", **PERSON, _error="ROW_BAD", _message="the row is bad")
    shelves.settle()
    remap("crm", {"fax": {"from": "fax", "as": "phone"}})
    shelves.settle()
    (item,) = shelves.asides(kind="record")
    assert (item.code, item.times) == ("ROW_BAD", 2)


def test_what_no_map_can_end_stays_where_it_is(shelves: Any, remap: Callable[..., None]) -> None:
    stays = Aside("change", "crm", "CRASHER", "the worker died", lead_id="ld_1")
    waits = Aside("field", "crm", "FIELD_ALTERNATES", "x", "people", "1", "ld_1", "title", sent={})
    shelves.settle()
    with shelves.database.write() as tx:
        asides.put(tx, [stays, waits], shelves.hub.stamp())
    remap("crm", {"fax": {"from": "fax", "as": "phone"}})
    shelves.settle()
    assert {one.code for one in shelves.asides()} == {"CRASHER", "FIELD_ALTERNATES"}


def test_the_map_of_another_connection_moves_nothing(
    shelves: Any, remap: Callable[..., None]
) -> None:
    shelves.at["crm"].put("1", **PERSON, mail="maybe")
    shelves.settle()
    remap("ma", {"fax": {"from": "fax", "as": "phone"}})
    shelves.settle()
    (item,) = shelves.asides()
    assert item.times == 1


def test_the_map_of_another_stream_moves_nothing(shelves: Any, remap: Callable[..., None]) -> None:
    shelves.at["crm"].put("1", **PERSON, mail="maybe")
    shelves.settle()
    remap("crm", {"owner": {"from": "owner", "direction": "pull"}}, "deals")
    shelves.settle()
    (item,) = shelves.asides()
    assert item.times == 1


def test_a_map_that_is_the_same_moves_nothing(shelves: Any) -> None:
    shelves.at["crm"].put("1", **PERSON, mail="maybe")
    shelves.settle()
    shelves.hub = open_hub(shelves.config, database=shelves.database)
    shelves.settle()
    (item,) = shelves.asides()
    assert item.times == 1


def test_statements_do_not_grow_with_what_is_put_back(
    shelves: Any, remap: Callable[..., None]
) -> None:
    def statements(many: int) -> int:
        for number in range(many):
            email = f"p{many}-{number}@kaisha{number}.example"
            person = {**PERSON, "email": email, "family": f"姓{many}-{number}"}
            shelves.at["crm"].put(f"{many}-{number}", **person, mail="maybe")
        shelves.settle()
        remap(
            "crm", {CONSENT: {"from": "mail", "values": {"yes": "granted", f"x{many}": "denied"}}}
        )
        before = shelves.database.statements
        assert drift.note_maps(shelves.hub, "crm") >= many
        return shelves.database.statements - before

    assert statements(5) == statements(60)


def test_a_stage_that_was_forbidden_stays_parked(shelves: Any, remap: Callable[..., None]) -> None:
    shelves.at["crm"].put("1", **{**PERSON, "status": "won"})
    shelves.settle()
    shelves.at["crm"].put("1", status="new")
    shelves.settle()
    lead = shelves.leads()[0].id
    refused = Aside("field", "crm", "X", "x", "people", "1", lead, "status", sent={"status": "won"})
    with shelves.database.write() as tx:
        asides.put(tx, [refused], shelves.hub.stamp())
    remap("crm", {"fax": {"from": "fax", "as": "phone"}})
    assert drift.note_maps(shelves.hub, "crm") == 1
    at_crm = [link for link in shelves.links(lead) if link.connection == "crm"]
    assert [link.parked.get("stage") for link in at_crm] == ["new"]
