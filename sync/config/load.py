"""Reads an operator's directory: everything that is wrong with it is told at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapping.stage_rules import DEFAULT, StageRules
from sync.config.alert_rules import check_alerts
from sync.config.alerts import AlertsConfig
from sync.config.dotenv import dotenv
from sync.config.errors import ConfigError, ConfigErrors
from sync.config.handoff import HandoffConfig
from sync.config.handoff_rules import check_handoff
from sync.config.interpolate import fill
from sync.config.maps import compile_maps
from sync.config.match_rules import check_match
from sync.config.model import Config, ConnectionConfig, HubConfig, MatchConfig
from sync.config.positions import Document, Place, parse, read_document
from sync.config.report import Report, text_at
from sync.config.rulecheck import check_qualification
from sync.config.rules import (
    check_connection,
    check_fields,
    check_hub,
    check_names,
    check_push,
    check_streams,
)
from sync.config.stage_rules import check_stages
from sync.config.stages import StagesConfig
from sync.config.validate import Part, validated

if TYPE_CHECKING:
    from connectors.registry import Installed, Registry

__all__ = ["ConfigError", "ConfigErrors", "load", "load_stages"]

HUB_FILE = "renkei.yaml"


def load(
    root: Path,
    *,
    env: Mapping[str, str] = os.environ,
    registry: Registry | None = None,
    language: str | None = None,
) -> Config:
    """The configuration in a directory, references replaced.

    ``language`` is that of the messages, where it is not to be what the directory says.

    Raises ConfigErrors with every mistake of every file. ``registry`` saves looking for connectors
    where it is known; it must be that of the configuration's plugins. Nothing outside the directory
    is asked, save ``env`` and the files that ``${file:…}`` names.
    """
    root = root.resolve()
    reading = Reading(root, env, language)
    config = reading.config(registry)
    reading.report.raise_any()
    return config


def load_stages(
    root: Path, path: Path, *, env: Mapping[str, str] = os.environ, language: str | None = None
) -> StagesConfig:
    """What a file says that may come to be the directory's stages.yaml; ConfigErrors."""
    reading = Reading(root.resolve(), env, language)
    return reading.stages(path.absolute())


class Reading:
    """One look at an operator's directory."""

    def __init__(self, root: Path, env: Mapping[str, str], language: str | None = None) -> None:
        self.root = root
        self.env = {**dotenv(root), **env}
        hub = read_document(root / HUB_FILE) if (root / HUB_FILE).is_file() else None
        self.report = Report(root, language or _language(hub))
        if hub is None:
            missing = "NO_HUB_FILE" if root.is_dir() else "NO_ROOT"
            self.report.add(root / HUB_FILE, Place(1, 1), missing, name=str(root))
        self.hub = self._part(hub or parse(root / HUB_FILE, ""))

    def config(self, registry: Registry | None = None) -> Config:
        """What can be understood; what cannot is noted in ``report``."""
        hub = self._model(self.hub, HubConfig)
        connections = self._folder("connections")
        fields = self._folder("fields")
        names = list(connections)
        stages, rules = self._stages(self.root / "stages.yaml")
        check_hub(self.hub, names)
        check_names(self.report, connections)
        found = registry or self._registry()
        read: dict[str, ConnectionConfig] = {}
        for name, part in connections.items():
            connection = self._model(part, ConnectionConfig)
            if connection is not None:
                read[name] = connection
            installed = check_connection(part, found)
            own = fields.get(name)
            if installed is not None:
                self._maps(part, installed, own, rules)
        check_fields(fields, names)
        chats = {name for name, one in read.items() if _is_chat(one.connector, found)}
        return Config.model_construct(
            root=self.root,
            hub=hub or HubConfig.model_construct(),
            connections=read,
            fields={name: part.data for name, part in fields.items() if part.data},
            stages=stages,
            match=self._match(),
            handoff=self._handoff(names, chats, rules),
            alerts=self._alerts(names, chats),
        )

    def stages(self, path: Path) -> StagesConfig:
        """The stages that one file says."""
        found, _ = self._stages(path)
        self.report.raise_any()
        return found

    def _maps(self, part: Part, installed: Installed, own: Part | None, rules: StageRules) -> None:
        """Compile the connection's field maps, and see that they can do what is asked of them."""
        document, data = (own.document, own.data) if own is not None else (None, {})
        if own is not None and own.document.is_broken:
            return
        known = {key: value for key, value in data.items() if key in installed.manifest.streams}
        if own is not None:
            check_streams(own, installed)
        maps = compile_maps(self.report, installed, known, document, rules)
        check_push(part, installed, maps, rules)

    def _model(self, part: Part, model: type[Any]) -> Any:
        if part.document.is_broken:
            return None
        return validated(part, model, part.data)

    def _stages(self, path: Path) -> tuple[StagesConfig, StageRules]:
        """stages.yaml, and the rules by which the other files are read."""
        if not path.is_file():
            return StagesConfig(), DEFAULT
        part = self._part(read_document(path))
        found = self._model(part, StagesConfig)
        rules = check_stages(part, found)
        check_qualification(part, rules)
        return found or StagesConfig(), rules

    def _match(self) -> MatchConfig:
        path = self.root / "match.yaml"
        if not path.is_file():
            return MatchConfig()
        part = self._part(read_document(path))
        found = self._model(part, MatchConfig)
        check_match(part)
        return found or MatchConfig()

    def _handoff(self, names: list[str], chats: set[str], rules: StageRules) -> HandoffConfig:
        path = self.root / "handoff.yaml"
        if not path.is_file():
            return HandoffConfig()
        part = self._part(read_document(path))
        found = self._model(part, HandoffConfig)
        check_handoff(part, names, chats, rules)
        return found or HandoffConfig()

    def _alerts(self, names: list[str], chats: set[str]) -> AlertsConfig:
        path = self.root / "alerts.yaml"
        if not path.is_file():
            return AlertsConfig()
        part = self._part(read_document(path))
        found = self._model(part, AlertsConfig)
        check_alerts(part, names, chats)
        return found or AlertsConfig()

    def _folder(self, folder: str) -> dict[str, Part]:
        """The YAML files of a folder by name; a file that would be overlooked is told."""
        parts: dict[str, Part] = {}
        place = self.root / folder
        if not place.is_dir():
            return parts
        for path in sorted(place.iterdir()):
            if path.suffix == ".yaml" and path.is_file() and not path.name.startswith("."):
                parts[path.stem] = self._part(read_document(path))
            elif path.suffix.lower() in (".yml", ".json", ".yaml") and path.name[:1] != ".":
                self.report.add(path, Place(1, 1), "WRONG_SUFFIX", name=f"{path.stem}.yaml")
        return parts

    def _part(self, document: Document) -> Part:
        self.report.add_faults(document, document.faults)
        filled = fill(document, self.root, self.env)
        self.report.add_faults(document, filled.faults)
        return Part(self.report, document, filled)

    def _registry(self) -> Registry:
        from connectors.registry import find

        plugins = self.hub.data.get("plugins")
        paths = (
            [one for one in plugins if isinstance(one, str)] if isinstance(plugins, list) else []
        )
        extra = [self.root / one for one in paths if (self.root / one).is_dir()]
        return find(extra)


def _is_chat(slug: str, found: Registry) -> bool:
    """Whether a connector speaks in rooms: what is unknown is told elsewhere."""
    return slug in found and "communication" in found.get(slug).manifest.roles


def _language(hub: Document | None) -> str:
    """The language to speak of mistakes in, also where the file cannot be read."""
    said = text_at(hub.data, "language") if hub is not None else None
    if hub is not None and said is None:
        found = next((m for line in hub.lines if (m := _LANGUAGE.match(line))), None)
        said = found[1] if found is not None else None
    return said if said in ("ja", "en") else str(HubConfig.model_fields["language"].default)


_LANGUAGE = re.compile(r"""language:\s*["']?(ja|en)\b""")
