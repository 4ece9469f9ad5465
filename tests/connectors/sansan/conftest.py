"""A simulated Sansan on a clock that is held, and connectors wired to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.kit.session import Wiring, in_process
from connectors.kit.tokens import MemoryTokens
from connectors.sansan import Connector, Options, connect
from connectors.sansan.simulator import DEFAULT_KEY, Simulator


@pytest.fixture
def simulator(clock: Any) -> Iterator[Simulator]:
    made = Simulator(now=clock, rate=None)
    yield made
    made.close()


@pytest.fixture
def queries(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The query of every request from now on."""
    seen: list[dict[str, str]] = []
    admit = simulator.admit

    def note(request: Any) -> None:
        seen.append(request.args.to_dict())
        admit(request)

    monkeypatch.setattr(simulator, "admit", note)
    return seen


@pytest.fixture
def wire(simulator: Simulator, clock: Any) -> Iterator[Callable[..., Connector]]:
    """A connector with these options: cards since March, the simulator's key.

    Its pauses take no time, unless ``pauses`` says that they move the clock.
    """
    made: list[Connector] = []

    def build(vendor: Simulator = simulator, *, pauses: bool = False, **options: Any) -> Connector:
        wiring = Wiring(
            "cards",
            MemoryTokens(),
            transport=in_process(vendor),
            now=clock,
            sleep=lambda seconds: clock.pass_time(seconds=seconds if pauses else 0),
        )
        given = {"api_key": DEFAULT_KEY, "since": "2026-03-01", **options}
        made.append(connect(Options.model_validate(given), wiring))
        return made[-1]

    yield build
    for connector in made:
        connector.session.close()
