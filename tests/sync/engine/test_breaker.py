"""A vendor that rewrites what it is given is not answered for ever."""

from collections.abc import Sequence
from typing import Any

from connectors.kit.base import Change
from sync.engine.edits import edit_lead
from sync.engine.retry import retry

SATO = {"email": "sato@aozora.example", "family": "佐藤", "given": "花子", "company": "青空製作所"}


def rewriting(shelf: Any) -> None:
    """Have an automation at the vendor set every title to its own wording."""

    def after(changes: Sequence[Change]) -> None:
        for change in changes:
            if "title" in change.values:
                external_id = change.external_id or shelf.keys[change.key]
                shelf.put(external_id, title="役職: " + str(change.values["title"]))

    shelf.after = after


def titles(shelf: Any) -> list[str]:
    return [change.values["title"] for change in shelf.writes if "title" in change.values]


def test_a_field_that_comes_back_otherwise_each_time_is_left_alone_and_listed(
    shelves: Any,
) -> None:
    rewriting(shelves.at["sfa"])
    shelves.at["crm"].put("1", **SATO, title="課長")

    shelves.settle()

    (item,) = shelves.asides(code="FIELD_ALTERNATES")
    assert titles(shelves.at["sfa"]) == ["課長", "課長"]
    assert (item.connection, item.field) == ("sfa", "title")
    assert item.sent == {"title": "課長"}
    assert item.received == {"title": "役職: 課長"}
    assert shelves.leads()[0].fields["title"] == "課長"


def test_another_value_is_written_again(shelves: Any) -> None:
    rewriting(shelves.at["sfa"])
    shelves.at["crm"].put("1", **SATO, title="課長")
    shelves.settle()

    shelves.at["crm"].put("1", title="部長")
    shelves.settle()

    assert titles(shelves.at["sfa"]) == ["課長", "課長", "部長", "部長"]


def test_a_person_who_corrects_a_value_once_is_simply_answered(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO, title="課長")
    shelves.settle()
    (own,) = shelves.at["sfa"].people

    shelves.at["sfa"].put(own, title="部長")
    shelves.settle()

    assert shelves.at["sfa"].people[own]["title"] == "課長"
    assert shelves.asides(code="FIELD_ALTERNATES") == []


def test_retrying_writes_it_once_more(shelves: Any) -> None:
    rewriting(shelves.at["sfa"])
    shelves.at["crm"].put("1", **SATO, title="課長")
    shelves.settle()
    shelves.at["sfa"].after = lambda _changes: None

    retry(shelves.hub, shelves.asides(code="FIELD_ALTERNATES"))
    shelves.settle()

    assert shelves.asides(code="FIELD_ALTERNATES") == []
    (row,) = shelves.at["sfa"].people.values()
    assert row["title"] == "課長"
    edit_lead(shelves.hub, shelves.leads()[0].id, {"title": "社長"}, user="yoko")
    shelves.settle()
    (row,) = shelves.at["sfa"].people.values()
    assert row["title"] == "社長"


def test_a_vendor_that_turns_a_write_back_to_the_letter_is_heard(shelves: Any, clock: Any) -> None:
    shelves.at["sfa"].now = clock
    shelves.at["sfa"].put("own", **SATO, title="主任")
    shelves.settle()
    shelves.at["crm"].put("1", **SATO, title="課長")
    shelves.at["sfa"].keeps = lambda row: {**row, "title": "主任"}

    shelves.settle()

    assert titles(shelves.at["sfa"]) == ["課長", "課長"]
    (item,) = shelves.asides(code="FIELD_ALTERNATES")
    assert (item.sent, item.received) == ({"title": "課長"}, {"title": "主任"})


def test_a_stage_that_is_cleared_is_written_again_until_it_is_cleared_each_time(
    shelves: Any,
) -> None:
    shelves.at["crm"].put("1", **SATO, status="mql")
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    written = len(shelves.at["sfa"].writes)

    shelves.at["sfa"].put(own, status="")
    shelves.settle()
    assert shelves.at["sfa"].people[own]["status"] == "mql"
    assert shelves.leads()[0].stage == "mql"

    shelves.at["sfa"].put(own, status=None)
    shelves.settle()
    assert [change.values for change in shelves.at["sfa"].writes[written:]] == [{"status": "mql"}]
    (item,) = shelves.asides(code="FIELD_ALTERNATES")
    assert (item.field, item.sent) == ("stage", {"stage": "mql"})


def test_a_record_that_leaves_its_stage_out_has_not_cleared_it(shelves: Any) -> None:
    shelves.at["crm"].put("1", **SATO, status="mql")
    shelves.settle()
    (own,) = shelves.at["sfa"].people
    written = len(shelves.at["sfa"].writes)

    del shelves.at["sfa"].people[own]["status"]
    shelves.at["sfa"].put(own, title="部長")
    shelves.settle()

    assert [c.values for c in shelves.at["sfa"].writes[written:]] == []
