"""Who is silent, since when, and who is not to be written to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync.engine.dormant import dormant
from sync.store.database import Database
from tests.sync.engine.lives import Lives, at

LONG_AGO, LATELY = at("2025-06-01"), at("2026-03-20")
"""The clock of the tests stands at 2026-04-01."""


@pytest.fixture
def lives(database: Database, tmp_path: Path) -> Lives:
    return Lives(database, tmp_path)


def silent(lives: Lives, **asked: Any) -> list[str]:
    return [one.lead_id for one in dormant(lives.hub, **asked).leads]


def test_silent_is_who_neither_moved_nor_did_anything(lives: Lives) -> None:
    quiet = lives.lead(("mql", LONG_AGO))
    lives.lead(("mql", LATELY))
    called = lives.lead(("mql", LONG_AGO))
    lives.did(called, "call", LATELY)
    mailed = lives.lead(("won", at("2025-07-01")))
    lives.did(mailed, "email_sent", LATELY)
    lives.did(mailed, "meeting", at("2025-08-01"))
    assert silent(lives) == [quiet, mailed]
    first, second = dormant(lives.hub).leads
    assert (first.last_at, first.last) == (None, None)
    assert (second.last_at, second.last) == (at("2025-08-01"), "meeting")
    assert silent(lives, days=5)[2:] == sorted(silent(lives, days=5)[2:])
    assert len(silent(lives, days=5)) == 4


def test_dormant_counts_however_lately_and_disqualified_never(lives: Lives) -> None:
    resting = lives.lead(("dormant", LATELY))
    lives.lead(("disqualified", LONG_AGO))
    assert silent(lives) == [resting]


def test_who_opted_out_is_left_out_unless_asked_for_and_then_marked(lives: Lives) -> None:
    free = lives.lead(("mql", LONG_AGO), consent__email__marketing="granted", owner="a@b.example")
    denied = lives.lead(("mql", at("2025-07-01")), consent__phone__marketing="denied")
    lives.lead(("mql", LATELY), consent__email__marketing="denied")
    assert silent(lives) == [free]
    found = dormant(lives.hub, with_denied=True).leads
    assert [(one.lead_id, one.denied, one.owner) for one in found] == [
        (free, (), "a@b.example"),
        (denied, ("consent.phone.marketing",), None),
    ]


def test_a_limit_says_that_there_are_more(lives: Lives) -> None:
    for _ in range(3):
        lives.lead(("mql", LONG_AGO))
    assert (len(silent(lives, limit=2)), dormant(lives.hub, limit=2).more) == (2, True)
    assert dormant(lives.hub, limit=3).more is False
