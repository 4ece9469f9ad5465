"""The demo from its first line to its last. Every step can be begun anew after a kill."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.cli.demo import directory, live, report, truth
from sync.cli.demo.people import CRM, FORM, MA, SFA, Person, people
from sync.cli.demo.planting import has_unknown_source, plant
from sync.cli.demo.serving import build, serving
from sync.cli.demo.telling import Telling

if TYPE_CHECKING:
    from sync.engine.hub import Hub
    from sync.store.runs import RunRow
    from sync.workers.job import Progress
    from sync.workers.runner import Running

MOST_SECONDS = 60
MOST_MEGABYTES = 250
WILL_BE_LOST, WILL_BE_WON = 1, 2


@dataclass
class Demo:
    """One run of the demo in a directory."""

    root: Path
    plan: directory.Plan
    telling: Telling
    began: float = field(default_factory=time.perf_counter)
    checks: list[tuple[bool, str]] = field(default_factory=list)
    everybody: list[Person] = field(init=False)
    simulators: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.everybody = people(self.plan.people, self.plan.seed)

    @contextmanager
    def vendors(self) -> Iterator[dict[str, str]]:
        """The simulated vendors with everybody on file, served; their addresses."""
        self.simulators = {
            name: build(slug, directory.state_file(self.root, name), self.plan.seed)
            for name, slug in directory.VENDOR_OF.items()
        }
        with ExitStack() as open_files:
            for simulator in self.simulators.values():
                open_files.callback(simulator.close)
            plant(self.simulators, self.root / "inbox", self.everybody, self.plan.base)
            with serving(self.simulators, self.plan.ports) as addresses:
                yield addresses

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        """The hub of the directory."""
        from sync.config.load import load
        from sync.engine import processes
        from sync.engine.hub import open_hub
        from sync.store.database import Database
        from sync.store.tokens import DatabaseTokens, key_file
        from sync.store.upgrade import upgrade

        config = load(self.root)
        database = Database(config.database_url())
        try:
            upgrade(database)
            tokens = DatabaseTokens(database, lambda: key_file(self.root))
            hub = open_hub(config, database=database, tokens=tokens)
            presence = processes.enter(hub)
            try:
                yield hub
            finally:
                presence.leave()
        finally:
            database.close()

    def play(self, *, keep: bool = False) -> bool:
        """Show everything; whether it all was as it should be."""
        with self.vendors() as addresses, self.hub() as hub:
            report.systems(self.telling, self.everybody, addresses, self.root)
            self.first_sync(hub)
            with _up(hub) as house:
                hub.flows[FORM].connector.subscribe(f"{house.address}/hooks/{FORM}")
                self.live(hub)
                self.deals(hub, house)
            self.once_more(hub)
            self.verify(hub)
            good = self.tell_checks(hub)
            if keep:
                self.keep(hub, addresses)
            return good

    def first_sync(self, hub: Hub) -> None:
        """Pull everything, merge, report; then write what is owed."""
        from sync.workers import jobs

        telling = self.telling
        telling.heading("head.first")
        watch = Watch(telling)
        pulled: list[RunRow] = []
        for name in hub.flows:
            pulled += jobs.pull(hub, name, watch=watch)
        pushed = jobs.push_all(hub, watch=watch)
        self._note_failures([*pulled, *pushed])
        report.merged(telling, hub, self.everybody)
        report.funnel(telling, hub)
        report.example(telling, hub, self.everybody[0], self.root)
        report.written(telling, pushed)
        report.set_aside(telling, hub)

    def live(self, hub: Hub) -> None:
        """A form answer, followed into every system."""
        telling, visitor = self.telling, live.VISITOR
        telling.heading("head.live")
        name = f"{visitor['last_name']} {visitor['first_name']}"
        telling.say("live.who", name=name, company=visitor["company"])
        conditions = live.answer_arrives(hub, self.simulators)
        if live.submit(self.simulators[FORM]):
            seen = self._follow(conditions)
        else:
            telling.say("live.before", "dim", indent=4)
            conditions.pop("received")
            seen = self._follow(conditions, timed=False)
        telling.item("live", {"milliseconds": seen})

    def deals(self, hub: Hub, house: Running) -> None:
        """Deals are closed in the SFA, which the CRM and the MA hear of."""
        self.telling.heading("head.deals")
        for number, stage, vendor_stage in (
            (WILL_BE_LOST, "lost", "Closed Lost"),
            (WILL_BE_WON, "won", "Closed Won"),
        ):
            person = self.everybody[number]
            reason = live.LOST_REASON if stage == "lost" else ""
            self.telling.say(f"deal.{stage}", name=person.family, reason=reason)
            new = live.move_deal(self.simulators[SFA], person, vendor_stage, reason)
            live.ask_for_news(house, [SFA])
            conditions = live.deal_shows(hub, self.simulators, person, stage)
            seen = self._follow(conditions, timed=new)
            self.telling.item(f"deal_{stage}", {"milliseconds": seen})

    def _follow(
        self, conditions: dict[str, Callable[[], bool]], *, timed: bool = True
    ) -> dict[str, int]:
        telling = self.telling
        telling.waiting(", ".join(telling.words(f"step.{name}") for name in conditions))
        seen = live.follow(conditions)
        for name, ms in sorted(seen.items(), key=lambda one: one[1]):
            aside = telling.words("step.ms", ms=f"{ms:>5}") if timed else telling.words("step.held")
            telling.step(telling.words(f"step.{name}"), aside)
        return seen

    def once_more(self, hub: Hub) -> None:
        """Sync again: nobody is written to."""
        from sync.workers import jobs

        telling = self.telling
        telling.heading("head.again")
        before = truth.digest(hub, self.simulators)
        done = jobs.run_once(hub, watch=Watch(telling, quietly=True))
        after = truth.digest(hub, self.simulators)
        self._note_failures(done)
        counts = jobs.summary([run for run in done if run.kind == "push"])
        created, updated = counts.get("created", 0), counts.get("updated", 0)
        report.written(telling, done, again=True)
        telling.say("again" if not created + updated else "again.not")
        quiet = not created and not updated
        self.check(quiet, "check.quiet", created=created, updated=updated)
        self.check(before == after, "check.same")

    def verify(self, hub: Hub) -> None:
        """Compare what the vendors hold with what was planted."""
        from sync.store import asides, leads

        visitor = live.VISITOR
        wanted = truth.expected(self.everybody)
        wanted[visitor["email"]] += 1
        with hub.database.read() as tx:
            count, stages = leads.count(tx), leads.count_by_stage(tx)
            troubles = asides.counts(tx)
        self.check(count == wanted.total(), "check.leads", people=wanted.total(), leads=count)
        planned = Counter(one.stage for one in self.everybody)
        planned.update({"inquiry": 1, "lost": 1, "won": 1, "opportunity": -2})
        self.check(+planned == +Counter(stages), "check.stages")
        out: list[set[str]] = []
        for target in (SFA, CRM, MA):
            held = truth.copies(self.simulators, target)
            more, gaps, unknown = truth.doubles_and_gaps(held, wanted)
            good = not (more or gaps or unknown) and len(held) == wanted.total()
            key = "check.once" if good else "check.once.not"
            system = self.telling.words(f"system.{target}")
            numbers = {"more": more, "gaps": gaps, "unknown": unknown}
            self.check(good, key, system=system, count=len(held), **numbers)
            out.append({one.key for one in held if one.opted_out})
        silent = {one.email for one in self.everybody if one.opted_out}
        self.check(all(silent == one for one in out), "check.optouts", count=len(silent))
        self.check(live.is_everywhere(self.simulators), "check.live")
        lost, won = (self.everybody[one] for one in (WILL_BE_LOST, WILL_BE_WON))
        self.check(
            live.shows(self.simulators, CRM, lost, "失注", live.LOST_REASON)
            and live.shows(self.simulators, CRM, won, "受注"),
            "check.deals",
        )
        found = {code: number for _, _, code, number in troubles}
        shared = sum(one.shared for one in self.everybody) // 2
        unmapped = sum(map(has_unknown_source, self.everybody))
        good = (
            found.keys() <= {"MAILBOX_SHARED", "PICKLIST_UNMAPPED"}
            and found.get("MAILBOX_SHARED", 0) == shared
            and found.get("PICKLIST_UNMAPPED", 0) in (unmapped, 0)  # 0: the operator mapped it
        )
        self.check(good, "check.aside", count=sum(found.values()))

    def check(self, good: bool, key: str, **says: Any) -> None:
        """Note whether something is as it should be."""
        self.checks.append((good, self.telling.words(key, **says)))
        self.telling.item("check", {"check": key.removeprefix("check."), "good": good, **says})

    def _note_failures(self, done: Sequence[RunRow]) -> None:
        failed = [run for run in done if run.state == "failed"]
        if failed:
            self.check(False, "failed", error=failed[0].error or "")

    def tell_checks(self, hub: Hub) -> bool:
        """All that was noted, time and memory among it; whether all is well."""
        telling = self.telling
        seconds, megabytes = time.perf_counter() - self.began, peak_megabytes()
        self.check(seconds < MOST_SECONDS, "check.time", seconds=f"{seconds:.1f}")
        self.check(megabytes < MOST_MEGABYTES, "check.memory", mb=megabytes)
        telling.heading("head.checks")
        for good, text in self.checks:
            telling.tick(good, text)
        everything = all(good for good, _ in self.checks)
        telling.line()
        telling.say("good" if everything else "bad", "bold", "green" if everything else "red")
        telling.item(
            "demo",
            {
                "good": everything,
                "digest": truth.digest(hub, self.simulators),
                "people": self.plan.people,
                "seconds": round(seconds, 1),
                "megabytes": megabytes,
                "directory": str(self.root),
            },
        )
        report.next_commands(telling, self.root)
        return everything

    def keep(self, hub: Hub, addresses: dict[str, str]) -> None:
        """Leave everything running until Ctrl-C."""
        import threading

        with _up(hub) as house:
            self.telling.line()
            self.telling.say("keeping")
            report.addresses(self.telling, {**addresses, directory.HUB: house.address})
            threading.Event().wait()


@contextmanager
def _up(hub: Hub) -> Iterator[Running]:
    from sync.workers.runner import running

    with running(hub, threads=4) as house:
        yield house


class Watch:
    """Shows runs while they run, and a line for each that ended."""

    def __init__(self, telling: Telling, *, quietly: bool = False) -> None:
        self.telling = telling
        self.quietly = quietly

    def __call__(self, progress: Progress) -> None:
        """How a run stands."""
        run = progress.run
        text = self._text(run)
        if run.state == "running":
            self.telling.waiting(text)
            return
        read, written = run.counts.get("read", 0), run.counts.get("created", 0)
        worth = run.state == "failed" or (not self.quietly and (read or written))
        if worth or (not self.quietly and run.kind == "push"):
            self.telling.tick(run.state != "failed", text)
        if not self.telling.out.as_json:
            return
        counts = {key: value for key, value in run.counts.items() if isinstance(value, int)}
        self.telling.item(
            "run",
            {"connection": run.connection, "stream": run.stream, "job": run.kind,
             "state": run.state, "counts": counts},
        )  # fmt: skip

    def _text(self, run: RunRow) -> str:
        words = self.telling.words
        system = words(f"system.{run.connection}")
        if run.error:
            return f"{system}: {words('failed', error=run.error)}"
        if run.kind == "push":
            counts = {name: run.counts.get(name, 0) for name in ("created", "updated")}
            told = words("pushed", **counts) if any(counts.values()) else words("pushed.quiet")
            return f"{_padded(words('pushing', system=system), 34)}{told}"
        read = run.counts.get("read", 0)
        told = words("pulled", read=f"{read:,}") if read else words("pulled.quiet")
        return f"{_padded(system, 14)}{_padded(str(run.stream or ''), 20)}{told}"


def _padded(text: str, width: int) -> str:
    from sync.cli import tables

    return text + " " * max(1, width - tables.width(text))


def peak_megabytes() -> int:
    """The most memory that this process has had resident.

    Linux tells it of the program itself; ``getrusage`` also counts the process it was forked from.
    """
    import resource
    import sys

    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1024 * 1024 if sys.platform == "darwin" else 1024))


def quiet_logs() -> None:
    """What the demo has to say it says itself."""
    for name in ("renkei", "uvicorn", "dramatiq", "werkzeug"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
