"""Checks of what is installed and configured: versions, names, configuration, key."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sync.cli.doctor.findings import FAIL, OK, WARN, Finding, Visit, found

PYTHON = (3, 11)
SHOWN = ("dramatiq", "httpx", "pydantic", "sqlalchemy", "psycopg", "redis", "pika")
KEY_MODE = 0o077
"""Rights that nobody but the owner needs."""


def python(_visit: Visit) -> Iterator[Finding]:
    """The versions at work."""
    from platform import python_version

    packages = [f"{name} {at}" for name in ("renkei", *SHOWN) if (at := _version(name))]
    state = OK if sys.version_info >= PYTHON else FAIL
    yield found(
        state,
        "python" if state == OK else "python_old",
        version=python_version(),
        packages=", ".join(packages),
        needed=".".join(map(str, PYTHON)),
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def names(_visit: Visit) -> Iterator[Finding]:
    """Whether another package has one of our names."""
    from sync.config.owners import NameTaken, check_owners

    try:
        check_owners()
    except NameTaken as error:
        yield found(FAIL, "names_taken", why=str(error))
    else:
        yield found(OK, "names")


def configuration(visit: Visit) -> Iterator[Finding]:
    """Whether the operator's files are right."""
    from sync.config.check import check
    from sync.config.errors import ConfigErrors

    try:
        config = visit.desk.config
    except ConfigErrors as error:
        first = error.errors[0]
        where = f"{first.file}:{first.line}" if first.line else first.file
        yield found(FAIL, "config_wrong", count=len(error.errors), where=where, why=first.message)
        return
    wrong = check(config, visit.desk.registry)
    errors = sum(one.severity == "error" for one in wrong)
    if errors:
        first = next(one for one in wrong if one.severity == "error")
        yield found(FAIL, "config_wrong", count=errors, where=first.file, why=first.message)
    elif wrong:
        yield found(WARN, "config_warnings", count=len(wrong))
    else:
        yield found(OK, "config", count=len(config.connections))


def key(visit: Visit) -> Iterator[Finding]:
    """Whether the key's file is its owner's only. What it opens is looked at with the database."""
    config = visit.desk.config
    name = ".renkei/key"
    path = config.root / name
    if config.hub.key is not None:
        yield found(OK, "key_set")
    elif not path.exists():
        yield found(OK, "key_none")
    elif path.stat().st_mode & KEY_MODE:
        yield found(WARN, "key_open", path=name, mode=f"{path.stat().st_mode & 0o777:o}")
    else:
        yield found(OK, "key", path=name)


def sealed(visit: Visit) -> Iterator[Finding]:
    """Whether the key is the one that the database's payloads are sealed with."""
    from sync.store.sealing import Box, opens

    keys = keys_of(visit)
    with visit.desk.raw_database.read() as tx:
        is_open = opens(tx, Box(keys) if keys else None)
    if is_open is None:
        yield found(OK, "sealed_none")
    elif is_open:
        yield found(OK, "sealed")
    else:
        yield found(FAIL, "sealed_wrong")


def keys_of(visit: Visit) -> str | None:
    """The hub's keys; None where there is none yet. Makes none."""
    config = visit.desk.config
    if config.hub.key is not None:
        return config.hub.key.get_secret_value()
    path: Path = config.root / ".renkei" / "key"
    return path.read_text().strip() if path.exists() else None
