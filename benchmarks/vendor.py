"""A neutral vendor over HTTP: precomputed pages to read, and batch upserts to write to.

One asyncio process, so that it is not what is measured. ``python -m benchmarks.vendor --records N``
prints its address when it is ready.
"""

from __future__ import annotations

import argparse
import asyncio
from urllib.parse import parse_qs, urlsplit

import orjson
import uvloop

from benchmarks.people import contact


class Vendor:
    """The pages, and what was written."""

    def __init__(self, records: int, page: int) -> None:
        self.pages: list[bytes] = []
        for start in range(0, records, page):
            end = min(start + page, records)
            body = {
                "results": [contact(number) for number in range(start, end)],
                "next": str(end) if end < records else None,
            }
            self.pages.append(orjson.dumps(body))
        self.page = page
        self.written: dict[str, set[str]] = {}
        self.writes = 0

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        """The body of the answer."""
        url = urlsplit(target)
        if method == "GET" and url.path == "/contacts":
            after = int(parse_qs(url.query).get("after", ["0"])[0])
            return self.pages[after // self.page]
        if method == "GET" and url.path == "/written":
            counts = {name: len(keys) for name, keys in self.written.items()}
            return orjson.dumps({"records": counts, "writes": self.writes})
        name = url.path.strip("/").split("/")[0]
        keys = self.written.setdefault(name, set())
        results = []
        for row in orjson.loads(body)["records"]:
            created = row["key"] not in keys
            keys.add(row["key"])
            self.writes += 1
            results.append({"key": row["key"], "id": f"{name}-{row['key']}", "created": created})
        return orjson.dumps({"results": results})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, _, rest = head.partition("\r\n")
                method, target, _ = line.split(" ", 2)
                length = 0
                for header in rest.split("\r\n"):
                    if header.lower().startswith("content-length:"):
                        length = int(header.split(":", 1)[1])
                body = self.answer(method, target, await reader.readexactly(length))
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                    + str(len(body)).encode()
                    + b"\r\n\r\n"
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def main(records: int, page: int, port: int) -> None:
    """Serve until killed."""
    vendor = Vendor(records, page)
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", port)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--page", type=int, default=100)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    uvloop.install()
    asyncio.run(main(given.records, given.page, given.port))
