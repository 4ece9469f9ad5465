"""A change over a limit is stopped before its first write, and let through only on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sync.cli.corrections import LEAD, edit, rows, writes

CRM = """\
connector: kintone
options:
  base_url: http://127.0.0.1:8080
  api_tokens: ["${env:CRM_TOKEN}"]
  apps: {leads: {app: 5, kind: lead, key_field: renkei_id}}
  hook_secret: ${env:CRM_SECRET}
push:
  stream: records:leads
  limits: LIMITS
"""
TITLES = "メールアドレス,会社名,氏名,役職\n"


def limited(office: Any, limits: str) -> None:
    office.write("connections/crm.yaml", CRM.replace("LIMITS", limits))


@pytest.fixture
def many(office: Any) -> Any:
    """Twenty-four people in the CRM, of whom a fifth may change at once."""
    office.crm.seed(24)
    assert office.type("run", "--quiet").code == 0
    limited(office, "{changed_percent: 20}")
    return office


def retitle(office: Any, count: int) -> int:
    """A list comes in that gives so many people a title; the exit code."""
    lines = [
        f"{mail},{row['会社名']},{row['氏名']},架空の役職"
        for mail, row in list(rows(office).items())[:count]
    ]
    path = office.write("titles.csv", TITLES + "\n".join(lines) + "\n")
    assert office.type("import", str(path), "--yes", "--quiet").code in (0, 1, 3)
    return int(office.type("run", "--quiet").code)


def titles(office: Any) -> set[str]:
    return {row["役職"] for row in rows(office).values()}


def test_a_mass_change_is_stopped_with_nothing_written(many: Any) -> None:
    before = writes(many)
    retitle(many, 24)
    typed = many.json("run")
    (run,) = [run for run in typed.all("run") if run["job"] == "push"]
    assert (run["state"], run["code"]) == ("stopped", "OVER_LIMIT")
    assert typed.code == 3
    (item,) = many.json("errors").all("set_aside")
    assert (item["what"], item["connection"], item["code"]) == ("limit", "crm", "OVER_LIMIT")
    assert writes(many) == before


def test_a_change_within_the_limit_goes_out(many: Any) -> None:
    assert retitle(many, 4) == 0
    assert titles(many) == {"", "架空の役職"}


def test_retry_does_not_let_a_mass_change_through(many: Any) -> None:
    retitle(many, 24)
    before = writes(many)
    assert many.json("retry", "--all").all("undecided")
    assert writes(many) == before


def test_a_mass_change_is_let_through_by_a_plan_that_is_allowed_to_be_large(many: Any) -> None:
    retitle(many, 24)
    plan = many.json("plan").one("plan")
    assert (plan["update"], [one["limit"] for one in plan["over"]]) == (24, ["changed_percent"])
    refused = many.json("apply")
    assert (refused.code, refused.one("error")["code"]) == (1, "OVER_LIMIT")
    assert titles(many) == {""}
    assert many.type("apply", "--allow-large").code == 0
    assert titles(many) == {"架空の役職"}
    assert many.json("errors").all("set_aside") == []
    assert many.json("plan").one("plan_file")["empty"] is True


def test_what_is_held_back_goes_out_once_the_limit_is_lifted(many: Any) -> None:
    retitle(many, 24)
    limited(many, "{}")
    assert many.type("run").code == 0
    assert titles(many) == {"架空の役職"}
    assert many.json("errors").all("set_aside") == []


def test_few_records_are_not_stopped_by_a_percentage(synced: Any) -> None:
    limited(synced, "{changed_percent: 1}")
    edit(synced, "--set", "title=課長")
    plan = synced.json("plan").one("plan")
    assert (plan["update"], plan["over"]) == (1, [])
    assert synced.type("run").code == 0
    assert rows(synced)[LEAD]["役職"] == "課長"


def test_more_creates_than_allowed_are_stopped(office: Any) -> None:
    limited(office, "{creates: 2}")
    office.form.seed(3)
    assert office.type("run", "--quiet").code == 3
    assert rows(office) == {}
    limited(office, "{creates: 3}")
    assert office.type("run", "--quiet").code == 0
    assert len(rows(office)) == 3


def test_stages_turned_back_are_counted_and_stopped(synced: Any) -> None:
    edit(synced, "--stage", "sql", "--reason", "商談化")
    assert synced.type("run", "--quiet").code == 0
    assert rows(synced)[LEAD]["ステージ"] == "SQL"
    limited(synced, "{stage_regressions: 0}")
    edit(synced, "--stage", "mql", "--reason", "取り違え")
    (change,) = synced.json("plan").all("change")
    assert change["diff"]["ステージ"] == ["SQL", "MQL"]
    assert synced.json("plan").one("plan")["stage_regressions"] == 1
    synced.type("run", "--quiet")
    assert rows(synced)[LEAD]["ステージ"] == "SQL"
    assert synced.json("errors").all("set_aside")[0]["what"] == "limit"
