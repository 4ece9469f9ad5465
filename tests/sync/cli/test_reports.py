"""What the reports print: charts that fit, shares of nothing, CSV that harms nobody."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cli import charts
from sync.cli.tables import width

LEAD = "lead1@kaisha1.example"


@given(
    st.lists(
        st.tuples(st.text("認知興味・関心abc ", max_size=40), st.integers(0, 10**7)), max_size=8
    )
)
def test_bars_fit_eighty_columns_whatever_the_letters(rows: list[tuple[str, int]]) -> None:
    lines = charts.bars([(name, number, f"{number:,}") for name, number in rows])
    assert all(width(line) <= charts.COLUMNS for line in lines)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_bar_is_as_long_as_its_share_and_something_is_never_nothing(one: int, most: int) -> None:
    drawn = charts.bar(min(one, most), most, 40)
    assert drawn
    assert width(drawn) <= 40
    assert charts.bar(most, most, 40) == "█" * 40
    assert charts.bar(0, most, 40) == ""


def test_a_share_of_nothing_is_a_dash() -> None:
    assert charts.share(0, 0) == "–"
    assert charts.percent(None) == "–"
    assert charts.share(1, 4) == "25.0% (1/4)"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "words",
    [
        ["funnel"],
        ["funnel", "--projection", "purchase"],
        ["funnel", "--by", "month"],
        ["kpi"],
    ],
    ids=" ".join,
)
def test_a_report_fits_a_narrow_terminal(kept: Any, words: list[str], language: str) -> None:
    typed = kept.type(*words, "--lang", language)
    assert typed.code == 0
    assert [line for line in typed.out.splitlines() if width(line) > charts.COLUMNS] == []


def test_json_tells_figures_and_no_words(kept: Any) -> None:
    typed = kept.json("funnel", "--by", "channel")
    total = sum(line["began"] for line in typed.all("cohort"))
    assert typed.one("cohorts")["by"] == "channel"
    steps = {line["step"]: line for line in kept.json("funnel").all("step")}
    assert steps["inquiry"]["entered"] == total == 9
    assert steps["won"]["conversion"] is None
    rates = kept.json("kpi").one("kpi")["rates"]
    assert rates["opened"] == {"part": 0, "whole": 0, "share": None}


def test_csv_goes_to_standard_output_alone(kept: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(kept.type("funnel", "--csv", "-").out)))
    assert [row["step"] for row in rows][0::7] == ["inquiry", "won"]
    assert rows[0]["entered"] == "9"


def test_a_csv_for_a_spreadsheet_has_a_mark_and_computes_nothing(synced: Any) -> None:
    lead = synced.json("lead", LEAD).one("lead")["id"]
    assert synced.type("lead", lead, "--set", "full_name==HYPERLINK(1)").code == 0
    assert synced.type("lead", lead, "--stage", "dormant", "--reason", "返信なし").code == 0
    target = synced.root / "silent.csv"
    assert synced.type("dormant", "--csv", str(target)).code == 0
    raw = target.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = {row["lead"]: row for row in csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))}
    assert (rows[lead]["name"], rows[lead]["stage"]) == ("'=HYPERLINK(1)", "dormant")


def test_a_story_is_told_in_both_languages_and_to_machines(kept: Any) -> None:
    english = kept.type("lead", LEAD, "--timeline")
    japanese = kept.type("lead", LEAD, "--timeline", "--lang", "ja")
    assert "created" in english.out
    assert "リード作成" in japanese.out
    moments = kept.json("lead", LEAD, "--timeline").all("moment")
    assert [one["at"] for one in moments] == sorted(one["at"] for one in moments)
    assert {"created", "stage", "pushed"} <= {one["what"] for one in moments}
