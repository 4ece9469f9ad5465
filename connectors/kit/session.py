"""One HTTP client per connection: the only room that knows httpx.

Throttling, time-outs, short safe retries, Retry-After, quota headers, request ids and the
translation of failures into ``connectors.kit.errors`` happen here, so that a vendor's file has no
sleep, no ``except httpx…`` and no loop over attempts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import orjson
import tenacity
from httpx import Auth, BaseTransport, Request, Response

from connectors.kit.errors import (
    AuthFailed,
    Conflict,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)
from connectors.kit.reply import Quota, Reply, moment, retry_after, shown_path
from connectors.kit.throttle import Meter, Throttle

if TYPE_CHECKING:
    from connectors.kit.tokens import TokenStore

__all__ = [
    "Auth",
    "BaseTransport",
    "Meter",
    "Quota",
    "Reply",
    "Request",
    "Response",
    "Session",
    "Throttle",
    "Wiring",
    "in_process",
    "retry_after",
    "shown_path",
]

log = logging.getLogger("renkei.session")
for _name in ("httpx", "httpcore"):  # they log whole URLs and headers, secrets and people included
    logging.getLogger(_name).setLevel(logging.WARNING)

SHORT_RETRIES = 3
"""Attempts of one safe request inside one call; longer waits are the engine's."""
SHORT_WAIT = 2.0
"""The longest Retry-After, in seconds, that is waited for inside a call."""
MAX_REPLY_BYTES = 64 * 1024 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


Translate = Callable[[Reply], ConnectorError | None]


class Session:
    """One connection's way to its vendor. Paths are relative to ``base_url``; full URLs also work.

    ``translate`` is asked first about every answer that is no success; what it leaves (None) is
    translated by status. ``read_quota`` gets each answer's headers and returns what is left.
    """

    def __init__(
        self,
        *,
        connection: str,
        base_url: str,
        auth: Auth | None = None,
        throttle: Throttle | None = None,
        translate: Translate | None = None,
        read_quota: Callable[[Mapping[str, str]], Quota | None] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after_header: str = "retry-after",
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
        transport: BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.connection = connection
        self.quota = Quota()
        self.calls = 0
        self.meter: Meter | None = None
        self.clock_offset: float | None = None
        self._throttle = throttle
        self._translate = translate
        self._read_quota = read_quota
        self._retry_after_header = retry_after_header
        self._sleep = sleep
        self._client = httpx.Client(
            base_url=base_url,
            auth=auth,
            headers={"user-agent": "renkei/0.1 (+self-hosted lead sync)", **(headers or {})},
            timeout=httpx.Timeout(read_timeout, connect=connect_timeout),
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def base_url(self) -> str:
        """Where relative paths go."""
        return str(self._client.base_url)

    def close(self) -> None:
        """Give the sockets back."""
        self._client.close()

    def get(self, path: str, **options: Any) -> Reply:
        """Read; retried for a moment when the vendor stumbles."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Reply:
        """Send. Pass ``safe=True`` where the vendor's POST only reads (a search, a batch read)."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Reply:
        """Replace or upsert."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Reply:
        """Change some fields."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        """Delete or cancel."""
        return self.request("DELETE", path, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool | None = None,
        accept: tuple[int, ...] = (),
    ) -> Reply:
        """The vendor's answer to one request.

        ``safe`` says the request may be repeated with no effect (default: by method). ``accept``
        lists statuses beside 2xx that the caller reads for itself (304, 404, 207 is 2xx).
        Raises the errors of ``connectors.kit.errors``; never httpx's.
        """
        body = orjson.dumps(json) if json is not None else content
        sent_headers = {"x-request-id": uuid4().hex, **(headers or {})}
        if json is not None:
            sent_headers["content-type"] = "application/json"
        may_repeat = method in SAFE_METHODS if safe is None else safe
        query = list(params.items()) if isinstance(params, Mapping) else params
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(SHORT_RETRIES),
            wait=self._wait,
            retry=tenacity.retry_if_exception(lambda error: _short(error, may_repeat)),
            sleep=self._sleep,
            reraise=True,
        )

        def attempt() -> Reply:
            if self._throttle is not None:
                self._throttle.wait()
            if self.meter is not None and (wait := self.meter.spend()):
                self._sleep(wait)
            try:
                request = self._client.build_request(
                    method,
                    path,
                    params=None if query is None else httpx.QueryParams(list(query)),
                    content=body,
                    data=dict(form) if form is not None else None,
                    headers=sent_headers,
                )
            except httpx.InvalidURL as error:
                raise ContractBroken(
                    f'connection "{self.connection}": the address is no URL; check the base URL',
                    code="BAD_REQUEST",
                ) from error
            return self._judge(self._send(request, may_repeat), accept, may_repeat)

        return retrying(attempt)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, RateLimited):
            return error.retry_after
        return float(tenacity.wait_random_exponential(multiplier=0.2, max=SHORT_WAIT)(state))

    def _send(self, request: Request, safe: bool) -> Reply:
        where = f"{request.method} {request.url.host}{shown_path(str(request.url))}"
        self.calls += 1
        started = time.monotonic()
        try:
            response = self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable(
                f'connection "{self.connection}" could not reach {request.url.host}: '
                f"{type(error).__name__}; check the address and the network",
                code="UNREACHABLE",
            ) from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise ContractBroken(
                f'connection "{self.connection}": {where} cannot be sent ({type(error).__name__}); '
                "check the base URL",
                code="BAD_REQUEST",
            ) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Unavailable(
                f'connection "{self.connection}": {where} was sent and got no whole answer '
                f"({type(error).__name__})",
                maybe_applied=not safe,
                code="NO_ANSWER",
            ) from error
        if len(response.content) > MAX_REPLY_BYTES:
            raise ContractBroken(f"{where} answered with more than {MAX_REPLY_BYTES} bytes")
        log.debug(
            "%s %s %s in %.0f ms, request %s",
            self.connection,
            where,
            response.status_code,
            (time.monotonic() - started) * 1000,
            request.headers.get("x-request-id"),
        )
        return Reply(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=response.content,
            url=str(request.url),
            method=request.method,
        )

    def _judge(self, reply: Reply, accept: tuple[int, ...], safe: bool) -> Reply:
        if self._read_quota is not None:
            said = self._read_quota(reply.headers)
            if said is not None and (said.left is not None or self.quota.left is None):
                self.quota = said
            if said is not None and self.meter is not None:
                self.meter.heard(said)
        self._note_clock(reply)
        if 200 <= reply.status < 300 or reply.status in accept:
            return reply
        error = self._translated(reply) or self._by_status(reply, safe)
        if isinstance(error, RateLimited):
            if self._throttle is not None:
                self._throttle.pause(min(error.retry_after, SHORT_WAIT))
            if self.meter is not None:
                self.meter.pause(error.retry_after)
        raise error

    def _translated(self, reply: Reply) -> ConnectorError | None:
        """The vendor's own word; None where it has none or answers with an error page."""
        try:
            return self._translate(reply) if self._translate is not None else None
        except ContractBroken:
            return None

    def _note_clock(self, reply: Reply) -> None:
        said = moment(reply.headers.get("date", ""))
        if said is not None:
            self.clock_offset = (said - datetime.now(UTC)).total_seconds()

    def wait_said(self, reply: Reply, default: float = 10.0) -> float:
        """Seconds the answer asks us to wait, or ``default`` where it does not say."""
        for name in (self._retry_after_header, "retry-after"):  # a proxy before it may speak too
            said = retry_after(reply.headers, name)
            if said is not None:
                return said
        return default

    def _by_status(self, reply: Reply, safe: bool) -> ConnectorError:
        where = f'connection "{self.connection}": {reply.method} {shown_path(reply.url)}'
        status = reply.status
        match status:
            case 401:
                return AuthFailed(
                    f"{where} was refused (401): the credentials are wrong, expired or revoked; "
                    f'sign in again or renew the token of "{self.connection}"',
                    status=status,
                )
            case 403:
                return AuthFailed(
                    f"{where} was forbidden (403): the credentials lack a permission or scope",
                    status=status,
                    code="FORBIDDEN",
                )
            case 404 | 410:
                return RecordGone(f"{where} found nothing ({status})", status=status)
            case 409 | 412:
                return Conflict(f"{where} met a newer or existing record ({status})", status=status)
            case 429:
                return RateLimited(
                    f"{where} was told to slow down", retry_after=self.wait_said(reply)
                )
            case 423 | 425:
                return Unavailable(f"{where} is locked for now ({status})", status=status)
            case _ if status >= 500 or status == 408:
                return Unavailable(
                    f"{where} failed at the vendor ({status})",
                    status=status,
                    maybe_applied=not safe,
                )
            case _ if 300 <= status < 400:
                return ContractBroken(
                    f"{where} was redirected ({status}); check the base URL", status=status
                )
            case _:
                return RecordRejected(f"{where} was refused ({status})", status=status)


def _short(error: BaseException, may_repeat: bool) -> bool:
    if isinstance(error, Unavailable):
        return may_repeat or error.code == "UNREACHABLE"
    return isinstance(error, RateLimited) and error.retry_after <= SHORT_WAIT


class _InProcess(httpx.WSGITransport):
    def handle_request(self, request: Request) -> Response:
        try:
            return super().handle_request(request)
        except ConnectionError as error:
            raise httpx.ReadError(str(error), request=request) from error


def in_process(app: Any) -> BaseTransport:
    """A transport that calls a WSGI application directly: simulators without sockets."""
    return _InProcess(app=app)


@dataclass(frozen=True)
class Wiring:
    """What the hub gives a connector to be built with.

    ``transport`` replaces the network in tests. ``now`` is the wall clock, aware and in UTC.
    ``root`` is the operator's directory, which relative paths of options are meant from. ``meter``
    counts the account's calls.
    """

    connection: str
    tokens: TokenStore
    transport: BaseTransport | None = None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    sleep: Callable[[float], None] = time.sleep
    root: Path = Path()
    meter: Meter | None = None

    def session(self, *, base_url: str, **options: Any) -> Session:
        """A session of this connection; options as Session takes them."""
        session = Session(
            connection=self.connection,
            base_url=base_url,
            transport=self.transport,
            sleep=self.sleep,
            **options,
        )
        session.meter = self.meter
        return session

    def throttle(self, rate: float, per: float = 1.0) -> Throttle:
        """A throttle on this connection's clock."""
        return Throttle(rate, per, sleep=self.sleep)
