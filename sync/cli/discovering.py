"""The verb that lists what a connection has: discover (streams, fields, stages)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.tables import cut

if TYPE_CHECKING:
    from sync.engine.hub import Flow


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "discover")(discover)


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
