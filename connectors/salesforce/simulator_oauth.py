"""The simulated sign-in: JWT bearer, client credentials, a code, and rotating refresh tokens.

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
AUTHORIZATION_CODE = "aPrx.rehearsal"
"""What a user's browser brings back from the consent page; good once."""
LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANTS = (JWT_GRANT, "client_credentials", "refresh_token", "authorization_code")
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


def _client(request: Request) -> tuple[str | None, str | None]:
    """The app's id and secret: in the form, or in a Basic header."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        return basic.username, basic.password
    return request.form.get("client_id"), request.form.get("client_secret")


def _no(error: str, description: str) -> Refusal:
    return Refusal(json_response({"error": error, "error_description": description}, 400))


class OAuthRoutes(OrgSimulator):
    """One connected app, CLIENT_ID, that one user has approved.

    ``revoke_on_reuse``: a refresh token that was used before ends the grant that it came from, as
    refresh token rotation has it. A user who signs in again gives a new grant.
    """

    revoke_on_reuse = False

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
        """A session for one of four grants."""
        form = request.form
        if form.get("grant_type") not in GRANTS:
            raise _no("unsupported_grant_type", "grant type not supported")
        extra: dict[str, str] = {}
        if form["grant_type"] == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), request)
        elif _client(request) != (CLIENT_ID, CLIENT_SECRET):
            raise _no("invalid_client", "invalid client credentials")
        elif form["grant_type"] == "refresh_token":
            extra["refresh_token"] = self._rotate(form.get("refresh_token", ""))
        elif form["grant_type"] == "authorization_code":
            extra["refresh_token"] = self._use_code(form.get("code"), form.get("redirect_uri"))
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
            "id": self.identity_url(request),
            "token_type": "Bearer",
            "issued_at": str(int(self.now().timestamp() * 1000)),
            "signature": "rehearsal",
            "scope": "api refresh_token",
        }

    def identity_url(self, request: Request) -> str:
        """Where the connected user is told about."""
        instance = self.instance_url or request.host_url.rstrip("/")
        return f"{instance}/id/{self._org_id()}/{self.org.owner()}"

    def _org_id(self) -> str:
        return next(iter(self.table("Organization")), "")

    def _use_code(self, code: str | None, redirect_uri: str | None) -> str:
        """The refresh token of a grant that a user gave in a browser."""
        used = "code" in self.table("_app")
        if code != AUTHORIZATION_CODE or used:
            raise _no("invalid_grant", "expired authorization code" if used else "invalid code")
        if not redirect_uri:
            raise _no("redirect_uri_mismatch", "redirect_uri must match configuration")
        self.table("_app")["code"] = {"used": True}
        return str(self.table("_app").get("refresh", {"token": REFRESH_TOKEN})["token"])

    @route("POST", "/services/oauth2/revoke")
    def revoke_token(self, request: Request) -> Response:
        """Take a session or the refresh token away."""
        token = request.values.get("token", "")
        held = self.table("_app").get("refresh", {"token": REFRESH_TOKEN})["token"]
        if token == held:
            self.table("_app")["refresh"] = {"token": f"revoked.{self.next_id('refresh')}"}
        elif self.table("_sessions").pop(token, None) is None:
            raise _no("unsupported_token_type", "this token type is not supported")
        return Response(status=200)

    @route("GET", "/services/oauth2/userinfo")
    @route("GET", "/id/<org>/<user>")
    def identity(self, request: Request, org: str = "", user: str = "") -> Response:
        """Who the session belongs to."""
        if not self.has_session(request):
            return Response("Bad_OAuth_Token", status=403, content_type="text/plain")
        if (org or self._org_id(), user or self.org.owner()) != (self._org_id(), self.org.owner()):
            return Response("Bad_Id", status=404, content_type="text/plain")
        who = INTEGRATION_USER
        base = self.instance_url or request.host_url.rstrip("/")
        return json_response(
            {
                "id": self.identity_url(request),
                "sub": self.identity_url(request),
                "user_id": self.org.owner(),
                "organization_id": self._org_id(),
                "username": who["Username"],
                "preferred_username": who["Username"],
                "display_name": who["Name"],
                "name": who["Name"],
                "email": who["Email"],
                "active": True,
                "user_type": "STANDARD",
                "language": "ja",
                "locale": "ja_JP",
                "urls": {
                    "rest": f"{base}/services/data/v{{version}}/",
                    "sobjects": f"{base}/services/data/v{{version}}/sobjects/",
                    "query": f"{base}/services/data/v{{version}}/query/",
                },
            }
        )

    def _rotate(self, used: str) -> str:
        """The next refresh token; the used one dies at once."""
        held = self.table("_app").get("refresh", {"token": REFRESH_TOKEN})["token"]
        if used != held:
            spent = self.table("_spent").get(used)
            if self.revoke_on_reuse and spent is not None and spent["grant"] == self._grant():
                self.end_sessions()
                self._hold(f"revoked.{self.next_id('refresh')}")
            raise _no("invalid_grant", "expired access/refresh token")
        self.table("_spent")[used] = {"grant": self._grant()}
        return self._hold(f"5Aep861.rehearsal.{self.next_id('refresh')}")

    def sign_in(self) -> str:
        """The refresh token of a user who signs in, in place of the one that was held."""
        self.next_id("grant")
        return self._hold(f"5Aep861.rehearsal.{self.next_id('refresh')}")

    def _hold(self, token: str) -> str:
        self.table("_app")["refresh"] = {"token": token}
        return token

    def _grant(self) -> int:
        return int(self.table("_counters").get("grant", {"value": 0})["value"])

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
