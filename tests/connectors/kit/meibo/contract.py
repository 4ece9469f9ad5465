"""Meibo on the bench of the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors.kit.base import Change
from connectors.kit.rehearsal import Rehearsal

from .simulator import Simulator


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A team with nobody in it."""
    vendor = Simulator(path=tmp_path / "meibo.sqlite3")
    planted: list[str] = []

    def seed(count: int) -> None:
        for number in range(count):
            name = {"full": f"鈴木 {number}子", "last": "鈴木"}
            planted.append(vendor.put(name=name, mail=f"suzuki{number}@aozora.example"))

    def changes(count: int) -> Sequence[Change]:
        return [
            Change("people", f"lead-{number}", {"mail": f"tanaka{number}@aozora.example"})
            for number in range(count)
        ]

    def delete_one() -> tuple[str, str]:
        vendor.archive(planted[-1])
        return "people", planted[-1]

    def revoke() -> None:
        vendor.key = "another"

    return Rehearsal(
        options={"key": vendor.key, "team": "営業1".encode().hex()},
        streams=["people"],
        seed=seed,
        simulator=vendor,
        change_one=lambda: ("people", vendor.put(planted[3], stage="商談")),
        delete_one=delete_one,
        changes=changes,
        unknown_field=lambda: Change("people", "lead-x", {"mail": "x@aozora.example", "hobby": 1}),
        revoke=revoke,
    )
