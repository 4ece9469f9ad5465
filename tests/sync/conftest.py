"""A hub between a form and a CRM, both simulated, that can be waited for without sleeping."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.kintone.contract import rehearsal as kintone_rehearsal
from connectors.kintone.simulator import LEADS
from connectors.kit.base import Hook
from connectors.kit.session import in_process
from connectors.typeform.contract import rehearsal as typeform_rehearsal
from sync.config.model import Config, ConnectionConfig, HubConfig, PullConfig, PushConfig
from sync.engine.hub import Hub, open_hub
from sync.store import hooks
from sync.store.database import Database

PATIENCE = 20.0


class Watched:
    """A simulator that says when it was asked something; ``refuse`` makes it answer 503."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.asked = threading.Condition()
        self.refuse = False

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if self.refuse:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b""]
        answer = self.app(environ, start_response)
        with self.asked:
            self.asked.notify_all()
        return answer

    def wait_for(self, there: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Whether it came true in time; looked at after every request."""
        with self.asked:
            return self.asked.wait_for(there, seconds)


class Relay:
    """Answers of a form become records of a CRM."""

    def __init__(self, tmp_path: Path, database: Database) -> None:
        self.root = tmp_path
        self.database = database
        self.form = typeform_rehearsal(tmp_path)
        self.crm = kintone_rehearsal(tmp_path)
        self.crm_simulator: Any = self.crm.simulator
        self.form_app = Watched(self.form.simulator)
        self.crm_app = Watched(self.crm.simulator)
        self.pull: dict[str, PullConfig | None] = {"form": PullConfig(), "crm": PullConfig()}
        self.settings: dict[str, Any] = {"listen": "127.0.0.1:0"}
        self.enabled = {"form": True, "crm": True}

    def open(self, *names: str) -> Hub:
        """A hub with these connections, or all."""
        connections = {
            "form": ConnectionConfig(
                connector="typeform",
                options=dict(self.form.options),
                pull=self.pull["form"],
                enabled=self.enabled["form"],
            ),
            "crm": ConnectionConfig(
                connector="kintone",
                options=dict(self.crm.options),
                pull=self.pull["crm"],
                push=PushConfig(stream="records:leads"),
                enabled=self.enabled["crm"],
            ),
        }
        wanted = {name: connections[name] for name in names or connections}
        config = Config(root=self.root, hub=HubConfig(**self.settings), connections=wanted)
        transports = {"form": in_process(self.form_app), "crm": in_process(self.crm_app)}
        return open_hub(
            config, database=self.database, transports=transports, sleep=lambda _s: None
        )

    def form_hook(self) -> Hook:
        """What the form's vendor posts for a new answer, signed."""
        assert self.form.hook is not None
        return self.form.hook()

    def crm_hook(self) -> Hook:
        """What the CRM posts when a record was edited."""
        assert self.crm.hook is not None
        return self.crm.hook()

    def crm_rows(self) -> list[dict[str, Any]]:
        """What the CRM holds, field codes to values."""
        return [dict(row["values"]) for row in self.crm_simulator.rows(LEADS).values()]

    def arrives(self, count: int = 1) -> bool:
        """Whether the CRM comes to hold so many records."""
        return self.crm_app.wait_for(lambda: len(self.crm_rows()) >= count)

    def stored(self) -> dict[str, dict[str, int]]:
        """How many hooks are in store, by connection and state."""
        with self.database.read() as tx:
            return hooks.depth(tx)


@pytest.fixture
def relay(tmp_path: Path, database: Database, clock: Any) -> Relay:
    clock.moment = datetime.now(UTC)
    return Relay(tmp_path, database)
