"""Twenty workers in four processes meet every expiry at once; the vendor revokes on reuse.

``python -m benchmarks.tokens --gate`` is the same with a thousand expiries.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.tokens import storm
from sync.store.database import Database

EXPIRIES = 20


def test_each_expiry_is_refreshed_once_and_no_token_is_used_twice(
    database: Database, tmp_path: Path
) -> None:
    found = storm(database.url, tmp_path, expiries=EXPIRIES)
    assert found["failed"] == []
    assert (found["expired"], found["refreshes"], found["reuses"]) == (EXPIRIES, EXPIRIES, 0)


def test_a_process_killed_with_the_answer_in_hand_costs_no_refresh_and_no_grant(
    database: Database, tmp_path: Path
) -> None:
    found = storm(database.url, tmp_path, expiries=EXPIRIES, dies="after")
    assert found["failed"] == []
    assert found["died"] == 1
    assert (found["expired"], found["refreshes"], found["reuses"]) == (EXPIRIES, EXPIRIES, 0)
