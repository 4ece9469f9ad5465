"""What a vendor package hands the contract suite: a simulator, options, and ways to stir it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kit.base import Change, Hook
from connectors.kit.simulator import BaseSimulator


@dataclass(frozen=True)
class Rehearsal:
    """A vendor on the bench.

    ``options`` are as an operator writes them, secrets in clear. ``seed(n)`` plants n lead records
    at the vendor. ``change_one`` and ``delete_one`` touch one planted record at the vendor and
    return its (stream, external id). ``changes(n)`` are n new leads to push. ``unknown_field`` is a
    change with a field the vendor does not have. ``hook`` is a webhook that must pass, ``forged``
    one that must not. ``revoke`` makes the credentials invalid. None: the vendor cannot do it, and
    the manifest's ``quality.exempt`` says why.
    """

    options: Mapping[str, Any]
    streams: Sequence[str]
    seed: Callable[[int], None]
    simulator: BaseSimulator | None = None
    change_one: Callable[[], tuple[str, str]] | None = None
    delete_one: Callable[[], tuple[str, str]] | None = None
    changes: Callable[[int], Sequence[Change]] | None = None
    unknown_field: Callable[[], Change] | None = None
    hook: Callable[[], Hook] | None = None
    forged: Callable[[], Hook] | None = None
    revoke: Callable[[], None] | None = None
