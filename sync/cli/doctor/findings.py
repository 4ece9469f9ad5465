"""What a check gets, what it finds, and how it is kept from taking long or breaking the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync.cli.context import Desk
    from sync.engine.hub import Hub

__all__ = ["FAIL", "OK", "WARN", "Check", "Finding", "Visit", "run"]

OK, WARN, FAIL = "OK", "WARN", "FAIL"
LIMIT_SECONDS = 5.0
"""How long a check may take."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: ``says`` fills the words ``doctor.KEY``, and those of ``doctor.KEY.fix``."""

    state: str
    key: str
    says: Mapping[str, Any] = field(default_factory=dict)


def found(state: str, key: str, **says: Any) -> Finding:
    """A finding, in few words."""
    return Finding(state, key, says)


@dataclass
class Visit:
    """What all checks of one look share. With ``online`` others than our own may be asked."""

    desk: Desk
    online: bool

    @cached_property
    def hub(self) -> Hub:
        """The hub, over the database as it is: nothing is upgraded or made."""
        from sync.cli.context import open_hub_for

        return open_hub_for(self.desk.config, self.desk.raw_database, self.desk.world)


@dataclass(frozen=True, slots=True)
class Check:
    """One check. It is left out where one that it ``needs`` found a failure."""

    name: str
    look: Callable[[Visit], Iterable[Finding]]
    needs: tuple[str, ...] = ()


def run(check: Check, visit: Visit, limit: float = LIMIT_SECONDS) -> list[Finding]:
    """What a check finds. One that breaks, or takes too long, is a failure and no more."""
    done: list[Finding] = []

    def look() -> None:
        try:
            done.extend(check.look(visit))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what was found
            words = str(getattr(error, "orig", None) or error).strip().splitlines()
            why = f"{type(error).__name__}: {words[0] if words else '–'}"
            done.append(found(FAIL, "broke", why=why))

    thread = threading.Thread(target=look, name=f"check-{check.name}", daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        return [*done, found(FAIL, "slow", seconds=f"{limit:g}")]
    return done
