"""Requests to kintone: paths, long queries, forms.

A query longer than an address may be goes as a POST that says it is a GET (cybozu developer
network, common specification of the REST API: addresses end at 8 KB).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connectors.kintone.options import App
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded
from connectors.kit.session import Reply, Session

LONGEST_QUERY = 4_000
"""Characters of a query string that still go into an address."""
FORM_AGE = timedelta(minutes=5)
"""How long a form is believed; users may rename field codes at any time."""
CUT_SHORT = "aborted"
"""In X-Cybozu-Warning: the search gave up, and the answer lacks records."""


@dataclass(frozen=True, slots=True)
class Form:
    """An app's fields by code, and when they were read."""

    fields: Mapping[str, Mapping[str, Any]]
    read_at: datetime

    def code_of(self, kind: str) -> str | None:
        """The code of the (first) field of a type; users may rename the built-in ones."""
        return next((code for code, made in self.fields.items() if made["type"] == kind), None)


@dataclass
class Kintone:
    """The REST API of one domain."""

    session: Session
    now: Callable[[], datetime]
    guest_space: int | None = None
    forms: dict[int, Form] = field(default_factory=dict)

    def path(self, resource: str) -> str:
        """The path of a resource; a guest space has its own."""
        space = "" if self.guest_space is None else f"guest/{self.guest_space}/"
        return f"/k/{space}v1/{resource}.json"

    def read(self, resource: str, asked: Mapping[str, Any]) -> Any:
        """The answer to a GET."""
        params = list(_spread(asked))
        path = self.path(resource)
        if len(urlencode(params)) <= LONGEST_QUERY:
            return self._whole(self.session.get(path, params=params))
        headers = {"X-HTTP-Method-Override": "GET"}
        return self._whole(self.session.post(path, json=asked, headers=headers, safe=True))

    def records(self, app: int, query: str, fields: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The records of one query."""
        asked: dict[str, Any] = {"app": app, "query": query}
        if fields:
            asked["fields"] = list(fields)
        records: list[dict[str, Any]] = self.read("records", asked)["records"]
        return records

    def by_id(
        self, app: int, where: str, size: int, *, after: int = 0, fields: Sequence[str] = ()
    ) -> Iterator[list[dict[str, Any]]]:
        """Records from ``$id`` to ``$id``, whole answers; a record that moves is never skipped."""

        def answers() -> Iterator[list[dict[str, Any]]]:
            last = after
            condition = f"{where} and " if where else ""
            while True:
                query = f"{condition}$id > {last} order by $id asc limit {size}"
                found = self.records(app, query, fields)
                if found:
                    yield found
                    last = number(found[-1], "$id")
                if len(found) < size:
                    return

        what = f"the records of kintone app {app}"
        return guarded(answers(), what=what, key=lambda found: number(found[-1], "$id"))

    def form(self, app: App, *, fresh: bool = False) -> Form:
        """An app's form, at most a few minutes old."""
        held = self.forms.get(app.app)
        if held is None or fresh or self.now() - held.read_at >= FORM_AGE:
            body = self.read("app/form/fields", {"app": app.app, "lang": "default"})
            held = Form(body["properties"], self.now())
            self.forms[app.app] = held
        return held

    def updated_field(self, app: App) -> str:
        """The code of the app's 更新日時."""
        code = app.updated_field or self.form(app).code_of("UPDATED_TIME")
        if code is None:
            raise ContractBroken(
                f"kintone app {app.app} shows no field of type UPDATED_TIME: set "
                "apps.*.updated_field of the connection",
                code="KINTONE_NO_UPDATED_FIELD",
            )
        return code

    def _whole(self, reply: Reply) -> Any:
        if CUT_SHORT in reply.headers.get("x-cybozu-warning", ""):
            raise ContractBroken(
                f"kintone gave up a search half-way: {reply.method} answered with only some of "
                "the records",
                code="KINTONE_CUT_SHORT",
            )
        return reply.json()


def number(record: Mapping[str, Any], code: str) -> int:
    """A built-in number of a record: ``$id`` or ``$revision``."""
    return int(record[code]["value"])


def literal(value: str) -> str:
    """A value as the query language writes it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _spread(asked: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in asked.items():
        if isinstance(value, list):
            yield from ((f"{name}[{index}]", one) for index, one in enumerate(value))
        else:
            yield name, value
