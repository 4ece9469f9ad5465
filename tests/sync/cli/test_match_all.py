"""Matching everything again at the command line, keys made anew, and points proposed."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from ruamel.yaml import YAML

from benchmarks.leads import generate
from benchmarks.leads.reading import values_of
from sync.store.database import Database

SATO = {
    "氏名": "佐藤 花子",
    "姓": "佐藤",
    "名": "花子",
    "会社名": "株式会社青空製作所",
    "メールアドレス": "k1021@aozora.example",
    "ステージ": "リード",
}
TWIN = {**SATO, "メールアドレス": "k2044@aozora.example"}


@pytest.fixture
def asked(office: Any) -> Any:
    """Two leads that may be one person, by points that are lower from now on."""
    office.crm.simulator.import_records(5, [SATO])
    assert office.type("run").code == 0
    office.crm.simulator.import_records(5, [TWIN])
    assert office.type("run").code == 0
    return office


def test_new_points_join_what_was_only_asked_about(asked: Any) -> None:
    assert asked.json("match", "all").one("matched_all")["merged"] == 0
    (asked.root / "match.yaml").write_text("points: {mailboxes_vary: 0}\n")

    would = asked.json("match", "all", "--dry-run")
    done = asked.json("match", "all")
    again = asked.json("match", "all")

    assert (would.code, would.one("matched_all")["merged"]) == (4, 1)
    assert (done.code, done.one("matched_all")["merged"]) == (0, 1)
    assert again.one("matched_all")["merged"] == 0
    assert (
        asked.json("lead", "k2044@aozora.example").one("lead")["id"]
        == (asked.json("lead", "k1021@aozora.example").one("lead")["id"])
    )


def test_keys_that_were_lost_are_made_anew(asked: Any) -> None:
    database = Database(f"sqlite:///{asked.root}/data/renkei.sqlite3")
    with database.write() as tx:
        tx.write("DELETE FROM match_key")
    database.close()

    first = asked.json("match", "rebuild").one("rekeyed")
    second = asked.json("match", "rebuild").one("rekeyed")

    assert first["leads"] == 2
    assert first["added"] > 0
    assert (second["added"], second["removed"]) == (0, 0)


def test_keys_are_made_anew_when_their_rules_changed(asked: Any) -> None:
    (asked.root / "match.yaml").write_text("keys: [[department]]\n")
    asked.crm.simulator.import_records(5, [{**SATO, "部署": "営業部"}])

    assert asked.type("run").code == 0

    assert asked.json("match", "rebuild").one("rekeyed")["added"] == 0


@pytest.fixture
def crowded(office: Any) -> Any:
    """A CRM of many people, many of whom are in it more than once."""
    names = {"氏名": "full_name", "姓": "family_name", "名": "given_name", "会社名": "company"}
    names |= {"メールアドレス": "email", "携帯番号": "mobile", "部署名": "department"}
    people = [
        {
            "ステージ": "リード",
            **{ours: said[name] for ours, name in names.items() if said.get(name)},
        }
        for _, said in map(values_of, generate(301, 500))
    ]
    office.crm.simulator.import_records(5, people)
    assert office.type("run").code == 0
    return office


def test_points_are_proposed_as_a_diff_that_makes_the_file(crowded: Any) -> None:
    file = crowded.root / "match.yaml"
    file.write_text("accept: 13.0  # as usual\n")
    before = file.read_text()

    typed = crowded.json("match", "train")
    told = typed.one("trained")
    diff = crowded.type("match", "train", "--diff").out

    assert typed.code == 4
    assert told["records"] > 500
    assert file.read_text() == before
    proposed = {one["code"]: one["proposed"] for one in told["points"]}
    assert proposed["name"] > 0
    subprocess.run(["patch", "-s", str(file)], input=diff, text=True, check=True)
    written = YAML(typ="safe").load(file.read_text())
    assert written["points"]
    assert written["points"].items() <= proposed.items()
    assert "# as usual" in file.read_text()
    assert crowded.type("check").code == 0
    assert crowded.type("match", "all", "--dry-run").code in (0, 4)


def test_where_too_little_is_stored_nothing_is_proposed(asked: Any) -> None:
    typed = asked.type("match", "train", "--lang", "ja")
    assert typed.code == 0
    assert "変更の提案はありません" in typed.out
