"""What a vendor answered, and what its headers say; exported by ``connectors.kit.session``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.kit.errors import ContractBroken

LONGEST_RETRY_AFTER = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A vendor's answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    url: str = field(repr=False)
    method: str

    def json(self) -> Any:
        """The decoded body; ContractBroken where it is not JSON (an error page, a cut body)."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError as error:
            kind = self.headers.get("content-type", "no content type")
            raise ContractBroken(
                f"{self.method} {shown_path(self.url)} answered {self.status} with a body that is "
                f"not JSON ({kind}, {len(self.content)} bytes)",
                status=self.status,
            ) from error


def shown_path(url: str) -> str:
    """The path of a URL as a message may hold it: no query, and no part that holds an address."""
    return re.sub(r"[^/]*(?:@|%40)[^/]*", "…", urlsplit(url).path)


@dataclass(slots=True)
class Quota:
    """What the vendor last said is left, in its own unit of calls.

    ``counted``: the vendor does not say it, and ``left`` was counted here, in this process alone.
    """

    left: int | None = None
    limit: int | None = None
    counted: bool = False


def retry_after(headers: Mapping[str, str], name: str = "retry-after") -> float | None:
    """Seconds to wait, from delta-seconds or an HTTP date (RFC 9110 §10.2.3); None if not said.

    ISO 8601 times, which some vendors send, are understood too. A time is taken relative to the
    answer's own Date header where there is one, so that a wrong clock here does no harm.
    """
    value = headers.get(name, "").strip()
    try:
        seconds = float(value)
    except ValueError:
        due = moment(value)
        if due is None:
            return None
        sent = moment(headers.get("date", "")) or datetime.now(UTC)
        seconds = (due - sent).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def moment(text: str) -> datetime | None:
    """A time as headers write it, in UTC; None where it is none."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = parse(text)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
