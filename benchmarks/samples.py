"""What a hub's process and its database take while they work, and whether that stays flat."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from benchmarks.matching import family
from sync.store.database import Database

TOLERANCE = 0.05
SPARE = {"rss_mb": 2.0, "threads": 2.0, "files": 5.0, "wal_mb": 1.0, "waiting": 200.0}
"""How much each may grow beside the tolerance: a figure that is small moves by more than a part."""
LOG_MB = 64.0
"""What SQLite's log is cut to once it was larger; below that it grows to its largest and stays."""
TABLES = (
    "inbox",
    "hook",
    "lead",
    "link",
    "match_key",
    "history",
    "stage_history",
    "outbox",
    "run",
    "tick",
    "set_aside",
)

Sample = Mapping[str, float]


def process(pid: int) -> dict[str, float]:
    """Memory in MB, threads and open files of a process and of those it started."""
    found = {"rss_mb": 0.0, "threads": 0.0, "files": 0.0}
    for one in family(pid):
        at = Path(f"/proc/{one}")
        try:
            status = dict(
                line.split(":", 1)
                for line in (at / "status").read_text().splitlines()
                if ":" in line
            )
            found["files"] += len(list((at / "fd").iterdir()))
        except OSError:
            continue  # it ended meanwhile
        found["rss_mb"] += int(status.get("VmRSS", "0 kB").split()[0]) / 1024
        found["threads"] += int(status["Threads"])
    return found


def queues(database: Database) -> dict[str, float]:
    """What waits in the database, and the size of SQLite's log in MB."""
    with database.read() as tx:
        ((inbox,),) = tx.rows("SELECT count(*) FROM inbox WHERE state = 'new'")
        ((hook,),) = tx.rows("SELECT count(*) FROM hook WHERE state = 'new'")
        ((outbox,),) = tx.rows("SELECT count(*) FROM outbox")
    found = {"waiting": float(inbox + hook + outbox)}
    if database.dialect == "sqlite":
        log = Path(database.url.removeprefix("sqlite:///") + "-wal")
        found["wal_mb"] = log.stat().st_size / 2**20 if log.exists() else 0.0
    return found


def counts(database: Database) -> dict[str, int]:
    """Rows by table."""
    with database.read() as tx:
        return {name: int(tx.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in TABLES}


def sizes(database: Database) -> dict[str, int]:
    """Bytes by table, indexes included; "" is all there is."""
    if database.dialect == "sqlite":
        path = database.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
            found = dict(
                raw.execute(
                    "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name)"
                    " GROUP BY tbl_name"
                )
            )
            ((whole,),) = raw.execute(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            )
        return {"": int(whole), **{name: int(size) for name, size in found.items()}}
    with database.read() as tx:
        rows = tx.rows(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        ((whole,),) = tx.rows("SELECT pg_database_size(current_database())")
    return {"": int(whole), **{str(name): int(size) for name, size in rows}}


def grew(samples: Sequence[Sample]) -> list[str]:
    """What grew from the first third of the samples to the last, in words; nothing: flat.

    Compared are medians; of the log, which comes and goes, the peaks.
    """
    third = len(samples) // 3
    if not third:
        return ["too few samples to tell"]
    told = []
    for name, spare in SPARE.items():
        if name not in samples[0]:
            continue
        pick = max if name == "wal_mb" else median
        if name == "wal_mb" and max(one[name] for one in samples) <= LOG_MB:
            continue
        before = pick([one[name] for one in samples[:third]])
        after = pick([one[name] for one in samples[-third:]])
        if after > before * (1 + TOLERANCE) + (spare if name != "rss_mb" else 0.0):
            told.append(f"{name} grew from {before:,.1f} to {after:,.1f}")
    return told
