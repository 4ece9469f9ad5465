"""Who is alive on this host: each process holds a locked file, and a dead one's leases are freed.

A lease that only runs out by time makes a restart after a kill wait; the operating system lets go
of a dead process's lock at once. Leases of other hosts still run out by time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from sync.engine.hub import Hub, new_id
from sync.store import runs
from sync.store.sealing import check_key

try:
    import fcntl
except ImportError:  # not on this operating system: leases run out by time
    fcntl = None  # type: ignore[assignment]  # asked for before use


def _lock(handle: IO[Any]) -> bool:
    """Whether the lock was free, and is now ours."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Presence:
    """The locked file of this process; its name is the process's id in the database."""

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self._path = home / name
        self._handle = self._path.open("w")
        _lock(self._handle)

    def leave(self) -> None:
        """Let go, at a clean end."""
        self._path.unlink(missing_ok=True)
        self._handle.close()


def enter(hub: Hub) -> Presence:
    """Announce this process, and free what dead ones of this host had leased.

    Raises WrongKey where it does not have the key that the others seal payloads with.
    """
    check_key(hub.database)
    home = hub.config.root / ".renkei" / "processes"
    home.mkdir(parents=True, exist_ok=True)
    release_dead(hub)
    presence = Presence(home, new_id(f"p{os.getpid()}", hub.now()))
    hub.process = presence.name
    return presence


def release_dead(hub: Hub) -> list[str]:
    """Free the leases of processes of this host that are gone; their names."""
    home = hub.config.root / ".renkei" / "processes"
    if not home.is_dir():
        return []
    dead: list[Path] = []
    held: list[IO[Any]] = []
    for path in sorted(home.iterdir()):
        if path.name == hub.process:
            continue
        handle: IO[Any] = path.open("r+")
        if _lock(handle):
            dead.append(path)
            held.append(handle)
        else:
            handle.close()
    names = [path.name for path in dead]
    if names:
        with hub.database.write() as tx:
            runs.close_of(tx, names, hub.stamp())
    for path, handle in zip(dead, held, strict=True):
        path.unlink(missing_ok=True)
        handle.close()
    return names
