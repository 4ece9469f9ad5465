"""Verbs about the operator's files: check (what is wrong) and schema (what may stand there)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, SIGN_IN, USAGE, refused
from sync.cli.frame import verb
from sync.cli.out import Out

if TYPE_CHECKING:
    from connectors.registry import Installed
    from mapping.stage_rules import StageRules
    from sync.config.description import Sheet
    from sync.config.errors import ConfigError
    from sync.config.findings import Finding
    from sync.config.vendor import Connected
    from sync.engine.hub import Flow


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
    patch: Annotated[
        bool,
        typer.Option(
            "--patch",
            help="With --connect: propose a patch of fields/*.yaml that has every option read and"
            " written.",
        ),
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Apply the patch that --patch proposes.")
    ] = False,
) -> int:
    """Find every mistake in the directory.

    Each comes with its file, line and column.

    With --connect each connection tells if it is reachable, as whom, which scopes are missing,
    what is left of the quota, how far the clocks are apart, where field maps do not fit, which
    options a map cannot read or write, and what has changed at the vendor since the last look.
    """
    from sync.config.check import check as find_mistakes

    if (patch and not connect) or (write and not patch):
        raise refused("PATCH_ALONE", next="renkei check --connect --patch")
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
        return _connect(desk, chosen or list(config.connections), patch=patch, write=write)
    desk.out.say("check.fine", count=len(config.connections), warnings=len(found))
    desk.out.next("renkei check --connect")
    return OK


def _connect(desk: Desk, names: Sequence[str], *, patch: bool, write: bool) -> int:
    from sync.config.check import connect_check

    code = OK
    for name in names:
        flow = desk.flow(name)
        installed = desk.registry.get(flow.config.connector)
        connected = connect_check(flow.connector, desk.config, name, installed, flow.maps)
        left = connected.findings
        _tell_findings(desk.out, name, left)
        desk.out.line(f"{name} ({installed.manifest.name})")
        for one in left:
            desk.out.line(_finding(one))
        _tell_news(desk, flow, connected.sheets)
        if patch and _patched(desk, flow, installed, connected.sheets, write=write):
            left = _left(desk, name, installed, connected)
        if any(one.topic == "identity" and one.state == "error" for one in left):
            code = SIGN_IN
        elif code == OK and any(one.state == "error" for one in left):
            code = ERROR
        elif _may_resume(desk, name):
            desk.out.next(f"renkei resume {name}")
    return code


def _tell_findings(out: Out, name: str, found: Sequence[Finding]) -> None:
    for one in found:
        out.item(
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


def _tell_news(desk: Desk, flow: Flow, sheets: Mapping[str, Sheet]) -> None:
    """Take in what the vendor said of its streams; tell what has changed since the last look."""
    from sync.engine import drift
    from sync.engine.drifted import drift_words

    out, language = desk.out, desk.config.hub.language
    news = drift.learn(desk.hub, flow, sheets, tell=True).news if sheets else []
    if news:
        out.line(f"  {out.words('check.news')}")
    for one in news:
        edit = one.drift
        message, _ = drift_words(flow.name, one.stream, edit, language, edit.changes)
        out.item(
            "drift",
            connection=flow.name,
            stream=one.stream,
            code=edit.code,
            field=edit.field,
            option=edit.option or None,
            message=message,
            set_aside=one.is_aside,
            at=one.at,
        )
        out.line(f"  {_MARKS['warning' if one.is_aside else 'note']} {message}")
    aside = sum(one.is_aside for one in news)
    if aside:
        out.line(f"  {out.words('check.news_aside', count=aside)}")
        out.next(f"renkei errors --connection {flow.name} --kind field")


def _patched(
    desk: Desk, flow: Flow, installed: Installed, sheets: Mapping[str, Sheet], *, write: bool
) -> bool:
    """Propose a patch of a connection's fields file; whether it was written."""
    from sync.config.fieldcheck import stream_edits
    from sync.config.patch import proposed
    from sync.engine.hub import stream_type

    out = desk.out
    groups = [
        some
        for stream, sheet in sheets.items()
        if stream_type(stream) in flow.maps
        for _, some in stream_edits(flow.config, stream, flow.map_for(stream), sheet)
        if some
    ]
    patch = proposed(desk.config, flow.name, installed, groups)
    if patch is None:
        out.say("patch.none", name=flow.name)
        return False
    if write:
        patch.write()
    out.item("patch", connection=flow.name, file=patch.name, written=write, diff=patch.diff)
    out.line(patch.diff.rstrip("\n"))
    if write:
        out.say("patch.written", file=patch.name)
    else:
        out.next(f"renkei check --connect {flow.name} --patch --write")
    return write


def _left(desk: Desk, name: str, installed: Installed, connected: Connected) -> list[Finding]:
    """What is left of the findings once a patch was written; the vendor is not asked again."""
    from sync.config.load import load
    from sync.config.maps import maps_of
    from sync.config.vendor import map_findings

    config = load(desk.root, env=desk.world.env, registry=desk.registry)
    maps = maps_of(config, name, installed)
    kept = [one for one in connected.findings if one.topic != "fields" or one.code == "NO_STREAM"]
    return kept + map_findings(config, name, installed, maps, connected.sheets)


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

    They know the options of every installed connector, and your own stages.
    """
    from sync.config.schema import json_schemas, write_schemas

    if write:
        for path in write_schemas(desk.root, desk.registry, _rules(desk)):
            name = path.relative_to(desk.root).as_posix()
            desk.out.item("written", file=name)
            desk.out.line(name)
        return OK
    schemas = json_schemas(desk.registry, _rules(desk))
    for name, body in schemas.items():
        desk.out.item("schema", name=name, schema=body)
    desk.out.line(json.dumps(schemas, ensure_ascii=False, indent=2, sort_keys=True))
    return OK


def _rules(desk: Desk) -> StageRules:
    """The company's stages; the usual ones where there is no configuration that can be read."""
    from mapping.stage_rules import DEFAULT
    from sync.config.errors import ConfigErrors

    if not (desk.root / "renkei.yaml").is_file():
        return DEFAULT
    try:
        return desk.stage_rules
    except ConfigErrors:
        return DEFAULT
