"""The crash suite in small, on every back end: nothing is lost, doubled or regressed.

``renkei chaos`` has the long runs; the named points are test_crash_points' and test_demo_kills'.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync.cli.chaos.servers import POSTGRES_PLACES, RABBITMQ_PLACES, Missing, program
from tests.conftest import absent

COMMAND = "import sys; from sync.cli.app import run; sys.exit(run(sys.argv[1:]))"
SEED = 11
KILLS, FLUSHES, RESTARTS = 5, 2, 1
DATABASE = {"pg_ctl": POSTGRES_PLACES}
PROGRAMS: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {},
    "postgres": DATABASE,
    "redis": {**DATABASE, "redis-server": ()},
    "rabbitmq": {**DATABASE, "rabbitmq-server": RABBITMQ_PLACES},
}
"""What each back end needs on the machine, for it starts servers of its own."""


def needs(backend: str) -> None:
    """Skip, with a reason, where a program of the back end's is missing."""
    for name, programs in PROGRAMS[backend].items():
        try:
            program(name, *programs)
        except Missing as error:
            absent(name, f"{error} is not on this machine")


def play(home: Path, backend: str) -> tuple[int, dict[str, Any]]:
    """The suite on one back end, as a process: its exit code and its verdict."""
    numbers = {"records": 200, "kills": KILLS, "flushes": FLUSHES, "restarts": RESTARTS}
    words = [f"--{name}={number}" for name, number in (*numbers.items(), ("seed", SEED))]
    more = ["--backend", backend, "--no-points", "--no-compare", "--json", "--keep", str(home)]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "chaos", *words, *more],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    verdicts = [line for line in lines if line["kind"] == "chaos_backend"]
    assert verdicts, done.stdout[-2000:] + done.stderr[-2000:]
    return done.returncode, verdicts[0]


@pytest.mark.parametrize(
    "backend",
    [
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("redis", marks=[pytest.mark.postgres, pytest.mark.redis]),
        pytest.param("rabbitmq", marks=[pytest.mark.postgres, pytest.mark.rabbitmq]),
    ],
)
def test_a_hub_that_is_killed_again_and_again_loses_and_doubles_nothing(
    backend: str, tmp_path: Path
) -> None:
    needs(backend)
    code, verdict = play(tmp_path, backend)
    wrong = {name: verdict[name] for name in ("lost", "doubled", "regressed", "troubles")}
    assert wrong == {"lost": 0, "doubled": 0, "regressed": 0, "troubles": []}
    assert verdict["leads"] == verdict["people"]
    done = verdict["done"]
    assert done["kill"] >= KILLS
    assert done.get("restart", 0) == (0 if backend == "sqlite" else RESTARTS)
    assert done.get("flush", 0) == (FLUSHES if backend in ("redis", "rabbitmq") else 0)
    assert code == 0
