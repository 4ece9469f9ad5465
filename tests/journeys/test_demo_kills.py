"""The demo, killed anywhere and run again, ends where it would have ended undisturbed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sync.engine import crash

PEOPLE = 12
LIMIT = 60
DEMO = "import sys; from sync.cli.app import run; sys.exit(run(sys.argv[1:]))"
KILLED_AT_REQUEST = """
import os, signal, sys
from connectors.kit.simulator import BaseSimulator
left, answer = int(sys.argv.pop(1)), BaseSimulator.__call__
def call(simulator, *request):
    global left
    left -= 1
    done = answer(simulator, *request)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)  # the vendor has written, the hub never hears
    return done
BaseSimulator.__call__ = call
from sync.cli.app import run
sys.exit(run(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Ending:
    """How a run of the demo ended, and the last thing it said."""

    code: int
    said: dict[str, Any]


def play(root: Path, code: str = DEMO, *before: str, crashpoint: str = "") -> Ending:
    command = ["demo", "--dir", str(root), "--people", str(PEOPLE), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *before, *command],
        env={**os.environ, "RENKEI_CRASHPOINT": crashpoint},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    last = done.stdout.rstrip().rpartition("\n")[2]
    try:
        said = json.loads(last)
    except ValueError:
        said = {"cut off": last, "errors": done.stderr[-2000:]}
    return Ending(done.returncode, said)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The final state of a run that nobody killed."""
    ending = play(tmp_path_factory.mktemp("undisturbed"))
    assert ending.code == 0, ending.said
    return str(ending.said["digest"])


def ends_well(root: Path, undisturbed: str) -> None:
    ending = play(root)
    assert ending.code == 0, ending.said
    assert ending.said["digest"] == undisturbed


@pytest.mark.parametrize("point", crash.POINTS)
def test_killed_at_a_named_point_it_ends_in_the_same_state(
    tmp_path: Path, undisturbed: str, point: str
) -> None:
    killed = play(tmp_path, crashpoint=f"{point}:1")
    assert killed.code == -signal.SIGKILL, killed.said
    ends_well(tmp_path, undisturbed)


@pytest.mark.parametrize("request_number", [17, 31])
def test_killed_right_after_a_vendor_did_something_it_ends_in_the_same_state(
    tmp_path: Path, undisturbed: str, request_number: int
) -> None:
    killed = play(tmp_path, KILLED_AT_REQUEST, str(request_number))
    assert killed.code == -signal.SIGKILL, killed.said
    ends_well(tmp_path, undisturbed)


def test_killed_again_and_again_it_ends_in_the_same_state(tmp_path: Path, undisturbed: str) -> None:
    for point in ("pull.after_commit", "resolve.before_commit", "push.after_send"):
        killed = play(tmp_path, crashpoint=f"{point}:2")
        assert killed.code == -signal.SIGKILL, (point, killed.said)
    ends_well(tmp_path, undisturbed)
