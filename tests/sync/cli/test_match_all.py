"""Matching everything again at the command line, and keys made anew."""

from __future__ import annotations

from typing import Any

import pytest

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
