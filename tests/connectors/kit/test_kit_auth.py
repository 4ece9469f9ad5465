"""Tokens that are refreshed: once for all, saved before use, and asked for anew when refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.kit.auth import RefreshToken
from connectors.kit.errors import AuthFailed, Unavailable
from connectors.kit.session import Response
from connectors.kit.simulator import Fault, json_response
from connectors.kit.tokens import MemoryTokens, Token
from tests.connectors.kit.conftest import START, TOKEN_URL, Bench


class WatchedTokens(MemoryTokens):
    """Says which access token was saved when the vendor first saw it used."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[str] = []

    def refresh(
        self, connection: str, used: int | None, fetch: Callable[[Token | None], Token]
    ) -> Token:
        token = super().refresh(connection, used, fetch)
        self.saved.append(token.access_token)
        return token


def test_twenty_threads_make_one_refresh(bench: Bench) -> None:
    session = bench.session(bench.refresher())
    session.get("/me")
    bench.time += timedelta(hours=2)
    bench.vendor.access_token = "gone"
    failures: list[Exception] = []
    start = threading.Barrier(20)

    def work() -> None:
        try:
            start.wait()
            session.get("/me")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test fails on it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(bench.vendor.asked) == 2
    assert bench.vendor.reused == 0


def test_a_rotated_token_is_saved_before_it_is_used(bench: Bench) -> None:
    bench.tokens = tokens = WatchedTokens()
    session = bench.session(bench.refresher())
    session.get("/me")
    assert tokens.saved == ["access-1"]
    held = tokens.read("crm-jp")
    assert held is not None
    assert held.refresh_token == "refresh-1"
    bench.vendor.faults.append(Fault("/me", after=True, times=3))
    bench.time += timedelta(hours=2)
    with pytest.raises(Unavailable):
        session.get("/me")
    held = tokens.read("crm-jp")
    assert held is not None
    assert held.refresh_token == bench.vendor.refresh_token == "refresh-2"


def test_a_refresh_token_that_the_answer_lacks_is_kept(bench: Bench) -> None:
    bench.vendor.rotates = False
    auth = bench.refresher()
    auth.token()
    bench.time += timedelta(hours=2)
    token = auth.token()
    assert token.access_token == "access-2"
    assert token.refresh_token == "refresh-0"


@pytest.mark.parametrize(
    ("later", "refreshes"),
    [
        pytest.param(timedelta(seconds=3599 - 60), 1, id="good for more than early"),
        pytest.param(timedelta(seconds=3600 - 60), 2, id="within early"),
    ],
)
def test_a_token_is_renewed_early(bench: Bench, later: timedelta, refreshes: int) -> None:
    auth = bench.refresher(early=60.0)
    auth.token()
    bench.time += later
    auth.token()
    assert len(bench.vendor.asked) == refreshes


@pytest.mark.parametrize("lifetime", [None, "", "soon", -1, float("1e300")])
def test_a_lifetime_that_says_nothing_means_until_it_is_refused(
    bench: Bench, lifetime: Any
) -> None:
    bench.vendor.lifetime = lifetime
    auth = bench.refresher()
    assert auth.token().expires_at is None
    bench.time += timedelta(days=400)
    assert auth.token().access_token == "access-1"


def test_after_a_401_the_request_is_sent_once_more_with_its_body(bench: Bench) -> None:
    session = bench.session(bench.refresher())
    session.get("/me")
    bench.vendor.access_token = "revoked-early"
    assert session.post("/me", content="山田".encode()).json() == {"sent": "山田"}
    assert [seen.status for seen in bench.vendor.seen if seen.path == "/me"] == [200, 401, 200]


def test_a_second_401_is_an_auth_failure_and_not_a_loop(bench: Bench) -> None:
    session = bench.session(bench.refresher())
    bench.vendor.faults.append(Fault("/me", response=json_response({}, 401), times=9))
    with pytest.raises(AuthFailed) as caught:
        session.get("/me")
    assert caught.value.status == 401
    assert len([seen for seen in bench.vendor.seen if seen.path == "/me"]) == 2


def test_expiry_can_be_a_marker_in_the_body(bench: Bench) -> None:
    def expired(response: Response) -> bool:
        return b'"code":"602"' in response.content

    session = bench.session(bench.refresher(expired=expired))
    marker = json_response({"success": False, "errors": [{"code": "602"}]})
    bench.vendor.faults.append(Fault("/me", response=marker))
    session.get("/me")
    assert len(bench.vendor.asked) == 2


def test_a_dead_grant_asks_for_a_new_sign_in_and_names_the_connection(bench: Bench) -> None:
    bench.vendor.refresh_token = "another"
    with pytest.raises(AuthFailed, match="renkei resume crm-jp") as caught:
        bench.session(bench.refresher()).get("/me")
    assert caught.value.code == "REAUTHORISE"
    assert len(bench.vendor.asked) == 1
    assert "refresh-0" not in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_a_dead_grant_is_forgiven_when_another_worker_has_rotated_it(bench: Bench) -> None:
    class Late(MemoryTokens):
        """A store whose first refresh loses a race against a worker elsewhere."""

        raced = False

        def refresh(
            self, connection: str, used: int | None, fetch: Callable[[Token | None], Token]
        ) -> Token:
            if self.raced:
                return super().refresh(connection, used, fetch)
            self.raced = True
            super().refresh(connection, used, fetch)
            stale = Token("access-0", "refresh-0")
            return fetch(stale)

    bench.tokens = Late()
    assert bench.refresher().token().access_token == "access-1"
    assert bench.vendor.reused == 1


def test_an_operators_new_sign_in_replaces_a_dead_stored_token(bench: Bench) -> None:
    bench.tokens.refresh("crm-jp", None, lambda held: Token("old", "dead", expires_at=START))
    assert bench.refresher().token().refresh_token == "refresh-1"
    held = bench.tokens.read("crm-jp")
    assert held is not None
    assert held.refresh_token == "refresh-1"


def test_no_refresh_token_at_all_asks_for_a_sign_in(bench: Bench) -> None:
    auth = RefreshToken(bench.wiring, TOKEN_URL, "id", "very-secret")
    with pytest.raises(AuthFailed) as caught:
        auth.token()
    assert caught.value.code == "REAUTHORISE"
    assert bench.vendor.asked == []


def test_a_lost_token_answer_never_says_that_the_write_may_have_happened(bench: Bench) -> None:
    bench.vendor.faults.append(Fault("/oauth", after=True))
    with pytest.raises(Unavailable) as caught:
        bench.session(bench.refresher()).post("/me", json={})
    assert not caught.value.maybe_applied
    assert caught.value.code == "TOKEN_UNAVAILABLE"
    assert len(bench.vendor.asked) == 1, "a rotating refresh token is not sent twice"
