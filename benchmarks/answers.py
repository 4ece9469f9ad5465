"""Form answers as signed webhooks, sent from a process of their own over many connections.

``python -m benchmarks.answers URL FIRST COUNT`` prints a JSON object: what was answered, by
status, the waits, and when each person's answer was sent, on the machine's monotonic clock.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.people import contact

SECRET = "rehearsal-secret"
REPEATED = 0.1
"""The share of deliveries that come twice."""
TRIES = 20
TRY_AGAIN = 0.5


def example() -> dict[str, Any]:
    """A webhook of the simulated vendor."""
    from connectors.typeform.contract import rehearsal

    with tempfile.TemporaryDirectory() as home:
        stage = rehearsal(Path(home))
        assert stage.hook is not None
        found: dict[str, Any] = orjson.loads(stage.hook().body)
        return found


def delivery(number: int, like: dict[str, Any], host: str) -> bytes:
    """An answer of the person with this number, as a whole request."""
    person = contact(number)
    said = {
        "last_name": person["last_name"],
        "first_name": person["first_name"],
        "email": person["email"],
        "company": person["company"],
        "phone": "+81" + str(person["mobile"]).replace("-", "")[1:],
    }
    answers = []
    for answer in like["form_response"]["answers"]:
        ref = answer["field"]["ref"]
        value = {answer["type"]: said[ref]} if ref in said else {}
        answers.append({**answer, **value})
    token = uuid.uuid4().hex
    body = orjson.dumps(
        {
            **like,
            "event_id": token,
            "form_response": {**like["form_response"], "token": token, "answers": answers},
        }
    )
    signed = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    head = (
        f"POST /hooks/form HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"typeform-signature: sha256={signed}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def numbered(first: int, count: int, again: float) -> Iterator[int]:
    """Whose answers come; with ``again``, so large a share are people who answered before."""
    chance = random.Random(first)
    newest = first
    for _ in range(count):
        if newest > first and chance.random() < again:
            yield chance.randrange(first, newest)
        else:
            yield newest
            newest += 1


class Sender:
    """Sends deliveries and notes what became of them. What is answered 503 is sent again."""

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        self.host, self.port = at.hostname or "127.0.0.1", at.port or 80
        self.statuses: Counter[int] = Counter()
        self.waits: list[float] = []
        self.sent: dict[str, float] = {}
        self.unanswered = 0

    async def connection(self, work: Iterator[tuple[float, str, bytes]]) -> None:
        """One connection: its deliveries, one after another, each not before its time."""
        reader = writer = None
        for due, email, request in work:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.sent.setdefault(email, time.monotonic())
            for _ in range(TRIES):
                try:
                    if writer is None:
                        reader, writer = await asyncio.open_connection(self.host, self.port)
                    started = time.monotonic()
                    writer.write(request)
                    assert reader is not None
                    status = await _status(reader)
                except (OSError, asyncio.IncompleteReadError):
                    writer = None
                    await asyncio.sleep(TRY_AGAIN)
                    continue
                self.waits.append(time.monotonic() - started)
                self.statuses[status] += 1
                if status != 503:
                    break
                await asyncio.sleep(TRY_AGAIN)
            else:
                self.unanswered += 1
        if writer is not None:
            writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0))
    return int(head.split(b" ", 2)[1])


async def send(
    url: str, first: int, count: int, *, connections: int, every: float, again: float
) -> dict[str, Any]:
    """Send, as fast as may be or one ``every`` so many seconds; what became of it."""
    sender, like = Sender(url), example()
    host = urlsplit(url).netloc
    made = ((contact(number)["email"], number) for number in numbered(first, count, again))
    work: list[tuple[str, bytes]] = []
    chance = random.Random(count)
    if every:
        # a long run is not made beforehand: it would not fit
        plan: Iterator[tuple[float, str, bytes]] = (
            (0.0, email, delivery(number, like, host)) for email, number in made
        )
    else:
        work = [(email, delivery(number, like, host)) for email, number in made]
        work += chance.sample(work, int(count * REPEATED))
        chance.shuffle(work)
        plan = ((0.0, email, request) for email, request in work)
    started = time.monotonic()
    if every:
        plan = (
            (started + place * every, email, request)
            for place, (_, email, request) in enumerate(plan)
        )
    await asyncio.gather(*(sender.connection(plan) for _ in range(connections)))
    waits = sorted(sender.waits)
    return {
        "started": started,
        "seconds": time.monotonic() - started,
        "requests": len(waits),
        "statuses": dict(sender.statuses),
        "unanswered": sender.unanswered,
        "p50": waits[len(waits) // 2] * 1000,
        "p99": waits[len(waits) * 99 // 100] * 1000,
        "most": waits[-1] * 1000,
        "sent": sender.sent,
    }


def main() -> None:
    """Send, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--every", type=float, default=0.0, help="seconds between two")
    parser.add_argument("--again", type=float, default=0.0, help="share who answered before")
    given = parser.parse_args()
    found = asyncio.run(
        send(
            given.url,
            given.first,
            given.count,
            connections=given.connections,
            every=given.every,
            again=given.again,
        )
    )
    sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS))


if __name__ == "__main__":
    main()
