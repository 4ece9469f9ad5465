"""Checks beyond loading: what is allowed and still not meant. Asks no vendor."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mapping.errors import MappingError, MappingErrors
from mapping.examples import ExampleResult, run_examples
from mapping.stage_rules import StageRules
from sync.config.addresses import password_in
from sync.config.errors import ConfigError
from sync.config.maps import default_document, fields_file, merged_documents
from sync.config.model import Config, ConnectionConfig
from sync.config.positions import Document, Place, read_document
from sync.config.report import Report, text_at
from sync.config.vendor import Connected, Finding, connect_check

if TYPE_CHECKING:
    from connectors.registry import Installed, Registry

__all__ = ["Connected", "Finding", "check", "connect_check"]

KNOWN_FILES = ("renkei.yaml", "stages.yaml", "match.yaml", "handoff.yaml", "alerts.yaml")
KNOWN_FOLDERS = ("connections", "fields")
_LOCAL = ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104 - compared, not listened on


def check(config: Config, registry: Registry) -> list[ConfigError]:
    """What a configuration that loads still has wrong with it, by file and line.

    ``severity`` tells errors (something will fail) from warnings (something may surprise).
    """
    report = Report(config.root, config.hub.language)
    _check_hub(report, config, registry)
    _check_folder(report, config.root, config.hub.plugins)
    for name, connection in config.connections.items():
        if connection.connector in registry:
            _check_maps(report, config, name, connection, registry.get(connection.connector))
    return report.errors()


def _check_hub(report: Report, config: Config, registry: Registry) -> None:
    hub = read_document(config.root / "renkei.yaml")
    for key in ("database", "broker"):
        written = text_at(hub.data, key)
        if written is not None and _has_clear_password(written):
            report.blot(hub, urlsplit(written).password or "")
            report.add(hub, hub.value_place((key,)), "SECRET_IN_URL", severity="warning", name=key)
    if not config.connections:
        report.add(hub, Place(1, 1), "NO_CONNECTIONS", severity="warning")
    for broken in registry.broken:
        place = hub.value_place(("plugins",))
        why = f"{broken.origin}: {broken.message}"
        report.add(hub, place, "BAD_PLUGIN", severity="warning", why=why)
    secret = config.hub.key
    if secret is not None and not all(map(_is_key, secret.get_secret_value().split(","))):
        report.add(hub, hub.value_place(("key",)), "BAD_HUB_KEY")
    host = urlsplit(config.hub.public_url).hostname
    hooked = any(
        connection.connector in registry
        and registry.get(connection.connector).manifest.webhooks.style != "none"
        and _holds(connection.options, _HOOKS)
        for connection in config.connections.values()
    )
    if hooked and host in _LOCAL:
        place = hub.value_place(("public_url",))
        report.add(hub, place, "NOT_PUBLIC", severity="warning", value=config.hub.public_url)


_HOOKS = frozenset({"webhook_secret", "webhook_secrets", "hook_secret"})


def _check_folder(report: Report, root: Path, plugins: Sequence[str]) -> None:
    for path in sorted(root.iterdir()):
        known = KNOWN_FOLDERS if path.is_dir() else KNOWN_FILES
        is_config = path.is_dir() or path.suffix in (".yaml", ".yml")
        if not is_config or path.name in known or path.name.startswith("."):
            continue
        if any((root / plugin).resolve() == path.resolve() for plugin in plugins):
            continue
        meant = _meant(path, known)
        if meant:
            report.add(
                path, Place(1, 1), "UNKNOWN_FILE", severity="warning", name=path.name, near=meant
            )
    ignored = root / ".gitignore"
    lines = (
        ignored.read_text(encoding="utf-8", errors="replace").split() if ignored.is_file() else []
    )
    if (root / ".env").is_file() and not {".env", "/.env", ".env*", "*.env"} & set(lines):
        report.add(ignored, Place(1, 1), "NOT_IGNORED", severity="warning")


def _meant(path: Path, known: tuple[str, ...]) -> str:
    """The name that was probably meant; a file that has nothing to do with us is none."""
    stems = {Path(name).stem: name for name in known}
    found = difflib.get_close_matches(path.stem.lower(), stems, n=1, cutoff=0.75)
    return stems[found[0]] if found else ""


def _check_maps(
    report: Report, config: Config, name: str, connection: ConnectionConfig, installed: Installed
) -> None:
    own = config.fields.get(name, {})
    merged = merged_documents(installed, own)
    file = config.root / "connections" / f"{name}.yaml"
    for stream in _used(connection, installed):
        if stream not in merged:
            document = read_document(file)
            report.add(
                document,
                document.value_place(("connector",)),
                "NO_MAP",
                name=stream,
                connector=installed.manifest.name,
                connection=name,
            )
    written = read_document(fields_file(config.root, name)) if own else None
    default = default_document(installed)
    for stream, mapped in merged.items():
        manifest = installed.manifest.streams.get(stream)
        kind = str(manifest.kind) if manifest is not None else None
        for result in _failing(mapped, kind, config.stages.rules()):
            _note_example(report, stream, result, written, default)


def _used(connection: ConnectionConfig, installed: Installed) -> list[str]:
    """The stream types that the connection reads or writes."""
    used: list[str] = []
    if connection.pull is not None:
        readable = [name for name, spec in installed.manifest.streams.items() if spec.pull]
        wanted = connection.pull.streams
        types = {name.partition(":")[0] for name in wanted or ()}
        used += [name for name in readable if wanted is None or name in types]
    if connection.push is not None:
        used.append(connection.push.stream.partition(":")[0])
    return list(dict.fromkeys(used))


def _failing(
    document: Mapping[str, Any], kind: str | None, rules: StageRules
) -> Iterator[ExampleResult]:
    try:
        for result in run_examples(document, kind=kind, rules=rules):
            if not result.ok:
                yield result
    except MappingErrors:  # told when the configuration was loaded
        return
    except MappingError as error:
        yield ExampleResult(str(error.path[1]), False, error.message, "–", error.path)


def _note_example(
    report: Report,
    stream: str,
    result: ExampleResult,
    own: Document | None,
    default: Document | None,
) -> None:
    path = (stream, *result.path)
    document = own if own is not None and own.holds(path[:3]) else default
    if document is not None:
        report.add(
            document,
            document.value_place(path),
            "EXAMPLE_FAILS",
            got=repr(result.got),
            want=repr(result.want),
        )


def _is_key(text: str) -> bool:
    """Whether it is a Fernet key: 32 bytes in URL-safe base 64."""
    try:
        return len(base64.urlsafe_b64decode(text.strip())) == 32
    except ValueError:
        return False


def _has_clear_password(written: str) -> bool:
    return password_in(written) and "${" not in (urlsplit(written).password or "")


def _holds(value: Any, keys: frozenset[str]) -> bool:
    """Whether one of the keys stands anywhere in options."""
    if isinstance(value, Mapping):
        return any(key in keys or _holds(item, keys) for key, item in value.items())
    return isinstance(value, list) and any(_holds(item, keys) for item in value)
