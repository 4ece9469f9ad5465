"""Serve simulators on loopback, and post their webhooks."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from connectors.kit.simulator import Delivery

STOP_SECONDS = 0.05
"""How often a server looks whether it is to stop."""
BACKLOG = 128


@contextmanager
def serving(app: Any, port: int = 0, *, name: str = "simulator") -> Iterator[str]:
    """Serve a WSGI application while the block runs; yields its base URL.

    Raises OSError where the port is taken.
    """
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(BACKLOG)
        # Bound here: werkzeug would end the process where the port is taken.
        server = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=listening.fileno()
        )
        thread = threading.Thread(
            target=server.serve_forever, args=(STOP_SECONDS,), name=name, daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join(timeout=5)
            server.server_close()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status only: the Date of an answer is the simulator's, not the machine's."""
        self.send_response_only(code, message)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - its base
        """Say nothing: a simulator's requests are in ``seen``."""


class Poster:
    """Posts webhooks from one thread, each up to three times, in order."""

    def __init__(self) -> None:
        self._queue: deque[Delivery] = deque()
        self._wake = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="simulator-hooks", daemon=True)
        self._thread.start()

    def post(self, delivery: Delivery) -> None:
        """Have a webhook sent."""
        with self._wake:
            self._queue.append(delivery)
            self._wake.notify()

    def stop(self) -> None:
        """Send what is waiting, and end."""
        with self._wake:
            self._open = False
            self._wake.notify()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._wake:
                while self._open and not self._queue:
                    self._wake.wait()
                if not self._queue:
                    return
                delivery = self._queue.popleft()
            for _ in range(3):
                if post(delivery):
                    break


def post(delivery: Delivery) -> bool:
    """Post a webhook once; whether it was taken."""
    if not delivery.url.startswith(("http://127.0.0.1", "http://localhost")):
        return True  # a simulator never talks to anything but this machine
    request = urllib.request.Request(  # noqa: S310 - loopback only, checked above
        delivery.url, data=delivery.body, headers=dict(delivery.headers), method=delivery.method
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return bool(200 <= response.status < 300)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
