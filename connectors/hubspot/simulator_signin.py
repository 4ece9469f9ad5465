"""Routes of sign-in and of the account itself (HubSpot developer docs, OAuth, account information).

A refresh token does not rotate. An authorization code works once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.hubspot.simulator_rules import error_body, iso
from connectors.hubspot.simulator_ties import TieRoutes
from connectors.kit.simulator import Refusal, Request, Response, json_response, route

ACCESS_SECONDS = 1800
USER = {"user": "ops@renkei.example", "user_id": 9001, "hub_domain": "renkei.example"}


class SignInRoutes(TieRoutes):
    """One OAuth app that one user may connect."""

    client_id = "renkei-app"
    client_secret = "rehearsal-client-secret"  # noqa: S105 - a simulator's
    refresh_token = "rehearsal-refresh-token"  # noqa: S105 - a simulator's
    authorization_code = "rehearsal-code"
    """What the user's browser brings back after consenting."""
    portal_id = 62515
    app_id = 1160452
    scopes: tuple[str, ...] = ()

    @route("GET", "/account-info/v3/details")
    def account(self, _request: Request) -> Response:
        """Which portal the token belongs to."""
        return json_response(
            {
                "portalId": self.portal_id,
                "accountType": "STANDARD",
                "timeZone": "Asia/Tokyo",
                "companyCurrency": "JPY",
                "additionalCurrencies": [],
                "utcOffset": "+09:00",
                "utcOffsetMilliseconds": 32_400_000,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "jp1",
            }
        )

    @route("POST", "/oauth/v1/token")
    @route("POST", "/oauth/v3/token")
    def grant(self, request: Request) -> Response:
        """A new access token for a refresh token or, once, for an authorization code."""
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (
            self.client_id,
            self.client_secret,
        ):
            raise self._bad_grant("BAD_CLIENT_ID", "missing or unknown client id")
        match form.get("grant_type"):
            case "refresh_token":
                given = form.get("refresh_token")
                if given != self.refresh_token or given in self.table("revoked"):
                    raise self._bad_grant("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
            case "authorization_code":
                self._use_code(form.get("code"), form.get("redirect_uri"))
            case _:
                raise self._bad_grant("BAD_GRANT_TYPE", "missing or unsupported grant type")
        token = f"access-{self.next_id('access')}-{self.random.getrandbits(64):016x}"
        until = self.now() + timedelta(seconds=ACCESS_SECONDS)
        self.table("access")[token] = {"until": iso(until)}
        return json_response(
            {
                "access_token": token,
                "refresh_token": self.refresh_token,
                "expires_in": ACCESS_SECONDS,
                "token_type": "bearer",
                "hub_id": self.portal_id,
                "scopes": list(self.scopes),
            }
        )

    def _use_code(self, code: str | None, redirect_uri: str | None) -> None:
        if not redirect_uri:
            raise self._bad_grant("BAD_REDIRECT_URI", "missing or unknown redirect uri")
        if code != self.authorization_code or code in self.table("revoked"):
            raise self._bad_grant("BAD_AUTH_CODE", "missing or unknown auth code")
        self.table("revoked")[code] = {"at": iso(self.now())}
        self.table("revoked").pop(self.refresh_token, None)

    def _bad_grant(self, status: str, message: str) -> Refusal:
        body = error_body(message, "VALIDATION_ERROR", self.correlation())
        return Refusal(json_response({**body, "status": status}, 400))

    def _about(self, token: str, **more: Any) -> Response:
        about = {"token": token, "hub_id": self.portal_id, "client_id": self.client_id}
        return json_response({**about, **USER, "scopes": list(self.scopes), **more})

    @route("GET", "/oauth/v1/access-tokens/<token>")
    def token_info(self, _request: Request, token: str) -> Response:
        """What an access token may do, and for how many seconds yet."""
        issued = self.table("access").get(token)
        left = 0.0
        if issued is not None:
            left = (datetime.fromisoformat(issued["until"]) - self.now()).total_seconds()
        if left <= 0:
            raise self.missing("token", "access")
        return self._about(token, token_type="access", expires_in=int(left), app_id=self.app_id)  # noqa: S106 - a kind

    @route("GET", "/oauth/v1/refresh-tokens/<token>")
    def grant_info(self, _request: Request, token: str) -> Response:
        """Whose consent a refresh token is."""
        if token != self.refresh_token or token in self.table("revoked"):
            raise self.missing("token", "refresh")
        return self._about(token, token_type="refresh")  # noqa: S106 - a kind

    @route("DELETE", "/oauth/v1/refresh-tokens/<token>")
    def revoke_grant(self, _request: Request, token: str) -> Response:
        """Sign out."""
        self.table("revoked")[token] = {"at": iso(self.now())}
        return Response(status=204)
