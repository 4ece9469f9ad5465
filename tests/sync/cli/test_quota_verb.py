"""What people are told about quotas: how much is left, who waits until when, what is owed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.sync.cli.conftest import CRM, Office

TIGHT = "quota: {daily: 20, resets: '09:00', leave: {backfill: 100, routine: 100, opt_out: 0}}\n"


@pytest.fixture
def tight(synced: Office) -> Office:
    """An office whose CRM may be called no more today, and that owes it something."""
    synced.write("connections/crm.yaml", CRM + TIGHT)
    synced.form.seed(2)
    synced.type("run", "form", "--quiet")
    return synced


def test_quota_tells_what_is_left_and_used_by_lane(synced: Office) -> None:
    (crm,) = synced.json("quota", "crm").all("quota")
    assert (crm["account"], crm["connections"], crm["limit"]) == ("crm", ["crm"], 10_000)
    assert crm["left"] == 10_000 - sum(crm["used"].values())
    assert set(crm["used"]) == {"routine", "backfill"}
    assert datetime.fromisoformat(crm["resets_at"]).time().hour == 0  # 09:00 in Japan
    assert (crm["paused_until"], crm["waits"], crm["forecast"]) == (None, [], [])


def test_quota_says_who_waits_and_what_is_owed(tight: Office) -> None:
    (crm,) = tight.json("quota", "crm").all("quota")
    assert [one["lane"] for one in crm["waits"]] == ["routine", "backfill"]
    assert {one["until"] for one in crm["waits"]} == {crm["resets_at"]}
    (owed,) = crm["forecast"]
    assert (owed["changes"], owed["calls"], owed["fits"]) == ({"routine": 2}, {"routine": 1}, False)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ja", "crm: 本日の API 枠のため 定常の同期・初回取得・照合は "),
        ("en", "crm: routine work, backfills wait for the day's calls until "),
    ],
)
def test_status_and_quota_say_it_in_both_languages(tight: Office, language: str, told: str) -> None:
    for verb in ("status", "quota"):
        typed = tight.type(verb, "--lang", language)
        assert typed.code == 0
        assert told in typed.out
        assert "09:00:00" in typed.out


@pytest.mark.parametrize(
    ("language", "told"),
    [("ja", "に続きから再開します"), ("en", "goes on from where it stopped at")],
)
def test_a_run_that_waits_is_done_in_part_and_says_until_when(
    tight: Office, language: str, told: str
) -> None:
    typed = tight.type("run", "crm", "--lang", language)
    assert typed.code == 3
    assert f"{told}" in typed.out
    assert "[QUOTA_SPENT]" in typed.out
    assert told in tight.type("runs", "--lang", language).out
    (run, *_) = tight.json("runs", "crm").all("run")
    assert (run["state"], run["code"]) == ("stopped", "QUOTA_SPENT")
    assert datetime.fromisoformat(run["resumes_at"]) > datetime.now(UTC) - timedelta(minutes=1)


def test_with_calls_again_what_is_owed_is_written(tight: Office) -> None:
    tight.type("run", "--quiet")
    tight.write("connections/crm.yaml", CRM)
    assert tight.type("run", "--quiet").code == 0
    (crm,) = tight.json("quota", "crm").all("quota")
    assert (crm["waits"], crm["forecast"]) == ([], [])


@pytest.mark.parametrize(
    "line",
    [
        "quota: {daily: 0}",
        "quota: {resets: '25:00'}",
        "quota: {leave: {backfill: 101}}",
        "quota: {leaves: {}}",
    ],
)
def test_a_wrong_quota_is_a_mistake_with_its_place(office: Office, line: str) -> None:
    office.write("connections/crm.yaml", f"{CRM}{line}\n")
    typed = office.type("check")
    assert typed.code == 2
    assert "connections/crm.yaml:" in typed.out + typed.err
