"""Checks of what the hub stands on: database, schema, disk, clock, broker, its public address."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from sqlalchemy.exc import DBAPIError

from sync.cli.doctor.findings import FAIL, OK, WARN, Finding, Visit, found
from sync.store import upgrade, vitals

LEAST = {"sqlite": (3, 35), "postgresql": (13,)}
"""The oldest versions that have all we use."""
PROVEN_BYTES = 200_000_000
"""Up to this size an SQLite file is read through in the time there is."""
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs")
"""File systems on which SQLite's locks are not to be relied on."""
FULL_BYTES, FULL_SHARE = 100_000_000, 0.05
"""Free space below which nothing can be written soon; the share below which it gets tight."""
CLOCK_SECONDS = 5.0


def database(visit: Visit) -> Iterator[Finding]:
    """Whether the database is there, answers, and is new enough."""
    store = visit.desk.raw_database
    name = "SQLite" if store.dialect == "sqlite" else "PostgreSQL"
    if store.path and not Path(store.path).exists():
        yield found(FAIL, "database_none", path=store.path)
        return
    try:
        with store.read() as tx:
            version = vitals.version(tx)
    except DBAPIError as error:
        why = str(error.orig).strip().splitlines()[0]
        yield found(FAIL, "database_silent", name=name, why=why)
        return
    shown = ".".join(map(str, version))
    if version < LEAST[store.dialect]:
        least = ".".join(map(str, LEAST[store.dialect]))
        yield found(FAIL, "database_old", name=name, version=shown, least=least)
    else:
        yield found(OK, "database", name=name, version=shown)


def schema(visit: Visit) -> Iterator[Finding]:
    """Whether the tables are those of this version."""
    store, head = visit.desk.raw_database, upgrade.head()
    at = upgrade.current(store)
    try:
        fits = upgrade.fits(store)
    except upgrade.NewerSchema:
        yield found(FAIL, "schema_new", at=at, head=head)
        return
    if not fits:
        yield found(FAIL, "schema_old", at=at or "–", head=head)
    elif at != head:
        yield found(WARN, "schema_ahead", at=at, head=head)
    else:
        yield found(OK, "schema", at=at)


def file(visit: Visit) -> Iterator[Finding]:
    """Whether an SQLite file is sound, local, and in the mode that lets many read."""
    store = visit.desk.raw_database
    if not store.path:
        return
    kind = _file_system(Path(store.path))
    if kind in REMOTE:
        yield found(FAIL, "file_remote", kind=kind, path=store.path)
        return
    size = Path(store.path).stat().st_size
    with store.read() as tx:
        mode = vitals.journal_mode(tx)
        damage = vitals.damage(tx) if size <= PROVEN_BYTES else ""
    if mode != "wal":
        yield found(FAIL, "file_mode", mode=mode)
    elif damage:
        yield found(FAIL, "file_damaged", why=damage)
    elif size > PROVEN_BYTES:
        yield found(OK, "file_large", size=f"{size / 1e6:,.0f}")
    else:
        yield found(OK, "file", size=f"{size / 1e6:,.1f}")


def _file_system(path: Path) -> str:
    """The kind of file system a path is on; "" where the operating system does not say."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return ""
    place, best = os.path.realpath(path), ("", "")
    for line in mounts.read_text().splitlines():
        _, where, kind, *_ = line.split(" ")
        point = where.replace("\\040", " ")
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def disk(visit: Visit) -> Iterator[Finding]:
    """Whether there is room where the hub writes."""
    store = visit.desk.raw_database
    place = Path(store.path).parent if store.path else visit.desk.root
    usage = shutil.disk_usage(place if place.exists() else visit.desk.root)
    share = usage.free / usage.total
    says = {"free": f"{usage.free / 1e9:,.1f}", "percent": f"{100 * share:.0f}", "path": place}
    if usage.free < FULL_BYTES:
        yield found(FAIL, "disk_full", **says)
    elif share < FULL_SHARE:
        yield found(WARN, "disk_tight", **says)
    else:
        yield found(OK, "disk", **says)


def clock(visit: Visit) -> Iterator[Finding]:
    """Whether this host's clock and the database's agree."""
    store = visit.desk.raw_database
    if store.dialect == "sqlite":
        yield found(OK, "clock_one")
        return
    with store.read() as tx:
        before = datetime.now(UTC)
        server = vitals.server_time(tx).astimezone(UTC)
        after = datetime.now(UTC)
    apart = (server - (before + (after - before) / 2)).total_seconds()
    state = OK if abs(apart) <= CLOCK_SECONDS else WARN
    yield found(state, "clock" if state == OK else "clock_apart", seconds=f"{apart:+.1f}")


def broker(visit: Visit) -> Iterator[Finding]:
    """Whether the broker answers."""
    from sync.workers.bells import BrokerUnusable, answers, make_broker

    url = visit.desk.config.hub.broker
    if not url:
        yield found(OK, "broker_none")
        return
    place = urlsplit(url).hostname or "localhost"
    try:
        made = make_broker(url)
    except BrokerUnusable as error:
        yield found(FAIL, "broker_unusable", why=str(error))
        return
    why = answers(made)
    if why:
        yield found(FAIL, "broker_silent", host=place, why=why)
    else:
        yield found(OK, "broker", kind=url.partition(":")[0], host=place)


def public_url(visit: Visit) -> Iterator[Finding]:
    """Whether vendors reach the hub, as far as this host can tell."""
    url = visit.desk.config.hub.public_url.rstrip("/")
    if not visit.online:
        return
    if urlsplit(url).scheme not in ("http", "https"):
        yield found(FAIL, "url_silent", url=url, why="http(s)")
        return
    try:
        with urlopen(f"{url}/healthz", timeout=4) as answer:  # noqa: S310 - its scheme is known
            status = answer.status
    except (URLError, OSError) as error:
        yield found(FAIL, "url_silent", url=url, why=getattr(error, "reason", None) or error)
        return
    yield found(OK if status == 200 else FAIL, "url" if status == 200 else "url_other",
                url=url, status=status)  # fmt: skip
