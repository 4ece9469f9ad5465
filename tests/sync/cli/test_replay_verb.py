"""A mapping mistake is looked at, applied, and gone: as it is typed."""

from __future__ import annotations

from typing import Any

import pytest

MISTAKE = "responses: {fields: {title: {from: interest, direction: pull}}}\n"
EVER = ("replay", "--since", "2020-01-01")


def mistaken(office: Any, count: int = 3) -> None:
    """People answered the form while its interest was taken for their title."""
    office.write("fields/form.yaml", MISTAKE)
    office.form.seed(count)
    assert office.type("run", "--quiet").code == 0
    (office.root / "fields/form.yaml").unlink()


def titles(office: Any) -> list[str]:
    return [row["values"]["役職"] or "" for row in office.crm.simulator.rows(5).values()]


def test_a_look_shows_the_difference_and_changes_nothing(office: Any) -> None:
    mistaken(office)
    before = titles(office)
    assert all(before)
    typed = office.type(*EVER)
    assert typed.code == 4
    assert typed.out.count("Job title: ") == 3
    assert f"Job title: {before[0]} → –" in typed.out
    assert "3 (3 differ, 0 do not)" in typed.out
    assert titles(office) == before
    assert office.type("run", "--dry-run").code == 0


def test_applying_mends_and_writes_and_the_next_look_finds_nothing(office: Any) -> None:
    mistaken(office)
    typed = office.type(*EVER, "--apply")
    assert typed.code == 0
    assert "applied: 3" in typed.out
    assert titles(office) == ["", "", ""]
    typed = office.type(*EVER)
    assert (typed.code, "nothing would change" in typed.out) == (0, True)
    runs = [run for run in office.json("runs").all("run") if run["job"] == "replay"]
    assert [(run["connection"], run["state"]) for run in runs] == [("form", "succeeded")]
    assert "再読込" in office.type("runs", "--lang", "ja").out


def test_json_gives_a_line_a_record_and_a_sum(office: Any) -> None:
    mistaken(office)
    typed = office.json(*EVER, "--limit", "2")
    assert typed.code == 4
    one, _ = typed.all("record")
    (field,) = one["fields"]
    assert (one["connection"], one["about"], field["field"]) == ("form", "lead", "title")
    assert field["was"]
    assert field["will_be"] is None
    total = typed.one("replay")
    assert (total["differ"], total["stopped"]) == (3, False)
    assert [(f["connection"], f["field"], f["records"]) for f in total["fields"]] == [
        ("form", "title", 3)
    ]


def test_no_more_records_are_shown_than_asked_for(office: Any) -> None:
    mistaken(office)
    typed = office.type(*EVER, "--limit", "1")
    assert typed.out.count("Job title: ") == 1
    assert "and 2 more" in typed.out
    none = office.type(*EVER, "--limit", "0")
    assert (none.out.count("Job title: "), none.code) == (0, 4)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("--since", "yesterday"), "BAD_TIME", id="no date"),
        pytest.param(("--since", "2026-13-01"), "BAD_TIME", id="no month"),
        pytest.param(
            ("--since", "2026-11-02", "--until", "2026-11-01"), "EMPTY_PERIOD", id="backwards"
        ),
        pytest.param(("crn", "--since", "2026-11-01"), "UNKNOWN_CONNECTION", id="no connection"),
        pytest.param(
            ("--since", "2026-11-01", "--stream", "nothing"), "UNKNOWN_STREAM", id="no stream"
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(office: Any, words: tuple[str, ...], code: str) -> None:
    typed = office.json("replay", *words)
    assert (typed.code, typed.one("error")["code"]) == (2, code)


def test_a_period_is_due(office: Any) -> None:
    assert office.type("replay").code == 2


def test_dates_are_days_of_the_hubs_zone_and_the_last_one_is_included(office: Any) -> None:
    mistaken(office)
    (received,) = {
        run["started_at"][:10] for run in office.json("runs").all("run") if run["job"] == "pull"
    }
    office.write("renkei.yaml", (office.root / "renkei.yaml").read_text() + "timezone: UTC\n")

    def found(*words: str) -> int:
        return int(office.json("replay", *words).one("replay")["differ"])

    assert found("--since", received) == 3
    assert found("--since", received, "--until", received) == 3
    assert found("--since", "2020-01-01", "--until", f"{received}T00:00") == 0
    assert found("--since", "2020-01-01", "--until", f"{received}T23:59:59.999+00:00") == 3


def test_only_connections_and_streams_that_are_named(office: Any) -> None:
    mistaken(office)
    assert office.type("replay", "crm", "--since", "2020-01-01").code == 0
    assert office.type("replay", "form", "--since", "2020-01-01").code == 4
    assert office.type(*EVER, "--stream", "records").code == 0
    assert office.type(*EVER, "--stream", "responses").code == 4


def test_stopped_is_said_and_the_rest_comes_the_next_time(office: Any) -> None:
    mistaken(office)
    office.world.stop = lambda: True
    typed = office.type(*EVER, "--apply")
    assert (typed.code, "STOPPED" in typed.err) == (1, True)
    office.world.stop = None
    assert office.type("run", "--quiet").code == 0
    assert titles(office) == ["", "", ""]


def test_how_far_back_it_reaches_is_said(office: Any) -> None:
    typed = office.type(*EVER)
    assert (typed.code, "no raw record is kept" in typed.out) == (0, True)
    mistaken(office)
    assert "raw records are kept for 30 days: what came before" in office.type(*EVER).out
    assert "kept for 30 days" not in office.type("replay", "--since", "2999-01-01").out


def test_another_key_is_refused_before_anything_is_done(office: Any) -> None:
    from cryptography.fernet import Fernet

    mistaken(office)
    key = office.root / ".renkei" / "key"
    old = key.read_text()
    key.write_text(Fernet.generate_key().decode())
    typed = office.type(*EVER, "--apply")
    assert (typed.code, "WRONG_KEY" in typed.err) == (1, True)
    look = office.json(*EVER).one("replay")
    assert (look["read"], look["unreadable"]) == (0, 3)
    key.write_text(f"{key.read_text()},{old}")
    assert office.type(*EVER, "--apply").code == 0


def test_nothing_that_was_received_is_readable_in_the_database(office: Any) -> None:
    from sync.store import inbox
    from sync.store.database import Database

    office.form.seed(3)
    assert office.type("run", "--quiet").code == 0
    stored = b"".join(path.read_bytes() for path in (office.root / "data").iterdir())
    key = (office.root / ".renkei" / "key").read_text()
    database = Database(f"sqlite:///{office.root}/data/renkei.sqlite3", keys=key)
    with database.read() as tx:
        rows = inbox.opened(tx, tx.rows(f"SELECT {inbox.FIELDS} FROM inbox"))
    database.close()
    marker = b'"response_id":'
    assert [marker in (row.payload or b"") for row in rows] == [True] * 3
    assert rows[0].link_id.encode() in stored
    for row in rows:
        assert row.payload not in stored
    assert marker not in stored
