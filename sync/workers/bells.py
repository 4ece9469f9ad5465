"""Doorbells: a message that there may be work. The work itself is in the database.

A ring may be lost, doubled, late or out of order with no harm: the sweeper rings again. So ringing
never raises, and a broker that is down costs time and nothing else.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from sync.engine.hub import Hub
from sync.store import runs

if TYPE_CHECKING:
    from dramatiq import Broker, Middleware

log = logging.getLogger("renkei.bells")

JOBS = ("pull", "resolve", "push", "webhooks", "describe", "handoff", "subscribe", "alerts")
"""The jobs there are; each has a queue, so that each scales alone."""
QUIET_SECONDS = 2.0
"""How long an identical ring that nobody took yet makes another one needless."""
REACHED_SECONDS = 5.0
"""How long it is believed that a broker can be reached, or cannot."""
BROKEN_SECONDS = 1.0
"""How long a broker that did not answer is left alone."""
CONNECT_SECONDS = 2


class BrokerUnusable(Exception):
    """The broker that the configuration names cannot be used as it stands."""


def make_broker(url: str) -> Broker:
    """A dramatiq broker for a URL; the empty one lives in this process.

    Raises BrokerUnusable for an unknown scheme, or where the extra for it is not installed. Opens
    no connection.
    """
    from dramatiq.brokers.stub import StubBroker

    if not url:
        return StubBroker(middleware=_middleware())
    scheme = url.partition("://")[0]
    if scheme in ("redis", "rediss"):
        return _redis(url)
    if scheme in ("amqp", "amqps"):
        return _rabbitmq(url)
    raise BrokerUnusable(
        f'broker "{scheme}://…" is not known: leave `broker` empty for work in this process, or'
        " use redis://… or amqp://…"
    )


def _middleware() -> list[Middleware]:
    from dramatiq.middleware import Retries, ShutdownNotifications, TimeLimit

    return [TimeLimit(), ShutdownNotifications(), Retries(max_retries=0)]


def _redis(url: str) -> Broker:
    _need("redis", "redis", "redis://")
    import redis
    from dramatiq.brokers.redis import RedisBroker

    pool = redis.ConnectionPool.from_url(
        url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=5
    )
    return RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq has no types there
        client=redis.Redis(connection_pool=pool), middleware=_middleware(), namespace="renkei"
    )


def _rabbitmq(url: str) -> Broker:
    _need("pika", "rabbitmq", "amqp://")
    from dramatiq.brokers.rabbitmq import RabbitmqBroker

    query = "&" if "?" in url else "?"
    limits = (
        f"socket_timeout={CONNECT_SECONDS}&stack_timeout=5&blocked_connection_timeout=5"
        "&connection_attempts=1"
    )
    return RabbitmqBroker(url=f"{url}{query}{limits}", middleware=_middleware())


def _need(module: str, extra: str, scheme: str) -> None:
    if find_spec(module) is None:
        raise BrokerUnusable(
            f"broker {scheme}… needs a package that is not installed: pip install 'renkei[{extra}]'"
        )


def _faults() -> tuple[type[Exception], ...]:
    """What a broker that is down raises, of those that are installed."""
    from dramatiq.errors import BrokerError

    found: list[type[Exception]] = [BrokerError, OSError]
    if find_spec("redis") is not None:
        from redis.exceptions import RedisError

        found.append(RedisError)
    if find_spec("pika") is not None:
        from pika.exceptions import AMQPError  # type: ignore[import-untyped]  # it has no types

        found.append(AMQPError)
    return tuple(found)


def answers(broker: Broker) -> str:
    """Why a broker does not answer; "" where it does. Takes a few seconds at most."""
    try:
        client = getattr(broker, "client", None)
        if client is not None:
            client.ping()
        else:
            _ = getattr(broker, "connection", None)  # RabbitMQ's is opened when it is asked for
        broker.close()
    except _faults() as error:
        return f"{type(error).__name__} {error}".strip()
    return ""


def installation(hub: Hub) -> str:
    """The mark of this database's installation, made once: it names the queues on a broker."""
    with hub.database.read() as tx:
        held = runs.setting(tx, "installation")
    if held is not None:
        return held
    with hub.database.write() as tx:
        held = runs.setting(tx, "installation") or uuid4().hex[:8]
        runs.save_setting(tx, "installation", held)
    return held


class Reach:
    """Whether a broker's port can be reached; asked for anew every few seconds at most."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts = urlsplit(url)
        self._clock = clock
        self._asked = -REACHED_SECONDS
        self._said: str | None = None

    def trouble(self) -> str | None:
        """Why no worker can be woken; None where the broker is there, or none is needed."""
        if not self._parts.hostname:
            return None
        now = self._clock()
        if now - self._asked >= REACHED_SECONDS:
            self._asked = now
            self._said = None if self._is_there() else "the broker cannot be reached"
        return self._said

    def _is_there(self) -> bool:
        port = self._parts.port or _PORTS.get(self._parts.scheme, 0)
        try:
            with socket.create_connection((self._parts.hostname, port), CONNECT_SECONDS):
                return True
        except OSError:
            return False


_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}


class Bell:
    """Rings for a job of a connection; ``mark`` keeps installations on one broker apart."""

    def __init__(
        self, broker: Broker, mark: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.broker = broker
        self.mark = mark
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._faults = _faults()
        self._rung: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()
        self._broken_at: float | None = None
        for job in JOBS:
            broker.declare_queue(self.queue(job))

    def queue(self, job: str) -> str:
        """The queue of a job."""
        return f"{job}.{self.mark}"

    def ring(self, job: str, connection: str = "") -> bool:
        """Ring, unless the same ring is still waiting; whether a message went out. Never raises."""
        key, now = (job, connection), self._clock()
        with self._lock:
            rung = self._rung.get(key)
            if rung is not None and now - rung < QUIET_SECONDS:
                self.counts["quiet"] += 1
                return False
            if self._broken_at is not None and now - self._broken_at < BROKEN_SECONDS:
                self.counts["unheard"] += 1
                return False
            self._rung[key] = now
        try:
            self.broker.enqueue(self._message(job, connection))
        except self._faults as error:
            self._broke(key, error)
            return False
        self._worked()
        return True

    def taken(self, job: str, connection: str = "") -> None:
        """Somebody opens the door: from now on a ring is news again."""
        with self._lock:
            self._rung.pop((job, connection), None)

    def close(self) -> None:
        """Let the broker's connections go."""
        try:
            self.broker.close()
        except self._faults:
            self.counts["unheard"] += 1

    def _message(self, job: str, connection: str) -> Any:
        from dramatiq import Message

        args = (connection,) if connection else ()
        return Message(queue_name=self.queue(job), actor_name=job, args=args, kwargs={}, options={})

    def _broke(self, key: tuple[str, str], error: Exception) -> None:
        with self._lock:
            first = self._broken_at is None
            self._broken_at = self._clock()
            self._rung.pop(key, None)
            self.counts["unheard"] += 1
        if first:
            log.error(
                "the broker does not answer (%s): work waits in the database until it does",
                type(error).__name__,
            )

    def _worked(self) -> None:
        with self._lock:
            recovered = self._broken_at is not None
            self._broken_at = None
            self.counts["rung"] += 1
        if recovered:
            log.warning("the broker answers again")
