"""Putting silent leads to rest, and waking those that are to be won back (掘り起こし).

Both move many leads by the ordinary moves, a batch in a transaction: the history says by which
rule or whose decision, and every target is owed the stage. Leads are locked and looked at again
before they are moved, so that a second run, or another worker's at the same time, moves nobody
twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from mapping.dormancy import ASLEEP, fall_asleep, way_to_sleep
from mapping.errors import MappingError
from mapping.stages import StageDecision, StageState, override
from sync.engine import finish, moves
from sync.engine.batch import Batch
from sync.engine.dormant import MARKETING, OURS
from sync.engine.hub import Hub
from sync.engine.loading import workings_of
from sync.engine.periods import END
from sync.store import runs, trails
from sync.store.database import Tx, iso
from sync.store.trails import Silent

__all__ = ["RULE", "SYSTEM", "asleep", "due_to_rest", "put_to_rest", "reopen", "rest_today"]

SYSTEM, RULE = "renkei", "dormant"
AWAKE = "recycled"
"""Where a lead that was dormant goes, for marketing to work on."""
BATCH = 500
RESTED = "rested"
"""The setting that holds the day whose silent leads have been put to rest."""

Decide = Callable[[StageState], StageDecision]


def due_to_rest(hub: Hub, limit: int | None = None) -> list[Silent]:
    """Leads that are silent for as long, and in a stage, as the company says; longest first."""
    with hub.database.read() as tx:
        return _silent(hub, tx, limit=limit)


def asleep(
    hub: Hub,
    *,
    having: Mapping[str, str] | None = None,
    ids: Sequence[str] | None = None,
    with_denied: bool = False,
) -> list[Silent]:
    """Dormant leads with these values, or of these ids, to choose whom to wake from.

    Those who opted out of any marketing are left out, unless ``with_denied``.
    """
    with hub.database.read() as tx:
        return trails.silent(
            tx,
            END,
            ours=OURS,
            consents=MARKETING,
            with_denied=with_denied,
            stages=(ASLEEP,),
            among=ids,
            having=having,
        )


def put_to_rest(hub: Hub) -> list[str]:
    """Make dormant whoever is due; their ids. Nobody, where nothing is configured."""
    moved: list[str] = []
    while chosen := due_to_rest(hub, BATCH):
        moved += _rest(hub, chosen)
    return moved


def rest_today(hub: Hub) -> int:
    """Make a batch of those who are due dormant, until nobody is left that day; how many.

    The day is that of the hub's zone. Safe in several processes at once.
    """
    if hub.config.stages.dormant is None:
        return 0
    today = hub.now().astimezone(ZoneInfo(hub.config.hub.timezone)).date().isoformat()
    with hub.database.read() as tx:
        if runs.setting(tx, RESTED) == today:
            return 0
    chosen = due_to_rest(hub, BATCH)
    if chosen:
        _rest(hub, chosen)
        return len(chosen)
    with hub.database.write() as tx:
        runs.save_setting(tx, RESTED, today)
    return 0


def _rest(hub: Hub, chosen: Sequence[Silent]) -> list[str]:
    def decide(state: StageState) -> StageDecision:
        return fall_asleep(state, at=hub.stamp(), system=SYSTEM, rule=RULE, rules=hub.stage_rules)

    with hub.database.write() as tx:
        return _move(
            hub,
            tx,
            [one.lead_id for one in chosen],
            decide,
            still=lambda ids: {one.lead_id for one in _silent(hub, tx, among=ids)},
        )


def reopen(hub: Hub, lead_ids: Iterable[str], *, user: str, reason: str) -> list[str]:
    """Hand dormant leads back to marketing, in a person's name; the ids of those that were dormant.

    What is worked on again after it is a new round. Raises MappingError without a reason.
    """
    if not user.strip() or not reason.strip():
        raise MappingError(
            "OVERRIDE_UNEXPLAINED",
            "waking leads needs a user and a reason",
            hint="say who decides and why; both stay in the leads' history",
        )
    moved: list[str] = []
    wanted = sorted(set(lead_ids))
    for start in range(0, len(wanted), BATCH):
        with hub.database.write() as tx:
            moved += _move(
                hub,
                tx,
                wanted[start : start + BATCH],
                lambda state: (
                    override(
                        state,
                        AWAKE,
                        at=hub.stamp(),
                        user=user,
                        reason=reason,
                        rules=hub.stage_rules,
                    )
                    if state.stage == ASLEEP
                    else StageDecision(state)
                ),
                still=set,
            )
    return moved


def _silent(
    hub: Hub, tx: Tx, *, among: Sequence[str] | None = None, limit: int | None = None
) -> list[Silent]:
    config = hub.config.stages.dormant
    stages = [
        stage for stage in (config.stages if config else ()) if way_to_sleep(stage, hub.stage_rules)
    ]
    if config is None or not stages:
        return []
    return trails.silent(
        tx,
        iso(hub.now() - timedelta(days=config.after_days)),
        ours=OURS,
        consents=(),
        with_denied=True,
        stages=stages,
        among=among,
        limit=limit,
    )


def _move(
    hub: Hub,
    tx: Tx,
    lead_ids: Sequence[str],
    decide: Decide,
    *,
    still: Callable[[Sequence[str]], set[str]],
) -> list[str]:
    """Move those of the leads that, once locked, ``still`` are to move; a few statements for all.

    Returns the ids of those that moved.
    """
    workings = {
        one.lead.id: one
        for one in workings_of(tx, lead_ids, lock=True)
        if one.lead.merged_into is None
    }
    wanted = still(list(workings))
    batch = Batch(hub.stamp(), hub.stage_rules)
    moved = []
    for lead_id, working in workings.items():
        state = working.state
        if lead_id in wanted and state is not None and moves.move(batch, working, decide(state)):
            moves.settle(batch, working)
            moved.append(working)
    finish.finish_by_hand(hub, batch, moved)
    moves.write(hub, tx, batch, moved)
    return [working.lead.id for working in moved]
