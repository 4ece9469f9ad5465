"""Traces by OpenTelemetry, where an operator asks for them; otherwise nothing is done at all.

They are asked for by OTEL_EXPORTER_OTLP_ENDPOINT, and need the extra ``otel``. A span carries
names, ids of our own and counts; no message of an exception and nothing that a vendor said.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from importlib.util import find_spec
from time import time_ns
from typing import TYPE_CHECKING, Any

from sync.observe.redact import CODE, code_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

    from sync.store.runs import RunRow

__all__ = ["ENDPOINT", "fail", "span", "tell_run", "tracing"]

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

_COUNT = re.compile(r"[a-z_]{1,40}")

_tracer: Tracer | None = None
_lock = threading.Lock()


@contextmanager
def tracing(
    env: Mapping[str, str] | None = None, exporter: SpanExporter | None = None
) -> Iterator[bool]:
    """Jobs are traced while the block runs, where that is asked for; whether they are.

    ``exporter`` is a test's own, and asks for it. What is not sent yet is sent at the end.
    """
    global _tracer  # noqa: PLW0603 - one tracer a process; everything asks it first
    wanted = exporter is not None or bool((os.environ if env is None else env).get(ENDPOINT))
    if not wanted or find_spec("opentelemetry.sdk") is None:
        yield False
        return
    provider = _provider(exporter)
    with _lock:
        before, _tracer = _tracer, provider.get_tracer("renkei")
    try:
        yield True
    finally:
        with _lock:
            _tracer = before
        provider.shutdown()


def _provider(exporter: SpanExporter | None) -> Any:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "renkei")
    said = {"service.name": name, "service.version": version("renkei")}
    provider = TracerProvider(resource=Resource.create(said))
    if exporter is not None:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        return provider
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def span(name: str, **attributes: str) -> AbstractContextManager[Span | None]:
    """A span for the block; nothing where there is no tracing."""
    tracer = _tracer
    if tracer is None:
        return nullcontext()
    return tracer.start_as_current_span(
        name,
        attributes=_named({one: value for one, value in attributes.items() if value}),
        record_exception=False,  # its message may be about a person
        set_status_on_exception=False,
    )


def fail(error: BaseException) -> None:
    """Mark the span at hand as failed, by the error's code."""
    if _tracer is None:
        return
    from opentelemetry.trace import Status, StatusCode, get_current_span

    now = get_current_span()
    now.set_attribute("renkei.code", code_of(error))
    now.set_status(Status(StatusCode.ERROR))


def tell_run(run: RunRow, began_ns: int) -> None:
    """A span for a run that is over, below the job that it was part of."""
    tracer = _tracer
    if tracer is None:
        return
    from opentelemetry.trace import Status, StatusCode

    said: dict[str, str | int] = {
        "connection": run.connection,
        "run": run.id,
        "cause": run.cause,
        "state": run.state,
        **{f"count.{name}": count for name, count in run.counts.items() if _COUNT.fullmatch(name)},
    }
    if run.stream:
        said["stream"] = run.stream
    if run.code and CODE.fullmatch(run.code):
        said["code"] = run.code
    one = tracer.start_span(f"run {run.kind}", start_time=began_ns, attributes=_named(said))
    if run.state == "failed":
        one.set_status(Status(StatusCode.ERROR))
    one.end(time_ns())


def _named(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {f"renkei.{name}": value for name, value in attributes.items()}
