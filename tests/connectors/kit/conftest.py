"""A vendor's token endpoint that rotates, revokes on reuse and counts, and who signs in there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.kit.auth import RefreshToken
from connectors.kit.session import Auth, Session, Wiring, in_process
from connectors.kit.simulator import BaseSimulator, Request, json_response, route
from connectors.kit.simulator import Response as Answer
from connectors.kit.tokens import MemoryTokens

TOKEN_URL = "https://login.vendor.example/oauth/token"
START = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


class Login(BaseSimulator):
    """A token endpoint that rotates refresh tokens, and one resource behind it."""

    slug = "login"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.refresh_token = "refresh-0"
        self.rotates = True
        self.lifetime: Any = 3600
        self.access_token = ""
        self.asked: list[dict[str, str]] = []
        self.queries: list[dict[str, str]] = []
        self.reused = 0
        self.answer: Answer | None = None
        self.extra: dict[str, Any] = {}

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Answer:
        self.asked.append(
            {**request.form, "authorization": request.headers.get("authorization", "")}
        )
        self.queries.append(dict(request.args))
        if self.answer is not None:
            return self.answer
        if request.form.get("grant_type") == "refresh_token":
            if request.form["refresh_token"] != self.refresh_token:
                self.reused += 1
                return json_response({"error": "invalid_grant"}, 400)
            if self.rotates:
                self.refresh_token = f"refresh-{self.next_id('refresh')}"
        self.access_token = f"access-{self.next_id('access')}"
        body: dict[str, Any] = {"access_token": self.access_token, **self.extra}
        if self.lifetime is not None:
            body["expires_in"] = self.lifetime
        if self.rotates:
            body["refresh_token"] = self.refresh_token
        return json_response(body)

    @route("GET", "/me")
    @route("POST", "/me")
    def me(self, request: Request) -> Answer:
        if request.headers.get("authorization", "").split()[-1] != self.access_token:
            return json_response({"message": "expired"}, 401)
        return json_response({"sent": request.get_data(as_text=True)})


@dataclass
class Bench:
    vendor: Login = field(default_factory=Login)
    tokens: MemoryTokens = field(default_factory=MemoryTokens)
    time: datetime = START

    @property
    def wiring(self) -> Wiring:
        return Wiring(
            connection="crm-jp",
            tokens=self.tokens,
            transport=in_process(self.vendor),
            now=lambda: self.time,
            sleep=lambda seconds: None,
        )

    def session(self, auth: Auth) -> Session:
        return self.wiring.session(base_url="https://api.vendor.example", auth=auth)

    def refresher(self, **options: Any) -> RefreshToken:
        return RefreshToken(
            self.wiring,
            TOKEN_URL,
            "id",
            "very-secret",
            initial_refresh_token="refresh-0",
            **options,
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()
