"""A law of reading: whatever people do between and during pulls, nothing is missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kintone import Options, connect
from connectors.kintone.contract import STREAM
from connectors.kintone.simulator import LEADS, TOKEN, Simulator
from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens

SATO = {"氏名": "佐藤 花子", "会社名": "株式会社みなと製作所"}


Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 6)),
        st.tuples(st.just("edit"), st.integers(0, 30)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.integers(1, 90)),
    ),
    max_size=6,
)


class Minutes:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 14, 2, 51, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def stir(simulator: Simulator, clock: Minutes, step: Step) -> None:
    what, number = step
    present = list(simulator.rows(LEADS))
    if what == "add":
        simulator.import_records(LEADS, [SATO] * number)
    elif what == "wait":
        clock.time += timedelta(seconds=number)
    elif present and what == "edit":
        simulator.edit_record(LEADS, present[number % len(present)], {"役職": "部長"})
    elif present:
        simulator.delete_record(LEADS, present[number % len(present)])


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 5),
    overlap=st.integers(0, 1),
    rounds=st.lists(st.tuples(STEPS, STEPS, st.integers(1, 9)), min_size=1, max_size=5),
)
def test_nothing_is_missed_whatever_happens_between_and_during_pulls(
    size: int, overlap: int, rounds: list[tuple[list[Step], list[Step], int]]
) -> None:
    """A hub that now and then dies between two pages ends with what the vendor holds."""
    clock = Minutes()
    simulator = Simulator(now=clock)
    options = {
        "base_url": "http://127.0.0.1:8080",
        "api_tokens": [TOKEN],
        "apps": {"leads": {"app": LEADS}},
        "page_size": size,
        "overlap_minutes": overlap,
    }
    transport, tokens = in_process(simulator), MemoryTokens()
    wiring = Wiring("kintone-test", tokens, transport, clock, lambda seconds: None)
    connector = connect(Options.model_validate(options), wiring)
    seen: set[tuple[str, str | None]] = set()
    cursor: str | None = None
    for before, during, lives in [*rounds, ([], [], 999), ([], [], 999)]:
        for step in before:
            stir(simulator, clock, step)
        waiting = list(during)
        for page in islice(connector.pull(STREAM, cursor), lives):
            seen |= {(record.external_id, record.version) for record in page.records}
            cursor = page.cursor
            if waiting:
                stir(simulator, clock, waiting.pop(0))
    held = {(key, str(row["revision"])) for key, row in simulator.rows(LEADS).items()}
    assert held <= seen
