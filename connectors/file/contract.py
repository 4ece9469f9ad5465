"""A drop folder on the bench, for the contract suite."""

from __future__ import annotations

from pathlib import Path

from connectors.file import Options, connect
from connectors.file.simulator import Simulator, people
from connectors.file.simulator_people import Person
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.session import Wiring
from connectors.kit.tokens import MemoryTokens

LIST = "contract"


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A folder with a visitor list that can grow and change; there is no service behind it."""
    folder = tmp_path / "in"
    simulator = Simulator(folder)
    options = {"path": str(folder), "profile": "exhibition"}
    planted: list[Person] = []

    def seed(count: int) -> None:
        planted.extend(people(count, seed=len(planted) + 1))
        simulator.write("exhibition", planted, name=LIST)

    def change_one() -> tuple[str, str]:
        planted[0] = {**planted[0], "title": f"{planted[0]['title']}代理"}
        path = simulator.write("exhibition", planted, name=LIST)
        wiring = Wiring(LIST, MemoryTokens())
        page = next(connect(Options.model_validate(options), wiring).pull_file(path))
        return "rows", page.records[0].external_id

    return Rehearsal(options=options, streams=("rows",), seed=seed, change_one=change_one)
