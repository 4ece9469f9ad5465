"""Opt-outs are written first, whatever else is not, and to everybody whom they concern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.kit.errors import RecordRejected, Unavailable
from sync.engine import merging
from sync.engine.edits import edit_lead
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.consents.conftest import ITO, MAIL, SATO, copy


def test_a_refused_change_does_not_keep_its_opt_out_back(known: Shelves) -> None:
    known.at["sfa"].refuse = lambda change: (
        RecordRejected("no titles here") if "title" in change.values else None
    )
    known.at["crm"].put("1", mail="no", title="部長")
    known.settle()

    assert copy(known, "sfa")[1]["mail"] == "no"
    assert "title" not in copy(known, "sfa")[1]
    assert [one.connection for one in known.asides(kind="change")] == ["sfa"]


def test_an_opt_out_alone_that_meets_an_outage_is_tried_again(known: Shelves) -> None:
    def refuse(change: Any) -> Any:
        if "title" in change.values:
            return RecordRejected("no titles here")
        return None

    def before(changes: Any) -> None:
        if not any("title" in change.values for change in changes):
            raise Unavailable("down for a moment")

    known.at["sfa"].refuse, known.at["sfa"].before = refuse, before
    known.at["crm"].put("1", mail="no", title="部長")
    known.run()
    assert copy(known, "sfa")[1]["mail"] == "yes"
    known.at["sfa"].before = lambda _changes: None
    known.tick(hours=1)
    known.settle()

    assert copy(known, "sfa")[1]["mail"] == "no"


def test_opt_outs_are_sent_before_other_changes(known: Shelves) -> None:
    known.at["crm"].put("2", **ITO, mail="yes")
    known.settle()
    known.at["crm"].put("1", title="部長")
    known.at["crm"].put("2", mail="no")
    before = len(known.at["sfa"].writes)
    known.settle()

    assert [sorted(one.values) for one in known.at["sfa"].writes[before:]] == [["mail"], ["title"]]


def test_an_opt_out_reaches_the_doubles_of_a_person_too(known: Shelves) -> None:
    key, _ = copy(known, "sfa")
    known.at["sfa"].put("double", **SATO, mail="yes")
    known.settle()
    known.at["crm"].put("1", mail="no", title="部長")
    known.settle()

    assert {row["mail"] for row in known.at["sfa"].people.values()} == {"no"}
    assert known.at["sfa"].people[key]["title"] == "部長"
    assert "title" not in known.at["sfa"].people["double"]


@pytest.mark.parametrize(
    "push", [{"fields": ["email", "company"]}, {"fill": [MAIL]}], ids=["fields", "fill"]
)
def test_an_opt_out_is_written_whatever_else_is_not(
    remade: Callable[..., Shelves], push: dict[str, list[str]]
) -> None:
    shelves = remade(**push)
    shelves.at["sfa"].put("own", **SATO, mail="yes")
    shelves.at["crm"].put("1", **SATO, mail="yes")
    shelves.settle()
    shelves.at["crm"].put("1", mail="no")
    shelves.settle()

    assert shelves.at["sfa"].people["own"]["mail"] == "no"


def test_a_new_record_of_somebody_who_opted_out_says_so_from_the_start(shelves: Shelves) -> None:
    shelves.at["crm"].put("1", **SATO, mail="no")
    shelves.settle()

    for name in ("sfa", "ma"):
        (write,) = shelves.at[name].writes
        assert write.values["mail"] == "no"


def test_nobody_who_opted_out_is_made_where_that_cannot_be_held(
    remade: Callable[..., Shelves],
) -> None:
    shelves = remade({MAIL: None})
    shelves.at["crm"].put("1", **SATO, mail="no")
    shelves.at["crm"].put("2", **ITO, mail="yes")
    shelves.settle()

    assert [row["email"] for row in shelves.at["sfa"].people.values()] == [ITO["email"]]
    (item,) = shelves.asides(code="CONSENT_UNHELD")
    assert item.connection == "sfa"
    assert MAIL in item.message
    lead = next(one for one in shelves.leads() if one.email == SATO["email"])
    shelves.tick(minutes=1)
    edit_lead(shelves.hub, lead.id, {MAIL: "granted"}, user="mori", reason="署名")
    shelves.settle()
    assert len(shelves.at["sfa"].people) == 2
    assert shelves.asides(code="CONSENT_UNHELD") == []


def test_a_record_that_is_no_longer_to_be_made_is_no_longer_set_aside(
    remade: Callable[..., Shelves],
) -> None:
    shelves = remade({MAIL: None}, create_when={"company": ["青空製作所"]})
    shelves.at["crm"].put("1", **SATO, mail="no")
    shelves.settle()
    assert [item.connection for item in shelves.asides(code="CONSENT_UNHELD")] == ["sfa"]
    lead = shelves.leads()[0]
    edit_lead(shelves.hub, lead.id, {MAIL: "granted"}, user="mori", reason="署名")
    edit_lead(shelves.hub, lead.id, {"company": "千鳥商会"}, user="mori")
    shelves.settle()

    assert shelves.at["sfa"].people == {}
    assert shelves.asides() == []


def test_leads_with_one_mailbox_share_its_opt_out(known: Shelves) -> None:
    """Who is another person by name may still read the same mailbox."""
    other = {**ITO, "email": SATO["email"]}
    known.at["crm"].put("9", **other, mail="yes")
    known.settle()
    assert len(known.leads()) == 2
    known.at["crm"].put("1", mail="no")
    known.settle()
    third = {**other, "family": "高橋", "given": "実", "company": "みなと商事"}
    known.at["ma"].put("third", **third, mail="yes")
    known.settle()

    assert [one.fields[MAIL] for one in known.leads()] == ["denied"] * 3
    assert known.at["crm"].people["9"]["mail"] == "no"
    assert known.at["ma"].people["third"]["mail"] == "no"


@pytest.mark.parametrize("by", ["a record", "hand", "the merge"])
def test_an_opt_out_reaches_the_leads_of_all_mailboxes_of_a_person(known: Shelves, by: str) -> None:
    """A third lead shares the second mailbox only, and is not in play when it happens."""
    known.at["crm"].put("2", **ITO, mail="yes")
    known.settle()
    third = {**ITO, "family": "高橋", "given": "実", "company": "みなと商事"}
    known.at["ma"].put("third", **third, mail="yes")
    known.settle()
    first, second = (
        next(one.id for one in known.leads() if one.fields["family_name"] == family)
        for family in ("佐藤", "伊藤")
    )

    if by == "the merge":
        known.at["crm"].put("1", mail="no")
        known.settle()
    merging.merge(known.hub, first, second, user="mori")
    if by == "a record":
        known.at["crm"].put("1", mail="no")
    elif by == "hand":
        edit_lead(known.hub, first, {MAIL: "denied"}, user="mori")
    known.settle()

    assert [one.fields[MAIL] for one in known.leads()] == ["denied"] * 2
    assert known.at["ma"].people["third"]["mail"] == "no"
