"""Contract: a webhook is believed when it proves who sent it, and only then."""

# ruff: noqa: S101 - a test suite asserts
from __future__ import annotations

import pytest

from connectors.kit.base import ReceivesWebhooks
from connectors.kit.errors import BadSignature
from connectors.testing.bench import Bench

__all__ = [
    "test_a_forged_webhook_is_refused",
    "test_a_webhook_says_which_event_it_is",
    "test_a_webhook_without_a_proof_is_refused",
]


def test_a_webhook_says_which_event_it_is(bench: Bench) -> None:
    connector = bench.able(ReceivesWebhooks, "webhook")
    hook = bench.need(bench.rehearsal.hook, "webhook", "the rehearsal's hook()")()
    connector.verify(hook)
    news = connector.read_hook(hook)
    assert news.event_ids, "the webhook has no id to know its repetition by"
    assert all(news.event_ids)
    assert connector.read_hook(hook).event_ids == news.event_ids, "a repetition has another id"
    if bench.manifest.webhooks.style == "whole":
        assert news.records, "the manifest says the webhook brings the whole record"


def test_a_forged_webhook_is_refused(bench: Bench) -> None:
    connector = bench.able(ReceivesWebhooks, "webhook")
    forged = bench.need(bench.rehearsal.forged, "webhook", "the rehearsal's forged()")()
    with pytest.raises(BadSignature):
        connector.verify(forged)


def test_a_webhook_without_a_proof_is_refused(bench: Bench) -> None:
    connector = bench.able(ReceivesWebhooks, "webhook")
    hook = bench.need(bench.rehearsal.hook, "webhook", "the rehearsal's hook()")()
    bare = type(hook)(
        method=hook.method,
        url=hook.url.partition("?")[0],
        headers={
            name: value
            for name, value in hook.headers.items()
            if name.lower() in {"content-type", "user-agent"}
        },
        body=hook.body,
        received_at=hook.received_at,
    )
    with pytest.raises(BadSignature):
        connector.verify(bare)
