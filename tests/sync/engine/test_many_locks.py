"""A batch that needs more locks than the server has left is done in smaller ones."""

from typing import Any

import pytest
from psycopg import errors
from sqlalchemy import event

from connectors.kit.base import Record
from sync.engine.pull import receive
from sync.engine.resolve import resolve_due


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_full_table_of_locks_makes_batches_smaller(shelves: Any) -> None:
    most, asked = 100, []

    def refuse(_c: Any, _cursor: Any, sql: str, parameters: Any, _x: Any, _many: Any) -> None:
        if "pg_advisory_xact_lock" in sql and "bigint[]" in sql:
            asked.append(sum(map(len, parameters)))
            if asked[-1] > most:
                raise errors.OutOfMemory("out of shared memory")

    event.listen(shelves.database.engine, "before_cursor_execute", refuse)
    records = [
        Record("people", str(n), {"email": f"p{n}@x{n}.example", "family": "佐", "given": str(n)})
        for n in range(80)
    ]
    with shelves.database.write() as tx:
        receive(
            tx,
            shelves.hub.flows["crm"],
            records,
            source="pull",
            run_id=None,
            now=shelves.hub.stamp(),
        )

    resolve_due(shelves.hub)

    assert max(asked) > most
    assert min(asked) <= most
    assert len(shelves.leads()) == 80
