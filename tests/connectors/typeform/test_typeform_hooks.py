"""Webhooks: believed when signed, read whole, and put on every form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import connectors.typeform
from connectors.kit.base import Hook
from connectors.kit.errors import BadSignature, ConnectorError, ContractBroken
from connectors.kit.simulator import Delivery
from connectors.typeform import Connector
from connectors.typeform.simulator import DEFAULT_FORM_ID, Simulator

HOME = Path(connectors.typeform.__file__).parent
VECTORS = (
    Path(__file__).parents[4]
    / "shared"
    / "apis"
    / "samples"
    / "typeform"
    / "signature-vectors.json"
)
STREAM = f"responses:{DEFAULT_FORM_ID}"
URL = "https://hub.example/webhooks/typeform/tf-jp"
PERSON = {
    "email": "suzuki@aozora.example",
    "last_name": "鈴木",
    "first_name": "健一",
    "company": "株式会社青空製作所",
}
Wire = Callable[..., Connector]


def hook(body: bytes, signature: str | None = None) -> Hook:
    headers = {} if signature is None else {"typeform-signature": signature}
    return Hook("POST", URL, headers, body, datetime(2026, 4, 1, tzinfo=UTC))


def received(sent: Delivery) -> Hook:
    return Hook(sent.method, sent.url, sent.headers, sent.body, datetime(2026, 4, 1, tzinfo=UTC))


def recorded(**more: Any) -> Mapping[str, Any]:
    event: dict[str, Any] = json.loads((HOME / "cassettes" / "webhook.json").read_text("utf-8"))
    return {**event, "form_response": {**event["form_response"], **more}}


def told(event: Any) -> Hook:
    return hook(json.dumps(event).encode())


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        pytest.param(
            "kagi-2026",
            '{"社名":"青空製作所"}'.encode(),
            "sha256=kGJ6Ob3vMLucIYFaso7pg1Olm3og5aCIDJViDy3EYhk=",
            id="a body that is not ASCII",
        ),
        pytest.param(
            "古い鍵",
            b"{}",
            "sha256=LeG+39QmL07MbBBGfCNNi2Lruo2Yz91x2pwQvIhVX60=",
            id="a secret that is not ASCII",
        ),
        pytest.param(
            "kagi-2026",
            (HOME / "cassettes" / "webhook.json").read_bytes(),
            "sha256=nMzXct7XU/P63Raiz2N7GkmsDlNclkIi6OXw90q/ODc=",
            id="a body as it is laid out",
        ),
    ],
)
def test_a_signature_made_elsewhere_is_good(
    wire: Wire, secret: str, body: bytes, signature: str
) -> None:
    connector = wire(webhook_secrets=["another", secret])
    assert connector.verify(hook(body, signature)) is None
    with pytest.raises(BadSignature):
        connector.verify(hook(body + b" ", signature))


def test_the_shared_vectors_are_good(wire: Wire) -> None:
    if not VECTORS.is_file():
        pytest.skip("the shared API samples are not beside this checkout")
    for vector in json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]:
        connector = wire(webhook_secrets=[vector["secret"]])
        assert connector.verify(hook(vector["body"].encode(), vector["signature"])) is None


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        "sha1=kGJ6Ob3vMLucIYFaso7pg1Olm3og5aCIDJViDy3EYhk=",
        "kGJ6Ob3vMLucIYFaso7pg1Olm3og5aCIDJViDy3EYhk=",
        "sha256=90627a39bdef30bb9c21815ab28ee98353a59b7a20e5a0880c95620f2dc46219",
    ],
)
def test_a_webhook_without_our_signature_is_refused(wire: Wire, signature: str | None) -> None:
    with pytest.raises(BadSignature):
        wire(webhook_secrets=["kagi-2026"]).verify(
            hook('{"社名":"青空製作所"}'.encode(), signature)
        )


def test_without_a_secret_nothing_is_believed(wire: Wire) -> None:
    with pytest.raises(BadSignature):
        wire().verify(hook(b"{}", "sha256=LeG+39QmL07MbBBGfCNNi2Lruo2Yz91x2pwQvIhVX60="))


def test_a_webhook_brings_the_answer_as_the_pull_would(wire: Wire, simulator: Simulator) -> None:
    connector = wire(webhook_secrets=["s3cret"])
    connector.subscribe(URL)
    token = simulator.submit(DEFAULT_FORM_ID, {**PERSON, "interest": "demo"}, {"utm_source": "a"})
    sent = received(simulator.deliveries[-1])
    connector.verify(sent)
    news = connector.read_hook(sent)
    (told_record,) = news.records
    (page,) = connector.pull(STREAM, None)
    (pulled,) = page.records
    assert news.event_ids == (token,)
    assert told_record.external_id == pulled.external_id
    assert told_record.stream == pulled.stream
    assert told_record.version == pulled.version
    assert told_record.changed_at == pulled.changed_at
    assert connector.flatten(STREAM, told_record.payload) == connector.flatten(
        STREAM, pulled.payload
    )


def test_an_answer_is_told_before_it_can_be_pulled(wire: Wire, simulator: Simulator) -> None:
    connector = wire(webhook_secrets=["s3cret"])
    connector.subscribe(URL)
    token = simulator.submit(DEFAULT_FORM_ID, PERSON, lag=1800)
    assert list(connector.pull(STREAM, None)) == []
    news = connector.read_hook(received(simulator.deliveries[-1]))
    assert [record.external_id for record in news.records] == [token]


def test_a_form_that_is_not_read_is_accepted_and_passed_over(wire: Wire) -> None:
    """An answer of 404 would make Typeform switch the webhook off."""
    news = wire().read_hook(told(recorded()))
    assert news.records == ()
    assert news.event_ids == ("5d1f0c8a77e24b0f9c3f6a1b2c3d4e5f",)


def test_with_all_forms_read_any_form_is_taken(wire: Wire) -> None:
    (record,) = wire(forms=[]).read_hook(told(recorded())).records
    assert record.stream == "responses:pQ7rT2wX"
    assert record.payload["form"] == {"id": "pQ7rT2wX", "title": "お問い合わせ（青空製作所）"}
    assert "definition" not in record.payload


def test_partial_answers_are_told_only_where_wanted(wire: Wire, simulator: Simulator) -> None:
    reader, asker = wire(webhook_secrets=["s3cret"]), wire(webhook_secrets=["s3cret"], partial=True)
    reader.subscribe(URL)
    simulator.submit(DEFAULT_FORM_ID, {"email": "x@minato.example"}, partial=True)
    assert simulator.deliveries == []
    asker.subscribe(URL)
    token = simulator.submit(DEFAULT_FORM_ID, {"email": "x@minato.example"}, partial=True)
    sent = received(simulator.deliveries[-1])
    assert reader.read_hook(sent).records == ()
    (record,) = asker.read_hook(sent).records
    assert record.payload["response_type"] == "partial"
    simulator.complete(token, PERSON)
    completed = asker.read_hook(received(simulator.deliveries[-1]))
    assert completed.event_ids != asker.read_hook(sent).event_ids, "not taken for a repetition"


def test_an_event_of_another_kind_is_accepted(wire: Wire) -> None:
    news = wire().read_hook(told({"event_id": "01X", "event_type": "form_changed"}))
    assert (news.event_ids, news.records) == (("01X",), ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"{",
        b'{"event_type":"form_response"}',
        b'{"event_type":"form_response","form_response":{}}',
    ],
)
def test_a_body_of_another_shape_is_a_broken_contract(wire: Wire, body: bytes) -> None:
    with pytest.raises(ContractBroken):
        wire().read_hook(hook(body))


def test_subscribing_puts_a_signed_and_enabled_webhook_on_every_form(
    wire: Wire, simulator: Simulator
) -> None:
    seminar = simulator.add_form("製造業向けセミナー")
    wire(forms=[], webhook_secrets=["new", "old"]).subscribe(URL)
    assert sorted(simulator.webhooks) == sorted([f"{DEFAULT_FORM_ID}/renkei", f"{seminar}/renkei"])
    for row in simulator.webhooks.values():
        assert (row["url"], row["enabled"], row["secret"]) == (URL, True, "new")
        assert row["verify_ssl"] is True


def test_subscribing_again_switches_on_what_was_off(wire: Wire, simulator: Simulator) -> None:
    connector = wire(webhook_secrets=["s3cret"], webhook_tag="renkei-jp")
    connector.subscribe(URL)
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    simulator.answered(simulator.deliveries[-1], 410)
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    assert len(simulator.deliveries) == 1
    connector.subscribe(URL)
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    assert len(simulator.deliveries) == 2
    assert len(simulator.webhooks) == 1


def test_a_secret_is_changed_without_a_gap(wire: Wire, simulator: Simulator) -> None:
    wire(webhook_secrets=["old"]).subscribe(URL)
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    both = wire(webhook_secrets=["new", "old"])
    both.subscribe(URL)
    simulator.submit(DEFAULT_FORM_ID, PERSON)
    before, after = (received(sent) for sent in simulator.deliveries)
    both.verify(before)
    both.verify(after)
    with pytest.raises(BadSignature):
        wire(webhook_secrets=["new"]).verify(before)


def test_subscribing_without_a_secret_is_refused(wire: Wire, simulator: Simulator) -> None:
    with pytest.raises(ConnectorError, match="webhook_secrets") as caught:
        wire().subscribe(URL)
    assert caught.value.code == "TYPEFORM_NO_SECRET"
    assert len(simulator.webhooks) == 0
