"""renkei doctor: what is wrong is said with what to do, and nothing breaks it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

import sync.cli.doctor
from sync.cli.doctor.findings import FAIL, Check, Finding, Visit, found, run
from sync.cli.words import WORDS
from sync.store import epochs, runs, upgrade
from sync.store.database import Database, iso
from tests.conftest import KEY


@pytest.fixture
def store(synced: Any) -> Iterator[Database]:
    """The database of the directory."""
    database = Database(f"sqlite:///{synced.root / 'data/renkei.sqlite3'}")
    yield database
    database.close()


def said(office: Any, name: str, *words: str) -> tuple[str, str, str]:
    """State, message and fix of a check."""
    (one,) = [one for one in office.json("doctor", *words).all("check") if one["name"] == name]
    return one["state"], one["message"], one["fix"]


def test_an_installation_that_is_well_has_a_line_for_each_check_and_no_failure(synced: Any) -> None:
    done = synced.type("doctor")
    assert done.code == 0, done.out
    lines = done.out.splitlines()
    names = [line[6:22].strip() for line in lines if line.startswith(("OK", "WARN"))]
    assert names == [
        "python", "packages", "configuration", "key", "database", "file", "schema", "disk", "clock",
        "sealed", "broker", "connection crm", "connection form", "connection lists", "processes",
        "leases", "queues", "schedules", "set aside",
    ]  # fmt: skip
    assert "0 FAIL" in lines[-1]
    assert "the key opens what is stored" in done.out
    assert "鍵でデータが開きます" in synced.type("doctor", "--lang", "ja").out


def test_online_asks_the_vendors_as_whom_we_are_there(synced: Any) -> None:
    state, message, _ = said(synced, "connection crm", "--online")
    assert (state, message.startswith("signed in as ")) == ("OK", True)


def mistake(office: Any, _store: Database) -> None:
    office.write("renkei.yaml", "database: sqlite:///data/renkei.sqlite3\nlisten: here\n")


def open_key(office: Any, _store: Database) -> None:
    (office.root / ".renkei/key").chmod(0o644)


def other_key(office: Any, _store: Database) -> None:
    (office.root / ".renkei/key").write_bytes(Fernet.generate_key())


def no_database(office: Any, _store: Database) -> None:
    (office.root / "data/renkei.sqlite3").unlink()


def old_schema(_office: Any, store: Database) -> None:
    with store.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = '0008'")


def newer_schema(_office: Any, store: Database) -> None:
    with store.write() as tx:
        tx.write("UPDATE alembic_version SET version_num = '9999'")


def new_schema(office: Any, store: Database) -> None:
    newer_schema(office, store)
    with store.write() as tx:
        runs.save_setting(tx, "schema.works_from", "9999")


def damage(office: Any, _store: Database) -> None:
    path: Path = office.root / "data/renkei.sqlite3"
    body = bytearray(path.read_bytes())
    body[4096 * 3 : 4096 * 20] = b"\xa5" * 4096 * 17
    path.write_bytes(body)


def no_broker(office: Any, _store: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    hub = (office.root / "renkei.yaml").read_text()
    office.write("renkei.yaml", f"{hub}broker: redis://127.0.0.1:{port}/0\n")


def signed_out(_office: Any, store: Database) -> None:
    with store.write() as tx:
        runs.set_connection(tx, "crm", "needs_auth", "refused", "2026")


def paused(_office: Any, store: Database) -> None:
    with store.write() as tx:
        runs.set_connection(tx, "crm", "paused", "holiday", "2026")


def token(_office: Any, store: Database) -> None:
    with store.write() as tx:
        columns = ("connection", "blob", "version", "updated_at")
        tx.insert("token", columns, [("crm", b"sealed by nobody", 1, "2026")])


def restored(_office: Any, store: Database) -> None:
    with store.write() as tx:
        epochs.begin(tx, ["crm"], iso(datetime.now(UTC)), None, set())


def leased(_office: Any, store: Database) -> None:
    columns = ("connection", "lead_id", "dirty", "state", "due_at", "fence", "attempts", "crashes",
               "since", "lease_until")  # fmt: skip
    with store.write() as tx:
        old = iso(datetime.now(UTC) - timedelta(minutes=6))
        tx.insert("outbox", columns, [("crm", "ld_1", 1, "due", old, 1, 0, 0, old, old)])


def late(_office: Any, store: Database) -> None:
    with store.write() as tx:
        old = iso(datetime.now(UTC) - timedelta(minutes=16))
        tx.write("UPDATE inbox SET state = 'new', due_at = ? WHERE id = 1", old)


def scheduled(office: Any, _store: Database) -> None:
    form = (office.root / "connections/form.yaml").read_text()
    office.write("connections/form.yaml", form + 'pull: {schedule: {cron: "*/5 * * * *"}}\n')


def aside(_office: Any, store: Database) -> None:
    columns = ("subject", "kind", "connection", "code", "message", "first_at", "last_at", "times",
               "state")  # fmt: skip
    with store.write() as tx:
        row = ("record:x", "record", "crm", "BUG", "x", "2026", "2026", 1, "open")
        tx.insert("set_aside", columns, [row])


@pytest.mark.parametrize(
    ("harm", "name", "state", "message", "fix"),
    [
        pytest.param(mistake, "configuration", "FAIL", "mistakes", "renkei check", id="mistake"),
        pytest.param(open_key, "key", "WARN", "by others (644)", "chmod 600", id="open key"),
        pytest.param(other_key, "sealed", "FAIL", "does not open", "put the key", id="other key"),
        pytest.param(no_database, "database", "FAIL", "there is no", "db upgrade", id="none"),
        pytest.param(old_schema, "schema", "FAIL", "at 0008", "db upgrade", id="old schema"),
        pytest.param(newer_schema, "schema", "WARN", "can use it", "rolling", id="newer schema"),
        pytest.param(new_schema, "schema", "FAIL", "9999 is newer", "install", id="new schema"),
        pytest.param(damage, "file", "FAIL", "", "", id="damaged"),
        pytest.param(no_broker, "broker", "FAIL", "does not answer", "waits", id="no broker"),
        pytest.param(signed_out, "connection crm", "FAIL", "refused", "resume crm", id="no auth"),
        pytest.param(paused, "connection crm", "WARN", "holiday", "resume crm", id="paused"),
        pytest.param(token, "connection crm", "FAIL", "does not open", "key", id="token"),
        pytest.param(restored, "connection crm", "WARN", "restored", "renkei run", id="restored"),
        pytest.param(leased, "leases", "WARN", "1 were begun", "renkei up", id="stale lease"),
        pytest.param(late, "queues", "WARN", "inbox 16 min", "renkei runs", id="late"),
        pytest.param(scheduled, "schedules", "WARN", "no process", "renkei up", id="schedule"),
        pytest.param(aside, "set aside", "WARN", "1 wait", "renkei errors", id="set aside"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    harm: Any, name: str, state: str, message: str, fix: str, synced: Any, store: Database
) -> None:
    assert said(synced, name)[0] != state
    harm(synced, store)
    store.close()
    done = synced.json("doctor")
    (one,) = [one for one in done.all("check") if one["name"] == name]
    assert (one["state"], message in one["message"], fix in one["fix"]) == (state, True, True), one
    assert done.code == (1 if state == "FAIL" else 0)
    assert done.one("summary")["failures"] == (1 if state == "FAIL" else 0)


def test_a_doctor_makes_nothing(office: Any) -> None:
    before = sorted(office.root.rglob("*"))
    assert office.type("doctor").code == 1
    assert sorted(office.root.rglob("*")) == before


def test_processes_at_work_are_counted_with_their_versions(synced: Any) -> None:
    home = synced.root / ".renkei/processes"
    home.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home / "p1")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        state, message, fix = said(synced, "processes")
        assert (state, "0.0.9" in message, "restart" in fix) == ("WARN", True, True)
        assert "DATABASE_IN_USE" in _restore(synced)
        other.communicate()
    assert said(synced, "processes")[0] == "OK"
    assert "DATABASE_IN_USE" not in _restore(synced)


def _restore(office: Any) -> str:
    file = office.root / "one.backup"
    if not file.exists():
        assert office.type("db", "backup", str(file)).code == 0
    return str(office.type("db", "restore", str(file), "--yes").err)


HOLD = """
import fcntl, sys
with open(sys.argv[1], "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    file.write("0.0.9")
    file.flush()
    print("held", flush=True)
    sys.stdin.read()
"""


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        pass


def test_the_public_address_is_called_only_when_asked_to(synced: Any) -> None:
    hub = (synced.root / "renkei.yaml").read_text()
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            synced.write("renkei.yaml", f"{hub}public_url: {url}\n")
            names = [one["name"] for one in synced.json("doctor").all("check")]
            assert "public_url" not in names
            assert said(synced, "public_url", "--online")[0] == "OK"
            synced.write("renkei.yaml", f"{hub}public_url: {url}/elsewhere\n")
            assert said(synced, "public_url", "--online")[0] == "FAIL"
        finally:
            server.shutdown()
            thread.join()
    state, message, fix = said(synced, "public_url", "--online")
    assert (state, "cannot be reached" in message, "renkei up" in fix) == ("FAIL", True, True)


def test_a_check_that_breaks_or_hangs_is_a_failure_and_no_traceback() -> None:
    never = threading.Event()

    def breaks(_visit: Visit) -> list[Finding]:
        raise ZeroDivisionError("by nought")

    def hangs(_visit: Visit) -> list[Finding]:
        never.wait()
        return []

    visit: Any = None
    assert run(Check("x", breaks), visit) == [
        found(FAIL, "broke", why="ZeroDivisionError: by nought")
    ]
    assert run(Check("x", hangs), visit, limit=0.05) == [found(FAIL, "slow", seconds="0.05")]
    never.set()


@pytest.mark.postgres
def test_postgres_is_looked_at_too(office: Any, postgres_url: str) -> None:
    database = Database(postgres_url, keys=KEY)
    upgrade.upgrade(database)
    with database.read() as tx:  # another process, as far as the doctor can tell
        tx.write("SET application_name = 'renkei/0.0.9 elsewhere:1'")
        office.write("renkei.yaml", f"database: {postgres_url}\nlanguage: en\n")
        done = office.json("doctor")
    database.close()
    by_name = {one["name"]: one for one in done.all("check")}
    assert by_name["database"]["message"].startswith("PostgreSQL 1")
    assert "s apart" in by_name["clock"]["message"]
    assert "file" not in by_name
    assert "0.0.9" in by_name["processes"]["message"]
    assert done.one("summary")["failures"] == 0


def test_every_finding_has_words_and_what_to_do() -> None:
    folder = Path(sync.cli.doctor.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    keys = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"(?=,|\)| if| else)', source))
    words = {key.removeprefix("doctor.") for key in WORDS if key.startswith("doctor.")} - {"sum"}
    assert {key for key in words if not key.endswith("_fix")} <= keys
    wrong = set(re.findall(r'found\(\s*(?:FAIL|WARN),\s*"(\w+)"', source))
    assert len(wrong) > 20
    assert {f"{key}_fix" for key in wrong} | wrong <= words
