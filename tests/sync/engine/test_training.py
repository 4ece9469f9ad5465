"""Points proposed from data: sensible, the same each time, and nothing but proposed."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.leads import generate
from benchmarks.leads.reading import values_of
from mapping.match.rules import POINTS, Rules
from mapping.model import Value
from sync.config.model import MatchConfig
from sync.engine import bulk, train
from sync.engine.train import GROUPS, Proposal, propose


@cache
def records() -> dict[str, dict[str, Value]]:
    return dict(map(values_of, generate(301, 1200)))


@cache
def proposal() -> Proposal:
    return propose(records(), processes=1)


def test_evidence_of_one_person_counts_for_and_of_two_against() -> None:
    proposed = {line.code: line.proposed for line in proposal().lines}
    assert min(proposed[code] for code in ("mobile", "line", "name", "account")) > 2
    assert max(proposed[code] for code in ("mobiles_differ", "names_differ", "other_company")) < -1
    assert proposed["name"] > proposed["family"]


def test_each_line_says_what_counts_now_and_how_often_it_was_found() -> None:
    found = proposal()
    assert found.lines
    for line in found.lines:
        assert line.now == POINTS[line.code]
        assert train.LEAST <= line.pairs <= found.pairs
    assert found.records == len(records())


def test_the_same_data_give_the_same_points() -> None:
    assert propose(list(records().items()), processes=1) == proposal()


def test_other_points_of_today_stand_beside_the_proposal() -> None:
    rules = Rules(points={"name": 8.5})
    (line,) = (one for one in propose(records(), rules, processes=1).lines if one.code == "name")
    assert line.now == 8.5


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no file yet"),
        pytest.param(
            "# our own\naccept: 13.0\npoints:\n  name: 9.5  # rare names\n  department: 1\n",
            id="a file",
        ),
    ],
)
def test_the_diff_makes_the_file_that_has_the_points(text: str, tmp_path: Path) -> None:
    file = tmp_path / "match.yaml"
    file.write_text(text)
    diff = proposal().as_yaml_diff(text)
    subprocess.run(["patch", "-s", str(file)], input=diff, text=True, check=True)
    written = YAML(typ="safe").load(file.read_text())
    config = MatchConfig.model_validate(written)
    for line in proposal().lines:
        assert config.rules().points[line.code] == line.proposed
    assert config.accept == proposal().accept
    assert ("# rare names" in file.read_text()) == ("# rare names" in text)


def test_nothing_to_change_is_no_diff() -> None:
    assert Proposal((), 13.0, 13.0, 0, 0).as_yaml_diff("accept: 13.0\n") == ""


@pytest.mark.parametrize("people", [0, 1, 5])
def test_few_records_propose_nothing(people: int) -> None:
    few = dict(list(records().items())[:people])
    assert propose(few, processes=1).lines == ()


def test_all_evidence_is_in_one_group() -> None:
    every = [code for codes in GROUPS.values() for code in codes]
    assert len(every) == len(set(every))
    assert set(every) == set(POINTS)


def test_without_splink_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "find_spec", lambda name: None if name == "splink" else object())
    with pytest.raises(bulk.MissingExtra, match=r"splink: pip install 'renkei\[bulk\]'"):
        propose({})
