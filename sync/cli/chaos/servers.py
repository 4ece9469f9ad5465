"""Servers of the suite's own: PostgreSQL, Redis and RabbitMQ, on free ports, with their own data.

They may be restarted and emptied at will; the machine's own servers are never touched.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.cli.demo.serving import free_ports

START_SECONDS = 60.0
POSTGRES_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin")
RABBITMQ_PLACES = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/opt/homebrew/sbin")


class Missing(Exception):
    """A program that a back end needs is not on this machine."""


def program(name: str, *places: str) -> str:
    """Where a program is. Raises Missing."""
    for place in places:
        root, _, pattern = place.partition("*")
        found = sorted(Path(root).glob(f"*{pattern}/{name}")) if pattern else [Path(place, name)]
        for one in reversed(found):
            if one.is_file():
                return str(one)
    on_path = shutil.which(name)
    if on_path is None:
        raise Missing(name)
    return on_path


def _until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come up within {START_SECONDS:.0f} s")
        time.sleep(0.1)


@dataclass
class Postgres:
    """A PostgreSQL cluster; as root it is run by another user, as it must be.

    It has a directory of its own, for that user need not have a way into the suite's.
    """

    port: int = field(default_factory=lambda: free_ports(1)[0])

    def __post_init__(self) -> None:
        self.home = Path(tempfile.gettempdir()) / f"renkei-chaos-postgres-{self.port}"
        self._tools = {
            name: program(name, *POSTGRES_PLACES) for name in ("initdb", "pg_ctl", "postgres")
        }

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"postgresql://renkei@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Make the cluster and start it."""
        self.home.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self.home, "postgres", "postgres")
        self._run("initdb", "-D", self._place, "-U", "renkei", "-A", "trust", "-E", "UTF8", "-N")
        settings = (
            f"port={self.port}\nlisten_addresses='127.0.0.1'\n"
            f"unix_socket_directories=''\nmax_connections=200\n"
        )
        with Path(self._place, "postgresql.auto.conf").open("a", encoding="utf-8") as conf:
            conf.write(settings)
        self._control("start")

    def restart(self, mode: str) -> None:
        """Stop it, ``fast`` or ``immediate`` (as a crash), and start it again."""
        self._control("restart", "-m", mode)

    def stop(self) -> None:
        """Stop it for good, and remove what it kept."""
        with contextlib.suppress(subprocess.CalledProcessError):  # it may not have come up
            self._control("stop", "-m", "immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _place(self) -> str:
        return str(self.home / "data")

    def _control(self, *words: str) -> None:
        log = str(self.home / "log")
        self._run("pg_ctl", "-D", self._place, "-l", log, "-w", "-t", "60", "-s", *words)

    def _run(self, name: str, *words: str) -> None:
        user: dict[str, Any] = (
            {"user": "postgres", "group": "postgres", "extra_groups": []}
            if os.getuid() == 0
            else {}
        )
        subprocess.run(  # noqa: S603 - found by its name
            [self._tools[name], *words],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.home,
            **user,
        )


@dataclass
class Redis:
    """A Redis server that keeps nothing on disk."""

    home: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self._server = program("redis-server")

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it."""
        self.home.mkdir(parents=True, exist_ok=True)
        words = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--daemonize", "no")
        self._process = subprocess.Popen(  # noqa: S603 - found by its name
            [self._server, *words, "--dir", str(self.home)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _until(self._answers, "redis-server")

    def flush(self) -> None:
        """Lose everything in it."""
        with _redis(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """Stop it for good."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        from redis.exceptions import RedisError

        try:
            with _redis(self.url) as client:
                return bool(client.ping())
        except RedisError:
            return False


def _redis(url: str) -> Any:
    import redis

    return redis.Redis.from_url(url, socket_connect_timeout=2)


@dataclass
class RabbitMQ:
    """A RabbitMQ node of its own."""

    home: Path
    ports: tuple[int, ...] = field(default_factory=lambda: tuple(free_ports(2)))
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self._server = program("rabbitmq-server", *RABBITMQ_PLACES)
        self._control = program("rabbitmqctl", *RABBITMQ_PLACES)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"amqp://guest:guest@127.0.0.1:{self.ports[0]}"

    def start(self) -> None:
        """Start it; takes some ten seconds."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "enabled_plugins").write_text("[].\n", "utf-8")
        self._process = subprocess.Popen(  # noqa: S603 - found by its name
            [self._server],
            env=self._env(),
            stdin=subprocess.DEVNULL,
            stdout=(self.home / "out").open("wb"),
            stderr=subprocess.STDOUT,
            cwd=self.home,
        )
        _until(self._answers, "rabbitmq-server")

    def flush(self) -> None:
        """Lose every queue with all that is in it."""
        subprocess.run(  # noqa: S603 - found by its name
            [self._control, "-q", "eval", _DELETE_QUEUES],
            env=self._env(),
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.home,
        )

    def stop(self) -> None:
        """Stop it for good."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _env(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.home),
            "RABBITMQ_NODENAME": f"renkei-chaos-{self.ports[0]}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.ports[0]),
            "RABBITMQ_DIST_PORT": str(self.ports[1]),
            "RABBITMQ_MNESIA_BASE": str(self.home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_PID_FILE": str(self.home / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
        }

    def _answers(self) -> bool:
        import pika  # type: ignore[import-untyped]  # it has no types
        from pika.exceptions import AMQPError  # type: ignore[import-untyped]  # as above

        try:
            pika.BlockingConnection(pika.URLParameters(self.url)).close()
        except (AMQPError, OSError):
            return False
        return True


_DELETE_QUEUES = """
[rabbit_amqqueue:delete(Q, false, false, <<"chaos">>) || Q <- rabbit_amqqueue:list()].
"""
