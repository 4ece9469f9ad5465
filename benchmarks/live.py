"""A vendor that lives: contacts come and change at a steady rate, and writes are noted with times.

``python -m benchmarks.live --rate N`` prints its address. ``GET /contacts?after=N`` gives the next
hundred of what has happened by now; ``POST /NAME/upsert`` takes a batch of writes; ``GET /arrived``
tells of each e-mail address when it first came and how many records it has.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from benchmarks.people import contact

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
PAGE = 100
FIRST = 10_000_000
"""The number of the first contact, far from those who answer forms."""


class Live:
    """Every second contact that is read is one that was read before, with another value."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.started = time.monotonic()
        self.keys: dict[str, str] = {}
        self.records: Counter[str] = Counter()
        self.first: dict[str, float] = {}
        self.writes = 0

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        """The body of an answer."""
        url = urlsplit(target)
        if method == "POST":
            return self._upsert(url.path.strip("/").split("/")[0], orjson.loads(body)["records"])
        if url.path == "/contacts":
            return orjson.dumps(self._page(int(parse_qs(url.query)["after"][0])))
        if url.path == "/arrived":
            return orjson.dumps({"first": self.first, "records": self.records})
        return orjson.dumps(
            {"people": len(self.first), "records": len(self.keys), "writes": self.writes}
        )

    def _page(self, after: int) -> dict[str, Any]:
        there = int((time.monotonic() - self.started) * self.rate)
        until = min(after + PAGE, there)
        rows = [event(number) for number in range(after, until)]
        return {"results": rows, "next": str(until), "more": until < there}

    def _upsert(self, name: str, rows: list[dict[str, Any]]) -> bytes:
        now = time.monotonic()
        results = []
        for row in rows:
            key, email = f"{name}/{row['key']}", str(row["values"].get("email", ""))
            created = key not in self.keys
            if created:
                self.keys[key] = email
                self.records[email] += 1
                self.first.setdefault(email, now)
            self.writes += 1
            results.append({"key": row["key"], "id": f"{name}-{row['key']}", "created": created})
        return orjson.dumps({"results": results})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split(" ", 2)
                length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
                body = self.answer(method, target, await reader.readexactly(int(length or 0)))
                writer.write(HEAD % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def event(number: int) -> dict[str, Any]:
    """What happened as the ``number``-th thing: a contact is new, or an older one has changed."""
    if number % 2 == 0:
        return contact(FIRST + number // 2)
    older = random.Random(number).randrange(number // 2 + 1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_790_000_000 + number))
    return {**contact(FIRST + older), "updated_at": moment, "score": number % 100}


async def main(rate: float) -> None:
    """Serve until killed."""
    vendor = Live(rate)
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=0.0)
    asyncio.run(main(parser.parse_args().rate))
