"""Links: the tie from a lead or account to a record at a connection, and what it held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from sync.store.database import dumps, packed

if TYPE_CHECKING:
    from sync.store.database import Row, Tx

COLUMNS = (
    "id",
    "connection",
    "stream",
    "external_id",
    "kind",
    "owner_id",
    "digest",
    "version",
    "changed_at",
    "held",
    "since",
    "stage_value",
    "parked",
    "state",
    "match",
    "first_seen_at",
    "updated_at",
)
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM link"


def link_id(connection: str, stream: str, external_id: str) -> str:
    """The id of the link to a record; connection names hold no slash, stream names neither."""
    return f"{connection}/{stream}/{external_id}"


def split_id(link: str) -> tuple[str, str, str]:
    """Connection, stream and external id of a link."""
    connection, stream, external_id = link.split("/", 2)
    return connection, stream, external_id


@dataclass(slots=True)
class LinkRow:
    """One record at a vendor, as the hub knows it.

    ``held`` are the canonical values the vendor holds; ``since`` says of which of them the vendor
    is the author, and from when: what is in ``held`` and not in ``since`` is our own write.
    ``parked`` are fields the vendor refused, with the value it refused.
    """

    id: str
    connection: str
    stream: str
    external_id: str
    kind: str
    owner_id: str | None
    digest: str | None
    version: str | None
    changed_at: str | None
    held: dict[str, Any]
    since: dict[str, str]
    stage_value: str | None
    parked: dict[str, Any]
    state: str
    match: dict[str, Any] | None
    first_seen_at: str
    updated_at: str


def _link(row: Row) -> LinkRow:
    held = orjson.loads(row[9])
    since = _unpack(orjson.loads(row[10]), held)
    parked = orjson.loads(row[12]) if row[12] else {}
    match = orjson.loads(row[14]) if row[14] else None
    return LinkRow(*[*row[:9], held, since, row[11], parked, row[13], match, *row[15:]])


_ALL = "*"


def _pack(since: Mapping[str, str], held: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by time: most were said at one time, and often that is all there is."""
    if since.keys() == held.keys() and len(times := set(since.values())) == 1:
        return {times.pop(): _ALL}
    packed: dict[str, list[str]] = {}
    last: str | None = None
    names: list[str] = []
    for name, at in since.items():
        if at is not last:
            last = at
            names = packed.setdefault(at, [])
        names.append(name)
    return packed


def _without_blanks(held: dict[str, Any]) -> dict[str, Any]:
    if None not in held.values():
        return held
    return {name: value for name, value in held.items() if value is not None}


def _unpack(packed: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, str]:
    if len(packed) == 1:
        ((at, names),) = packed.items()
        return dict.fromkeys(held if names == _ALL else names, at)
    return {name: at for at, names in packed.items() for name in names}


def by_ids(tx: Tx, ids: Iterable[str]) -> dict[str, LinkRow]:
    """Links by their ids."""
    return {row[0]: _link(row) for row in tx.rows_in(f"{_SELECT} WHERE id IN ?", ids)}


def of_leads(tx: Tx, lead_ids: Iterable[str], connection: str | None = None) -> list[LinkRow]:
    """The records that are these leads, moved ones left out, oldest first.

    Those of one connection only, where it is given.
    """
    # Not a bare column: an index on it would have the whole connection read for a few leads.
    there = "" if connection is None else " AND connection || '' = ?"
    sql = (
        f"{_SELECT} WHERE owner_id IN ?{there} AND kind = 'lead' AND state <> 'moved'"
        " ORDER BY first_seen_at, id"
    )
    more = () if connection is None else (connection,)
    return [_link(row) for row in tx.rows_in(sql, lead_ids, *more)]


def earlier_ids(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """The ids that records had before they became these: old → new."""
    sql = "SELECT link_id, now_link_id FROM alias WHERE now_link_id IN ?"
    return dict(tx.rows_in(sql, ids))


def owners(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """Who owns these links, aliases followed; unknown links are left out."""
    wanted = list(ids)
    moved: dict[str, str] = dict(
        tx.rows_in("SELECT link_id, now_link_id FROM alias WHERE link_id IN ?", wanted)
    )
    asked = {*wanted, *moved.values()}
    sql = "SELECT id, owner_id FROM link WHERE id IN ? AND owner_id IS NOT NULL"
    held: dict[str, str] = dict(tx.rows_in(sql, asked))
    found = {}
    for link in wanted:
        owner = held.get(moved.get(link, link)) or held.get(link)
        if owner is not None:
            found[link] = owner
    return found


def save(tx: Tx, links: Iterable[LinkRow]) -> None:
    """Write links whole."""
    rows = [
        (
            link.id,
            link.connection,
            link.stream,
            link.external_id,
            link.kind,
            link.owner_id,
            link.digest,
            link.version,
            link.changed_at,
            packed(_without_blanks(link.held)),
            packed(_pack(link.since, link.held)) if link.since else "{}",
            link.stage_value,
            dumps(link.parked) if link.parked else None,
            link.state,
            dumps(link.match) if link.match else None,
            link.first_seen_at,
            link.updated_at,
        )
        for link in sorted(links, key=lambda link: link.id)
    ]
    tx.insert("link", COLUMNS, rows, key=("id",), update=COLUMNS[5:])


def move(tx: Tx, moves: Sequence[tuple[str, str, str]]) -> None:
    """Note that a vendor now keeps a record elsewhere: (old link, new link, when)."""
    columns = ("link_id", "now_link_id", "at")
    tx.insert("alias", columns, moves, key=("link_id",), update=("now_link_id", "at"))


def count_by_connection(tx: Tx) -> list[tuple[str, str, int, int]]:
    """For each connection and stream: live links, and leads or accounts behind them."""
    rows = tx.rows(
        "SELECT connection, stream, count(*), count(DISTINCT owner_id) FROM link"
        " WHERE state = 'live' GROUP BY connection, stream ORDER BY connection, stream"
    )
    return [(str(a), str(b), int(c), int(d)) for a, b, c, d in rows]


def count_people(tx: Tx, connection: str) -> int:
    """How many live records of people a connection has."""
    sql = "SELECT count(*) FROM link WHERE connection = ? AND kind = 'lead' AND state = 'live'"
    ((count,),) = tx.rows(sql, connection)
    return int(count)


def live_ids(tx: Tx, connection: str, stream: str) -> set[str]:
    """External ids the hub believes to exist in a stream."""
    sql = "SELECT external_id FROM link WHERE connection = ? AND stream = ? AND state = 'live'"
    return {row[0] for row in tx.rows(sql, connection, stream)}
