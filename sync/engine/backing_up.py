"""Back the database up into a file, and put it back from one: each whole, or not at all.

A kill at any moment leaves what was there before. What is being made lies beside its place under
another name until it is proven; the next backup or restore writes over it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import DBAPIError

from sync.engine.crash import crashpoint
from sync.engine.processes import InUse
from sync.store import backups, epochs, runs, sessions
from sync.store import upgrade as schemas
from sync.store.backups import Header
from sync.store.database import Database, Tx, iso
from sync.store.epochs import Replaced

LOCKED = "55P03"
"""PostgreSQL's lock_not_available."""

__all__ = ["Restored", "back_up", "prove", "restore"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to. ``aside`` is where the replaced database is kept; "" without one."""

    header: Header
    epoch: int
    aside: str


def back_up(database: Database, to: Path, *, version: str) -> Header:
    """Write a backup file of the database as it is at this moment; the hub may go on meanwhile.

    Raises FileExistsError rather than write over a file, and BadBackup where the database is empty
    or damaged.
    """
    if to.exists():
        raise FileExistsError(str(to))
    snapshot, draft = _beside(to, "snapshot"), _beside(to, "part")
    now = iso(datetime.now(UTC))
    try:
        backups.copy_out(database, snapshot)
        crashpoint("backup.after_snapshot")
        header = backups.pack(
            snapshot, draft, version=version, made_at=now, taken_from=database.dialect
        )
        crashpoint("backup.before_name")
        os.link(draft, to)  # unlike a rename it never writes over a file
        backups.sync_folder(to.parent)
    finally:
        draft.unlink(missing_ok=True)
        snapshot.unlink(missing_ok=True)
    return header


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f".{path.name}.{what}")


def prove(source: Path) -> Header:
    """What a backup says of itself, proven; raises BadBackup where it is not whole."""
    with TemporaryDirectory(prefix="renkei-prove-") as home:
        return backups.unpack(source, Path(home) / "backup.sqlite3")


def restore(
    database: Database, source: Path, names: Iterable[str], unread: Iterable[str]
) -> Restored:
    """Put a backup in the database's place, and begin an epoch.

    The connections ``names`` are marked: they are read once more before anything but opt-outs is
    written to them. Those that are written and never read (``unread``) are paused. The replaced
    database is kept aside. Raises BadBackup where the file is not whole, NewerSchema where this
    version does not know its schema, and InUse where other processes use the database. On an error,
    as after a kill, the database is as it was.
    """
    header = backups.read_header(source)
    if header.schema not in schemas.known():
        raise schemas.NewerSchema(
            f"the backup is of schema {header.schema}, which this version does not know:"
            f" it was made by Renkei {header.renkei}; install that version"
        )
    rule = _Rule(list(names), list(unread))
    if database.dialect == "sqlite":
        return _restore_sqlite(database, source, rule)
    return _restore_postgres(database, source, rule)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What becomes of a restored database before anybody sees it."""

    names: list[str]
    unread: list[str]

    def apply(self, tx: Tx, old: Replaced | None, columns: set[str]) -> int:
        """Begin the epoch; its number."""
        now = iso(datetime.now(UTC))
        marked = [name for name in self.names if name not in self.unread]
        number = epochs.begin(tx, marked, now, old, columns)
        for name in self.unread:
            runs.set_connection(tx, name, "paused", UNREAD, now)
        return number


UNREAD = (
    "a backup was restored, and what was written to this connection since is not known, for it is"
    " not read: look for records that would be made twice, then resume it"
)


def _restore_sqlite(database: Database, source: Path, rule: _Rule) -> Restored:
    place = Path(database.path)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = _beside(place, "restoring")
    header = backups.unpack(source, draft)
    crashpoint("restore.after_unpack")
    old = _outlives(place)
    made = Database(f"sqlite:///{draft}")
    try:
        with made.write() as tx:
            number = rule.apply(tx, old, backups.columns(draft))
    finally:
        made.close()
    backups.close_up(draft)
    aside = _set_aside(place)
    crashpoint("restore.before_swap")
    draft.replace(place)
    backups.sync_folder(place.parent)
    crashpoint("restore.after_swap")
    return Restored(header, number, aside)


def _outlives(place: Path) -> Replaced | None:
    """What is kept of the database that is replaced; None where it is damaged, or not there.

    Whoever lets go last has SQLite put everything into one file. Where it did not, somebody is in.
    """
    if not place.exists():
        return None
    old = Database(f"sqlite:///{place}")
    try:
        with old.write() as tx:
            found = epochs.replaced(tx)
    except DBAPIError as error:
        if "locked" in str(error.orig):
            raise InUse("another process is writing to the database") from error
        return None
    finally:
        old.close()
    if place.with_name(f"{place.name}-wal").exists():
        raise InUse("another process has the database open")
    return found


def _set_aside(place: Path) -> str:
    """Give the replaced database a second name; it keeps the first until another file has it."""
    if not place.exists():
        return ""
    aside = place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    try:
        os.link(place, aside)
    except OSError:  # a file system without second names
        shutil.copy2(place, aside)
    for tail in ("-wal", "-shm"):  # of a damaged one only: they must not meet the new database
        with suppress(FileNotFoundError):
            place.with_name(f"{place.name}{tail}").rename(f"{aside}{tail}")
    return str(aside)


def _restore_postgres(database: Database, source: Path, rule: _Rule) -> Restored:
    """All in one transaction: who looks meanwhile sees the old tables, and then the new ones."""
    with TemporaryDirectory(prefix="renkei-restore-") as home:
        draft = Path(home) / "backup.sqlite3"
        header = backups.unpack(source, draft)
        crashpoint("restore.after_unpack")
        try:
            with database.write() as tx:
                number, aside = _put_in_place(tx, draft, header, rule)
                crashpoint("restore.before_swap")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == LOCKED:
                raise InUse("another session holds its tables") from error
            raise
        crashpoint("restore.after_swap")
    return Restored(header, number, aside)


def _put_in_place(tx: Tx, draft: Path, header: Header, rule: _Rule) -> tuple[int, str]:
    tx.write("SET LOCAL lock_timeout = '10s'")
    if sessions.others(tx):
        raise InUse("other processes are connected to the database")
    is_empty = schemas.current_of(tx.connection) is None
    old = None if is_empty else epochs.replaced(tx)
    aside = sessions.set_aside(tx, f"before_{datetime.now(UTC):%Y%m%dt%H%M%S%f}")
    schemas.upgrade_over(tx.connection, header.schema)
    backups.fill(tx.connection, draft)
    return rule.apply(tx, old, backups.columns(draft)), aside
