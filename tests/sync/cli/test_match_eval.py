"""renkei match eval: a labelled file in, figures by band and the worst mistakes out."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.leads import generate
from benchmarks.leads.registers import households, register

FEBRL = Path(__file__).parents[3] / "benchmarks/leads/febrl.yaml"


def saved(folder: Path, rows: Sequence[dict[str, str]]) -> str:
    path = folder / "labelled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def test_a_register_without_any_settings(office: Any, tmp_path: Path) -> None:
    answer = office.json("match", "eval", saved(tmp_path, register(21, 150)))
    told = answer.one("match_eval")
    assert (answer.code, told["how"], told["label"]) == (0, "columns", "rec_id")
    assert told["entities"] == 150
    automatic, *review = told["bands"]
    assert automatic["at"] == told["accept"]
    assert automatic["f1"] >= 0.99
    assert automatic["b3_f1"] >= 0.99
    assert [band["at"] for band in review] == sorted((b["at"] for b in review), reverse=True)
    assert review[-1]["at"] == pytest.approx(told["review"])
    fields = {line["field"] for line in answer.all("match_field")}
    assert fields >= {"custom.surname", "custom.date_of_birth", "custom.soc_sec_id"}


def test_one_fixed_configuration_for_febrls_schema(office: Any, tmp_path: Path) -> None:
    for seed in (22, 23):
        path = saved(tmp_path, register(seed, 200))
        told = office.json("match", "eval", path, "--config", str(FEBRL)).one("match_eval")
        assert told["accept"] == 14
        assert told["bands"][0]["precision"] >= 0.999
        assert told["bands"][0]["f1"] >= 0.995


@pytest.mark.parametrize("kind", ["japanese", "western"])
def test_leads_are_matched_as_the_hub_does(office: Any, tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, [dict(row) for row in generate(24, 60, kind)])
    told = office.json("match", "eval", path).one("match_eval")
    assert (told["how"], told["accept"]) == ("leads", 13)
    assert told["fields"]["email"] == "email"
    assert told["bands"][0]["precision"] >= 0.9


def test_mistakes_come_with_both_rows_and_reasons_that_add_up(office: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, households(25, 80))
    answer = office.json("match", "eval", path, "--worst", "3")
    mistakes = answer.all("match_mistake")
    assert {one["mistake"] for one in mistakes} == {"false", "missed"}
    for one in mistakes:
        assert one["points"] == pytest.approx(sum(points for _, points, _ in one["reasons"]))
        ours, theirs = one["labels"]
        assert (ours == theirs) is (one["mistake"] == "missed")
        assert [row["person_id"] for row in one["values"]] == one["labels"]
    assert sum(one["mistake"] == "missed" for one in mistakes) <= 3


def test_the_threshold_moves_the_automatic_band(office: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, households(26, 80))
    strict, loose = (
        office.json("match", "eval", path, "--threshold", at).one("match_eval")["bands"][0]
        for at in ("30", "6")
    )
    assert (strict["at"], loose["at"]) == (30, 6)
    assert strict["recall"] < loose["recall"]
    assert strict["precision"] >= loose["precision"]


def test_the_gate_fails_the_command(office: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, households(27, 60))
    passed = office.type("match", "eval", path, "--gate", "0.5", "--worst", "0")
    failed = office.type("match", "eval", path, "--gate", "0.9999", "--worst", "0")
    assert (passed.code, failed.code) == (0, 1)
    assert "is below the gate of 0.9999" in failed.out


def test_people_read_a_table_and_rows_side_by_side(office: Any, tmp_path: Path) -> None:
    path = saved(tmp_path, households(28, 60))
    english = office.type("match", "eval", path, "--worst", "1")
    assert "put together unasked from" in english.out
    assert "review from" in english.out
    assert "missed (worst 1)" in english.out
    assert "custom.dob" in english.out
    japanese = office.type("match", "eval", path, "--worst", "1", "--lang", "ja")
    assert "適合率" in japanese.out
    assert "統合できなかった組（上位 1 件）" in japanese.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["nowhere.csv"], "NO_FILE", id="no-file"),
        pytest.param(["set.csv"], "NO_LABEL", id="no-label"),
        pytest.param(["set.csv", "--label", "who"], "NO_COLUMN", id="no-such-column"),
        pytest.param(["set.csv", "--config", "bad.yaml"], "BAD_FILE", id="bad-config"),
    ],
)
def test_what_cannot_be_done_is_refused(
    office: Any, tmp_path: Path, words: list[str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "set.csv").write_text("name,town\nanna,leeds\nemma,hull\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("accept: much\n", encoding="utf-8")
    answer = office.json("match", "eval", *words)
    assert answer.code == 2
    assert answer.one("error")["code"] == code
