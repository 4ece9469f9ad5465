"""Reads an operator's directory: everything that is wrong with it is told at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.config.dotenv import dotenv
from sync.config.errors import ConfigError, ConfigErrors
from sync.config.handoff import HandoffConfig
from sync.config.handoff_rules import check_handoff
from sync.config.interpolate import fill
from sync.config.maps import compile_maps
from sync.config.match_rules import check_match
from sync.config.model import (
    Config,
    ConnectionConfig,
    HubConfig,
    MatchConfig,
    StagesConfig,
)
from sync.config.positions import Document, Place, parse, read_document
from sync.config.report import Report, text_at
from sync.config.rules import (
    check_connection,
    check_fields,
    check_hub,
    check_names,
    check_push,
    check_stages,
    check_streams,
)
from sync.config.validate import Part, validated
from sync.config.written import Written

if TYPE_CHECKING:
    from connectors.registry import Installed, Registry

__all__ = ["ConfigError", "ConfigErrors", "load"]

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
                self._maps(part, installed, own)
        check_fields(fields, names)
        chats = {name for name, one in read.items() if _is_chat(one.connector, found)}
        stages = self._single("stages.yaml", StagesConfig)
        return Config.model_construct(
            root=self.root,
            hub=hub or HubConfig.model_construct(),
            connections=read,
            fields={name: part.data for name, part in fields.items() if part.data},
            stages=stages,
            match=self._single("match.yaml", MatchConfig),
            handoff=self._handoff(names, chats, stages),
        )

    def _maps(self, part: Part, installed: Installed, own: Part | None) -> None:
        """Compile the connection's field maps, and see that they can do what is asked of them."""
        document, data = (own.document, own.data) if own is not None else (None, {})
        if own is not None and own.document.is_broken:
            return
        known = {key: value for key, value in data.items() if key in installed.manifest.streams}
        if own is not None:
            check_streams(own, installed)
        maps = compile_maps(self.report, installed, known, document)
        check_push(part, installed, maps)

    def _model(self, part: Part, model: type[Any]) -> Any:
        if part.document.is_broken:
            return None
        return validated(part, model, part.data)

    def _single(self, name: str, model: type[Written]) -> Any:
        path = self.root / name
        if not path.is_file():
            return model()
        part = self._part(read_document(path))
        found = self._model(part, model)
        if model is StagesConfig:
            check_stages(part)
        elif model is MatchConfig:
            check_match(part)
        return found or model()

    def _handoff(self, names: list[str], chats: set[str], stages: StagesConfig) -> HandoffConfig:
        path = self.root / "handoff.yaml"
        if not path.is_file():
            return HandoffConfig()
        part = self._part(read_document(path))
        found = self._model(part, HandoffConfig)
        check_handoff(part, names, chats, stages)
        return found or HandoffConfig()

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
