"""The law of pulling: no answer is missed, whatever happens between two pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.kit.base import Page
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.typeform import Connector, Options, connect
from connectors.typeform.pull import Cursor, Lane, stamp
from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN, Simulator

STREAM = f"responses:{DEFAULT_FORM_ID}"
PERSON = {
    "email": "watanabe@midori.example",
    "last_name": "渡辺",
    "first_name": "花子",
    "company": "みどり物流株式会社",
}

LAG = 120
Event = tuple[str, int]
events = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from([0, 0, 30, LAG])),
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 40, LAG - 1, 200])),
        st.tuples(st.just("page"), st.sampled_from([1, 2, 9])),
        st.tuples(st.just("delete"), st.integers(0, 9)),
    ),
    min_size=6,
    max_size=40,
)

LATE: list[Event] = [("submit", LAG), ("wait", 40), ("submit", 0), ("page", 9), ("wait", 200)]
"""A later answer is seen, and its cursor saved, before an earlier one appears."""
LATE_AND_SLOW: list[Event] = [
    ("submit", 0),
    ("submit", LAG),
    ("wait", 1),
    ("submit", 0),
    ("page", 2),
    ("wait", 200),
    ("submit", 0),
    ("wait", 200),
    ("submit", 0),
]
"""The late one appears behind a walk that goes on for longer than the overlap."""


class Hub:
    """Keeps what it got and the last cursor; reads a page a message, or several."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.cursor: str | None = None
        self.seen: set[str] = set()
        self.walk: Iterator[Page] | None = None

    def take(self, page: Page) -> None:
        self.cursor = page.cursor
        self.seen |= {record.external_id for record in page.records}

    def message(self, pages: int, *, restart: bool) -> None:
        """Read at most so many pages, going on with the walk at hand or from the cursor."""
        if self.walk is None or restart:
            self.walk = self.connector.pull(STREAM, self.cursor)
        for _ in range(pages):
            page = next(self.walk, None)
            if page is None:
                self.walk = None
                return
            self.take(page)


@pytest.mark.parametrize("restart", [True, False], ids=["a page a message", "one long walk"])
@example(script=LATE, size=4, seed=0)
@example(script=LATE_AND_SLOW, size=1, seed=0)
@given(script=events, size=st.integers(1, 4), seed=st.integers(0, 99))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_missed_whatever_happens_between_pages(
    script: list[Event], size: int, seed: int, *, restart: bool
) -> None:
    now = [datetime(2026, 4, 1, tzinfo=UTC)]
    simulator = Simulator(now=lambda: now[0], rate=None, seed=seed)
    options = {
        "token": DEFAULT_TOKEN,
        "forms": [DEFAULT_FORM_ID],
        "page_size": size,
        "overlap": LAG,
    }
    wiring = Wiring(
        "tf",
        MemoryTokens(),
        transport=in_process(simulator),
        now=lambda: now[0],
        sleep=lambda _: None,
    )
    connector = connect(Options.model_validate(options), wiring)
    hub = Hub(connector)
    alive: list[str] = []
    for what, number in script:
        match what:
            case "submit":
                alive.append(simulator.submit(DEFAULT_FORM_ID, PERSON, lag=number))
            case "wait":
                now[0] += timedelta(seconds=number)
            case "page":
                hub.message(number, restart=restart)
            case _ if alive:
                simulator.delete_response(alive.pop(number % len(alive)))
    now[0] += timedelta(seconds=LAG + 1)
    for page in hub.walk or ():
        hub.take(page)
    for page in connector.pull(STREAM, hub.cursor):
        hub.take(page)
    for page in connector.pull(STREAM, hub.cursor):
        hub.take(page)
    connector.session.close()
    simulator.close()
    assert set(alive) <= hub.seen


seconds = st.none() | st.integers(1_500_000_000, 1_900_000_000)


@given(
    mark=seconds,
    at=seconds,
    skip=st.lists(st.text("0123456789abcdef", min_size=1), max_size=3, unique=True),
)
def test_a_cursor_is_read_as_it_was_written(
    mark: int | None, at: int | None, skip: list[str]
) -> None:
    def text(value: int | None) -> str | None:
        return None if value is None else stamp(datetime.fromtimestamp(value, UTC))

    inside = Lane(text(mark), text(at), tuple(skip) if at else (), text(at))
    for cursor in (Cursor(inside), Cursor(Lane(text(mark))), Cursor(Lane(text(mark)), inside)):
        assert Cursor.load(cursor.dump()) == cursor


def test_a_finished_cursor_is_a_plain_time_that_people_can_read() -> None:
    assert Cursor(Lane("2026-04-01T00:00:00Z")).dump() == "2026-04-01T00:00:00Z"
    assert json.loads(
        Cursor(Lane("2026-04-01T00:00:00Z"), Lane(at="2026-03-01T00:00:00Z")).dump() or ""
    )
