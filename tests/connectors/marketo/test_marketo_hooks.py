"""Webhooks that administrators write: believed for their header, read as hints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.kit.base import AnswersHooks, Hook, Ref
from connectors.kit.errors import BadSignature, ContractBroken
from connectors.marketo import Connector
from connectors.marketo.simulator import Simulator

MakeHub = Callable[..., Connector]
ADDRESS = "https://hub.example/hooks/mkto"
SECRET = "a-long-random-text"


@pytest.fixture
def hook(instance: Simulator, clock: Any) -> Hook:
    own = instance.add_lead(email="a@example.jp", leadStatus="MQL")
    instance.call_webhook(own, ADDRESS, SECRET)
    (sent,) = instance.deliveries
    headers = {name.lower(): value for name, value in sent.headers.items()}
    return Hook(sent.method, sent.url, headers, sent.body, clock())


def test_a_webhook_with_the_secret_says_which_lead_to_read_again(
    instance: Simulator, make_hub: MakeHub, hook: Hook
) -> None:
    hub = make_hub(instance, webhook_secret=SECRET)

    assert hub.verify(hook) is None
    news = hub.read_hook(hook)

    assert news.changed == (Ref("leads", instance.ids()[0]),)
    assert news.records == ()
    assert hub.read_hook(hook).event_ids == news.event_ids
    other = replace(hook, body=hook.body.replace(b"2026-04-01", b"2026-04-02"))
    assert hub.read_hook(other).event_ids != news.event_ids


def test_a_webhook_that_was_taken_is_not_answered_with_nothing(
    instance: Simulator, make_hub: MakeHub
) -> None:
    hub = make_hub(instance, webhook_secret=SECRET)
    assert isinstance(hub, AnswersHooks)
    assert (hub.taken.status, bool(hub.taken.body)) == (200, True)


def test_while_a_secret_is_changed_both_are_taken(
    instance: Simulator, make_hub: MakeHub, hook: Hook
) -> None:
    hub = make_hub(instance, webhook_secret="the-next-one", previous_webhook_secret=SECRET)
    assert hub.verify(hook) is None


@pytest.mark.parametrize(
    ("options", "header"),
    [
        pytest.param({"webhook_secret": SECRET}, "guessed", id="another secret"),
        pytest.param({"webhook_secret": SECRET}, "", id="no secret"),
        pytest.param({}, SECRET, id="none is configured"),
    ],
)
def test_a_webhook_without_the_secret_is_refused(
    instance: Simulator, make_hub: MakeHub, hook: Hook, options: dict[str, str], header: str
) -> None:
    hub = make_hub(instance, **options)
    with pytest.raises(BadSignature):
        hub.verify(replace(hook, headers={**hook.headers, "x-renkei-secret": header}))


def test_a_lead_id_in_quotes_is_one_too(instance: Simulator, hub: Connector, hook: Hook) -> None:
    quoted = replace(hook, body=b'{"hub_event": "lead.created", "lead_id": "77"}')
    assert hub.read_hook(quoted).changed == (Ref("leads", "77"),)


@pytest.mark.parametrize("body", [b"lead=1", b"[1]", b"{}", b'{"lead_id": "{{lead.Id}}"}'])
def test_a_template_that_names_no_lead_is_told(hub: Connector, hook: Hook, body: bytes) -> None:
    with pytest.raises(ContractBroken):
        hub.read_hook(replace(hook, body=body))
