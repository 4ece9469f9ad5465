"""What people are told about capacity: speeds that are known, and what is not known."""

from __future__ import annotations

import pytest

from tests.sync.cli.conftest import Office


def test_a_new_installation_says_that_it_knows_too_little(synced: Office) -> None:
    told = synced.type("capacity")
    assert told.code == 0
    assert "it needs at least 500 records in batches of 50 or more" in told.out
    assert "growth: not known" in told.out
    stages = synced.json("capacity").all("stage")
    assert {one["stage"] for one in stages} == {"webhooks", "resolve", "pull", "push"}
    assert all(one["records_a_second"] is None and not one["enough"] for one in stages)
    (resolve,) = [one for one in stages if one["stage"] == "resolve"]
    assert resolve["load"] > 0


def test_enough_work_tells_what_runs_out_first(office: Office) -> None:
    office.form.seed(600)
    assert office.type("run", "--quiet").code == 0
    found = office.json("capacity")
    known = {(one["stage"], one["connection"]): one for one in found.all("stage")}
    for stage in (("resolve", None), ("pull", "form"), ("push", "crm")):
        assert known[stage]["enough"]
        assert known[stage]["headroom"] > 1
    assert found.one("disk")["leads"] == 600
    limits = found.all("limit")
    room = [one["headroom"] for one in limits if one["headroom"] is not None]
    assert room == sorted(room)
    told = office.type("capacity").out
    assert "what runs out first:" in told
    assert "\n→ " in told


@pytest.mark.parametrize(
    ("language", "told"),
    [("ja", "* は今回、隣の仮データベースで計測した値です"), ("en", "*: measured just now")],
)
def test_measuring_tells_what_was_not_known(
    synced: Office, language: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.engine.trial.RECORDS", 60)
    monkeypatch.setattr("sync.engine.trial.WARM_UP", 10)
    typed = synced.type("capacity", "--measure", "--lang", language)
    assert typed.code == 0
    assert told in typed.out
    assert "*  " in typed.out


def test_measuring_is_said_to_machines(synced: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.engine.trial.RECORDS", 60)
    monkeypatch.setattr("sync.engine.trial.WARM_UP", 10)
    found = synced.json("capacity", "--measure")
    assert {one["stage"] for one in found.all("trial")} == {"webhooks", "resolve"}
    (resolve,) = [one for one in found.all("stage") if one["stage"] == "resolve"]
    assert resolve["records_a_second"] > 0
    assert not resolve["enough"]
