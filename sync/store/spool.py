"""Renewed tokens on their way into the database, kept in files of this host until they are there.

Many vendors take a refresh token once. If the process dies, or the database is away, between the
vendor's answer and our commit, the answer would be gone and the old refresh token with it.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

MODE = 0o600


class Spool:
    """Sealed tokens by connection and by whose refresh they are, below ``home``.

    Safe for many processes.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def put(self, connection: str, by: str, sealed: bytes) -> None:
        """Keep a token; it is on the disk when this returns."""
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._home / f"draft.{uuid4().hex}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path(connection, by))

    def get(self, connection: str, by: str) -> bytes | None:
        """The token that this refresh got, if it is on its way."""
        try:
            return self._path(connection, by).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, connection: str, by: str) -> None:
        """The token that this refresh got is stored, or not wanted any more."""
        self._path(connection, by).unlink(missing_ok=True)

    def _path(self, connection: str, by: str) -> Path:
        return self._home / f"{quote(connection, safe='')}@{by}"
