"""Hard labelled leads: 330 people give about 720 records, 100,000 people in under a minute.

The truth is ``person_id``. The companion list of cases says what was done to whom, for tests and
for looking at mistakes; a matcher is given neither.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date
from itertools import accumulate

from benchmarks.leads import western
from benchmarks.leads.companies import build
from benchmarks.leads.damage import Pen
from benchmarks.leads.evidence import settle
from benchmarks.leads.people import END, START, Person, Town
from benchmarks.leads.sources import SOURCES

COLUMNS = (
    "record_id",
    "person_id",
    "source",
    "created_at",
    "full_name",
    "family_name",
    "given_name",
    "family_kana",
    "given_kana",
    "company",
    "department",
    "title",
    "email",
    "phone",
    "mobile",
    "corporate_number",
    "website",
    "postal_code",
    "address",
    "note",
)
# Share of people by how many records they have.
RECORDS = ((1, 0.36), (2, 0.315), (3, 0.175), (4, 0.09), (5, 0.04), (6, 0.02))
# Groups of different people who look alike: how many for 100 people.
GROUPS = {
    "namesakes": 0.9,
    "common_name": 0.9,
    "relatives": 1.5,
    "near_names": 1.5,
    "same_reading": 0.8,
    "other_reading": 0.5,
    "successor": 0.7,
    "reassigned_mobile": 0.35,
}
# What happens to one person who has at least two records: share of these people.
EVENTS = {"moved": 0.10, "seconded": 0.03, "relocated": 0.06, "married": 0.03}

Row = dict[str, str]
Cases = dict[str, list[str]]
Draft = tuple[int, int, str, Row, list[str]]


def generate(
    seed: int, people: int = 330, kind: str = "japanese", hardness: float = 1.0
) -> list[Row]:
    """Return records with their truth, oldest first; the same for the same arguments.

    ``kind`` is ``japanese`` or ``western``. Every row has all of ``COLUMNS``. ``hardness`` scales
    the share of every hard case of the Japanese kind: 1 has all of them many times over, 0.4
    (``EVERYDAY``) is nearer to the lists that companies have.
    """
    return generate_with_cases(seed, people, kind, hardness)[0]


EVERYDAY = 0.4


def generate_with_cases(
    seed: int, people: int = 330, kind: str = "japanese", hardness: float = 1.0
) -> tuple[list[Row], Cases]:
    """Return the records, and for every case the ids of the records (or people) that are it."""
    rng = random.Random(seed)
    if kind == "western":
        crowd = western.populate(rng, people, _counts(rng, people))
        return write(rng, western.drafts(rng, crowd), people)
    if kind != "japanese":
        raise ValueError(f"There is no kind {kind!r}: use japanese or western.")
    return write(rng, drafts(rng, populate(rng, people, hardness), hardness), people)


def populate(rng: random.Random, people: int, hardness: float = 1.0) -> list[Person]:
    """Return so many people: the groups first, then anybody, then what happens to them."""
    register, firms = build(rng, people, (START + END) // 2)
    town = Town(rng, register, firms)
    makers: dict[str, Callable[[], list[Person]]] = {name: getattr(town, name) for name in GROUPS}
    for name, share in GROUPS.items():
        for _ in range(max(1, round(people * share * hardness / 100))):
            for person in makers[name]():
                person.cases.append(name)
    while len(town.people) < people:
        town.hire()
    del town.people[people:]
    for person, count in zip(town.people, _counts(rng, people), strict=True):
        person.records = max(count, 2) if _needs_two(person) else count
    _happen(rng, town, hardness)
    return town.people


def _needs_two(person: Person) -> bool:
    return "reassigned_mobile" in person.cases


def _counts(rng: random.Random, people: int) -> list[int]:
    """Return how many records each person has: exact shares, in random order."""
    counts = [n for n, share in RECORDS for _ in range(round(people * share))]
    counts = (counts + [2] * people)[:people]
    rng.shuffle(counts)
    return counts


def _happen(rng: random.Random, town: Town, hardness: float) -> None:
    free = [p for p in town.people if p.records > 1 and not p.cases]
    rng.shuffle(free)
    total = len(free)
    for person in _take(free, total, EVENTS["moved"] * hardness):
        town.move(person)
        person.cases.append("moved")
    related = [p for p in free if p.jobs[0].company.relations]
    for person in related[: max(1, round(total * EVENTS["seconded"] * hardness))]:
        if town.second(person):
            person.cases.append("seconded")
    for person in _take(free, total, EVENTS["relocated"] * hardness):
        if not person.cases and town.relocate(person):
            person.cases.append("relocated")
    brides = [p for p in free if p.female and not p.cases]
    for person in brides[: max(1, round(total * EVENTS["married"] * hardness))]:
        town.marry(person)
        person.cases.append("married")


def _take(free: list[Person], total: int, share: float) -> Sequence[Person]:
    count = max(1, round(total * share))
    taken = free[:count]
    del free[:count]
    return taken


def _days(rng: random.Random, person: Person) -> list[int]:
    """Return the days of a person's records, on both sides of what happened to them."""
    first = max(START, person.jobs[0].since)
    days = sorted(
        rng.randrange(first, max(first + 30, person.until)) for _ in range(person.records)
    )
    turn = person.married or (person.jobs[1].since if len(person.jobs) > 1 else 0)
    if turn and len(days) > 1:
        days[0] = rng.randrange(max(START, turn - 500), turn)
        days[-1] = rng.randrange(turn, min(END, turn + 500) + 1)
    return sorted(days)


def drafts(rng: random.Random, crowd: Sequence[Person], hardness: float = 1.0) -> list[Draft]:
    """Return everybody's records: day, number of the person, source, cells, cases."""
    names = list(SOURCES)
    weights = list(accumulate(weight for _, weight in SOURCES.values()))
    pen = Pen(rng, hardness)
    found: list[Draft] = []
    for number, person in enumerate(crowd):
        days = _days(rng, person)
        sources = rng.choices(names, cum_weights=weights, k=person.records)
        rows: list[Row] = []
        marks: list[list[str]] = []
        for day, source in zip(days, sources, strict=True):
            pen.marks = []
            rows.append(SOURCES[source][0](pen, person, day))
            marks.append(pen.marks + person.cases)
        pen.marks = []
        settle(pen, person, days, rows)
        numbers = [number] * len(rows)
        found += zip(days, numbers, sources, rows, marks, strict=True)
    return found


def write(rng: random.Random, found: list[Draft], people: int) -> tuple[list[Row], Cases]:
    """Return the records, oldest first, with ids that tell nothing, and the cases in them."""
    found.sort(key=lambda draft: draft[0])
    keys = rng.sample(range(100_000, 100_000 + 10 * people), people)
    rows: list[Row] = []
    cases: Cases = {}
    for at, (day, number, source, cells, marks) in enumerate(found, start=1):
        row = dict.fromkeys(COLUMNS, "")
        row.update(cells)
        row["record_id"] = f"R{at:07d}"
        row["person_id"] = f"P{keys[number]}"
        row["source"] = source
        row["created_at"] = date.fromordinal(day).isoformat()
        rows.append(row)
        for mark in dict.fromkeys(marks):
            cases.setdefault(mark, []).append(row["record_id"])
    return rows, cases
