"""The drop folder: which files lie there, read so that nobody is led out of it.

A symbolic link, a file that a link has put outside, and anything that is no plain file are
refused. A file is read in one go, and only when it had rested and did not change meanwhile.
"""

from __future__ import annotations

import glob
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connectors.file.faults import FILE_LINK, FILE_TOO_LARGE, refused
from connectors.file.reading import SUFFIXES
from connectors.kit.errors import Unavailable

_LOOK_ALIKES = frozenset({".xls", ".xlsb", ".ods", ".numbers", ".zip", ".gz"})
"""Lists we do not read; in a drop folder they are reported, other files are none of ours."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file in the folder. ``name`` is its path inside the folder."""

    name: str
    path: Path
    size: int
    mtime_ns: int

    @property
    def saved_at(self) -> datetime:
        """When it was last written."""
        return datetime.fromtimestamp(self.mtime_ns / 1e9, UTC)


class Folder:
    """The files of one connection, in the order of their names."""

    def __init__(self, pattern: str, move_to: str | None = None) -> None:
        """``pattern`` is a folder, a file, or a pattern of files."""
        self.root, self._pattern = _split(pattern)
        self._move_to = Path(move_to) if move_to is not None else None

    def files(self) -> Iterator[Found]:
        """Every list there is now. Raises Unavailable where the folder is missing or closed."""
        if not self.root.is_dir():
            raise Unavailable(
                f"the drop folder {self.root} does not exist: create it or correct options.path",
                code="FILE_NO_FOLDER",
            )
        if not os.access(self.root, os.R_OK | os.X_OK):
            raise Unavailable(
                f"the drop folder {self.root} may not be read: give the hub's user access",
                code="FILE_FORBIDDEN",
            )
        for path in sorted(self.root.glob(self._pattern)):
            found = self._found(path)
            if found is not None:
                yield found

    def _found(self, path: Path) -> Found | None:
        if path.name.startswith((".", "~$")):
            return None
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES and suffix not in _LOOK_ALIKES:
            return None
        if self._move_to is not None and path.parent.resolve().is_relative_to(
            self._move_to.resolve()
        ):
            return None
        try:
            about = path.lstat()
        except OSError:
            return None  # gone between the listing and now
        if stat.S_ISDIR(about.st_mode):
            return None
        name = path.relative_to(self.root).as_posix()
        return Found(name, path, about.st_size, about.st_mtime_ns)

    def read(self, found: Found, max_bytes: int) -> bytes | None:
        """The whole file; None where it has changed since it was found. Links are refused."""
        if not found.path.parent.resolve().is_relative_to(self.root.resolve()):
            raise _link(found.name)
        raw, size, mtime_ns = _read(found.path, max_bytes)
        return raw if (size, mtime_ns, len(raw)) == (found.size, found.mtime_ns, size) else None

    def put_away(self, found: Found) -> bool:
        """Move a file that was read to ``move_to``; whether it went. A taken name gets a number."""
        if self._move_to is None:
            return False
        try:
            self._move_to.mkdir(parents=True, exist_ok=True)
            target = self._move_to / found.path.name
            copy = 1
            while target.exists():
                copy += 1
                target = self._move_to / f"{found.path.stem}-{copy}{found.path.suffix}"
            shutil.move(found.path, target)
        except OSError:
            return False
        return True


def read_given(path: Path, max_bytes: int) -> bytes:
    """The bytes of a file that somebody named. Links, devices and larger files are refused."""
    try:
        return _read(path, max_bytes)[0]
    except OSError as error:
        raise Unavailable(
            f"{path.name} could not be opened ({type(error).__name__}): check path and access",
            code="FILE_FORBIDDEN",
        ) from error


def _read(path: Path, max_bytes: int) -> tuple[bytes, int, int]:
    """The bytes, and size and time of the last change as they were after reading."""
    if path.is_symlink() or path.is_dir():
        raise _link(path.name)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise _link(path.name)
        if about.st_size > max_bytes:
            raise refused(
                FILE_TOO_LARGE,
                f"{path.name} has {about.st_size} bytes, more than options.max_bytes ({max_bytes})",
            )
        raw = file.read(max_bytes + 1)
        after = os.fstat(file.fileno())
    return raw, after.st_size, after.st_mtime_ns


def _link(name: str) -> Exception:
    return refused(
        FILE_LINK, f"{name} is a link or no plain file: put the list itself into the folder"
    )


def _split(pattern: str) -> tuple[Path, str]:
    path = Path(pattern)
    if not glob.has_magic(pattern):
        return (path.parent, glob.escape(path.name)) if path.is_file() else (path, "*")
    fixed = Path(path.anchor)
    parts = path.relative_to(path.anchor).parts if path.anchor else path.parts
    for at, part in enumerate(parts):
        if glob.has_magic(part):
            return fixed, "/".join(parts[at:])
        fixed /= part
    return fixed, "*"
