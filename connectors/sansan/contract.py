"""Sansan on the bench of the contract suite."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connectors.kit.rehearsal import Rehearsal
from connectors.sansan.cards import STREAM
from connectors.sansan.simulator import DEFAULT_KEY, Simulator

DAYS = 20
"""Days that are read: several windows."""
_FAMILY = (("佐藤", "サトウ"), ("鈴木", "スズキ"), ("高橋", "タカハシ"), ("田中", "タナカ"))
_GIVEN = (("花子", "ハナコ"), ("健一", "ケンイチ"), ("美咲", "ミサキ"), ("翔太", "ショウタ"))
_COMPANIES = ("青空製作所", "みどり物流", "北斗システム", "さくら商事", "港工業")


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A simulated company whose cards come one after the other; its rate limit is off."""
    simulator = Simulator(path=tmp_path / "sansan.db", rate=None)
    planted: list[str] = []

    def plant() -> str:
        number = len(planted) + 1
        family, given = _FAMILY[number % 4], _GIVEN[number // 4 % 4]
        company = number % len(_COMPANIES)
        card = simulator.scan(
            lastName=family[0],
            lastNameReading=family[1],
            firstName=given[0],
            firstNameReading=given[1],
            companyName=f"株式会社{_COMPANIES[company]}",
            email=f"card{number}@kaisha{company}.example",
            tel=f"03-1234-{number % 10_000:04d}",
            title="部長" if number % 3 else "課長",
            tags=("展示会2026",) if number % 2 else (),
        )
        planted.append(card)
        return card

    def seed(count: int) -> None:
        for _ in range(count):
            plant()
        simulator.save()

    def change_one() -> tuple[str, str]:
        card = planted[0] if planted else plant()
        simulator.edit(card, title="本部長")
        simulator.save()
        return STREAM, card

    def delete_one() -> tuple[str, str]:
        card = planted.pop() if planted else simulator.scan(lastName="小林")
        simulator.delete(card)
        simulator.save()
        return STREAM, card

    since = (simulator.now() - timedelta(days=DAYS)).date()
    return Rehearsal(
        options={"api_key": DEFAULT_KEY, "since": since.isoformat(), "page_size": 10},
        streams=[STREAM],
        seed=seed,
        simulator=simulator,
        change_one=change_one,
        delete_one=delete_one,
        revoke=simulator.revoke,
    )
