"""Verbs that try a field map: preview (on a record) and mapping test (on its examples)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.discovering import one_stream
from sync.cli.failures import ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.tables import cut, shown

if TYPE_CHECKING:
    from sync.engine.hub import Flow
    from sync.engine.preview import RecordPreview


def add(app: typer.Typer) -> None:
    """Add ``preview``."""
    verb(app, "preview")(preview)


def add_mapping(app: typer.Typer) -> None:
    """Add ``mapping test``."""
    verb(app, "test")(mapping_test)


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
            for one in run_examples(
                document, kind=str(spec.kind) if spec else None, rules=config.stages.rules()
            ):
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
