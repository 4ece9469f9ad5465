"""What changed at a vendor, or in a map, since it was last looked at; and what follows from that.

A later edit that a map does not take becomes one item set aside, which is closed when the map or
the vendor is mended. Values that were parked are tried again when the description of their field,
or the map, changes. Labels and fields that no map names are only told by ``check --connect``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from connectors.kit.base import Describes
from mapping.fieldmap import FieldMap
from sync.config.description import Drift, Sheet, drifts, sheet_from
from sync.config.vendor import described as ask_vendor
from sync.engine.drifted import Fit, remembered
from sync.engine.hub import Flow, Hub, stream_type
from sync.engine.putback import is_of_reading, put_back
from sync.store import asides, described, parked, runs
from sync.store.asides import Aside
from sync.store.database import Tx, iso
from sync.store.described import DescribedRow

log = logging.getLogger("renkei.drift")

DAILY = timedelta(days=1)
"""How old a description may be before the vendor is asked again."""
MOST_NEWS = 200
"""Changes that are kept per stream until somebody looks at them."""
HELPS = frozenset({"FIELD_NEW", "FIELD_CHANGED", "OPTION_NEW"})
"""Changes after which a vendor may take what it refused."""


@dataclass(frozen=True, slots=True)
class News:
    """One change at a vendor, for whoever looks: when it was seen, and whether it was set aside."""

    stream: str
    drift: Drift
    at: str
    is_aside: bool


@dataclass(slots=True)
class Learnt:
    """What came of a new description. ``news`` is all that was not told yet."""

    news: list[News] = field(default_factory=list)
    set_aside: int = 0
    closed: int = 0
    put_back: int = 0


def due(hub: Hub) -> list[str]:
    """The connections whose vendor can describe itself and was not asked for a day."""
    with hub.database.read() as tx:
        seen = described.last_seen(tx)
        states = runs.connection_states(tx)
    before = iso(hub.now() - DAILY)
    return [
        flow.name
        for flow in hub.flows.values()
        if flow.config.enabled
        and seen.get(flow.name, "") <= before
        and (flow.name not in states or states[flow.name].state == "active")
        and isinstance(flow.connector, Describes)
    ]


def describe(hub: Hub, flow: Flow) -> Learnt:
    """Ask a vendor for its fields and take in what changed. Raises the connector's errors."""
    if not isinstance(flow.connector, Describes):
        return Learnt()
    return learn(hub, flow, ask_vendor(flow.connector, flow.config))


def learn(hub: Hub, flow: Flow, sheets: Mapping[str, Sheet], *, tell: bool = False) -> Learnt:
    """Take in what a vendor said of its streams. Safe to call again with the same.

    With ``tell`` the news are taken to be told, and not kept any longer. The first description of
    a stream is no news.
    """
    learnt = Learnt()
    with hub.database.read() as tx:
        known = described.of(tx, flow.name)
    changed = _changed(known, sheets)
    fits = _fits(flow, sheets)
    helped = {
        (stream_type(stream), fits[stream].field_of(one))
        for stream, some in changed.items()
        for one in some
        if one.code in HELPS and stream in fits
    }
    if helped:  # before the description is saved: a crash then has it done again
        learnt.put_back = put_back(hub, flow, lambda item: _is_helped(flow, item, helped))
    with hub.database.write() as tx:
        now, language = hub.stamp(), hub.config.hub.language
        _save(tx, flow, sheets, fits, learnt, now, language, tell=tell)
        learnt.closed = _close_mended(tx, flow, fits, now)
    if learnt.set_aside:
        log.warning("%s: %d changes at the vendor need a look", flow.name, learnt.set_aside)
    return learnt


def note_maps(hub: Hub, name: str) -> int:
    """Try again what waited for a connection's field maps, if they changed; how much there was.

    Looks once in the life of a hub. The first maps of a connection are no change.
    """
    if name in hub.maps_noted:
        return 0
    flow = hub.flows[name]
    digests = {stream: map_digest(one) for stream, one in flow.maps.items()}
    with hub.database.read() as tx:
        held = runs.setting(tx, _setting(name))
    before: dict[str, str] = orjson.loads(held) if held else {}
    count = 0
    if before != digests:
        other = {stream for stream in digests if before.get(stream) != digests[stream]}
        if before:
            count = put_back(hub, flow, lambda item: _stream_of(flow, item) in other)
        with hub.database.write() as tx:
            rows = described.of(tx, name)
            sheets = {stream: sheet_from(row.content) for stream, row in rows.items()}
            _close_mended(tx, flow, _fits(flow, sheets), hub.stamp())
            runs.save_setting(tx, _setting(name), orjson.dumps(digests).decode())
    hub.maps_noted.add(name)
    return count


def _fits(flow: Flow, sheets: Mapping[str, Sheet]) -> dict[str, Fit]:
    """The maps of the streams that have one, beside what the vendor said."""
    return {
        stream: Fit(flow, stream, flow.map_for(stream), sheet)
        for stream, sheet in sheets.items()
        if stream_type(stream) in flow.maps
    }


def map_digest(field_map: FieldMap) -> str:
    """Equal for two maps that read and write alike; examples do not count."""
    lines = [
        [one.field, one.type, one.direction, one.to, one.reads, _said(one.operators)]
        for one in field_map.lines
    ]
    packed = orjson.dumps(
        [field_map.kind, lines, _stage_said(field_map)],
        option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS,
    )
    return hashlib.sha256(packed).hexdigest()


def _stage_said(field_map: FieldMap) -> dict[str, Any] | None:
    """What the stage block says; the company's rules are no part of the map."""
    stage = field_map.stage
    if stage is None:
        return None
    names = (one.name for one in dataclasses.fields(stage) if one.name != "rules")
    return {name: getattr(stage, name) for name in names}


def _said(operators: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in operators.items() if name != "examples"}


def _setting(name: str) -> str:
    return f"maps:{name}"


def _stream_of(flow: Flow, item: Aside) -> str | None:
    """The stream type an item is about; what has none is about the one that is written."""
    if item.stream:
        return stream_type(item.stream)
    return stream_type(flow.config.push.stream) if flow.config.push is not None else None


def _is_helped(flow: Flow, item: Aside, helped: set[tuple[str, str]]) -> bool:
    """Whether something was not written to a field that has changed since."""
    if item.kind == "record" or is_of_reading(item):
        return False
    stream = _stream_of(flow, item) or ""
    names = {*(item.sent or {}), item.field or ""}
    field_map = flow.maps.get(stream)
    if field_map is not None:
        names |= {line.to or "" for line in field_map.lines if line.field in names}
    return any((stream, name) in helped for name in names)


def _changed(
    known: Mapping[str, DescribedRow], sheets: Mapping[str, Sheet]
) -> dict[str, list[Drift]]:
    """What is new, by stream; nothing of a stream that was never described before."""
    found = {}
    for stream, sheet in sheets.items():
        row = known.get(stream)
        if row is not None and row.digest != sheet.digest():
            found[stream] = drifts(sheet_from(row.content), sheet)
    return found


def _save(
    tx: Tx,
    flow: Flow,
    sheets: Mapping[str, Sheet],
    fits: Mapping[str, Fit],
    learnt: Learnt,
    now: str,
    language: str,
    *,
    tell: bool,
) -> None:
    """Keep the descriptions, set aside what the maps do not take, and keep the news."""
    known = described.of(tx, flow.name)
    changed = _changed(known, sheets)  # looked at again: another process may have been quicker
    items: list[Aside] = []
    rows = []
    for stream, sheet in sheets.items():
        row = known.get(stream)
        news = [_unpacked(stream, one) for one in row.content.get("news", ())] if row else []
        for one in changed.get(stream, ()):
            harm = fits[stream].harm(one) if stream in fits else None
            if harm is not None:
                items.append(fits[stream].aside(one, harm, language))
            news.append(News(stream, one, now, harm is not None))
        learnt.news += news
        kept = [] if tell else [_packed(one) for one in news[-MOST_NEWS:]]
        content = {**sheet.content(), "news": kept}
        rows.append(DescribedRow(flow.name, stream, sheet.digest(), content, now))
    described.save(tx, rows)
    asides.put(tx, items, now)
    learnt.set_aside = len(items)


def _close_mended(tx: Tx, flow: Flow, fits: Mapping[str, Fit], now: str) -> int:
    """Close the items whose cause is gone, at the vendor or in the map; how many."""
    over = [
        item.subject
        for item in parked.drift_items(tx, flow.name)
        if (fit := fits.get(item.stream or "")) is not None and fit.mended(remembered(item))
    ]
    asides.close(tx, over, now)
    return len(over)


def _packed(one: News) -> dict[str, Any]:
    return {"at": one.at, "is_aside": one.is_aside, "drift": dataclasses.asdict(one.drift)}


def _unpacked(stream: str, packed: Mapping[str, Any]) -> News:
    said = dict(packed["drift"])
    changes: Sequence[Sequence[Any]] = said.pop("changes")
    drift = Drift(**said, changes=tuple((name, was, now) for name, was, now in changes))
    return News(stream, drift, packed["at"], packed["is_aside"])
