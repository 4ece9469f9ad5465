"""Who is alive on this host: each process holds a locked file, and a dead one's leases are freed.

A lease that only runs out by time makes a restart after a kill wait; the operating system lets go
of a dead process's lock at once. Leases of other hosts still run out by time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from sync.engine.hub import Hub, new_id
from sync.store import runs, tokens
from sync.store.sealing import check_key

try:
    import fcntl
except ImportError:  # not on this operating system: leases run out by time
    fcntl = None  # type: ignore[assignment]  # asked for before use


class InUse(Exception):
    """The database cannot be replaced now, or is being replaced."""


def _lock(handle: IO[Any], *, shared: bool = False) -> bool:
    """Whether the lock was free, and is now ours."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Presence:
    """The locked file of this process; its name is the process's id in the database."""

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self._path = home / name
        # Locked before anybody can see it: one that is there and not locked counts as dead.
        hidden = home.with_name(f"{name}.new")
        self._handle = hidden.open("w")
        _lock(self._handle)
        self._handle.write(version("renkei"))
        self._handle.flush()
        hidden.rename(self._path)

    def leave(self) -> None:
        """Let go, at a clean end."""
        self._path.unlink(missing_ok=True)
        self._handle.close()


def enter(hub: Hub) -> Presence:
    """Announce this process, and free what dead ones of this host had leased.

    Raises WrongKey where it does not have the key that the others seal payloads with, and InUse
    while a backup is being restored.
    """
    home = _home(hub.config.root)
    home.mkdir(parents=True, exist_ok=True)
    with _door(home, shared=True):
        check_key(hub.database)
        release_dead(hub)
        presence = Presence(home, new_id(f"p{os.getpid()}", hub.now()))
    hub.process = presence.name
    return presence


def _home(root: Path) -> Path:
    return root / ".renkei" / "processes"


@contextmanager
def _door(home: Path, *, shared: bool = False) -> Iterator[None]:
    with (home.parent / "door").open("w") as handle:
        if not _lock(handle, shared=shared) and fcntl is not None:
            raise InUse("a backup is being restored here, or a process is just beginning")
        yield


@contextmanager
def nobody_in(root: Path) -> Iterator[None]:
    """While the block runs no process of this host works, nor begins to. Raises InUse otherwise."""
    home = _home(root)
    home.mkdir(parents=True, exist_ok=True)
    with _door(home):
        names = sorted(alive(root))
        if names:
            raise InUse(f"these processes are at work: {', '.join(names)}")
        yield


def alive(root: Path) -> dict[str, str]:
    """The processes of this host that are at work, by name, and their versions."""
    home = _home(root)
    found: dict[str, str] = {}
    for path in sorted(home.iterdir()) if home.is_dir() else ():
        try:
            with path.open("r") as handle:
                if fcntl is not None and not _lock(handle, shared=True):
                    found[path.name] = handle.read()
        except FileNotFoundError:
            continue  # it has just left
    return found


def release_dead(hub: Hub) -> list[str]:
    """Free the leases of processes of this host that are gone; their names."""
    home = _home(hub.config.root)
    if not home.is_dir():
        return []
    dead: list[Path] = []
    held: list[IO[Any]] = []
    for path in sorted(home.iterdir()):
        if path.name == hub.process:
            continue
        try:
            handle: IO[Any] = path.open("r+")
        except FileNotFoundError:
            continue  # another process was quicker, or its own has left
        if _lock(handle):
            dead.append(path)
            held.append(handle)
        else:
            handle.close()
    names = [path.name for path in dead]
    if names:
        with hub.database.write() as tx:
            runs.close_of(tx, names, hub.stamp())
            tokens.release(tx, names)
    for path, handle in zip(dead, held, strict=True):
        path.unlink(missing_ok=True)
        handle.close()
    return names
