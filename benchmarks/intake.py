"""Webhooks: the hub's real intake beside an empty handler, under load from a process of its own.

``bare PORT`` and ``hub PORT`` serve until killed; ``load PORT COUNT`` sends that many deliveries,
each signed and with an id of its own, and prints requests a second and latencies as JSON.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.kit.rehearsal import Rehearsal

CONNECTIONS = 64
PATH = "/hooks/typeform"


def bare(port: int) -> None:
    """Starlette on uvicorn with a handler that reads the body and answers."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def hook(request: Request) -> Response:
        await request.body()
        return Response(b"")

    app = Starlette(routes=[Route("/hooks/{connection}", hook, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="error")


def hub(port: int) -> None:
    """The hub's web side on SQLite: signature, dedupe, commit with fsync, then the answer."""
    from connectors.kit.session import in_process
    from sync.config.model import Config, ConnectionConfig, HubConfig
    from sync.engine.hub import open_hub
    from sync.engine.memory import calm_collector
    from sync.store.database import Database
    from sync.store.upgrade import upgrade
    from sync.workers.runner import up

    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        stage = _rehearsal(root)
        config = Config(
            root=root,
            hub=HubConfig(listen=f"127.0.0.1:{port}"),
            connections={
                "typeform": ConnectionConfig(connector="typeform", options=dict(stage.options))
            },
        )
        database = Database(f"sqlite:///{root / 'bench'}.sqlite3")
        upgrade(database)
        transports = {"typeform": in_process(stage.simulator)} if stage.simulator else {}
        opened = open_hub(config, database=database, transports=transports)
        calm_collector()
        up(opened, workers=False)


def _rehearsal(root: Path) -> Rehearsal:
    from connectors import registry

    found = registry.find().get("typeform").rehearsal
    assert found is not None
    stage: Rehearsal = found(root)
    return stage


def _deliveries(port: int, count: int) -> list[bytes]:
    with tempfile.TemporaryDirectory() as directory:
        stage = _rehearsal(Path(directory))
        secret = str(stage.options["webhook_secrets"][0]).encode()
        assert stage.hook is not None
        example = json.loads(stage.hook().body)
    return [_delivery(port, secret, example) for _ in range(count)]


def _delivery(port: int, secret: bytes, example: dict[str, object]) -> bytes:
    token = uuid.uuid4().hex
    answers = dict(example["form_response"], token=token, hidden={"filler": "x" * 400})  # type: ignore[call-overload]
    body = json.dumps({**example, "event_id": token, "form_response": answers}).encode()
    signature = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        f"typeform-signature: sha256={signature}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _send(port: int, deliveries: list[bytes]) -> dict[str, float]:
    waits: list[float] = []
    queue = iter(deliveries)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for delivery in queue:
            started = time.perf_counter()
            writer.write(delivery)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 2"):
                raise RuntimeError(head.decode(errors="replace"))
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            waits.append(time.perf_counter() - started)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - started
    waits.sort()
    return {
        "seconds": seconds,
        "rate": len(waits) / seconds,
        "p50": waits[len(waits) // 2] * 1000,
        "p99": waits[len(waits) * 99 // 100] * 1000,
    }


def load(port: int, count: int) -> None:
    """Send ``count`` deliveries and print what it took."""
    import uvloop

    deliveries = _deliveries(port, count)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_send(port, deliveries))))


if __name__ == "__main__":
    what, given = sys.argv[1], [int(number) for number in sys.argv[2:]]
    if what == "load":
        load(*given)
    else:
        (bare if what == "bare" else hub)(*given)
