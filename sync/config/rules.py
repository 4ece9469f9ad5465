"""What must hold between the parts of a configuration, and in values that no type describes.

The checks look at what is written and not at models, so that one mistake hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mapping.fieldmap import FieldMap
from mapping.model import choices, field_type, suggestions
from mapping.stage_rules import StageRules
from sync.config.addresses import is_broker, is_database, is_host_and_port, meant_database
from sync.config.positions import Keys, Place
from sync.config.report import Report, listed, near, text_at
from sync.config.schedules import check_schedule, check_zone
from sync.config.stage_rules import check_stage_word
from sync.config.validate import Part, validated

if TYPE_CHECKING:
    from connectors.registry import Installed, Registry

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
_STAGE_WORDS = frozenset({"stage"})


def check_hub(part: Part, connections: Sequence[str]) -> None:
    """Addresses, time zone, plugin directories and trust of renkei.yaml."""
    data = part.data
    database = text_at(data, "database")
    if database is not None and not is_database(database):
        part.wrong(("database",), "BAD_DATABASE", near=meant_database(database))
    broker = text_at(data, "broker")
    if broker and not is_broker(broker):
        part.wrong(("broker",), "BAD_BROKER")
    url = text_at(data, "public_url")
    if url is not None and not _is_web(url):
        part.wrong(("public_url",), "BAD_URL", name="public_url")
    for name in ("listen", "metrics"):
        address = text_at(data, name)
        if address is not None and not is_host_and_port(address):
            part.wrong((name,), "BAD_LISTEN")
    check_zone(part, ("timezone",))
    plugins = data.get("plugins")
    for number, name in enumerate(plugins if isinstance(plugins, list) else []):
        if isinstance(name, str) and not (part.report.root / name).is_dir():
            part.wrong(("plugins", number), "NO_PLUGIN", name=name)
    _check_trust(part, connections)


def check_names(report: Report, parts: Mapping[str, Part]) -> None:
    """Names of connections: they stand in addresses, rows and commands."""
    for name, part in parts.items():
        if not NAME.match(name):
            better = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_") or "crm"
            report.add(part.document, Place(1, 1), "BAD_NAME", name=name, better=f"{better}.yaml")


def check_connection(part: Part, registry: Registry) -> Installed | None:
    """The connection's connector, its options and streams checked; None where it has none."""
    from connectors.kit.manifest import ManifestBroken
    from connectors.registry import ConnectorBroken, UnknownConnector

    _check_schedules(part)
    slug = text_at(part.data, "connector")
    if slug is None or ("connector",) in part.filled.lost:
        return None
    try:
        installed = registry.get(slug)
        options = installed.options
    except UnknownConnector:
        known = registry.slugs()
        part.wrong(
            ("connector",),
            "UNKNOWN_CONNECTOR",
            name=slug,
            near=near(slug, known),
            known=listed([*known, *(f"{broken.slug} (✗)" for broken in registry.broken)]),
        )
        return None
    except (ConnectorBroken, ManifestBroken) as error:
        part.wrong(("connector",), "CONNECTOR_BROKEN", name=slug, why=str(error))
        return None
    written = part.data.get("options")
    if written is None or isinstance(written, dict):
        validated(part, options, written or {}, ("options",))
    _check_pull(part, installed)
    return installed


def check_streams(own: Part, installed: Installed) -> None:
    """The streams that a file of field maps speaks of."""
    for stream in own.data:
        if stream not in installed.manifest.streams:
            unknown_stream(own, (stream,), str(stream), installed, at_key=True)


def unknown_stream(
    part: Part, path: Keys, name: str, installed: Installed, *, at_key: bool = False
) -> None:
    """Note a stream that the connector does not have."""
    known = list(installed.manifest.streams)
    part.wrong(
        path,
        "UNKNOWN_STREAM",
        at_key=at_key,
        name=name,
        connector=installed.manifest.name,
        near=near(_type(name), known),
        known=listed(known),
    )


def check_push(
    part: Part, installed: Installed, maps: Mapping[str, FieldMap], rules: StageRules
) -> None:
    """The stream that is written to, when leads are created, and which fields are written."""
    push = part.data.get("push")
    if not isinstance(push, Mapping):
        return
    stream = text_at(push, "stream")
    if stream is not None:
        _check_push_stream(part, stream, installed)
    when = push.get("create_when")
    for name, wanted in (when if isinstance(when, Mapping) else {}).items():
        _check_condition(part, str(name), wanted, rules)
    field_map = maps.get(_type(stream)) if stream is not None else None
    for key in ("fields", "fill"):
        fields = push.get(key)
        for number, name in enumerate(fields if isinstance(fields, list) else []):
            path: Keys = ("push", key, number)
            if not isinstance(name, str):
                continue
            if field_type("lead", name) is None:
                _unknown_field(part, path, name)
            elif field_map is not None and name not in field_map.writable:
                part.wrong(path, "NOT_WRITABLE", name=name, connection=part.document.path.stem)


def check_fields(parts: Mapping[str, Part], connections: Sequence[str]) -> None:
    """Each file of field maps belongs to a connection."""
    for name, part in parts.items():
        if name not in connections:
            part.report.add(
                part.document,
                Place(1, 1),
                "NO_CONNECTION",
                name=name,
                near=near(name, connections),
                known=listed(connections),
            )


def _check_trust(part: Part, connections: Sequence[str]) -> None:
    trust = part.data.get("trust")
    if not isinstance(trust, Mapping):
        return
    _check_order(part, ("trust", "default"), trust.get("default"), connections)
    fields = trust.get("fields")
    for name, order in (fields if isinstance(fields, Mapping) else {}).items():
        if field_type("lead", str(name)) is None:
            _unknown_field(part, ("trust", "fields", name), str(name), at_key=True)
        _check_order(part, ("trust", "fields", name), order, connections)
    for key in ("owners", "policies"):
        table = trust.get(key)
        for name, value in (table if isinstance(table, Mapping) else {}).items():
            if field_type("lead", str(name)) is None:
                _unknown_field(part, ("trust", key, name), str(name), at_key=True)
            elif key == "owners" and isinstance(value, str) and value not in connections:
                part.wrong(
                    ("trust", key, name),
                    "NO_CONNECTION",
                    name=value,
                    near=near(value, connections),
                    known=listed(connections),
                )


def _check_order(part: Part, path: Keys, order: Any, connections: Sequence[str]) -> None:
    seen: set[str] = set()
    for number, name in enumerate(order if isinstance(order, list) else []):
        if not isinstance(name, str):
            continue
        if name in seen:
            part.wrong((*path, number), "TWICE", name=name)
        seen.add(name)
        if name not in connections:
            part.wrong(
                (*path, number),
                "NO_CONNECTION",
                name=name,
                near=near(name, connections),
                known=listed(connections),
            )


def _check_schedules(part: Part) -> None:
    for name in ("schedule", "sweep"):
        check_schedule(part, ("pull", name))


def _check_pull(part: Part, installed: Installed) -> None:
    pull = part.data.get("pull")
    if not isinstance(pull, Mapping):
        return
    streams = installed.manifest.streams
    readable = [name for name, stream in streams.items() if stream.pull]
    says: dict[str, Any] = {"connector": installed.manifest.name, "known": listed(readable)}
    if not readable:
        part.wrong(("pull",), "CANNOT_PULL", at_key=True, name=listed(streams), **says)
        return
    wanted = pull.get("streams")
    for number, name in enumerate(wanted if isinstance(wanted, list) else []):
        path: Keys = ("pull", "streams", number)
        if not isinstance(name, str):
            continue
        if _type(name) not in streams:
            unknown_stream(part, path, name, installed)
        elif _type(name) not in readable:
            part.wrong(path, "CANNOT_PULL", name=name, **says)


def _check_push_stream(part: Part, stream: str, installed: Installed) -> None:
    path: Keys = ("push", "stream")
    streams = installed.manifest.streams
    writable = [name for name, spec in streams.items() if spec.push]
    leads = [name for name in writable if streams[name].kind == "lead"]
    says: dict[str, Any] = {"connector": installed.manifest.name, "known": listed(leads)}
    if _type(stream) not in streams:
        unknown_stream(part, path, stream, installed)
    elif _type(stream) not in writable:
        part.wrong(path, "CANNOT_PUSH", name=stream, **says)
    elif _type(stream) not in leads:
        part.wrong(path, "PUSH_KIND", name=stream, **says)


def _check_condition(part: Part, name: str, wanted: Any, rules: StageRules) -> None:
    path: Keys = ("push", "create_when", name)
    values = list(enumerate(wanted if isinstance(wanted, list) else []))
    if name in _STAGE_WORDS:
        for number, value in values:
            check_stage_word(part, (*path, number), value, rules)
        return
    if field_type("lead", name) is None:
        near_stage = near(name, _STAGE_WORDS)
        _unknown_field(part, path, name, at_key=True, meant=near_stage)
        return
    known: Iterable[str] = choices("lead", name) or ()
    for number, value in values:
        if known and isinstance(value, str) and value not in known:
            part.wrong(
                (*path, number),
                "UNKNOWN_CHOICE",
                field=name,
                name=value,
                near=near(value, known),
                known=listed(known),
            )


def _unknown_field(
    part: Part, path: Keys, name: str, *, at_key: bool = False, meant: str = ""
) -> None:
    found = [meant] if meant else suggestions("lead", name)
    part.wrong(path, "UNKNOWN_FIELD", at_key=at_key, name=name, near=found[0] if found else "")


def _type(stream: str) -> str:
    return stream.partition(":")[0]


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
