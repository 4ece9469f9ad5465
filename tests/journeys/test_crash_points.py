"""Killed with -9 at every named point, and run again: nothing is lost and nothing is doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync.engine.crash import POINTS
from sync.store.database import Database

HERE = Path(__file__).parent
WITHOUT_HOOKS = [point for point in POINTS if not point.startswith("hook.")]


def run(url: str, home: Path, crash: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HERE / "crash_runner.py"), url, str(home)],
        env={**os.environ, "RENKEI_CRASHPOINT": crash, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("point", WITHOUT_HOOKS)
def test_a_kill_loses_and_doubles_nothing(
    point: str, database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    killed = run(database.url, tmp_path, crash=f"{point}:1")
    assert killed.returncode == -9, killed.stderr
    again = run(database.url, tmp_path)
    assert again.returncode == 0, again.stderr
    state: dict[str, Any] = json.loads(again.stdout)
    everybody = sorted(f"p{number}@c{number}.example" for number in range(12))
    assert state == {"leads": 12, "owed": 0, "running": 0, "crm": everybody, "sfa": everybody}
