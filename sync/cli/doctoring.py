"""``renkei doctor``: all checks, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR
from sync.cli.failures import OK as DONE
from sync.cli.frame import verb

if TYPE_CHECKING:
    from sync.cli.doctor.findings import Check, Visit


def add(app: typer.Typer) -> None:
    """Add ``doctor``."""
    verb(app, "doctor")(doctor)


def doctor(
    desk: Desk,
    online: Annotated[
        bool,
        typer.Option("--online", help="Ask the vendors, and call public_url as they would."),
    ] = False,
) -> int:
    """Look whether the installation is well, and say what to do where it is not.

    A line for each check: OK, WARN or FAIL. Writes nothing. Ends with 1 where something fails.
    """
    from sync.cli.doctor.findings import FAIL, OK, WARN, Visit, run

    visit = Visit(desk, online)
    counts = dict.fromkeys((OK, WARN, FAIL), 0)
    failed: set[str] = set()
    for check in _checks(visit, failed):
        if failed.intersection(check.needs):
            failed.add(check.name)
            continue
        for one in run(check, visit):
            counts[one.state] += 1
            if one.state == FAIL:
                failed.add(check.name)
            message = desk.out.words(f"doctor.{one.key}", **one.says)
            fix = desk.out.words(f"doctor.{one.key}_fix", **one.says) if one.state != OK else ""
            desk.out.item("check", name=check.name, state=one.state, message=message, fix=fix)
            desk.out.line(f"{one.state:<5} {check.name:<16} {message}")
            if fix:
                desk.out.line(f"      → {fix}")
    desk.out.item("summary", ok=counts[OK], warnings=counts[WARN], failures=counts[FAIL])
    desk.out.say("doctor.sum", ok=counts[OK], warnings=counts[WARN], failures=counts[FAIL])
    return ERROR if counts[FAIL] else DONE


def _checks(visit: Visit, failed: set[str]) -> Iterator[Check]:
    """The checks in order; those of connections once the configuration is known to be right."""
    from sync.cli.doctor import installation, storage, work
    from sync.cli.doctor.findings import Check

    yield Check("python", installation.python)
    yield Check("packages", installation.names)
    yield Check("configuration", installation.configuration)
    config, stored, whole = ("configuration",), ("database",), ("schema",)
    yield Check("key", installation.key, config)
    yield Check("database", storage.database, config)
    yield Check("file", storage.file, stored)
    yield Check("schema", storage.schema, ("database", "file"))
    yield Check("disk", storage.disk, config)
    yield Check("clock", storage.clock, stored)
    yield Check("sealed", installation.sealed, whole)
    yield Check("broker", storage.broker, config)
    yield Check("public_url", storage.public_url, config)
    if "configuration" not in failed:
        yield from work.connections(visit.desk.config)
    yield Check("processes", work.processes, stored)
    yield Check("leases", work.leases, whole)
    yield Check("queues", work.queues, whole)
    yield Check("schedules", work.schedules, whole)
    yield Check("set aside", work.set_aside, whole)
