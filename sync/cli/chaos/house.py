"""The hub's processes: the real commands, kept running, and ended in every way there is."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sync.cli.chaos.nursery import End, Nursery

COMMAND = "import sys; from sync.cli.app import run; sys.exit(run(sys.argv[1:]))"
STOP_SECONDS = 60.0
"""How long a process may take to end by itself before that counts as a fault."""
LOOK_SECONDS = 0.02
AGAIN_SECONDS = 0.3
"""How soon after its end a process is started again."""


class StuckProcess(Exception):
    """A process did not end although it was told to."""


@dataclass
class Member:
    """One process of the hub, again and again. ``pid`` is 0 while it is down.

    ``point`` is the named point at which its present life is to end. ``works`` says that it has
    begun its work.
    """

    name: str
    words: Sequence[str]
    pid: int = 0
    started: float = 0.0
    ended: float = 0.0
    point: str = ""
    stopping: float | None = None
    works: bool = False


@dataclass
class House:
    """All processes of one hub. ``next_point`` says at which named point a new life is to end.

    ``killed`` is told of each process that died by SIGKILL, by its name in the database and the
    named point it died at, if any; ``stopped`` of each that ended as it was asked to, and how long
    it took. ``falls`` counts the lives that ended unasked while they worked, which none should;
    ``unbegun`` those that did not come so far, as while the database is down. While the disk
    ``is_full`` a process that cannot even print that it has begun ends, and is one of these.
    """

    root: Path
    nursery: Nursery
    members: list[Member]
    next_point: Callable[[], str]
    killed: Callable[[str, str], None]
    stopped: Callable[[float], None]
    falls: Counter[str] = field(default_factory=Counter)
    unbegun: Counter[str] = field(default_factory=Counter)
    is_full: bool = False

    def tend(self) -> None:
        """See who has ended, and start everybody again who is down."""
        now = time.monotonic()
        for one in self.members:
            if one.pid and (end := self._end(one)) is not None:
                self._ended(one, end)
            elif one.pid and not one.works:
                one.works = bool(self.name_of(one))
            if not one.pid and now - one.ended >= AGAIN_SECONDS:
                self._start(one)
            if one.stopping is not None and now - one.stopping > STOP_SECONDS:
                raise StuckProcess(f"{one.name} was told to stop {STOP_SECONDS:.0f} s ago")

    def name_of(self, one: Member) -> str:
        """What a process calls itself in the database; "" before it has begun its work."""
        for path in (self.root / ".renkei" / "processes").glob(f"p{one.pid}_*"):
            return path.name
        return ""

    def at_work(self) -> list[Member]:
        """The processes that have begun their work and were not told to stop."""
        return [
            one for one in self.members if one.pid and one.stopping is None and self.name_of(one)
        ]

    def kill(self, one: Member) -> None:
        """End a process now, by SIGKILL."""
        name = self.name_of(one)
        self._signal(one, signal.SIGKILL)
        while self._end(one) is None:
            time.sleep(LOOK_SECONDS)
        self._gone(one)
        self.killed(name, "")

    def ask_to_stop(self, one: Member) -> None:
        """Ask a process to end, by SIGTERM."""
        if one.pid and one.stopping is None:
            one.stopping = time.monotonic()
            self._signal(one, signal.SIGTERM)

    def down(self) -> None:
        """Ask all to end, and wait until they have. Raises StuckProcess."""
        for one in self.members:
            self.ask_to_stop(one)
        until = time.monotonic() + STOP_SECONDS
        while running := [one for one in self.members if one.pid]:
            for one in running:
                if (end := self._end(one)) is not None:
                    self._ended(one, end)
            if time.monotonic() > until:
                raise StuckProcess(f"{running[0].name} did not stop")
            time.sleep(LOOK_SECONDS)

    def end(self) -> None:
        """End whatever still runs, at once."""
        self.nursery.close()

    def run(self, *words: str, timeout: float = 900.0) -> subprocess.CompletedProcess[str]:
        """Run one command of the hub to its end."""
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", COMMAND, *words, "--dir", str(self.root), "--json"],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def _start(self, one: Member) -> None:
        """Give it a new life."""
        one.point = self.next_point()
        one.started, one.stopping = time.monotonic(), None
        words, log = [*one.words, "--dir", str(self.root)], self.root / f"{one.name}.log"
        one.pid = self.nursery.bear(words, log, one.point)

    def _end(self, one: Member) -> End | None:
        """How a process has ended, if it has."""
        self.nursery.look()
        return self.nursery.ended.get(one.pid)

    def _signal(self, one: Member, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, number)

    def _ended(self, one: Member, end: End) -> None:
        asked, point, worked, name = one.stopping, one.point, one.works, self.name_of(one)
        self._gone(one)
        code = end.code
        if code == -signal.SIGKILL and point:
            self.killed(name, point)
        elif asked is not None and code in (0, -signal.SIGTERM):
            self.stopped(end.at - asked)
        else:
            fell = worked and not self.is_full
            (self.falls if fell else self.unbegun)[f"{one.name} {code}"] += 1

    def _gone(self, one: Member) -> None:
        self.nursery.ended.pop(one.pid, None)
        one.pid, one.ended, one.stopping, one.works = 0, time.monotonic(), None, False


def environment() -> dict[str, str]:
    """The suite's own, without what it says of another hub."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RENKEI_")}
    return {**kept, "RENKEI_LANG": "en"}
