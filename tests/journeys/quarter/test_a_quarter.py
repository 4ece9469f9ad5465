"""One quarter of a small company, and every system, the history and the figures agree to the unit.

``story.py`` says what people did, ``spec.py`` what has to come of it, ``expected.py`` counts the
figures from that. They are compared at the end of each month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sync.engine import funnel as funnels
from sync.engine.attribution import dimension
from sync.engine.clocks import clocks
from sync.engine.handoff import views
from sync.engine.kpi import kpi
from sync.engine.periods import span_of
from sync.engine.requalifying import requalify
from sync.store import asides
from sync.store.database import from_iso
from sync.workers import jobs, upkeep
from tests.journeys.quarter import expected, spec
from tests.journeys.quarter.company import JST, Company, moment
from tests.journeys.quarter.expected import MONTHS
from tests.journeys.quarter.story import EVENTS

ENDS = {"2026-04": "04-30 23:00", "2026-05": "05-31 23:00", "2026-06": "06-30 23:00"}
"""When the months are closed."""


def japan(stored: str | None) -> str | None:
    """A stored time as the story writes it; with its seconds where it has any."""
    if stored is None:
        return None
    at: datetime = from_iso(stored) + JST
    return at.strftime("%m-%d %H:%M:%S.%f").removesuffix(":00.000000")


def quarter(company: Company) -> Iterator[tuple[str, str]]:
    """Live through the quarter; each month, when it is closed."""
    company.night()
    company.poll()
    events = list(EVENTS)
    hour = moment("04-01 10:00")
    for month, end in ENDS.items():
        while hour <= moment(end):
            while events and moment(events[0][0]) < hour:
                when, what, args, given = events.pop(0)
                company.clock.moment = moment(when)
                getattr(company, what)(*args, **given)
                company.deliver()
                company.work()
            company.clock.moment = hour
            company.hourly()
            hour += timedelta(hours=1)
        company.poll()
        yield month, end
    assert not events


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_quarter_of_a_small_company(company: Company) -> None:
    for month, now in quarter(company):
        nothing_waits_for_a_person(company)
        histories_are_the_story(company, now)
        systems_agree(company, now)
        for name in (one for one in MONTHS if one <= month):
            funnels_are_counted(company, now, name)
            figures_are_counted(company, now, name)
            clocks_are_kept(company, now, name)
        handoffs_stand(company, now)
        silent_leads_are_known(company, now)
        a_second_run_changes_nothing(company)
    the_command_line_says_the_same(company, ENDS["2026-06"])


def nothing_waits_for_a_person(company: Company) -> None:
    with company.database.read() as tx:
        assert asides.listed(tx) == []
        assert tx.rows("SELECT * FROM outbox") == []


def histories_are_the_story(company: Company, now: str) -> None:
    told = expected.stays_until(now)
    assert set(company.all_leads()) == {one.who for one in told}
    for who in company.all_leads():
        rows = [
            (
                *(row.cycle, row.stage, japan(row.entered_at), row.system, row.rule),
                *(row.reason_code, row.reason_text, row.inferred, row.override_by),
            )
            for row in company.history(who)
        ]
        assert rows == [one.row for one in told if one.who == who], who


def systems_agree(company: Company, now: str) -> None:
    """Each system's copy of each lead: its stage, the reason, and whose it is."""
    owners = expected.owners(now)
    asked_of_field = {one.who for one in spec.HANDOFFS if one.rule == spec.IF and one.at <= now}
    for who, lead in company.all_leads().items():
        stay, owner = expected.present(now)[who], owners[who]
        reason = spec.REASONS.get(stay.reason or "", stay.reason)
        assert (lead.stage, lead.cycle, lead.fields.get("owner")) == (stay.stage, stay.cycle, owner)
        held = company.holds(who)
        assert held["crm"] == [(spec.CRM[stay.stage], reason or "", owner or "")], who
        assert held["ma"] == [(spec.MA[stay.stage], stay.stage, reason, owner)], who
        status = spec.SFA.get(stay.stage) if not company.people[who].deal else None
        copies = [(status, stay.stage, reason, owner)] if who in asked_of_field else []
        assert held["sfa"] == copies, who


def funnels_are_counted(company: Company, now: str, month: str) -> None:
    span, told = span_of(month, month, "Asia/Tokyo"), MONTHS[month]
    path = {stage: (stage,) for stage in spec.PATH}
    for projection, groups in (("stages", path), ("purchase", spec.PURCHASE)):
        found = funnels.funnel(company.hub, funnels.steps_of(company.hub, projection), span)
        got = {one.step.code: said(one) for one in found.steps}
        assert rounded(got) == rounded(expected.steps(now, told, groups)), month
        assert {(one.before, one.stage, one.reason): one.count for one in found.back} == (
            expected.back_moves(now, told)
        )
    found = funnels.funnel(company.hub, funnels.steps_of(company.hub), span)
    assert found.aside == expected.aside(now)
    by_source = funnels.cohorts(
        company.hub, funnels.steps_of(company.hub), dimension("source"), span
    )
    got = {one.name: (one.began, one.reached) for one in by_source.cohorts}
    assert got == expected.cohorts(now, told), month


def said(one: Any) -> dict[str, Any]:
    """A step as it is expected."""
    names = ("now", "entered", "went_on", "conversion", "median_days")
    return {name: getattr(one, name) for name in names}


def rounded(told: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Counts to the unit, shares and lengths of time to the millisecond."""
    return {
        name: {key: value if value is None else round(value, 7) for key, value in row.items()}
        for name, row in told.items()
    }


def figures_are_counted(company: Company, now: str, month: str) -> None:
    found = kpi(company.hub, span_of(month, month, "Asia/Tokyo")).total
    told = expected.kpi(now, MONTHS[month])
    assert {name: getattr(found, name) for name in told} == told, month
    assert set(told) == set(found.__slots__)


def clocks_are_kept(company: Company, now: str, month: str) -> None:
    found = clocks(company.hub, span_of(month, month, "Asia/Tokyo"))
    names = ("now", "over", "kept", "missed", "median_hours")
    got = {one.clock.stage: {name: getattr(one, name) for name in names} for one in found.stages}
    assert rounded(got) == rounded(expected.stage_times(now, MONTHS[month])), month
    who = {lead.id: name for name, lead in company.all_leads().items()}
    over = {who[one.lead.lead_id]: one.late_hours for one in found.leads if one.is_over}
    assert over == pytest.approx(expected.late(now))


def handoffs_stand(company: Company, now: str) -> None:
    who = {lead.id: name for name, lead in company.all_leads().items()}
    rows = [
        (
            *(who[one.row.lead_id], one.row.rule, japan(one.row.created_at), japan(one.row.due_at)),
            *(one.row.owner, one.standing, one.row.action, one.row.answered_by, one.row.reason),
        )
        for one in reversed(views.listed(company.hub, limit=100))
    ]
    assert rows == [expected.handoff(one, now) for one in spec.HANDOFFS if one.at <= now]


def silent_leads_are_known(company: Company, now: str) -> None:
    told = company.type("dormant", "--days", "30")
    who = {lead.id: name for name, lead in company.all_leads().items()}
    assert {who[one["lead"]] for one in told if one["kind"] == "dormant"} == (
        expected.silent(now, 30)
    )


def a_second_run_changes_nothing(company: Company) -> None:
    """Neither at a vendor nor in a history."""

    def everything() -> list[Any]:
        with company.database.read() as tx:
            stays = tx.rows("SELECT * FROM stage_history ORDER BY id")
            events = tx.rows("SELECT * FROM history ORDER BY id")
        return [stays, events, company.records()]

    before = everything()
    for _ in range(2):
        done = company.poll()
        assert [run for run in done if run.kind in ("push", "handoff")] == []
        assert jobs.push_all(company.hub) == jobs.hand_over_all(company.hub) == []
        assert upkeep.rest_due(company.hub) is False
    assert list(requalify(company.hub, dry_run=False).moves) == []
    assert everything() == before


def the_command_line_says_the_same(company: Company, now: str) -> None:
    """The whole quarter, as a program would ask for it."""
    period = ("--since", "2026-04", "--until", "2026-06")
    path = {stage: (stage,) for stage in spec.PATH}
    for projection, groups in (("stages", path), ("purchase", spec.PURCHASE)):
        told = company.type("funnel", *period, "--projection", projection)
        counted = expected.steps(now, expected.QUARTER, groups)
        names = ("now", "entered", "went_on", "conversion", "median_days")
        got = {
            one["step"]: {name: one[name] for name in names}
            for one in told
            if one["kind"] == "step"
        }
        assert rounded(got) == rounded(counted)
        (whole,) = [one for one in told if one["kind"] == "funnel"]
        assert whole["aside"] == expected.aside(now)
        back = [one for one in told if one["kind"] == "back"]
        assert {(one["before"], one["stage"], one["reason"]): one["count"] for one in back} == (
            expected.back_moves(now, expected.QUARTER)
        )
    cohorts = company.type("funnel", *period, "--by", "source")
    assert {
        one["name"]: (one["began"], tuple(one["reached"].values()))
        for one in cohorts
        if one["kind"] == "cohort"
    } == expected.cohorts(now, expected.QUARTER)
    (figures,) = company.type("kpi", *period)
    assert figures["figures"] == expected.kpi(now, expected.QUARTER)
