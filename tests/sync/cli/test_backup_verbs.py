"""db backup and db restore, typed, killed, and over both kinds of databases."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sync.cli.app import app
from sync.cli.context import World
from sync.engine.crash import UPKEEP_POINTS
from sync.store import upgrade
from sync.store.database import Database
from tests.conftest import KEY

PROJECT = Path(__file__).parents[3]
HUB = "language: en\ntrust: {default: []}\n"


def place_of(database: Database, tmp_path: Path) -> Path:
    """An operator's directory for a database."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "renkei.yaml").write_text(f"database: {database.url}\n{HUB}", encoding="utf-8")
    return home


def put(database: Database, *names: str) -> None:
    """Leads of these names."""
    with database.write() as tx:
        for name in names:
            tx.insert("setting", ("name", "value"), [(f"lead.{name}", name)])
            tx.insert(
                "inbox",
                ("link_id", "digest", "payload", "deleted", "received_at", "source", "state",
                 "attempts", "due_at"),
                [(f"form/a/{name}", name, b"\x00\x01" + name.encode(), name == "deleted", "2026",
                  "pull", "done", 0, "2026")],
            )  # fmt: skip


def held(database: Database) -> list[str]:
    """The names of the leads in it."""
    with database.read() as tx:
        rows = tx.rows("SELECT link_id, payload, deleted FROM inbox ORDER BY id")
    for link, payload, deleted in rows:
        name = link.removeprefix("form/a/")
        assert bytes(payload) == b"\x00\x01" + name.encode()
        assert bool(deleted) is (name == "deleted")
    return [link.removeprefix("form/a/") for link, _, _ in rows]


def renkei(home: Path, *words: str) -> Any:
    """Type a command; what it answered, its code as ``exit_code``."""
    answer = CliRunner().invoke(app, [*words, "--dir", str(home)], obj=World(env={}))
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


def killed(home: Path, point: str, *words: str) -> int:
    """Type a command in a process that is killed at a point; what the process ended with."""
    return subprocess.run(
        [sys.executable, "-c", "from sync.cli import main; main()", *words, "--dir", str(home)],
        env={**os.environ, "RENKEI_CRASHPOINT": f"{point}:1", "PYTHONPATH": str(PROJECT)},
        timeout=120,
        check=False,
    ).returncode


def test_a_database_comes_back_as_it_was_and_the_other_is_kept(
    database: Database, tmp_path: Path
) -> None:
    home, file = place_of(database, tmp_path), tmp_path / "one.backup"
    put(database, "sato", "deleted")
    assert renkei(home, "db", "backup", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    put(database, "later")
    database.close()
    done = renkei(home, "db", "restore", str(file), "--yes", "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["kind"], said["epoch"], said["schema"]) == ("restored", 1, upgrade.head())
    assert held(database) == ["sato", "deleted"]
    put(database, "next")  # the counters go on where they were
    assert held(database) == ["sato", "deleted", "next"]
    assert held_aside(database, said["aside"]) == ["sato", "deleted", "later"]


def held_aside(database: Database, aside: str) -> list[str]:
    if database.dialect == "sqlite":
        kept = Database(f"sqlite:///{aside}")
        found = held(kept)
        kept.close()
        return found
    with database.read() as tx:
        rows = tx.rows(f"SELECT link_id FROM {aside}.inbox ORDER BY id")
    return [row[0].removeprefix("form/a/") for row in rows]


@pytest.mark.postgres
@pytest.mark.parametrize("back", [False, True], ids=["to PostgreSQL", "to SQLite"])
def test_a_backup_goes_back_into_the_other_kind_of_database(
    back: bool, postgres_url: str, tmp_path: Path
) -> None:
    small = Database(f"sqlite:///{tmp_path / 'small.sqlite3'}", keys=KEY)
    large = Database(postgres_url, keys=KEY)
    source, target = (large, small) if back else (small, large)
    upgrade.upgrade(source)
    put(source, "sato", "deleted")
    file = tmp_path / "one.backup"
    assert renkei(place_of(source, tmp_path), "db", "backup", str(file)).exit_code == 0
    done = renkei(place_of(target, tmp_path), "db", "restore", str(file), "--yes")
    assert done.exit_code == 0, done.stderr
    assert upgrade.current(target) == upgrade.head()
    put(target, "next")
    assert held(target) == ["sato", "deleted", "next"]
    source.close()
    target.close()


@pytest.mark.parametrize("point", UPKEEP_POINTS)
def test_a_kill_leaves_a_whole_database_and_no_half_file(
    point: str, database: Database, tmp_path: Path
) -> None:
    home, file = place_of(database, tmp_path), tmp_path / "one.backup"
    put(database, "sato")
    verb = point.partition(".")[0]
    if verb == "restore":
        assert renkei(home, "db", "backup", str(file)).exit_code == 0
        put(database, "later")
    database.close()
    words = ("db", verb, str(file)) + (("--yes",) if verb == "restore" else ())
    assert killed(home, point, *words) == -signal.SIGKILL
    swapped = point == "restore.after_swap"
    assert held(database) == (["sato"] if swapped or verb == "backup" else ["sato", "later"])
    assert file.exists() == (verb == "restore")
    database.close()
    assert renkei(home, *words).exit_code == 0
    assert held(database) == ["sato"]
    left = [
        one.name
        for one in tmp_path.rglob("*")
        if one.name.endswith((".part", ".snapshot", ".restoring"))
    ]
    assert left == []


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        pytest.param(lambda body: body[:-20], "ends too early", id="cut short"),
        pytest.param(
            lambda body: body[:-400] + b"\0" * 380 + body[-20:], "was changed", id="changed"
        ),
        pytest.param(lambda body: b"hello\n" + body, "does not begin", id="no header"),
        pytest.param(
            lambda body: body.replace(b'"format":1', b'"format":9', 1), "format 9", id="format"
        ),
    ],
)
def test_a_file_that_is_not_whole_is_refused_and_nothing_changes(
    broken: Any, why: str, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'renkei.sqlite3'}", keys=KEY)
    upgrade.upgrade(database)
    home, file = place_of(database, tmp_path), tmp_path / "one.backup"
    put(database, "sato")
    assert renkei(home, "db", "backup", str(file)).exit_code == 0
    put(database, "later")
    file.write_bytes(broken(file.read_bytes()))
    for more in (("--dry-run",), ("--yes",)):
        done = renkei(home, "db", "restore", str(file), *more)
        assert done.exit_code == 1
        assert why in done.stderr
    assert held(database) == ["sato", "later"]
    database.close()


def test_a_restore_waits_for_nobody_who_uses_the_database(
    database: Database, tmp_path: Path
) -> None:
    home, file = place_of(database, tmp_path), tmp_path / "one.backup"
    put(database, "sato")
    assert renkei(home, "db", "backup", str(file)).exit_code == 0
    with database.read() as tx:  # somebody of another host, or a shell
        tx.rows("SELECT 1 FROM lead")
        done = renkei(home, "db", "restore", str(file), "--yes")
    assert done.exit_code == 1
    assert "DATABASE_IN_USE" in done.stderr
    assert held(database) == ["sato"]


def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    """Rows that are written in pairs are all there in pairs, whatever is going on."""
    database = Database(f"sqlite:///{tmp_path / 'renkei.sqlite3'}", keys=KEY)
    upgrade.upgrade(database)
    home = place_of(database, tmp_path)
    files = [tmp_path / f"{number}.backup" for number in range(3)]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, database.url],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
    ) as writer:
        try:
            assert writer.stdout is not None
            writer.stdout.readline()
            for file in files:
                done = renkei(home, "db", "backup", str(file))
                assert done.exit_code == 0, done.stderr
            assert writer.poll() is None
        finally:
            writer.kill()
    database.close()
    sizes = []
    for file in files:
        done = renkei(home, "db", "restore", str(file), "--yes")
        assert done.exit_code == 0, done.stderr
        with closing(sqlite3.connect(database.path)) as found:
            ((left, right),) = found.execute(
                "SELECT sum(name LIKE 'left.%'), sum(name LIKE 'right.%') FROM setting"
            )
        assert left == right > 0
        sizes.append(left)
    assert sizes == sorted(set(sizes))


WRITER = """
import sys
from itertools import count
from sync.store.database import Database
database = Database(sys.argv[1])
for number in count():
    with database.write() as tx:
        tx.insert("setting", ("name", "value"), [(f"left.{number}", "x" * 500)])
        tx.insert("setting", ("name", "value"), [(f"right.{number}", "x" * 500)])
    if number == 20:
        print("writing", flush=True)
"""


def test_a_backup_of_an_older_schema_wants_an_upgrade_and_one_of_a_newer_version_is_refused(
    database: Database, tmp_path: Path
) -> None:
    home, file = place_of(database, tmp_path), tmp_path / "one.backup"
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    upgrade.upgrade_to(old, "0004")
    (tmp_path / "old").mkdir()
    assert renkei(place_of(old, tmp_path / "old"), "db", "backup", str(file)).exit_code == 0
    old.close()
    database.close()
    done = renkei(home, "db", "restore", str(file), "--yes")
    assert (done.exit_code, "renkei db upgrade" in done.stdout) == (0, True), done.stderr
    assert upgrade.current(database) == "0004"
    database.close()
    assert "SCHEMA_STALE" in renkei(home, "status").stderr
    assert renkei(home, "db", "upgrade").exit_code == 0
    assert renkei(home, "status").exit_code == 0

    body = file.read_bytes().replace(b'"schema":"0004"', b'"schema":"9999"', 1)
    file.write_bytes(body)
    done = renkei(home, "db", "restore", str(file), "--yes")
    assert (done.exit_code, "SCHEMA_NEWER" in done.stderr) == (2, True)


def test_an_upgrade_that_takes_something_away_waits_for_others_to_stop(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'renkei.sqlite3'}", keys=KEY)
    upgrade.upgrade_to(database, "0001")
    home = place_of(database, tmp_path)
    processes = home / ".renkei/processes"
    processes.mkdir(parents=True)
    with (processes / "p1").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = renkei(home, "db", "upgrade", "--yes")
        assert (done.exit_code, "DATABASE_IN_USE" in done.stderr) == (1, True)
        assert upgrade.current(database) == "0001"
    upgrade.upgrade_to(database, "0003")
    with (processes / "p1").open("w") as file:  # the rest only adds
        fcntl.flock(file, fcntl.LOCK_EX)
        assert renkei(home, "db", "upgrade", "--yes").exit_code == 0
    assert upgrade.current(database) == upgrade.head()
    database.close()
