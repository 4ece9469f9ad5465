"""Invented people: their names, jobs, addresses and numbers, alone and in the hard groups."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from benchmarks.leads import companies, names, words
from benchmarks.leads.companies import Company, Register, Site
from benchmarks.leads.names import Written
from benchmarks.leads.romaji import romanise

START = date(2019, 4, 1).toordinal()
END = date(2026, 6, 30).toordinal()
FUNCTIONS = ("tantou1", "uketsuke2", "osaka1", "east-2", "kobai-a", "honten3", "desk5", "team-b")


@dataclass(slots=True, eq=False)
class Job:
    """Where somebody works from a day on, and how they are reached there."""

    company: Company
    site: Site
    department: int
    rank: int
    since: int
    email: str
    shared: str
    direct: str
    extension: str


@dataclass(slots=True, eq=False)
class Person:
    """One real person: what no two of them share is the object itself."""

    family: Written
    given: Written
    female: bool
    jobs: list[Job]
    mobile: str = ""
    private: str = ""
    promoted: int = END
    maiden: Written | None = None
    married: int = 0
    records: int = 1
    cases: list[str] = field(default_factory=list)
    until: int = END
    mobiles: list[tuple[int, str]] = field(default_factory=list)

    def job_at(self, day: int) -> Job:
        """Return the job held on a day, the first one for days before it."""
        held = self.jobs[0]
        for job in self.jobs[1:]:
            if job.since <= day:
                held = job
        return held

    def family_at(self, day: int) -> Written:
        """Return the family name borne on a day."""
        return self.maiden if self.maiden and day < self.married else self.family


class Town:
    """Everybody: hires people into companies and makes the groups that are hard to tell apart."""

    def __init__(self, rng: random.Random, register: Register, firms: Sequence[Company]) -> None:
        self.rng = rng
        self.register = register
        self.firms = firms
        self.weights = list(accumulate(firm.weight for firm in firms))
        self.large = [f for f in firms if f.weight >= 3 and f.kind != "small"]
        self.families = [f for f in firms if f.kind == "small"]
        self.people: list[Person] = []
        # Who works where: nobody has a namesake at work by accident.
        self.pairs = 0
        self.known: set[tuple[int, str, str]] = set()

    # -- one person ------------------------------------------------------------------------

    def hire(
        self,
        company: Company | None = None,
        family: Written | None = None,
        given: Written | None = None,
        female: bool | None = None,
    ) -> Person:
        """Add one person at a company, drawn where not given."""
        rng = self.rng
        firm = company or rng.choices(self.firms, cum_weights=self.weights)[0]
        woman = rng.random() < 0.36 if female is None else female
        person = Person(
            family or self._family_for(firm), given or names.given(rng, woman), woman, []
        )
        while not given and self._name(firm, person) in self.known:
            person.given = names.given(rng, woman)
        self.known.add(self._name(firm, person))
        person.jobs.append(self.job(person, firm, START))
        if rng.random() < 0.78:
            person.mobile = companies.mobile(rng)
        if rng.random() < (0.5 if firm.kind == "small" else 0.22):
            person.private = self._private(person)
        if rng.random() < 0.3:
            person.promoted = rng.randrange(START, END)
        self.people.append(person)
        return person

    def _name(self, firm: Company, person: Person) -> tuple[int, str, str]:
        return id(firm), person.family.kanji, person.given.kanji

    def _family_for(self, firm: Company) -> Written:
        family = names.family(self.rng)
        if firm.kind == "small" and self.rng.random() < 0.45:
            owner = names.families_of(firm.core)
            return owner or family
        return family

    def job(self, person: Person, firm: Company, since: int, mailbox: str = "") -> Job:
        """Return a job at a company, with the mailbox kept or a new one by its convention."""
        rng = self.rng
        small = firm.kind == "small"
        site = firm.sites[0] if rng.random() < 0.55 else rng.choice(firm.sites)
        rank = rng.choices(range(8), (24, 18, 13, 21, 8, 12, 3, 1))[0]
        job = Job(
            company=firm,
            site=site,
            department=-1 if small else rng.randrange(len(words.departments())),
            rank=rng.choice((0, 0, 6, 7)) if small else rank,
            since=since,
            email="",
            shared=self._shared(firm),
            direct=companies.beside(rng, site.switchboard) if rng.random() < 0.35 else "",
            extension=str(rng.randrange(100, 9999)) if rng.random() < 0.25 else "",
        )
        domain = firm.domain_at(END) or ""
        if mailbox:
            job.email = mailbox
        elif domain and not (small and rng.random() < 0.4):
            wanted = local_part(person, firm.convention, rng)
            job.email = self.register.unique_mail(wanted, domain)
        return job

    def _shared(self, firm: Company) -> str:
        if firm.mailbox:
            return firm.mailbox
        if not firm.domains:
            return ""
        return f"{self.rng.choice(words.GENERAL_MAILBOXES.split())}@{firm.domains[0]}"

    def _private(self, person: Person) -> str:
        rng = self.rng
        host = rng.choice((words.FREE_MAIL + " gmail.com yahoo.co.jp").split())
        if rng.random() < 0.3:
            host = rng.choice(words.PROVIDER_MAIL.split())
        given, family = romanise(person.given.reading), romanise(person.family.reading)
        number = rng.choice(("", str(rng.randrange(1960, 2003)), f"{rng.randrange(1, 1231):04d}"))
        local = rng.choice(
            (
                f"{given}.{family}{number}",
                f"{family}{given}{number}",
                f"{given[:1]}{family}{number or 77}",
                f"{family}_{given[:2]}{number}",
                f"{given[:3]}{given[:3]}-{number or 1}",
            )
        )
        return self.register.unique_mail(local, host)

    # -- groups that are hard to tell apart ------------------------------------------------

    def namesakes(self) -> list[Person]:
        """Two people of one name in one company, in different departments."""
        first = self.hire(self.rng.choice(self.large), names.families().draw(self.rng))
        second = self.hire(first.jobs[0].company, first.family, first.given, female=first.female)
        count = len(words.departments())
        step = self.rng.randrange(1, count)
        second.jobs[0].department = (first.jobs[0].department + step) % count
        return [first, second]

    def common_name(self) -> list[Person]:
        """Three people of one common name at three companies."""
        female = self.rng.random() < 0.3
        family = names.families().draw(self.rng)
        given = (names.women() if female else names.men()).draw(self.rng)
        firms = self.rng.sample(self.firms, 3)
        return [self.hire(firm, family, given, female) for firm in firms]

    def relatives(self) -> list[Person]:
        """Father and son or a couple in their own firm: one mailbox, one number."""
        rng = self.rng
        # Each family firm has one such pair while there are enough of them.
        firm = self.families[self.pairs % len(self.families)]
        self.pairs += 1
        owner = names.families_of(firm.core) or names.family(rng)
        father = self.hire(firm, owner, female=False)
        couple = rng.random() < 0.4
        other = self.hire(firm, owner, None if couple else self._son_of(father), couple)
        father.jobs[0].rank, other.jobs[0].rank = 7, rng.choice((6, 0))
        for person in (father, other):
            if rng.random() < 0.6:
                person.jobs[0].email = ""
            if rng.random() < 0.3:
                person.mobile = ""
        if rng.random() < 0.25:
            other.mobile = father.mobile
        return [father, other]

    def _son_of(self, father: Person) -> Written:
        near = [
            n
            for n in names.men().names
            if n.kanji[0] == father.given.kanji[0] and n.kanji != father.given.kanji
        ]
        return self.rng.choice(near) if near else names.given(self.rng, female=False)

    def near_names(self) -> list[Person]:
        """Colleagues in one department on one number whose names differ by a character."""
        rng = self.rng
        firm = rng.choice(self.large)
        kind = rng.randrange(3)
        if kind == 0:
            family = names.families().draw(rng)
            given = [Written("健", "ケン"), Written("健一", "ケンイチ"), Written("健二", "ケンジ")]
            rng.shuffle(given)
            found = [self.hire(firm, family, g, female=False) for g in given[: rng.choice((2, 3))]]
        elif kind == 1:
            a, b = rng.choice(names.ALIKE_FAMILIES)
            female = rng.random() < 0.4
            same = names.given(rng, female)
            found = [self.hire(firm, f, same, female) for f in (a, b)]
        else:
            female = rng.random() < 0.5
            readings = list(names.by_reading(female).items())
            kana, spelt = rng.choice(readings)
            family = names.families().draw(rng)
            found = [
                self.hire(firm, family, Written(kanji, kana), female)
                for kanji in rng.sample(spelt, 2)
            ]
        self._seat_together(found)
        return found

    def same_reading(self) -> list[Person]:
        """Two colleagues whose family names sound alike and are written differently."""
        rng = self.rng
        firm = rng.choice(self.large)
        pairs = [p for p in names.families_by_reading().values() if not _spellings_of_one(p)]
        one, other = rng.sample(rng.choice(pairs), 2)
        female = rng.random() < 0.4
        given = names.given(rng, female)
        found = [self.hire(firm, one, given, female), self.hire(firm, other, given, female)]
        if rng.random() < 0.5:
            self._seat_together(found)
        return found

    def other_reading(self) -> list[Person]:
        """Two colleagues written alike and read differently (裕子: Yuko, Hiroko)."""
        rng = self.rng
        firm = rng.choice(self.large)
        one, other, female = rng.choice(names.READ_TWICE)
        family = names.families().draw(rng)
        return [self.hire(firm, family, g, female) for g in (one, other)]

    def _seat_together(self, group: list[Person]) -> None:
        seat = group[0].jobs[0]
        for person in group[1:]:
            job = person.jobs[0]
            job.site, job.department, job.direct = seat.site, seat.department, seat.direct
            job.shared = seat.shared

    def successor(self) -> list[Person]:
        """Somebody leaves; another takes over the desk, the mailbox and often the mobile."""
        rng = self.rng
        firm = rng.choice([f for f in self.large if f.domains])
        old, new = self.hire(firm), self.hire(firm)
        self._seat_together([old, new])
        change = rng.randrange(START + 500, END - 700)
        old.until, new.jobs[0].since = change, change
        new.jobs[0].rank = old.jobs[0].rank
        if rng.random() < 0.6:
            local = rng.choice(FUNCTIONS)
            old.jobs[0].email = self.register.unique_mail(local, firm.domains[0])
        new.jobs[0].email = old.jobs[0].email
        if rng.random() < 0.5:
            new.mobile = old.mobile
        return [old, new]

    def reassigned_mobile(self) -> list[Person]:
        """A number given up by one person and given to a stranger years later."""
        old, new = self.hire(), self.hire()
        old.mobile = new.mobile = companies.mobile(self.rng)
        change = self.rng.randrange(START + 600, END - 800)
        old.until, new.jobs[0].since = change - 200, change
        return [old, new]

    # -- things that happen to one person --------------------------------------------------

    def move(self, person: Person) -> None:
        """Change the company: the mailbox changes, the mobile mostly stays."""
        rng = self.rng
        day = rng.randrange(START + 500, END - 500)
        firm = rng.choices(self.firms, cum_weights=self.weights)[0]
        person.mobile = person.mobile or companies.mobile(rng)
        if firm is person.jobs[0].company:
            firm = rng.choice([f for f in self.large if f is not firm])
        if rng.random() < 0.25:
            person.mobiles = [(day, companies.mobile(rng))]
            person.private = person.private or self._private(person)
        person.jobs.append(self.job(person, firm, day))

    def second(self, person: Person) -> bool:
        """Send somebody to a sister company; mailbox kept where the group has one domain."""
        job = person.jobs[0]
        if not job.company.relations or not job.company.domains:
            return False
        sister = self.rng.choice(job.company.relations)
        day = self.rng.randrange(START + 500, END - 500)
        mailbox = job.email
        if sister.domains != job.company.domains:
            local = job.email.partition("@")[0]
            mailbox = self.register.unique_mail(local, sister.domains[0])
        after = self.job(person, sister, day, mailbox)
        after.rank = job.rank
        if self.rng.random() < 0.6:
            after.department = job.department
        person.jobs.append(after)
        return True

    def relocate(self, person: Person) -> bool:
        """Move somebody to another branch or department of the same company."""
        job = person.jobs[0]
        if job.company.kind == "small" or not job.email:
            return False
        day = self.rng.randrange(START + 400, END - 400)
        after = self.job(person, job.company, day, job.email)
        after.rank = min(job.rank + 1, 7)
        person.jobs.append(after)
        return True

    def marry(self, person: Person) -> None:
        """Change the family name; half of the mailboxes follow."""
        rng = self.rng
        person.maiden, person.married = person.family, rng.randrange(START + 500, END - 500)
        while person.family.kana == person.maiden.kana:
            person.family = names.families().draw(rng)
        job = person.jobs[0]
        if job.email and rng.random() < 0.5:
            after = Job(
                job.company, job.site, job.department, job.rank, person.married,
                self.register.unique_mail(
                    local_part(person, job.company.convention, rng), job.email.partition("@")[2]
                ),
                job.shared, job.direct, job.extension,
            )  # fmt: skip
            person.jobs.append(after)


def _spellings_of_one(pair: Sequence[Written]) -> bool:
    return all(b.kanji in a.others or a.kanji in b.others for a in pair for b in pair if a is not b)


def local_part(person: Person, convention: str, rng: random.Random) -> str:
    """Return the local part a company gives a person; one in eight is an exception."""
    family, given = romanise(person.family.reading), romanise(person.given.reading)
    if rng.random() < 0.12:
        convention = rng.choice(("family", "given", "ffamily", "family_f", "familygiven"))
    return {
        "f.family": f"{given[0]}.{family}",
        "family.f": f"{family}.{given[0]}",
        "given.family": f"{given}.{family}",
        "given-family": f"{given}-{family}",
        "family": family,
        "given": given,
        "ffamily": f"{given[0]}{family}",
        "family_given": f"{family}_{given}",
        "familygiven": f"{family}{given[:2]}",
        "family_f": f"{family}_{given[0]}",
        "f-family": f"{given[0]}-{family}",
        "family-f": f"{family}-{given[0]}",
        "number": f"{rng.choice('abhst')}{rng.randrange(1000, 99_999):05d}",
    }[convention]
