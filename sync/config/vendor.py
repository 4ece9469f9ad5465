"""What the vendor itself says about a connection: five lines, and the field map against its fields.

Works on any connector; what one cannot say is a note and no fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from connectors.kit.base import Describes, Identifies, Identity, Pulls
from connectors.kit.errors import AuthFailed, ConnectorError
from mapping.fieldmap import FieldMap
from sync.config.fieldcheck import check_stream
from sync.config.findings import Finding, Sources, State, said
from sync.config.model import Config, ConnectionConfig

if TYPE_CHECKING:
    from connectors.registry import Installed

__all__ = ["Finding", "connect_check"]

LOW_QUOTA = 0.1
"""The share of a quota below which it is told as low."""
CLOCK_WARNING, CLOCK_ERROR = 30.0, 240.0
"""Seconds between the vendor's clock and ours; signatures and tokens fail from five minutes."""


def connect_check(
    connector: Any,
    config: Config,
    name: str,
    installed: Installed,
    maps: Mapping[str, FieldMap],
) -> list[Finding]:
    """Five lines about the connection (reachable, who, scopes, quota, clock), then its field maps.

    ``connector`` is built; ``maps`` are its compiled field maps. Only reads at the vendor.
    """
    language = config.hub.language
    identity, lines = _five_lines(connector, name, language)
    if identity is None and isinstance(connector, Identifies):
        return lines
    if not isinstance(connector, Describes):
        return lines
    connection = config.connections[name]
    sources = Sources(config, name, installed)
    try:
        for stream in _streams(connector, connection):
            lines += check_stream(connector, connection, sources, stream, maps)
    except ConnectorError as error:
        lines.append(_line("fields", "error", "NOT_DESCRIBED", language, why=str(error)))
    return list(dict.fromkeys(lines))


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


def _streams(connector: Any, connection: ConnectionConfig) -> Iterator[str]:
    """The streams that the connection reads, and the one it writes."""
    seen: dict[str, None] = {}
    if connection.pull is not None and isinstance(connector, Pulls):
        wanted = connection.pull.streams
        for stream in connector.streams():
            if wanted is None or stream in wanted or stream.partition(":")[0] in wanted:
                seen[stream] = None
    if connection.push is not None:
        seen[connection.push.stream] = None
    yield from seen
