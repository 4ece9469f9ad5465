"""The crash suite on one back end or all of them, and what it tells of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sync.cli.chaos import trial
from sync.cli.chaos.house import StuckProcess
from sync.cli.chaos.monkey import FULL_DISKS, Plan
from sync.cli.chaos.people import Story
from sync.cli.chaos.recovery import percentile
from sync.cli.chaos.servers import Missing
from sync.cli.chaos.trial import BACKENDS, Setting, Trial
from sync.cli.chaos.verdict import Verdict
from sync.cli.demo.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 10
"""Records that are shown with their history for each back end; all of them are in the file."""
FINDINGS = "findings.txt"
TELL_SECONDS = 10.0
COLUMNS = ("backend", "records", "kills", "flushes", "restarts", "lost", "doubled", "regressed")
TIMES = ("recovery", "stop", "seconds")


@dataclass
class Suite:
    """What is done on every back end. ``given`` are URLs of servers that are there already."""

    root: Path
    story: Story
    seed: int
    kills: int
    flushes: int
    restarts: int
    points: bool
    given: Mapping[str, str]
    telling: Telling
    _told: float = field(default=0.0)

    def run(self, backend: str, *, compare: bool) -> bool:
        """Run it, on ``all`` or one; whether all is well."""
        chosen = list(BACKENDS) if backend == "all" else [backend]
        calm = self._calm() if compare else ""
        done = [one for name in chosen if (one := self._one(name)) is not None]
        self._table(done)
        good = len(done) == len(chosen)
        for verdict in done:
            good &= self._judge(verdict, calm)
        self.telling.line()
        self.telling.say("good" if good else "bad", "bold", "green" if good else "red", indent=0)
        self.telling.item("chaos", {"good": good, "seed": self.seed, "calm": calm})
        return good

    def _calm(self) -> str:
        """The end of a run that nobody disturbs."""
        name = self.telling.words("calm")
        self.telling.say("begin", backend=name)
        setting = Setting(
            self.root / "calm", "sqlite", self.story, self.seed, Plan(), faulty=False, points=False
        )
        return trial.run(setting, lambda share, stands: self._stands(name, share, stands)).digest

    def _one(self, backend: str) -> Verdict | None:
        """One back end's verdict; None where it could not be tried, or a process did not end."""
        name = self.telling.words(f"backend.{backend}")
        self.telling.say("begin", backend=name)
        setting = Setting(
            self.root / backend,
            backend,
            self.story,
            self.seed,
            self._plan(backend),
            points=self.points,
            given=self.given,
        )
        try:
            verdict = trial.run(setting, lambda share, stands: self._stands(name, share, stands))
        except Missing as error:
            self._cannot(backend, "missing", program=str(error))
        except StuckProcess as error:
            self._cannot(backend, "stuck_process", why=str(error))
        else:
            self.telling.item("chaos_backend", verdict.fields())
            return verdict
        return None

    def _plan(self, backend: str) -> Plan:
        """What can be done to this back end: only servers of the suite's own are troubled."""
        embedded = backend == "sqlite"
        own_broker = backend in ("redis", "rabbitmq") and not self.given.get(backend)
        return Plan(
            kills=self.kills,
            flushes=self.flushes if own_broker else 0,
            restarts=0 if embedded or self.given.get("postgres") else self.restarts,
            disks=min(FULL_DISKS, self.kills) if embedded else 0,
        )

    def _cannot(self, backend: str, key: str, **says: str) -> None:
        name = self.telling.words(f"backend.{backend}")
        text = self.telling.words(key, backend=name, **says)
        self.telling.line(f"  {text}", "red")
        self.telling.item("error", {"code": key.upper(), "message": text, "backend": backend})

    def _stands(self, name: str, share: float, stands: Trial) -> None:
        now = time.monotonic()
        if now - self._told < TELL_SECONDS:
            return
        self._told = now
        counts = stands.monkey.counts
        says = {
            "share": f"{min(share, 1.0):.0%}",
            "kills": counts["kill"],
            "flushes": counts["flush"],
            "restarts": counts["restart"],
        }
        self.telling.say("under_way", "dim", indent=4, backend=name, **says)
        self.telling.item("chaos_progress", {"backend": stands.setting.backend, **says})

    def _table(self, done: Sequence[Verdict]) -> None:
        words = self.telling.words
        rows = [
            [
                words(f"backend.{one.backend}"),
                f"{one.story.records:,}",
                one.done.get("kill", 0),
                one.done.get("flush", 0),
                one.done.get("restart", 0),
                *(one.count(wrong) for wrong in ("lost", "doubled", "regressed")),
                _both(one.recovery),
                _both(one.stops),
                f"{one.seconds:.0f}",
            ]
            for one in done
        ]
        self.telling.line()
        self.telling.table([*COLUMNS, *TIMES], rows, right=[*COLUMNS[1:], *TIMES])

    def _judge(self, verdict: Verdict, calm: str) -> bool:
        """Tell what is wrong with a back end; whether nothing is."""
        telling, name = self.telling, self.telling.words(f"backend.{verdict.backend}")
        alike = not calm or verdict.digest == calm
        if verdict.is_good and alike:
            return True
        telling.line()
        if not alike:
            telling.say("unlike", "red", backend=name, digest=verdict.digest, calm=calm)
        for what in verdict.troubles():
            telling.say("trouble", "red", backend=name, what=what)
        for finding in verdict.findings[:SHOWN]:
            for line in finding.lines():
                telling.line(f"  {line}")
        if verdict.findings:
            file = self.root / verdict.backend / FINDINGS
            lines = [line for finding in verdict.findings for line in finding.lines()]
            file.write_text("\n".join(lines) + "\n", "utf-8")
            if (more := len(verdict.findings) - SHOWN) > 0:
                telling.say("more", count=more, file=file)
            for finding in verdict.findings:
                record = {"wrong": finding.wrong, "target": finding.target, "email": finding.email}
                telling.item("chaos_finding", {**record, "why": finding.why})
        return False


def _both(seconds: Sequence[float]) -> str:
    """The median and the 99th percentile, as they are shown."""
    middle, high = percentile(seconds, 0.5), percentile(seconds, 0.99)
    return "–" if middle is None or high is None else f"{middle:.1f} / {high:.1f}"
