"""Who has gone silent: the list for winning leads and customers back (掘り起こし)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mapping.model import CONSENT_FIELDS
from sync.engine.hub import Hub
from sync.store import trails
from sync.store.database import iso
from sync.store.trails import Silent

__all__ = ["OURS", "Dormant", "dormant"]

OURS = ("email_sent", "email_delivered", "email_bounced", "task")
"""Kinds of activity that say nothing of the lead: what we did, and what came back undelivered."""
MARKETING = tuple(name for name in CONSENT_FIELDS if name.endswith(".marketing"))


@dataclass(frozen=True, slots=True)
class Dormant:
    """Leads silent since before ``before``, the longest silent first. ``more``: there are others.

    ``last_at`` of a lead is its last activity, None where none is known; ``denied`` are the
    marketing consents that it took back.
    """

    before: str
    days: int
    leads: tuple[Silent, ...]
    more: bool


def dormant(
    hub: Hub, *, days: int = 90, with_denied: bool = False, limit: int | None = None
) -> Dormant:
    """Leads that are dormant, or were neither active nor moved to a stage for so many days.

    Disqualified leads are left out; so are those who opted out of any marketing, unless
    ``with_denied``.
    """
    before = iso(hub.now() - timedelta(days=days))
    with hub.database.read() as tx:
        found = trails.silent(
            tx,
            before,
            ours=OURS,
            consents=MARKETING,
            with_denied=with_denied,
            limit=None if limit is None else limit + 1,
        )
    more = limit is not None and len(found) > limit
    return Dormant(before, days, tuple(found[:limit]), more)
