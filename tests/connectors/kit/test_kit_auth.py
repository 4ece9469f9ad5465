"""Auth schemes against a token endpoint that rotates, revokes on reuse and counts."""

import threading
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.kit.auth import (
    ClientCredentials,
    JwtBearer,
    RefreshToken,
)
from connectors.kit.errors import AuthFailed, ContractBroken, RateLimited, Unavailable
from connectors.kit.session import Auth, Reply, Response, Session, Wiring, in_process
from connectors.kit.simulator import BaseSimulator, Fault, Request, json_response, route
from connectors.kit.simulator import Response as Answer
from connectors.kit.tokens import MemoryTokens, Token

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


def test_a_refused_client_is_no_matter_of_signing_in_again(bench: Bench) -> None:
    bench.vendor.answer = json_response({"error": "invalid_client"}, 401)
    auth = ClientCredentials(bench.wiring, TOKEN_URL, "id", "very-secret")
    with pytest.raises(AuthFailed, match="invalid_client") as caught:
        auth.token()
    assert caught.value.code == "TOKEN_REFUSED"


def test_an_error_code_that_is_no_code_is_not_quoted(bench: Bench) -> None:
    bench.vendor.answer = json_response({"error": "no <mari@example.co.jp>"}, 400)
    with pytest.raises(AuthFailed) as caught:
        ClientCredentials(bench.wiring, TOKEN_URL, "id", "very-secret").token()
    assert "mari" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(json_response({"token": "x"}), id="no access token"),
        pytest.param(json_response(["access_token"]), id="a list"),
        pytest.param(Answer("<html>login</html>", content_type="text/html"), id="a page"),
    ],
)
def test_an_answer_without_a_token_breaks_the_contract(bench: Bench, answer: Answer) -> None:
    bench.vendor.answer = answer
    with pytest.raises(ContractBroken):
        ClientCredentials(bench.wiring, TOKEN_URL, "id", "very-secret").token()


def test_the_vendors_own_word_for_too_many_sign_ins_can_be_translated(bench: Bench) -> None:
    def slow_down(reply: Reply) -> RateLimited | None:
        denied = b"Access Denied" in reply.content
        return RateLimited("too many sign-ins", retry_after=600) if denied else None

    bench.vendor.answer = json_response({"error": "Access Denied"}, 400)
    auth = ClientCredentials(bench.wiring, TOKEN_URL, "id", "s", translate=slow_down)
    with pytest.raises(RateLimited):
        auth.token()


def test_client_credentials_send_scope_and_extra_and_keep_what_came_with_the_token(
    bench: Bench,
) -> None:
    bench.vendor.extra = {"instance_url": "https://midori.vendor.example", "id_token": "x.y.z"}
    auth = ClientCredentials(
        bench.wiring,
        TOKEN_URL,
        "id",
        "very-secret",
        scope="leads.read",
        extra={"grant_type": "account_credentials", "account_id": "a-1"},
    )
    assert auth.token().extra == {"instance_url": "https://midori.vendor.example"}
    assert bench.vendor.asked == [
        {
            "client_id": "id",
            "client_secret": "very-secret",
            "scope": "leads.read",
            "grant_type": "account_credentials",
            "account_id": "a-1",
            "authorization": "",
        }
    ]


def test_client_credentials_can_go_into_a_header(bench: Bench) -> None:
    ClientCredentials(bench.wiring, TOKEN_URL, "id", "very:secret", basic=True).token()
    (asked,) = bench.vendor.asked
    assert "client_secret" not in asked
    assert b64decode(asked["authorization"].removeprefix("Basic ")) == b"id:very%3Asecret"


def test_client_credentials_can_go_into_the_query(bench: Bench) -> None:
    ClientCredentials(bench.wiring, TOKEN_URL, "id", "very:secret", in_query=True).token()
    assert bench.vendor.queries == [
        {
            "client_id": "id",
            "client_secret": "very:secret",
            "grant_type": "client_credentials",
        }
    ]
    assert bench.vendor.asked == [{"authorization": ""}]


def test_a_secret_in_the_query_is_not_in_what_is_told_of_an_outage(bench: Bench) -> None:
    bench.vendor.answer = Answer(status=503)
    auth = ClientCredentials(bench.wiring, TOKEN_URL, "id", "very-secret", in_query=True)
    with pytest.raises(Unavailable) as caught:
        auth.token()
    told: BaseException | None = caught.value
    while told is not None:
        assert "very-secret" not in f"{told} {told.args}"
        told = told.__cause__


def rsa_key() -> tuple[rsa.RSAPrivateKey, str]:
    """A key, and how its owner writes it down."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key, pem.decode()


def test_a_jwt_assertion_has_what_a_vendor_wants_in_it_and_names_its_key(bench: Bench) -> None:
    _, pem = rsa_key()
    wanted = {"scope": "calendar meetings"}
    JwtBearer(
        bench.wiring, TOKEN_URL, "i", "s", "a", pem, lifetime=3600, claims=wanted, key_id="k-1"
    ).token()
    (asked,) = bench.vendor.asked
    assert jwt.get_unverified_header(asked["assertion"])["kid"] == "k-1"
    claims = jwt.decode(asked["assertion"], options={"verify_signature": False})
    assert (claims["scope"], claims["exp"] - claims["iat"]) == ("calendar meetings", 3600)


def test_a_jwt_assertion_has_the_claims_and_the_lifetime(bench: Bench) -> None:
    key, pem = rsa_key()
    auth = JwtBearer(
        bench.wiring, TOKEN_URL, "consumer", "hub@midori.example", "https://login.example", pem
    )
    auth.token()
    (asked,) = bench.vendor.asked
    claims = jwt.decode(
        asked["assertion"],
        key.public_key(),
        algorithms=["RS256"],
        audience="https://login.example",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims == {
        "iss": "consumer",
        "sub": "hub@midori.example",
        "aud": "https://login.example",
        "iat": int(START.timestamp()),
        "exp": int(START.timestamp()) + 180,
    }
    assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_a_private_key_that_cannot_be_read_is_not_quoted(bench: Bench) -> None:
    auth = JwtBearer(bench.wiring, TOKEN_URL, "i", "s", "a", "-----BEGIN oops c2VjcmV0")
    with pytest.raises(AuthFailed, match="PEM") as caught:
        auth.token()
    assert "c2VjcmV0" not in repr(caught.value)
    assert caught.value.__suppress_context__
