"""A hub that is told to stop begins no further call, waits for nobody, and loses nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from cryptography.fernet import Fernet

from connectors.kit.errors import HeldBack
from connectors.kit.tokens import Token
from sync.engine.processes import enter, release_dead
from sync.engine.stop import Stop
from sync.store import outbox
from sync.store.database import Database
from sync.store.tokens import DatabaseTokens
from sync.workers import jobs
from tests.sync.conftest import PATIENCE

KEY = Fernet.generate_key().decode()
LONG = 3_600.0


class Stopping:
    """A vendor at whose first write somebody tells the hub to stop."""

    def __init__(self, app: Any, stop: Stop) -> None:
        self.app = app
        self.stop = stop
        self.calls_after = 0

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.calls_after += self.stop.is_set()
        if environ["REQUEST_METHOD"] in ("POST", "PUT"):
            self.stop.set()
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer


def test_a_wait_ends_when_it_is_told_to() -> None:
    stop = Stop()
    ended: list[str] = []

    def wait() -> None:
        with pytest.raises(HeldBack) as caught:
            stop.sleep(LONG)
        ended.append(caught.value.code)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    stop.set()
    waiting.join(PATIENCE)
    assert ended == ["STOPPED"]


def test_a_signal_may_set_it_in_the_thread_that_waits() -> None:
    stop = Stop()
    before = signal.signal(signal.SIGALRM, lambda *_: stop.set())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert stop.wait(LONG)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_batch_ends_after_the_call_at_hand_and_the_rest_is_due_at_once(relay: Any) -> None:
    hub = relay.open()
    relay.form.seed(150)
    jobs.pull(hub, "form")
    vendor = relay.crm_app.app = Stopping(relay.crm_app.app, hub.stop)
    run = jobs.push(hub, "crm")
    assert (run.state, run.code) == ("stopped", "STOPPED")
    written = len(relay.crm_rows())
    assert 0 < written < 150
    assert vendor.calls_after == 0
    with hub.database.read() as tx:
        assert outbox.is_due(tx, "crm", hub.stamp())
    hub.stop.clear()
    vendor.stop = Stop()
    jobs.run_once(hub)
    rows = [row["メールアドレス"] for row in relay.crm_rows()]
    assert len(rows) == len(set(rows)) == 150


def test_who_waits_for_anothers_refresh_of_a_token_need_not(database: Database) -> None:
    stop = Stop()
    database_tokens = DatabaseTokens(database, KEY, process=lambda: "p1_other")
    mine = DatabaseTokens(database, KEY, sleep=stop.sleep)
    found: list[str] = []

    def refresh(_: Token | None) -> Token:
        """The other is at it, and has not heard from the vendor yet."""
        waiting.start()
        stop.set()
        waiting.join(PATIENCE)
        return Token("a1")

    def wait() -> None:
        with pytest.raises(HeldBack):
            mine.refresh("crm", None, refresh)
        found.append("ended")

    waiting = threading.Thread(target=wait, daemon=True)
    assert database_tokens.refresh("crm", None, refresh).access_token == "a1"
    assert found == ["ended"]


@pytest.mark.parametrize(("name", "waits"), [("p1_dead", False), ("p2_elsewhere", True)])
def test_nobody_waits_for_the_refresh_of_a_process_that_was_killed(
    relay: Any, clock: Any, name: str, waits: bool
) -> None:
    hub = relay.open()
    presence = enter(hub)
    home = hub.config.root / ".renkei" / "processes"
    begun = clock.moment
    mine = DatabaseTokens(hub.database, KEY, sleep=lambda _: clock.pass_time(seconds=10))

    def refresh(_: Token | None) -> Token:
        """It has asked the vendor; then the process p1_dead is killed."""
        (home / "p1_dead").touch()
        assert release_dead(hub) == ["p1_dead"]
        assert mine.refresh("crm", None, lambda _: Token("a1")).access_token == "a1"
        return Token("too late")

    other = DatabaseTokens(hub.database, KEY, process=lambda: name)
    assert other.refresh("crm", None, refresh).access_token == "a1"
    assert (clock.moment > begun) is waits
    presence.leave()
