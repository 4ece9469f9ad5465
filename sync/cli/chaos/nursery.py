"""Where the hub's processes come from: one that has everything imported, and forks.

A life that lasts a second must not begin with two of importing. The nursery opens no database and
starts no thread; what is forked from it runs a command as a shell would have started it. It is told
on its standard input what to start, and tells on its standard output who was born and who ended.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

from sync.engine.crash import PLANTED

START = "from sync.cli.chaos.nursery import main; main()"
LOOK_SECONDS = 0.02


class End(NamedTuple):
    """The end of a process: its exit code, as Popen's, and when it was seen, by the same clock."""

    code: int
    at: float


@dataclass
class Nursery:
    """A nursery, as seen by who uses it. ``ended`` are those who have, by process id."""

    process: subprocess.Popen[bytes]
    ended: dict[int, End] = field(default_factory=dict)
    _born: list[int] = field(default_factory=list)
    _rest: bytes = b""

    def bear(self, words: Sequence[str], log: Path, point: str) -> int:
        """The id of a new process that runs this command, and prints into the file.

        Where a named point is given, that is where it ends.
        """
        order = json.dumps({"words": [*words], "log": str(log), "point": point}).encode() + b"\n"
        os.write(_number(self.process.stdin), order)
        while not self._born:
            self._hear(None)
        return self._born.pop()

    def look(self) -> None:
        """Take note of who has ended."""
        self._hear(0)

    def close(self) -> None:
        """End it and all its processes."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()

    def _hear(self, seconds: float | None) -> None:
        """Take note of all that the nursery has told; wait for it so long."""
        number = _number(self.process.stdout)
        if not select.select([number], [], [], seconds)[0]:
            return
        chunk = os.read(number, 65536)
        if not chunk:
            raise ChildProcessError("the nursery of the hub's processes has ended")
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            said: Mapping[str, Any] = json.loads(line)
            if "born" in said:
                self._born.append(said["born"])
            else:
                self.ended[said["ended"]] = End(said["code"], said["at"])


def open_nursery(root: Path, env: Mapping[str, str]) -> Nursery:
    """A nursery whose processes work in a directory, and have this environment."""
    return Nursery(
        subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-c", START, str(root)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    )


def _number(pipe: IO[Any] | None) -> int:
    if pipe is None:
        raise BrokenPipeError("a nursery has pipes")
    return pipe.fileno()


def main() -> None:
    """Be the nursery, until standard input ends; then all its processes are ended."""
    _prepare(Path(sys.argv[1]))
    rest = b""
    born: set[int] = set()
    while True:
        if select.select([0], [], [], LOOK_SECONDS)[0]:
            chunk = os.read(0, 65536)
            if not chunk:
                break
            *orders, rest = (rest + chunk).split(b"\n")
            for order in orders:
                born.add(pid := _fork(json.loads(order)))
                _tell(born=pid)
        for pid, code in _ended():
            born.discard(pid)
            _tell(ended=pid, code=code, at=time.monotonic())
    for pid in born:
        os.kill(pid, signal.SIGKILL)


def _prepare(root: Path) -> None:
    """Import what the commands import, and read the files that they read."""
    import sync.cli.running  # noqa: F401 - imported for those who come after
    from sync.config.load import load
    from sync.workers import runner
    from sync.workers.bells import make_broker

    import_module(runner.WEB)
    make_broker(load(root).hub.broker)  # opens no connection


def _fork(order: Mapping[str, Any]) -> int:
    pid = os.fork()
    return pid or _live(order)


def _live(order: Mapping[str, Any]) -> NoReturn:
    """Be one of the hub's processes."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number, place in ((0, nothing), (1, log), (2, log)):
        os.dup2(place, number)
    code = 1
    os.environ[PLANTED] = order["point"]
    try:
        from sync.cli.app import run

        code = run(order["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def _tell(**said: float) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")
