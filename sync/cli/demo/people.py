"""The demo's invented people: who they are, where they are on file, and how far they have come.

The same seed and number give the same people. No two of them are to be told apart by less than
Renkei has to go by: a personal mailbox, or a name at a company.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sync.cli.demo import names

FORM, MA, SFA, CRM, FAIR = "form", "ma", "sfa", "crm", "exhibition"
"""The connections of the demo."""
TARGETS = (SFA, CRM, MA)
"""Those that are written to, in the order a lead is followed through them."""

OVERLAPS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (12, (FORM,)),
    (13, (MA,)),
    (7, (SFA,)),
    (6, (CRM,)),
    (7, (FAIR,)),
    (11, (FORM, MA)),
    (7, (MA, SFA)),
    (6, (SFA, CRM)),
    (4, (FAIR, CRM)),
    (7, (FORM, MA, SFA)),
    (5, (MA, SFA, CRM)),
    (4, (FAIR, MA, SFA)),
    (8, (FORM, MA, SFA, CRM)),
    (3, (FORM, MA, SFA, CRM, FAIR)),
)
"""How many in a hundred people are on file where."""

STAGES: tuple[tuple[int, str], ...] = (
    (38, "inquiry"),
    (22, "mql"),
    (6, "tal"),
    (8, "tql"),
    (6, "sal"),
    (4, "sql"),
    (7, "opportunity"),
    (5, "won"),
    (4, "lost"),
)
"""How many in a hundred have come how far, where their systems can tell."""

DEALS = ("opportunity", "won", "lost")
ENGLISH_SHARE = 0.2
OPT_OUT_SHARE = 0.06
PARTS: dict[int, tuple[tuple[str, ...], str]] = {
    0: ((FORM, MA, SFA, CRM, FAIR), "tql"),
    1: ((MA, SFA, CRM), "opportunity"),
    2: ((FORM, MA, SFA, CRM), "opportunity"),
    4: ((MA, CRM), "mql"),
}
"""Those with a part of their own: on file everywhere; whose deal will be lost; whose will be won;
and one whose kintone record holds a choice that nobody mapped."""
SHARED_EVERY = 30
"""Every so many people, two share a mailbox."""
NAMESAKE_EVERY = 25
"""Every so many people, one is called 佐藤 花子, each at another company."""


@dataclass(frozen=True, slots=True)
class Company:
    """An invented company. ``core`` is its name without 株式会社 or Ltd."""

    core: str
    slug: str
    english: bool
    place: tuple[str, str, str, str, str]
    number: int

    @property
    def name(self) -> str:
        """Its full name."""
        return f"{self.core} Ltd." if self.english else f"株式会社{self.core}"

    @property
    def domain(self) -> str:
        """Where its people have their mailboxes."""
        return f"{self.slug}.example"

    @property
    def phone(self) -> str:
        """Its switchboard in E.164."""
        area = self.place[4]
        digits = 9 - len(area)
        return f"+81{area}{55 * 10 ** (digits - 2) + self.number:0{digits}d}"


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person. ``systems`` are where they are on file; ``twice``: asked a form twice."""

    number: int
    family: str
    given: str
    family_kana: str
    given_kana: str
    email: str
    mobile: str
    company: Company
    department: str
    title: str
    systems: tuple[str, ...]
    stage: str
    shared: bool = False
    twice: bool = False
    opted_out: bool = False
    converted: bool = False
    days_ago: float = 0.0

    @property
    def english(self) -> bool:
        """Whether their name is written given name first."""
        return self.company.english

    @property
    def full_name(self) -> str:
        """The name as it is written."""
        if self.english:
            return f"{self.given} {self.family}"
        return f"{self.family} {self.given}"

    def has_deal(self) -> bool:
        """Whether the SFA has a deal with them."""
        return SFA in self.systems and self.stage in DEALS


@dataclass
class _Cast:
    chance: random.Random
    firms: list[Company]
    taken: set[tuple[str, str]] = field(default_factory=set)

    def firm(self, *, english: bool) -> Company:
        return self.chance.choice([firm for firm in self.firms if firm.english == english])

    def name(self, firm: Company) -> tuple[str, str, str, str, str]:
        """A name nobody at the company has: family, given, their readings, local part."""
        while True:
            if firm.english:
                family = self.chance.choice(names.ENGLISH_FAMILIES)
                given = self.chance.choice(names.ENGLISH_GIVEN)
                found = family, given, "", "", f"{given}.{family}".lower()
            else:
                one, other = self.chance.choice(names.FAMILIES), self.chance.choice(names.GIVEN)
                found = one[0], other[0], one[1], other[1], f"{other[2]}.{one[2]}"
            if (firm.slug, found[4]) not in self.taken:
                self.taken.add((firm.slug, found[4]))
                return found

    def systems(self) -> tuple[str, ...]:
        """Where somebody is on file."""
        weights = [weight for weight, _ in OVERLAPS]
        return self.chance.choices([one for _, one in OVERLAPS], weights)[0]

    def stage(self) -> str:
        """How far somebody has come."""
        weights = [weight for weight, _ in STAGES]
        return self.chance.choices([one for _, one in STAGES], weights)[0]


def people(count: int, seed: int = 0) -> list[Person]:
    """So many people, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable chance, no secret
    cast = _Cast(chance, _firms(max(6, count // 5)))
    return [_person(cast, number) for number in range(count)]


def _firms(count: int) -> list[Company]:
    """Companies, one in five of them English."""
    japanese, english = _japanese_firms(), _english_firms()
    found: list[Company] = []
    for number in range(count):
        is_english = number % 5 == 4
        try:
            core, slug = next(english if is_english else japanese)
        except StopIteration:
            break
        place = names.PLACES[number % len(names.PLACES)]
        found.append(Company(core, slug, is_english, place, number))
    return found


def _japanese_firms() -> Iterator[tuple[str, str]]:
    for shift in range(len(names.TRADES)):
        for number, (firm, slug) in enumerate(names.FIRMS):
            trade, short = names.TRADES[(number + shift) % len(names.TRADES)]
            yield f"{firm}{trade}", f"{slug}-{short}"


def _english_firms() -> Iterator[tuple[str, str]]:
    for shift in range(len(names.ENGLISH_TRADES)):
        for number, firm in enumerate(names.ENGLISH_FIRMS):
            trade = names.ENGLISH_TRADES[(number + shift) % len(names.ENGLISH_TRADES)]
            yield f"{firm} {trade}", f"{firm}-{trade}".lower()


def _person(cast: _Cast, number: int) -> Person:
    chance = cast.chance
    shared = number % SHARED_EVERY in (5, 6)
    namesake = number % NAMESAKE_EVERY == 3
    english = chance.random() < ENGLISH_SHARE and not (shared or namesake or number in PARTS)
    firm = cast.firm(english=english)
    family, given, family_kana, given_kana, local = cast.name(firm)
    systems = cast.systems()
    stage = cast.stage()
    if number in PARTS:
        systems, stage = PARTS[number]
        if number == 0:  # a name with two ways to write it
            family, family_kana, local = "高橋", "タカハシ", f"{local.partition('.')[0]}.takahashi"
            cast.taken.add((firm.slug, local))
    elif shared:
        firm = cast.firms[(number // SHARED_EVERY * 5) % len(cast.firms)]
        systems, stage = ((FORM, CRM) if number % 2 else (FORM,)), "inquiry"
        family, given, family_kana, given_kana, local = cast.name(firm)
    elif namesake and (firm.slug, "hanako.sato") not in cast.taken:
        cast.taken.add((firm.slug, "hanako.sato"))
        family, given, family_kana, given_kana = "佐藤", "花子", "サトウ", "ハナコ"
        local = "hanako.sato"
    if english:  # the exhibition was in Tokyo, its list has one field for a name
        systems = tuple(one for one in systems if one != FAIR) or (MA,)
    return Person(
        number=number,
        family=family,
        given=given,
        family_kana=family_kana,
        given_kana=given_kana,
        email=f"{'info' if shared else local}@{firm.domain}",
        mobile="" if shared or chance.random() < 0.4 else f"+8190{12_000_000 + number:08d}",
        company=firm,
        department="" if english else chance.choice(names.DEPARTMENTS),
        title=chance.choice(names.ENGLISH_TITLES if english else names.TITLES),
        systems=systems,
        stage=_told(stage, systems),
        shared=shared,
        twice=FORM in systems and not shared and chance.random() < 0.08,
        opted_out=not shared and bool({MA, CRM} & {*systems}) and chance.random() < OPT_OUT_SHARE,
        converted=chance.random() < 0.6,
        days_ago=round(chance.uniform(2, 120), 3),
    )


def _told(stage: str, systems: Sequence[str]) -> str:
    """The stage, as far as these systems know of stages at all."""
    if CRM in systems:
        return stage
    if stage in DEALS:
        return stage if SFA in systems else "mql" if MA in systems else "inquiry"
    if SFA in systems and stage in ("tal", "tql", "sal", "sql"):
        return "tal"
    if MA in systems and stage != "inquiry":
        return "mql"
    return "inquiry"
