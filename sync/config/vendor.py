"""What the vendor itself says about a connection: five lines, and the field map against its fields.

Works on any connector; what one cannot say is a note and no fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.kit.base import Describes, Identifies, Identity, Pulls
from connectors.kit.errors import AuthFailed, ConnectorError
from mapping.fieldmap import FieldMap
from sync.config.description import Sheet, sheet_of
from sync.config.fieldcheck import check_stream
from sync.config.findings import Finding, Sources, State, said
from sync.config.model import Config, ConnectionConfig
from sync.config.report import listed, near

if TYPE_CHECKING:
    from connectors.registry import Installed

__all__ = ["Connected", "Finding", "connect_check", "described", "map_findings"]

LOW_QUOTA = 0.1
"""The share of a quota below which it is told as low."""
CLOCK_WARNING, CLOCK_ERROR = 30.0, 240.0
"""Seconds between the vendor's clock and ours; signatures and tokens fail from five minutes."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What a connected check found, and what the vendor said of its streams, where it did."""

    findings: list[Finding]
    sheets: Mapping[str, Sheet] = field(default_factory=dict)


def connect_check(
    connector: Any,
    config: Config,
    name: str,
    installed: Installed,
    maps: Mapping[str, FieldMap],
) -> Connected:
    """Five lines about the connection (reachable, who, scopes, quota, clock), then its field maps.

    ``connector`` is built; ``maps`` are its compiled field maps. Only reads at the vendor.
    """
    language = config.hub.language
    identity, lines = _five_lines(connector, name, language)
    if identity is None and isinstance(connector, Identifies):
        return Connected(lines)
    if not isinstance(connector, Describes):
        return Connected(lines)
    connection = config.connections[name]
    sources = Sources(config, name, installed)
    try:
        lines += _unknown_stream(connector, connection, sources)
        sheets = described(connector, connection)
    except ConnectorError as error:
        return Connected(
            [*lines, _line("fields", "error", "NOT_DESCRIBED", language, why=str(error))]
        )
    lines += map_findings(config, name, installed, maps, sheets)
    return Connected(list(dict.fromkeys(lines)), sheets)


def map_findings(
    config: Config,
    name: str,
    installed: Installed,
    maps: Mapping[str, FieldMap],
    sheets: Mapping[str, Sheet],
) -> list[Finding]:
    """What is wrong between a connection's field maps and what the vendor said of its streams."""
    sources = Sources(config, name, installed)
    return [
        one
        for stream, sheet in sheets.items()
        if (field_map := maps.get(stream.partition(":")[0])) is not None
        for one in check_stream(config.connections[name], sources, stream, field_map, sheet)
    ]


def described(connector: Describes, connection: ConnectionConfig) -> dict[str, Sheet]:
    """What the vendor says of the streams that are read and of the one that is written.

    A stream of which it says nothing is left out. Raises the connector's errors.
    """
    known = _known(connector)
    wanted = [one for one in _streams(known, connection) if _may_be(one, known)]
    sheets = {one: sheet_of(connector.fields(one), connector.stages(one)) for one in wanted}
    return {stream: sheet for stream, sheet in sheets.items() if sheet.fields}


def _known(connector: Any) -> list[str]:
    return [*connector.streams()] if isinstance(connector, Pulls) else []


def _may_be(stream: str, known: Sequence[str]) -> bool:
    """Whether a connection may have a stream: it does not where it names others of its type."""
    kind = stream.partition(":")[0]
    return stream in known or not any(one.startswith(f"{kind}:") for one in known)


def _unknown_stream(
    connector: Any, connection: ConnectionConfig, sources: Sources
) -> list[Finding]:
    """Whether the stream that is to be written is none of the connection's."""
    if connection.push is None:
        return []
    stream, known = connection.push.stream, _known(connector)
    if _may_be(stream, known):
        return []
    says = {"stream": stream, "known": listed(known)}
    return [sources.finding("error", "NO_STREAM", [], near=near(stream, known), **says)]


def _five_lines(connector: Any, name: str, language: str) -> tuple[Identity | None, list[Finding]]:
    try:
        identity = connector.identify() if isinstance(connector, Identifies) else None
        if identity is None and isinstance(connector, Pulls):
            connector.streams()
    except AuthFailed as error:
        return None, [
            _line("reachable", "ok", "REACHABLE", language),
            _line(
                "identity", "error", error.code, language, base="REFUSED", why=str(error), name=name
            ),
            *_unknown(("scopes", "quota", "clock"), language),
        ]
    except ConnectorError as error:
        return None, [
            _line("reachable", "error", error.code, language, base="UNREACHABLE", why=str(error)),
            *_unknown(("identity", "scopes", "quota", "clock"), language),
        ]
    reachable = _line("reachable", "ok", "REACHABLE", language)
    if identity is None:
        return None, [reachable, *_unknown(("identity", "scopes", "quota", "clock"), language)]
    return identity, [
        reachable,
        _line("identity", "ok", "AUTHORISED", language, account=identity.account),
        _scopes(identity, language),
        _quota(identity, language),
        _clock(identity, language),
    ]


def _scopes(identity: Identity, language: str) -> Finding:
    if not identity.scopes_missing:
        return _line("scopes", "ok", "SCOPES", language)
    missing = ", ".join(identity.scopes_missing)
    return _line("scopes", "error", "SCOPES_MISSING", language, missing=missing)


def _quota(identity: Identity, language: str) -> Finding:
    left, most = identity.quota_left, identity.quota_max
    if left is None:
        return _unknown(("quota",), language)[0]
    low = left == 0 or (most is not None and left < most * LOW_QUOTA)
    says = {"left": f"{left:,}", "most": f"{most:,}" if most is not None else "?"}
    return _line(
        "quota", "warning" if low else "ok", "QUOTA_LOW" if low else "QUOTA", language, **says
    )


def _clock(identity: Identity, language: str) -> Finding:
    offset = identity.clock_offset
    if offset is None:
        return _unknown(("clock",), language)[0]
    if abs(offset) < CLOCK_WARNING:
        return _line("clock", "ok", "CLOCK", language, offset=f"{offset:+.1f}")
    state: State = "error" if abs(offset) >= CLOCK_ERROR else "warning"
    return _line("clock", state, "CLOCK_OFF", language, offset=f"{offset:+.1f}")


def _unknown(topics: tuple[str, ...], language: str) -> list[Finding]:
    return [_line(topic, "note", "NOT_SAID", language) for topic in topics]


def _line(
    topic: str,
    state: State,
    code: str,
    language: str,
    *,
    base: str = "",
    **says: Any,
) -> Finding:
    message, hint = said(base or code, language, **says)
    return Finding(topic, state, code, message, hint)


def _streams(known: Sequence[str], connection: ConnectionConfig) -> list[str]:
    """The streams that the connection reads, and the one it writes."""
    seen: dict[str, None] = {}
    if connection.pull is not None:
        wanted = connection.pull.streams
        for stream in known:
            if wanted is None or stream in wanted or stream.partition(":")[0] in wanted:
                seen[stream] = None
    if connection.push is not None:
        seen[connection.push.stream] = None
    return list(seen)
