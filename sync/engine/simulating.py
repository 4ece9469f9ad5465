"""What other qualification rules would have done in a period, beside what happened.

Read only, lead by lead over pages of leads, so that memory holds a page and the moves that are
found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from mapping.qualify import Rules
from mapping.stages import StageRules
from sync.engine.hub import Hub
from sync.engine.periods import Span
from sync.engine.qualifying import company_fields, touches_by_kind
from sync.engine.retrospect import Fired, Life, again, is_by_rule, rewound
from sync.engine.touching import epoch
from sync.store import rulefacts
from sync.store.database import Tx, iso
from sync.store.rulefacts import Head, StayRow

__all__ = ["BECAME", "GONE", "NEW", "SAME", "RuleOutcome", "Simulation", "WouldMove", "simulate"]

PAGE = 2_000
NEW, SAME, GONE = "new", "same", "gone"
BECAME = ("won", "lost", "recycled", "disqualified", "dormant", "open")
"""What a lead may have become; the first that it came to counts."""
_WON = frozenset({"won", "customer", "churned"})
_DAY = 86_400.0
_INSTANT = 1e-6


@dataclass(frozen=True, slots=True)
class WouldMove:
    """A lead that a rule would have moved, or would not have moved any more.

    ``verdict`` is new (it never came there in that passage), same (it came there as well, at
    ``did_at``) or gone (a rule moved it, and none would). ``became`` is what became of it since.
    """

    rule: str
    lead_id: str
    name: str | None
    company: str | None
    before: str | None
    to: str
    verdict: str
    would_at: str | None
    did_at: str | None
    became: str
    days: float | None = None


@dataclass(slots=True)
class RuleOutcome:
    """What one rule would have done. ``days``: later than it happened, below 0 earlier."""

    rule: str
    counts: Counter[str] = field(default_factory=Counter)
    days: list[float] = field(default_factory=list)
    became: dict[str, Counter[str]] = field(
        default_factory=lambda: {one: Counter() for one in (NEW, SAME, GONE)}
    )

    @property
    def moved(self) -> int:
        """Leads it would have moved."""
        return self.counts[NEW] + self.counts[SAME]

    @property
    def median_days(self) -> float | None:
        """Half of those that came there as well would have come by so many days later."""
        return median(self.days) if self.days else None


@dataclass(slots=True)
class Simulation:
    """Rules over a period. ``looked`` leads had something happen in it.

    ``late`` of them came to the hub only after what is looked at: their fields are as first heard.
    ``gaps`` have changes that could not be taken back. ``companies_now``: a rule asks for fields of
    the company, which are as they are now.
    """

    span: Span
    rules: dict[str, RuleOutcome] = field(default_factory=dict)
    moves: list[WouldMove] = field(default_factory=list)
    looked: int = 0
    late: int = 0
    gaps: int = 0
    companies_now: bool = False


def simulate(hub: Hub, rules: Rules, span: Span) -> Simulation:
    """What the rules would have done in the period."""
    found = Simulation(span, companies_now=rules.accounts)
    for rule in rules.rules:
        found.rules[rule.id] = RuleOutcome(rule.id)
    with hub.database.read() as tx:
        for page in rulefacts.heads(tx, span.until, PAGE):
            for head, life in _lives(tx, rules, page):
                _count(found, rules, head, life)
    return found


def _lives(tx: Tx, rules: Rules, page: Sequence[Head]) -> Iterator[tuple[Head, Life]]:
    ids = [head.id for head in page]
    done = rulefacts.activities(tx, ids, rules.kinds)
    stays = rulefacts.stays(tx, ids)
    changes = rulefacts.changes(tx, ids) if rules.fields else {}
    companies = company_fields(tx, rules, [head.account_id for head in page])
    for head in page:
        yield (
            head,
            Life(
                stays=stays.get(head.id, ()),
                touches=touches_by_kind(done.get(head.id, ())),
                fields=rewound(head.fields, changes.get(head.id, ()), rules.fields),
                company=companies.get(head.account_id or "", {}),
            ),
        )


def _count(found: Simulation, rules: Rules, head: Head, life: Life) -> None:
    since, until = epoch(found.span.since), epoch(found.span.until)
    began = _first_event(life, since, until)
    if began is None:
        return
    found.looked += 1
    found.late += bool(rules.fields) and epoch(head.created_at) > began
    found.gaps += life.fields.has_gaps
    fired = list(again(rules, life, since, until))
    for move in (
        *_would(rules, head, life, fired),
        *_gone(rules, head, life, fired, since, until),
    ):
        outcome = found.rules.setdefault(move.rule, RuleOutcome(move.rule))
        outcome.counts[move.verdict] += 1
        outcome.became[move.verdict][move.became] += 1
        if move.days is not None:
            outcome.days.append(move.days)
        found.moves.append(move)


def _first_event(life: Life, since: float, until: float) -> float | None:
    times = [epoch(stay.entered_at) for stay in life.stays]
    times += [touch.at for kind in life.touches.values() for touch in kind]
    times += [at for at, _, _ in life.fields.became]
    return min((at for at in times if since <= at < until), default=None)


def _would(rules: Rules, head: Head, life: Life, fired: Sequence[Fired]) -> Iterator[WouldMove]:
    for one in fired:
        came = _came_to(life.stays, one.to, one.at, rules.moves)
        yield WouldMove(
            rule=one.rule,
            lead_id=head.id,
            name=head.name,
            company=head.company,
            before=one.before,
            to=one.to,
            verdict=NEW if came is None else SAME,
            would_at=_text(one.at),
            did_at=None if came is None else _text(came),
            became=_became(life.stays, one.at if came is None else min(one.at, came)),
            days=None if came is None else (one.at - came) / _DAY,
        )


def _gone(
    rules: Rules, head: Head, life: Life, fired: Sequence[Fired], since: float, until: float
) -> Iterator[WouldMove]:
    """Moves that rules made in the period and that none would have made."""
    before: str | None = None
    for stay in life.stays:
        at = epoch(stay.entered_at)
        if stay.rule and is_by_rule(stay) and since <= at < until:
            begin, end = _passage(life.stays, at - _INSTANT, rules.moves)
            kept = any(
                begin <= one.at <= end and _reaches(one.to, stay.stage, rules.moves)
                for one in fired
            )
            if not kept:
                yield WouldMove(
                    rule=stay.rule,
                    lead_id=head.id,
                    name=head.name,
                    company=head.company,
                    before=before,
                    to=stay.stage,
                    verdict=GONE,
                    would_at=None,
                    did_at=stay.entered_at,
                    became=_became(life.stays, at),
                )
        before = stay.stage


def _came_to(stays: Sequence[StayRow], stage: str, at: float, moves: StageRules) -> float | None:
    """When the lead really came to a stage or beyond, in the passage that it was in."""
    begin, end = _passage(stays, at, moves)
    times = [epoch(one.entered_at) for one in stays if _reaches(one.stage, stage, moves)]
    return next((time for time in times if begin <= time <= end), None)


def _passage(stays: Sequence[StayRow], at: float, moves: StageRules) -> tuple[float, float]:
    """From the lead's last rest before a time to its next one: when it was worked on."""
    rests = [
        epoch(one.entered_at)
        for one in stays
        if one.stage not in moves.place and one.stage not in _WON and not one.inferred
    ]
    begin = max((time for time in rests if time <= at), default=float("-inf"))
    return begin, min((time for time in rests if time > at), default=float("inf"))


def _reaches(stage: str, wanted: str, moves: StageRules) -> bool:
    if wanted not in moves.place:
        return stage == wanted
    onward = stage in moves.place and moves.rank(stage) >= moves.rank(wanted)
    return onward or stage in _WON


def _became(stays: Sequence[StayRow], since: float) -> str:
    """What became of the lead: the best that it came to after a time."""
    later = {
        "won" if one.stage in _WON else one.stage
        for one in stays
        if not one.inferred and epoch(one.entered_at) >= since
    }
    return next((one for one in BECAME if one in later), BECAME[-1])


def _text(at: float) -> str:
    return iso(datetime.fromtimestamp(at, UTC))
