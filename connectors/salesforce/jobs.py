"""Bulk API 2.0: large reads and writes as jobs over CSV.

A job works on its own; we ask how far it is, with growing pauses. A query job is named in the
cursor from its first page on, so that a pull that dies goes on with the same job. In an ingest
job's CSV an empty cell leaves a field alone and ``#N/A`` empties it (Salesforce Bulk API 2.0
developer guide).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.errors import RecordGone, Unavailable
from connectors.salesforce.api import Api, Row
from connectors.salesforce.describe import Described

NULL = "#N/A"
ROWS_A_PAGE = 10_000
PAUSES = (1.0, 2.0, 5.0, 10.0, *(15.0,) * 40)
"""Seconds between two looks at a job: about ten minutes in all, then the engine comes back."""
_NUMBERS = {"int": int, "double": float, "currency": float, "percent": float}


class JobFailed(Unavailable):
    """A job that came to nothing, or is no longer known."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a query job and where the next begin; ``locator`` None on the last."""

    rows: list[Row]
    locator: str | None


class Jobs:
    """Jobs of one org."""

    def __init__(self, api: Api, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._sleep = sleep

    def start_query(self, soql: str) -> str:
        """The id of a new query job that sees deleted rows too."""
        body = {"operation": "queryAll", "query": soql}
        # A job that was opened twice only reads twice.
        reply = self._api.request("POST", "/jobs/query", json=body, safe=True)
        return str(reply.json()["id"])

    def slices(self, job: str, locator: str | None, described: Described) -> Iterator[Slice]:
        """The rows of a query job from ``locator`` on; waits until it is complete."""
        self._wait("query", job)
        while True:
            params = {"maxRecords": str(ROWS_A_PAGE), **({"locator": locator} if locator else {})}
            reply = self._api.request("GET", f"/jobs/query/{job}/results", params=params)
            said = reply.headers.get("sforce-locator", "null")
            after = None if said in ("null", "", locator) else said
            yield Slice(_read(reply.content, described), after)
            if after is None:
                return
            locator = after

    def ingest(
        self,
        operation: Mapping[str, str],
        rows: Sequence[Mapping[str, Any]],
        key: str,
        headers: Mapping[str, str],
    ) -> dict[str, Row]:
        """What became of the rows, by the value of their ``key`` column, as collections say it.

        A row that is missing in the answer was not worked on and is safe to send again.
        """
        body = {**operation, "contentType": "CSV", "lineEnding": "LF"}
        opened = self._api.request(
            "POST", "/jobs/ingest", json=body, headers=headers, safe=True
        ).json()
        job = f"/jobs/ingest/{opened['id']}"
        self._api.request(
            "PUT",
            f"{job}/batches",
            content=_write(rows),
            headers={"content-type": "text/csv; charset=UTF-8"},
        )
        self._api.request("PATCH", job, json={"state": "UploadComplete"}, safe=True)
        self._wait("ingest", opened["id"])
        results: dict[str, Row] = {}
        for row in self._results(f"{job}/successfulResults"):
            created = row.get("sf__Created") == "true"
            results[row[key]] = {"success": True, "id": row["sf__Id"], "created": created}
        for row in self._results(f"{job}/failedResults"):
            results[row[key]] = {"success": False, "errors": [_failure(row.get("sf__Error", ""))]}
        return results

    def _results(self, path: str) -> Iterator[dict[str, str]]:
        reply = self._api.request("GET", path)
        yield from csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"), newline=""))

    def _wait(self, kind: str, job: str) -> None:
        """Return when the job is complete."""
        for pause in (*PAUSES, None):
            try:
                state = self._api.get(f"/jobs/{kind}/{job}").get("state")
            except RecordGone as error:
                raise JobFailed(
                    f"Salesforce no longer knows {kind} job {job}", code="SALESFORCE_JOB_GONE"
                ) from error
            if state == "JobComplete":
                return
            if state in ("Failed", "Aborted"):
                raise JobFailed(
                    f"Salesforce {kind} job {job} is {state}; see Bulk Data Load Jobs in Setup",
                    code="SALESFORCE_JOB_FAILED",
                )
            if pause is not None:
                self._sleep(pause)
        raise Unavailable(
            f"Salesforce {kind} job {job} is not complete yet", code="SALESFORCE_JOB_PENDING"
        )


def _read(content: bytes, described: Described) -> list[Row]:
    """The rows of a CSV, typed and nested as a query would give them."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return [_row(cells, described) for cells in csv.DictReader(text)]


def _row(cells: Mapping[str, str], described: Described) -> Row:
    row: Row = {}
    for name, text in cells.items():
        head, dot, rest = name.partition(".")
        if dot:
            row.setdefault(head, {})[rest] = text or None
        else:
            row[name] = _value(described.vendor_type(name), text)
    nothing = [n for n, v in row.items() if isinstance(v, dict) and not any(v.values())]
    return row | dict.fromkeys(nothing)


def _value(kind: str, text: str) -> Any:
    if not text:
        return None
    if kind == "boolean":
        return text.lower() == "true"
    if kind in _NUMBERS:
        return _NUMBERS[kind](float(text))
    if kind == "datetime" and text.endswith("Z"):
        return f"{text[:-1]}+0000"
    return text


def _write(rows: Sequence[Mapping[str, Any]]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row, name) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8")


def _cell(row: Mapping[str, Any], name: str) -> str:
    if name not in row:
        return ""
    value = row[name]
    if value is None or value == "":
        return NULL
    return str(value).lower() if isinstance(value, bool) else str(value)


def _failure(said: str) -> Row:
    """``CODE:message:Field1,Field2 --`` as an error item of a collection."""
    code, _, rest = said.partition(":")
    message, _, names = rest.rpartition(":")
    fields = [name for name in names.removesuffix("--").strip().split(",") if name]
    return {"statusCode": code, "message": message or rest, "fields": fields}
