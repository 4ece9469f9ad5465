"""Verbs that back the database up and put it back: db backup, db restore."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sync.cli.context import Desk, open_hub_for
from sync.cli.failures import CHANGES, ERROR, OK, refused
from sync.cli.frame import verb

File = Annotated[Path, typer.Argument(help="The backup file.", metavar="FILE")]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "backup")(backup)
    verb(app, "restore")(restore)


def backup(desk: Desk, file: File) -> int:
    """Write the database as it is now into a file; the hub goes on meanwhile.

    The file holds everything but the key; keep that elsewhere. It is written whole or not at all,
    and never over another.
    """
    from importlib.metadata import version

    from sync.engine.backing_up import back_up
    from sync.store.backups import BadBackup

    _there(desk)
    place = Path.cwd() / file
    try:
        header = back_up(desk.raw_database, place, version=version("renkei"))
    except FileExistsError as error:
        raise refused("THERE_ALREADY", file=str(file)) from error
    except BadBackup as error:
        raise refused("BACKUP_FAILED", why=str(error), exit_code=ERROR) from error
    except OSError as error:
        raise refused("BACKUP_FAILED", why=error.strerror or error, exit_code=ERROR) from error
    size = place.stat().st_size
    desk.out.item("backup", file=str(file), size=size, schema=header.schema, sha256=header.sha256)
    desk.out.say("backup.done", file=file, size=_size(size), schema=header.schema)
    return OK


def _there(desk: Desk) -> None:
    database = desk.raw_database
    if database.dialect == "sqlite" and not Path(database.path).exists():
        raise refused("NO_FILE", file=database.path)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.0f} kB"


def restore(
    desk: Desk,
    file: File,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only prove that the file is whole.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Put a backup in the place of the database, which is kept aside.

    Nothing else may use the database. Afterwards each connection is read once more before anything
    but opt-outs is written to it: what was written since the backup is found and not made twice.
    """
    from sync.store.backups import BadBackup

    place = Path.cwd() / file
    if not place.is_file():
        raise refused("NO_FILE", file=str(file))
    try:
        return _restore(desk, file, place, dry_run=dry_run, yes=yes)
    except BadBackup as error:
        raise refused("BAD_BACKUP", file=str(file), why=str(error), exit_code=ERROR) from error


def _restore(desk: Desk, file: Path, place: Path, *, dry_run: bool, yes: bool) -> int:
    from sync.engine import backing_up, reconciling
    from sync.engine.processes import nobody_in
    from sync.store import upgrade as schemas
    from sync.store.backups import read_header

    out = desk.out
    header = read_header(place)
    hub = open_hub_for(desk.config, desk.raw_database, desk.world)
    unread = reconciling.unread(hub)
    if dry_run:
        backing_up.prove(place)
        out.item("backup", file=str(file), schema=header.schema, made_at=header.made_at)
        out.say("restore.proven", file=file, at=out.when(header.made_at), schema=header.schema)
        return CHANGES
    question = out.words("restore.ask", at=out.when(header.made_at))
    if not yes and sys.stdin.isatty() and not out.as_json and not typer.confirm(question):
        raise refused("NOT_CONFIRMED", exit_code=ERROR)
    with nobody_in(desk.root):
        done = backing_up.restore(desk.raw_database, place, list(hub.flows), unread)
    out.item(
        "restored",
        schema=header.schema,
        made_at=header.made_at,
        epoch=done.epoch,
        aside=done.aside or None,
        paused=unread,
    )
    out.say("restore.done", at=out.when(header.made_at))
    if done.aside:
        out.say("restore.aside", aside=Path(done.aside).name)
    for name in unread:
        out.say("restore.paused", name=name)
    out.next("renkei run" if header.schema == schemas.head() else "renkei db upgrade")
    return OK
