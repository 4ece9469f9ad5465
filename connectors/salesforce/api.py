"""One org's REST API: where it lives, its queries, its clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.kit.auth import OAuth
from connectors.kit.errors import ContractBroken
from connectors.kit.paging import token_pages
from connectors.kit.session import Reply, Session

Row = dict[str, Any]
IDS_A_QUERY = 200
"""Ids in one IN list: a query is sent in the URL, and those end at about 16,000 characters."""


class Api:
    """Calls to one org. Its host is named by the token: nothing is sent before the first call."""

    def __init__(
        self,
        session: Session,
        oauth: OAuth,
        *,
        version: str,
        base_url: str | None,
        now: Callable[[], datetime],
    ) -> None:
        self.session = session
        self._oauth = oauth
        self._version = version
        self._base_url = base_url
        self._now = now
        self._ahead = timedelta(0)

    def request(self, method: str, path: str, **options: Any) -> Reply:
        """The answer to a request; ``path`` is below the version, or begins with /services."""
        below = path if path.startswith("/services/") else f"/services/data/v{self._version}{path}"
        reply = self.session.request(method, self._host() + below, **options)
        self._note_clock(reply)
        return reply

    def get(self, path: str, **params: Any) -> Any:
        """The body of a read."""
        return self.request("GET", path, params=params or None).json()

    def page(self, soql: str, *, deleted: bool = False) -> Row:
        """The first page of a query: ``records``, ``done`` and ``totalSize``."""
        return _page(self.get("/queryAll" if deleted else "/query", q=soql))

    def rows(self, soql: str, *, deleted: bool = False) -> Iterator[Row]:
        """All rows of a query, following ``nextRecordsUrl``."""

        def fetch(url: str | None) -> Row:
            return self.page(soql, deleted=deleted) if url is None else _page(self.get(url))

        for body in token_pages(fetch, lambda body: body.get("nextRecordsUrl"), what="a query"):
            yield from body["records"]

    def rows_in(
        self,
        fields: Iterable[str],
        name: str,
        column: str,
        values: Sequence[str],
        *,
        more: str = "",
        deleted: bool = False,
    ) -> Iterator[Row]:
        """The rows of an object whose ``column`` is one of ``values``, some hundred at a time."""
        chosen = ", ".join(fields)
        for start in range(0, len(values), IDS_A_QUERY):
            quoted = ", ".join(quote(value) for value in values[start : start + IDS_A_QUERY])
            soql = f"SELECT {chosen} FROM {name} WHERE {column} IN ({quoted}){more}"  # noqa: S608
            yield from self.rows(soql, deleted=deleted)

    def time(self) -> datetime:
        """The org's time, at most about a second ahead and never behind, as far as it has said."""
        return self._now() + self._ahead

    def scopes(self) -> frozenset[str] | None:
        """What the token says it may do, None where it does not say."""
        said = self._oauth.token().extra.get("scope")
        return frozenset(said.split()) if said else None

    def _host(self) -> str:
        if self._base_url is not None:
            return self._base_url
        url = self._oauth.token().extra.get("instance_url", "")
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise ContractBroken(
                f'connection "{self.session.connection}": the token names no https instance_url',
                code="SALESFORCE_NO_INSTANCE",
            )
        return url.rstrip("/")

    def _note_clock(self, reply: Reply) -> None:
        try:
            said = parsedate_to_datetime(reply.headers.get("date", ""))
        except ValueError:
            return
        if said.tzinfo is None:
            said = said.replace(tzinfo=UTC)
        self._ahead = said + timedelta(seconds=1) - self._now()


def quote(value: str) -> str:
    """A SOQL string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def moment(value: datetime) -> str:
    """A SOQL date-time literal, in whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + "Z"


def _page(body: Any) -> Row:
    if not isinstance(body, dict) or not isinstance(body.get("records"), list):
        raise ContractBroken(
            "a Salesforce query answered without records", code="SALESFORCE_NO_RECORDS"
        )
    return body
