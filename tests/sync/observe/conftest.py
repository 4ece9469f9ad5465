"""A hub over a vendor that repeats whatever it is told, and everything that can be seen of it."""

from __future__ import annotations

import http.client
import io
import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr

from mapping.model import FIELDS, FieldType, choices, field_type
from sync.config.model import Config, ConnectionConfig, HubConfig, PushConfig
from sync.engine.hub import Hub, open_hub
from sync.observe.logs import Form, logging_to, redactor_of
from sync.observe.tracing import tracing
from sync.observe.vitals import Vitals
from sync.store.database import Database
from sync.web import server
from sync.workers import schedules
from sync.workers.actors import Crew
from sync.workers.bells import Bell, make_broker
from tests.conftest import KEY, Clock

PLUGINS = Path(__file__).parent / "plugins"
MARKS = re.compile(r"zq|龘|87654321|1987-06-05|1987/06/05", re.IGNORECASE)
"""What planted values have in common, whatever normalising makes of them."""
PLANTED: dict[FieldType, Any] = {
    FieldType.EMAIL: "zq.{}@zq.example",
    FieldType.PHONE: "090-8765-4321",
    FieldType.URL: "https://zq.example/{}",
    FieldType.DATE: "1987-06-05",
    FieldType.DATETIME: "1987-06-05T04:03:02Z",
    FieldType.NUMBER: 1987654321,
    FieldType.LIST: ["zq-{}-1", "龘-{}"],
    FieldType.CORPORATE_NUMBER: "9876543210987",
    FieldType.PERSON: "龘zq{}",
    FieldType.COMPANY: "株式会社龘zq{}",
    FieldType.TEXT: "龘 zq-{}",
}


def planted(kind: str, *, ill: bool = False) -> dict[str, Any]:
    """A payload with something of a person in every field there is; ``ill``: of no right type."""
    found: dict[str, Any] = {"hobby": "zq-hobby"} if kind == "lead" else {}
    for name in FIELDS[kind]:
        if name.startswith("renkei_"):
            continue
        of = FieldType.TEXT if ill else field_type(kind, name)
        values = choices(kind, name)
        assert of is not None
        value = values[0] if values is not None and not ill else PLANTED.get(of)
        if isinstance(value, str):
            value = value.replace("{}", name)
        found[name.replace(".", "_")] = value
    return found


class Vendor:
    """What the gossip's vendor answers; ``mode`` is how it goes wrong."""

    def __init__(self) -> None:
        self.mode = ""
        self.number = 0
        self.records: dict[str, list[dict[str, Any]]] = {}

    def holds(self, *people: dict[str, Any]) -> None:
        """These people come next, and one of everything else about the first of them."""
        self.number += 1
        first = people[0]["id"]
        others = {"companies": "account", "deals": "deal", "calls": "activity"}
        self.records = {
            name: [{**planted(kind), "id": f"{name}-zq-{self.number}", "of": first}]
            for name, kind in others.items()
        }
        self.records["people"] = list(people)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.mode == "away":
            raise httpx.ReadTimeout("zq-away 090-8765-4321", request=request)
        if self.mode.isdigit():
            marked = {"x-person": "zq-header", "www-authenticate": "zq-realm", "retry-after": "0"}
            body = {"message": "zq-said 龘", "email": "zq@zq.example"}
            return httpx.Response(int(self.mode), json=body, headers=marked)
        if request.method == "POST":
            if self.mode == "refuse":
                said = {"message": "zq-refused 龘", "email": "zq@zq.example"}
                return httpx.Response(400, json=said, headers={"x-person": "zq-header"})
            self.number += 1
            answer = {"id": f"zq-new-{self.number}", "explode": self.mode}
            return httpx.Response(200, json=answer)
        stream = request.url.path.strip("/")
        body = {"records": self.records.get(stream, []), "cursor": str(self.number)}
        return httpx.Response(200, json={**body, "explode": self.mode, "said": "zq-said"})


class Deaf(Bell):
    """A bell whose messages are all lost: the test opens the doors itself."""

    def __init__(self) -> None:
        super().__init__(make_broker(""), "test")

    def ring(self, job: str, connection: str = "") -> bool:
        return bool(job and connection) and False


class Glass:
    """A hub in a glass house: it runs, and all that can be seen from outside is kept."""

    def __init__(self, database: Database, clock: Clock, form: Form, until: ExitStack) -> None:
        self.database = database
        self.clock = clock
        self.vendor = Vendor()
        self.vitals = Vitals()
        self.hub = self._open()
        self.crew = Crew(self.hub, Deaf(), vitals=self.vitals)
        self.log = io.StringIO()
        self.plain = io.StringIO()
        self.spans = InMemorySpanExporter()
        self.pages: list[str] = []
        until.enter_context(self._plain_log())
        until.enter_context(logging_to(form, logging.DEBUG, redactor_of(self.hub), self.log))
        until.enter_context(tracing({}, self.spans))
        self.front = until.enter_context(server.serve(self.hub, self.crew.bell, self.vitals))
        self.back = until.enter_context(server.serve_pages(self.hub, self.vitals, "127.0.0.1:0"))

    def _open(self) -> Hub:
        connections = {
            name: ConnectionConfig(connector="gossip", push=PushConfig(stream="people"))
            for name in ("crm", "sfa")
        }
        config = Config(
            root=PLUGINS.parent,
            hub=HubConfig(plugins=["plugins"], key=SecretStr(KEY), listen="127.0.0.1:0"),
            connections=connections,
        )
        transport = httpx.MockTransport(self.vendor)
        return open_hub(
            config,
            database=self.database,
            transports=dict.fromkeys(connections, transport),
            sleep=lambda _seconds: None,
        )

    def _plain_log(self) -> Any:
        """The same records as Python's own formatter writes them, to see what was kept out."""
        handler = logging.StreamHandler(self.plain)
        stack = ExitStack()
        for name in ("renkei", "uvicorn", "dramatiq", "werkzeug"):
            # The demo, run in this process by another test, has these say nothing.
            one = logging.getLogger(name)
            stack.callback(setattr, one, "propagate", one.propagate)
            one.propagate = True
        logging.getLogger().addHandler(handler)
        stack.callback(logging.getLogger().removeHandler, handler)
        return stack

    def call(
        self,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        method: str = "POST",
        back: bool = False,
    ) -> tuple[int, str]:
        """Ask one of the two web servers; status and body. All of the answer is kept."""
        line = http.client.HTTPConnection(urlsplit(self.back if back else self.front).netloc)
        try:
            line.request(method, path, body=body, headers=headers or {})
            answer = line.getresponse()
            text = answer.read().decode()
            self.pages.append(f"{answer.getheaders()}\n{text}")
            return answer.status, text
        finally:
            line.close()

    def get(self, path: str) -> str:
        """A page of the second server, which must be there."""
        status, text = self.call(path, method="GET", back=True)
        assert status == 200, text
        return text

    def work(self) -> None:
        """Everything the workers do, once, some minutes later."""
        self.clock.pass_time(minutes=10)
        self.crew.webhooks()
        for name in ("crm", "sfa"):
            schedules.ask(self.hub, "pull", name)
            self.crew.pull(name)
        self.crew.resolve()
        for name in ("crm", "sfa"):
            self.crew.push(name)

    def seen(self) -> dict[str, str]:
        """All that could be seen, by where."""
        spans = [one.to_json() for one in self.spans.get_finished_spans()]
        return {
            "log": self.log.getvalue(),
            "pages": "\n".join(self.pages),
            "spans": "\n".join(spans),
        }

    def lines(self) -> list[dict[str, Any]]:
        """The log's lines, where it is JSON."""
        return [orjson.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture(params=["json", "text"])
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found


@pytest.fixture
def glass(database: Database, clock: Clock, form: Form) -> Iterator[Glass]:
    with ExitStack() as until:
        yield Glass(database, clock, form, until)
