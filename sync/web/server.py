"""The web server: uvicorn in a thread of this process, on the address the configuration says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from sync.engine.hub import Hub
from sync.web.app import make_app
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
def serve(hub: Hub, bell: Bell) -> Iterator[str]:
    """Serve the hub's web addresses while the block runs; yields the base URL.

    Stops taking webhooks first, then answers those it has, then closes. Raises AddressTaken.
    """
    listening = _listen(hub.config.hub.listen)
    host, port = listening.getsockname()[:2]
    intake = Intake(hub, bell)
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(hub, intake),
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
        intake.close()
        listening.close()


def _listen(address: str) -> socket.socket:
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
            " that one, or set `listen` in renkei.yaml"
        ) from error
    found.set_inheritable(False)
    return found
