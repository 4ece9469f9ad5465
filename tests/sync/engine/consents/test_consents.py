"""Opt-outs: heard once they stay, whatever a vendor says later, and evidence alone lifts them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.base import Record, Ref
from mapping.errors import MappingError
from sync.engine import granting, merging
from sync.engine.agreement import evidence
from sync.engine.batch import Working
from sync.engine.edits import edit_lead
from sync.engine.joining import _state as as_it_was
from sync.engine.retry import retry
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.consents.conftest import ITO, MAIL, PHONE, SATO, copy

# Turned back by the vendor


def test_what_a_vendor_turns_back_by_itself_is_written_again(known: Shelves) -> None:
    key, _ = copy(known, "sfa")
    known.at["sfa"].put(key, mail="no")
    known.settle()
    known.at["sfa"].put(key, mail="yes")
    known.settle()

    assert known.leads()[0].fields[MAIL] == "denied"
    assert [shelf.people[k]["mail"] for shelf in known.at.values() for k in shelf.people] == [
        "no",
        "no",
        "no",
    ]


@pytest.mark.parametrize("blank", ["", None])
def test_an_opt_out_made_blank_at_the_vendor_stays(known: Shelves, blank: str | None) -> None:
    known.at["crm"].put("1", mail="no")
    known.settle()
    known.at["crm"].put("1", mail=blank)
    known.settle()

    assert known.leads()[0].fields[MAIL] == "denied"
    assert known.at["crm"].people["1"]["mail"] == "no"


def test_a_vendor_that_goes_on_turning_it_back_is_left_to_a_person(known: Shelves) -> None:
    known.at["crm"].put("1", mail="no")
    known.settle()
    for _ in range(3):
        known.at["crm"].put("1", mail="yes")
        known.settle()
        assert known.asides(code="CONSENT_FIGHT") == []
    writes = len(known.at["crm"].writes)

    known.at["crm"].put("1", mail="yes")
    known.settle()

    (item,) = known.asides(code="CONSENT_FIGHT")
    assert (item.field, item.sent, item.received) == (MAIL, {MAIL: "denied"}, {MAIL: "granted"})
    assert len(known.at["crm"].writes) == writes
    assert known.leads()[0].fields[MAIL] == "denied"
    retry(known.hub, [item])
    known.settle()
    assert known.at["crm"].people["1"]["mail"] == "no"
    assert known.asides(code="CONSENT_FIGHT") == []


def test_after_a_long_peace_a_fight_counts_from_the_beginning(known: Shelves) -> None:
    known.at["crm"].put("1", mail="no")
    known.settle()
    for _ in range(6):
        known.tick(days=40)
        known.at["crm"].put("1", mail="yes")
        known.settle()

    assert known.asides(code="CONSENT_FIGHT") == []
    assert known.at["crm"].people["1"]["mail"] == "no"


def test_an_opt_out_asked_for_again_ends_the_fight(known: Shelves) -> None:
    known.at["crm"].put("1", mail="no")
    for _ in range(5):
        known.settle()
        known.at["crm"].put("1", mail="yes")
    known.settle()
    known.at["crm"].put("1", mail="no")
    known.settle()

    assert known.asides(code="CONSENT_FIGHT") == []


def test_an_opt_out_of_a_record_that_a_vendor_merged_away_stays(known: Shelves) -> None:
    known.at["crm"].put("2", **SATO, mail="no")
    known.settle()
    assert known.leads()[0].fields[MAIL] == "denied"
    known.at["crm"].people["1"]["mail"] = "yes"
    del known.at["crm"].people["2"]
    known.at["crm"].records.append(
        Record("people", "1", dict(known.at["crm"].people["1"]), previous_ids=(Ref("people", "2"),))
    )
    known.settle()

    assert known.leads()[0].fields[MAIL] == "denied"
    assert known.at["crm"].people["1"]["mail"] == "no"


def test_an_opt_out_of_a_record_that_is_deleted_stays(known: Shelves) -> None:
    known.at["crm"].put("1", mail="no")
    known.settle()
    known.at["crm"].records.append(Record("people", "1", {}, deleted=True))
    known.settle()

    assert known.leads()[0].fields[MAIL] == "denied"


@pytest.mark.parametrize("after", ["yes", "deleted"])
@pytest.mark.parametrize("lifted", [False, True])
def test_an_opt_out_that_is_overtaken_counts_all_the_same(
    known: Shelves, clock: Any, after: str, lifted: bool
) -> None:
    """Heard in time it would have stayed, too; but for what a person did later."""
    moments = [clock() + timedelta(minutes=minute) for minute in (1, 2)]
    late, last = (
        Record("people", "1", {**SATO, "mail": mail}, changed_at=at, deleted=mail == "deleted")
        for mail, at in zip(("no", after), moments, strict=True)
    )
    known.tick(minutes=3)
    known.at["crm"].records.append(last)
    known.settle()
    if lifted:
        lead = known.leads()[0]
        edit_lead(known.hub, lead.id, {MAIL: "granted"}, user="mori", reason="署名")
    known.at["crm"].records.append(late)
    known.settle()

    assert known.leads()[0].fields[MAIL] == ("granted" if lifted else "denied")
    assert copy(known, "sfa")[1]["mail"] == ("yes" if lifted else "no")


# Lifted


def test_a_listed_systems_later_dated_consent_reaches_everybody(
    remade: Callable[..., Shelves],
) -> None:
    shelves = remade(listed=("ma",))
    shelves.at["crm"].put("1", **SATO, mail="no")
    shelves.settle()
    key, _ = copy(shelves, "ma")
    shelves.at["ma"].put(
        key, mail="yes", agreed="2026-05-01T09:00:00Z", wording="お知らせを受け取る", page="/form"
    )
    shelves.tick(days=60)
    shelves.settle()

    (lead,) = shelves.leads()
    assert lead.fields[MAIL] == "granted"
    assert {copy(shelves, name)[1]["mail"] for name in shelves.at} == {"yes"}
    (told,) = evidence(shelves.hub, lead.id)
    assert (told.record, told.consent_at) == (f"ma/people/{key}", "2026-05-01T09:00:00Z")
    assert (told.text, told.url) == ("お知らせを受け取る", "/form")


@pytest.mark.parametrize(
    ("listed", "agreed"),
    [
        pytest.param((), "2026-05-01T09:00:00Z", id="not listed"),
        pytest.param(("ma",), None, id="not dated"),
        pytest.param(("ma",), "2026-03-01T09:00:00Z", id="dated before the opt-out"),
    ],
)
def test_less_evidence_lifts_nothing(
    remade: Callable[..., Shelves], listed: tuple[str, ...], agreed: str | None
) -> None:
    shelves = remade(listed=listed)
    shelves.at["crm"].put("1", **SATO, mail="no")
    shelves.settle()
    key, _ = copy(shelves, "ma")
    shelves.at["ma"].put(key, mail="yes", agreed=agreed)
    shelves.tick(days=60)
    shelves.settle()

    assert shelves.leads()[0].fields[MAIL] == "denied"
    assert copy(shelves, "ma")[1]["mail"] == "no"


# By hand


def test_a_consent_by_hand_needs_a_reason_and_keeps_it(known: Shelves) -> None:
    known.at["crm"].put("1", mail="no")
    known.settle()
    (lead,) = known.leads()
    with pytest.raises(MappingError) as refused:
        edit_lead(known.hub, lead.id, {MAIL: "granted"}, user="mori")
    assert refused.value.code == "CONSENT_EVIDENCE"
    known.tick(minutes=1)
    edit_lead(
        known.hub, lead.id, {MAIL: "granted"}, user="mori", reason="展示会で署名", where="desk"
    )
    known.settle()

    assert {copy(known, name)[1]["mail"] for name in known.at} == {"yes"}
    (told,) = evidence(known.hub, lead.id)
    assert (told.state, told.by, told.reason, told.where) == (
        "granted",
        "mori",
        "展示会で署名",
        "desk",
    )


def test_evidence_that_is_taken_back_leaves_the_opt_out_it_had_lifted(known: Shelves) -> None:
    known.at["crm"].put("1", mail="no")
    known.settle()
    (lead,) = known.leads()
    known.tick(minutes=1)
    edit_lead(known.hub, lead.id, {MAIL: "granted"}, user="mori", reason="署名")
    known.settle()
    edit_lead(known.hub, lead.id, {}, user="mori", unset=[MAIL])
    known.settle()

    assert known.leads()[0].fields[MAIL] == "denied"
    assert {copy(known, name)[1]["mail"] for name in known.at} == {"no"}


def test_a_denial_by_hand_is_not_taken_back_by_leaving_it_out(known: Shelves) -> None:
    (lead,) = known.leads()
    edit_lead(known.hub, lead.id, {MAIL: "denied"}, user="mori")

    with pytest.raises(MappingError, match="not taken back"):
        edit_lead(known.hub, lead.id, {}, user="mori", unset=[MAIL])
    edit_lead(known.hub, lead.id, {MAIL: "granted"}, user="mori", reason="本人から電話")
    edit_lead(known.hub, lead.id, {}, user="mori", unset=[MAIL])
    assert known.leads()[0].fields[MAIL] == "denied"


@pytest.mark.parametrize("weaker", ["unknown", None])
def test_to_know_nothing_lifts_no_opt_out(known: Shelves, weaker: str | None) -> None:
    known.at["crm"].put("1", mail="no")
    known.settle()
    (lead,) = known.leads()
    known.tick(minutes=1)
    edit_lead(known.hub, lead.id, {MAIL: weaker}, user="mori", reason="誤入力")
    known.settle()

    assert known.leads()[0].fields[MAIL] == "denied"
    assert {copy(known, name)[1]["mail"] for name in known.at} == {"no"}


# Merged and parted


def test_of_two_leads_that_are_merged_the_opt_out_holds(known: Shelves) -> None:
    known.at["crm"].put("2", **ITO, mail="no")
    known.settle()
    merging.merge(known.hub, *(lead.id for lead in known.leads()), user="mori")
    known.settle()

    assert known.leads()[0].fields[MAIL] == "denied"
    assert {row["mail"] for shelf in known.at.values() for row in shelf.people.values()} == {"no"}


def test_an_opt_out_that_came_while_two_were_one_stays_with_both(known: Shelves) -> None:
    def working(lead: Any) -> Working:
        return Working(lead, known.links(lead.id), None, set(), loaded_fields=lead.fields)

    known.at["crm"].put("2", **ITO, mail="yes")
    known.settle()
    one, other = (working(lead) for lead in known.leads())
    before = [as_it_was(one), as_it_was(other)]
    together = {MAIL: "denied", PHONE: "granted"}

    granting.stay((one, other), together, before, "2026-04-02T00:00:00.000000Z")
    assert [sorted(w.lead.edits) for w in (one, other)] == [[MAIL], [MAIL]]
    before[0]["edits"] = {MAIL: ["denied", "2026-04-01T00:00:00.000000Z", "mori"]}
    one.lead.edits, other.lead.edits = {}, {}
    granting.stay((one, other), together, before, "2026-04-02T00:00:00.000000Z")
    assert (one.lead.edits, other.lead.edits) == ({}, {})
