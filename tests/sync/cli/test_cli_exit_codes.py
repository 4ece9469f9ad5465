"""Exit codes say what happened: one table, and the circumstances each comes from."""

from __future__ import annotations

from typing import Any

import pytest

from sync.cli.failures import EXIT_CODES

LEAD = "lead1@kaisha1.example"

PLAIN: list[tuple[list[str], int]] = [
    (["run"], 0),
    (["lead", "nobody@example.jp"], 1),
    (["explain", LEAD, "title"], 1),
    (["runs", "--run", "run_x"], 2),
    (["runs", "nosuch"], 2),
    (["audit"], 0),
    (["audit", "nosuch"], 2),
    (["audit", "--sample", "0"], 2),
    (["consent", "--pair", "form", "nosuch"], 2),
    (["consent", "--lead", "nobody@example.jp"], 1),
    (["lead", LEAD, "--stage", "mql"], 2),
    (["lead", LEAD, "--stage", "mqll", "--reason", "電話で確認"], 2),
    (["lead", LEAD, "--set", "phone"], 2),
    (["lead", LEAD, "--set", "phon=1"], 2),
    (["lead", LEAD, "--set", "channel=電話"], 2),
    (["lead", "nobody@example.jp", "--timeline"], 1),
    (["funnel", "--projection", "nosuch"], 2),
    (["funnel", "--by", "nosuch"], 2),
    (["funnel", "--step", "購入=wonn"], 2),
    (["funnel", "--since", "2026-13"], 2),
    (["kpi", "--since", "2026-04", "--until", "2026-03"], 2),
    (["retry"], 2),
    (["preview", "crm", "records"], 2),
    (["preview", "crm", "records", "--record", "999"], 1),
    (["preview", "crm", "deals", "--record", "1"], 2),
    (["import", "missing.csv"], 2),
    (["simulate", "nosuch"], 2),
    (["worker"], 2),
    (["run", "--lang", "fr"], 2),
    (["nosuch"], 2),
    (["run", "--nosuch"], 2),
    (["init"], 2),
    (["run", "--dry-run"], 0),
    (["lead", LEAD, "--set", "title=課長", "--dry-run"], 4),
    (["lead", LEAD, "--set", "company=株式会社みどり物流", "--dry-run"], 0),
    (["pause", "form", "--dry-run"], 4),
    (["resume", "form", "--dry-run"], 0),
    (["db", "upgrade", "--dry-run"], 0),
]


@pytest.mark.parametrize(("words", "code"), PLAIN, ids=lambda value: str(value)[:60])
def test_a_command_ends_with(kept: Any, words: list[str], code: int) -> None:
    assert kept.type(*words).code == code


def test_only_codes_of_the_table_are_returned() -> None:
    assert sorted(EXIT_CODES) == [0, 1, 2, 3, 4, 5]
    assert {code for _, code in PLAIN} <= EXIT_CODES.keys()


def test_a_mistake_in_the_configuration_is_2_and_tells_the_place(office: Any) -> None:
    office.write("connections/crm.yaml", "connector: kintonne\n")
    typed = office.type("run")
    assert typed.code == 2
    assert "connections/crm.yaml:1:12" in typed.err
    assert "Traceback" not in typed.err


def test_all_mistakes_are_told_at_once_to_machines(office: Any) -> None:
    office.write("connections/crm.yaml", "connector: kintonne\n")
    office.write("connections/form.yaml", "conector: typeform\n")
    typed = office.json("check")
    assert typed.code == 2
    files = {line["file"] for line in typed.all("config_error") if line["severity"] == "error"}
    assert files == {"connections/crm.yaml", "connections/form.yaml"}


def test_a_directory_without_a_hub_is_2(office: Any, tmp_path: Any) -> None:
    (office.root / "renkei.yaml").unlink()
    assert office.type("status").code == 2


def test_something_set_aside_is_3(office: Any) -> None:
    unreadable = {"氏名": "田中 一郎", "会社名": "北斗", "URL": "これはURLではない"}
    office.crm.simulator.import_records(5, [unreadable])
    typed = office.type("run")
    assert typed.code == 3
    assert "→ renkei errors" in typed.out


def test_refused_credentials_are_5_until_they_are_good_again(office: Any) -> None:
    office.form.seed(1)
    office.crm.revoke()
    typed = office.type("run")
    assert typed.code == 5
    assert "→ renkei check --connect crm" in typed.out
    assert office.type("status").code == 5
    assert office.type("run").code == 5
    assert office.type("check", "--connect", "crm").code == 5


def test_one_failed_connection_of_several_is_3(office: Any) -> None:
    office.form.seed(1)
    (office.root / "inbox").rmdir()
    typed = office.type("run")
    assert typed.code == 3
    assert "FILE_NO_FOLDER" in typed.out


def test_a_stop_loses_nothing_and_is_1(office: Any) -> None:
    office.form.seed(25)
    asked = iter(range(100))
    office.world.stop = lambda: next(asked) >= 2
    typed = office.type("run", "form")
    assert typed.code == 1
    assert "stopped; nothing is lost" in typed.err
    office.world.stop = None
    office.type("run")
    assert office.json("status").one("status")["leads"] == 25


def test_what_a_run_would_write_is_4(synced: Any) -> None:
    synced.type("lead", LEAD, "--set", "title=課長")
    typed = synced.json("run", "--dry-run")
    assert typed.code == 4
    change = typed.one("change")
    assert (change["connection"], change["action"]) == ("crm", "update")
    assert change["fields"] == ["役職"]
    assert synced.type("run").code == 0
    assert synced.type("run", "--dry-run").code == 0


def test_a_stale_database_is_refused_with_the_command_to_type(synced: Any) -> None:
    from sync.store.database import Database

    database = Database(f"sqlite:///{synced.root}/data/renkei.sqlite3")
    with database.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    typed = synced.type("run")
    assert typed.code == 2
    assert "→ renkei db upgrade" in typed.err
