"""What single verbs do: begin, look, import, set aside and retry, pause, simulate, run, stop."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.simulator import Fault

LIST = """\
氏名,会社名,メールアドレス,電話番号
田中 一郎,株式会社北斗,tanaka@hokuto.example,03-1234-5678
"""
BROKEN = {"氏名": "田中 一郎", "会社名": "株式会社北斗", "携帯番号": "会社にかけること"}


def test_a_new_directory_names_what_is_still_to_be_filled_in(office: Any) -> None:
    new = office.root / "new"
    office.root = new
    typed = office.type("init", "--with", "typeform", "--lang", "en")
    assert typed.code == 0
    assert (new / ".renkei/schema/connection.json").is_file()
    told = office.json("check")
    assert told.code == 2
    wrong = [one for one in told.all("config_error") if one["severity"] == "error"]
    assert {one["file"] for one in wrong} == {"connections/typeform.yaml"}
    office.world.env["TYPEFORM_TOKEN"] = "x"
    file = new / "connections/typeform.yaml"
    file.write_text(file.read_text().replace("  # forms:", "  forms: [abc]"))
    assert office.type("check").code == 0


def test_init_with_every_connector_can_be_read(office: Any) -> None:
    office.root = office.root / "new"
    words = [
        word
        for slug in ("typeform", "hubspot", "salesforce", "kintone", "file")
        for word in ("--with", slug)
    ]
    assert office.type("init", *words).code == 0
    codes = {one["code"] for one in office.json("check").all("config_error")}
    assert codes.isdisjoint({"SYNTAX", "INDENT", "TAB", "UNKNOWN_KEY"})


def test_a_new_key_is_printed_and_opens_tokens(office: Any) -> None:
    from cryptography.fernet import Fernet

    Fernet(office.json("init", "--new-key").one("key")["key"])


def test_check_connect_tells_five_lines(office: Any) -> None:
    found = office.json("check", "--connect", "form").all("finding")
    topics = [one["topic"] for one in found][:5]
    assert topics == ["reachable", "identity", "scopes", "quota", "clock"]


def test_messages_follow_the_language_asked_for(office: Any) -> None:
    assert "no mistakes" in office.type("check").out
    assert "設定に誤りはありません" in office.type("check", "--lang", "ja").out
    office.world.env["RENKEI_LANG"] = "ja"
    assert "設定に誤りはありません" in office.type("check").out


def test_without_a_language_of_its_own_the_terminals_counts(office: Any) -> None:
    hub = office.root / "renkei.yaml"
    hub.write_text(hub.read_text().replace("language: en\n", ""))
    office.world.env["LANG"] = "ja_JP.UTF-8"
    assert "設定に誤りはありません" in office.type("check").out
    office.world.env["LANG"] = "C.UTF-8"
    assert "no mistakes" in office.type("check").out


def test_preview_of_a_file_names_the_lead_it_would_join(synced: Any) -> None:
    payload = {
        "$id": {"type": "__ID__", "value": "77"},
        "氏名": {"type": "SINGLE_LINE_TEXT", "value": "鈴木 太郎"},
        "会社名": {"type": "SINGLE_LINE_TEXT", "value": "みどり物流"},
        "メールアドレス": {"type": "LINK", "value": "LEAD1@kaisha1.example"},
    }
    file = synced.write("record.json", json.dumps(payload, ensure_ascii=False))
    seen = synced.json("preview", "crm", "records:leads", "--file", str(file)).one("preview")
    assert seen["verdict"] == "same"
    assert seen["lead"] == synced.json("lead", "lead1@kaisha1.example").one("lead")["id"]
    assert ["mailbox", 14.0] in seen["reasons"]
    assert synced.json("status").one("status")["leads"] == 9


def test_preview_tells_what_cannot_be_read(office: Any) -> None:
    office.crm.simulator.import_records(5, [BROKEN])
    seen = office.json("preview", "crm", "records", "--record", "1").one("preview")
    assert [one["field"] for one in seen["problems"]] == ["mobile"]
    assert seen["verdict"] == "new"


def test_an_import_takes_a_list_in_once(office: Any) -> None:
    file = office.write("../展示会.csv", LIST)
    first = office.json("import", str(file), "--yes")
    assert first.code == 0
    assert first.one("list_preview")["columns"]["メールアドレス"] == "email"
    assert first.one("summary")["created"] == 2  # the lead, and its record in the CRM
    again = office.json("import", str(file), "--yes")
    assert again.one("summary")["created"] == 0
    assert office.json("status").one("status")["leads"] == 1


def test_import_without_push_writes_to_nobody(office: Any) -> None:
    file = office.write("../list.csv", LIST)
    assert office.type("import", str(file), "--no-push").code == 0
    assert not office.crm.simulator.table("records:5")
    assert office.type("run", "--dry-run").code == 4


def test_an_import_of_a_cp932_list_shows_its_encoding(office: Any) -> None:
    file = office.root / "list.csv"
    file.write_bytes(LIST.encode("cp932"))
    seen = office.json("import", str(file), "--dry-run").one("list_preview")
    assert seen["encoding"] == "cp932"
    assert seen["rows"][0]["氏名"] == "田中 一郎"


def test_a_row_that_is_nobody_is_not_among_those_that_can_be_taken_in(office: Any) -> None:
    file = office.write("../list.csv", f"{LIST}合計1名\n")
    typed = office.type("import", str(file), "--dry-run")
    assert "records that can be taken in: 1" in typed.out
    seen = office.json("import", str(file), "--dry-run").one("list_preview")
    assert (seen["records"], seen["set_aside"]) == (1, {"ROW_NO_PERSON": 1})


def test_a_reading_in_one_column_is_shown_as_two_fields_of_the_lead(office: Any) -> None:
    text = "氏名,フリガナ,メールアドレス\n田中 一郎,タナカ イチロウ,tanaka@aozora.example\n"
    assert office.type("import", str(office.write("../kana.csv", text)), "--yes").code == 0
    held = office.json("lead", "tanaka@aozora.example").one("lead")["fields"]
    assert (held["family_kana"], held["given_kana"]) == ("タナカ", "イチロウ")
    assert not [name for name in held if name.startswith("custom.")]


def test_a_field_set_aside_is_settled_by_a_retry_once_the_map_reads_it(office: Any) -> None:
    office.crm.simulator.import_records(5, [BROKEN])
    assert office.type("run").code == 3
    item = office.json("errors").one("set_aside")
    assert (item["what"], item["field"], item["connection"]) == ("field", "mobile", "crm")
    assert office.type("retry", str(item["id"])).code == 3
    assert office.json("errors").one("set_aside")["times"] > 1
    lines = ("mobile: null", "custom.call: {from: 携帯番号, direction: pull}")
    fields = "".join(f"    {line}\n" for line in lines)
    office.write("fields/crm.yaml", f"records:\n  fields:\n{fields}")
    assert office.type("retry", "--all").code == 0
    assert office.json("errors").lines == []
    held = office.json("lead", "田中").one("lead")["fields"]
    assert held["custom.call"] == "会社にかけること"


def test_a_retry_of_all_tries_at_once_what_waits_for_its_next_try(office: Any) -> None:
    def owed() -> int:
        found = office.json("status").all("connection")
        return next(int(one["owed"]) for one in found if one["name"] == "crm")

    office.form.seed(2)
    office.crm.simulator.faults.append(Fault("/records", method="PUT", times=50))
    office.type("run")
    office.crm.simulator.faults.clear()
    office.type("run")
    assert owed() == 2  # they wait for their next try
    assert office.json("retry", "--connection", "lists").all("retried") == []
    again = office.json("retry", "--all")
    assert (again.code, again.one("retried")["hastened"], owed()) == (0, 2, 0)


def test_errors_are_told_with_what_to_do_and_the_command(office: Any) -> None:
    office.crm.simulator.import_records(5, [BROKEN])
    office.type("run")
    typed = office.type("errors", "--connection", "crm", "--kind", "field")
    assert re.search(r"#1  BAD_PHONE  crm/records:leads/1", typed.out)
    assert typed.out.endswith("→ renkei retry --code BAD_PHONE\n")
    assert office.json("errors", "--code", "OTHER").lines == []


def test_a_stage_that_was_refused_waits_for_a_person_and_is_settled_by_one(synced: Any) -> None:
    synced.crm.simulator.edit_record(5, "1", {"ステージ": "受注"})
    synced.type("run")
    synced.crm.simulator.edit_record(5, "1", {"ステージ": "リード"})
    synced.type("run")
    (item,) = [one for one in synced.json("errors").all("set_aside") if one["what"] == "stage"]
    typed = synced.json("retry", str(item["id"]))
    assert typed.one("undecided")["id"] == item["id"]
    words = ["lead", item["lead"], "--stage", "inquiry", "--reason", "入力誤り"]
    assert synced.type(*words).code == 0
    assert synced.json("errors").all("set_aside") == []


def test_a_paused_connection_is_left_alone_and_says_so(office: Any) -> None:
    office.form.seed(2)
    office.type("pause", "form", "--reason", "棚卸し")
    typed = office.type("run")
    assert "form is paused and left out (棚卸し)" in typed.out
    assert office.json("status", "form").one("connection")["state"] == "paused"
    office.type("resume", "form")
    office.type("run")
    assert office.json("status").one("status")["leads"] == 2


def test_run_of_one_stream_reads_only_that(office: Any) -> None:
    office.form.seed(1)
    done = office.json("run", "--stream", "responses").all("run")
    assert {one["stream"].partition(":")[0] for one in done if one["job"] == "pull"} == {
        "responses"
    }
    assert office.type("run", "--stream", "nosuch").code == 2


def test_simulators_can_be_reached_while_they_run(office: Any) -> None:
    reached = []

    def stop() -> bool:
        return bool(reached)

    office.world.stop = stop
    from sync.cli.out import Out

    class Listening(Out):
        """Asks each simulator as its address is told."""

        def item(self, kind: str, **fields: Any) -> None:
            if kind == "simulator":
                with pytest.raises(urllib.error.HTTPError) as answer:
                    urllib.request.urlopen(f"{fields['address']}/nosuch", timeout=5)
                reached.append(answer.value.code)
                answer.value.close()

    from sync.cli.context import Desk
    from sync.cli.importing import simulate

    desk = Desk(office.root, Listening(quiet=True), office.world)
    assert simulate(desk, ["form", "kintone"], seed=1) == 0
    assert len(reached) == 2


@pytest.fixture
def alone(office: Any) -> dict[str, str]:
    """The environment of a process that works in the directory, with nobody to call."""
    (office.root / "connections/form.yaml").unlink()
    (office.root / "connections/crm.yaml").unlink()
    hub = office.root / "renkei.yaml"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hub.write_text(f"{hub.read_text().partition('trust')[0]}listen: 127.0.0.1:{port}\n")
    return {**os.environ, "RENKEI_DIR": str(office.root)}


def renkei(*words: str) -> list[str]:
    return [sys.executable, "-c", "import sync.cli; sync.cli.main()", *words]


def test_up_listens_until_ctrl_c_and_ends_well(alone: dict[str, str]) -> None:
    with subprocess.Popen(
        renkei("up"), env=alone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout is not None
        address = ran.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            assert answer.status == 200
        ran.send_signal(signal.SIGINT)
        out, err = ran.communicate(timeout=30)
    assert ran.returncode == 0, err
    assert out.endswith("stopped; nothing is lost\n")
    assert "Traceback" not in err


def test_up_ends_well_while_the_database_is_away(alone: dict[str, str]) -> None:
    with subprocess.Popen(
        renkei("up"), env=alone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ran:
        assert ran.stdout is not None
        assert "listening" in ran.stdout.readline()
        for file in (Path(alone["RENKEI_DIR"]) / "data").glob("*.sqlite3*"):
            file.write_bytes(b"no database " * 8192)
        ran.send_signal(signal.SIGINT)
        out, err = ran.communicate(timeout=30)
    assert ran.returncode == 0, err
    assert out.endswith("stopped; nothing is lost\n")


def test_ctrl_c_ends_a_watching_run_without_a_traceback(alone: dict[str, str]) -> None:
    with subprocess.Popen(
        renkei("run", "--watch"),
        env=alone,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as ran:
        assert ran.stdout is not None
        for line in ran.stdout:
            if line.startswith("runs again"):
                break
        ran.send_signal(signal.SIGINT)
        _, err = ran.communicate(timeout=30)
    assert ran.returncode == 0  # it came between two runs: nothing was cut short
    assert "Traceback" not in err


def test_a_closed_pipe_is_no_traceback(alone: dict[str, str]) -> None:
    with subprocess.Popen(
        renkei("schema"), env=alone, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.close()
        err = ran.stderr.read()
        ran.wait(timeout=30)
    assert b"Traceback" not in err


def test_the_directory_can_be_named_by_the_environment(
    alone: dict[str, str], tmp_path: Path
) -> None:
    ran = subprocess.run(
        renkei("status", "--json"),
        env=alone,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"name": "lists"' in ran.stdout


def test_the_contract_can_be_run_from_any_directory(office: Any) -> None:
    tutorial = Path(__file__).parents[3] / "docs/tutorial/tayori"
    shutil.copytree(tutorial, office.root / "own/tayori")
    typed = office.json("connectors", "test", "tayori", "--path", "own")
    assert typed.code == 0, typed.out
    assert "passed" in typed.one("contract")["summary"]
