"""The hub put together: configuration, store, and the compiled plan of every connection."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from connectors import registry
from connectors.kit.base import Flattens
from connectors.kit.manifest import Manifest
from connectors.kit.session import BaseTransport, Wiring
from connectors.kit.tokens import MemoryTokens, TokenStore
from connectors.registry import Installed
from mapping.fieldmap import FieldMap
from mapping.hours import BusinessHours
from mapping.match.rules import Rules
from mapping.merge import Trust
from mapping.qualify import Rules as Qualification
from mapping.stage_rules import DEFAULT, StageRules
from sync.config.handoff import HandoffRule
from sync.config.model import Config, ConnectionConfig
from sync.engine.quota import Meter, terms_of
from sync.engine.refusals import Refusals
from sync.engine.stop import Stop
from sync.engine.tally import Tally
from sync.engine.worktime import Worktime
from sync.store import epochs
from sync.store.database import Database, iso
from sync.store.sealing import key_file

_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [high + low for high in _DIGITS for low in _DIGITS]
_SHIFTS = range(120, -1, -10)


def new_id(prefix: str, now: datetime) -> str:
    """An id that sorts by time: milliseconds and chance, in base 32 (``ld_0698…``)."""
    number = (int(now.timestamp() * 1000) << 80 | secrets.randbits(80)) << 2
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])}"


def stream_type(stream: str) -> str:
    """The part of a stream's name that the manifest and the field maps know."""
    return stream.partition(":")[0]


@dataclass
class Flow:
    """One connection's plan: its connector, compiled field maps, and what is pushed to it."""

    name: str
    config: ConnectionConfig
    manifest: Manifest
    maps: Mapping[str, FieldMap]
    build: Callable[[], Any]
    meter: Meter
    rules: StageRules = DEFAULT
    language: str = "ja"
    _connector: Any = field(default=None, repr=False)
    _flatten: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] | None = field(
        default=None, repr=False
    )

    @property
    def connector(self) -> Any:
        """The connector, built on first use; building opens no network connection."""
        if self._connector is None:
            self._connector = self.build()
        return self._connector

    def kind(self, stream: str) -> str:
        """What the records of a stream are about."""
        return self.manifest.streams[stream_type(stream)].kind

    def drops_strangers(self, stream: str) -> bool:
        """Whether activities of people who are no lead are dropped, and not set aside."""
        return self.manifest.streams[stream_type(stream)].unknown_people == "drop"

    def map_for(self, stream: str) -> FieldMap:
        """The field map of a stream."""
        return self.maps[stream_type(stream)]

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload as flat vendor fields."""
        if self._flatten is None:
            connector = self.connector
            self._flatten = connector.flatten if isinstance(connector, Flattens) else _as_it_is
        return self._flatten(stream, payload)

    def streams(self) -> list[str]:
        """The streams to pull, leads and accounts before what points at them."""
        wanted = self.config.pull.streams if self.config.pull else []
        known = [
            stream
            for stream in self.connector.streams()
            if (spec := self.manifest.streams.get(stream_type(stream))) is not None and spec.pull
        ]
        chosen = [
            stream
            for stream in known
            if wanted is None or stream in wanted or stream_type(stream) in wanted
        ]
        order = {"account": 0, "lead": 1, "deal": 2, "activity": 3}
        return sorted(chosen, key=lambda stream: order[self.kind(stream)])


def _as_it_is(_stream: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return payload


class Hub:
    """Everything an engine function needs: flows by connection, the database and the clock."""

    def __init__(
        self,
        config: Config,
        database: Database,
        flows: Mapping[str, Flow],
        *,
        stop: Stop | None = None,
    ) -> None:
        self.config = config
        self.database = database
        self.flows = dict(flows)
        self.stop = stop or Stop()
        self.process: str | None = None
        self.worktime = Worktime()
        self.tally = Tally()
        self.refusals = Refusals()
        self.maps_noted: set[str] = set()
        self.stages_noted = False

    @cached_property
    def epoch(self) -> int:
        """How often the database was restored from a backup; never while a process has it open."""
        with self.database.read() as tx:
            return epochs.epoch(tx)

    @cached_property
    def trust(self) -> Trust:
        """Whose word counts."""
        trust = self.config.hub.trust
        return Trust(
            default=tuple(trust.default),
            fields={k: tuple(v) for k, v in trust.fields.items()},
            owners=dict(trust.owners),
            policies=dict(trust.policies),
        )

    @cached_property
    def rules(self) -> Rules:
        """Who is who."""
        return self.config.match.rules()

    @cached_property
    def stage_rules(self) -> StageRules:
        """The company's stages, the moves between them and the reasons."""
        return self.config.stages.rules()

    @cached_property
    def hours(self) -> BusinessHours:
        """When the company works."""
        return self.config.stages.hours.business_hours(self.config.hub.timezone)

    @cached_property
    def qualification(self) -> Qualification:
        """Which leads move on by themselves."""
        return self.config.stages.qualification_rules()

    @cached_property
    def handoffs(self) -> Mapping[str, Sequence[HandoffRule]]:
        """The rules of hand-offs, by the stage that is entered; empty where there are none."""
        found: dict[str, list[HandoffRule]] = {}
        for rule in self.config.handoff.handoffs:
            if rule.channel in self.flows:
                found.setdefault(rule.stage, []).append(rule)
        return found

    @cached_property
    def chats(self) -> list[Flow]:
        """The connections in which leads are handed over."""
        wanted = {rule.channel for rules in self.handoffs.values() for rule in rules}
        return [f for f in self.flows.values() if f.name in wanted and f.config.enabled]

    @cached_property
    def targets(self) -> list[Flow]:
        """The connections that are written to."""
        return [f for f in self.flows.values() if f.config.push is not None and f.config.enabled]

    def now(self) -> datetime:
        """The time every process agrees on."""
        return self.database.now()

    def stamp(self) -> str:
        """The time, as stored."""
        return iso(self.now())


def open_hub(
    config: Config,
    *,
    database: Database | None = None,
    tokens: TokenStore | None = None,
    transports: Mapping[str, BaseTransport] | None = None,
    sleep: Callable[[float], None] | None = None,
    stop: Stop | None = None,
) -> Hub:
    """A hub for a configuration that was checked. ``transports`` replace networks in tests.

    ``sleep`` is how connectors wait; unless given, until ``stop`` is set at most.
    """
    from sync.config.maps import maps_of

    store = database or Database(config.database_url())
    secret = config.hub.key
    store.seal_with(secret.get_secret_value() if secret else partial(key_file, config.root))
    kept, stop = tokens or MemoryTokens(), stop or Stop()
    found = registry.find([config.root / path for path in config.hub.plugins])
    flows = {}
    for name, connection in config.connections.items():
        installed = found.get(connection.connector)
        maps = maps_of(config, name, installed)
        terms = terms_of(name, connection, installed.manifest.quota, config.hub.timezone)
        meter = Meter(store, name, terms, stop)
        wiring = Wiring(
            connection=name,
            tokens=kept,
            transport=(transports or {}).get(name),
            now=store.now,
            sleep=sleep or stop.sleep,
            root=config.root,
            meter=meter,
        )
        flows[name] = Flow(
            name=name,
            config=connection,
            manifest=installed.manifest,
            maps=maps,
            build=partial(_build, installed, connection, wiring),
            meter=meter,
            rules=config.stages.rules(),
            language=config.hub.language,
        )
    return Hub(config, store, flows, stop=stop)


def _build(installed: Installed, connection: ConnectionConfig, wiring: Wiring) -> Any:
    return installed.connect(installed.options.model_validate(connection.options), wiring)
