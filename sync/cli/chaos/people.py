"""The invented people of the crash suite, and what is said of them while it runs.

All of it follows from the seed and the number of records, so that what must be true at the end is
known beforehand: who there is, and the last word of each source about each of them. Values that are
edited carry their version: whoever reads one knows how old it is.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sync.cli.demo import names

FORM, MA, SFA, CRM = "form", "ma", "sfa", "crm"
SOURCES, TARGETS = (FORM, MA), (SFA, CRM)
COLLEAGUES = 7
"""People at one company; no two of them have a name in common."""
OPTED_OUT_EVERY = 23
NEWCOMERS = 50
"""One in so many records is of somebody who is first heard of while the suite runs."""
EDITS = 10
"""One edit for so many records."""
_VERSION = re.compile(r" (f|m)(\d+)$")

Rank = tuple[int, int]
"""How new a value is: whose word it is (a form's; the MA's, which is trusted more), version."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. ``sources`` are where they are on file."""

    number: int
    family: str
    given: str
    kana: tuple[str, str]
    email: str
    company: str
    sources: tuple[str, ...]
    opted_out: bool

    def title(self, source: str, version: int) -> str:
        """Their title as a source has it, in a version."""
        base = names.TITLES[(self.number + version) % len(names.TITLES)]
        return f"{base} {source[0]}{version}"

    def department(self, version: int) -> str:
        """Their department as the form has it, in a version."""
        return f"{names.DEPARTMENTS[(self.number + version) % len(names.DEPARTMENTS)]} f{version}"


@dataclass(frozen=True, slots=True)
class Edit:
    """Something that is said while the suite runs: an answer, a new title, or an opt-out."""

    kind: Literal["answer", "title", "opt_out"]
    person: Person
    version: int = 0


def rank(value: str) -> Rank | None:
    """How new a value is; None where it says nothing of a version."""
    found = _VERSION.search(value)
    return None if found is None else ("fm".index(found[1]), int(found[2]))


def person(number: int, chance: random.Random) -> Person:
    """The person with this number."""
    company, place = divmod(number, COLLEAGUES)
    one = names.FAMILIES[(company + place) % len(names.FAMILIES)]
    other = names.GIVEN[chance.randrange(len(names.GIVEN))]
    firm, _ = names.FIRMS[company % len(names.FIRMS)]
    trade, _ = names.TRADES[company // len(names.FIRMS) % len(names.TRADES)]
    sources = ((FORM,), (MA,), (FORM, MA), (MA,), (FORM,))[number % 5]
    return Person(
        number=number,
        family=one[0],
        given=other[0],
        kana=(one[1], other[1]),
        email=f"{other[2]}.{one[2]}.{number}@c{company}.example",
        company=f"株式会社{firm}{trade}{company}",
        sources=sources,
        opted_out=MA in sources and number % OPTED_OUT_EVERY == 3,
    )


@dataclass(frozen=True)
class Story:
    """Everybody, and what is said of them: ``planted`` before the hub begins, ``edits`` after."""

    records: int
    planted: Sequence[Person]
    edits: Sequence[Edit]

    @property
    def everybody(self) -> list[Person]:
        """Those who are planted, and those who are first heard of later."""
        later = {
            edit.person.number: edit.person
            for edit in self.edits
            if edit.person.number >= len(self.planted)
        }
        return [*self.planted, *later.values()]


def story(records: int, seed: int) -> Story:
    """So many records at the two sources, a fifth of the people being on file at both."""
    chance = random.Random(f"people {seed}")  # noqa: S311 - repeatable chance, no secret
    later = max(1, records // NEWCOMERS)
    planted: list[Person] = []
    count = 0
    while count < records - later:
        planted.append(person(len(planted), chance))
        count += len(planted[-1].sources)
    newcomers: list[Person] = []
    number = len(planted)
    while len(newcomers) < later:
        one = person(number, chance)
        if one.sources == (FORM,):
            newcomers.append(one)
        number += 1
    return Story(count + later, planted, list(_edits(planted, newcomers, records, chance)))


def _edits(
    planted: Sequence[Person], newcomers: Sequence[Person], records: int, chance: random.Random
) -> Iterator[Edit]:
    versions: dict[tuple[int, str], int] = {}
    fresh = list(newcomers)
    total = max(12, records // EDITS)
    one = planted[0]
    every = max(1, total // len(newcomers))
    for turn in range(total + len(newcomers)):
        if fresh and turn % (every + 1) == 0:
            yield Edit("answer", fresh.pop())
            continue
        # Half of the edits follow another about the same person, and half of the others are about
        # a few people: so one comes while what was said before is being written.
        few, again = chance.random() < 0.5, chance.random() < 0.5
        if not again:
            one = planted[chance.randrange(max(1, len(planted) // 50) if few else len(planted))]
        source = chance.choice(one.sources)
        if source == MA and not one.opted_out and chance.random() < 0.1:
            yield Edit("opt_out", one)
            continue
        version = versions[one.number, source] = versions.get((one.number, source), 0) + 1
        yield Edit("answer" if source == FORM else "title", one, version)
    yield from (Edit("answer", one) for one in fresh)
