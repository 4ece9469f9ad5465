"""Tokens in the database: encrypted, and refreshed by one worker at a time.

A worker that wants a newer token takes the row by a short lease, calls the vendor outside any
transaction, and writes the new pair before anybody uses it, guarded by the version it started from.
The pair before is kept until the new one has been written over once more. A refresh token that the
vendor replaced is spooled on this host first: if the worker dies, or the database is away, before
the new one is stored, whoever comes next takes it from there and does not ask the vendor again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson

from connectors.kit.errors import AuthFailed, Unavailable
from connectors.kit.tokens import Token
from sync.store.database import Database, Tx, from_iso, iso
from sync.store.sealing import fernet_keys, key_file
from sync.store.spool import Spool

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

__all__ = ["DatabaseTokens", "key_file", "release"]

LEASE = timedelta(seconds=45)
PATIENCE = timedelta(seconds=60)
POLL_SECONDS = 0.05


def _cipher(keys: str) -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(key) for key in fernet_keys(keys)])


class DatabaseTokens:
    """A TokenStore on the hub's database. ``keys``: one or more Fernet keys, newest first.

    ``spool`` is where new tokens wait to be stored; None: they do not. ``process`` tells the name
    of this process: when that one is gone, whoever waits for its refresh need not (``release``).
    """

    def __init__(
        self,
        database: Database,
        keys: str | Callable[[], str],
        *,
        spool: Spool | None = None,
        sleep: Callable[[float], None] = time.sleep,
        process: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._database = database
        self._process = process
        self._spool = spool
        self._keys = keys
        self._made: MultiFernet | None = None
        self._sleep = sleep

    @property
    def _box(self) -> MultiFernet:
        if self._made is None:
            self._made = _cipher(self._keys if isinstance(self._keys, str) else self._keys())
        return self._made

    def read(self, connection: str) -> Token | None:
        """The current token; None before the first sign-in."""
        with self._database.read() as tx:
            rows = tx.rows("SELECT blob, version FROM token WHERE connection = ?", connection)
        return self._open(*rows[0]) if rows and rows[0][0] else None

    def refresh(
        self, connection: str, used: int | None, fetch: Callable[[Token | None], Token]
    ) -> Token:
        """A token newer than ``used``; among all workers each version is fetched once.

        Raises what ``fetch`` or ``sleep`` raise, and Unavailable where others take too long.
        """
        me = f"{self._process() or ''}.{uuid4().hex}"
        give_up = self._database.now() + PATIENCE
        deadline = time.monotonic() + PATIENCE.total_seconds()
        while True:
            newer, busy = self._look(connection, used)
            if newer is not None:
                return newer
            if not busy:
                newer, held, mine = self._take(connection, used, me)
                if newer is not None:
                    return newer
                if mine:
                    break
            if self._database.now() > give_up or time.monotonic() > deadline:
                raise Unavailable(
                    f'connection "{connection}": another worker has been renewing the token for'
                    f" {PATIENCE.total_seconds():.0f} s; trying again later"
                )
            self._sleep(POLL_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the crowd
        try:
            fresh = fetch(held)
        except BaseException:
            self._release(connection, me)
            raise
        found = self._save(connection, me, held, fresh)
        if used is None or found.version > used:
            return found
        return self.refresh(connection, used, fetch)  # too late: another worker is at it now

    def _look(self, connection: str, used: int | None) -> tuple[Token | None, bool]:
        """(a newer token, whether another worker is getting one); takes no lock."""
        with self._database.read() as tx:
            rows = tx.rows(
                "SELECT blob, version, refreshing_by, lease_until FROM token WHERE connection = ?",
                connection,
            )
        if not rows:
            return None, False
        ((blob, version, by, until),) = rows
        if blob and (used is None or version > used):
            return self._open(blob, version), False
        waiting = self._spool.get(connection, by) if self._spool is not None and by else None
        if waiting is not None:
            return self._store(connection, by, version + 1, waiting), False
        return None, bool(until) and from_iso(until) > self._database.now()

    def _take(
        self, connection: str, used: int | None, me: str
    ) -> tuple[Token | None, Token | None, bool]:
        """(a newer token, the held one, whether the lease is ours now)."""
        now = self._database.now()
        with self._database.write() as tx:
            lock = " FOR UPDATE" if tx.postgres else ""
            tx.insert(
                "token",
                ("connection", "blob", "version", "updated_at"),
                [(connection, b"", 0, iso(now))],
                key=("connection",),
            )
            ((blob, version, by, until),) = tx.rows(
                "SELECT blob, version, refreshing_by, lease_until FROM token"
                f" WHERE connection = ?{lock}",
                connection,
            )
            held = self._open(blob, version) if blob else None
            if held is not None and (used is None or version > used):
                return held, held, False
            if by and until and from_iso(until) > now:
                return None, held, False
            tx.write(
                "UPDATE token SET refreshing_by = ?, lease_until = ? WHERE connection = ?",
                me,
                iso(now + LEASE),
                connection,
            )
        return None, held, True

    def _save(self, connection: str, me: str, held: Token | None, fresh: Token) -> Token:
        """Keep what the vendor answered: on this host first, where it cannot be asked for again."""
        before = held.refresh_token if held else None
        version = (held.version if held else 0) + 1
        saved = replace(fresh, refresh_token=fresh.refresh_token or before, version=version)
        sealed = self._seal(saved)
        if self._spool is not None and saved.refresh_token != before:
            self._spool.put(connection, me, sealed)
        return self._store(connection, me, version, sealed)

    def _store(self, connection: str, by: str, version: int, sealed: bytes) -> Token:
        """Make this the token, unless the lease it was got under is over; what is there then."""
        with self._database.write() as tx:
            tx.write(
                "UPDATE token SET previous = blob, blob = ?, version = ?, refreshing_by = NULL,"
                " lease_until = NULL, updated_at = ? WHERE connection = ? AND refreshing_by = ?"
                " AND version = ?",
                sealed,
                version,
                iso(self._database.now()),
                connection,
                by,
                version - 1,
            )
        if self._spool is not None:
            self._spool.drop(connection, by)
        current = self.read(connection)
        return current if current is not None else self._open(sealed, version)

    def _release(self, connection: str, me: str) -> None:
        with self._database.write() as tx:
            tx.write(
                "UPDATE token SET refreshing_by = NULL, lease_until = NULL"
                " WHERE connection = ? AND refreshing_by = ?",
                connection,
                me,
            )

    def _seal(self, token: Token) -> bytes:
        return self._box.encrypt(
            orjson.dumps(
                {
                    "access_token": token.access_token,
                    "refresh_token": token.refresh_token,
                    "expires_at": iso(token.expires_at) if token.expires_at else None,
                    "extra": dict(token.extra),
                }
            )
        )

    def _open(self, blob: bytes, version: int) -> Token:
        from cryptography.fernet import InvalidToken

        try:
            said = orjson.loads(self._box.decrypt(bytes(blob)))
        except InvalidToken as error:
            raise AuthFailed(
                "stored tokens cannot be decrypted with the hub's key: put the key back that they"
                " were stored with (as a further key), or sign in again",
                code="WRONG_KEY",
            ) from error
        expires = said["expires_at"]
        return Token(
            access_token=said["access_token"],
            refresh_token=said["refresh_token"],
            expires_at=from_iso(expires) if expires else None,
            extra=said["extra"],
            version=version,
        )


def release(tx: Tx, processes: Sequence[str]) -> None:
    """Let others get the tokens that processes which are gone were getting.

    Whose refresh it was stays known: what it got may wait in the spool.
    """
    for name in processes:
        tx.write(
            "UPDATE token SET lease_until = NULL WHERE substr(refreshing_by, 1, ?) = ?",
            len(name) + 1,
            f"{name}.",
        )
