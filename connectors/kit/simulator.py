"""What a vendor's simulator is built from: a stateful fake that speaks the vendor's wire format.

A simulator is a WSGI application: in tests it is called in the process (``session.in_process``), in
a rehearsal it is served on loopback. Its state lives in tables that can be kept in a file, so that
a rehearsal survives a kill. It must refuse what the vendor would refuse. Every request is one
atomic step: the state is written only when the answer is ready to go.
"""

from __future__ import annotations

import random
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from connectors.kit.serving import Poster, serving

__all__ = [
    "BaseSimulator",
    "Delivery",
    "Fault",
    "Refusal",
    "Request",
    "Response",
    "Table",
    "Window",
    "json_response",
    "route",
]

Endpoint = Callable[..., Response]
Written = tuple[str, str, dict[str, Any] | None]
"""A row as it was written: its table, its id and what it holds now; None where it was deleted."""


def route(method: str, path: str) -> Callable[[Endpoint], Endpoint]:
    """Mark a method of a simulator as the answer to ``method path`` (werkzeug's path syntax)."""

    def mark(endpoint: Endpoint) -> Endpoint:
        routes: list[tuple[str, str]] = getattr(endpoint, "routes", [])
        endpoint.routes = [*routes, (method, path)]  # type: ignore[attr-defined]  # a mark
        return endpoint

    return mark


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer."""
    return Response(
        orjson.dumps(body),
        status=status,
        headers=dict(headers or {}),
        content_type="application/json",
    )


class Refusal(Exception):
    """An answer that is a refusal; raised anywhere in a simulator."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Table(MutableMapping[str, dict[str, Any]]):
    """Rows by id, in insertion order; written through to the simulator's file, if it has one.

    A row that was changed in place must be put back (``table[id] = row``).
    """

    def __init__(self, name: str, journal: _Journal) -> None:
        self._name = name
        self._journal = journal
        self._rows: dict[str, dict[str, Any]] = journal.load(name)

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self._rows[key]

    def __setitem__(self, key: str, row: dict[str, Any]) -> None:
        self._rows[key] = row
        self._journal.put(self._name, key, row)

    def __delitem__(self, key: str) -> None:
        del self._rows[key]
        self._journal.put(self._name, key, None)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)


@lru_cache(maxsize=64)
def _routes(simulator: Any) -> Map:
    """The routes marked in a class; compiled once, since werkzeug takes its time."""
    found = Map(strict_slashes=True, merge_slashes=False, redirect_defaults=False)
    for name in dir(simulator):
        for method, rule in getattr(getattr(simulator, name), "routes", ()):
            found.add(Rule(rule, methods=[method], endpoint=name))
    return found


class _Journal:
    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False, isolation_level=None
        )
        self._kept = path is not None
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=off")
        self._db.execute(
            "create table if not exists row"
            " (tab text, id text, seq integer, body blob, primary key (tab, id))"
        )
        (self._seq,) = self._db.execute("select coalesce(max(seq), 0) from row").fetchone()
        self._pending: list[Written] = []
        self.told: Callable[[Sequence[Written]], None] | None = None
        self.waits = 0

    def load(self, name: str) -> dict[str, dict[str, Any]]:
        rows = self._db.execute("select id, body from row where tab = ? order by seq", (name,))
        return {key: orjson.loads(body) for key, body in rows}

    def put(self, name: str, key: str, row: dict[str, Any] | None) -> None:
        self._pending.append((name, key, row))

    def commit(self) -> None:
        if not self._pending or self.waits:
            return
        if self._kept:
            self._write()
        if self.told is not None:
            self.told(self._pending)
        self._pending.clear()

    def _write(self) -> None:
        self._db.execute("begin")
        for name, key, row in self._pending:
            if row is None:
                self._db.execute("delete from row where tab = ? and id = ?", (name, key))
            else:
                self._seq += 1
                self._db.execute(
                    "insert into row values (?, ?, ?, ?)"
                    " on conflict (tab, id) do update set body = excluded.body",
                    (name, key, self._seq, orjson.dumps(row)),
                )
        self._db.execute("commit")

    def close(self) -> None:
        self.commit()
        self._db.close()


class Window:
    """At most ``limit`` events in any ``seconds``, on the simulator's clock."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self._times: deque[float] = deque()

    def take(self, now: datetime) -> bool:
        """Whether one more is allowed now; it is counted when it is."""
        moment = now.timestamp()
        while self._times and self._times[0] <= moment - self.seconds:
            self._times.popleft()
        if len(self._times) >= self.limit:
            return False
        self._times.append(moment)
        return True

    def left(self) -> int:
        """How many more would be allowed at the time of the last ``take``."""
        return self.limit - len(self._times)


@dataclass(slots=True)
class Fault:
    """A planted failure of the next ``times`` requests that match ``method`` and path ``part``.

    ``response`` is answered instead; ``after`` applies the request first and then loses the answer
    (the connection is reset), which is the failure that makes duplicates.
    """

    part: str
    method: str | None = None
    response: Response | None = None
    after: bool = False
    times: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook the simulator sends. ``vendor_id`` is for the reader of a test."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    vendor_id: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request the simulator answered."""

    method: str
    path: str
    status: int


class BaseSimulator:
    """Routes, tables, clock, faults and webhooks of a simulated vendor.

    ``path`` keeps the state in a file. ``now`` is the clock everything is stamped with. ``seed``
    makes ids and chance repeatable. Subclasses write methods marked with ``route`` and may override
    ``admit`` (authentication, rate limits; raise Refusal) and ``refuse`` (the shape of a 404/405).
    """

    slug = ""

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
    ) -> None:
        self.now = now
        self.random = random.Random(seed)  # noqa: S311 - repeatable chance, no secret
        self.lock = threading.RLock()
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.deliveries: list[Delivery] = []
        self.deliver: Callable[[Delivery], None] | None = None
        self._journal = _Journal(path)
        self._tables: dict[str, Table] = {}
        kind: Any = type(self)
        self._map = _routes(kind)

    def table(self, name: str) -> Table:
        """The rows called ``name``; made on first use."""
        if name not in self._tables:
            self._tables[name] = Table(name, self._journal)
        return self._tables[name]

    def next_id(self, name: str, start: int = 1) -> int:
        """The next number of a counter that survives a restart."""
        counters = self.table("_counters")
        value = int(counters.get(name, {"value": start - 1})["value"]) + 1
        counters[name] = {"value": value}
        return value

    def admit(self, request: Request) -> None:
        """Check who asks and how often; raise Refusal."""

    def refuse(self, request: Request, error: HTTPException) -> Response:  # noqa: ARG002 - a hook
        """The vendor's answer to a wrong path or method, or a body that cannot be read."""
        return json_response({"message": error.description}, error.code or 500)

    def note_changes(self, told: Callable[[Sequence[Written]], None]) -> None:
        """Have ``told`` called with what each request, or step by hand, has changed.

        A row that was written more than once in it is there as often; the last one stands. The
        simulator's lock is held.
        """
        self._journal.told = told

    def send(self, delivery: Delivery) -> None:
        """Send a webhook: noted in ``deliveries``, and posted where ``deliver`` is set."""
        self.deliveries.append(delivery)
        if self.deliver is not None:
            self.deliver(delivery)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Write all that the block changes to the file in one commit, at its end.

        A process that dies in the block leaves the file as it was before.
        """
        with self.lock:
            self._journal.waits += 1
            try:
                yield
            finally:
                self._journal.waits -= 1
            self._journal.commit()

    def save(self) -> None:
        """Write what was changed outside a request to the file."""
        with self.lock:
            self._journal.commit()

    def close(self) -> None:
        """Write the state down and close the file."""
        with self.lock:
            self._journal.close()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one WSGI request."""
        request = Request(environ)
        request.max_content_length = 256 * 1024 * 1024
        with self.lock:
            fault = self._fault(request)
            if fault is not None and not fault.after:
                response = fault.response or json_response({"message": "planted"}, 503)
            else:
                response = self._answer(request)
            self._journal.commit()
            self.seen.append(Seen(request.method, request.path, response.status_code))
        if fault is not None and fault.after:
            raise ConnectionResetError("the answer was lost on its way")
        response.headers.setdefault("Date", _http_date(self.now()))
        return response(environ, start_response)

    def _fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.part in request.path and fault.method in (None, request.method):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def _answer(self, request: Request) -> Response:
        try:
            self.admit(request)
            adapter = self._map.bind_to_environ(request.environ)
            endpoint, values = adapter.match()
            answer: Response = getattr(self, endpoint)(request, **values)
        except Refusal as refusal:
            return refusal.response
        except (NotFound, MethodNotAllowed) as error:
            return self.refuse(request, error)
        except HTTPException as error:
            return self.refuse(request, error)
        return answer

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Serve on loopback while the block runs; yields the base URL. Port 0 picks a free one."""
        with serving(self, port, name=f"simulator-{self.slug}") as url:
            poster = Poster()
            self.deliver = poster.post
            try:
                yield url
            finally:
                self.deliver = None
                poster.stop()
        self.save()


def _http_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
