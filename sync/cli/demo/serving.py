"""Serves vendors' simulators on loopback; ``renkei demo`` and ``renkei simulate`` share it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.kit.simulator import BaseSimulator

VENDORS = ("typeform", "hubspot", "salesforce", "kintone")
"""Those that have a simulator with a wire."""


def build(slug: str, path: Path | None = None, seed: int = 0) -> BaseSimulator:
    """A vendor's simulator without limits that only cost a rehearsal its time.

    ``path`` keeps its state in a file. Raises KeyError for a vendor that has none.
    """
    return _BUILDERS[slug](path, seed)


def _typeform(path: Path | None, seed: int) -> BaseSimulator:
    from connectors.typeform.simulator import Simulator

    made = Simulator(path=path, seed=seed, rate=None)
    # Chance goes on where the state stands, so that a restart does not deal the same tokens again.
    made.random.seed(f"{seed} {len(made.responses)}")
    return made


def _hubspot(path: Path | None, seed: int) -> BaseSimulator:
    from connectors.hubspot.simulator import Limits, Simulator

    unlimited = Limits(burst=1_000_000, searches=1_000_000, daily=10_000_000)
    return Simulator(path=path, seed=seed, index_lag=0, limits=unlimited)


def _salesforce(path: Path | None, seed: int) -> BaseSimulator:
    from connectors.salesforce.simulator import Field, Simulator

    made = Simulator(path=path, seed=seed, daily_limit=1_000_000)
    reason = Field("Loss_Reason__c", "失注理由", "string", length=255, custom=True)
    made.schema.put_field("Opportunity", reason)
    return made


def _kintone(path: Path | None, seed: int) -> BaseSimulator:
    from connectors.kintone.simulator import Simulator

    return Simulator(path=path, seed=seed)


_BUILDERS: Mapping[str, Callable[[Path | None, int], BaseSimulator]] = {
    "typeform": _typeform,
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "kintone": _kintone,
}


def free_ports(count: int) -> list[int]:
    """So many ports of this machine that nobody uses now."""
    with ExitStack() as held:
        found = []
        for _ in range(count):
            one = held.enter_context(socket.socket())
            one.bind(("127.0.0.1", 0))
            found.append(int(one.getsockname()[1]))
        return found


@contextmanager
def serving(
    simulators: Mapping[str, BaseSimulator], ports: Mapping[str, int]
) -> Iterator[dict[str, str]]:
    """Serve simulators while the block runs; their addresses by name.

    Raises OSError where a port is taken.
    """
    with ExitStack() as running:
        yield {
            name: running.enter_context(simulator.serve(ports.get(name, 0)))
            for name, simulator in simulators.items()
        }
