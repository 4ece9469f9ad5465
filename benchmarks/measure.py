"""Measure whole processes: seconds, CPU of the process and of the database's server, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage

TICK = os.sysconf("SC_CLK_TCK")


class TookTooLong(Exception):
    """The command did not end within its time."""


class CommandFailed(Exception):
    """The command ended with an error; the message is the end of what it wrote."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command cost. ``strangers`` is the load of everybody else, in cores."""

    seconds: float
    cpu: float
    server_cpu: float
    peak_mb: float
    strangers: float
    output: str = ""


def measure(commands: Sequence[Sequence[str]], *, limit: float, mine: Sequence[int] = ()) -> Cost:
    """What these commands cost, started together, until the last one ends.

    ``mine`` are processes of the bench (its vendor), which count as no strangers.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        server, busy, own = _server(), _busy(), _of(mine)
        started = time.perf_counter()
        children = [
            subprocess.Popen(list(command), stdout=out, stderr=err, start_new_session=True)
            for command in commands
        ]
        cpu, peak = 0.0, 0.0
        try:
            for child in children:
                used = _wait(child, started + limit)
                cpu += used.ru_utime + used.ru_stime
                peak = max(peak, used.ru_maxrss / 1024)
        finally:
            for child in children:
                if child.returncode is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
        seconds = time.perf_counter() - started
        served = _server() - server
        strangers = (_busy() - busy - served - (_of(mine) - own) - cpu) / seconds
        out.seek(0)
        err.seek(0)
        output = out.read().decode(errors="replace")
        if any(child.returncode for child in children):
            said = (err.read().decode(errors="replace") or output).strip()
            raise CommandFailed(said[-800:])
        return Cost(seconds, cpu, served, peak, max(strangers, 0.0), output)


def _wait(child: subprocess.Popen[bytes], until: float) -> struct_rusage:
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return used
        if time.perf_counter() > until:
            raise TookTooLong
        time.sleep(0.005)


def _busy() -> float:
    """Seconds of CPU that anybody has used since the machine started."""
    first = Path("/proc/stat").read_text().partition("\n")[0].split()
    user, nice, system, _idle, _wait, irq, soft = (int(number) for number in first[1:8])
    return (user + nice + system + irq + soft) / TICK


def _server() -> float:
    """Seconds of CPU of every PostgreSQL process, ended ones included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        if "(postgres)" in text:
            found.append(sum(_times(text)))
    return sum(found)


def _of(pids: Sequence[int]) -> float:
    return sum(sum(_times(Path(f"/proc/{pid}/stat").read_text())) for pid in pids)


def _times(stat: str) -> tuple[float, ...]:
    """User, system, and those of ended children, in seconds."""
    return tuple(int(number) / TICK for number in stat.rpartition(")")[2].split()[11:15])
