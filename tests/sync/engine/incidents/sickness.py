"""What can be wrong with a hub, planted in its store, with a person's data wherever text may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from sync.config.alerts import AlertsConfig
from sync.config.model import PullConfig, ScheduleConfig
from sync.engine.hub import Hub
from sync.engine.refusals import NOT_STORED, SIGNATURE
from sync.store import asides, hooks, runs, ticks
from sync.store.asides import Aside
from sync.store.database import dumps, iso
from sync.store.hooks import Arrived
from sync.store.runs import RunRow
from sync.workers.schedules import schedules_of

PERSON = ("田中", "tanaka@secret.example", "090-1234-5678", "株式会社秘密")
MARKED = " ".join(PERSON)
STREAM = f"responses:{PERSON[1]}"
_numbers = count()


class Patient:
    """A hub of a form and a CRM, and a clock that is held."""

    def __init__(self, relay: Any, clock: Any) -> None:
        self.relay, self.clock = relay, clock
        every = ScheduleConfig(cron="*/10 * * * *", timezone="UTC")
        nightly = ScheduleConfig(cron="0 3 * * *", timezone="UTC")
        relay.pull["form"] = PullConfig(schedule=every, sweep=nightly)
        clock.moment = clock.moment.replace(hour=12, minute=1, second=0, microsecond=0)
        self.open()

    def open(self, **alerts: Any) -> Hub:
        """The hub, with this in its alerts.yaml."""
        hub: Hub = self.relay.open()
        said = AlertsConfig.model_validate(alerts)
        hub.config = hub.config.model_copy(update={"alerts": said})
        self.hub = hub
        return hub

    def ago(self, **amount: float) -> str:
        return iso(self.clock() - timedelta(**amount))

    def ran(self, state: str, *, minutes: float, name: str = "form", **said: Any) -> None:
        """A run that ended."""
        at = self.ago(minutes=minutes)
        row = RunRow(
            id=f"run_{next(_numbers):05}",
            connection=name,
            stream=said.pop("stream", "responses:x"),
            kind=said.pop("kind", "pull"),
            cause="schedule",
            state=state,
            started_at=at,
            beat_at=at,
            finished_at=at,
            error=MARKED if state == "failed" else None,
            **said,
        )
        with self.hub.database.write() as tx:
            runs.save(tx, row)

    def aside(self, number: int, **said: Any) -> None:
        """Things that were set aside."""
        items = [
            Aside(
                **{
                    "kind": "record",
                    "connection": "form",
                    "code": "VALIDATION",
                    "message": MARKED,
                    "external_id": f"{PERSON[1]}{one}",
                    "sent": {"name": PERSON[0]},
                    **said,
                }
            )
            for one in range(number)
        ]
        with self.hub.database.write() as tx:
            asides.put(tx, items, self.hub.stamp())

    def write(self, sql: str, *values: Any) -> None:
        with self.hub.database.write() as tx:
            tx.write(sql, *values)

    def key(self, kind: str) -> str:
        (found,) = [one.key for one in schedules_of(self.hub) if one.kind == kind]
        return found

    def ticked(self, kind: str, state: str, at: str) -> None:
        with self.hub.database.write() as tx:
            ticks.note(tx, self.key(kind), [at], state, at)


def _sign_in(one: Patient) -> None:
    with one.hub.database.write() as tx:
        runs.set_connection(tx, "crm", "needs_auth", MARKED, one.hub.stamp())


def _signed_in(one: Patient) -> None:
    with one.hub.database.write() as tx:
        runs.set_connection(tx, "crm", "active", None, one.hub.stamp())


def _fails(one: Patient) -> None:
    for minutes in (30, 20, 10):
        one.ran("failed", minutes=minutes, code=f"{PERSON[1]} is no code")


def _spends(one: Patient) -> None:
    one.relay.settings["timezone"] = "UTC"
    flow = one.hub.flows["form"]
    flow.meter.pause(7200)
    one.clock.pass_time(minutes=61)


def _refuses(why: str, number: int) -> Callable[[Patient], None]:
    def refuse(one: Patient) -> None:
        for _ in range(number):
            one.hub.refusals.note("form", why)

    return refuse


def _hook_waits(one: Patient) -> None:
    at = one.ago(minutes=20)
    with one.hub.database.write() as tx:
        url = f"http://hub/?{PERSON[1]}"
        hooks.put(tx, [Arrived("form", "key", "POST", url, "{}", MARKED.encode(), at)])


def _inbox_waits(one: Patient) -> None:
    one.write(
        "INSERT INTO inbox (link_id, digest, payload, deleted, received_at, source, state,"
        " attempts, due_at) VALUES (?, 'd', ?, false, ?, 'pull', 'new', 0, ?)",
        f"form/responses/{PERSON[1]}",
        MARKED.encode(),
        one.ago(hours=1),
        one.ago(hours=1),
    )


def _owes(one: Patient) -> None:
    one.write(
        "INSERT INTO outbox (connection, lead_id, dirty, state, due_at, fence, attempts, crashes,"
        " since, error) VALUES ('crm', 'ld_x', 1, 'due', ?, 0, 3, 0, ?, ?)",
        one.ago(minutes=-30),
        one.ago(hours=2),
        MARKED,
    )


def _no_pull(one: Patient) -> None:
    one.ticked("pull", "done", one.ago(hours=3))
    one.ran("succeeded", minutes=60)
    one.clock.pass_time(minutes=11)


def _limit(one: Patient) -> None:
    one.aside(1, kind="limit", connection="crm", code="OVER_LIMIT")


def _vanish(one: Patient) -> None:
    one.ran("failed", minutes=5, kind="sweep", code="MASS_DELETE", stream=STREAM)


def _sweeps(one: Patient) -> None:
    one.ran("succeeded", minutes=0, kind="sweep", stream=STREAM)


def _unanswered(one: Patient) -> None:
    one.write(
        "INSERT INTO handoff (id, lead_id, cycle, stage, rule, connection, state, owner,"
        " created_at, due_at, level) VALUES ('ho_1', 'ld_1', 1, 'tql', 'is-to-fs', 'crm', 'open',"
        " ?, ?, ?, 1)",
        PERSON[1],
        one.ago(hours=60),
        one.ago(hours=50),
    )
    one.write(
        "INSERT INTO handoff_message (id, handoff_id, level, connection, room, state, posted_at,"
        " due_at, attempts, fence) VALUES ('hm_1', 'ho_1', 1, 'crm', 'r', 'there', ?, ?, 0, 0)",
        one.ago(hours=25),
        one.ago(hours=25),
    )


def _drifts(one: Patient) -> None:
    said = {"score": 0.9, "records": 400, "at": one.ago(hours=1)}
    with one.hub.database.write() as tx:
        runs.save_setting(tx, "audit.score:crm+form", dumps(said))


def _agrees(one: Patient) -> None:
    one.write("DELETE FROM setting WHERE name = 'audit.score:crm+form'")


def _deletes(table: str) -> Callable[[Patient], None]:
    return lambda one: one.write(f"DELETE FROM {table}")


SICK: dict[str, tuple[Callable[[Patient], None], Callable[[Patient], None]]] = {
    "sign_in_needed": (_sign_in, _signed_in),
    "runs_fail": (_fails, lambda one: one.ran("succeeded", minutes=0)),
    "quota_spent": (_spends, lambda one: one.clock.pass_time(hours=2)),
    "hooks_refused": (_refuses(SIGNATURE, 10), lambda one: one.clock.pass_time(minutes=11)),
    "hooks_not_stored": (_refuses(NOT_STORED, 1), lambda one: one.clock.pass_time(minutes=11)),
    "hooks_late": (_hook_waits, _deletes("hook")),
    "inbox_late": (_inbox_waits, _deletes("inbox")),
    "outbox_late": (_owes, _deletes("outbox")),
    "pull_late": (_no_pull, lambda one: one.ran("succeeded", minutes=0)),
    "set_aside_many": (lambda one: one.aside(100), _deletes("set_aside")),
    "over_limit": (_limit, _deletes("set_aside")),
    "mass_delete": (_vanish, _sweeps),
    "handoffs_unanswered": (_unanswered, _deletes("handoff")),
    "schedule_failed": (
        lambda one: one.ticked("sweep", "failed", one.ago(hours=9)),
        lambda one: one.ticked("sweep", "done", one.ago(hours=1)),
    ),
    "drift": (_drifts, _agrees),
}
"""Kind → what makes a hub sick of it, and what heals it. A full disk is a matter of threshold."""
