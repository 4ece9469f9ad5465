"""Opt-outs: heard once they stay, they are written first, and evidence alone lifts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.base import Record, Ref
from connectors.kit.errors import RecordRejected, Unavailable
from mapping.errors import MappingError
from sync.config.model import PushConfig
from sync.engine import granting, merging
from sync.engine.agreement import agreement, evidence
from sync.engine.batch import Working
from sync.engine.edits import edit_lead
from sync.engine.hub import open_hub
from sync.engine.joining import _state as as_it_was
from sync.engine.retry import retry
from tests.sync.engine.conftest import Shelves

MAIL, PHONE = "consent.email.marketing", "consent.phone.marketing"
SATO = {"email": "sato@aozora.example", "family": "佐藤", "given": "花子", "company": "青空製作所"}
ITO = {"email": "ito@chidori.example", "family": "伊藤", "given": "健", "company": "千鳥商会"}


@pytest.fixture
def known(shelves: Shelves) -> Shelves:
    """One mailable person in three systems."""
    shelves.at["crm"].put("1", **SATO, mail="yes")
    shelves.settle()
    return shelves


@pytest.fixture
def remade(shelves: Shelves) -> Callable[..., Shelves]:
    """The shelves with other lines in a field map, another push, or listed connections."""

    def build(
        lines: dict[str, Any] | None = None, listed: tuple[str, ...] = (), **push: Any
    ) -> Shelves:
        connections = dict(shelves.config.connections)
        if push:
            changed = PushConfig(stream="people", **push)
            connections["sfa"] = connections["sfa"].model_copy(update={"push": changed})
        fields = {name: {"people": {"fields": lines or {}}} for name in ("sfa",)}
        fields["ma"] = {
            "people": {
                "fields": {
                    "consent_at": {"from": "agreed", "as": "datetime", "direction": "pull"},
                    "custom.consent_text": {"from": "wording", "direction": "pull"},
                    "custom.consent_url": {"from": "page", "direction": "pull"},
                }
            }
        }
        config = shelves.config.model_copy(update={"fields": fields, "connections": connections})
        shelves.hub = open_hub(config, database=shelves.database)
        trust = replace(shelves.hub.trust, resubscribe=frozenset(listed))
        shelves.hub.__dict__["trust"] = trust
        return shelves

    return build


def copy(shelves: Shelves, connection: str) -> tuple[str, dict[str, Any]]:
    ((key, row),) = shelves.at[connection].people.items()
    return key, row


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


# Written first, and everywhere


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


# Agreement


def test_agreement_counts_each_pair_and_says_why_not(known: Shelves) -> None:
    known.at["crm"].put("2", **ITO, mail="no")
    known.settle()
    assert {
        key: (pair.people, pair.denied, pair.differing)
        for key, pair in agreement(known.hub).pairs.items()
    } == {
        ("crm", "ma", MAIL): (2, 1, 0),
        ("crm", "sfa", MAIL): (2, 1, 0),
        ("ma", "sfa", MAIL): (2, 1, 0),
    }
    lead = next(one for one in known.leads() if one.email == SATO["email"])
    edit_lead(known.hub, lead.id, {MAIL: "denied"}, user="mori")
    known.at["sfa"].refuse_fields = lambda change: (
        {"mail": RecordRejected("read-only")} if "mail" in change.values else {}
    )
    known.run("sfa")
    found = agreement(known.hub, ("crm", "sfa"))

    (pair,) = found.pairs.values()
    assert (pair.people, pair.differing, dict(pair.reasons)) == (2, 1, {"refused": 1})
    (listed,) = found.listed
    assert (listed.lead_id, listed.at, listed.reason) == (lead.id, "sfa", "refused")
    assert listed.states == {"crm": "denied", "sfa": "granted"}


@pytest.mark.parametrize(
    ("push", "lines", "reason"),
    [
        pytest.param({}, {}, "owed", id="on its way"),
        pytest.param({"update": False}, {}, "read_only", id="never changed there"),
        pytest.param(
            {},
            {MAIL: {"from": "mail", "values": {"yes": "granted"}, "direction": "pull"}},
            "unmapped",
            id="written to no field",
        ),
    ],
)
def test_agreement_knows_why_a_system_differs(
    remade: Callable[..., Shelves], push: dict[str, Any], lines: dict[str, Any], reason: str
) -> None:
    shelves = remade(lines, **push)
    shelves.at["sfa"].put("own", **SATO, mail="yes")
    shelves.at["crm"].put("1", **SATO, mail="yes")
    shelves.settle()
    shelves.at["crm"].put("1", mail="no")
    shelves.at["sfa"].before = _down
    shelves.run()

    pair = agreement(shelves.hub, ("crm", "sfa")).pairs["crm", "sfa", MAIL]
    assert dict(pair.reasons) == {reason: 1}


def _down(_changes: Any) -> None:
    raise Unavailable("down for a moment")
