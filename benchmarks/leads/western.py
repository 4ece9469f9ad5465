"""The Western set: nicknames, accents, middle initials, family-first, Jr. and Sr., shared desks."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from benchmarks.leads import western_words as words
from benchmarks.leads.damage import Pen, email

START, END = date(2019, 4, 1).toordinal(), date(2026, 6, 30).toordinal()
FOLD = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "’": "'"})
LOCALS = ("{g}.{f}", "{i}{f}", "{g}", "{f}", "{g}_{f}", "{f}.{g}", "{i}.{f}", "{g}{f1}")

Row = dict[str, str]


@dataclass(slots=True, eq=False)
class Firm:
    """A company, or a sister of one; ``forms`` are spellings of its legal form."""

    name: str
    country: str
    forms: Sequence[str]
    domain: str
    place: Sequence[str]
    switchboard: str
    local: str
    weight: float
    street: str
    related: list[Firm] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Someone:
    """A person; ``moves`` are (day, firm, mailbox, department, rank), the first from the start."""

    given: Sequence[str]
    middle: str
    family: Sequence[str]
    suffix: str
    moves: list[tuple[int, Firm, str, int, int]]
    mobile: str
    direct: str
    private: str
    married: int = 0
    maiden: Sequence[str] = ()
    records: int = 1
    cases: list[str] = field(default_factory=list)


@cache
def _table(text: str) -> tuple[tuple[str, ...], ...]:
    rows = text.replace("\n", "").split("|")
    return tuple(tuple(c.replace("_", " ") for c in row.split()) for row in rows if row)


def fold(text: str) -> str:
    """Return text without accents."""
    plain = unicodedata.normalize("NFKD", text.translate(FOLD))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _slug(text: str) -> str:
    return "".join(sign for sign in fold(text).lower() if sign.isalnum())


class Town:
    """Everybody of the Western set."""

    def __init__(self, rng: random.Random, people: int) -> None:
        self.rng = rng
        self.taken: set[str] = set()
        self.people: list[Someone] = []
        self.firms: list[Firm] = []
        while len(self.firms) < max(16, people * 0.24):
            self.firms += self._firms()
        self.weights = [firm.weight for firm in self.firms]
        total = 0.0
        for at, weight in enumerate(self.weights):
            total += weight
            self.weights[at] = total

    def number(self, code: str) -> str:
        """Return a number as ``country-area-exchange-line``."""
        return f"{code}-{self.rng.randrange(220, 990)}-{self.rng.randrange(10_000):04d}"

    def mailbox(self, local: str, domain: str) -> str:
        """Return an address nobody has yet."""
        address, n = f"{local}@{domain}", 2
        while address in self.taken:
            address, n = f"{local}{n}@{domain}", n + 1
        self.taken.add(address)
        return address

    def _firms(self) -> list[Firm]:
        """Return a company; sometimes with sisters, or a namesake abroad."""
        rng = self.rng
        house, trade = rng.choice(_table(words.HOUSES))[0], rng.choice(_table(words.TRADES))[0]
        first = self._firm(f"{house} {trade}", "")
        found = [first]
        if rng.random() < 0.12:
            first.weight = 8.0
            shared = first.domain if rng.random() < 0.5 else ""
            for suffix in rng.sample(words.SISTERS.split("|"), 2):
                sister = self._firm(f"{house} {trade} {suffix}", shared)
                if rng.random() < 0.4:
                    sister.switchboard = first.switchboard
                found.append(sister)
            for firm in found:
                firm.related = [other for other in found if other is not firm]
        elif rng.random() < 0.06:
            found.append(self._firm(first.name, ""))
        return found

    def _firm(self, name: str, domain: str) -> Firm:
        rng = self.rng
        place = rng.choice(_table(words.PLACES))
        web = domain
        for n in range(1, 1000):
            web = web or f"{_slug(name)}{n if n > 1 else ''}{words.TAILS[place[0]]}"
            if domain or web not in self.taken:
                break
            web = ""
        self.taken.add(web)
        forms = words.FORMS[place[0]].split("|")
        street = f"{rng.randrange(1, 240)} {rng.choice(words.STREETS.split('|'))}"
        kind = rng.choice(forms)
        spelt = [kind, kind, kind.replace(".", ""), ""]
        weight = min(rng.paretovariate(1.1), 14.0)
        return Firm(
            name, place[0], spelt, web, place, self.number(place[1]), rng.choice(LOCALS),
            weight, street,
        )  # fmt: skip

    def hire(
        self,
        firm: Firm | None = None,
        given: Sequence[str] = (),
        family: Sequence[str] = (),
        suffix: str = "",
    ) -> Someone:
        """Add one person, drawn where not given."""
        rng = self.rng
        where = firm or rng.choices(self.firms, cum_weights=self.weights)[0]
        table = words.WOMEN if rng.random() < 0.4 else words.MEN
        first = given or rng.choice(_table(table))
        last = family or rng.choice(_table(words.FAMILIES))
        if not family and rng.random() < 0.05:
            last = (f"{last[0]}-{rng.choice(_table(words.FAMILIES))[0]}",)
        person = Someone(
            first, rng.choice("ABCDEFGHJKLMPRST") if rng.random() < 0.4 else "", last, suffix,
            [], "", "", "",
        )  # fmt: skip
        person.moves.append(self.post(person, where, START))
        mobile = {"US": "1-917", "GB": "44-7700", "DE": "49-151", "FR": "33-6"}
        if rng.random() < 0.6:
            person.mobile = self.number(mobile.get(where.country, "31-6"))
        if rng.random() < 0.4:
            person.direct = f"{where.switchboard.rpartition('-')[0]}-{rng.randrange(10_000):04d}"
        if rng.random() < 0.25:
            local = f"{_slug(first[-1])}.{_slug(last[0])}{rng.randrange(60, 99)}"
            person.private = self.mailbox(local, rng.choice(words.FREE.split("|")))
        self.people.append(person)
        return person

    def post(self, person: Someone, firm: Firm, day: int) -> tuple[int, Firm, str, int, int]:
        """Return a job with a mailbox by the company's convention."""
        given, last = _slug(person.given[0]), _slug(person.family[0])
        local = firm.local.format(g=given, f=last, i=given[0], f1=last[0])
        rng = self.rng
        return (
            day, firm, self.mailbox(local, firm.domain),
            rng.randrange(len(words.DEPARTMENTS.split("|"))),
            rng.choice((0, 0, 1, 1, 2, 2, 3, 4, 5, 6)),
        )  # fmt: skip

    def groups(self, people: int) -> None:
        """Make the people who are easily taken for each other."""
        rng = self.rng
        large = [firm for firm in self.firms if firm.weight > 2] or self.firms
        for _ in range(max(1, people // 110)):
            one = self.hire(rng.choice(large))
            two = self.hire(one.moves[0][1], one.given, one.family)
            father = self.hire(rng.choice(large), (), (), "Sr.")
            son = self.hire(father.moves[0][1], father.given, father.family, "Jr.")
            son.direct = father.direct
            common = [self.hire(f, one.given, one.family) for f in rng.sample(self.firms, 2)]
            kate = rng.choice(_table(words.FAMILIES))
            near = [self.hire(large[0], g, kate) for g in (("Katherine",), ("Kathleen",))]
            for name, group in (
                ("namesakes", [one, two]), ("relatives", [father, son]),
                ("common_name", common), ("near_names", near),
            ):  # fmt: skip
                for person in group:
                    person.cases.append(name)


def _full(pen: Pen, person: Someone, family: str, given: str) -> str:
    middle = f" {person.middle}{pen.rng.choice(('.', ''))}" if person.middle else ""
    if middle and not pen.chance(0.4, "middle_initial"):
        middle = ""
    suffix = f" {person.suffix}" if person.suffix and pen.chance(0.7, "suffix") else ""
    title = (
        pen.rng.choice(("Mr. ", "Dr. ", "Ms. ", "Prof. ")) if pen.chance(0.04, "honorific") else ""
    )
    if pen.chance(0.07, "family_first_comma"):
        return f"{family}, {given}{middle}{suffix}"
    if pen.chance(0.04, "family_first"):
        return f"{family} {given}"
    text = f"{title}{given}{middle} {family}{suffix}"
    if pen.chance(0.05, "all_capitals"):
        return text.upper()
    return text.lower() if pen.chance(0.03, "all_lower") else text


def _slip(pen: Pen, text: str) -> str:
    if len(text) < 5 or not pen.chance(0.035, "name_typo"):
        return text
    at = pen.rng.randrange(1, len(text) - 2)
    kind = pen.rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at] + text[at:]


def _phone(pen: Pen, number: str) -> str:
    country, area, exchange, line = number.split("-")
    if country == "1":
        styles = (
            f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}",
            f"+1 {area} {exchange} {line}", f"{area}.{exchange}.{line}",
            f"1{area}{exchange}{line}", f"{area}{exchange}{line}",
        )  # fmt: skip
    else:
        styles = (
            f"+{country} {area} {exchange} {line}", f"+{country} (0){area} {exchange}{line}",
            f"0{area} {exchange} {line}", f"00{country}{area}{exchange}{line}",
            f"0{area}/{exchange}{line}", f"+{country}{area}{exchange}{line}",
        )  # fmt: skip
    text = pen.rng.choice(styles)
    if pen.chance(0.07, "phone_extension"):
        text += pen.rng.choice((" x{}", " ext. {}", " Ext {}")).format(pen.rng.randrange(100, 999))
    return text


def _company(pen: Pen, firm: Firm) -> str:
    name = firm.name
    if pen.chance(0.04, "company_short"):
        name = name.split(" ")[0]
    elif pen.chance(0.03, "company_initials"):
        name = "".join(word[0] for word in name.split(" "))
    elif pen.chance(0.05, "company_the"):
        name = f"The {name}"
    form = pen.rng.choice(firm.forms)
    text = f"{name}{pen.rng.choice((' ', ' ', ', '))}{form}" if form else name
    return text.upper() if pen.chance(0.05, "company_capitals") else text


def _name(pen: Pen, person: Someone, day: int, source: str) -> Row:
    """Return the name cells: a short form, another spelling, accents lost, a slip, an initial."""
    names = person.maiden if person.maiden and day < person.married else person.family
    family, given = names[0], person.given[0]
    if len(names) > 1 and pen.chance(0.4, "other_spelling"):
        family = pen.rng.choice(names[1:])
    if len(person.given) > 1 and pen.chance(0.25, "nickname"):
        given = pen.rng.choice(person.given[1:])
    if pen.chance(0.3) and fold(given + family) != given + family:
        given, family = fold(given), fold(family)
        pen.marks.append("accents_lost")
    given, family = _slip(pen, given), _slip(pen, family)
    if source in {"form", "phone_list", "purchased"} and pen.chance(0.6):
        return {"full_name": _full(pen, person, family, given)}
    if pen.chance(0.03, "name_swapped"):
        return {"family_name": given, "given_name": family}
    short = f"{given[0]}." if pen.chance(0.06, "initial_only") else given
    return {"family_name": family, "given_name": short}


def _numbers(pen: Pen, person: Someone, firm: Firm, source: str) -> Row:
    """Return the cells for telephones: direct, mobile in the wrong cell, the switchboard."""
    row = Row()
    if source != "seminar" and pen.chance(0.95 if source == "phone_list" else 0.65):
        if person.direct and pen.chance(0.4, "phone_direct"):
            row["phone"] = _phone(pen, person.direct)
        elif person.mobile and pen.chance(0.25, "mobile_as_phone"):
            row["phone"] = _phone(pen, person.mobile)
        else:
            pen.marks.append("phone_switchboard")
            row["phone"] = _phone(pen, firm.switchboard)
    if person.mobile and source in {"card", "crm"} and pen.chance(0.5):
        row["mobile"] = _phone(pen, person.mobile)
    return row


def _mail(pen: Pen, person: Someone, firm: Firm, mail: str, source: str) -> str:
    """Return the address: the person's at work, private, or one that several people use."""
    if source == "phone_list" or pen.chance(0.12):
        return ""
    if pen.chance(0.08, "email_role"):
        mail = f"{pen.rng.choice(('info', 'sales', 'office', 'contact'))}@{firm.domain}"
    elif person.private and source == "form" and pen.chance(0.45, "email_private"):
        mail = person.private
    return email(pen, mail, hand=0.6)


def _row(pen: Pen, person: Someone, day: int, source: str) -> Row:
    """Return what a list knows of a person on a day."""
    move = next(move for move in reversed(person.moves) if move[0] <= day or move[0] == START)
    _, firm, mail, department, rank = move
    row = _name(pen, person, day, source)
    row["email"] = _mail(pen, person, firm, mail, source)
    row |= _numbers(pen, person, firm, source)
    reached = bool(row["email"] or row.get("phone"))
    row["company"] = _company(pen, firm) if pen.chance(0.93) or not reached else ""
    spelt = words.DEPARTMENTS.replace("\n", "").split("|")[department].split(",")
    titles = words.TITLES.replace("\n", "").split("|")[rank].split(",")
    row["department"] = pen.rng.choice(spelt) if pen.chance(0.45) else ""
    row["title"] = pen.rng.choice(titles) if pen.chance(0.5) else ""
    if source in {"card", "purchased", "crm"} and pen.chance(0.6):
        row["website"] = f"https://www.{firm.domain}"
        row["address"] = f"{firm.street}, {firm.place[2]}, {firm.place[3]}"
        row["postal_code"] = f"{firm.place[4]}{len(firm.name) * 17 % 900 + 100}"
    if pen.chance(0.1):
        row["note"] = pen.rng.choice(words.NOTES.replace("\n", "").split("|"))
    return row


def populate(rng: random.Random, people: int, counts: Sequence[int]) -> list[Someone]:
    """Return so many people with what happened to them."""
    town = Town(rng, people)
    town.groups(people)
    while len(town.people) < people:
        town.hire()
    del town.people[people:]
    for person, count in zip(town.people, counts, strict=True):
        person.records = count
        if count < 2 or person.cases:
            continue
        day = rng.randrange(START + 500, END - 500)
        chance = rng.random()
        if chance < 0.11:
            firm = rng.choices(town.firms, cum_weights=town.weights)[0]
            related = person.moves[0][1].related
            if related and chance < 0.05:
                firm = rng.choice(related)
            person.moves.append(town.post(person, firm, day))
            person.mobile = person.mobile or town.number("1-917")
            person.cases.append("moved")
        elif chance < 0.15:
            person.maiden, person.married = person.family, day
            person.family = rng.choice(_table(words.FAMILIES))
            person.cases.append("married")
    return town.people


def drafts(
    rng: random.Random, crowd: Sequence[Someone]
) -> list[tuple[int, int, str, Row, list[str]]]:
    """Return everybody's records: day, number of the person, source, cells, cases."""
    pen = Pen(rng)
    found = []
    for number, person in enumerate(crowd):
        for _ in range(person.records):
            source = rng.choices(
                ("form", "card", "seminar", "phone_list", "purchased", "crm"),
                (28, 18, 14, 10, 8, 22),
            )[0]
            day = rng.randrange(START, END)
            pen.marks = []
            row = _row(pen, person, day, source)
            found.append((day, number, source, row, pen.marks + person.cases))
    return found
