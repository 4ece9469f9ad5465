"""What tests of the engine share: people, records that are heard, what is stored to the letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.kit.base import Record, Ref
from sync.engine.pull import receive
from sync.engine.resolve import resolve_due
from sync.store import links
from sync.store.database import Database
from sync.store.schema import metadata
from tests.sync.engine.conftest import Shelves

SATO = {
    "email": "sato@aozora.example",
    "family": "佐藤",
    "given": "花子",
    "company": "青空製作所",
    "phone": "03-1234-5678",
    "status": "new",
}
SUZUKI = {
    "email": "suzuki@minato.example",
    "family": "鈴木",
    "given": "一郎",
    "company": "みなと商事",
    "phone": "06-9999-0000",
    "status": "new",
}
MAILABLE = {**SATO, "mail": "yes"}
"""SATO, who wants to be written to."""
USER = "tanaka"
LEAD = (
    "id, name, email, company, account_id, stage, stage_at, stage_reason, cycle, fields,"
    " provenance, edits, merged_into, created_at"
)


def hear(shelves: Shelves, connection: str, external_id: str, **values: Any) -> str:
    """A record is read and resolved; the id of its lead."""
    take(shelves, connection, [Record("people", external_id, values)])
    return owner(shelves, f"{connection}/people/{external_id}")


def two(shelves: Shelves) -> tuple[str, str]:
    """Two people, one known to two systems."""
    hear(shelves, "crm", "1", **SATO)
    sato = hear(shelves, "ma", "1", **SATO, title="課長")
    suzuki = hear(shelves, "sfa", "2", **{**SUZUKI, "status": "talking"}, title="部長")
    return sato, suzuki


def three(shelves: Shelves) -> tuple[str, str, str]:
    ito = {**SUZUKI, "email": "ito@hato.example", "family": "伊藤", "given": "次郎"}
    sato, suzuki = two(shelves)
    return sato, suzuki, hear(shelves, "crm", "3", **{**ito, "company": "鳩商会", "phone": ""})


def hear_deal(
    shelves: Shelves, connection: str, external_id: str, person: str, **values: Any
) -> None:
    """A deal of a person is read and resolved."""
    take(
        shelves,
        connection,
        [Record("deals", external_id, values, refs=(Ref("people", person),))],
    )


def take(shelves: Shelves, connection: str, records: Iterable[Record]) -> None:
    """Records are read at one connection and resolved."""
    shelves.tick(seconds=60)
    with shelves.database.write() as tx:
        flow, now = shelves.hub.flows[connection], shelves.hub.stamp()
        receive(tx, flow, list(records), source="pull", run_id=None, now=now)
    resolve_due(shelves.hub)


def owner(shelves: Shelves, link: str) -> str:
    """Whose a record is."""
    with shelves.database.read() as tx:
        ((lead,),) = tx.rows("SELECT owner_id FROM link WHERE id = ?", link)
    return str(lead)


def rows(database: Database, sql: str, *given: Any) -> list[tuple[Any, ...]]:
    """What a question to the database answers."""
    with database.read() as tx:
        return tx.rows(sql, *given)


def stored(database: Database, *, learned: bool = True) -> dict[str, Any]:
    """All that is stored of who is who and what they went through: raw text, and links as read.

    Without ``learned``, not what follows from what records hold by now: links, keys, and what
    companies go by.
    """
    questions = {
        "lead": f"SELECT {LEAD} FROM lead ORDER BY id",
        "deal": "SELECT * FROM deal ORDER BY link_id",
        "activity": "SELECT * FROM activity ORDER BY link_id",
        "stage_history": "SELECT * FROM stage_history ORDER BY id",
    }
    found: dict[str, Any] = {}
    if learned:
        questions["match_key"] = "SELECT key, lead_id FROM match_key ORDER BY 1, 2"
        questions["account"] = "SELECT id, name, fields FROM account ORDER BY id"
        questions["account_key"] = "SELECT key, account_id FROM account_key ORDER BY 1, 2"
        with database.read() as tx:
            ids = [row[0] for row in tx.rows("SELECT id FROM link ORDER BY id")]
            found["link"] = sorted(links.by_ids(tx, ids).values(), key=lambda link: link.id)
    return {**found, **{name: rows(database, sql) for name, sql in questions.items()}}


def history(database: Database, last: int | None = None) -> list[tuple[Any, ...]]:
    """The lines of history up to one, with the leads that they are of."""
    found = rows(database, "SELECT id, lead_id, event, changes FROM history ORDER BY id")
    return [row for row in found if last is None or row[0] <= last]


def questions(database: Database) -> list[tuple[Any, ...]]:
    """The pairs that wait for a person: leads, records, and what stands in the way."""
    return rows(
        database,
        "SELECT lead_a, lead_b, record_a, record_b, blocked FROM match_review"
        " ORDER BY lead_a, lead_b",
    )


def empty(database: Database) -> None:
    """Leave nothing in the tables."""
    with database.write() as tx:
        for table in reversed(metadata.sorted_tables):
            tx.write(f"DELETE FROM {table.name}")


def held_at(shelves: Shelves) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """What every vendor holds, blanks left out."""
    return {
        name: {
            one: {field: value for field, value in row.items() if value not in (None, "")}
            for one, row in shelf.people.items()
        }
        for name, shelf in shelves.at.items()
    }
