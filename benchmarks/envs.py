"""Pinned environments of the peers, made on first use; a peer that does not install is left out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parent / ".envs"
PINS = {
    "dlt": ["dlt[postgres,sqlalchemy]==1.31.0", "orjson==3.13.0"],
    "tap": ["singer-sdk==0.54.9"],
    "target": ["meltanolabs-target-postgres==0.8.1"],
}
INSTALL_SECONDS = 600


class NotInstalled(Exception):
    """The peer's packages could not be had."""


def python_of(name: str) -> Path:
    """The interpreter of a peer's environment, made where it is not there yet."""
    place = HOME / name
    python = place / "bin" / "python"
    mark = place / "installed.txt"
    wanted = "\n".join(PINS[name])
    if mark.is_file() and mark.read_text() == wanted:
        return python
    shutil.rmtree(place, ignore_errors=True)
    print(f"  making the environment of {name}: {', '.join(PINS[name])}", file=sys.stderr)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *PINS[name]],
            check=True,
            timeout=INSTALL_SECONDS,
            capture_output=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(place, ignore_errors=True)
        raise NotInstalled(f"{name} does not install ({type(error).__name__})") from error
    mark.write_text(wanted)
    return python


def versions(name: str) -> str:
    """What is installed of the pinned packages."""
    return " ".join(PINS[name])
