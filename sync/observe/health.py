"""Whether the process can do its work now, and the first reason why not."""

from __future__ import annotations

import logging
from functools import cache

from sqlalchemy.exc import SQLAlchemyError

from sync.engine.hub import Hub
from sync.observe.vitals import Vitals
from sync.store.upgrade import current, head

log = logging.getLogger("renkei.health")


def unready(hub: Hub, vitals: Vitals) -> str | None:
    """Why the process cannot work now; None where it can. The reasons are fixed sentences."""
    reason = _database(hub)
    if reason is not None:
        return reason
    for check in vitals.checks.values():
        reason = check()
        if reason is not None:
            return reason
    return None


def _database(hub: Hub) -> str | None:
    try:
        at = current(hub.database)
    except (SQLAlchemyError, OSError) as error:
        log.warning("the database cannot be reached (%s)", type(error).__name__)
        return "the database cannot be reached"
    if at != _head():
        return "the database is not at this version's schema: renkei db upgrade"
    return None


_head = cache(head)
