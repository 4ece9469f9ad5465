"""Incidents at work: the workers send, one process looks, and a dead one keeps nobody waiting."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit.errors import Unavailable
from sync.config.alerts import AlertsConfig
from sync.config.model import PullConfig, RetentionConfig, ScheduleConfig
from sync.engine.hub import Hub
from sync.engine.incidents import sending
from sync.engine.incidents.views import listed
from sync.engine.processes import enter, release_dead
from sync.store import alerts, incidents, runs
from sync.workers import alerting
from sync.workers.actors import Crew
from sync.workers.bells import JOBS, Bell, make_broker
from sync.workers.schedules import Schedule
from sync.workers.sweeper import Sweeper

TO = [
    {
        "name": "mail",
        "mail": {
            "host": "127.0.0.1",
            "security": "none",
            "from": "renkei@hub.example",
            "to": ["ops@hub.example"],
        },
    }
]


def open_hub(relay: Any, **said: Any) -> Hub:
    hub: Hub = relay.open()
    config = AlertsConfig.model_validate({"language": "en", "to": TO, **said})
    hub.config = hub.config.model_copy(update={"alerts": config})
    return hub


def broken(hub: Hub) -> None:
    with hub.database.write() as tx:
        runs.set_connection(tx, "crm", "needs_auth", None, hub.stamp())


class Post:
    """A mail server's place: what it was handed."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    def __call__(self, _config: Any, mail: Any) -> int:
        self.subjects.append(str(mail["Subject"]))
        return 0


def test_of_several_processes_one_looks_in_a_minute(relay: Any, clock: Any) -> None:
    one, other = open_hub(relay), open_hub(relay)
    assert alerting.look(one)
    broken(one)
    assert [alerting.look(other), listed(one)] == [False, []]
    clock.pass_time(seconds=30)
    assert [alerting.look(other), alerting.look(one), listed(one)] == [False, False, []]
    clock.pass_time(seconds=30)
    assert [alerting.look(other), alerting.look(one)] == [True, False]
    assert len(listed(one)) == 1


def test_what_each_process_counted_is_one_count(relay: Any, clock: Any) -> None:
    one, other = open_hub(relay), open_hub(relay)
    for hub in (one, other):
        for _ in range(5):
            hub.refusals.note("form", "signature")
    alerting.look(one)
    assert listed(one) == []
    alerting.look(other)
    clock.pass_time(minutes=1)
    alerting.look(one)
    assert [row.row.facts for row in listed(one)] == [{"count": 10}]


def test_a_bell_has_the_workers_send(relay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()

    class Server:
        def __init__(self, *_given: Any, **_more: Any) -> None:
            """Nobody is called."""

        def send_message(self, mail: Any, *_given: Any) -> dict[str, Any]:
            post(None, mail)
            return {}

        def quit(self) -> None:
            """Nothing is said."""

        def close(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr(smtplib, "SMTP", Server)
    hub = open_hub(relay)
    broken(hub)
    alerting.look(hub)
    assert "alerts" in JOBS
    Crew(hub, Bell(make_broker(""), "test")).alerts()
    assert post.subjects == ["[Renkei] Needs you: sign-in needed (crm)"]


def test_a_dead_process_keeps_an_alert_from_nobody(relay: Any, clock: Any) -> None:
    hub = open_hub(relay)
    presence = enter(hub)
    broken(hub)
    alerting.look(hub)
    with hub.database.write() as tx:
        now = hub.stamp()
        assert alerts.claim(tx, now, "2999-01-01", hub.process) is not None
    presence._handle.close()  # its lock is free: the process is gone
    other, post = open_hub(relay), Post()
    assert sending.send_due(other, mailer=post)["sent"] == 0
    assert release_dead(other) == [presence.name]
    clock.pass_time(seconds=1)
    assert sending.send_due(other, mailer=post)["sent"] == 1


def test_a_lease_that_was_lost_changes_nothing(relay: Any, clock: Any) -> None:
    hub = open_hub(relay)
    broken(hub)
    alerting.look(hub)

    def slow(_config: Any, _mail: Any) -> int:
        clock.pass_time(minutes=16)
        sending.send_due(hub, mailer=Post())
        raise Unavailable("later", code="MAIL_UNREACHABLE")

    assert sending.send_due(hub, mailer=slow)["put_off"] == 1
    (one,) = listed(hub)
    assert [each.standing for each in one.deliveries] == ["sent"]


def test_more_that_opens_while_a_message_waits_is_told_by_it(relay: Any, clock: Any) -> None:
    hub = open_hub(relay)
    broken(hub)
    alerting.look(hub)
    with hub.database.write() as tx:
        runs.set_connection(tx, "form", "needs_auth", None, hub.stamp())
    clock.pass_time(minutes=1)
    alerting.look(hub)
    post = Post()
    assert sending.send_due(hub, mailer=post)["sent"] == 1
    assert post.subjects == ["[Renkei] Needs you: 2 incidents"]


def test_a_destination_that_is_taken_out_is_told_nothing(relay: Any) -> None:
    hub = open_hub(relay)
    broken(hub)
    alerting.look(hub)
    other, post = open_hub(relay, to=[]), Post()
    assert sending.send_due(other, mailer=post)["dropped"] == 1
    assert (post.subjects, sending.send_due(other, mailer=post)) == ([], {})


@pytest.mark.parametrize(
    ("cron", "zone", "count", "wanted"),
    [
        ("*/10 * * * *", "UTC", 3, (2026, 4, 1, 11, 40)),
        ("0 9 * * *", "Asia/Tokyo", 1, (2026, 4, 1, 0, 0)),
        ("0 9 * * 1", "Asia/Tokyo", 2, (2026, 3, 23, 0, 0)),
    ],
)
def test_so_many_moments_ago(cron: str, zone: str, count: int, wanted: tuple[int, ...]) -> None:
    schedule = Schedule("pull", "crm", ScheduleConfig(cron=cron), zone)
    now = datetime(2026, 4, 1, 12, 5, tzinfo=UTC)
    assert alerting._moments_ago(schedule, now, count) == datetime(*wanted, tzinfo=UTC)  # type: ignore[misc]


def test_a_pull_that_stays_away_is_noticed_by_its_schedule(relay: Any, clock: Any) -> None:
    clock.moment = clock.moment.replace(hour=12, minute=1)
    every = ScheduleConfig(cron="*/10 * * * *", timezone="UTC")
    relay.pull["form"] = PullConfig(schedule=every)
    hub = open_hub(relay, to=[])
    sweeper = Sweeper(hub, Bell(make_broker(""), "test"))
    for _ in range(30):
        sweeper.sweep()
        clock.pass_time(minutes=1)
    assert listed(hub) == []
    for _ in range(15):
        sweeper.sweep()
        clock.pass_time(minutes=1)
    assert [one.row.key for one in listed(hub)] == [("pull_late", "form")]


def test_what_ended_long_ago_is_forgotten(relay: Any, clock: Any) -> None:
    relay.settings["retention"] = RetentionConfig(runs_days=30)
    hub = open_hub(relay)
    broken(hub)
    alerting.look(hub)
    assert sending.send_due(hub, mailer=Post())["sent"] == 1
    with hub.database.write() as tx:
        runs.set_connection(tx, "crm", "active", None, hub.stamp())
    for _ in range(5):
        clock.pass_time(minutes=1)
        alerting.look(hub)
    sending.send_due(hub, mailer=Post())
    tables = ("incident", "alert", "alert_incident")
    for days, left in ((29, 1), (2, 0)):
        clock.pass_time(days=days)
        Sweeper(hub, Bell(make_broker(""), "test")).sweep()
        with hub.database.read() as tx:
            counts = [tx.rows(f"SELECT count(*) FROM {name}")[0][0] for name in tables]
        assert [bool(count) for count in counts] == [bool(left)] * 3


def test_reminders_of_days_that_were_missed_are_one(relay: Any, clock: Any) -> None:
    hub, post = open_hub(relay), Post()
    broken(hub)
    alerting.look(hub)
    sending.send_due(hub, mailer=post)
    clock.pass_time(days=5)
    for _ in range(5):
        clock.pass_time(minutes=1)
        alerting.look(hub)
        sending.send_due(hub, mailer=post)
    assert post.subjects[1:] == ["[Renkei] Still open: sign-in needed (crm)"]


def test_an_incident_row_is_kept_by_one_key_while_it_is_not_closed(relay: Any) -> None:
    hub = open_hub(relay, to=[])
    broken(hub)
    alerting.look(hub)
    with hub.database.write() as tx:
        (row,) = incidents.unclosed(tx)
        row.id = "in_other"
        incidents.put(tx, [row])
        assert [one.id for one in incidents.unclosed(tx)] != ["in_other"]
        assert len(incidents.unclosed(tx)) == 1
