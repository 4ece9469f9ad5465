"""What a thread is at work on: it stands in every log line that is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_about: ContextVar[Mapping[str, str]] = ContextVar("renkei_about", default={})  # noqa: B039 - never changed


@contextmanager
def about(**fields: str | None) -> Iterator[None]:
    """Log lines of this thread carry these fields while the block runs; empty ones are left out."""
    token = _about.set({**_about.get(), **{name: one for name, one in fields.items() if one}})
    try:
        yield
    finally:
        _about.reset(token)


def now_about() -> Mapping[str, str]:
    """What the thread is at work on."""
    return _about.get()
