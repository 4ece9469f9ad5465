"""Whatever order records arrive in, the hub ends in the same state."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.kit.base import Record
from sync.engine.pull import receive
from sync.engine.resolve import resolve_due
from sync.store.database import Database
from sync.store.upgrade import upgrade
from tests.sync.engine.conftest import Shelves

START = datetime(2026, 3, 1, tzinfo=UTC)
TITLES = ("", "課長", "部長")
STATUSES = ("new", "mql", "talking", "deal")


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[str, Record]]:
    """Three people, each in some systems, with values that differ and a time for each."""
    found = []
    moment = START
    for person in range(3):
        for connection in draw(st.sets(st.sampled_from(["crm", "sfa", "ma"]), min_size=1)):
            moment += timedelta(hours=1)
            values = {
                "email": f"person{person}@aozora.example",
                "family": "佐藤",
                "given": f"花子{person}",
                "title": draw(st.sampled_from(TITLES)),
                "status": draw(st.sampled_from(STATUSES)),
                "mail": draw(st.sampled_from(["yes", "no", ""])),
            }
            found.append((connection, Record("people", str(person), values, changed_at=moment)))
    return found


def outcome(deliveries: list[tuple[str, Record]], size: int) -> Any:
    with tempfile.TemporaryDirectory() as home:
        clock = START + timedelta(days=30)
        database = Database(f"sqlite:///{Path(home) / 'renkei.sqlite3'}", clock=lambda: clock)
        upgrade(database)
        hub = Shelves(database, lambda **_: None, ["crm", "sfa", "ma"])
        for start in range(0, len(deliveries), size):
            with database.write() as tx:
                for connection, record in deliveries[start : start + size]:
                    receive(
                        tx,
                        hub.hub.flows[connection],
                        [record],
                        source="pull",
                        run_id=None,
                        now=hub.hub.stamp(),
                    )
            resolve_due(hub.hub)
        found = [(lead.fields, lead.stage, lead.name) for lead in hub.leads()]
        database.close()
        return found


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(data=st.data(), records=deliveries(), size=st.integers(1, 5))
def test_the_order_of_arrival_does_not_matter(
    data: st.DataObject, records: list[tuple[str, Record]], size: int
) -> None:
    shuffled = data.draw(st.permutations(records))
    assert outcome(shuffled, size) == outcome(records, 100)
