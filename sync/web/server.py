"""The web servers: uvicorn in a thread of this process, on the addresses that are configured."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from sync.engine.hub import Hub
from sync.observe.vitals import Vitals
from sync.web.app import App, make_pages
from sync.web.intake import Intake
from sync.web.protocol import Impatient
from sync.workers.bells import Bell

MOST_CONNECTIONS = 2000
KEEP_ALIVE_SECONDS = 5
CLOSE_SECONDS = 5
START_SECONDS = 10.0


class AddressTaken(Exception):
    """The address that the configuration says to listen on cannot be had."""


@contextmanager
def serve(hub: Hub, bell: Bell, vitals: Vitals | None = None) -> Iterator[str]:
    """Serve the hub's web addresses while the block runs; yields the base URL.

    Stops taking webhooks first, then answers those it has, then closes. Raises AddressTaken.
    """
    signs = vitals or Vitals()
    config = hub.config.hub
    listening = _listen(config.listen, "set `listen` in renkei.yaml")
    intake = Intake(hub, bell)
    signs.counts["webhooks"] = intake.counts.copy
    signs.checks["intake"] = intake.writer.trouble
    pages = make_pages(hub, signs, metrics=config.metrics == config.listen)
    try:
        with _served(App(intake, pages), listening) as address:
            yield address
    finally:
        intake.close()


@contextmanager
def serve_pages(hub: Hub, vitals: Vitals, address: str) -> Iterator[str]:
    """Serve health and metrics alone while the block runs; yields the base URL.

    Raises AddressTaken.
    """
    listening = _listen(address, "give `metrics` or --listen another address")
    with _served(make_pages(hub, vitals, metrics=True), listening) as base:
        yield base


@contextmanager
def _served(app: Any, listening: socket.socket) -> Iterator[str]:
    host, port = listening.getsockname()[:2]
    logging.getLogger("uvicorn.access").propagate = False  # no line for each webhook
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            lifespan="off",
            http=Impatient,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
    )
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True
    )
    thread.start()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(CLOSE_SECONDS * 2)
        listening.close()


def _listen(address: str, advice: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host.strip("[]"), int(port)))
        found.listen(2048)
    except (OSError, ValueError) as error:
        found.close()
        raise AddressTaken(
            f"the hub cannot listen on {address} ({error}): another process may be using it; stop"
            f" that one, or {advice}"
        ) from error
    found.set_inheritable(False)
    return found
