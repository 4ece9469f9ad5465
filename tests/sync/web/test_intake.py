"""A webhook is answered 200 when, and only when, it is stored."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from sqlalchemy.exc import OperationalError

from connectors.kit.base import Answer, Hook, News
from connectors.kit.signatures import SCHEMES, sign
from connectors.typeform.contract import SECRET
from connectors.typeform.simulator import DEFAULT_FORM_ID
from sync.engine.hub import Hub
from sync.store import hooks
from sync.store.database import iso
from sync.web import intake as intake_module
from sync.web import protocol, server
from sync.web.intake import MAX_BODY, connection_of, event_key
from sync.workers.bells import Bell, make_broker


class Front:
    """The served intake of a hub, and how it is called."""

    def __init__(self, relay: Any, hub: Hub, address: str) -> None:
        self.relay = relay
        self.hub = hub
        self.netloc = urlsplit(address).netloc

    def call(
        self,
        path: str,
        body: bytes | Iterator[bytes] = b"",
        headers: dict[str, str] | None = None,
        method: str = "POST",
    ) -> tuple[int, bytes, dict[str, str]]:
        line = http.client.HTTPConnection(self.netloc, timeout=20)
        try:
            line.request(method, path, body=body, headers=dict(headers or {}))
            answer = line.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            line.close()

    def post(self, path: str, hook: Hook) -> int:
        return self.call(path, hook.body, dict(hook.headers))[0]

    def rows(self) -> list[Any]:
        with self.relay.database.read() as tx:
            return tx.rows("SELECT connection, url, headers, body, state FROM hook ORDER BY id")


@pytest.fixture
def hub(relay: Any) -> Hub:
    opened: Hub = relay.open()
    return opened


@pytest.fixture
def front(relay: Any, hub: Hub) -> Iterator[Front]:
    bell = Bell(make_broker(""), "test")
    with server.serve(hub, bell) as address:
        yield Front(relay, hub, address)


class Receiving:
    """A connector that believes everybody."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer
        self.seen: list[Hook] = []

    def verify(self, hook: Hook) -> Answer | None:
        self.seen.append(hook)
        return self.answer

    def read_hook(self, hook: Hook) -> News:
        orjson.loads(hook.body)
        return News(())


@pytest.fixture
def believing(hub: Hub) -> Receiving:
    connector = Receiving()
    hub.flows["crm"]._connector = connector
    return connector


def test_a_signed_webhook_is_stored_whole_and_answered(front: Front) -> None:
    hook = front.relay.form_hook()
    assert front.post("/hooks/form", hook) == 200
    ((connection, url, headers, sealed, state),) = front.rows()
    assert (connection, state) == ("form", "new")
    assert hook.body not in bytes(sealed)
    with front.relay.database.write() as tx:
        now = iso(front.relay.database.now())
        (body,) = [row.body for row in hooks.claim(tx, [], now, now, 1)[0]]
    assert body == hook.body
    assert url == "http://127.0.0.1:8420/hooks/form"
    assert "typeform-signature" in orjson.loads(headers)


def test_a_repeated_delivery_is_answered_and_stored_once(front: Front) -> None:
    hook = front.relay.form_hook()
    assert [front.post("/hooks/form", hook) for _ in range(3)] == [200, 200, 200]
    assert len(front.rows()) == 1


def test_a_forged_webhook_is_refused_without_a_word_and_told_once(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    forged = front.relay.form.forged()
    with caplog.at_level(logging.WARNING, "renkei"):
        answers = [front.call("/hooks/form", forged.body, dict(forged.headers)) for _ in range(3)]
    assert [(status, body) for status, body, _ in answers] == [(401, b"")] * 3
    assert front.rows() == []
    assert [record.getMessage() for record in caplog.records] == [
        'a webhook for connection "form" was refused (SIGNATURE_WRONG)'
    ]


def test_a_signed_webhook_that_cannot_be_read_is_a_bad_request(front: Front) -> None:
    headers = sign(SCHEMES["typeform"], SECRET, b"no json")
    assert front.call("/hooks/form", b"no json", headers)[0] == 400
    assert front.rows() == []


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        pytest.param("/hooks/nobody", "POST", 404, id="no such connection"),
        pytest.param("/hooks/", "POST", 404, id="no connection at all"),
        pytest.param("/hooks/form", "PUT", 405, id="another method"),
        pytest.param("/healthz", "GET", 200, id="alive"),
        pytest.param("/elsewhere", "GET", 404, id="no such page"),
    ],
)
def test_addresses(front: Front, path: str, method: str, status: int) -> None:
    assert front.call(path, method=method)[0] == status


def test_a_connection_that_is_switched_off_is_not_there(relay: Any) -> None:
    relay.enabled["form"] = False
    with server.serve(relay.open(), Bell(make_broker(""), "test")) as address:
        assert Front(relay, relay.open(), address).post("/hooks/form", relay.form_hook()) == 404


def test_a_connector_that_takes_no_webhooks_is_not_there(relay: Any) -> None:
    hub = relay.open()
    hub.flows["crm"]._connector = object()
    with server.serve(hub, Bell(make_broker(""), "test")) as address:
        assert Front(relay, hub, address).call("/hooks/crm", b"{}")[0] == 404


def test_the_address_reaches_the_connector_as_it_was_called(
    hub: Hub, believing: Receiving, front: Front
) -> None:
    assert front.call("/hooks/crm/a%2Fb/%E8%AA%9E?x=1&y=%20", b"{}")[0] == 200
    assert believing.seen[0].url == ("http://127.0.0.1:8420/hooks/crm/a%2Fb/%E8%AA%9E?x=1&y=%20")


def test_header_names_are_lower_case(believing: Receiving, front: Front) -> None:
    front.call("/hooks/crm", b"{}", {"X-Vendor": "v"})
    assert orjson.loads(front.rows()[0][2])["x-vendor"] == "v"


@pytest.mark.parametrize(
    "header",
    ["authorization", "cookie", "x-goog-channel-token", "x-renkei-secret", "x-api-key"],
)
def test_a_credential_is_checked_and_not_kept(
    believing: Receiving, front: Front, header: str
) -> None:
    front.call("/hooks/crm", b"{}", {header: "Basic c2VjcmV0", "x-token-kind": "plain"})
    assert believing.seen[0].headers[header] == "Basic c2VjcmV0"
    kept = orjson.loads(front.rows()[0][2])
    assert header not in kept
    assert kept["x-token-kind"] == "plain"


def test_a_taken_webhook_is_answered_with_nothing_unless_the_connector_says_more(
    hub: Hub, relay: Any
) -> None:
    class Talking(Receiving):
        taken = Answer(200, b"{}", "application/json")

    hub.flows["crm"]._connector = Talking()
    hub.flows["form"]._connector = Receiving()
    with server.serve(hub, Bell(make_broker(""), "test")) as address:
        front = Front(relay, hub, address)
        told = {name: front.call(f"/hooks/{name}", b"{}") for name in ("crm", "form")}
    assert told["form"][:2] == (200, b"")
    status, body, headers = told["crm"]
    assert (status, body, headers["content-type"]) == (200, b"{}", "application/json")


def test_a_handshake_gets_the_answer_of_the_connector_and_stores_nothing(
    hub: Hub, believing: Receiving, front: Front
) -> None:
    believing.answer = Answer(200, b"challenge-back", "text/plain")
    status, body, headers = front.call("/hooks/crm?challenge=1", method="GET")
    assert (status, body, headers["content-type"]) == (200, b"challenge-back", "text/plain")
    assert front.rows() == []


def test_a_body_above_a_mebibyte_is_refused_by_its_bytes(
    believing: Receiving, front: Front
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(17):
            yield b" " * (64 * 1024)

    try:
        status = front.call("/hooks/crm", pieces())[0]
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # the answer came before the body was sent, and the line was closed
    assert status == 413
    assert front.rows() == []


def test_a_body_of_a_mebibyte_is_taken(believing: Receiving, front: Front) -> None:
    body = b'"' + b"x" * (MAX_BODY - 2) + b'"'
    assert front.call("/hooks/crm", body)[0] == 200
    assert front.call("/hooks/crm", b" " + body)[0] == 413


def test_a_body_that_does_not_come_is_not_waited_for(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "BODY_SECONDS", 0.2)
    host, _, port = front.netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /hooks/form HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab")
        assert line.recv(64).startswith(b"HTTP/1.1 408")


def test_headers_that_do_not_come_are_not_waited_for(
    relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    with server.serve(relay.open(), Bell(make_broker(""), "test")) as address:
        host, _, port = urlsplit(address).netloc.partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(b"POST /hooks/form HTTP/1.1\r\nHost:")
            assert line.recv(64) == b""


def test_above_the_high_water_mark_webhooks_are_sent_away_and_taken_again_later(
    hub: Hub, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = serving(front)
    writer.backlog_mark = 2
    monkeypatch.setattr("sync.web.writer.COUNT_SECONDS", 0.0)
    assert [front.post("/hooks/form", front.relay.form_hook()) for _ in range(2)] == [200, 200]
    hook = front.relay.form_hook()
    status, _, headers = front.call("/hooks/form", hook.body, dict(hook.headers))
    assert (status, headers["retry-after"]) == (503, "10")
    with hub.database.write() as tx:
        tx.write("UPDATE hook SET state = 'done'")
    for _ in range(200):  # the writer counts again for each that it sends away
        if front.post("/hooks/form", hook) == 200:
            break
    else:
        pytest.fail("the intake stayed full")
    assert len(front.rows()) == 3


def serving(front: Front) -> Any:
    """The writer behind a front."""
    found = [thread for thread in threading.enumerate() if thread.name == "hook-writer"]
    (thread,) = [one for one in found if one.is_alive()]
    return thread._target.__self__  # type: ignore[attr-defined]  # the writer of this server


def test_a_full_disk_is_answered_503_until_there_is_room(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = hooks.put

    def full(*_given: Any) -> None:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    monkeypatch.setattr(hooks, "put", full)
    hook = front.relay.form_hook()
    assert front.post("/hooks/form", hook) == 503
    monkeypatch.setattr(hooks, "put", put)
    assert front.post("/hooks/form", hook) == 200


def test_ready_means_that_the_database_is_there_and_current(front: Front) -> None:
    assert front.call("/readyz", method="GET")[0] == 200
    with front.relay.database.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = 'older'")
    status, body, _ = front.call("/readyz", method="GET")
    assert (status, orjson.loads(body)["ready"]) == (503, False)


def test_five_hundred_at_once_are_all_answered_and_each_is_stored_once(front: Front) -> None:
    def signed(number: int) -> tuple[bytes, dict[str, str]]:
        body = orjson.dumps(
            {
                "event_id": f"event-{number}",
                "event_type": "form_response",
                "form_response": {
                    "form_id": DEFAULT_FORM_ID,
                    "token": f"token-{number}",
                    "submitted_at": "2026-04-01T00:00:00Z",
                    "landed_at": "2026-04-01T00:00:00Z",
                    "answers": [],
                },
            }
        )
        return body, sign(SCHEMES["typeform"], SECRET, body)

    posts = [signed(number) for number in range(500)]
    statuses: Counter[int] = Counter()
    start = threading.Barrier(100)

    def send(mine: list[tuple[bytes, dict[str, str]]]) -> None:
        start.wait()
        for body, headers in mine:
            statuses[front.call("/hooks/form", body, headers)[0]] += 1

    threads = [threading.Thread(target=send, args=(posts[n::100],)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {200: 500}
    with front.relay.database.read() as tx:
        ((rows, events),) = tx.rows("SELECT count(*), count(DISTINCT event_key) FROM hook")
    assert (rows, events) == (500, 500)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"/hooks/form", "form"),
        (b"/hooks/form/", "form"),
        (b"/hooks/form/rest/of/it", "form"),
        ("/hooks/フォーム".encode(), "ã\x83\x95ã\x82©ã\x83¼ã\x83\xa0"),
        (b"/hooks/%E3%83%95%E3%82%A9%E3%83%BC%E3%83%A0", "フォーム"),
        (b"/hooks//form", ""),
        (b"/hooks/", ""),
    ],
)
def test_connection_of(path: bytes, name: str) -> None:
    assert connection_of(path) == name


def test_events_have_one_key_in_whatever_order_they_are_named() -> None:
    assert event_key(News(("a", "b")), b"1") == event_key(News(("b", "a")), b"2")
    assert event_key(News(()), b"1") != event_key(News(()), b"2")
    assert event_key(News(("a",)), b"1") != event_key(News(("b",)), b"1")


def test_a_taken_port_is_said_plainly(front: Front) -> None:
    front.relay.settings["listen"] = front.netloc
    taken = front.relay.open()
    with (
        pytest.raises(server.AddressTaken, match="set `listen`"),
        server.serve(taken, Bell(make_broker(""), "test")),
    ):
        pass
