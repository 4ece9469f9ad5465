"""Where one record belongs, among the leads that share a key with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mapping.match.cluster import NO_DECISIONS, RIVAL, Decisions, is_automatic, is_own
from mapping.match.compare import Score, compare
from mapping.match.crowd import NO_CROWD, Crowd
from mapping.match.profile import Profile
from mapping.match.rules import DEFAULT, HOT, Rules


class Near(NamedTuple):
    """A lead that a record may be: by which of its records, and what stands in the way."""

    lead: str
    record: str
    score: Score
    blocked: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """The leads that a record is (several: it shows them to be one), and those it may be."""

    same: Sequence[Near]
    maybe: Sequence[Near]


NOWHERE = Placement((), ())


def place(
    made: Profile,
    leads: Mapping[str, Sequence[Profile]],
    *,
    own: Sequence[Profile] = (),
    crowd: Crowd = NO_CROWD,
    rules: Rules = DEFAULT,
    decisions: Decisions = NO_DECISIONS,
) -> Placement:
    """The leads that a record belongs to, best first.

    ``leads`` are the records of each lead that shares a key with it; only those records that do are
    a reason to belong there, all of them may stand in the way. ``own`` are the other records of the
    lead that it has already.
    """
    near, barred = _near(made, leads, crowd, rules)
    if not near:
        return NOWHERE
    same: list[Near] = []
    maybe: list[Near] = []
    joined: list[Profile] = [made, *own]
    rivals = _rivals(near, leads, crowd, rules)
    for one in near:
        others = leads[one.lead]
        if decisions.forbids([p.record for p in joined], [p.record for p in others]):
            continue
        blocked = ""
        if is_automatic(one.score, rules):
            if one.lead in rivals:
                blocked = "rival"
            elif len(joined) + len(others) > rules.largest and not is_own(one.score):
                blocked = "size"
            elif one.lead in barred or _contradict(joined[1:], others, crowd, rules):
                blocked = "contradiction"
            else:
                same.append(one)
                joined += others
                continue
        maybe.append(one._replace(blocked=blocked))
    return Placement(same, maybe)


def _near(
    made: Profile, leads: Mapping[str, Sequence[Profile]], crowd: Crowd, rules: Rules
) -> tuple[list[Near], set[str]]:
    """The leads that a record may be, best first, and those of them that contradict it."""
    near: list[Near] = []
    barred: set[str] = set()
    finding = {one for one in made.keys if crowd.accounts.get(one, 0) < HOT}
    for lead, records in leads.items():
        best: Near | None = None
        most: tuple[bool, float] = (False, 0.0)
        for record in records:
            found = compare(made, record, crowd, rules)
            if found.forbids(rules):
                barred.add(lead)
            if finding.isdisjoint(record.keys):
                continue
            # What ties comes before what only scores high: one such record is enough.
            worth = (is_automatic(found, rules), found.points)
            if best is None or (worth, best.record) > (most, record.record):
                best, most = Near(lead, record.record, found), worth
        if best is not None and best.score.points >= rules.review:
            near.append(best)
    near.sort(key=lambda one: (-one.score.points, one.lead))
    return near, barred


def _contradict(
    joined: Sequence[Profile], others: Sequence[Profile], crowd: Crowd, rules: Rules
) -> bool:
    return any(
        compare(one, other, crowd, rules).forbids(rules) for one in joined for other in others
    )


def _rivals(
    near: Sequence[Near], leads: Mapping[str, Sequence[Profile]], crowd: Crowd, rules: Rules
) -> set[str]:
    """Leads that contradict each other and tie about as well to the record."""
    best = near[0].score.points
    ties = [
        one for one in near if is_automatic(one.score, rules) and one.score.points > best - RIVAL
    ]
    found: set[str] = set()
    for number, one in enumerate(ties):
        for other in ties[number + 1 :]:
            if any(
                compare(a, b, crowd, rules).forbids(rules)
                for a in leads[one.lead]
                for b in leads[other.lead]
            ):
                found |= {one.lead, other.lead}
    return found
