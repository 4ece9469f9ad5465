"""Client credentials and JWT assertions: what is sent, and that no secret is told on."""

from __future__ import annotations

from base64 import b64decode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.kit.auth import ClientCredentials, JwtBearer
from connectors.kit.errors import AuthFailed, ContractBroken, RateLimited, Unavailable
from connectors.kit.session import Reply
from connectors.kit.simulator import Response as Answer
from connectors.kit.simulator import json_response
from tests.connectors.kit.conftest import START, TOKEN_URL, Bench


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
