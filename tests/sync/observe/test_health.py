"""Health pages, the verb that asks them, and where metrics are answered."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from sync.cli.app import app
from sync.cli.observing import _own
from sync.observe.health import unready
from sync.observe.vitals import Vitals
from sync.store import hooks
from sync.web import server, writer
from sync.workers import sweeper
from sync.workers.bells import REACHED_SECONDS, Bell, Reach, make_broker
from sync.workers.runner import running
from sync.workers.sweeper import Sweeper


def get(address: str, path: str) -> tuple[int, str]:
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def ready(address: str) -> str | None:
    """The reason for which it is not ready."""
    status, body = get(address, "/readyz")
    said = orjson.loads(body)
    assert said["ready"] is (status == 200)
    reason: str | None = said["reason"]
    return reason


@contextmanager
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held.getsockname()[1]


def free_port() -> int:
    with taken_port() as port:
        return port


# -- the pages -----------------------------------------------------------------------------------


def test_a_hub_that_is_up_is_alive_and_ready(relay: Any) -> None:
    with running(relay.open()) as house:
        assert get(house.address, "/healthz") == (200, "ok")
        assert ready(house.address) is None


def test_metrics_are_not_answered_where_webhooks_are_unless_said_so(relay: Any) -> None:
    with running(relay.open()) as house:
        assert (get(house.address, "/metrics")[0], house.pages) == (404, "")


def test_metrics_have_an_address_of_their_own(relay: Any) -> None:
    relay.settings["metrics"] = f"127.0.0.1:{free_port()}"
    with running(relay.open()) as house:
        assert get(house.address, "/metrics")[0] == 404
        status, body = get(house.pages, "/metrics")
        assert (status, get(house.pages, "/healthz")[1]) == (200, "ok")
        assert get(house.pages, "/hooks/form")[0] == 404
    assert "renkei_webhooks_total" in body
    assert "renkei_sweeper_silence_seconds" in body


def test_metrics_may_be_where_webhooks_are_if_that_is_said(relay: Any) -> None:
    relay.settings["metrics"] = relay.settings["listen"] = f"127.0.0.1:{free_port()}"
    with running(relay.open()) as house:
        assert (get(house.address, "/metrics")[0], house.pages) == (200, "")


def test_a_worker_tells_its_health_where_it_is_told_to(relay: Any) -> None:
    relay.settings["metrics"] = f"127.0.0.1:{free_port()}"
    with running(relay.open(), web=False, pages="127.0.0.1:0") as house:
        assert (house.address, ready(house.pages)) == ("", None)
        assert get(house.pages, "/metrics")[0] == 200
    with running(relay.open(), web=False, pages="") as house:
        assert house.pages == ""


def test_a_taken_port_for_metrics_is_said_plainly(relay: Any) -> None:
    with taken_port() as port:
        relay.settings["metrics"] = f"127.0.0.1:{port}"
        with pytest.raises(server.AddressTaken, match="metrics"), running(relay.open()):
            pass
    assert not [one for one in threading.enumerate() if one.name in ("sweeper", "web")]


def test_a_database_that_is_away_makes_it_unready(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_database: Any) -> str:
        raise OperationalError("SELECT", None, Exception("host tanaka.example"))

    monkeypatch.setattr("sync.observe.health.current", gone)
    assert unready(relay.open(), Vitals()) == "the database cannot be reached"


def test_another_schema_makes_it_unready(relay: Any) -> None:
    with relay.database.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = 'older'")
    assert "renkei db upgrade" in str(unready(relay.open(), Vitals()))


def test_a_sweeper_that_does_not_look_makes_it_unready(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [100.0]
    monkeypatch.setattr(sweeper.time, "monotonic", lambda: seconds[0])
    one = Sweeper(relay.open(), Bell(make_broker(""), "test"))
    seconds[0] += sweeper.SILENT_SECONDS + 1
    assert one.trouble() == "the sweeper has not looked for a minute"
    one.sweep()
    assert (one.trouble(), one.silence()) == (None, 0)
    monkeypatch.setattr(one, "_due", lambda: 1 / 0)
    seconds[0] += sweeper.SILENT_SECONDS + 1
    with pytest.raises(ZeroDivisionError):
        one.sweep()
    assert one.trouble() is not None


def test_a_broker_that_is_away_makes_it_unready_and_is_asked_for_now_and_then() -> None:
    seconds = [0.0]
    with taken_port() as port:
        reach = Reach(f"redis://127.0.0.1:{port}/0", clock=lambda: seconds[0])
        assert reach.trouble() is None
    assert reach.trouble() is None  # it was there a moment ago
    seconds[0] = REACHED_SECONDS
    assert reach.trouble() == "the broker cannot be reached"
    assert Reach("").trouble() is None


def test_a_running_hub_asks_all_of_these(relay: Any) -> None:
    relay.settings["broker"] = f"redis://127.0.0.1:{free_port()}/0"
    with running(relay.open(), workers=False) as house:
        assert ready(house.address) is None  # webhooks are stored all the same
    with running(relay.open(), web=False, pages=f"127.0.0.1:{free_port()}") as house:
        assert ready(house.pages) == "the broker cannot be reached"
        assert get(house.pages, "/healthz")[0] == 200


def test_webhooks_that_cannot_be_stored_make_it_unready_until_they_can(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "COUNT_SECONDS", 0.01)
    put, broken = hooks.put, threading.Event()
    broken.set()

    def full(*given: Any) -> None:
        if broken.is_set():
            raise OperationalError("INSERT", None, Exception("database or disk is full"))
        put(*given)

    monkeypatch.setattr(hooks, "put", full)
    one = writer.Writer(relay.database, Bell(make_broker(""), "test"))
    vitals = Vitals(checks={"intake": one.trouble})
    hub = relay.open()
    try:
        assert unready(hub, vitals) is None
        hook = hooks.Arrived("form", "k", "POST", "http://x", "{}", b"{}", hub.stamp())
        with pytest.raises(writer.NotStored):
            asyncio.run(one.store(hook))
        assert unready(hub, vitals) == "webhooks cannot be stored"
        broken.clear()
        # No webhook comes to a hub that is not ready: it has to find out by itself.
        recovered = threading.Event()
        for _ in range(2000):
            if one.trouble() is None:
                recovered.set()
                break
            recovered.wait(0.01)
        assert recovered.is_set()
    finally:
        one.close()


# -- the verb ------------------------------------------------------------------------------------


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Somebody who answers every request the same way."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Answering) as held:
        thread = threading.Thread(target=held.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{held.server_port}"
        finally:
            held.shutdown()
            thread.join()


def asked(*words: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, ["health", *words, "--lang", "en"])
    return answer.exit_code, answer.stdout, answer.stderr


def test_the_verb_says_that_a_hub_is_ready(relay: Any) -> None:
    with running(relay.open()) as house:
        assert asked(house.address) == (0, f"{house.address}/readyz is ready\n", "")
        code, out, _ = asked(f"{house.address}/healthz", "--json")
    said = json.loads(out)
    assert (code, said["ready"], said["url"]) == (0, True, f"{house.address}/healthz")


def test_the_verb_says_why_a_hub_is_not_ready() -> None:
    with answering(503, b'{"ready": false, "reason": "the sweeper sleeps"}') as url:
        code, out, err = asked(url)
    assert (code, out) == (1, "")
    assert "NOT_READY" in err
    assert "the sweeper sleeps" in err


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"reason": null}'])
def test_the_verb_takes_a_strange_answer_for_what_it_is(body: bytes) -> None:
    with answering(500, body) as url:
        code, _, err = asked(url)
    assert (code, "HTTP 500" in err) == (1, True)


def test_the_verb_fails_where_nobody_answers() -> None:
    code, _, err = asked(f"http://127.0.0.1:{free_port()}")
    assert (code, "no answer" in err) == (1, True)
    assert asked("ftp://127.0.0.1")[0] == 2


def test_the_verb_asks_this_hub_if_no_other_is_named(tmp_path: Path) -> None:
    with answering(200, b"{}") as url:
        listen = urlsplit(url).netloc
        (tmp_path / "renkei.yaml").write_text(f"listen: {listen}\n", encoding="utf-8")
        assert asked("--dir", str(tmp_path))[0] == 0


@pytest.mark.parametrize(
    ("listen", "url"),
    [
        ("127.0.0.1:8420", "http://127.0.0.1:8420"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("[::]:80", "http://[::1]:80"),
        ("hub.example:80", "http://hub.example:80"),
    ],
)
def test_where_this_hub_is_asked(listen: str, url: str) -> None:
    assert _own(listen) == url


# -- the process ---------------------------------------------------------------------------------

MAIN = "import sys; from sync.cli import main; sys.exit(main())"
HUB = """\
database: sqlite:///data/renkei.sqlite3
language: en
listen: 127.0.0.1:{}
metrics: 127.0.0.1:{}
"""


def test_up_logs_json_lines_and_is_seen_from_outside(tmp_path: Path) -> None:
    listen, pages = free_port(), free_port()
    (tmp_path / "renkei.yaml").write_text(HUB.format(listen, pages), encoding="utf-8")
    env = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": ""}
    env.pop("RENKEI_LANG", None)
    command = [sys.executable, "-c", MAIN, "up", "--dir", str(tmp_path), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["metrics"] == f"http://127.0.0.1:{pages}"
        assert ready(said["address"]) is None
        assert asked(said["address"])[0] == 0
        line = socket.create_connection(("127.0.0.1", listen), timeout=10)
        line.sendall(b"tanaka@example.jp\r\n\r\n")
        assert line.recv(64).startswith(b"HTTP/1.1 400")
        line.close()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = [orjson.loads(one) for one in err.splitlines()]
    assert "Invalid HTTP request received." in [one["event"] for one in lines]
    assert "tanaka" not in err
