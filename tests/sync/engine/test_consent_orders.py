"""Whatever happens in whatever order, nobody who opted out is written as mailable.

``RENKEI_SOAK`` is the number of random orders, where it is to be more than the usual; PostgreSQL
gets a tenth of them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from connectors.kit.base import Change
from mapping.errors import MappingError
from sync.engine import edits, merging
from sync.engine.hub import open_hub
from sync.store.database import Database, iso
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import empty
from tests.sync.engine.troubles import TROUBLES

EXAMPLES = int(os.environ.get("RENKEI_SOAK", "200"))
NAMES = ("crm", "sfa", "ma")
LISTED = "ma"
FIELD = "consent.email.marketing"
PEOPLE = (
    {"email": "sato@aozora.example", "family": "佐藤", "given": "花子", "company": "青空製作所"},
    {"email": "ito@chidori.example", "family": "伊藤", "given": "健", "company": "千鳥商会"},
)

person = st.integers(0, 1)
place = st.sampled_from(NAMES)
EVENTS = st.one_of(
    st.tuples(st.just("says"), place, person, st.sampled_from(["yes", "no", "", "no"])),
    st.tuples(st.just("double"), place, person, st.sampled_from(["yes", "no", ""])),
    st.tuples(st.just("again"), place, st.integers(0, 30)),
    st.tuples(st.just("joins"), place, person),
    st.tuples(st.just("deletes"), place, person),
    st.tuples(st.just("agrees"), person, st.integers(0, 3)),
    st.tuples(
        st.just("hand"), person, st.sampled_from(["granted", "denied", "unknown"]), st.booleans()
    ),
    st.tuples(st.just("unset"), person),
    st.tuples(st.just("title"), person, st.sampled_from(["部長", "課長"])),
    st.tuples(st.just("merge")),
    st.tuples(st.just("run"), st.sets(place), st.sampled_from(["", "down", "lost", "refuses"])),
    st.tuples(st.just("run"), st.just(set()), st.just("")),
)


@dataclass
class World:
    """The shelves, and what everybody who looks knows: who opted out when, and what lifted it."""

    shelves: Shelves
    clock: Any
    out: dict[int, str] = field(default_factory=lambda: {0: "", 1: ""})
    lifted: dict[int, str] = field(default_factory=lambda: {0: "", 1: ""})
    unheard: list[tuple[str, int, str, str]] = field(default_factory=list)
    one: bool = False

    @classmethod
    def build(cls, database: Database, clock: Any) -> World:
        shelves = Shelves(database, clock.pass_time, list(NAMES))
        lines = {"consent_at": {"from": "agreed_at", "as": "datetime", "direction": "pull"}}
        for shelf in shelves.at.values():
            shelf.marks, shelf.now = True, clock
        config = shelves.config.model_copy(
            update={"fields": {LISTED: {"people": {"fields": lines}}}}
        )
        shelves.hub = open_hub(config, database=database)
        shelves.hub.__dict__["trust"] = replace(shelves.hub.trust, resubscribe=frozenset({LISTED}))
        return cls(shelves, clock)

    def now(self) -> str:
        self.clock.pass_time(seconds=2)
        return iso(self.clock())

    def record(self, connection: str, who: int, nth: int = 0) -> str | None:
        """A record of a person at a vendor, the first or a double."""
        rows = self.shelves.at[connection].people
        own = [key for key, row in rows.items() if row.get("email") == PEOPLE[who]["email"]]
        return own[nth % len(own)] if own else None

    def own(self, connection: str, who: int) -> str:
        """The first record of a person, or the id of a new one; a vendor uses no id twice."""
        new = f"own-{who}-{len(self.shelves.at[connection].records)}"
        return self.record(connection, who) or new

    def doubled(self, connection: str, who: int) -> str | None:
        """The double of a person's record."""
        people = self.shelves.at[connection].people
        return next((key for key in people if key.startswith(f"double-{who}")), None)

    def leads(self, who: int) -> list[Any]:
        """Those of a person: more than one where a double was not surely the same."""
        wanted = PEOPLE[who]["email"]
        return [one for one in self.shelves.leads() if wanted in one.fields.get("emails", ())]

    def must_be_denied(self, who: int) -> bool:
        """Whether an opt-out was heard that nothing has lifted since."""
        both = (0, 1) if self.one else (who,)
        return max(self.out[one] for one in both) > max(self.lifted[one] for one in both)

    # what happens

    def put(self, connection: str, key: str, who: int, **values: str) -> None:
        self.clock.pass_time(seconds=2)
        shelf = self.shelves.at[connection]
        before = shelf.people.get(key, {}).get("mail")
        shelf.put(key, **({} if key in shelf.people else PEOPLE[who]), **values)
        if values.get("mail") == "no" and before != "no":
            self.unheard.append((connection, who, "no", iso(self.clock())))
        if values.get("mail") == "yes" and values.get("agreed_at"):
            self.unheard.append((connection, who, "yes", values["agreed_at"]))

    def says(self, connection: str, who: int, mail: str) -> None:
        self.put(connection, self.own(connection, who), who, mail=mail)

    def double(self, connection: str, who: int, mail: str) -> None:
        new = f"double-{who}-{len(self.shelves.at[connection].records)}"
        self.put(connection, self.doubled(connection, who) or new, who, mail=mail)

    def again(self, connection: str, nth: int) -> None:
        log = self.shelves.at[connection].records
        if log and not log[nth % len(log)].previous_ids:
            log.append(log[nth % len(log)])

    def joins(self, connection: str, who: int) -> None:
        """The vendor merges a double into the first record."""
        shelf = self.shelves.at[connection]
        kept, gone = self.record(connection, who), self.doubled(connection, who)
        if kept is None or gone is None or kept == gone:
            return
        shelf.merge(kept, gone)

    def deletes(self, connection: str, who: int) -> None:
        shelf = self.shelves.at[connection]
        key = self.record(connection, who)
        if key is not None:
            shelf.delete(key)

    def agrees(self, who: int, days_ago: int) -> None:
        """The person fills in the form of the system that may re-subscribe."""
        self.clock.pass_time(seconds=2)
        self.clock.pass_time(days=-days_ago)
        moment = iso(self.clock())
        self.clock.pass_time(days=days_ago)
        self.put(LISTED, self.own(LISTED, who), who, mail="yes", agreed_at=moment)

    def hand(self, who: int, state: str, proven: bool) -> None:
        now = self.now()
        reason = "signed at the booth" if proven else ""
        for lead in self.leads(who):
            try:
                edits.edit_lead(
                    self.shelves.hub, lead.id, {FIELD: state}, user="mori", reason=reason
                )
            except MappingError:
                assert not proven
                assert state != "denied"
                return
            if state == "denied":
                self.out[who] = now
            elif proven:
                self.lifted[who] = now

    def unset(self, who: int) -> None:
        self.clock.pass_time(seconds=2)
        for lead in self.leads(who):
            try:
                edits.edit_lead(self.shelves.hub, lead.id, {}, user="mori", unset=[FIELD])
            except MappingError:
                assert lead.edits[FIELD][0] == "denied"

    def title(self, who: int, title: str) -> None:
        for lead in self.leads(who):
            edits.edit_lead(self.shelves.hub, lead.id, {"title": title}, user="mori")

    def merge(self) -> None:
        found = {lead.id for who in (0, 1) for lead in self.leads(who)}
        if len(found) > 1:
            self.clock.pass_time(seconds=2)
            first, *others = sorted(found)
            for other in others:
                merging.merge(self.shelves.hub, first, other, user="mori")
            self.one = self.one or bool(self.leads(0) and self.leads(1))

    def run(self, names: Sequence[str], trouble: str = "") -> None:
        """The hub reads from these systems and writes to all; looked at write by write."""
        chosen = sorted(names) or list(NAMES)
        before = {name: len(shelf.writes) for name, shelf in self.shelves.at.items()}
        known = {name: dict(shelf.keys) for name, shelf in self.shelves.at.items()}
        for shelf in self.shelves.at.values():
            shelf.before, shelf.after, shelf.refuse = TROUBLES[trouble]
        self.shelves.run(*chosen)
        for _, who, what, at in [one for one in self.unheard if one[0] in chosen]:
            told = self.out if what == "no" else self.lifted
            told[who] = max(told[who], at)
        self.unheard = [one for one in self.unheard if one[0] not in chosen]
        for name, shelf in self.shelves.at.items():
            for change in shelf.writes[before[name] :]:
                self.look(name, change, known[name])

    # what must hold

    def look(self, name: str, change: Change, known: dict[str, str]) -> None:
        """Nothing is sent that would make somebody mailable who opted out."""
        shelf = self.shelves.at[name]
        key = change.external_id or shelf.keys.get(change.key, "")
        row = shelf.people.get(key, {})
        for who, one in enumerate(PEOPLE):
            if row.get("email") != one["email"] or not self.must_be_denied(who):
                continue
            assert change.values.get("mail", "no") == "no", (name, change)
            if change.external_id is None and change.key not in known:
                assert change.values.get("mail") == "no", (name, change)

    def end(self) -> None:
        """All is well again: every copy of somebody who opted out says so."""
        for _ in range(6):
            self.shelves.tick(hours=3)
            self.run(())
        fought = {
            (one.connection, one.external_id) for one in self.shelves.asides(code="CONSENT_FIGHT")
        }
        for who in (0, 1):
            for lead in self.leads(who) if self.must_be_denied(who) else ():
                assert lead.fields[FIELD] == "denied"
                for link in self.shelves.links(lead.id):
                    if link.state == "live" and (link.connection, link.external_id) not in fought:
                        row = self.shelves.at[link.connection].people[link.external_id]
                        assert row.get("mail") == "no", link.id


LAW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 200,
    phases=(Phase.explicit, Phase.generate),  # a smaller example takes minutes to find
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
DOUBLED = [
    ("says", "sfa", 1, "yes"),
    ("deletes", "ma", 0),
    ("agrees", 1, 1),
    ("double", "crm", 0, "yes"),
    ("unset", 1),
    ("run", set(), "lost"),
    ("merge",),
    ("again", "sfa", 23),
    ("title", 1, "部長"),
    ("says", "crm", 0, "no"),
    ("run", {"sfa"}, ""),
    ("unset", 1),
    ("run", {"crm"}, ""),
]
"""The lost answer's record is a lead of its own, with the merged lead's second mailbox."""


@LAW
@example(happened=DOUBLED)
@given(happened=st.lists(EVENTS, min_size=3, max_size=14))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_who_opted_out_is_ever_written_as_mailable(
    database: Database, clock: Any, happened: list[tuple[Any, ...]]
) -> None:
    play(database, clock, happened)


@settings(LAW, max_examples=max(EXAMPLES // 10, 1))
@example(happened=DOUBLED)
@given(happened=st.lists(EVENTS, min_size=3, max_size=14))
@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_nobody_who_opted_out_is_ever_written_as_mailable_on_postgresql(
    database: Database, clock: Any, happened: list[tuple[Any, ...]]
) -> None:
    play(database, clock, happened)


def play(database: Database, clock: Any, happened: list[tuple[Any, ...]]) -> None:
    empty(database)
    world = World.build(database, clock)
    for what, *given_ in happened:
        getattr(world, what)(*given_)
    world.end()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_opt_out_reaches_every_copy_whatever_else_fails(
    database: Database, clock: Any, trouble: str
) -> None:
    world = World.build(database, clock)
    world.says("crm", 0, "yes")
    world.run(())
    world.title(0, "部長")
    world.says("sfa", 0, "no")

    world.run((), trouble)
    world.end()

    held = {name: shelf.people for name, shelf in world.shelves.at.items()}
    assert [row["mail"] for rows in held.values() for row in rows.values()] == ["no"] * 3
