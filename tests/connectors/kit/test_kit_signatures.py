"""Webhook signatures: our own vectors, the vendors' where the sheets lie beside the checkout."""

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.base import Hook
from connectors.kit.errors import BadSignature
from connectors.kit.signatures import SCHEMES, Scheme, sign, verify, verify_query

SAMPLES = Path(__file__).parents[4] / "shared" / "apis" / "samples"
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
URL = "https://hub.example.co.jp/webhooks/x?tenant=a%20b&to=%40mari"
BODY = '{"company":"株式会社みどり商事","id":"é"}\r\n'.encode()
SECRETS = {
    "base64": b64encode(b"a secret of some length").decode(),
    "whsec": "whsec_" + b64encode(b"a secret of some length").decode(),
    "hex": b"a secret of some length".hex(),
    "utf8": "ひみつ-secret",
}


def hook(headers: dict[str, str], body: bytes = BODY, method: str = "POST", url: str = URL) -> Hook:
    return Hook(method=method, url=url, headers=headers, body=body, received_at=NOW)


def signed(name: str, **changes: Any) -> dict[str, str]:
    scheme = SCHEMES[name]
    extra = {"webhook-id": "msg_1", "svix-id": "msg_1"}
    return sign(scheme, secret_of(scheme), BODY, at=NOW, url=URL, headers=extra, **changes)


def secret_of(scheme: Scheme) -> str:
    return "user:ひみつ" if scheme.prefix == "Basic " else SECRETS[scheme.key]


@pytest.mark.parametrize("name", SCHEMES)
def test_what_a_scheme_signs_it_verifies_with_either_of_two_secrets(name: str) -> None:
    secret = secret_of(SCHEMES[name])
    other = SECRETS[SCHEMES[name].key][:-4] + "beef"
    verify(SCHEMES[name], hook(signed(name)), [other, secret], NOW)
    with pytest.raises(BadSignature) as caught:
        verify(SCHEMES[name], hook(signed(name)), [other], NOW)
    assert caught.value.code == "SIGNATURE_WRONG"
    assert secret not in str(caught.value)


@pytest.mark.parametrize("name", [n for n, s in SCHEMES.items() if "body" in s.signed])
def test_one_changed_byte_breaks_every_signature_over_the_body(name: str) -> None:
    with pytest.raises(BadSignature):
        verify(
            SCHEMES[name],
            hook(signed(name), body=BODY.rstrip()),
            [secret_of(SCHEMES[name])],
            NOW,
        )


@pytest.mark.parametrize("name", [n for n, s in SCHEMES.items() if "url" in s.signed])
def test_another_url_or_method_breaks_signatures_over_them(name: str) -> None:
    secrets = [secret_of(SCHEMES[name])]
    for changed in (hook(signed(name), url=URL + "x"), hook(signed(name), method="PUT")):
        with pytest.raises(BadSignature):
            verify(SCHEMES[name], changed, secrets, NOW)


@pytest.mark.parametrize("name", [n for n, s in SCHEMES.items() if s.timestamp])
@pytest.mark.parametrize("skew", [-301, 301])
def test_a_stale_or_future_signature_is_refused_and_says_by_how_much(name: str, skew: int) -> None:
    with pytest.raises(BadSignature, match="301 s") as caught:
        verify(
            SCHEMES[name],
            hook(signed(name)),
            [secret_of(SCHEMES[name])],
            NOW + timedelta(seconds=skew),
        )
    assert caught.value.code == "SIGNATURE_STALE"


@pytest.mark.parametrize("name", SCHEMES)
def test_no_header_is_no_signature(name: str) -> None:
    with pytest.raises(BadSignature) as caught:
        verify(SCHEMES[name], hook({}), [secret_of(SCHEMES[name])], NOW)
    assert caught.value.code == "SIGNATURE_MISSING"


@pytest.mark.parametrize("secrets", [[], [""]])
def test_no_secret_lets_nothing_in(secrets: list[str]) -> None:
    with pytest.raises(BadSignature) as caught:
        verify(SCHEMES["tally"], hook(signed("tally")), secrets, NOW)
    assert caught.value.code == "NO_SECRET"


def test_a_secret_that_is_no_base64_matches_nothing() -> None:
    headers = {"x-chatworkwebhooksignature": ""}
    with pytest.raises(BadSignature):
        verify(SCHEMES["chatwork"], hook(headers), ["%%%"], NOW)
    with pytest.raises(ValueError, match="form"):
        sign(SCHEMES["chatwork"], "%%%", BODY)


def test_standard_webhooks_takes_any_of_several_signatures_of_its_version() -> None:
    headers = signed("standard_webhooks")
    headers["webhook-signature"] = f"v1a,AAAA v1,AAAA {headers['webhook-signature']} broken"
    verify(SCHEMES["standard_webhooks"], hook(headers), [SECRETS["whsec"]], NOW)


def test_a_signature_for_another_message_id_is_wrong() -> None:
    headers = signed("standard_webhooks") | {"webhook-id": "msg_2"}
    with pytest.raises(BadSignature):
        verify(SCHEMES["standard_webhooks"], hook(headers), [SECRETS["whsec"]], NOW)


@pytest.mark.parametrize("stamp", ["", "x", "1e3", "-5", "９", "9" * 40])
def test_a_timestamp_that_is_no_number_is_refused(stamp: str) -> None:
    headers = signed("slack") | {"x-slack-request-timestamp": stamp}
    with pytest.raises(BadSignature):
        verify(SCHEMES["slack"], hook(headers), [SECRETS["utf8"]], NOW)


def test_a_secret_in_the_url_is_compared_with_each_of_ours() -> None:
    verify_query(hook({}, url="https://h.example/x?key=abc"), "key", ["old", "abc"])
    for url in ("https://h.example/x?key=abd", "https://h.example/x"):
        with pytest.raises(BadSignature):
            verify_query(hook({}, url=url), "key", ["abc"])


def test_hubspot_signs_the_url_with_some_escapes_undone() -> None:
    stamp = str(int(NOW.timestamp() * 1000))
    undone = "https://hub.example.co.jp/webhooks/x?tenant=a%20b&to=@mari"
    message = b"POST" + undone.encode() + BODY + stamp.encode()
    headers = {
        "x-hubspot-signature-v3": b64encode(hmac.digest(b"s", message, "sha256")).decode(),
        "x-hubspot-request-timestamp": stamp,
    }
    verify(SCHEMES["hubspot_v3"], hook(headers), ["s"], NOW)


def test_a_misspelt_part_of_a_scheme_is_refused_when_it_is_written() -> None:
    with pytest.raises(ValueError, match="bdoy"):
        Scheme("x-signature", ("bdoy",))
    with pytest.raises(ValueError, match="timestamp"):
        Scheme("x-signature", ("timestamp", "body"))


def vendor_vectors() -> Iterator[tuple[str, dict[str, str], str, str, datetime, str]]:
    """Scheme name, headers, body, secret, time and URL of every vector of the sheets."""

    def read(folder: str) -> dict[str, Any]:
        file = next((SAMPLES / folder).glob("signature-vector*.json"))
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    for name, folder in (("typeform", "typeform"), ("tally", "tally"), ("mailchimp", "mailchimp")):
        sheet = read(folder)
        for case in sheet["vectors"]:
            at = datetime.fromtimestamp(int(case.get("timestamp", 0)), UTC)
            headers = {sheet["header"].lower(): case["signature"]}
            yield name, headers, case["body"], case["secret"], at, ""
    for case in read("hubspot")["vectors"]:
        stamp = case["timestamp_ms"] or "0"
        headers = {
            case["header"].lower(): case["signature"],
            "x-hubspot-request-timestamp": stamp,
        }
        at = datetime.fromtimestamp(int(stamp) / 1000, UTC)
        name = f"hubspot_{case['version']}"
        yield name, headers, case["body"], case["client_secret"], at, case["uri"]
    for name, folder, secret in (
        ("chatwork", "chatwork", "token_as_shown_in_console"),
        ("line_works", "line-works", "bot_secret"),
        ("linkedin", "linkedin-lead-gen", "client_secret"),
        ("meta", "meta-lead-ads", "app_secret"),
        ("slack", "slack", "signing_secret"),
        ("standard_webhooks", "standard-webhooks", "secret"),
        ("zoom", "zoom", "secret_token"),
    ):
        case = read(folder)
        headers = {key.lower(): value for key, value in case.items() if isinstance(value, str)}
        stamp = headers.get(SCHEMES[name].timestamp, "0")
        at = datetime.fromtimestamp(int(stamp), UTC)
        yield name, headers, case["raw_body"], case[secret], at, ""


@pytest.mark.skipif(not SAMPLES.exists(), reason="the vendors' vectors are not beside the checkout")
def test_the_vendors_own_vectors_pass_and_fail_when_a_byte_changes() -> None:
    seen = set()
    for name, headers, body, secret, at, url in vendor_vectors():
        seen.add(name)
        given = Hook("POST", url, headers, body.encode(), at)
        verify(SCHEMES[name], given, [secret], at)
        changed = Hook("POST", url, headers, body.encode() + b" ", at)
        with pytest.raises(BadSignature):
            verify(SCHEMES[name], changed, [secret], at)
    assert len(seen) == 13
