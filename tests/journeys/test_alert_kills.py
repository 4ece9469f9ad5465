"""A process killed with -9 while it tells of an incident: everybody is told, and hardly twice.

A chat is looked at first, so it says it once. A mail cannot be looked for: one more a kill.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.chatwork.simulator import BOT, Simulator
from sync.engine.crash import ALERT_POINTS
from sync.store.database import Database
from tests.journeys.mailbox import Mailbox, served

HERE = Path(__file__).parent


def start(url: str, home: Path, box: Mailbox, crash: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(HERE / "alert_runner.py"), url, str(home), str(box.port)],
        env={**os.environ, "RENKEI_CRASHPOINT": crash, "PYTHONPATH": str(HERE.parents[1])},
    )


def posts(home: Path) -> int:
    """How many messages the room holds."""
    messages = Simulator(path=home / "chat.db", limits=False).messages.values()
    return sum(row["account_id"] == BOT for row in messages)


@pytest.mark.parametrize("point", ALERT_POINTS)
def test_a_kill_loses_nothing_and_repeats_at_most_a_mail(
    point: str, database: Database, tmp_path: Path
) -> None:
    with served(Mailbox()) as box:
        for _ in range(2):  # one of the two destinations each
            assert start(database.url, tmp_path, box, f"{point}:1").wait(timeout=60) == -9
        for _ in range(2):
            assert start(database.url, tmp_path, box).wait(timeout=60) == 0
    assert posts(tmp_path) == 1
    mails = {"alert.after_intent": (1,), "alert.after_send": (2, 3), "alert.after_record": (1,)}
    assert len(box.mails) in mails[point]
    assert len({str(mail["Message-ID"]) for mail in box.mails}) == 1


def test_two_processes_at_once_tell_it_once(database: Database, tmp_path: Path) -> None:
    with served(Mailbox()) as box:
        both = [start(database.url, tmp_path, box) for _ in range(2)]
        assert [one.wait(timeout=60) for one in both] == [0, 0]
        assert start(database.url, tmp_path, box).wait(timeout=60) == 0
    assert (len(box.mails), posts(tmp_path)) == (1, 1)
