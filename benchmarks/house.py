"""A real installation on the bench: an operator's directory, a vendor, and ``renkei up``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.answers import SECRET
from benchmarks.hooks import free_port
from benchmarks.product import KEY

RENKEI = Path(sys.executable).parent / "renkei"
START_SECONDS, STOP_SECONDS = 60.0, 60.0

_HUB = """\
database: {database}
listen: {listen}
public_url: http://{listen}
language: en
timezone: UTC
key: ${{env:RENKEI_KEY}}
plugins: ["{plugin}"]
"""
_FORM = """\
connector: typeform
options: {{token: "${{env:FORM_TOKEN}}", webhook_secrets: ["${{env:FORM_SECRET}}"]}}
pull: null
"""
_LIVE = """\
connector: neutral
options: {{base_url: "{vendor}", follow: true}}
pull: {{streams: [contacts], schedule: {{cron: "* * * * *"}}}}
"""
_TARGET = """\
connector: neutral
options: {{base_url: "{vendor}", name: target}}
pull: null
push: {{stream: contacts}}
"""


@dataclass(frozen=True, slots=True)
class House:
    """A hub that is up. ``pid`` is its process."""

    home: Path
    url: str
    vendor: str
    pid: int

    def ask(self, path: str) -> Any:
        """What the vendor says at ``path``."""
        with urlopen(f"{self.vendor}{path}", timeout=60) as answer:
            return json.load(answer)


def environ() -> dict[str, str]:
    """The environment in which the hub finds its secrets."""
    return {
        **os.environ,
        "RENKEI_KEY": KEY,
        "FORM_TOKEN": "tfp_rehearsal",
        "FORM_SECRET": SECRET,
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }


@contextmanager
def up(home: Path, database: str, *, rate: float = 0.0) -> Iterator[House]:
    """``renkei up`` and its vendor, where ``rate`` contacts a second happen, for the block."""
    command = [sys.executable, "-m", "benchmarks.live", "--rate", str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as vendor:
        try:
            assert vendor.stdout is not None
            address = vendor.stdout.readline().strip()
            listen = _write(home, database, address, polls=rate > 0)
            with (home / "log").open("w") as log:
                hub = subprocess.Popen(
                    [RENKEI, "up", "--dir", str(home), "-v"],
                    env=environ(),
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                )
            try:
                _until_ready(f"http://{listen}/readyz", hub, home / "log")
                yield House(home, f"http://{listen}", address, hub.pid)
            finally:
                hub.send_signal(signal.SIGTERM)
                try:
                    hub.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    hub.kill()
        finally:
            vendor.kill()


def _write(home: Path, database: str, vendor: str, *, polls: bool) -> str:
    listen = f"127.0.0.1:{free_port()}"
    (home / "connections").mkdir(parents=True)
    plugin = Path(__file__).parent / "plugin"
    hub = _HUB.format(database=database, listen=listen, plugin=plugin)
    (home / "renkei.yaml").write_text(hub)
    wanted = {"form": _FORM, "target": _TARGET, **({"live": _LIVE} if polls else {})}
    for name, text in wanted.items():
        (home / "connections" / f"{name}.yaml").write_text(text.format(vendor=vendor))
    return listen


def _until_ready(url: str, hub: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and hub.poll() is None:
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"renkei up did not start: {log.read_text()[-800:]}")
