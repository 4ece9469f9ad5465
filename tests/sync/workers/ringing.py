"""A bell whose rings are kept, the jobs and the sweeper that ring it, and webhooks in store."""

from __future__ import annotations

from typing import Any

import orjson

from sync.engine.hub import Hub
from sync.store import hooks
from sync.store.database import iso
from sync.store.hooks import Arrived
from sync.workers.actors import Crew
from sync.workers.bells import Bell, make_broker
from sync.workers.sweeper import Sweeper


def put_hook(relay: Any, name: str = "form") -> None:
    hook = relay.form_hook() if name == "form" else relay.crm_hook()
    headers = orjson.dumps(dict(hook.headers)).decode()
    key = f"key-{len(hook.body)}-{hook.body[:60]!r}"
    with relay.database.write() as tx:
        hooks.put(
            tx,
            [
                Arrived(
                    name, key, hook.method, hook.url, headers, hook.body, iso(relay.database.now())
                )
            ],
        )


class Deaf(Bell):
    """A bell whose messages are all lost."""

    def __init__(self) -> None:
        super().__init__(make_broker(""), "test")
        self.rung: list[tuple[str, str]] = []

    def ring(self, job: str, connection: str = "") -> bool:
        self.rung.append((job, connection))
        return True


def crew(hub: Hub) -> Crew:
    return Crew(hub, Deaf())


def rung(crew: Crew) -> list[tuple[str, str]]:
    assert isinstance(crew.bell, Deaf)
    return crew.bell.rung


def sweeper(hub: Hub) -> Sweeper:
    return Sweeper(hub, Deaf())
