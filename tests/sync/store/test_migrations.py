"""Migrations take nothing away that the version before needs, and keep what is in the tables."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from sqlalchemy import Boolean, Float, Integer, LargeBinary, inspect
from sqlalchemy import MetaData as Reflected

from sync.store import upgrade
from sync.store.database import Database
from tests.conftest import KEY

VERSIONS = {
    path.name[:4]: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((upgrade.MIGRATIONS / "versions").glob("0*.py"))
}
ADDS = {"create_table", "add_column", "create_index", "get_bind", "f", "batch_alter_table"}
"""What older code does not notice; ``add_column`` and ``create_index`` with the rules below."""
REASONS = {
    ("0002", "drop_table"): "keys are made anew at the next start; older code must stop",
    ("0002", "execute"): "what is deleted is asked again in match_review",
    ("0003", "alter_column"): "payloads become bytes; older code must stop",
    ("0003", "execute"): "the same payloads, as bytes",
    ("0005", "execute"): "fills the new column from another",
    ("0006", "drop_index"): "an index that a narrower one replaces: older code is slower, no more",
}
"""Each step that is no mere addition, and why it may stand there."""


def steps(tree: ast.Module) -> list[ast.Call]:
    """What a migration does when it upgrades."""
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "downgrade"
    ]
    return [
        node
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("op", "batch_op")
    ]


def said(call: ast.Call, name: str) -> Any:
    """The value of a keyword, or None."""
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == name), None)


def is_addition(call: ast.Call, tables: set[str]) -> bool:
    """Whether older code that reads and writes the tables does not notice a step."""
    name = call.func.attr  # type: ignore[attr-defined]  # steps() gives attributes only
    if name not in ADDS:
        return False
    if name == "add_column":
        column: Any = call.args[1]
        return said(column, "nullable") == "True" or said(column, "server_default") is not None
    if name == "create_index" and said(call, "unique") == "True":
        return ast.unparse(call.args[1]) in tables
    return True


def taking_away(number: str) -> set[str]:
    """The steps of a migration that are no mere addition."""
    calls = steps(VERSIONS[number])
    made = [call for call in calls if call.func.attr == "create_table"]  # type: ignore[attr-defined]  # as above
    tables = {ast.unparse(call.args[0]) for call in made}
    return {
        call.func.attr  # type: ignore[attr-defined]  # as above
        for call in calls
        if not is_addition(call, tables)
    }


def test_each_step_that_is_no_mere_addition_has_a_reason() -> None:
    found = {
        (number, name) for number in VERSIONS if number > "0001" for name in taking_away(number)
    }
    assert found == REASONS.keys()


@pytest.mark.parametrize(
    ("step", "adds"),
    [
        ('op.add_column("lead", sa.Column("x", sa.Text(), nullable=True))', True),
        ('op.add_column("lead", sa.Column("x", sa.Text(), nullable=False))', False),
        ('op.add_column("lead", sa.Column("x", sa.Text(), server_default="a"))', True),
        ('op.create_index("ux", "lead", ["x"], unique=True)', False),
        ('op.create_index("ux", "lead", ["x"])', True),
        ('op.drop_column("lead", "x")', False),
        ('op.rename_table("lead", "x")', False),
        ('op.execute("DELETE FROM lead")', False),
    ],
)
def test_the_rule_tells_what_older_code_notices(step: str, adds: bool) -> None:
    (call,) = steps(ast.parse(f"def upgrade():\n    {step}"))
    assert is_addition(call, set()) is adds


def test_a_migration_that_older_code_must_stop_for_says_so() -> None:
    stopping = {number for (number, _), why in REASONS.items() if "must stop" in why}
    declared = {
        number
        for number, tree in VERSIONS.items()
        if any(
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "works_from"
            for node in tree.body
        )
    }
    assert declared == stopping
    assert upgrade.works_from(upgrade.head()) == max(stopping)
    assert [upgrade.works_from(one) for one in ("0001", "0002", "0004")] == ["0001", "0002", "0003"]


def value(column: Any, number: int) -> Any:
    """Something for a column to hold."""
    match column.type:
        case Boolean():
            return bool(number % 2)
        case Integer():
            return number
        case Float():
            return number / 2
        case LargeBinary():
            return f"body {number}".encode()
        case _:
            return f"{column.name} {number}"


def fill(database: Database) -> dict[str, int]:
    """Two rows in every table; how many rows each has."""
    with database.write() as tx:
        tables = Reflected()
        tables.reflect(tx.connection)
        counts = {}
        for table in tables.tables.values():
            if table.name == "alembic_version":
                continue
            for number in (1, 2):
                row = {one.name: value(one, number) for one in table.columns}
                tx.connection.execute(table.insert().values(row))
            ((counts[table.name],),) = tx.rows(f"SELECT count(*) FROM {table.name}")
    return counts


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """An empty database of each kind."""
    url = f"sqlite:///{tmp_path / 'renkei.sqlite3'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    database = Database(url, keys=KEY)
    yield database
    database.close()


@pytest.mark.parametrize("revision", list(VERSIONS)[:-1])
def test_an_upgrade_from_each_revision_keeps_what_is_there(revision: str, empty: Database) -> None:
    upgrade.upgrade_to(empty, revision)
    before = fill(empty)
    assert upgrade.upgrade(empty) is True
    assert upgrade.current(empty) == upgrade.head()
    made_anew = {"match_key", "account_key"} if revision < "0002" else set()
    with empty.read() as tx:
        for name, count in before.items():
            ((after,),) = tx.rows(f"SELECT count(*) FROM {name}")
            assert after == (0 if name in made_anew else count), name
        rows = tx.rows("SELECT payload FROM inbox ORDER BY id")
        bodies = tx.rows("SELECT body FROM hook ORDER BY id")
    text = revision < "0003"
    assert [bytes(row[0]) for row in rows] == [
        f"{'payload' if text else 'body'} {number}".encode() for number in (1, 2)
    ]
    marker = b"\x00" if text else b""
    assert [bytes(row[0]) for row in bodies] == [marker + f"body {n}".encode() for n in (1, 2)]
    assert {one for one in inspect(empty.engine).get_table_names() if one in before} == set(before)
