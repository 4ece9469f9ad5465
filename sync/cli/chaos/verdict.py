"""What came of a trial of the crash suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.cli.chaos.history import Finding, Ledger
from sync.cli.chaos.people import Story
from sync.cli.chaos.recovery import percentile

SHOWN = 20
"""Addresses that are shown of a kind of trouble."""


@dataclass(frozen=True)
class Verdict:
    """What came of a trial.

    ``done`` is what was done to the hub, ``dealt`` the faults of its vendors' lines. ``falls`` are
    the processes that ended unasked while they worked, ``unbegun`` those that could not begin.
    ``recovery`` and ``stops`` are in seconds. ``again`` is what the last run, which should write
    nothing, wrote. ``stuck`` says what was waited for in vain.
    """

    backend: str
    story: Story
    findings: list[Finding]
    ledger: Ledger
    done: Mapping[str, int]
    dealt: Mapping[str, int]
    hit: list[str]
    missed: list[str]
    falls: Mapping[str, int]
    unbegun: Mapping[str, int]
    recovery: list[float]
    stops: list[float]
    again: int
    digest: str
    seconds: float
    stuck: str

    def count(self, wrong: str) -> int:
        """How many records are wrong in this way."""
        return sum(one.wrong == wrong for one in self.findings)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled or regressed, and the hub came to rest."""
        wrong = self.findings or self.stuck or self.missed or self.again or self.falls
        return self.ledger.is_clear and not wrong

    def troubles(self) -> list[str]:
        """What is wrong beside single records, for a person."""
        ledger, found = self.ledger, [self.stuck] if self.stuck else []
        for what, emails in (("doubled", ledger.doubled), ("missing", ledger.missing)):
            if emails:
                found.append(f"{len(emails)} leads {what}: {', '.join(emails[:SHOWN])}")
        left = {name: count for name, count in ledger.left._asdict().items() if count}
        if left:
            found.append(f"left: {left}")
        if self.again:
            found.append(f"the last run wrote {self.again} records")
        if self.falls:
            found.append(f"fell while they worked: {dict(self.falls)}")
        if self.missed:
            found.append(f"never passed: {', '.join(self.missed)}")
        return found

    def fields(self) -> dict[str, Any]:
        """The verdict as JSON shows it."""
        return {
            "backend": self.backend,
            "good": self.is_good,
            "records": self.story.records,
            "people": len(self.story.everybody),
            "edits": len(self.story.edits),
            **{name: self.count(name) for name in ("lost", "doubled", "regressed")},
            "done": dict(self.done),
            "faults": dict(self.dealt),
            "points": self.hit,
            "falls": dict(self.falls),
            "unbegun": dict(self.unbegun),
            "recoveries": len(self.recovery),
            "recovery_p50": percentile(self.recovery, 0.5),
            "recovery_p99": percentile(self.recovery, 0.99),
            "stops": len(self.stops),
            "stop_p50": percentile(self.stops, 0.5),
            "stop_p99": percentile(self.stops, 0.99),
            "leads": self.ledger.leads,
            "troubles": self.troubles(),
            "digest": self.digest,
            "seconds": round(self.seconds, 1),
        }
