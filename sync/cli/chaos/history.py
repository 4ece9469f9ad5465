"""What the targets were told, and whether it is what must be true.

The journal is kept by the vendors, behind the hub's back: every state that every target record ever
had. The checker knows from the story what each person's records must say, and names each record
that is lost, doubled or regressed, with what was written to it and when.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import orjson

from sync.cli.chaos.people import CRM, FORM, MA, SFA, TARGETS, Person, Story, rank
from sync.store import backlog
from sync.store.backlog import Backlog

if TYPE_CHECKING:
    from connectors.kit.simulator import Written
    from sync.store.database import Database

Wrong = Literal["lost", "doubled", "regressed"]
DENIED = "拒否"
TABLES: Mapping[str, str] = {SFA: "Lead", CRM: "records:5"}
"""Where a target keeps the people that are written to it."""


class State(NamedTuple):
    """What one target record said from a moment on; ``at`` in seconds since the journal began."""

    at: float
    email: str
    title: str
    department: str
    opted_out: bool
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One record that is not as it must be."""

    wrong: Wrong
    target: str
    email: str
    why: str
    records: tuple[str, ...] = ()
    history: tuple[State, ...] = ()

    def lines(self) -> Iterator[str]:
        """The finding with what was written when, for a person."""
        where = ", ".join(self.records) or "–"
        yield f"{self.wrong}: {self.email} in {self.target} ({where}): {self.why}"
        for state in self.history:
            out = " opted out" if state.opted_out else ""
            gone = " deleted" if state.deleted else ""
            yield f"    {state.at:8.2f} s  {state.title!r} {state.department!r}{out}{gone}"


@dataclass
class Journal:
    """Every state of every record of one target; ``note`` is for the target's simulator."""

    target: str
    began: float = field(default_factory=time.monotonic)
    states: dict[str, list[State]] = field(default_factory=dict)
    writes: int = 0

    def note(self, written: Sequence[Written]) -> None:
        """Take down what a request changed; what it took back itself is no change."""
        table = TABLES[self.target]
        last = {key: row for name, key, row in written if name == table}
        now = time.monotonic() - self.began
        for key, row in last.items():
            held = self.states.setdefault(key, [])
            state = _state(self.target, row, now, held)
            self.writes += 1
            if not held or held[-1][1:] != state[1:]:
                held.append(state)

    def living(self) -> dict[str, State]:
        """The records that are there, with what they say now."""
        now = {key: states[-1] for key, states in list(self.states.items())}
        return {key: state for key, state in now.items() if not state.deleted}


def _state(target: str, row: Mapping[str, Any] | None, now: float, held: list[State]) -> State:
    if row is None or row.get("IsDeleted"):
        return held[-1]._replace(at=now, deleted=True)
    if target == SFA:
        return State(
            now,
            str(row.get("Email") or ""),
            str(row.get("Title") or ""),
            "",
            bool(row.get("HasOptedOutOfEmail")),
        )
    said = row["values"]
    return State(
        now,
        str(said.get("メールアドレス") or ""),
        str(said.get("役職") or ""),
        str(said.get("部署名") or ""),
        said.get("メール配信") == DENIED,
    )


@dataclass(frozen=True, slots=True)
class Must:
    """What everybody's records must say at the end; ``out_from`` are those who opted out."""

    title: str
    department: str
    opted_out: bool


def must(story: Story) -> dict[str, Must]:
    """What must be true of everybody, by address."""
    said: dict[tuple[int, str], int] = {}
    out = {one.number for one in story.planted if one.opted_out}
    for edit in story.edits:
        if edit.kind == "opt_out":
            out.add(edit.person.number)
        else:
            source = FORM if edit.kind == "answer" else MA
            said[edit.person.number, source] = edit.version
    return {one.email: _must(one, said, out) for one in story.everybody}


def _must(one: Person, said: Mapping[tuple[int, str], int], out: set[int]) -> Must:
    trusted = MA if MA in one.sources else FORM
    department = one.department(said.get((one.number, FORM), 0)) if FORM in one.sources else ""
    title = one.title(trusted, said.get((one.number, trusted), 0))
    return Must(title, department, one.number in out)


def check(story: Story, journals: Mapping[str, Journal]) -> list[Finding]:
    """Every record that is lost, doubled or regressed; nothing where all is well."""
    wanted = must(story)
    found: list[Finding] = []
    for target in TARGETS:
        journal = journals[target]
        by_email: defaultdict[str, list[str]] = defaultdict(list)
        for key, state in journal.living().items():
            by_email[state.email].append(key)
        for email in wanted.keys() - by_email.keys():
            found.append(Finding("lost", target, email, "has no record", *_gone(journal, email)))
        for email, keys in by_email.items():
            if email not in wanted:
                why = "is nobody's record"
            elif len(keys) > 1:
                why = f"has {len(keys)} records"
            else:
                continue
            states = tuple(state for key in keys for state in journal.states[key])
            found.append(Finding("doubled", target, email, why, tuple(keys), states))
        for email, keys in by_email.items():
            if email in wanted:
                found += _regressed(target, email, wanted[email], keys, journal)
    return sorted(found, key=lambda one: (one.wrong, one.target, one.email))


def _gone(journal: Journal, email: str) -> tuple[tuple[str, ...], tuple[State, ...]]:
    """The records of somebody that were there once."""
    keys = [key for key, held in journal.states.items() if any(s.email == email for s in held)]
    return tuple(keys), tuple(state for key in keys for state in journal.states[key])


def _regressed(
    target: str, email: str, wanted: Must, keys: Sequence[str], journal: Journal
) -> Iterator[Finding]:
    for key in keys:
        states = journal.states[key]
        for why in _faults(target, states, wanted):
            yield Finding("regressed", target, email, why, (key,), tuple(states))
            break


def _faults(target: str, states: Sequence[State], wanted: Must) -> Iterator[str]:
    """What is wrong with a record's course: an older word after a newer one, or not the last."""
    for before, after in pairwise(states):
        for name in ("title", "department"):
            old, new = rank(getattr(before, name)), rank(getattr(after, name))
            if old is not None and (new is None or new < old):
                yield f"{name} went back from {getattr(before, name)!r}"
        if before.opted_out and not after.opted_out:
            yield "the opt-out was taken back"
    last = states[-1]
    if last.title != wanted.title:
        yield f"title must be {wanted.title!r}"
    if target == CRM and last.department != wanted.department:
        yield f"department must be {wanted.department!r}"
    if last.opted_out != wanted.opted_out:
        yield "the opt-out is lost" if wanted.opted_out else "an opt-out nobody said"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the hub's database holds at the end."""

    leads: int
    doubled: tuple[str, ...]
    missing: tuple[str, ...]
    left: Backlog

    @property
    def is_clear(self) -> bool:
        """Whether everybody is one lead, and nothing is owed, waits, runs or was set aside."""
        return not (self.doubled or self.missing or self.left.set_aside) and self.left.is_clear


def ledger(database: Database, story: Story) -> Ledger:
    """Read the hub's own books."""
    with database.read() as tx:
        counts = Counter(email for email, _, _ in backlog.everybody(tx))
        left = backlog.backlog(tx)
    everybody = {one.email for one in story.everybody}
    doubled = tuple(sorted(e for e, n in counts.items() if n > 1 or e not in everybody))
    missing = tuple(sorted(everybody - counts.keys()))
    return Ledger(counts.total(), doubled, missing, left)


def digest(journals: Mapping[str, Journal], database: Database) -> str:
    """The final state in one number: equal where two runs ended alike, times and ids apart."""
    whole = blake2b(digest_size=8)
    for target in TARGETS:
        for line in sorted(_plain(state[1:]) for state in journals[target].living().values()):
            whole.update(line)
    with database.read() as tx:
        rows = backlog.everybody(tx)
    for line in sorted(map(_plain, rows)):
        whole.update(line)
    return whole.hexdigest()


def _plain(row: Iterable[Any]) -> bytes:
    return orjson.dumps(list(row))
