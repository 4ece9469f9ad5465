"""Putting listed leads to rest, and waking them: what is said of it, and the exit codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, OK, refused
from sync.cli.people import user_of

if TYPE_CHECKING:
    from sync.store.trails import Silent

ALL = "all"


def due(desk: Desk) -> list[Silent]:
    """Who becomes dormant by stages.yaml; Refused where it says nothing of it."""
    from sync.engine.resting import due_to_rest

    if desk.config.stages.dormant is None:
        raise refused("NO_DORMANT_RULE")
    return due_to_rest(desk.hub)


def chosen(
    desk: Desk, filters: Sequence[str], ids: str | None, *, with_denied: bool
) -> list[Silent]:
    """The dormant leads that filters, or ids, name."""
    from mapping.model import field_type
    from sync.engine.resting import asleep

    having: dict[str, str] = {}
    for text in filters:
        if text == ALL:
            continue
        name, equals, value = text.partition("=")
        name = "custom.team" if name.strip() == "team" else name.strip()
        if not equals or '"' in name or field_type("lead", name) is None:
            raise refused("REOPEN_HOW", text=text)
        having[name] = value.strip()
    wanted = [one.strip() for one in ids.split(",") if one.strip()] if ids else None
    return asleep(desk.hub, having=having, ids=wanted, with_denied=with_denied)


def rest(desk: Desk, leads: Sequence[Silent], *, apply: bool) -> int:
    """Make the listed leads dormant, or say how many would be."""
    from sync.engine.resting import put_to_rest

    if not leads:
        desk.out.say("dormant.none_due")
        return OK
    if not apply:
        desk.out.say("dormant.due", count=len(leads))
        desk.out.next("renkei dormant --due --apply")
        return CHANGES
    moved = put_to_rest(desk.hub)
    desk.out.item("rested", leads=moved)
    desk.out.say("dormant.rested", count=len(moved))
    desk.out.next("renkei run")
    return OK


def wake(desk: Desk, leads: Sequence[Silent], *, reason: str, by: str | None, apply: bool) -> int:
    """Hand the listed leads back to marketing, or say how many would be."""
    from sync.engine.resting import reopen

    if not leads:
        desk.out.say("dormant.none_asleep")
        return OK
    if not apply:
        desk.out.say("dormant.to_wake", count=len(leads))
        return CHANGES
    if not reason.strip():
        raise refused("REASON_NEEDED", next='renkei dormant --reopen … --apply --reason "…"')
    user = by or user_of(desk)
    moved = reopen(desk.hub, [one.lead_id for one in leads], user=user, reason=reason)
    desk.out.item("woken", leads=moved, by=user, reason=reason)
    desk.out.say("dormant.woken", count=len(moved))
    desk.out.next("renkei run")
    return OK
