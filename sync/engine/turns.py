"""The breaker: a field that a vendor changes back each time we write it is written no more.

An automation at the vendor, or a form that rewrites what it is given, would otherwise be answered
for ever. What was written twice and came back otherwise twice is left alone until the lead's value
changes or somebody retries it; both values are listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mapping.consent import is_consent
from sync.engine.batch import Batch, Item
from sync.store.asides import Aside
from sync.store.links import LinkRow

TURNS = 2
"""So often a vendor may answer one value of ours with another before it is left alone."""


def count(
    batch: Batch, item: Item, link: LinkRow, changed: Iterable[str], now: Mapping[str, Any]
) -> None:
    """Note the fields in which a record answers what we wrote; call it before ``link`` changes."""
    for name in changed:
        written = link.held.get(name)
        if written is None or name in link.since or is_consent(name):
            continue  # the vendor changes its own value, or fills a blank; consents have their own
        _count(batch, item, link, name, written, now.get(name))


def count_stage(batch: Batch, item: Item, link: LinkRow) -> None:
    """The same for a stage that a record has no more; call it before ``link`` changes."""
    _count(batch, item, link, "stage", link.stage_value, None)


def _count(batch: Batch, item: Item, link: LinkRow, name: str, written: Any, now: Any) -> None:
    before = link.parked.get(f"turn:{name}")
    times = before[1] + 1 if before and before[0] == written else 1
    link.parked[f"turn:{name}"] = [written, times]
    if times >= TURNS:
        link.parked[name] = written
        batch.asides.append(_alternates(item, link, name, written, now))


def _alternates(item: Item, link: LinkRow, name: str, written: Any, read: Any) -> Aside:
    return Aside(
        kind="field",
        connection=item.connection,
        code="FIELD_ALTERNATES",
        message=f"{name} was written {TURNS} times and came back as another value each time;"
        " it is not written there any more",
        stream=item.stream,
        external_id=item.external_id,
        lead_id=link.owner_id,
        field=name,
        fix="look for an automation at the vendor that sets it; trust its connection for the field,"
        " take the field out of what is written there, or retry",
        sent={name: written},
        received={name: read},
        run_id=item.row.run_id,
    )
