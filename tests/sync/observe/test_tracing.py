"""Traces: one span a job, one a run below it; nothing at all where nobody asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from sync.observe import tracing
from sync.workers import schedules
from sync.workers.actors import Crew
from sync.workers.bells import Bell, make_broker


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    with tracing.tracing({}, exporter) as is_on:
        assert is_on
        yield exporter


def named(spans: InMemorySpanExporter, name: str) -> list[Any]:
    return [one for one in spans.get_finished_spans() if one.name == name]


@pytest.fixture
def crew(relay: Any) -> Crew:
    relay.crm.seed(3)
    return Crew(relay.open(), Bell(make_broker(""), "test"))


def test_a_job_has_a_span_and_its_runs_below_it(crew: Crew, spans: InMemorySpanExporter) -> None:
    schedules.ask(crew.hub, "pull", "crm")
    crew.pull("crm")
    (job,) = named(spans, "pull")
    (run,) = named(spans, "run pull")
    assert run.parent.span_id == job.context.span_id
    assert job.attributes == {"renkei.connection": "crm"}
    said = dict(run.attributes)
    assert (said["renkei.connection"], said["renkei.stream"]) == ("crm", "records:leads")
    assert said["renkei.run"].startswith("run_")
    assert (said["renkei.state"], said["renkei.count.read"]) == ("succeeded", 3)
    assert job.start_time <= run.start_time <= run.end_time <= job.end_time


def test_a_job_that_fails_is_marked_by_its_class_alone(
    crew: Crew, spans: InMemorySpanExporter
) -> None:
    def work(_connection: str) -> None:
        raise ZeroDivisionError("tanaka@example.jp")

    crew._alone("push", "crm", work)
    (job,) = named(spans, "push")
    assert job.status.status_code is StatusCode.ERROR
    assert (job.status.description, job.events) == (None, ())
    assert job.attributes["renkei.code"] == "ZeroDivisionError"
    assert "tanaka" not in job.to_json()


def test_a_span_keeps_no_exception_that_passes_through_it(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ZeroDivisionError), tracing.span("push", connection="crm"):
        raise ZeroDivisionError("tanaka@example.jp")
    (span,) = named(spans, "push")
    assert (span.events, span.status.description) == ((), None)
    assert "tanaka" not in span.to_json()


def test_a_run_that_fails_is_marked_by_its_code(
    crew: Crew, relay: Any, spans: InMemorySpanExporter
) -> None:
    relay.crm_app.refuse = True
    schedules.ask(crew.hub, "pull", "crm")
    crew.pull("crm")
    (run,) = named(spans, "run pull")
    assert run.status.status_code is StatusCode.ERROR
    assert run.attributes["renkei.code"] == "UNAVAILABLE"


def test_nothing_is_traced_unless_it_is_asked_for(crew: Crew) -> None:
    with tracing.tracing({}) as is_on:
        assert not is_on
        with tracing.span("push", connection="crm") as span:
            assert span is None
        crew.resolve()


def test_the_endpoint_asks_for_it_and_the_end_sends_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = InMemorySpanExporter()
    where = "opentelemetry.exporter.otlp.proto.http.trace_exporter.OTLPSpanExporter"
    monkeypatch.setattr(where, lambda: sent)
    with tracing.tracing({tracing.ENDPOINT: "http://127.0.0.1:4318"}) as is_on:
        assert is_on
        with tracing.span("push", connection="crm"):
            assert named(sent, "push") == []
    (span,) = named(sent, "push")
    assert span.resource.attributes["service.name"] == "renkei"
    with tracing.span("push", connection="crm") as after:
        assert after is None


def test_without_the_extra_the_endpoint_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "find_spec", lambda _name: None)
    with tracing.tracing({tracing.ENDPOINT: "http://127.0.0.1:4318"}) as is_on:
        assert not is_on


def test_nothing_of_it_is_imported_where_nobody_asks() -> None:
    code = (
        "import sys\nfrom sync.observe.tracing import tracing, span\n"
        "with tracing({}), span('push', connection='crm'): pass\n"
        "print([one for one in sys.modules if one.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
