"""Whatever two people went through: merged and taken back, all is to the letter what it was."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync.engine import edits, merging
from sync.store import matches
from sync.store.database import Database
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import (
    SATO,
    SUZUKI,
    USER,
    empty,
    hear,
    hear_deal,
    held_at,
    history,
    stored,
)

NAMES = ["crm", "sfa", "ma"]
TITLES = ("", "課長", "部長")
STATUSES = ("new", "mql", "talking", "deal", "out")


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """What two people go through: records here and there, hand edits, stages, deals."""
    happened: list[tuple[str, Any]] = []
    for person, values in (("1", SATO), ("2", SUZUKI)):
        for connection in draw(st.permutations(NAMES))[: draw(st.integers(1, 3))]:
            for _ in range(draw(st.integers(1, 2))):
                said = {
                    **values,
                    "title": draw(st.sampled_from(TITLES)),
                    "status": draw(st.sampled_from(STATUSES)),
                    "mail": draw(st.sampled_from(["yes", "no", ""])),
                    "company": draw(st.sampled_from(["", values["company"]])),
                }
                happened.append(("record", (connection, person, said)))
            if draw(st.booleans()):
                outcome = draw(st.sampled_from(["open", "won", "lost"]))
                happened.append(("deal", (connection, person, outcome)))
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(["title", "department", "company"]))
        value = draw(st.sampled_from(["営業部", "青空製作所", None]))
        happened.append(("edit", (draw(st.sampled_from(["1", "2"])), name, value)))
    return [*happened, *draw(st.lists(st.sampled_from(happened), max_size=3))]


def live(shelves: Shelves, happened: list[tuple[str, Any]]) -> tuple[str, str]:
    who: dict[str, str] = {}
    for what, given_ in happened:
        if what == "record":
            connection, person, values = given_
            who[person] = hear(shelves, connection, person, **values)
        elif what == "deal":
            connection, person, outcome = given_
            hear_deal(shelves, connection, f"d{person}", person, name="導入", outcome=outcome)
        elif given_[0] in who:
            person, name, value = given_
            shelves.tick(seconds=1)
            edits.edit_lead(shelves.hub, who[person], {name: value}, user=USER)
    return who["1"], who["2"]


LAW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # a smaller example takes minutes to find
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@LAW
@given(happened=lives(), turned=st.booleans())
def test_merging_and_taking_back_is_nothing(
    database: Database, clock: Any, happened: list[tuple[str, Any]], turned: bool
) -> None:
    empty(database)
    shelves = Shelves(database, clock.pass_time, NAMES)
    one, other = live(shelves, happened)
    before, last = stored(database), history(database)
    shelves.tick(minutes=5)
    merging.merge(shelves.hub, *((other, one) if turned else (one, other)), user=USER)
    assert len(shelves.leads()) == 1
    shelves.tick(minutes=5)
    merging.unmerge(shelves.hub, one, user=USER)
    after = stored(database)
    for table, held in before.items():
        assert after[table] == held, table
    assert history(database, last[-1][0]) == last
    with database.read() as tx:
        assert matches.merges_of(tx, one) == matches.merges_of(tx, other) == []


@settings(LAW, max_examples=25)
@given(happened=lives(), turned=st.booleans())
def test_merging_writing_and_taking_back_ends_where_it_began(
    database: Database, clock: Any, happened: list[tuple[str, Any]], turned: bool
) -> None:
    empty(database)
    shelves = Shelves(database, clock.pass_time, NAMES)
    for what, given_ in happened:
        if what == "record":
            connection, person, values = given_
            shelves.at[connection].people.setdefault(person, {}).update(values)
    one, other = live(shelves, happened)
    shelves.settle()
    before, there = stored(database, learned=False), held_at(shelves)
    shelves.tick(minutes=5)
    merging.merge(shelves.hub, *((other, one) if turned else (one, other)), user=USER)
    shelves.settle()
    merging.unmerge(shelves.hub, one, user=USER)
    after = stored(database, learned=False)
    for table, held in before.items():
        assert after[table] == held, table
    shelves.settle()
    assert held_at(shelves) == there
