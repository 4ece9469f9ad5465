"""The simulated Google sign-in: assertions of a service account, refresh tokens, and who may what.

Sources: the fact sheets of Meet and Calendar (Google's discovery documents); the words of refused
grants are from memory. A service account acts for a person only where an administrator delegated
the scopes to it; without ``sub`` it acts as itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.exceptions import HTTPException

from connectors.kit.simulator import (
    BaseSimulator,
    Refusal,
    Request,
    Response,
    Window,
    json_response,
    route,
)

AUDIENCE = "https://oauth2.googleapis.com/token"
SERVICE_ACCOUNT = "renkei@mihon-project.iam.gserviceaccount.com"
KEY_ID = "rehearsal-key"
CLIENT_ID = "1234.apps.googleusercontent.com"
CLIENT_SECRET = "rehearsal-client-secret"  # noqa: S105 - opens nothing but a simulator
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ROOT = "https://www.googleapis.com/auth/"
EVENTS, CALENDAR_READ = f"{ROOT}calendar.events", f"{ROOT}calendar.readonly"
SPACES, SPACES_CREATED = f"{ROOT}meetings.space.readonly", f"{ROOT}meetings.space.created"
LIFETIME = 3599
"""Seconds an access token lives (as Google answers ``expires_in``)."""
LONGEST_ASSERTION = timedelta(hours=1)


@cache
def key_pair(name: str) -> tuple[str, str]:  # noqa: ARG001 - the name is the cache's key
    """An RSA private key and its public key, both PEM; one for each name and process."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode("ascii"),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii"),
    )


def refusal(code: int, reason: str, message: str, *, domain: str = "global") -> Refusal:
    """A refusal as the Calendar API writes it: with a list of errors, each with a reason."""
    one = {"domain": domain, "reason": reason, "message": message}
    return Refusal(
        json_response({"error": {"code": code, "message": message, "errors": [one]}}, code)
    )


def status_refusal(code: int, status: str, message: str) -> Refusal:
    """A refusal as the newer APIs write it: with the name of a status."""
    body = {"error": {"code": code, "message": message, "status": status, "details": []}}
    return Refusal(json_response(body, code))


def stamp(moment: datetime) -> str:
    """A moment as the newer APIs write it, down to the microsecond."""
    return moment.isoformat().replace("+00:00", "Z")


class SignIn(BaseSimulator):
    """One Workspace with people, a service account and an OAuth app."""

    slug = "google_meet"

    def __init__(
        self,
        *,
        path: Path | None,
        now: Callable[[], datetime],
        seed: int,
        per_minute: int | None,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed)
        self.people = self.table("people")
        self.grants = self.table("grants")
        self.delegated = {EVENTS, CALENDAR_READ, SPACES, SPACES_CREATED}
        self.app_scopes = set(self.delegated)
        self.revoked = False
        self._per_minute = per_minute
        self._windows: dict[str, Window] = {}
        self.who = ""

    def service_account_key(self) -> dict[str, str]:
        """The key file of the service account, as the console hands it out."""
        return {
            "type": "service_account",
            "client_email": SERVICE_ACCOUNT,
            "private_key_id": KEY_ID,
            "private_key": key_pair("service account")[0],
            "token_uri": AUDIENCE,
        }

    def allow(self, email: str) -> str:
        """A person consents to the OAuth app; returns the refresh token."""
        with self.lock:
            token = f"1//rehearsal-{self.next_id('refresh')}"
            self.table("refresh")[token] = {"email": email}
            return token

    def revoke(self) -> None:
        """Take every grant away: sessions, refresh tokens and the delegation."""
        self.revoked = True
        self.delegated = set()
        for token in list(self.grants):
            del self.grants[token]

    # -- tokens -------------------------------------------------------------------------------

    @route("POST", "/token")
    def token(self, request: Request) -> Response:
        """An access token for an assertion or a refresh token."""
        kind = request.form.get("grant_type")
        if kind == JWT_GRANT:
            email, scopes = self._asserted(request.form.get("assertion", ""))
        elif kind == "refresh_token":
            email, scopes = self._refreshed(request)
        else:
            raise _no("unsupported_grant_type", f"Invalid grant_type: {kind}")
        access = f"ya29.{self.random.getrandbits(120):030x}"
        until = self.now().timestamp() + LIFETIME
        self.grants[access] = {"email": email, "scopes": sorted(scopes), "until": until}
        return json_response(
            {
                "access_token": access,
                "expires_in": LIFETIME,
                "token_type": "Bearer",
                "scope": " ".join(sorted(scopes)),
            }
        )

    def _asserted(self, assertion: str) -> tuple[str, set[str]]:
        try:
            claims = jwt.decode(
                assertion,
                key_pair("service account")[1],
                algorithms=["RS256"],
                audience=AUDIENCE,
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "require": ["iss", "iat", "exp", "scope"],
                },
            )
        except (jwt.PyJWTError, ValueError):
            raise _no("invalid_grant", "Invalid JWT Signature.") from None
        now = self.now().timestamp()
        lifetime = float(claims["exp"]) - float(claims["iat"])
        if not 0 < lifetime <= LONGEST_ASSERTION.total_seconds() or claims["exp"] <= now:
            raise _no(
                "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)"
            )
        if claims["iss"] != SERVICE_ACCOUNT:
            raise _no("invalid_grant", "Invalid grant: account not found")
        email = claims.get("sub", SERVICE_ACCOUNT)
        scopes = set(str(claims["scope"]).split())
        if "sub" in claims and not scopes <= self.delegated:
            raise _no(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not"
                " authorized for any of the scopes requested.",
                401,
            )
        if "sub" in claims and email not in self.people:
            raise _no("invalid_grant", "Invalid email or User ID")
        return email, scopes

    def _refreshed(self, request: Request) -> tuple[str, set[str]]:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise _no("invalid_client", "Unauthorized", 401)
        held = self.table("refresh").get(form.get("refresh_token", ""))
        if held is None or self.revoked:
            raise _no("invalid_grant", "Token has been expired or revoked.")
        return str(held["email"]), set(self.app_scopes)

    # -- every other request ------------------------------------------------------------------

    def admit(self, request: Request) -> None:
        """Check the token, its scopes and the quota of a minute."""
        if request.path in ("/token", "/oauth2/v3/certs"):
            return
        grant = self._grant(request)
        self.who = str(grant["email"])
        calendar = request.path.startswith("/calendar/")
        reads = request.method == "GET"
        wanted = {EVENTS} if calendar else {SPACES, SPACES_CREATED}
        wanted |= {CALENDAR_READ} if calendar and reads else set()
        if not wanted & set(grant["scopes"]):
            message = "Request had insufficient authentication scopes."
            if calendar:
                raise refusal(403, "insufficientPermissions", message)
            raise status_refusal(403, "PERMISSION_DENIED", message)
        self._count(calendar=calendar)

    def _grant(self, request: Request) -> dict[str, Any]:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        held = self.grants.get(given)
        if scheme != "Bearer" or held is None or held["until"] <= self.now().timestamp():
            if request.path.startswith("/calendar/"):
                raise refusal(401, "authError", "Invalid Credentials")
            raise status_refusal(401, "UNAUTHENTICATED", "Request had invalid credentials.")
        return held

    def _count(self, *, calendar: bool) -> None:
        if self._per_minute is None:
            return
        window = self._windows.setdefault(self.who, Window(self._per_minute, 60.0))
        if window.take(self.now()):
            return
        if calendar:
            raise refusal(403, "rateLimitExceeded", "Rate Limit Exceeded", domain="usageLimits")
        raise status_refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric")

    def refuse(self, request: Request, error: HTTPException) -> Response:
        """A wrong path or method."""
        return refusal(error.code or 500, "notFound", request.path).response


def _no(error: str, description: str, status: int = 400) -> Refusal:
    return Refusal(json_response({"error": error, "error_description": description}, status))
