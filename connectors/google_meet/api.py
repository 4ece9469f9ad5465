"""Calls to Google on behalf of each user: who signs, which host, and bodies that are objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from connectors.google_meet.options import Options, RefreshAuth
from connectors.google_meet.translate import translate
from connectors.kit.auth import JwtBearer, OAuth, RefreshToken
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import token_pages
from connectors.kit.session import Reply, Session, Wiring
from connectors.kit.tokens import MemoryTokens

Body = Mapping[str, Any]

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
HOSTS: Mapping[str, str] = {
    "/calendar/": "https://www.googleapis.com",
    "/v2/": "https://meet.googleapis.com",
    "/v1/": "https://workspaceevents.googleapis.com",
}
"""Google's hosts by the beginning of a path (its discovery documents)."""
SCOPES = (
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/meetings.space.readonly",
)
ASSERTION_LIFETIME = 3600
"""Seconds; the longest that Google takes."""
CALENDAR = "/calendar/v3/calendars/primary/events"


class Api:
    """One session for each user, made when it is first used; they share one throttle."""

    def __init__(self, options: Options, wiring: Wiring) -> None:
        self.options = options
        self.wiring = wiring
        self._sessions: dict[str, Session] = {}
        self._throttle = wiring.throttle(options.requests_per_second)

    def close(self) -> None:
        """Give the sockets back."""
        for session in self._sessions.values():
            session.close()

    def session(self, user: str) -> Session:
        """The session that acts for a user, by the user's short name."""
        if user not in self._sessions:
            self._sessions[user] = self.wiring.session(
                base_url=self.options.base_url or HOSTS["/calendar/"],
                auth=self._auth(user),
                throttle=self._throttle,
                translate=translate,
            )
        return self._sessions[user]

    def request(self, user: str, method: str, path: str, **options: Any) -> Reply:
        """The answer to a request on behalf of a user."""
        return self.session(user).request(method, self._url(path), **options)

    def get(self, user: str, path: str, **params: Any) -> Body:
        """The body of a read."""
        return object_of(self.request(user, "GET", path, params=params))

    def pages(self, user: str, path: str, name: str, **params: Any) -> Iterator[Body]:
        """Everything of a list, item by item."""

        def fetch(token: str | None) -> Body:
            more = {"pageToken": token} if token else {}
            return self.get(user, path, **params, **more)

        following: Callable[[Body], str | None] = lambda body: body.get("nextPageToken")  # noqa: E731
        for body in token_pages(fetch, following, what="a list of Google's"):
            yield from items_of(body, name)

    def _url(self, path: str) -> str:
        host = next(host for start, host in HOSTS.items() if path.startswith(start))
        return f"{self.options.base_url or host}{path}"

    def _auth(self, user: str) -> OAuth:
        auth = self.options.auth
        base = self.options.base_url
        if isinstance(auth, RefreshAuth):
            return RefreshToken(
                self.wiring,
                f"{base}/token" if base else TOKEN_URL,
                auth.client_id,
                auth.client_secret.get_secret_value(),
                auth.refresh_token.get_secret_value(),
            )
        token_url = f"{base}/token" if base else auth.field("token_uri", TOKEN_URL)
        # Each user has a token of their own, and it costs nothing to get again.
        own = replace(self.wiring, tokens=MemoryTokens())
        return JwtBearer(
            own,
            token_url,
            auth.field("client_email"),
            self.options.users[user].email,
            auth.field("token_uri", TOKEN_URL),
            auth.field("private_key"),
            lifetime=ASSERTION_LIFETIME,
            claims={"scope": " ".join(SCOPES)},
            key_id=auth.field("private_key_id"),
        )


def object_of(reply: Reply) -> Body:
    """The body of an answer; ContractBroken where it is no object."""
    body = reply.json()
    if isinstance(body, Mapping):
        return body
    raise ContractBroken("Google answered with JSON that is no object", code="GOOGLE_MEET_SHAPE")


def items_of(body: Body, name: str) -> list[Body]:
    """The items of a list's page, none where Google leaves the list out."""
    items = body.get(name, [])
    if isinstance(items, list) and all(isinstance(item, Mapping) for item in items):
        return items
    raise ContractBroken(f"Google answered without a list of {name}", code="GOOGLE_MEET_SHAPE")
