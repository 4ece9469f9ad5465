"""Reading form submissions: newest first, without ids, and without a way to ask for a time.

So a pull goes back from the newest until it meets what it knows, and only then moves its bookmark;
half-way the cursor holds the place. A submission is told apart by form, time and e-mail (where
there is none: by all it says).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from connectors.hubspot.api import Api, Row, next_after, results
from connectors.kit.base import Page, Record
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded

STREAM = "form_submissions"
MOST_PER_PAGE = 50
CONTACT = "0-1"
Marks = dict[str, dict[str, Any]]
"""Per form: ``at``, the newest submission that is surely known with all before it; on the way back
also ``after``, the place, and ``top``, the newest seen (HubSpot's own times, in milliseconds)."""


class FormPuller:
    """Pulls the submissions of one form, or of all."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._overlap = int(api.options.overlap * 1000)

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Pages of each form in turn; one cursor for all of them."""
        marks = _read(cursor)
        for form, name in self.forms(stream).items():
            for page, mark in self._form(stream, form, name, marks.get(form, {})):
                marks[form] = mark
                yield Page(page, orjson.dumps(marks, option=orjson.OPT_SORT_KEYS).decode())

    def forms(self, stream: str) -> dict[str, str]:
        """Names of the forms of a stream, by GUID."""
        wanted = stream.partition(":")[2]
        ids = (wanted,) if wanted else self.api.options.form_ids
        names = {str(one["id"]): str(one.get("name") or "") for one in self.api.forms()}
        return {form: names.get(form, "") for form in ids} if ids else names

    def _form(
        self, stream: str, form: str, name: str, mark: Mapping[str, Any]
    ) -> Iterator[tuple[list[Record], dict[str, Any]]]:
        known = mark.get("at")
        oldest = known - self._overlap if known is not None else 0
        top = int(mark.get("top", known or 0))

        def pages() -> Iterator[tuple[list[Row], str | None]]:
            after, first = mark.get("after"), True
            while first or after is not None:
                body = self.api.submissions(form, after, MOST_PER_PAGE)
                rows = results(body)
                fresh = [row for row in rows if int(row["submittedAt"]) >= oldest]
                after, first = next_after(body) if len(fresh) == len(rows) else None, False
                yield fresh, after

        told = "after" in mark
        for rows, after in guarded(pages(), what="HubSpot submissions", key=lambda page: page[1]):
            top = max([top, *(int(row["submittedAt"]) for row in rows)])
            ahead: dict[str, Any] = {"at": top}
            if after is not None:
                ahead = {"top": top, "after": after}
                ahead |= {"at": known} if known is not None else {}
            if rows or told:
                told = True
                yield [_record(stream, form, name, row) for row in rows], ahead

    def ids(self, stream: str) -> Iterator[str]:
        """The id of every submission there is."""
        for form, name in self.forms(stream).items():
            for rows, _ in self._form(stream, form, name, {}):
                yield from (row.external_id for row in rows)


def email_of(payload: Mapping[str, Any]) -> str:
    """The address a submission was made with, or nothing."""
    return flat(payload).get("email", "").strip().lower()


def flat(payload: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in by name; fields of other objects carry their type (``0-2/name``)."""
    found: dict[str, str] = {}
    for one in payload.get("values") or ():
        kind = str(one.get("objectTypeId") or CONTACT)
        name = str(one["name"]) if kind == CONTACT else f"{kind}/{one['name']}"
        value = str(one.get("value") or "")
        found[name] = f"{found[name]};{value}" if name in found else value
    return found


def _record(stream: str, form: str, name: str, row: Row) -> Record:
    moment = int(row["submittedAt"])
    said = email_of(row) or orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()
    return Record(
        stream=stream,
        external_id=sha256(f"{form}|{moment}|{said}".encode()).hexdigest()[:32],
        payload={**row, "formId": form, "formName": name},
        version=str(moment),
        changed_at=datetime.fromtimestamp(moment / 1000, UTC),
    )


def _read(cursor: str | None) -> Marks:
    if cursor is None:
        return {}
    try:
        marks: Marks = orjson.loads(cursor)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("the saved HubSpot cursor cannot be read: start a backfill") from error
    return marks
