"""Each thing that can be wrong is found, alone, and is over when it is mended; nobody is named."""

from __future__ import annotations

from typing import Any

import pytest

from sync.config.alerts import KINDS as NAMED
from sync.engine.incidents.composing import compose
from sync.engine.incidents.detectors import DETECTORS
from sync.engine.incidents.kinds import KINDS
from sync.engine.incidents.views import listed
from sync.engine.incidents.words import DETAILS, EFFECTS, FIXES, TITLES
from sync.store import incidents
from sync.workers import alerting
from tests.sync.engine.incidents.sickness import PERSON, SICK, Patient

PERIOD = 61


@pytest.fixture
def patient(relay: Any, clock: Any) -> Patient:
    return Patient(relay, clock)


def look(patient: Patient, minutes: float = 0) -> None:
    """Looks a minute apart, for so long."""
    for _ in range(max(1, int(minutes))):
        patient.clock.pass_time(seconds=PERIOD)
        assert alerting.look(patient.hub)


def states(patient: Patient) -> dict[str, str]:
    with patient.hub.database.read() as tx:
        return {
            row.kind: row.state
            for row in [*incidents.unclosed(tx), *incidents.closed_since(tx, "")]
        }


def test_every_kind_is_looked_for_and_has_its_words() -> None:
    assert [one.__name__ for one in DETECTORS] == list(NAMED)
    for table in (KINDS, TITLES, DETAILS, EFFECTS, FIXES):
        assert list(table) == list(NAMED)
    assert set(SICK) | {"disk_full"} == set(NAMED)
    assert all(KINDS.keys() >= kind.caused_by for kind in KINDS.values())


def test_all_well_is_nothing(patient: Patient) -> None:
    patient.ran("succeeded", minutes=1)
    look(patient, 3)
    assert states(patient) == {}


@pytest.mark.parametrize("kind", SICK)
def test_it_is_found_alone_and_is_over_when_it_is_mended(patient: Patient, kind: str) -> None:
    sick, well = SICK[kind]
    patient.open(when={"quota_minutes": 0})
    sick(patient)
    look(patient, 11 if kind == "pull_late" else 1)
    assert states(patient) == {kind: "open"}
    well(patient)
    settle = KINDS[kind].settle.total_seconds() / PERIOD
    look(patient)
    assert states(patient)[kind] == "open"
    look(patient, settle + 2)
    assert states(patient)[kind] == "closed"


def test_a_full_disk_is_found_on_sqlite(patient: Patient) -> None:
    patient.open(when={"disk_free_percent": 100})
    look(patient)
    sqlite = patient.hub.database.dialect == "sqlite"
    assert states(patient) == ({"disk_full": "open"} if sqlite else {})
    patient.open(when={"disk_free_percent": 0})
    look(patient, 12)
    assert set(states(patient).values()) <= {"closed"}


def test_a_quota_that_waits_is_told_after_its_time_only(patient: Patient) -> None:
    patient.hub.flows["form"].meter.pause(7200)
    look(patient, 55)
    assert states(patient) == {"quota_spent": "pending"}
    look(patient, 10)
    assert states(patient) == {"quota_spent": "open"}


def test_nothing_of_a_person_is_told_kept_or_listed(patient: Patient) -> None:
    patient.open(when={"quota_minutes": 0, "disk_free_percent": 100})
    follows = ("pull_late", "schedule_failed", "outbox_late", "hooks_late", "quota_spent")
    for kind in dict.fromkeys((*follows, *SICK)):  # what another explains is told if it is first
        SICK[kind][0](patient)
        look(patient, 11 if kind == "pull_late" else 1)
    found = [one.row for one in listed(patient.hub)]
    sqlite = patient.hub.database.dialect == "sqlite"
    assert {row.kind for row in found} == set(NAMED) - (set() if sqlite else {"disk_full"})
    told = [str(found)]
    for language in ("ja", "en"):
        patient.open(language=language)
        for about in ("opened", "closed", "reminder", "test"):
            told.append(str(compose(patient.hub, about, found, "al_x")))
    assert [word for word in PERSON if word in "".join(told)] == []


def test_a_paused_connection_is_left_alone(patient: Patient) -> None:
    from sync.store import runs

    for kind in ("runs_fail", "outbox_late", "hooks_late", "schedule_failed"):
        SICK[kind][0](patient)
    with patient.hub.database.write() as tx:
        for name in ("form", "crm"):
            runs.set_connection(tx, name, "paused", None, patient.hub.stamp())
    look(patient, 2)
    assert states(patient) == {}


def test_a_pull_that_is_going_on_is_not_late(patient: Patient) -> None:
    SICK["pull_late"][0](patient)
    with patient.hub.database.write() as tx:
        tx.write("UPDATE run SET state = 'running', beat_at = ?", patient.hub.stamp())
    assert alerting.look(patient.hub)
    assert states(patient) == {}


def test_one_good_run_between_failures_is_no_incident(patient: Patient) -> None:
    for minutes, state in ((40, "failed"), (30, "failed"), (20, "succeeded"), (10, "failed")):
        patient.ran(state, minutes=minutes)
    look(patient)
    assert states(patient) == {}


def test_streams_are_told_apart_and_a_stopped_run_is_no_failure(patient: Patient) -> None:
    for minutes in (30, 20, 10):
        patient.ran("failed", minutes=minutes, stream="responses:x")
        patient.ran("succeeded", minutes=minutes - 1, stream="responses:y")
        patient.ran("stopped", minutes=minutes - 2, stream="responses:x")
    look(patient)
    assert states(patient) == {"runs_fail": "open"}


def test_much_set_aside_is_over_when_less_than_half_is_left(patient: Patient) -> None:
    patient.aside(100)
    look(patient, 90)
    assert states(patient) == {"set_aside_many": "open"}
    patient.write("UPDATE set_aside SET state = 'closed' WHERE id * 2 <= 100")
    look(patient, 7)
    assert states(patient) == {"set_aside_many": "open"}
    patient.write("UPDATE set_aside SET state = 'closed' WHERE id * 2 <= 110")
    look(patient, 7)
    assert states(patient) == {"set_aside_many": "closed"}


def test_a_look_is_few_statements_however_much_is_there(patient: Patient) -> None:
    def statements() -> int:
        patient.clock.pass_time(seconds=PERIOD)
        before = patient.hub.database.statements
        alerting.look(patient.hub)
        return patient.hub.database.statements - before

    few = statements()
    patient.aside(90)
    for number in range(50):
        patient.ran("succeeded", minutes=number / 10)
    assert statements() == few
    assert few <= 40
