"""The fault engine: what goes wrong between the hub and a vendor, the same for the same seed.

Each request of a connection has a number, and its fate follows from seed, connection and number
alone. Faults end when ``Faults.on`` is cleared, so that what was disturbed can come to rest.
"""

from __future__ import annotations

import itertools
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import orjson

Headers = Sequence[tuple[str, str]]
StartResponse = Callable[..., Any]

SHARES: Mapping[str, float] = {
    "slow": 0.030,  # taken in, and worked on only after a while
    "wait_seconds": 0.006,  # 429 with Retry-After in seconds
    "wait_date": 0.004,  # 429 with Retry-After as a date
    "down": 0.006,  # 503 without a word
    "lost": 0.010,  # done, and the answer is lost
    "cut": 0.006,  # done, and the answer breaks off
    "page": 0.004,  # an error page with status 200, nothing done
    "gateway": 0.004,  # an error page with status 502, done all the same
}
"""How many of all requests meet each fault."""
QUOTA_EVERY = 400
"""Of so many requests of a connection that has a daily quota …"""
QUOTA_REQUESTS = 3
"""… so many in a row are told that the day's calls are used up."""
SLOW_SECONDS = (0.2, 1.0)
PAGE = (
    b"<!DOCTYPE html><html><head><title>Bad gateway</title></head><body>\xe2\x80\xa6</body></html>"
)


@dataclass
class Faults:
    """Deals the fates, and counts them. ``quota`` are the connections that have a daily quota."""

    seed: int
    quota: frozenset[str] = frozenset()
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    on: bool = True
    dealt: Counter[str] = field(default_factory=Counter)

    def fate(self, connection: str, number: int) -> str:
        """What becomes of a request; "" where it is left alone."""
        if connection in self.quota and number % QUOTA_EVERY in range(20, 20 + QUOTA_REQUESTS):
            return "quota"
        draw = random.Random(f"{self.seed} {connection} {number}").random()  # noqa: S311 - chance
        for name, share in self.shares.items():
            if draw < share:
                return name
            draw -= share
        return ""


class Faulty:
    """A vendor behind a line that fails as ``faults`` have it; a WSGI application."""

    def __init__(self, app: Any, connection: str, faults: Faults) -> None:
        self.app = app
        self.connection = connection
        self.faults = faults
        self._numbers = itertools.count()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, or fail to."""
        fate = self.faults.fate(self.connection, next(self._numbers)) if self.faults.on else ""
        if not fate:
            return self.app(environ, start_response)  # type: ignore[no-any-return]  # WSGI
        self.faults.dealt[fate] += 1
        return _FATES[fate](self.app, environ, start_response)


def _slow(app: Any, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    time.sleep(random.uniform(*SLOW_SECONDS))  # noqa: S311 - how long is not part of a fate
    return app(environ, start_response)  # type: ignore[no-any-return]  # WSGI


def _wait(_app: Any, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    return _say(environ, start_response, "429 Too Many Requests", {}, ("Retry-After", "1"))


def _wait_date(
    _app: Any, environ: dict[str, Any], start_response: StartResponse
) -> Iterable[bytes]:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    return _say(environ, start_response, "429 Too Many Requests", {}, ("Retry-After", until))


def _quota(_app: Any, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    body = {
        "status": "error",
        "errorType": "RATE_LIMIT",
        "policyName": "DAILY",
        "message": "You have reached your daily limit.",
    }
    return _say(environ, start_response, "429 Too Many Requests", body, ("Retry-After", "3"))


def _down(_app: Any, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    _take(environ)
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []


def _page(_app: Any, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    _take(environ)
    return _html(start_response, "200 OK")


def _gateway(app: Any, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    _answer(app, environ)
    return _html(start_response, "502 Bad Gateway")


def _lost(app: Any, environ: dict[str, Any], _start: StartResponse) -> Iterable[bytes]:
    _answer(app, environ)
    return _hang_up(environ)


def _cut(app: Any, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    status, headers, body = _answer(app, environ)
    start_response(status, [*headers, ("Connection", "close")])

    def half() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        _hang_up(environ)

    return half()


_FATES: Mapping[str, Callable[[Any, dict[str, Any], StartResponse], Iterable[bytes]]] = {
    "slow": _slow,
    "wait_seconds": _wait,
    "wait_date": _wait_date,
    "quota": _quota,
    "down": _down,
    "lost": _lost,
    "cut": _cut,
    "page": _page,
    "gateway": _gateway,
}


def _answer(app: Any, environ: dict[str, Any]) -> tuple[str, Headers, bytes]:
    """What the vendor did and would have said."""
    said: list[Any] = []

    def start_response(status: str, headers: Headers, *_: Any) -> Callable[[bytes], None]:
        said[:] = [status, headers]
        return lambda _: None

    body = b"".join(app(environ, start_response))
    return said[0], said[1], body


def _say(
    environ: dict[str, Any],
    start_response: StartResponse,
    status: str,
    body: Mapping[str, Any],
    *headers: tuple[str, str],
) -> Iterable[bytes]:
    _take(environ)
    content = orjson.dumps(body)
    kind = ("Content-Type", "application/json")
    start_response(status, [*headers, kind, ("Content-Length", str(len(content)))])
    return [content]


def _take(environ: dict[str, Any]) -> None:
    """Take in what was sent, which nobody else has: a second time there is nothing, for ever."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def _html(start_response: StartResponse, status: str) -> Iterable[bytes]:
    headers = [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE)))]
    start_response(status, headers)
    return [PAGE]


def _hang_up(environ: dict[str, Any]) -> Iterable[bytes]:
    """Close the connection under the answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("the answer was lost on its way")
