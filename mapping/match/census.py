"""What the records themselves teach: shared mailboxes and numbers, and names that are common."""

from __future__ import annotations

from collections.abc import Iterable

from mapping.match.crowd import Crowd
from mapping.match.profile import Profile
from mapping.match.rules import HOT, SHARED


class Census:
    """Who uses a contact and where a name is found, of the records seen so far."""

    def __init__(self) -> None:
        self._families: dict[int, set[str]] = {}
        self._accounts: dict[int, set[str]] = {}
        self.shared: set[int] = set()
        self.accounts: dict[int, int] = {}
        self.crowd = Crowd(self.shared, self.accounts)

    def count(self, made: Profile) -> None:
        """Take one record in. Counting it twice changes nothing."""
        voice = made.voice
        if voice:
            for one in made.contacts:
                families = self._families.setdefault(one, set())
                families.add(voice)
                if len(families) >= SHARED:
                    self.shared.add(one)
        if made.account:
            for one in made.name_keys:
                places = self._accounts.setdefault(one, set())
                places.add(made.account)
                if len(places) > self.accounts.get(one, 0):
                    self.accounts[one] = len(places)

    def hot(self, keys: Iterable[int]) -> None:
        """Note keys that so many leads share that they are not looked at one by one."""
        for one in keys:
            self.shared.add(one)
            self.accounts[one] = HOT
