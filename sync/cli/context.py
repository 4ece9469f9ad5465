"""Where a verb works: the operator's directory, opened as far as the verb needs it."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.cli.failures import refused
from sync.cli.out import Out

if TYPE_CHECKING:
    from connectors.registry import Registry
    from mapping.stage_rules import StageRules
    from sync.config.model import Config
    from sync.engine.hub import Hub
    from sync.engine.processes import Presence
    from sync.store.database import Database

__all__ = ["Desk", "World", "open_hub_for"]

log = logging.getLogger("renkei.cli")


@dataclass
class World:
    """What is outside of the command line; a test gives its own as the context's object.

    ``transports`` replace networks by connection, ``clock`` the database's. ``stop`` says when
    somebody would have typed Ctrl-C; ``prepare`` gets the hub once it is open.
    """

    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    transports: Mapping[str, Any] = field(default_factory=dict)
    clock: Callable[[], Any] | None = None
    sleep: Callable[[float], None] | None = None
    stop: Callable[[], bool] | None = None
    prepare: Callable[[Hub], None] | None = None


@dataclass
class Desk:
    """Where one command works. What it needs is opened when it is first asked for."""

    root: Path
    out: Out
    world: World = field(default_factory=World)
    language_given: bool = False

    @cached_property
    def config(self) -> Config:
        """The checked configuration; ConfigErrors with everything that is wrong."""
        from sync.config.load import load

        own = not self.language_given and _says_language(self.root / "renkei.yaml")
        config = load(self.root, env=self.world.env, language=None if own else self.out.language)
        self.out.zone = config.hub.timezone
        if own:
            self.out.language = config.hub.language
            return config
        hub = config.hub.model_copy(update={"language": self.out.language})
        return config.model_copy(update={"hub": hub})

    @cached_property
    def stage_rules(self) -> StageRules:
        """The company's stages, as the configuration has them."""
        return self.config.stages.rules()

    @cached_property
    def registry(self) -> Registry:
        """Every connector there is, the operator's own included where the directory has any."""
        from connectors import registry
        from sync.config.errors import ConfigErrors

        if not (self.root / "renkei.yaml").is_file():
            return registry.find()
        try:
            plugins = self.config.hub.plugins
        except ConfigErrors:
            plugins = []
        return registry.find([self.root / path for path in plugins])

    @cached_property
    def database(self) -> Database:
        """The database, at the schema of this version; an empty one is made ready."""
        database = self.raw_database
        _ready(database)
        return database

    @cached_property
    def raw_database(self) -> Database:
        """The database at whatever schema it is."""
        from sync.store.database import Database

        return Database(self.config.database_url(), clock=self.world.clock)

    @cached_property
    def hub(self) -> Hub:
        """The hub."""
        return open_hub_for(self.config, self.database, self.world)

    @cached_property
    def presence(self) -> Presence:
        """The process, announced; what killed ones of this host had leased is free again."""
        from sync.engine.processes import enter

        return enter(self.hub)

    def working(self) -> Hub:
        """The hub, for verbs that lease work; what an upgrade made stale is made anew first."""
        from sync.engine.rekey import needs_rekey, rekey

        _ = self.presence
        if needs_rekey(self.hub):
            rekey(self.hub)
        return self.hub

    def flow(self, name: str) -> Any:
        """A connection's flow; Refused where there is none of this name."""
        self.known([name])
        return self.hub.flows[name]

    def known(self, names: Iterable[str]) -> list[str]:
        """These names, each once; Refused where one is no connection."""
        wanted = list(dict.fromkeys(names))
        for name in wanted:
            if name not in self.config.connections:
                from difflib import get_close_matches

                near = get_close_matches(name, self.config.connections, n=1)
                raise refused(
                    "UNKNOWN_CONNECTION",
                    name=name,
                    known=", ".join(sorted(self.config.connections)) or "–",
                    hint=self.out.words("hint.near", near=near[0]) if near else "",
                )
        return wanted

    def close(self) -> None:
        """Give back what was opened, and what is to be told: calls that were not needed, times."""
        if "presence" in self.__dict__:
            self.presence.leave()
        if "hub" in self.__dict__:
            self._tell_spent()
        if "raw_database" in self.__dict__:
            self.raw_database.close()

    def _tell_spent(self) -> None:
        """Have the database keep which calls were not needed, and what time work took.

        Where it is away, nothing is lost by that: such calls count as made until the quota's day
        ends.
        """
        from sqlalchemy.exc import SQLAlchemyError

        try:
            for flow in self.hub.flows.values():
                flow.meter.settle()
            self.hub.worktime.save(self.database)
        except SQLAlchemyError as error:
            log.warning("calls and times of the end are not noted (%s)", type(error).__name__)


def _says_language(hub: Path) -> bool:
    """Whether the operator settled the language; otherwise it is the terminal's."""
    if not hub.is_file():
        return False
    text = hub.read_text(encoding="utf-8", errors="replace")
    return re.search(r"^language:", text, re.MULTILINE) is not None


def open_hub_for(config: Config, database: Database, world: World) -> Hub:
    """The hub of a configuration, with tokens kept in its database."""
    from sync.config.owners import check_owners
    from sync.engine.hub import open_hub
    from sync.engine.memory import calm_collector
    from sync.engine.stop import Stop
    from sync.store.spool import Spool
    from sync.store.tokens import DatabaseTokens, key_file

    check_owners()
    secret = config.hub.key
    keys: Any = secret.get_secret_value() if secret is not None else lambda: key_file(config.root)
    stop = Stop()
    hub: Hub
    tokens = DatabaseTokens(
        database,
        keys,
        spool=Spool(config.root / ".renkei" / "tokens"),
        sleep=world.sleep or stop.sleep,
        process=lambda: hub.process,
    )
    hub = open_hub(
        config,
        database=database,
        tokens=tokens,
        transports=world.transports,
        sleep=world.sleep,
        stop=stop,
    )
    calm_collector()
    if world.prepare is not None:
        world.prepare(hub)
    return hub


def _ready(database: Database) -> None:
    from sync.store.upgrade import current, fits, head, upgrade

    if fits(database):
        return
    at = current(database)
    if at is not None:
        raise refused("SCHEMA_STALE", at=at, head=head(), next="renkei db upgrade")
    upgrade(database)
