"""Give what was set aside another try, each kind by its own way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sync.engine.hub import Hub
from sync.engine.putting_back import UNDONE
from sync.store import asides, handoff_messages, hooks, inbox, links, outbox
from sync.store.asides import Aside
from sync.store.database import Tx
from sync.store.links import link_id

__all__ = ["Retried", "chosen", "hasten", "retry"]

DECISIONS = frozenset({"stage", "conflict", "limit"})
"""Kinds that no second try settles: a person has to decide."""


@dataclass(slots=True)
class Retried:
    """What was put back, what waits for a decision, and what is no longer there to try."""

    put_back: list[Aside] = field(default_factory=list)
    undecided: list[Aside] = field(default_factory=list)
    lost: list[Aside] = field(default_factory=list)


def chosen(
    hub: Hub,
    *,
    ids: Sequence[int] = (),
    connection: str | None = None,
    code: str | None = None,
    limit: int = 10_000,
) -> list[Aside]:
    """The open items that are meant."""
    with hub.database.read() as tx:
        return asides.listed(tx, connection=connection, code=code, ids=ids or None, limit=limit)


def retry(hub: Hub, items: Sequence[Aside]) -> Retried:
    """Put these items back in one commit; what fails again is set aside again."""
    done = Retried()
    with hub.database.write() as tx:
        now = hub.stamp()
        for item in items:
            if item.kind in DECISIONS or _is_drift(item):
                done.undecided.append(item)
            elif _put_back(tx, item, now):
                done.put_back.append(item)
            else:
                done.lost.append(item)
        asides.close(tx, [item.subject for item in done.put_back], now)
    return done


def hasten(hub: Hub, connection: str | None = None) -> int:
    """Have what failed for now, of all connections or one, tried at once; how much that is.

    A create whose answer was lost waits where the vendor's search may not show it yet.
    """
    with hub.database.write() as tx:
        now = hub.stamp()
        targets = [one for one in hub.targets if connection in (None, one.name)]
        return hooks.hasten(tx, connection, now) + sum(
            outbox.hasten(tx, one.name, now, sent=not one.manifest.index_lag) for one in targets
        )


def _is_drift(item: Aside) -> bool:
    """Whether it is about a vendor's field itself, which the map or the vendor has to settle."""
    return item.kind == "field" and item.external_id is None and item.lead_id is None


def _put_back(tx: Tx, item: Aside, now: str) -> bool:
    match item.kind:
        case "record":
            return bool(item.external_id) and bool(inbox.put_back(tx, [_link(item)], now))
        case "field" if item.sent is None and item.received is not None:
            return inbox.again(tx, [_link(item)], now) > 0
        case "field" | "change":
            return _owe_again(tx, item, now)
        case "hook":
            return _hook_again(tx, item, now)
        case "handoff":
            return bool(handoff_messages.put_back(tx, [item.external_id or ""], now))
        case _:
            return False


def _link(item: Aside) -> str:
    return link_id(item.connection, item.stream or "", item.external_id or "")


def _owe_again(tx: Tx, item: Aside, now: str) -> bool:
    if not item.lead_id:
        return False
    for link in links.of_leads(tx, [item.lead_id]):
        stays = () if item.code == UNDONE and item.field == "stage" else ("stage",)
        kept = {k: v for k, v in link.parked.items() if k in stays or k.startswith("read:")}
        if link.connection == item.connection and kept != link.parked:
            link.parked = kept
            links.save(tx, [link])
    outbox.put_back(tx, item.connection, [item.lead_id], now)
    outbox.owe(tx, [(item.connection, item.lead_id)], now)
    return True


def _hook_again(tx: Tx, item: Aside, now: str) -> bool:
    from sync.store import hooks

    if not (item.external_id or "").isdigit():
        return False
    return bool(hooks.put_back(tx, None, [int(item.external_id or 0)], now))
