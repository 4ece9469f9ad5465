"""Putting leads to rest and waking them from the command line: a look first, then the deed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

LEAD = "lead1@kaisha1.example"
RULE = "dormant: {after_days: 1, stages: [inquiry]}\n"


def sleep(office: Any, *people: str) -> None:
    for one in people:
        typed = office.type(
            "lead", one, "--stage", "dormant", "--reason", "返信なし", "--by", "佐藤"
        )
        assert typed.code == 0, typed.out


def age(office: Any) -> None:
    """Let all that happened lie years back."""
    (path,) = office.root.rglob("*.sqlite3")
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("UPDATE lead SET stage_at = '2020-01-01T00:00:00.000000Z'")
        store.execute("UPDATE activity SET at = '2020-01-01T00:00:00.000000Z'")


def stage_of(office: Any, text: str) -> str:
    return str(office.json("lead", text).one("lead")["stage"])


def test_without_a_rule_resting_is_refused(synced: Any) -> None:
    typed = synced.json("dormant", "--due")
    assert (typed.code, typed.one("error")["code"]) == (2, "NO_DORMANT_RULE")


def test_a_look_moves_nobody_and_apply_everybody_once(synced: Any) -> None:
    synced.write("stages.yaml", RULE)
    assert synced.type("dormant", "--due").code == 0  # nobody is silent yet
    age(synced)
    looked = synced.json("dormant", "--due")
    assert looked.code == 4
    due = [one["lead"] for one in looked.all("dormant")]
    assert due
    assert stage_of(synced, due[0]) == "inquiry"
    applied = synced.json("dormant", "--due", "--apply")
    assert (applied.code, sorted(applied.one("rested")["leads"])) == (0, sorted(due))
    assert stage_of(synced, due[0]) == "dormant"
    assert synced.json("dormant", "--apply").all("rested") == []


def test_dormant_leads_are_chosen_listed_and_woken_with_a_reason(synced: Any) -> None:
    sleep(synced, LEAD, "lead2@kaisha2.example")
    looked = synced.json("dormant", "--reopen", f"email={LEAD}")
    assert (looked.code, [one["email"] for one in looked.all("dormant")]) == (4, [LEAD])
    assert synced.json("dormant", "--reopen", "all", "--apply").one("error")["code"]
    assert stage_of(synced, LEAD) == "dormant"
    (lead,) = looked.all("dormant")
    words = ["--apply", "--reason", "春の掘り起こし", "--by", "佐藤"]
    woken = synced.json("dormant", "--ids", lead["lead"], *words)
    assert (woken.code, woken.one("woken")["leads"]) == (0, [lead["lead"]])
    assert stage_of(synced, LEAD) == "recycled"
    assert stage_of(synced, "lead2@kaisha2.example") == "dormant"


def test_the_list_for_a_campaign_is_a_csv(synced: Any) -> None:
    sleep(synced, LEAD)
    typed = synced.type("dormant", "--reopen", "all", "--csv", "-")
    assert typed.code == 4
    assert LEAD in typed.out
    assert typed.out.lstrip("\ufeff").startswith("lead,name,company,email")


def test_a_filter_that_is_none_is_told(synced: Any) -> None:
    typed = synced.json("dormant", "--reopen", "nosuch")
    assert (typed.code, typed.one("error")["code"]) == (2, "REOPEN_HOW")
