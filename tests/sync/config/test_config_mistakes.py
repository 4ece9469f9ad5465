"""One seeded mistake in a directory that is else fine: its code, exact place, and the way out.

The mark in a case's file is taken out before the file is written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sync.config.errors import ConfigErrors
from tests.sync.config import mistakes, stage_mistakes
from tests.sync.config.mistakes import MARK, Case

CASES = {**mistakes.CASES, **stage_mistakes.CASES}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_mistake_is_told_with_its_place_and_the_way_out(
    case: Case,
    plant: Callable[[dict[str, str]], Path],
    errors_of: Callable[[Path], ConfigErrors],
) -> None:
    before, marked, after = case.text.partition(MARK)
    assert marked, "the case does not say where its mistake is"
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    found = errors_of(plant({case.file: before + after}))

    told = [(e.code, e.file, e.line, e.column) for e in found.errors]
    assert told == [(case.code, case.file, line, column)]
    assert case.hint in found.errors[0].hint


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 45


@pytest.mark.parametrize(
    ("raw", "place", "looks"),
    [
        ("language: en\nlisten: 東京\n".encode("cp932"), (2, 9), "Shift_JIS"),
        ("language: en\n".encode("utf-16"), (1, 1), "UTF-16"),
    ],
    ids=["Shift_JIS", "UTF-16"],
)
def test_a_file_that_is_not_utf8_says_what_it_looks_like(
    raw: bytes,
    place: tuple[int, int],
    looks: str,
    plant: Callable[[dict[str, bytes]], Path],
    errors_of: Callable[[Path], ConfigErrors],
) -> None:
    error = errors_of(plant({"renkei.yaml": raw})).errors[0]
    assert (error.code, error.line, error.column) == ("NOT_UTF8", *place)
    assert looks in error.message
    assert "UTF-8" in error.hint
