"""Finds connectors: ours, those of installed packages, and an operator's own.

Finding reads YAML only. A vendor's Python is imported when it is first used, and what is wrong with
one connector is listed and stops nobody.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from connectors.kit.manifest import Manifest, ManifestBroken, load_manifest, parse, read_yaml

__all__ = ["Broken", "ConnectorBroken", "Installed", "Registry", "UnknownConnector", "find"]

GROUP = "renkei.connectors"
OURS = Path(__file__).parent
NO_CONNECTORS = frozenset({"kit", "testing", "__pycache__"})


class ConnectorBroken(RuntimeError):
    """A connector whose code cannot be used; the message says which and why."""


class UnknownConnector(LookupError):
    """No connector has this slug; the message names the nearest one."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A connector that was found and cannot be used."""

    slug: str
    origin: str
    message: str


@dataclass(frozen=True)
class Installed:
    """A connector that was found. Everything beside the manifest is loaded when first asked for.

    ``home`` is its directory, or the YAML file of a connector that is one file. ``origin`` is
    ``built-in``, the entry point, or the path it was found at. ``module`` is its package's name.
    """

    slug: str
    manifest: Manifest
    origin: str
    home: Path
    module: str

    @property
    def options(self) -> type[BaseModel]:
        """The model of what an operator writes under ``options:``."""
        model: type[BaseModel] = self._part("Options")
        return model

    @property
    def connect(self) -> Callable[[Any, Any], Any]:
        """Builds the connector from its options and a Wiring."""
        function: Callable[[Any, Any], Any] = self._part("connect")
        return function

    @property
    def field_map(self) -> Path | None:
        """The default field map's file."""
        return self._file("fields")

    @property
    def starter(self) -> Path | None:
        """The file that a new connection begins as; None where the connector brings none."""
        return self._file("starter")

    @property
    def rehearsal(self) -> Callable[[Path], Any] | None:
        """What the contract suite drives the connector with, from contract.py."""
        found: Callable[[Path], Any] | None = self._from("contract", "rehearsal")
        return found

    @property
    def simulator(self) -> type[Any] | None:
        """The vendor's simulator, from simulator.py."""
        found: type[Any] | None = self._from("simulator", "Simulator")
        return found

    @property
    def declared(self) -> bool:
        """Whether the connector is YAML only."""
        return "requests" in self._yaml

    @cached_property
    def _yaml(self) -> Any:
        return read_yaml(self.home / "connector.yaml" if self.home.is_dir() else self.home)

    @cached_property
    def _declared(self) -> Any:
        from connectors.kit.declarative import build  # httpx is slow to import: not for a list
        from connectors.kit.definition import Definition

        return build(parse(Definition, self._yaml, self.home))

    @cached_property
    def _package(self) -> ModuleType:
        return self._import(self.module)

    def _file(self, name: str) -> Path | None:
        """A YAML file that lies beside the manifest."""
        file = self.home / f"{name}.yaml" if self.home.is_dir() else _beside(self.home, name)
        return file if file.is_file() else None

    def _part(self, name: str) -> Any:
        if self.declared:
            return self._declared.options if name == "Options" else self._declared.connect
        found = getattr(self._package, name, None)
        if found is None:
            raise ConnectorBroken(f"{self.home}: the connector does not export {name}")
        return found

    def _from(self, file: str, name: str) -> Any:
        if not self.home.is_dir() or not (self.home / f"{file}.py").is_file():
            return None
        _ = self._package
        found = getattr(self._import(f"{self.module}.{file}"), name, None)
        if found is None:
            raise ConnectorBroken(f"{self.home / file}.py has no {name}")
        return found

    def _import(self, name: str) -> ModuleType:
        try:
            if name == self.module and self.module.startswith(LOCAL):
                return _local_package(name, self.home)
            return importlib.import_module(name)
        except Exception as error:
            raise ConnectorBroken(
                f'connector "{self.slug}" ({self.origin}) cannot be imported: '
                f"{type(error).__name__}: {error}"
            ) from error


class Registry:
    """The connectors that were found, by slug."""

    def __init__(self, installed: Iterable[Installed], broken: Iterable[Broken] = ()) -> None:
        self._installed: dict[str, Installed] = {}
        self.broken: list[Broken] = list(broken)
        for item in installed:
            first = self._installed.setdefault(item.slug, item)
            if first is not item:
                self.broken.append(
                    Broken(
                        item.slug,
                        item.origin,
                        f'the slug "{item.slug}" is taken by {first.origin}; this one is not used',
                    )
                )

    def slugs(self) -> list[str]:
        """Every slug, sorted."""
        return sorted(self._installed)

    def get(self, slug: str) -> Installed:
        """The connector; UnknownConnector where there is none, or ConnectorBroken saying why."""
        if slug in self._installed:
            return self._installed[slug]
        for item in self.broken:
            if item.slug == slug:
                raise ConnectorBroken(f"{item.origin}: {item.message}")
        near = difflib.get_close_matches(slug, self._installed, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        raise UnknownConnector(f'there is no connector "{slug}"{hint}')

    def check(self) -> list[Broken]:
        """Import every connector; those that cannot be used, with the ones already known."""
        found = list(self.broken)
        for item in self:
            try:
                _ = (item.options, item.connect, item.simulator)
            except (ConnectorBroken, ManifestBroken) as error:
                found.append(Broken(item.slug, item.origin, str(error)))
        return found

    def __contains__(self, slug: object) -> bool:
        return slug in self._installed

    def __iter__(self) -> Iterator[Installed]:
        return (self._installed[slug] for slug in self.slugs())

    def __len__(self) -> int:
        return len(self._installed)


LOCAL = "renkei_connector_"
"""How the packages of an operator's directories are called in ``sys.modules``."""


def find(extra: Sequence[Path] = ()) -> Registry:
    """Every connector: ours first, then installed packages, then the directories in ``extra``.

    An extra directory holds connectors (a directory with a connector.yaml, or a YAML file, each),
    or is one itself.
    """
    installed: list[Installed] = []
    broken: list[Broken] = []
    for home, origin, module in _places(extra, broken):
        try:
            manifest = load_manifest(home / "connector.yaml" if home.is_dir() else home)
        except ManifestBroken as error:
            broken.append(Broken(home.stem, origin, str(error)))
            continue
        installed.append(
            Installed(manifest.slug, manifest, origin, home, module or LOCAL + manifest.slug)
        )
    return Registry(installed, broken)


def _places(extra: Sequence[Path], broken: list[Broken]) -> Iterator[tuple[Path, str, str]]:
    for home in sorted(OURS.iterdir()):
        if home.name not in NO_CONNECTORS and (home / "connector.yaml").is_file():
            yield home, "built-in", f"connectors.{home.name}"
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        found = _entry_home(point)
        if isinstance(found, Path):
            yield found, f"entry point {point.name} = {point.value}", point.value
        else:
            broken.append(Broken(point.name, f"entry point {point.name} = {point.value}", found))
    for directory in extra:
        if (directory / "connector.yaml").is_file():
            yield directory, str(directory), ""
            continue
        if not directory.is_dir():
            broken.append(Broken(directory.name, str(directory), "there is no such directory"))
            continue
        for item in sorted(directory.iterdir()):
            if (item / "connector.yaml").is_file() or _is_definition(item):
                yield item, str(item), ""


def _entry_home(point: EntryPoint) -> Path | str:
    """The directory of an entry point's package, without importing it; or what is wrong."""
    try:
        spec: ModuleSpec | None = find_spec(point.value)
    except Exception as error:  # noqa: BLE001 - find_spec runs a stranger's parent package
        return f"{type(error).__name__}: {error}"
    if spec is None or not spec.submodule_search_locations:
        return f'there is no package "{point.value}"'
    home = Path(next(iter(spec.submodule_search_locations)))
    return home if (home / "connector.yaml").is_file() else f"{home} has no connector.yaml"


def _is_definition(item: Path) -> bool:
    return item.suffix in {".yaml", ".yml"} and not item.stem.endswith((".fields", ".starter"))


def _beside(file: Path, name: str) -> Path:
    """What belongs to a connector that is one file: ``tayori.fields.yaml``."""
    return file.with_name(f"{file.stem}.{name}.yaml")


def _local_package(name: str, home: Path) -> ModuleType:
    """A directory as a package, with or without __init__.py, under a name of ours."""
    loaded = sys.modules.get(name)
    if loaded is not None and list(loaded.__path__) == [str(home)]:
        return loaded
    for stale in [known for known in sys.modules if known.startswith(f"{name}.")]:
        del sys.modules[stale]
    start = home / "__init__.py"
    spec = (
        spec_from_file_location(name, start, submodule_search_locations=[str(home)])
        if start.is_file()
        else ModuleSpec(name, None, is_package=True)
    )
    if spec is None:
        raise ImportError(f"{start} is no Python file")
    spec.submodule_search_locations = [str(home)]
    package = module_from_spec(spec)
    sys.modules[name] = package
    try:
        if spec.loader is not None:
            spec.loader.exec_module(package)
    except BaseException:
        del sys.modules[name]
        raise
    return package
