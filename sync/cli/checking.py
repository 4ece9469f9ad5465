"""Verbs that look before anything happens: check, discover, preview, mapping test, schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, SIGN_IN, USAGE, refused
from sync.cli.frame import verb
from sync.cli.out import Out
from sync.cli.people import shown
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.config.errors import ConfigError
    from sync.config.findings import Finding
    from sync.engine.hub import Flow
    from sync.engine.preview import RecordPreview


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "check")(check)
    verb(app, "discover")(discover)
    verb(app, "preview")(preview)
    verb(app, "schema")(schema)


def add_mapping(app: typer.Typer) -> None:
    """Add ``mapping test``."""
    verb(app, "test")(mapping_test)


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


def discover(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="The connection.")],
    stream: Annotated[
        str | None, typer.Argument(help="One stream, with its fields.", show_default=False)
    ] = None,
) -> int:
    """List a connection's streams, or a stream's fields.

    Fields and stages are as the vendor tells them, with the lead fields they are mapped to.
    """
    flow = desk.flow(name)
    if stream is None:
        return _streams(desk, flow)
    return _fields(desk, flow, one_stream(flow, stream))


def _streams(desk: Desk, flow: Flow) -> int:
    from sync.engine.hub import stream_type

    chosen = set(flow.streams()) if flow.config.pull is not None else set()
    pushed = flow.config.push.stream if flow.config.push is not None else None
    rows = []
    for stream in flow.connector.streams():
        spec = flow.manifest.streams.get(stream_type(stream))
        if spec is None:
            continue
        mapped = stream_type(stream) in flow.maps
        desk.out.item(
            "stream",
            connection=flow.name,
            stream=stream,
            about=str(spec.kind),
            can_pull=spec.pull,
            can_push=spec.push,
            pulled=stream in chosen,
            pushed=stream == pushed,
            mapped=mapped,
        )
        uses = [
            desk.out.words(key)
            for key, does in (("use.pull", stream in chosen), ("use.push", stream == pushed))
            if does
        ]
        can = [
            desk.out.words(key)
            for key, does in (("use.pull", spec.pull), ("use.push", spec.push))
            if does
        ]
        rows.append([stream, str(spec.kind), ", ".join(can), ", ".join(uses) or "–"])
    desk.out.table(("column.stream", "column.about", "column.can", "column.used"), rows)
    return OK


def _fields(desk: Desk, flow: Flow, stream: str) -> int:
    from connectors.kit.base import Describes
    from sync.engine.hub import stream_type

    connector = flow.connector
    if not isinstance(connector, Describes):
        raise refused("NOT_DESCRIBED", name=flow.name, exit_code=ERROR)
    field_map = flow.maps.get(stream_type(stream))
    mapped: dict[str, list[str]] = {}
    for line in field_map.lines if field_map is not None else ():
        for vendor in dict.fromkeys((*line.reads, *((line.to,) if line.to else ()))):
            mapped.setdefault(vendor, []).append(line.field)
    if field_map is not None and field_map.stage is not None:
        mapped.setdefault(field_map.stage.field, []).append("stage")
    rows = []
    for spec in connector.fields(stream):
        desk.out.item(
            "vendor_field",
            connection=flow.name,
            stream=stream,
            name=spec.name,
            label=spec.label,
            type=spec.type,
            required=spec.required,
            writable=spec.writable,
            unique=spec.unique,
            max_length=spec.max_length,
            options=[
                {"value": one.value, "label": one.label, "active": one.active}
                for one in spec.options
            ],
            lead_fields=mapped.get(spec.name, []),
        )
        flags = [
            desk.out.words(key)
            for key, is_so in (
                ("flag.required", spec.required),
                ("flag.read_only", not spec.writable),
                ("flag.unique", spec.unique),
            )
            if is_so
        ]
        options = ", ".join(one.value for one in spec.options if one.active)
        rows.append(
            [
                spec.name,
                cut(spec.label, 30),
                spec.type,
                ", ".join(flags),
                ", ".join(mapped.get(spec.name, [])) or "–",
                cut(options, 60),
            ]
        )
    desk.out.table(
        (
            "column.vendor_field",
            "column.label",
            "column.type",
            "column.flags",
            "column.lead_field",
            "column.options",
        ),
        rows,
        wrap="column.options",
    )
    for stage in connector.stages(stream):
        desk.out.item(
            "vendor_stage",
            connection=flow.name,
            stream=stream,
            value=stage.value,
            label=stage.label,
            closed=stage.closed,
            won=stage.won,
        )
    return OK


def one_stream(flow: Flow, named: str) -> str:
    """The stream a person means: its name, or its type where there is one of it."""
    streams: list[str] = list(flow.connector.streams())
    if named in streams:
        return named
    of_type = [stream for stream in streams if stream.partition(":")[0] == named]
    if len(of_type) == 1:
        return of_type[0]
    raise refused(
        "UNKNOWN_STREAM",
        name=named,
        known=", ".join(of_type or streams),
        next=f"renkei discover {flow.name}",
    )


def preview(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="The connection.")],
    stream: Annotated[str, typer.Argument(help="The stream.")],
    record: Annotated[
        str | None, typer.Option("--record", metavar="ID", help="A record at the vendor.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A JSON file with a record as the vendor sends it."),
    ] = None,
) -> int:
    """Show what becomes of one record; write nothing.

    A real record goes through the field map: values, problems, match keys, the lead it would be.
    """
    from sync.engine.preview import preview_record

    if (record is None) == (file is None):
        raise refused("RECORD_OR_FILE", next=f"renkei preview {name} {stream} --record ID")
    flow = desk.flow(name)
    chosen = one_stream(flow, stream)
    if chosen.partition(":")[0] not in flow.maps:
        raise refused("NO_MAP", stream=chosen, name=name)
    external_id, payload = (
        _fetched(flow, chosen, record) if record is not None else _from_file(file)
    )
    _tell_preview(desk, preview_record(desk.hub, flow, chosen, external_id, payload))
    return OK


def _fetched(flow: Flow, stream: str, record: str) -> tuple[str, Mapping[str, Any]]:
    from connectors.kit.base import Fetches

    if not isinstance(flow.connector, Fetches):
        raise refused("NO_FETCH", name=flow.name, next="renkei preview … --file RECORD.json")
    for found in flow.connector.fetch(stream, [record]):
        if not found.deleted:
            return found.external_id, found.payload
    raise refused("NO_RECORD", id=record, stream=stream, exit_code=ERROR)


def _from_file(file: Path | None) -> tuple[str, Mapping[str, Any]]:
    path = file or Path()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise refused("BAD_FILE", file=str(path), why=str(error)) from error
    if isinstance(found, list) and found:
        found = found[0]
    if not isinstance(found, dict):
        raise refused("BAD_FILE", file=str(path), why="no JSON object")
    return path.stem, found


def _tell_preview(desk: Desk, seen: RecordPreview) -> None:
    from mapping.model import label

    out, draft = desk.out, seen.draft
    stage = draft.stage
    out.item(
        "preview",
        stream=seen.stream,
        external_id=seen.external_id,
        about=seen.kind,
        lines=[
            {
                "field": one.field,
                "vendor": dict(one.vendor),
                "value": one.value,
                "problem": one.code,
            }
            for one in seen.lines
        ],
        values=draft.values,
        stage={"value": stage.value, "stages": list(stage.stages)} if stage else None,
        problems=[
            {"field": p.field, "vendor_field": p.vendor_field, "code": p.code, "message": p.message}
            for p in draft.problems
        ],
        unread=list(seen.unread),
        keys=[key.text() for key in seen.keys],
        verdict=seen.verdict,
        lead=seen.lead_id,
        score=seen.score,
        reasons=[list(reason) for reason in seen.reasons],
    )
    out.table(
        (
            "column.vendor_field",
            "column.vendor_value",
            "column.arrow",
            "column.field",
            "column.value",
        ),
        [
            [
                ", ".join(one.vendor) or "–",
                cut("; ".join(shown(value) for value in one.vendor.values()), 40),
                "→",
                label(one.field, out.language),
                f"✗ {one.code}" if one.code else cut(shown(one.value), 40),
            ]
            for one in seen.lines
        ],
    )
    if stage is not None:
        out.say("preview.stage", value=stage.value, stages=", ".join(stage.stages))
    for problem in draft.problems:
        out.line(f"✗ {problem.field} ({problem.vendor_field}): {problem.message} [{problem.code}]")
        if problem.hint:
            out.line(f"  = {problem.hint}")
    if seen.unread:
        out.say("preview.unread", names=", ".join(seen.unread))
    if seen.keys:
        out.say("preview.keys", keys=", ".join(key.text() for key in seen.keys))
    if seen.verdict != "none":
        out.say(f"preview.{seen.verdict}", lead=seen.lead_id or "–", score=f"{seen.score:g}")


def mapping_test(
    desk: Desk,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Connections; default: all.", metavar="[NAME]...", show_default=False),
    ] = None,
) -> int:
    """Run the examples in field maps."""
    from mapping.examples import run_examples
    from sync.config.maps import merged_documents

    config, out = desk.config, desk.out
    ran = failed = 0
    for name in desk.known(names or []) or list(config.connections):
        installed = desk.registry.get(config.connections[name].connector)
        for stream, document in merged_documents(installed, config.fields.get(name, {})).items():
            spec = installed.manifest.streams.get(stream)
            for one in run_examples(document, kind=str(spec.kind) if spec else None):
                ran += 1
                failed += not one.ok
                out.item(
                    "example",
                    connection=name,
                    stream=stream,
                    field=one.field,
                    ok=one.ok,
                    got=one.got,
                    want=one.want,
                )
                if not one.ok:
                    out.say(
                        "mapping.failed",
                        place=f"{name} {stream} {one.field}",
                        got=repr(one.got),
                        want=repr(one.want),
                    )
    out.item("mapping_test", examples=ran, failed=failed)
    out.say("mapping.done", count=ran, failed=failed)
    return ERROR if failed else OK


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
