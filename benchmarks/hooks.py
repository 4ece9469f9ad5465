"""Measure the webhook intake: start each server, load it, stop it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time

WARM_UP = 1000


def measure_hooks(count: int) -> dict[str, dict[str, float]]:
    """Rate and latencies of the empty handler and of the hub, one after the other."""
    return {what: _measure(what, count) for what in ("bare", "hub")}


def _measure(what: str, count: int) -> dict[str, float]:
    port = free_port()
    module = [sys.executable, "-m", "benchmarks.intake"]
    with subprocess.Popen([*module, what, str(port)], stderr=subprocess.DEVNULL) as server:
        try:
            _until_open(port)
            for number in (WARM_UP, count):
                ran = subprocess.run(
                    [*module, "load", str(port), str(number)],
                    check=True,
                    capture_output=True,
                    timeout=150,
                )
        finally:
            server.terminate()
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _until_open(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")
