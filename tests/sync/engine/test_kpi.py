"""Figures of e-mail, phone and meetings: each thing once, with whom it belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.engine.attribution import dimension
from sync.engine.kpi import CONNECTION, Rate, kpi
from sync.engine.periods import span_of
from sync.store import trails
from sync.store.database import Database
from tests.sync.engine.lives import Lives, at

APRIL = span_of("2026-04", "2026-04", "Asia/Tokyo")


@pytest.fixture
def lives(database: Database, tmp_path: Path) -> Lives:
    return Lives(database, tmp_path)


def test_mails_are_counted_with_rates_and_what_they_are_of(lives: Lives) -> None:
    lead = lives.lead(("inquiry", at("2026-04-01")))
    other = lives.lead(("inquiry", at("2026-04-01")))
    for one in (lead, other):
        lives.did(one, "email_sent", at("2026-04-02"), subject="事例")
    lives.did(lead, "email_delivered", at("2026-04-02"), subject="事例")
    lives.did(other, "email_bounced", at("2026-04-02"), subject="事例")
    for hour in ("02", "03", "04"):
        lives.did(lead, "email_opened", at("2026-04-02", f"{hour}:00:00Z"[:-1]), subject="事例")
    lives.did(lead, "email_clicked", at("2026-04-02", "05:00:00"), subject="事例")
    lives.did(lead, "form_submission", at("2026-04-03"), stream="form/responses")
    rates = kpi(lives.hub, APRIL).total.rates()
    assert rates["delivered"] == Rate(1, 2)
    assert rates["bounced"] == Rate(1, 2)
    assert rates["opened"] == Rate(1, 1)
    assert rates["clicked"] == Rate(1, 1)
    assert rates["converted"] == Rate(1, 1)
    assert rates["connected"].share is None


def test_calls_lead_to_appointments_and_deals_within_the_days(lives: Lives) -> None:
    lead = lives.lead(("inquiry", at("2026-04-01")), ("opportunity", at("2026-05-20")))
    lives.did(lead, "call", at("2026-04-02"), duration_seconds=300, outcome="connected")
    lives.did(lead, "call", at("2026-04-03"), outcome="no_answer")
    lives.did(lead, "meeting", at("2026-05-01"), duration_seconds=3600)
    month = kpi(lives.hub, APRIL).total
    assert (month.calls, month.connected, month.talk_seconds) == (2, 1, 300)
    assert (month.appointments, month.deals, month.meetings) == (1, 0, 0)
    longer = kpi(lives.hub, APRIL, days=60).total
    assert (longer.appointments, longer.deals) == (1, 1)
    assert kpi(lives.hub, APRIL, days=7).total.appointments == 0


def test_one_meeting_told_by_three_systems_is_one(lives: Lives) -> None:
    lead = lives.lead(("inquiry", at("2026-04-01")))
    lives.did(lead, "meeting", at("2026-04-02"), stream="meet/events", outcome="invited")
    lives.did(
        lead,
        "meeting",
        at("2026-04-02", "01:07:00"),
        stream="meet/participants",
        outcome="attended",
        duration_seconds=1500,
    )
    lives.did(lead, "meeting", at("2026-04-02"), stream="sfa/Event", duration_seconds=3600)
    total = kpi(lives.hub, APRIL).total
    assert (total.meetings, total.held, total.meeting_seconds) == (1, 1, 1500)


def test_figures_belong_to_months_of_the_zone(lives: Lives) -> None:
    lead = lives.lead(("inquiry", at("2026-01-01")))
    lives.did(lead, "call", at("2026-03-31", "14:59:59"))
    lives.did(lead, "call", at("2026-03-31", "15:00:00"))
    lives.did(lead, "call", at("2026-04-30", "15:00:00"))
    assert kpi(lives.hub, APRIL).total.calls == 1
    rows = kpi(lives.hub, by=dimension("month")).rows
    assert [(row.name, row.figures.calls) for row in rows] == [
        ("2026-03", 1),
        ("2026-04", 1),
        ("2026-05", 1),
    ]


def test_figures_belong_to_whom_the_lead_belongs(lives: Lives) -> None:
    mine = lives.lead(("inquiry", at("2026-04-01")), owner="sato@kaisha.example")
    nobodys = lives.lead(("inquiry", at("2026-04-01")))
    lives.did(mine, "call", at("2026-04-02"), stream="zoom/calls")
    lives.did(mine, "call", at("2026-04-03"), stream="crm/calls")
    lives.did(nobodys, "webinar", at("2026-04-02"), stream="zoom/webinar", duration_seconds=60)
    found = kpi(lives.hub, APRIL, dimension("owner"))
    assert [(row.name, row.figures.calls, row.figures.webinars) for row in found.rows] == [
        ("sato@kaisha.example", 2, 0),
        (None, 0, 1),
    ]
    told = kpi(lives.hub, APRIL, CONNECTION)
    assert [(row.name, row.figures.calls, row.figures.webinars) for row in told.rows] == [
        ("crm", 1, 0),
        ("zoom", 1, 1),
    ]
    assert found.total == told.total


def test_a_lead_whose_activities_lie_on_two_pages_is_counted_whole(
    lives: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        lead = lives.lead(("inquiry", at("2026-04-01")))
        lives.did(lead, "call", at("2026-04-02"), stream="zoom/calls")
        lives.did(lead, "call", at("2026-04-02"), stream="crm/calls")
        lives.did(lead, "meeting", at("2026-04-04"))
    whole = kpi(lives.hub, APRIL).total
    assert (whole.calls, whole.appointments) == (3, 3)
    for page in (1, 2, 4, 9):
        monkeypatch.setattr(trails, "PAGE", page)
        assert kpi(lives.hub, APRIL).total == whole


def test_notes_and_tasks_are_no_figures(lives: Lives) -> None:
    lead = lives.lead(("inquiry", at("2026-04-01")))
    before = kpi(lives.hub).total
    lives.did(lead, "note", at("2026-04-02"))
    lives.did(lead, "task", at("2026-04-02"))
    assert kpi(lives.hub).total == before
