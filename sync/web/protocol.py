"""uvicorn's HTTP protocol with a deadline for the head of a request, which it lacks.

A client that sends a header now and then would hold its connection for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Protocol
except ImportError:  # not on this operating system
    from uvicorn.protocols.http.h11_impl import (  # type: ignore[assignment]  # the same, slower
        H11Protocol as Protocol,
    )

HEAD_SECONDS = 10.0
"""How long the head of a request may take; an idle connection has uvicorn's own limit."""


class Impatient(Protocol):
    """Closes a connection whose next request does not get as far as its body in time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to watch a connection, every so often: nothing is done for a single request."""
        super().connection_made(transport)
        self.loop.call_later(HEAD_SECONDS, self._look, self.cycle)

    def _look(self, before: Any) -> None:
        if self.transport.is_closing():
            return
        answered = self.cycle is None or self.cycle.response_complete
        if answered and self.timeout_keep_alive_task is None and self.cycle is before:
            self.transport.close()
            return
        self.loop.call_later(HEAD_SECONDS, self._look, self.cycle)
