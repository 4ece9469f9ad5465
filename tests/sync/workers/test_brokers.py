"""Over Redis and RabbitMQ: messages may be lost, the work is not."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.common import dq_name, xq_name

from sync.engine.hub import Hub
from sync.store import runs
from sync.workers.bells import JOBS, Bell, installation, make_broker
from sync.workers.runner import running
from tests.conftest import absent

REDIS = os.environ.get("RENKEI_TEST_REDIS", "redis://127.0.0.1:6379/15")
RABBITMQ = os.environ.get("RENKEI_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672")


@pytest.fixture(
    params=[
        pytest.param("redis", marks=pytest.mark.redis),
        pytest.param("rabbitmq", marks=pytest.mark.rabbitmq),
    ]
)
def broker_url(request: pytest.FixtureRequest) -> str:
    url = REDIS if request.param == "redis" else RABBITMQ
    bell = Bell(make_broker(url), f"probe{uuid4().hex[:8]}")
    if not bell.ring("resolve"):
        absent(request.param, "it does not answer")
    empty(bell)
    bell.close()
    return url


def empty(bell: Bell) -> None:
    """Lose every message of an installation, and its queues."""
    for job in JOBS:
        name = bell.queue(job)
        if isinstance(bell.broker, RabbitmqBroker):
            for queue in (name, dq_name(name), xq_name(name)):
                bell.broker.channel.queue_delete(queue)
        else:
            bell.broker.flush(name)


@pytest.fixture
def emptied(hub: Hub, broker_url: str) -> Iterator[None]:
    """Nothing is left on the broker afterwards."""
    yield
    bell = Bell(make_broker(broker_url), installation(hub))
    empty(bell)
    bell.close()


@pytest.fixture
def hub(relay: Any, broker_url: str) -> Hub:
    relay.settings["broker"] = broker_url
    opened: Hub = relay.open()
    with relay.database.write() as tx:  # no two tests share queues, whoever else uses the broker
        runs.save_setting(tx, "installation", uuid4().hex[:8])
    return opened


def post(address: str, relay: Any) -> None:
    hook = relay.form_hook()
    request = urllib.request.Request(
        f"{address}/hooks/form", data=hook.body, headers=dict(hook.headers)
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.usefixtures("emptied")
def test_a_form_answer_reaches_the_crm_over_a_broker(relay: Any, hub: Hub) -> None:
    with running(hub) as house:
        post(house.address, relay)
        assert relay.arrives()


@pytest.mark.usefixtures("emptied")
def test_when_every_message_was_lost_the_sweeper_rings_again(relay: Any, hub: Hub) -> None:
    with running(hub, workers=False) as house:
        post(house.address, relay)
        house.sweeper.stop()
        house.bell.ring("webhooks")
        empty(house.bell)
        assert relay.stored() == {"form": {"new": 1}}
    with running(hub, web=False) as house:
        assert relay.arrives()
    assert len(relay.crm_rows()) == 1


def test_a_broker_that_is_down_keeps_no_webhook_from_being_stored(relay: Any) -> None:
    relay.settings["broker"] = "redis://127.0.0.1:1/0"
    with running(relay.open(), workers=False) as house:
        post(house.address, relay)
        assert relay.stored() == {"form": {"new": 1}}
    relay.settings["broker"] = ""
    with running(relay.open(), web=False):
        assert relay.arrives()
