"""The law of pulling: whatever happens, and wherever a pull is broken off, nothing is missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hubspot import Connector, Options, connect
from connectors.hubspot.simulator import Limits, Simulator
from connectors.kit.base import Record
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 7)),
        st.tuples(st.just("edit"), st.integers(0, 99)),
        st.tuples(st.just("archive"), st.integers(0, 99)),
        st.tuples(st.just("restore"), st.integers(0, 99)),
        st.tuples(st.just("merge"), st.integers(0, 99)),
        st.tuples(st.just("wait"), st.sampled_from([0.5, 2, 30, 100, 1000])),
        st.tuples(st.just("pull"), st.integers(1, 4)),
    ),
    max_size=25,
)


class Follower:
    """What somebody knows of a portal who only pulls: the newest version of each record."""

    def __init__(self, hub: Connector) -> None:
        self.hub = hub
        self.cursor: str | None = None
        self.known: dict[str, Record] = {}
        self.moved: dict[str, str] = {}

    def pull(self, pages: int | None = None) -> None:
        for page in islice(self.hub.pull("contacts", self.cursor), pages):
            self.cursor = page.cursor
            for one in page.records:
                held = self.known.get(one.external_id)
                if held is None or (one.changed_at and held.changed_at <= one.changed_at):  # type: ignore[operator]
                    self.known[one.external_id] = one
                self.moved |= {ref.external_id: one.external_id for ref in one.previous_ids}


class World:
    def __init__(self, skew: float) -> None:
        self.moment = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
        self.portal = Simulator(
            now=lambda: self.moment,
            search_cap=8,
            index_lag=40,
            limits=Limits(10**6, 10**6, 10**7),
        )
        options = Options.model_validate(
            {
                "base_url": "https://hubspot.test",
                "token": self.portal.token,
                "page_size": 2,
                "deletes_every": 50,
                "overlap": 10,
                "searches_per_second": 10**6,
            }
        )
        wiring = Wiring(
            connection="hs-jp",
            tokens=MemoryTokens(),
            transport=in_process(self.portal),
            now=lambda: self.moment + timedelta(seconds=skew),
            sleep=lambda _: None,
        )
        self.follower = Follower(connect(options, wiring))
        self.alive: list[str] = []
        self.binned: list[str] = []
        self.merged: dict[str, str] = {}
        self.edits = 0

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def do(self, step: str, number: Any) -> None:
        self.edits += 1
        if step == "wait":
            self.wait(number)
        elif step == "pull":
            self.follower.pull(number)
        elif step == "add":
            for _ in range(number):  # at one moment, more than a page
                self.alive.append(self.portal.add_contact(city="初"))
        elif step == "restore" and self.binned:
            self.wait(1)
            own = self.binned.pop(number % len(self.binned))
            self.portal.restore("contacts", own)
            self.alive.append(own)
        elif self.alive and step != "restore":
            self.wait(1)
            self._touch(step, number)

    def _touch(self, step: str, number: int) -> None:
        own = self.alive[number % len(self.alive)]
        if step == "edit":
            self.portal.set_property("contacts", own, "city", f"{self.edits}区")
        elif step == "archive":
            self.alive.remove(own)
            self.binned.append(own)
            self.portal.archive("contacts", own)
        elif step == "merge" and len(self.alive) > 1:
            self.alive.remove(own)
            winner = self.alive[number % len(self.alive)]
            self.portal.merge("contacts", winner, own)
            self.merged[own] = winner


@settings(max_examples=50, deadline=None)
@given(steps=STEPS, skew=st.sampled_from([0, -25, 25]))
def test_whatever_happens_a_follower_ends_up_knowing_the_portal(
    steps: list[tuple[str, Any]], skew: float
) -> None:
    """Also when our clock is not the vendor's."""
    world = World(skew)
    for step, number in steps:
        world.do(step, number)
    world.wait(130)
    world.follower.pull()
    world.follower.pull()

    known = world.follower.known
    for own in world.alive:
        truth = world.portal.held("contacts", own)
        assert known[own].payload["properties"]["city"] == truth["city"]
        assert not known[own].deleted
    assert not [own for own in world.binned if own in known and not known[own].deleted]
    for loser in world.merged:
        if loser in known:
            assert loser in world.follower.moved
