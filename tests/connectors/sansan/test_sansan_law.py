"""The law of pulling: no card is missed, whatever happens between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.kit.base import Page
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.sansan import Connector, Options, connect
from connectors.sansan.pull import Cursor, stamp
from connectors.sansan.simulator import DEFAULT_KEY, Simulator

Event = tuple[str, int]
events = st.lists(
    st.one_of(
        st.tuples(st.just("scan"), st.sampled_from([0, 1])),
        st.tuples(st.just("edit"), st.integers(0, 9)),
        st.tuples(st.just("digitise"), st.integers(0, 9)),
        st.tuples(st.just("delete"), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 3600, 200_000, 5_000_000])),
        st.tuples(st.just("page"), st.sampled_from([1, 2, 9])),
    ),
    min_size=6,
    max_size=40,
)


class Hub:
    """Keeps the newest state of each card, and the last cursor; reads a page, or several."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.cursor: str | None = None
        self.held: dict[str, str] = {}
        self.walk: Iterator[Page] | None = None

    def take(self, page: Page) -> None:
        self.cursor = page.cursor
        for record in page.records:
            self.held[record.external_id] = str(record.payload["memo"])

    def message(self, pages: int, *, restart: bool) -> None:
        if self.walk is None or restart:
            self.walk = self.connector.pull("bizCards", self.cursor)
        for _ in range(pages):
            page = next(self.walk, None)
            if page is None:
                self.walk = None
                return
            self.take(page)


def happen(simulator: Simulator, alive: list[str], what: str, number: int, memo: str) -> None:
    """What people do to cards; what needs a card is left out where there is none."""
    if what == "scan":
        alive.append(simulator.scan(digitised=bool(number), memo=memo))
    elif alive and what == "delete":
        simulator.delete(alive.pop(number % len(alive)))
    elif alive and what == "digitise":
        simulator.digitise(alive[number % len(alive)], lastName="渡辺")
    elif alive:
        simulator.edit(alive[number % len(alive)], memo=memo)


@pytest.mark.parametrize("restart", [True, False], ids=["a page a message", "one long walk"])
@given(script=events, size=st.integers(1, 4))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_state_of_a_card_is_missed_whatever_happens_between_pages(
    script: list[Event], size: int, *, restart: bool
) -> None:
    now = [datetime(2026, 4, 1, tzinfo=UTC)]
    simulator = Simulator(now=lambda: now[0], rate=None)
    options = {"api_key": DEFAULT_KEY, "since": "2026-03-20", "page_size": size, "overlap": 60}
    wiring = Wiring(
        "cards",
        MemoryTokens(),
        transport=in_process(simulator),
        now=lambda: now[0],
        sleep=lambda _: None,
    )
    connector = connect(Options.model_validate(options), wiring)
    hub = Hub(connector)
    alive: list[str] = []
    for step, (what, number) in enumerate(script):
        match what:
            case "wait":
                now[0] += timedelta(seconds=number)
            case "page":
                hub.message(number, restart=restart)
            case _:
                happen(simulator, alive, what, number, memo=str(step))
    for page in hub.walk or ():
        hub.take(page)
    for _ in range(2):
        for page in connector.pull("bizCards", hub.cursor):
            hub.take(page)
    wanted = {
        card: str(simulator.cards[card]["memo"])
        for card in alive
        if simulator.cards[card]["entryStatus"] == "completed"
    }
    connector.session.close()
    simulator.close()
    assert wanted.items() <= hub.held.items()


seconds = st.integers(1_500_000_000, 1_900_000_000)


@given(mark=st.none() | seconds, at=seconds, until=seconds, token=st.none() | st.text(min_size=1))
def test_a_cursor_is_read_as_it_was_written(
    mark: int | None, at: int, until: int, token: str | None
) -> None:
    def text(value: int | None) -> str | None:
        return None if value is None else stamp(datetime.fromtimestamp(value, UTC))

    inside = Cursor(text(mark), "updated", text(at), text(until), token)
    for cursor in (inside, Cursor(text(mark))):
        assert Cursor.load(cursor.dump()) == cursor


def test_a_finished_cursor_is_a_plain_time_that_people_can_read() -> None:
    assert Cursor("2026-04-01T00:00:00Z").dump() == "2026-04-01T00:00:00Z"
