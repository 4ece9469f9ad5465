"""Webhooks are asked for once a day, by one worker, and again soon where that failed."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.errors import Unavailable
from sync.engine.hub import Hub
from sync.workers import subscribing
from sync.workers.bells import Bell, make_broker
from sync.workers.sweeper import Sweeper


class Asked:
    """A connector that notes the addresses it is to ask for."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.error: Exception | None = None

    def subscribe(self, url: str) -> None:
        self.urls.append(url)
        if self.error is not None:
            raise self.error


@pytest.fixture
def hub(relay: Any) -> Hub:
    relay.settings = {**relay.settings, "public_url": "https://renkei.example.jp/"}
    made: Hub = relay.open("form")
    flow = made.flows["form"]
    flow.config = flow.config.model_copy(update={"subscribe": True})
    return made


def test_the_vendor_hears_the_address_once_a_day(hub: Hub, relay: Any, clock: Any) -> None:
    assert subscribing.due(hub) == ["form"]
    for _ in range(2):
        subscribing.subscribe(hub, "form")
    (held,) = relay.form.simulator.webhooks.values()
    assert held["url"] == "https://renkei.example.jp/hooks/form"
    assert subscribing.due(hub) == []
    clock.pass_time(days=1, seconds=1)
    assert subscribing.due(hub) == ["form"]


def test_two_workers_ask_once_and_a_failure_is_tried_again_in_an_hour(hub: Hub, clock: Any) -> None:
    hub.flows["form"]._connector = asked = Asked()
    asked.error = Unavailable("away")
    failed = subscribing.subscribe(hub, "form")
    assert failed is not None
    assert failed.state == "failed"
    assert subscribing.subscribe(hub, "form") is None
    assert len(asked.urls) == 1
    clock.pass_time(minutes=61)
    asked.error = None
    done = subscribing.subscribe(hub, "form")
    assert done is not None
    assert (done.state, len(asked.urls)) == ("succeeded", 2)


def test_a_new_address_is_told_at_once(hub: Hub, relay: Any) -> None:
    subscribing.subscribe(hub, "form")
    relay.settings = {**relay.settings, "public_url": "https://other.example.jp"}
    moved = relay.open("form")
    moved.flows["form"].config = hub.flows["form"].config
    assert subscribing.due(moved) == ["form"]


def test_the_sweeper_rings_for_it_and_nobody_else(hub: Hub, relay: Any) -> None:
    rung: list[tuple[str, str]] = []
    bell = Bell(make_broker(""), "test")
    bell.ring = lambda job, connection="": not rung.append((job, connection))  # type: ignore[method-assign]  # the test listens
    Sweeper(hub, bell).sweep()
    assert ("subscribe", "form") in rung
    rung.clear()
    Sweeper(relay.open(), bell).sweep()
    assert not [one for one in rung if one[0] == "subscribe"]
