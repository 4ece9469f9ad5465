"""What the data itself teaches about contacts and names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Crowd:
    """What the data itself teaches: contacts that are several people's, and common names.

    ``shared`` holds keys of mailboxes and numbers that are nobody's own. ``accounts`` says at how
    many accounts a name is found (by its key); a name that is not there is at one.
    """

    shared: Collection[int] = field(default_factory=frozenset)
    accounts: Mapping[int, int] = field(default_factory=dict)


NO_CROWD = Crowd()
