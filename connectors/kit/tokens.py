"""Tokens that change hands: what an auth scheme needs of whoever stores them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and what came with it. ``version`` grows by one with each refresh.

    ``extra`` holds what else the vendor returned and the connector needs (instance_url, scope).
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    version: int = 0


class TokenStore(Protocol):
    """Where tokens live. Every worker of a connection shares one row."""

    def read(self, connection: str) -> Token | None:
        """The current token, or None before the first sign-in."""
        ...

    def refresh(
        self, connection: str, used: int | None, fetch: Callable[[Token | None], Token]
    ) -> Token:
        """A token with a version above ``used``.

        Among all workers, ``fetch`` is called once for each version: whoever comes second waits and
        gets what the first one got. The new token is saved before it is returned. A refresh token
        that the answer lacks is kept from before.
        """
        ...


class MemoryTokens:
    """Tokens for one process: tests, previews, vendors whose tokens cost nothing to get again."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()

    def read(self, connection: str) -> Token | None:
        """The current token."""
        return self._tokens.get(connection)

    def refresh(
        self, connection: str, used: int | None, fetch: Callable[[Token | None], Token]
    ) -> Token:
        """A token newer than ``used``; one fetch at a time."""
        with self._lock:
            held = self._tokens.get(connection)
            if held is not None and (used is None or held.version > used):
                return held
            fresh = fetch(held)
            kept = fresh.refresh_token or (held.refresh_token if held else None)
            version = held.version + 1 if held else 1
            saved = replace(fresh, refresh_token=kept, version=version)
            self._tokens[connection] = saved
            return saved
