"""How a request proves who we are: fixed secrets, and OAuth tokens that change hands.

An OAuth scheme keeps its token in ``wiring.tokens``, which all workers of a connection share: one
of them refreshes, the others get what it got. A rotated refresh token is saved before the access
token that came with it is used. A request that the vendor answers with "expired" is signed again
with a newer token and sent once more.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import jwt

from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    Unavailable,
)
from connectors.kit.session import Auth, Reply, Request, Response, Translate, Wiring
from connectors.kit.tokens import Token

__all__ = [
    "ApiKey",
    "Auth",
    "Basic",
    "Bearer",
    "ClientCredentials",
    "JwtBearer",
    "OAuth",
    "RefreshToken",
]

DEAD_GRANTS = frozenset({"invalid_grant", "invalid_code"})
"""What a token endpoint calls a refresh token that no longer works (RFC 6749 §5.2; Zoho's word)."""
_NOT_KEPT = frozenset(
    {"access_token", "refresh_token", "id_token", "token_type", "expires_in", "signature"}
)
_ERROR_CODE = re.compile(r"[A-Za-z0-9_.\- ]{1,60}")

Signing = Generator[Request, Response, None]


def expired_401(response: Response) -> bool:
    """Whether a vendor says by status that the access token is no longer good."""
    return response.status_code == 401


class ApiKey(Auth):
    """A secret in a header of the vendor's own."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value.strip()

    def auth_flow(self, request: Request) -> Signing:
        """Add the header."""
        request.headers[self._header] = _header_safe(self._value)
        yield request


class Bearer(ApiKey):
    """A fixed token: ``Authorization: Bearer …``."""

    def __init__(self, token: str) -> None:
        super().__init__("authorization", f"Bearer {token.strip()}")


class Basic(ApiKey):
    """User and password, or a key in place of either (RFC 7617, UTF-8)."""

    def __init__(self, user: str, password: str) -> None:
        pair = b64encode(f"{user}:{password}".encode()).decode("ascii")
        super().__init__("authorization", f"Basic {pair}")


class OAuth(Auth, ABC):
    """Signs with a token of ``wiring.tokens`` and gets a newer one when it is used up.

    ``expired`` reads from an answer that the access token is no longer good (default: 401).
    ``early`` is how many seconds before its end a token counts as used up. ``scheme`` is the word
    before the token in the header. ``translate`` is asked first about a refusal of the token
    endpoint. ``basic`` sends client id and secret as a header (RFC 6749 §2.3.1) and not in the
    form; ``in_query`` sends the whole form in the query, for a vendor that reads nothing else.
    """

    requires_response_body = True
    safe_to_repeat = True

    def __init__(
        self,
        wiring: Wiring,
        token_url: str,
        client_id: str = "",
        client_secret: str = "",
        *,
        extra: Mapping[str, str] | None = None,
        early: float = 60.0,
        expired: Callable[[Response], bool] = expired_401,
        scheme: str = "Bearer",
        translate: Translate | None = None,
        basic: bool = False,
        in_query: bool = False,
    ) -> None:
        self._wiring = wiring
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._extra = dict(extra or {})
        self._early = timedelta(seconds=early)
        self._expired = expired
        self._scheme = scheme
        self._translate = translate
        self._basic = basic
        self._place = "params" if in_query else "form"

    def auth_flow(self, request: Request) -> Signing:
        """Sign; after an answer that says "expired", sign with a newer token and send once more."""
        token = self.token()
        self._sign(request, token)
        response = yield request
        if self._expired(response):
            self._sign(request, self._renew(token))
            yield request

    def token(self) -> Token:
        """A token that is good for now; ``extra`` holds what came with it (instance_url, scope)."""
        held = self._wiring.tokens.read(self._wiring.connection)
        return held if held is not None and not self._used_up(held) else self._renew(held)

    def _used_up(self, token: Token) -> bool:
        return token.expires_at is not None and (
            token.expires_at - self._early <= self._wiring.now()
        )

    def _renew(self, used: Token | None) -> Token:
        version = None if used is None else used.version
        return self._wiring.tokens.refresh(self._wiring.connection, version, self._fetch)

    def _sign(self, request: Request, token: Token) -> None:
        request.headers["authorization"] = _header_safe(f"{self._scheme} {token.access_token}")

    def _fetch(self, held: Token | None) -> Token:  # noqa: ARG002 - only some need what was held
        return self._ask(self._form())

    @abstractmethod
    def _form(self) -> dict[str, str]:
        """What is asked of the token endpoint."""

    def _ask(self, form: dict[str, str]) -> Token:
        """The token endpoint's answer; its failures never say that a write may have happened."""
        headers = {"accept": "application/json"}
        if self._basic:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
            headers["authorization"] = f"Basic {b64encode(pair.encode()).decode('ascii')}"
        else:
            client = {"client_id": self._client_id, "client_secret": self._client_secret}
            form = {name: value for name, value in client.items() if value} | form
        asked_at = self._wiring.now()
        session = self._wiring.session(base_url=self._token_url)
        try:
            reply = session.post(
                self._token_url,
                headers=headers,
                safe=self.safe_to_repeat,
                accept=(400, 401, 403),
                **{self._place: form},
            )
        except Unavailable as error:
            raise Unavailable(
                f'connection "{self._wiring.connection}": the token endpoint at {self._host} gave '
                "no token; tried again later",
                status=error.status,
                code="UNREACHABLE" if error.code == "UNREACHABLE" else "TOKEN_UNAVAILABLE",
            ) from error
        finally:
            session.close()
        return self._read(reply, asked_at)

    @property
    def _host(self) -> str:
        return urlsplit(self._token_url).hostname or self._token_url

    def _read(self, reply: Reply, asked_at: datetime) -> Token:
        body = _object(reply)
        access = body.get("access_token")
        if reply.status < 300 and isinstance(access, str) and access:
            refresh = body.get("refresh_token")
            return Token(
                access_token=access,
                refresh_token=refresh if isinstance(refresh, str) and refresh else None,
                expires_at=_expiry(body.get("expires_in"), asked_at),
                extra={
                    name: value
                    for name, value in body.items()
                    if isinstance(value, str) and name not in _NOT_KEPT
                },
            )
        raise self._refusal(reply, body)

    def _refusal(self, reply: Reply, body: Mapping[str, Any]) -> ConnectorError:
        said = self._translate(reply) if self._translate is not None else None
        if said is not None:
            return said
        error = body.get("error")
        connection = self._wiring.connection
        if not isinstance(error, str) or not _ERROR_CODE.fullmatch(error):
            if reply.status < 300:
                return ContractBroken(
                    f'connection "{connection}": the token endpoint at {self._host} answered '
                    f"{reply.status} without an access token",
                    status=reply.status,
                )
            error = str(reply.status)
        dead = error in DEAD_GRANTS
        return AuthFailed(
            f'connection "{connection}" was refused a token by {self._host} ({error}): '
            + (
                f'renew the grant in the configuration, then "renkei resume {connection}"'
                if dead
                else "check its client id, secret, key and the permissions of its app"
            ),
            status=reply.status,
            code="REAUTHORISE" if dead else "TOKEN_REFUSED",
        )


class ClientCredentials(OAuth):
    """A token for the app itself (RFC 6749 §4.4). ``extra`` may replace ``grant_type``."""

    def __init__(
        self,
        wiring: Wiring,
        token_url: str,
        client_id: str,
        client_secret: str,
        scope: str | None = None,
        extra: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(wiring, token_url, client_id, client_secret, extra=extra, **options)
        self._scope = scope

    def _form(self) -> dict[str, str]:
        scope = {"scope": self._scope} if self._scope else {}
        return {"grant_type": "client_credentials", **scope, **self._extra}


class RefreshToken(OAuth):
    """A token for a person who signed in once (RFC 6749 §6), whether or not it rotates.

    ``initial_refresh_token`` is what the sign-in gave; once the store holds a token, the store's is
    used. A dead refresh token is read again once, for another worker may have rotated it, and the
    initial one is tried where it is another (an operator signed in again); then AuthFailed with
    code REAUTHORISE.
    """

    safe_to_repeat = False

    def __init__(
        self,
        wiring: Wiring,
        token_url: str,
        client_id: str,
        client_secret: str,
        initial_refresh_token: str | None = None,
        extra: Mapping[str, str] | None = None,
        early: float = 60.0,
        **options: Any,
    ) -> None:
        super().__init__(
            wiring, token_url, client_id, client_secret, extra=extra, early=early, **options
        )
        self._initial = initial_refresh_token

    def _renew(self, used: Token | None) -> Token:
        try:
            return super()._renew(used)
        except AuthFailed as error:
            held = self._wiring.tokens.read(self._wiring.connection)
            rotated = held is not None and (used is None or held.version > used.version)
            if error.code != "REAUTHORISE" or not rotated or held is None:
                raise
            return held if not self._used_up(held) else super()._renew(held)

    def _fetch(self, held: Token | None) -> Token:
        kept = held.refresh_token if held is not None else None
        tries = list(dict.fromkeys(token for token in (kept, self._initial) if token))
        if not tries:
            raise AuthFailed(
                f'connection "{self._wiring.connection}" has no refresh token: put one in its '
                f'options, then "renkei resume {self._wiring.connection}"',
                code="REAUTHORISE",
            )
        for token in tries[:-1]:
            try:
                return self._exchange(token)
            except AuthFailed as error:
                if error.code != "REAUTHORISE":
                    raise
        return self._exchange(tries[-1])

    def _form(self) -> dict[str, str]:
        return {"grant_type": "refresh_token", **self._extra}

    def _exchange(self, refresh_token: str) -> Token:
        fresh = self._ask({**self._form(), "refresh_token": refresh_token})
        if fresh.refresh_token is not None:
            return fresh
        return Token(fresh.access_token, refresh_token, fresh.expires_at, fresh.extra)


class JwtBearer(OAuth):
    """A token for an assertion we sign ourselves, RS256 (RFC 7523). Nothing to rotate or lose.

    ``claims`` go into the assertion beside ours; ``key_id`` names the key in its header.
    """

    def __init__(
        self,
        wiring: Wiring,
        token_url: str,
        issuer: str,
        subject: str,
        audience: str,
        private_key_pem: str,
        lifetime: int = 180,
        claims: Mapping[str, str] | None = None,
        key_id: str = "",
        **options: Any,
    ) -> None:
        super().__init__(wiring, token_url, **options)
        self._claims = {"iss": issuer, "sub": subject, "aud": audience, **(claims or {})}
        self._key = private_key_pem
        self._headers = {"kid": key_id} if key_id else None
        self._lifetime = lifetime

    def _form(self) -> dict[str, str]:
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return {"grant_type": grant, "assertion": self._assertion(), **self._extra}

    def _assertion(self) -> str:
        issued = int(self._wiring.now().timestamp())
        claims = {name: value for name, value in self._claims.items() if value}
        times = {"iat": issued, "exp": issued + self._lifetime}
        try:
            return jwt.encode({**claims, **times}, self._key, "RS256", self._headers)
        except (jwt.PyJWTError, ValueError, TypeError):
            # the cause is not chained: a key parser's message may quote the key
            raise AuthFailed(
                f'connection "{self._wiring.connection}": the private key cannot be read; it must '
                "be an RSA key in PEM form, with its BEGIN and END lines",
                code="PRIVATE_KEY",
            ) from None


def _object(reply: Reply) -> Mapping[str, Any]:
    """The token endpoint's body; an empty one where a refusal is no JSON object."""
    try:
        body = reply.json()
    except ContractBroken:
        if reply.status < 300:
            raise
        body = None
    return body if isinstance(body, dict) else {}


def _expiry(seconds: Any, asked_at: datetime) -> datetime | None:
    """When a token that lives ``seconds`` from when we asked is used up; None if not said."""
    try:
        lifetime = float(seconds)
        return asked_at + timedelta(seconds=lifetime) if lifetime > 0 else None
    except (TypeError, ValueError, OverflowError):
        return None


def _header_safe(value: str) -> str:
    """The value, or AuthFailed where no header can carry it (an error of httpx would quote it)."""
    if value.isascii() and value.isprintable():
        return value
    raise AuthFailed(
        "a secret has characters that no header can carry: copy it again, without line breaks or "
        "full-width characters",
        code="BAD_SECRET",
    )
