"""Who is told of an incident: each destination once, whatever is down or killed, and of its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.simulator import Fault, json_response
from sync.config.alerts import AlertsConfig
from sync.engine.crash import ALERT_POINTS
from sync.engine.incidents import sending
from sync.engine.incidents.views import Listed, listed, retry
from sync.store import asides, runs
from sync.store.asides import Aside
from sync.store.runs import RunRow
from sync.workers import alerting
from sync.workers.bells import Bell, make_broker
from sync.workers.sweeper import Sweeper
from tests.journeys.mailbox import Mailbox, free_port, served


class Killed(BaseException):
    """The process ends here."""


class Watch:
    """A world whose hub tells a mailbox and a chat of incidents."""

    def __init__(self, chat: Any, box: Mailbox) -> None:
        self.chat = chat
        self.world = chat.world
        self.box = box
        self.open()

    def open(self, **more: Any) -> None:
        """Have the hub read alerts.yaml anew."""
        mail = {
            "host": "127.0.0.1",
            "port": self.box.port,
            "security": "none",
            "from": "renkei@hub.example",
            "to": ["ops@hub.example", "boss@hub.example"],
        }
        said = {
            "language": "en",
            "to": [
                {"name": "mail", "mail": mail},
                {"name": "room", "chat": {"connection": "chat", "room": self.chat.room}},
            ],
        }
        self.alerts = AlertsConfig.model_validate({**said, **more})
        self.reopen()

    def reopen(self) -> None:
        """Another process over the same database."""
        hub = self.world.open()
        hub.config = hub.config.model_copy(update={"alerts": self.alerts})
        self.hub = self.world.hub = hub

    def work(self, **passes: float) -> None:
        """A minute, or as long as is said: look, and send what is due."""
        self.world.tick(**(passes or {"minutes": 1}))
        alerting.look(self.hub)
        alerting.send(self.hub)

    def breaks(self, *names: str) -> None:
        """The vendor refuses the credentials of these connections."""
        with self.world.database.write() as tx:
            for name in names:
                runs.set_connection(tx, name, "needs_auth", "refused", self.hub.stamp())

    def mends(self, *names: str) -> None:
        """Somebody signed in again."""
        with self.world.database.write() as tx:
            for name in names:
                runs.set_connection(tx, name, "active", None, self.hub.stamp())

    def posts(self) -> list[str]:
        """What the hub said in the room."""
        if self.chat.connector == "slack":
            return [str(row["blocks"]) + row["text"] for row in self.chat.posts()]
        return [row["body"] for row in self.chat.posts()]

    def counts(self) -> tuple[int, int]:
        """How many mails and messages there are."""
        return len(self.box.mails), len(self.posts())

    def only(self) -> Listed:
        (found,) = listed(self.hub)
        return found


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with served(Mailbox()) as found:
        yield found


@pytest.fixture
def watch(chat: Any, box: Mailbox) -> Watch:
    return Watch(chat, box)


def post_path(watch: Watch) -> str:
    return "chat.postMessage" if watch.chat.connector == "slack" else "/messages"


def test_an_incident_is_told_once_and_its_end_once(watch: Watch) -> None:
    watch.work()
    assert watch.counts() == (0, 0)
    watch.breaks("crm")
    for _ in range(5):
        watch.work()
    assert watch.counts() == (1, 1)
    (mail,) = watch.box.texts()
    assert mail.startswith("[Renkei] Needs you: sign-in needed (crm)")
    for words in ("since 2026-04-01", "Effect: ", "renkei resume crm", "SIGN_IN_NEEDED"):
        assert words in mail
        assert words in watch.posts()[0]
    watch.mends("crm")
    for _ in range(5):
        watch.work()
    assert watch.counts() == (2, 2)
    assert watch.box.subjects()[1] == "[Renkei] Over: sign-in needed (crm)"
    assert [one.standing for one in watch.only().deliveries] == ["sent"] * 4


@pytest.mark.parametrize("point", ALERT_POINTS)
def test_a_kill_repeats_at_most_one_mail_and_no_message(
    watch: Watch, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = 0

    def die(name: str) -> None:
        nonlocal killed
        if name == point:
            killed += 1
            raise Killed

    watch.breaks("crm")
    with monkeypatch.context() as patched:
        patched.setattr(sending, "crashpoint", die)
        for _ in range(2):  # one destination each
            with pytest.raises(Killed):
                watch.work()
    watch.work(minutes=16)  # the leases of the dead run out
    watch.work()
    mails = 2 if point == "alert.after_send" else 1
    assert (killed, watch.counts()) == (2, (mails, 1))
    assert {str(mail["Message-ID"]) for mail in watch.box.mails} == {
        str(watch.box.mails[0]["Message-ID"])
    }
    watch.mends("crm")
    for _ in range(4):
        watch.work()
    assert watch.counts() == (mails + 1, 2)


def test_two_workers_at_once_tell_it_once(watch: Watch) -> None:
    watch.breaks("crm", "sfa")
    one = watch.hub
    watch.reopen()
    hubs, start = (one, watch.hub), threading.Barrier(2)
    watch.world.tick(minutes=1)
    looked: list[bool] = []

    def work(hub: Any) -> None:
        start.wait()
        looked.append(alerting.look(hub))
        start.wait()
        alerting.send(hub)

    both = [threading.Thread(target=work, args=(hub,)) for hub in hubs]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(looked) == [False, True]
    assert watch.counts() == (1, 1)


def test_a_look_that_overlaps_another_opens_nothing_twice(watch: Watch) -> None:
    watch.breaks("crm")
    found = alerting.looking.findings(watch.hub)
    start = threading.Barrier(2)

    def note() -> None:
        start.wait()
        alerting.looking.note(watch.hub, found)

    both = [threading.Thread(target=note) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    alerting.send(watch.hub)
    assert len(listed(watch.hub)) == 1
    assert watch.counts() == (1, 1)


def test_many_at_once_are_one_message_by_kind(watch: Watch) -> None:
    watch.breaks("crm", "sfa", "ma")
    with watch.world.database.write() as tx:
        item = Aside("limit", "form", "OVER_LIMIT", "held back")
        asides.put(tx, [item], watch.hub.stamp())
    watch.work()
    assert watch.counts() == (1, 1)
    (mail,) = watch.box.texts()
    assert mail.startswith("[Renkei] Needs you: 4 incidents")
    assert "■ sign-in needed (3)" in mail
    assert "■ writing stopped by a limit (1)" in mail


def test_what_comes_and_goes_is_no_storm(watch: Watch) -> None:
    for minute in range(120):  # well for five minutes in ten
        if minute % 10 == 0:
            watch.breaks("crm")
        elif minute % 10 == 5:
            watch.mends("crm")
        watch.work()
    # It settles in 2, then 4, then 8 minutes: twice it is over, and then it is a standing one.
    assert watch.counts() == (5, 5)
    assert watch.box.subjects()[-1].startswith("[Renkei] Needs you")


def test_a_chat_that_is_down_is_told_later_and_others_at_once(watch: Watch) -> None:
    down = json_response({"ok": False, "error": "fatal_error"}, 503)
    fault = Fault(post_path(watch), method="POST", response=down, times=1_000)
    watch.chat.sim.faults.append(fault)
    watch.breaks("crm")
    watch.work()
    assert watch.counts() == (1, 0)
    standing = {one.destination: one for one in watch.only().deliveries}
    assert standing["mail"].standing == "sent"
    assert standing["room"].error
    assert standing["room"].next_at is not None
    watch.work(minutes=5)
    watch.breaks("sfa")  # waits with the other
    watch.work(minutes=5)
    watch.chat.sim.faults.clear()
    retry(watch.hub)
    watch.work()
    mails, posts = watch.counts()
    assert mails == 2
    assert sum("crm" in post for post in watch.posts()) == 1
    assert sum("sfa" in post for post in watch.posts()) == 1
    watch.work(hours=3)
    assert watch.counts() == (mails, posts)


def test_a_post_whose_answer_was_lost_is_not_repeated(watch: Watch) -> None:
    watch.chat.sim.faults.append(Fault(post_path(watch), method="POST", after=True))
    watch.breaks("crm")
    watch.work()
    assert [one.standing for one in watch.only().deliveries] == ["sent", "unsure"]
    watch.work(minutes=5)
    assert watch.counts() == (1, 1)
    assert [one.standing for one in watch.only().deliveries] == ["sent", "sent"]


def test_a_mail_server_that_is_down_is_tried_until_it_is_up(chat: Any) -> None:
    box = Mailbox(port=free_port())
    watch = Watch(chat, box)
    watch.breaks("crm")
    watch.work()
    assert watch.counts() == (0, 1)
    (mail, _) = watch.only().deliveries
    assert (mail.standing, mail.error) == ("waits", "MAIL_UNREACHABLE")
    with served(box, port=box.port):
        watch.work(minutes=5)
        assert watch.counts() == (1, 1)
        watch.work(hours=2)
        assert watch.counts() == (1, 1)


def test_what_was_over_before_it_could_be_told_is_not_told(chat: Any) -> None:
    box = Mailbox(port=free_port())
    watch = Watch(chat, box)
    watch.breaks("crm")
    watch.work()
    watch.mends("crm")
    for _ in range(4):
        watch.work()
    with served(box, port=box.port):
        for _ in range(4):
            watch.work(hours=1)
        assert box.mails == []
    assert len(watch.posts()) == 2


def test_a_mail_whose_answer_was_lost_comes_twice_with_one_id(watch: Watch) -> None:
    watch.box.lost = True
    watch.breaks("crm")
    watch.work()
    watch.box.lost = False
    watch.work(minutes=5)
    watch.work(hours=2)
    assert len(watch.box.mails) == 2
    assert len({str(mail["Message-ID"]) for mail in watch.box.mails}) == 1


def test_a_critical_one_is_told_again_once_a_day(watch: Watch) -> None:
    watch.breaks("crm")
    watch.work()
    for _ in range(47):
        watch.work(hours=1)
    assert watch.box.subjects()[1:] == ["[Renkei] Still open: sign-in needed (crm)"]
    for _ in range(25):
        watch.work(hours=1)
    assert len(watch.box.mails) == 4


def test_a_destination_is_told_of_what_it_asked_for(watch: Watch) -> None:
    room = {"connection": "chat", "room": watch.chat.room}
    to = [{"name": "room", "chat": room, "incidents": ["disk_full"]}]
    watch.open(to=to)
    watch.breaks("crm")
    watch.work()
    assert watch.counts() == (0, 0)
    watch.open(to=to, when={"disk_free_percent": 100})
    watch.work()
    (said,) = [*watch.posts(), *([] if is_sqlite(watch) else ["the disk is nearly full"])]
    assert "the disk is nearly full" in said


def is_sqlite(watch: Watch) -> bool:
    return bool(watch.world.database.dialect == "sqlite")


def test_the_sweeper_looks_once_a_minute_and_rings_for_what_is_due(watch: Watch) -> None:
    watch.breaks("crm")
    sweeper = Sweeper(watch.hub, Bell(make_broker(""), "test"))
    sweeper.sweep()
    assert ("alerts", "") in sweeper.sweep()
    alerting.send(watch.hub)
    assert ("alerts", "") not in sweeper.sweep()
    assert watch.counts() == (1, 1)


def test_failing_runs_are_told_and_what_follows_from_them_is_not(watch: Watch) -> None:
    now = watch.world.now()
    with watch.world.database.write() as tx:
        for number in range(3):
            at = (now + timedelta(minutes=number)).isoformat()
            runs.save(
                tx,
                RunRow(f"run_{number}", "crm", None, "pull", "schedule", "failed", at, at, at),
            )
        tx.write(
            "INSERT INTO outbox (connection, lead_id, dirty, state, due_at, fence, attempts,"
            " crashes, since) VALUES ('crm', 'ld_x', 1, 'due', '2026-01-01', 0, 0, 0, '2026-01-01')"
        )
    watch.work(minutes=4)
    (mail,) = watch.box.texts()
    assert "runs fail (crm)" in mail
    assert "writing is late" not in mail
