"""Killed with -9 between two commits, and started again: the answer still arrives, once."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.kit.base import Hook
from sync.store.database import Database

RUNNER = Path(__file__).parent / "crash_runner.py"
PROJECT = Path(__file__).parents[3]
PATIENCE = 60


def start(root: Path, database: Database, crashpoint: str = "") -> subprocess.Popen[str]:
    environ = {**os.environ, "RENKEI_CRASHPOINT": crashpoint, "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(
        [sys.executable, str(RUNNER), str(root), database.url],
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
        cwd=PROJECT,
    )


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def post(address: str, hook: Hook) -> int | None:
    """The status; None where the line was cut."""
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        line.request("POST", "/hooks/form", body=hook.body, headers=dict(hook.headers))
        return line.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return None
    finally:
        line.close()


def killed_and_started_again(
    tmp_path: Path, database: Database, hook: Hook, point: str, *, again: bool
) -> str:
    with start(tmp_path, database, f"{point}:1") as first:
        post(line_of(first), hook)
        assert first.wait(PATIENCE) == -signal.SIGKILL, f"{point} was not passed"
    with start(tmp_path, database) as second:
        address = line_of(second)
        if again:
            post(address, hook)
        said = line_of(second)
        assert second.wait(PATIENCE) == 0
    return said


def check(relay: Any, said: str) -> None:
    assert said == "landed lead1@kaisha1.example"
    assert relay.stored() == {"form": {"done": 1}}
    with relay.database.read() as tx:
        assert tx.rows("SELECT count(*) FROM lead") == [(1,)]
        assert tx.rows("SELECT count(*) FROM inbox WHERE link_id LIKE ?", "form/%") == [(1,)]


@pytest.mark.parametrize("point", ["hook.after_commit", "hook.before_done"])
def test_a_webhook_outlives_the_process_that_took_it(
    relay: Any, tmp_path: Path, point: str
) -> None:
    hook = relay.form_hook()
    check(relay, killed_and_started_again(tmp_path, relay.database, hook, point, again=False))


def test_a_webhook_that_was_stored_but_not_answered_is_sent_again_and_is_one(
    relay: Any, tmp_path: Path
) -> None:
    hook = relay.form_hook()
    said = killed_and_started_again(tmp_path, relay.database, hook, "hook.after_commit", again=True)
    check(relay, said)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("point", ["resolve.after_commit", "push.after_send"])
def test_an_answer_outlives_a_kill_on_its_way_to_the_crm(
    relay: Any, tmp_path: Path, point: str
) -> None:
    hook = relay.form_hook()
    check(relay, killed_and_started_again(tmp_path, relay.database, hook, point, again=False))
