"""Verbs about the operator's files: check (what is wrong) and schema (what may stand there)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, SIGN_IN, USAGE
from sync.cli.frame import verb
from sync.cli.out import Out

if TYPE_CHECKING:
    from sync.config.errors import ConfigError
    from sync.config.findings import Finding


def add(app: typer.Typer) -> None:
    """Add ``check``."""
    verb(app, "check")(check)


def add_schema(app: typer.Typer) -> None:
    """Add ``schema``."""
    verb(app, "schema")(schema)


def tell_config_errors(out: Out, errors: Sequence[ConfigError]) -> None:
    """Tell every mistake with its place, its line and what would be right."""
    import sys

    for error in errors:
        out.item(
            "config_error",
            file=error.file,
            line=error.line,
            column=error.column,
            code=error.code,
            message=error.message,
            hint=error.hint,
            severity=error.severity,
        )
        if not out.as_json and not (out.quiet and error.severity == "warning"):
            print(f"{error}\n", file=sys.stderr)  # noqa: T201
    wrong = sum(error.severity == "error" for error in errors)
    if wrong:
        out.note("check.errors", count=wrong)


def check(
    desk: Desk,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Connections; default: all.", metavar="[NAME]...", show_default=False),
    ] = None,
    connect: Annotated[
        bool, typer.Option("--connect", help="Ask the vendors too: credentials, scopes, fields.")
    ] = False,
) -> int:
    """Find every mistake in the directory.

    Each comes with its file, line and column.

    With --connect each connection tells if it is reachable, as whom, which scopes are missing,
    what is left of the quota, how far the clocks are apart, and where field maps do not fit.
    """
    from sync.config.check import check as find_mistakes

    config = desk.config
    chosen = desk.known(names or [])
    found = find_mistakes(config, desk.registry)
    if chosen:
        found = [one for one in found if Path(one.file).stem in chosen]
    tell_config_errors(desk.out, found)
    wrong = sum(one.severity == "error" for one in found)
    desk.out.item(
        "checked", connections=len(config.connections), errors=wrong, warnings=len(found) - wrong
    )
    if wrong:
        return USAGE
    if connect:
        return _connect(desk, chosen or list(config.connections))
    desk.out.say("check.fine", count=len(config.connections), warnings=len(found))
    desk.out.next("renkei check --connect")
    return OK


def _connect(desk: Desk, names: Sequence[str]) -> int:
    from sync.config.check import connect_check

    code = OK
    for name in names:
        flow = desk.flow(name)
        installed = desk.registry.get(flow.config.connector)
        found = connect_check(flow.connector, desk.config, name, installed, flow.maps)
        for one in found:
            desk.out.item(
                "finding",
                connection=name,
                topic=one.topic,
                state=one.state,
                code=one.code,
                message=one.message,
                hint=one.hint,
                file=one.file or None,
                line=one.line or None,
                column=one.column or None,
            )
        desk.out.line(f"{name} ({installed.manifest.name})")
        for one in found:
            desk.out.line(_finding(one))
        if any(one.topic == "identity" and one.state == "error" for one in found):
            code = SIGN_IN
        elif code == OK and any(one.state == "error" for one in found):
            code = ERROR
        elif _may_resume(desk, name):
            desk.out.next(f"renkei resume {name}")
    return code


_MARKS = {"ok": "✓", "note": "·", "warning": "!", "error": "✗"}


def _finding(one: Finding) -> str:
    place = f"{one.file}:{one.line}:{one.column}: " if one.file else ""
    line = f"  {_MARKS[one.state]} {place}{one.message}"
    return f"{line}\n    = {one.hint}" if one.hint else line


def _may_resume(desk: Desk, name: str) -> bool:
    from sync.store import runs

    with desk.database.read() as tx:
        state = runs.connection_states(tx).get(name)
    return state is not None and state.state == "needs_auth"


def schema(
    desk: Desk,
    write: Annotated[
        bool, typer.Option("--write", help="Write .renkei/schema/*.json, which editors read.")
    ] = False,
) -> int:
    """Give the JSON Schemas of the operator's files.

    They know the options of every installed connector.
    """
    from sync.config.schema import json_schemas, write_schemas

    if write:
        for path in write_schemas(desk.root, desk.registry):
            name = path.relative_to(desk.root).as_posix()
            desk.out.item("written", file=name)
            desk.out.line(name)
        return OK
    schemas = json_schemas(desk.registry)
    for name, body in schemas.items():
        desk.out.item("schema", name=name, schema=body)
    desk.out.line(json.dumps(schemas, ensure_ascii=False, indent=2, sort_keys=True))
    return OK
