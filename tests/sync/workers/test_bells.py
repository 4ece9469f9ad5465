"""A bell rings once for what nobody took yet, and never raises."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest
from dramatiq.brokers.stub import StubBroker

from sync.workers import bells
from sync.workers.bells import JOBS, Bell, BrokerUnusable, installation, make_broker


class Watch:
    """A clock of seconds that is held."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def bell(watch: Watch) -> Bell:
    return Bell(make_broker(""), "mark", clock=watch)


def messages(bell: Bell, job: str) -> int:
    broker = bell.broker
    assert isinstance(broker, StubBroker)
    return broker.queues[bell.queue(job)].qsize()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def test_each_job_has_a_queue_of_this_installation(bell: Bell) -> None:
    assert {bell.queue(job) for job in JOBS} <= set(bell.broker.get_declared_queues())
    assert bell.queue("push") == "push.mark"


def test_a_message_carries_the_connection_s_name_and_nothing_else(bell: Bell) -> None:
    bell.ring("push", "crm")
    broker = bell.broker
    assert isinstance(broker, StubBroker)
    said = bell.broker.queues[bell.queue("push")].get()  # type: ignore[attr-defined]  # a stub
    assert b'"args":["crm"]' in said
    assert b'"kwargs":{}' in said


def test_the_same_ring_is_not_sent_again_until_it_was_taken_or_two_seconds_have_passed(
    bell: Bell, watch: Watch
) -> None:
    assert [bell.ring("push", "crm") for _ in range(3)] == [True, False, False]
    assert bell.ring("push", "ma"), "another connection is another ring"
    assert bell.ring("pull", "crm"), "another job is another ring"
    bell.taken("push", "crm")
    assert bell.ring("push", "crm")
    watch.now += bells.QUIET_SECONDS
    assert bell.ring("push", "crm")
    assert messages(bell, "push") == 4


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_down_is_told_of_once_and_never_raises(
    scheme: str, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    bell = Bell(make_broker(f"{scheme}://127.0.0.1:{free_port()}"), "mark", clock=watch)
    with caplog.at_level(logging.WARNING, "renkei"):
        for _ in range(3):
            assert bell.ring("resolve") is False
            watch.now += bells.BROKEN_SECONDS
    assert bell.counts == {"unheard": 3}
    told = [record.getMessage() for record in caplog.records if record.name == "renkei.bells"]
    assert len(told) == 1
    assert "does not answer" in told[0]


def test_a_broker_that_is_down_is_left_alone_for_a_second(watch: Watch) -> None:
    bell = Bell(make_broker(""), "mark", clock=watch)
    asked: list[str] = []

    def refuse(_message: Any, **_more: Any) -> Any:
        asked.append("asked")
        raise ConnectionRefusedError

    bell.broker.enqueue = refuse  # type: ignore[method-assign]  # a broker that is down
    bell.ring("resolve")
    bell.ring("push", "crm")
    assert asked == ["asked"]
    watch.now += bells.BROKEN_SECONDS
    bell.ring("push", "crm")
    assert asked == ["asked", "asked"]


def test_a_broker_that_answers_again_is_told_of_once(
    bell: Bell, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    works = bell.broker.enqueue

    def refuse(_message: Any, **_more: Any) -> Any:
        raise ConnectionRefusedError

    with caplog.at_level(logging.WARNING, "renkei"):
        bell.broker.enqueue = refuse  # type: ignore[method-assign]  # a broker that is down
        bell.ring("resolve")
        watch.now += bells.BROKEN_SECONDS
        bell.broker.enqueue = works  # type: ignore[method-assign]  # and up again
        assert bell.ring("resolve")
        assert bell.ring("push", "crm")
    assert [record.getMessage() for record in caplog.records] == [
        "the broker does not answer (ConnectionRefusedError): work waits in the database until it"
        " does",
        "the broker answers again",
    ]


@pytest.mark.parametrize(
    ("url", "package"), [("redis://x", "renkei[redis]"), ("amqp://x", "renkei[rabbitmq]")]
)
def test_a_missing_extra_is_named(url: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "find_spec", lambda _name: None)
    with pytest.raises(BrokerUnusable) as refused:
        make_broker(url)
    assert f"pip install '{package}'" in str(refused.value)


def test_an_unknown_broker_is_refused_without_its_password() -> None:
    with pytest.raises(BrokerUnusable, match="not known") as refused:
        make_broker("kafka://user:secret@host")
    assert "secret" not in str(refused.value)


def test_an_installation_has_one_mark(relay: Any) -> None:
    assert installation(relay.open()) == installation(relay.open())
