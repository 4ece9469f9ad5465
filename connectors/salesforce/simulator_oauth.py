"""The simulated token endpoint: JWT bearer, client credentials and rotating refresh tokens.

Errors are RFC 6749's, with descriptions as the vendor words them (Salesforce help: OAuth 2.0 JWT
bearer flow, client credentials flow, refresh token rotation). No answer has ``expires_in``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.kit.simulator import Refusal, Request, Response, json_response, route
from connectors.salesforce.simulator_base import INTEGRATION_USER, OrgSimulator

CLIENT_ID = "3MVG9.renkei.rehearsal"
CLIENT_SECRET = "rehearsal-client-secret"  # noqa: S105 - opens nothing but a simulator
REFRESH_TOKEN = "5Aep861.rehearsal.0"  # noqa: S105 - as above
LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=5)
"""From public clients, which sign for three; the documentation's number is not at hand."""


def key_pair() -> tuple[str, str]:
    """A new RSA private key and its public key, both PEM."""
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


def _no(error: str, description: str) -> Refusal:
    return Refusal(json_response({"error": error, "error_description": description}, 400))


class OAuthRoutes(OrgSimulator):
    """One connected app, CLIENT_ID, that one user has approved."""

    def register_key(self, public_key: str) -> None:
        """Give the app the public key that its assertions are checked with."""
        self.table("_app")["key"] = {"pem": public_key}
        self.save()

    def revoke_app(self) -> None:
        """Take every grant of the app away: sessions, refresh tokens and the approval itself."""
        self.end_sessions()
        self.table("_app")["revoked"] = {"revoked": True}
        self.save()

    @route("POST", "/services/oauth2/token")
    def token(self, request: Request) -> Response:
        """A session for one of three grants."""
        form = request.form
        if form.get("grant_type") not in (JWT_GRANT, "client_credentials", "refresh_token"):
            raise _no("unsupported_grant_type", "grant type not supported")
        extra: dict[str, str] = {}
        if form["grant_type"] == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), request)
        elif (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise _no("invalid_client", "invalid client credentials")
        elif form["grant_type"] == "refresh_token":
            extra["refresh_token"] = self._rotate(form.get("refresh_token", ""))
        elif request.host.startswith(("login.", "test.")):
            raise _no("invalid_grant", "request not supported on this domain")
        if self.table("_app").get("revoked"):
            raise _no("invalid_grant", "user hasn't approved this consumer")
        return json_response(self._session(request) | extra)

    def _session(self, request: Request) -> dict[str, Any]:
        number = self.next_id("session")
        access = f"00DIR!{number}.{self.random.getrandbits(96):024x}"
        ends = self.now() + self.session_timeout
        self.table("_sessions")[access] = {"ends": ends.isoformat()}
        instance = self.instance_url or request.host_url.rstrip("/")
        return {
            "access_token": access,
            "instance_url": instance,
            "id": f"{instance}/id/00D/{self.org.owner()}",
            "token_type": "Bearer",
            "issued_at": str(int(self.now().timestamp() * 1000)),
            "signature": "rehearsal",
            "scope": "api refresh_token",
        }

    def _rotate(self, used: str) -> str:
        """The next refresh token; the used one dies at once."""
        held = self.table("_app").get("refresh", {"token": REFRESH_TOKEN})["token"]
        if used != held:
            raise _no("invalid_grant", "expired access/refresh token")
        fresh = f"5Aep861.rehearsal.{self.next_id('refresh')}"
        self.table("_app")["refresh"] = {"token": fresh}
        return fresh

    def _check_assertion(self, assertion: str, request: Request) -> None:
        key = self.table("_app").get("key", {}).get("pem", "")
        own = request.host_url.rstrip("/")
        try:
            claims = jwt.decode(
                assertion,
                key,
                algorithms=["RS256"],
                audience=[*LOGIN_HOSTS, own],
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "sub"]},
            )
        except jwt.InvalidAudienceError:
            raise _no("invalid_grant", "audience is invalid") from None
        except (jwt.PyJWTError, ValueError):
            raise _no("invalid_grant", "invalid assertion") from None
        left = float(claims["exp"]) - self.now().timestamp()
        if not 0 < left <= LONGEST_ASSERTION.total_seconds():
            raise _no("invalid_grant", "expired authorization code")
        if claims.get("iss") != CLIENT_ID:
            raise _no("invalid_client_id", "client identifier invalid")
        if claims["sub"] != INTEGRATION_USER["Username"]:
            raise _no("invalid_grant", "user hasn't approved this consumer")
