"""Readers of the headers in which vendors say how much is left, for ``Session.read_quota``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from connectors.kit.session import Quota

__all__ = ["Quota", "hubspot_daily", "rate_limit_headers", "sforce_limit_info", "stated_limit"]

_API_USAGE = re.compile(r"api-usage=(\d{1,12})/(\d{1,12})")


def sforce_limit_info(headers: Mapping[str, str]) -> Quota | None:
    """Calls left of the rolling day (``Sforce-Limit-Info: api-usage=24/15000``), never below 0."""
    found = _API_USAGE.search(headers.get("sforce-limit-info", ""))
    if found is None:
        return None
    used, limit = int(found[1]), int(found[2])
    return Quota(left=max(limit - used, 0), limit=limit)


def rate_limit_headers(
    left: str = "x-ratelimit-remaining", limit: str | None = "x-ratelimit-limit"
) -> Callable[[Mapping[str, str]], Quota | None]:
    """A reader of two headers that hold whole numbers."""
    left_name = left.lower()
    limit_name = limit.lower() if limit else None

    def read(headers: Mapping[str, str]) -> Quota | None:
        remaining = _number(headers.get(left_name))
        if remaining is None:
            return None
        return Quota(left=remaining, limit=_number(headers.get(limit_name)) if limit_name else None)

    return read


hubspot_daily = rate_limit_headers(
    "x-hubspot-ratelimit-daily-remaining", "x-hubspot-ratelimit-daily"
)
"""Calls left today of a HubSpot account (HubSpot developer docs, usage guidelines)."""


def stated_limit(limit: int) -> Callable[[Mapping[str, str]], Quota]:
    """A reader for vendors whose answers do not say it: the limit is the operator's word."""
    return lambda _headers: Quota(limit=limit)


def _number(text: str | None) -> int | None:
    """The first number of a header (``10``, ``10;w=1``, ``10, 100``)."""
    found = re.match(r"\s*(\d{1,15})", text or "", re.ASCII)
    return int(found[1]) if found else None
