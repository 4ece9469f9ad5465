"""Token expiries under a crowd: every worker meets each expiry at once, and one of them refreshes.

The vendor replaces the refresh token at each use and takes the whole grant away when an old one is
used again. ``python -m benchmarks.tokens`` measures on SQLite and PostgreSQL; with ``--gate`` it
ends with 1 where a refresh was made twice or not at all.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from benchmarks.places import scratch
from connectors.kit.auth import RefreshToken
from connectors.kit.session import Wiring
from sync.store.database import Database
from sync.store.spool import Spool
from sync.store.tokens import LEASE, DatabaseTokens

KEY = "YmVuY2hlcy1zZWFsLXdpdGgtb25lLWtub3duLWtleSE="
PROCESSES, THREADS, EXPIRIES = 4, 5, 1000


class Login:
    """The vendor. A token expires once all ``workers`` have used it, ``expiries`` times in all."""

    def __init__(self, workers: int, expiries: int) -> None:
        self.workers, self.expiries = workers, expiries
        self.refreshes = self.reuses = self.expired = 0
        self.refresh_token, self.access_token = "refresh-0", ""
        self.is_revoked = False
        self.seen: set[str] = set()
        self.turn = asyncio.Event()

    async def answer(self, path: str, query: dict[str, list[str]], token: str, body: str) -> Any:
        """Status and body of an answer."""
        if path == "/oauth/token":
            return self._grant(parse_qs(body)["refresh_token"][0])
        if path == "/figures":
            return 200, {
                "refreshes": self.refreshes,
                "reuses": self.reuses,
                "expired": self.expired,
            }
        if token != f"Bearer {self.access_token}" or not self.access_token:
            return 401, {"error": "expired"}
        self.seen.add(query["worker"][0])
        if len(self.seen) == self.workers:
            self.seen, self.access_token = set(), ""
            self.expired += 1
            self.turn.set()
            self.turn = asyncio.Event()
        else:
            await self.turn.wait()
        return 200, {"over": self.expired >= self.expiries}

    def _grant(self, used: str) -> tuple[int, dict[str, str]]:
        if self.is_revoked or used != self.refresh_token:
            self.reuses += not self.is_revoked
            self.is_revoked, self.access_token = True, ""
            return 400, {"error": "invalid_grant"}
        self.refreshes += 1
        self.refresh_token = f"refresh-{self.refreshes}"
        self.access_token = f"access-{self.refreshes}"
        return 200, {"access_token": self.access_token, "refresh_token": self.refresh_token}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *rest = head.split("\r\n")
                headers = {
                    name.lower(): text.strip()
                    for name, _, text in (row.partition(":") for row in rest)
                }
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                url = urlsplit(line.split(" ")[1])
                token = headers.get("authorization", "")
                status, said = await self.answer(
                    url.path, parse_qs(url.query), token, body.decode()
                )
                text = json.dumps(said).encode()
                writer.write(
                    b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
                    % (status, len(text))
                    + text
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def _login(workers: int, expiries: int) -> None:
    vendor = Login(workers, expiries)
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


class Deadly(Spool):
    """A spool that kills its process once, ``before`` or ``after`` it has kept the third answer."""

    def __init__(self, home: Path, dies: str) -> None:
        super().__init__(home / "tokens")
        self.mark, self.dies, self.puts = home / "died", dies, 0

    def put(self, connection: str, by: str, sealed: bytes) -> None:
        """Keep a token, or die."""
        self.puts += 1
        if self.dies == "before":
            self._die()
        super().put(connection, by, sealed)
        if self.dies == "after":
            self._die()

    def _die(self) -> None:
        if self.puts == 3 and not self.mark.exists():
            self.mark.touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)


def work(vendor: str, database: str, home: Path, numbers: Sequence[str], dies: str = "") -> None:
    """Threads that use the token until the vendor says that it is over."""
    tokens = DatabaseTokens(Database(database), KEY, spool=Deadly(home, dies))
    failures: list[BaseException] = []

    def one(number: str) -> None:
        wiring = Wiring(connection="crm", tokens=tokens)
        auth = RefreshToken(wiring, f"{vendor}/oauth/token", "id", "secret", "refresh-0")
        session = wiring.session(base_url=vendor, auth=auth, read_timeout=120.0)
        try:
            while not session.get("/me", params={"worker": number}).json()["over"]:
                pass
        except Exception as error:  # noqa: BLE001 - told to whoever started this process
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in numbers]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not failures:
        for thread in threads:
            thread.join(0.1)
    if failures:
        with (home / "failures").open("a") as file:
            file.write(f"{type(failures[0]).__name__}: {failures[0]}\n")
    os._exit(1 if failures else 0)


@contextmanager
def login(workers: int, expiries: int) -> Iterator[str]:
    """The vendor in a process of its own; its address."""
    command = [sys.executable, "-m", "benchmarks.tokens", "login", str(workers), str(expiries)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def storm(
    database: str,
    home: Path,
    *,
    processes: int = PROCESSES,
    threads: int = THREADS,
    expiries: int = EXPIRIES,
    dies: str = "",
) -> dict[str, Any]:
    """What the vendor counted, the seconds, and how many processes died on the way.

    The database is at its schema. With ``dies`` one process kills itself on the way, and another is
    started for it.
    """
    home.mkdir(exist_ok=True)
    crowd = [str(number) for number in range(processes * threads)]
    with login(len(crowd), expiries) as vendor:
        started = time.monotonic()

        def start(place: int, how: str = "") -> subprocess.Popen[bytes]:
            mine = crowd[place * threads : (place + 1) * threads]
            words = [sys.executable, "-m", "benchmarks.tokens", "work", vendor, database, str(home)]
            return subprocess.Popen([*words, how, *mine])

        running = {place: start(place, dies) for place in range(processes)}
        until = started + 60 + expiries * 0.5 + LEASE.total_seconds()
        died, ended = 0, 0
        while running and not ended and time.monotonic() < until:
            for place, process in list(running.items()):
                code = process.poll()
                if code == -signal.SIGKILL:
                    died += 1
                    running[place] = start(place)
                elif code is not None:
                    ended += code
                    del running[place]
            time.sleep(0.02)
        for process in running.values():
            process.kill()
            process.wait()
        seconds = time.monotonic() - started
        with urlopen(f"{vendor}/figures", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
    told = home / "failures"
    failed = told.read_text().splitlines() if told.exists() else []
    if running and not failed:
        failed = ["not done in time"]
    return {**found, "seconds": round(seconds, 1), "died": died, "failed": failed}


def main() -> int:
    """Measure; 1 where ``--gate`` is given and a refresh was made twice or not at all."""
    parser = argparse.ArgumentParser(prog="benchmarks.tokens", description=__doc__)
    parser.add_argument("--expiries", type=int, default=EXPIRIES)
    parser.add_argument("--gate", action="store_true")
    given = parser.parse_args()
    bad = False
    with (
        tempfile.TemporaryDirectory(prefix="renkei-bench-") as home,
        scratch("tokens", Path(home)) as places,
    ):
        for name, url in places.items():
            found = storm(url, Path(home) / name, expiries=given.expiries)
            bad |= found["refreshes"] != given.expiries or bool(found["reuses"] or found["failed"])
            print(
                f"{name}: {PROCESSES * THREADS} workers, {found['expired']:,} expiries,"
                f" {found['refreshes']:,} refreshes, {found['reuses']} reuses,"
                f" {found['seconds']} s {' '.join(found['failed'])}",
                flush=True,
            )
    return 1 if given.gate and bad else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["login"]:
        asyncio.run(_login(int(sys.argv[2]), int(sys.argv[3])))
    elif sys.argv[1:2] == ["work"]:
        vendor_, database_, home_, how_, *numbers_ = sys.argv[2:]
        work(vendor_, database_, Path(home_), numbers_, how_)
    else:
        sys.exit(main())
