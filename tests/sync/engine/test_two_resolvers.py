"""Resolvers at work at once, whatever each of them gets, never make two leads of one person."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import Any

import pytest

from connectors.kit.base import Record
from mapping.match.profile import mailbox_key
from sync.engine import merging
from sync.engine.pull import receive
from sync.engine.resolve import resolve_batch
from sync.store import inbox, leads
from tests.sync.engine.conftest import Shelves
from tests.sync.engine.histories import empty, hear, owner, rows

PEOPLE = 200
RESOLVERS = 6
ROUNDS = 5
FAMILIES = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤")


def person(number: int) -> dict[str, str]:
    """Somebody of one of fifty companies; ten have each family name, nobody the same name."""
    firm = number % 50
    return {
        "email": f"person{number:03}@firm{firm}.example",
        "family": FAMILIES[number % len(FAMILIES)],
        "given": "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{number:03}"),
        "company": f"第{firm}商事",
    }


def seen_from(number: int, connection: str) -> dict[str, str]:
    """What a system knows of them: the mailbox, or the name and the company, or both."""
    values = person(number)
    if connection == "sfa":
        values.pop("company")
    if connection == "ma" and number % 2:
        values.pop("email")
    return values


def deliver(shelves: Shelves, chance: random.Random) -> None:
    """Everybody's records, from three systems, in any order."""
    records = [
        (name, Record("people", str(n), seen_from(n, name)))
        for n in range(PEOPLE)
        for name in ("crm", "sfa", "ma")
    ]
    chance.shuffle(records)
    with shelves.database.write() as tx:
        for name, record in records:
            flow, now = shelves.hub.flows[name], shelves.hub.stamp()
            receive(tx, flow, [record], source="webhook", run_id=None, now=now)


def at_once(shelves: Shelves, sizes: list[list[int]]) -> None:
    """Resolve all that waits by several resolvers at once; each takes batches of its sizes."""
    start = threading.Barrier(len(sizes))
    errors: list[BaseException] = []

    def work(mine: list[int]) -> None:
        try:
            start.wait()
            place = 0
            while not errors:
                done = resolve_batch(shelves.hub, mine[place % len(mine)]).rows
                place += 1
                with shelves.database.read() as tx:
                    if not done and not inbox.waiting(tx, shelves.hub.stamp()):
                        return
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_two_hundred_people_are_two_hundred_leads_whoever_resolves_them(shelves: Shelves) -> None:
    for round_ in range(ROUNDS):
        empty(shelves.database)
        chance = random.Random(round_)
        deliver(shelves, chance)
        at_once(shelves, [[chance.randint(1, 20) for _ in range(40)] for _ in range(RESOLVERS)])
        assert shelves.asides() == []
        found = shelves.leads()
        assert len(found) == PEOPLE, round_
        records = Counter(
            lead_id for (lead_id,) in rows(shelves.database, "SELECT owner_id FROM link")
        )
        assert {records[lead.id] for lead in found} == {3}
        for number in range(PEOPLE):
            assert len({owner(shelves, f"{name}/people/{number}") for name in shelves.at}) == 1


@pytest.mark.parametrize("seed", range(3))
def test_merging_by_hand_beside_resolvers_loses_no_record(shelves: Shelves, seed: int) -> None:
    chance = random.Random(seed)
    deliver(shelves, chance)
    at_once(shelves, [[50] for _ in range(2)])
    people = [owner(shelves, f"crm/people/{number}") for number in range(40)]
    done: list[Any] = []
    errors: list[BaseException] = []

    def decide() -> None:
        try:
            for one, other in zip(people[::2], people[1::2], strict=True):
                done.append(merging.merge(shelves.hub, one, other, user="tanaka"))
                if len(done) % 2:
                    merging.unmerge(shelves.hub, one, user="tanaka")
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    with shelves.database.write() as tx:
        for number in chance.sample(range(40), 40):
            for name in ("crm", "sfa", "ma"):
                record = Record("people", str(number), {**seen_from(number, name), "title": "部長"})
                flow, now = shelves.hub.flows[name], shelves.hub.stamp()
                receive(tx, flow, [record], source="webhook", run_id=None, now=now)
    by_hand = threading.Thread(target=decide)
    by_hand.start()
    at_once(shelves, [[chance.randint(1, 5) for _ in range(40)] for _ in range(4)])
    by_hand.join()
    assert errors == []
    assert len(shelves.leads()) == PEOPLE - 10
    lost = "SELECT count(*) FROM link JOIN lead ON lead.id = owner_id WHERE merged_into IS NOT NULL"
    assert rows(shelves.database, lost) == [(0,)]
    titles = Counter(lead.fields.get("title") for lead in shelves.leads())
    assert titles == {"部長": 30, None: PEOPLE - 40}


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("held", ["link", "contact"])
def test_a_merge_waits_for_whoever_decides_about_its_records(shelves: Shelves, held: str) -> None:
    one = hear(shelves, "crm", "1", **person(1))
    other = hear(shelves, "crm", "2", **person(2))
    merge = threading.Thread(target=lambda: merging.merge(shelves.hub, one, other, user="tanaka"))
    keys = {mailbox_key(person(2)["email"])} if held == "contact" else set()
    with shelves.database.write() as tx:
        leads.lock_keys(tx, keys, {"crm/people/2"} if held == "link" else set())
        merge.start()
        waits = False
        while merge.is_alive() and not waits:
            asked = rows(shelves.database, "SELECT 1 FROM pg_locks WHERE NOT granted")
            waits = bool(asked)
        assert waits
    merge.join()
    assert [lead.id for lead in shelves.leads()] == [one]
