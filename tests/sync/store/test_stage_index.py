"""Who stands at each stage is counted from an index, without a look at the leads."""

from __future__ import annotations

from sync.store import leads
from sync.store.database import Database

COUNTING = (
    "SELECT stage, count(*) FROM lead WHERE merged_into IS NULL GROUP BY stage ORDER BY stage"
)


def test_stages_are_counted_from_the_index_of_leads_that_stand(database: Database) -> None:
    with database.write() as tx:
        if database.dialect == "postgresql":
            tx.write("SET LOCAL enable_seqscan = off")
            told = tx.rows(f"EXPLAIN {COUNTING}")
        else:
            told = tx.rows(f"EXPLAIN QUERY PLAN {COUNTING}")
        assert leads.count_by_stage(tx) == {}
    assert "ix_lead_stage_now" in str(told)
