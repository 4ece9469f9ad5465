"""Two hundred webhooks about one new person, at once: one record in each target."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterable
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.kit.signatures import SCHEMES, sign
from connectors.typeform.contract import SECRET
from connectors.typeform.simulator import DEFAULT_FORM_ID
from sync.store import hooks, inbox, outbox
from sync.workers.runner import running

EMAIL = "sato@aozora-seisakusho.example"
DELIVERIES = 200
THREADS = 20
PATIENCE = 60.0


class Watched:
    """A simulator that says when it answered."""

    def __init__(self, app: Any, asked: threading.Condition) -> None:
        self.app = app
        self.asked = asked

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = self.app(environ, start_response)
        with self.asked:
            self.asked.notify_all()
        return answer


def delivery(number: int) -> bytes:
    answers = [
        {"type": "email", "email": EMAIL, "field": {"ref": "email", "type": "email", "id": "e"}},
        {
            "type": "text",
            "text": "佐藤",
            "field": {"ref": "last_name", "type": "short_text", "id": "l"},
        },
        {
            "type": "text",
            "text": "花子",
            "field": {"ref": "first_name", "type": "short_text", "id": "f"},
        },
        {
            "type": "text",
            "text": f"肩書{number}",
            "field": {"ref": "title", "type": "short_text", "id": "t"},
        },
    ]
    response = {
        "form_id": DEFAULT_FORM_ID,
        "token": f"token{number:04d}",
        "landed_at": "2026-04-01T08:00:00Z",
        "submitted_at": "2026-04-01T08:01:00Z",
        "hidden": {},
        "definition": {"id": DEFAULT_FORM_ID, "title": "資料請求", "fields": []},
        "answers": answers,
    }
    return orjson.dumps(
        {"event_id": f"event{number}", "event_type": "form_response", "form_response": response}
    )


def test_two_hundred_webhooks_about_one_person_make_one_record_in_each_target(world: Any) -> None:
    asked = threading.Condition()
    world.wrap = lambda _name, app: Watched(app, asked)
    world.options["form"]["webhook_secrets"] = [SECRET]
    world.hub = world.open()
    world.hub.config = world.hub.config.model_copy(
        update={"hub": world.hub.config.hub.model_copy(update={"listen": "127.0.0.1:0"})}
    )
    statuses: list[int] = []

    def quiet() -> bool:
        with world.database.read() as tx:
            now = world.hub.stamp()
            waiting = hooks.backlog(tx, 1) + inbox.waiting(tx, now)
            return not waiting and not outbox.depth(tx)

    with running(world.hub) as house:
        netloc = urlsplit(house.address).netloc

        def post(numbers: range) -> None:
            line = http.client.HTTPConnection(netloc, timeout=30)
            for number in numbers:
                body = delivery(number)
                headers = sign(SCHEMES["typeform"], method="POST", url="", body=body, secret=SECRET)
                line.request("POST", "/hooks/form", body=body, headers=dict(headers))
                answer = line.getresponse()
                answer.read()
                statuses.append(answer.status)
            line.close()

        threads = [
            threading.Thread(target=post, args=(range(first, DELIVERIES, THREADS),))
            for first in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * DELIVERIES
        until = monotonic() + PATIENCE
        with asked:
            while not quiet():
                assert monotonic() < until
                asked.wait(0.1)  # the last outcome is written after the last request
    assert len(world.leads()) == 1
    assert [row["email"] for row in world.contacts()] == [EMAIL]
    assert [row["Email"] for row in world.sfa_rows()] == [EMAIL]
    assert [row["メールアドレス"] for row in world.crm_rows()] == [EMAIL]
