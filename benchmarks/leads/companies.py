"""Invented companies: legal forms, branches, domains, groups that look alike, namesakes, renames.

Every name is put together from parts; a resemblance to a real firm is chance.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate

from benchmarks.leads import names, words
from benchmarks.leads.romaji import romanise

CONVENTIONS = (
    ("f.family", 22),
    ("family.f", 12),
    ("given.family", 14),
    ("given-family", 8),
    ("family", 14),
    ("ffamily", 8),
    ("family_given", 6),
    ("f-family", 10),
    ("family-f", 6),
    ("number", 2),
)
TYPING = {"電機": "電気", "工業": "興業", "商事": "商司", "製作所": "製作社", "技研": "技建"}


@dataclass(frozen=True, slots=True)
class Form:
    """A legal form: in full, in brackets, as one sign, as a bank writes it, in English."""

    full: str
    short: str
    sign: str
    bank: str
    latin: tuple[str, ...]


KK = Form("株式会社", "株", "㈱", "カ", ("Co., Ltd.", "K.K.", "Inc.", "Corporation", "Co.,Ltd"))
YK = Form("有限会社", "有", "㈲", "ユ", ("Y.K.", "Ltd.", "Co., Ltd."))
GK = Form("合同会社", "同", "", "ド", ("LLC", "G.K.", "GK"))
GS = Form("合資会社", "資", "㈾", "シ", ("& Co.",))
SHADAN = Form("一般社団法人", "一社", "", "シヤ", ("Association",))
ZAIDAN = Form("公益財団法人", "公財", "", "ザイ", ("Foundation",))
MEDICAL = Form("医療法人", "医", "", "イ", ("Medical Corporation",))
SCHOOL = Form("学校法人", "学", "", "ガク", ("Educational Foundation",))
WELFARE = Form("社会福祉法人", "福", "", "フク", ("Social Welfare Corporation",))
NONE = Form("", "", "", "", ("",))


@dataclass(frozen=True, slots=True)
class Site:
    """An office: what its branch is called (empty for the head office) and how to reach it."""

    branch: str
    place: words.Place
    postal: str
    address: str
    switchboard: str
    fax: str


@dataclass(frozen=True, slots=True)
class Past:
    """What a company was called before a day (an ordinal), and its mail domain then."""

    until: int
    core: str
    english: str
    domain: str


@dataclass(slots=True, eq=False)
class Company:
    """One legal person. ``domains`` may be empty; the first is the usual one."""

    core: str
    kana: str
    latin: str
    english: str
    form: Form
    before: bool
    sites: list[Site]
    domains: list[str]
    web: str
    number: str
    convention: str
    weight: float
    kind: str = "ordinary"
    alias: str = ""
    past: Past | None = None
    mailbox: str = ""
    relations: list[Company] = field(default_factory=list)

    def domain_at(self, day: int) -> str:
        """Return the mail domain in use on a day, empty where there is none."""
        if self.past and day < self.past.until:
            return self.past.domain
        return self.domains[0] if self.domains else ""


def check_digit(twelve: str) -> str:
    """Return the first digit of a corporate number from its other twelve."""
    total = sum(int(d) * (1 if n % 2 else 2) for n, d in enumerate(reversed(twelve), start=1))
    return str(9 - total % 9)


def corporate_number(rng: random.Random, form: Form) -> str:
    """Return 13 digits whose check digit is right."""
    kind = {"株": "01", "有": "02", "同": "03"}.get(form.short, "05")
    office = rng.choice(("0100", "0104", "1200", "1300", "1500", "1800", "2900", "4300"))
    twelve = f"{office}{kind}{rng.randrange(1, 999_999):06d}"
    return check_digit(twelve) + twelve


def landline(rng: random.Random, area: str) -> str:
    """Return a number of an area as ``03-3456-7890``."""
    width = 6 - len(area)
    first = rng.choice({"03": "3356", "06": "4667"}.get(area, "22345678"))
    rest = "".join(rng.choice("0123456789") for _ in range(width - 1))
    return f"{area}-{first}{rest}-{rng.randrange(10_000):04d}"


def mobile(rng: random.Random) -> str:
    """Return a mobile number as ``090-1234-5678``."""
    return (
        f"{rng.choice(('090', '090', '080', '080', '070'))}"
        f"-{rng.randrange(1000, 10_000)}-{rng.randrange(10_000):04d}"
    )


def beside(rng: random.Random, number: str) -> str:
    """Return another number of the same exchange, as a direct line or a fax has it."""
    head, _, last = number.rpartition("-")
    return f"{head}-{(int(last) + rng.randrange(1, 90)) % 10_000:04d}"


class Register:
    """Builds companies; never gives one domain, number or switchboard to two by accident."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.taken: set[str] = set()
        self.heads = [(a, b) for a, b in words.cells(words.STEM_HEADS)]
        self.tails = [(a, b) for a, b in words.cells(words.STEM_TAILS)]
        self.katakana = [(a, b) for a, b in words.cells(words.KANA_STEMS)]
        self.places, weights = words.places()
        self.place_weights = list(accumulate(weights))
        self.by_reading: dict[str, list[str]] = {}
        for head, head_kana in self.heads:
            for tail, tail_kana in self.tails:
                self.by_reading.setdefault(head_kana + tail_kana, []).append(head + tail)

    def unique(self, *candidates: str) -> str:
        """Return the first candidate nobody has, else the last with a number."""
        for candidate in candidates:
            if candidate not in self.taken:
                self.taken.add(candidate)
                return candidate
        name, _, suffix = candidates[-1].partition(".")
        for n in range(2, 1_000_000):
            candidate = f"{name}{n}.{suffix}"
            if candidate not in self.taken:
                break
        self.taken.add(candidate)
        return candidate

    def site(self, branch: str = "", place: words.Place | None = None) -> Site:
        """Return an office somewhere, with a switchboard of its own."""
        rng = self.rng
        where = place or rng.choices(self.places, cum_weights=self.place_weights)[0]
        number = landline(rng, where.area)
        while number in self.taken:
            number = landline(rng, where.area)
        self.taken.add(number)
        block = f"{rng.randrange(1, 6)}-{rng.randrange(1, 20)}-{rng.randrange(1, 15)}"
        floor = rng.choice(
            ("", "", " 第二ビル5F", " 中央ビル 3階", " センタービル12階", "　駅前ビル201号")
        )
        address = f"{where.prefecture}{where.city}{rng.choice(where.towns)}{block}{floor}"
        postal = f"{where.postal}-{rng.randrange(10_000):04d}"
        return Site(branch, where, postal, address, number, beside(rng, number))

    def branches(self, count: int) -> list[Site]:
        """Return the head office and branches named for their towns."""
        found = [self.site()]
        for _ in range(count):
            place = self.rng.choices(self.places, cum_weights=self.place_weights)[0]
            town = place.city.split("市")[0] if "市" in place.city else place.prefecture[:2]
            suffix = self.rng.choice(("支店", "営業所", "支社", "支店", "事業所", "工場"))
            found.append(self.site(town + suffix, place))
        return found

    def convention(self) -> str:
        """Return how the company makes local parts of addresses."""
        kinds, weights = zip(*CONVENTIONS, strict=True)
        return str(self.rng.choices(kinds, weights)[0])

    def stem(self) -> tuple[str, str, str]:
        """Return a house name, its reading, its Latin spelling."""
        if self.rng.random() < 0.2:
            written, latin = self.rng.choice(self.katakana)
            return written, written, latin.lower()
        head, tail = self.rng.choice(self.heads), self.rng.choice(self.tails)
        kana = head[1] + tail[1]
        return head[0] + tail[0], kana, romanise(kana)

    def named(self, stem: tuple[str, str, str], trade: words.Word, form: Form = KK) -> Company:
        """Return a company of a house name and a trade, with a domain and a web site."""
        rng = self.rng
        written, kana, latin = stem
        base = f"{latin}-{trade.latin}"
        first = rng.choice((f"{base}.co.jp", f"{latin}{trade.latin}.co.jp", f"{latin}.co.jp"))
        domain = self.unique(first, f"{base}.co.jp", f"{base}.jp", f"{base}.com")
        return Company(
            core=written + trade.written,
            kana=kana + trade.kana,
            latin=base,
            english=f"{latin.capitalize()} {trade.english}",
            form=form,
            before=rng.random() < 0.6,
            sites=self.branches(0),
            domains=[domain],
            web=domain,
            number=corporate_number(rng, form),
            convention=self.convention(),
            weight=min(rng.paretovariate(1.1), 14.0),
        )

    def ordinary(self) -> Company:
        """Return a company on its own; the larger ones have branches and a second domain."""
        rng = self.rng
        form = rng.choices((KK, YK, GK, GS), (84, 8, 7, 1))[0]
        company = self.named(self.stem(), rng.choice(words.trades()), form)
        if company.weight > 2 and rng.random() < 0.7:
            company.sites += self.branches(rng.randrange(1, 4))[1:]
        if rng.random() < 0.14:
            plain = company.latin.replace("-", "")
            company.domains.append(self.unique(f"{plain}.com", f"{plain}-group.jp"))
        if rng.random() < 0.08:
            company.web = ""
        return company

    def institution(self) -> Company:
        """Return a hospital, school, home or association, known by two names."""
        rng = self.rng
        written, kana, latin = self.stem()
        form, core, core_kana, alias, english, suffix = rng.choice(
            (
                (MEDICAL, "会", "カイ", "病院", "Hospital", "or.jp"),
                (MEDICAL, "会", "カイ", "クリニック", "Clinic", "jp"),
                (SCHOOL, "学園", "ガクエン", "高等学校", "High School", "ed.jp"),
                (SCHOOL, "学園", "ガクエン", "大学", "University", "ac.jp"),
                (SHADAN, "振興協会", "シンコウキョウカイ", "", "Promotion Association", "or.jp"),
                (ZAIDAN, "文化財団", "ブンカザイダン", "", "Foundation", "or.jp"),
                (WELFARE, "会", "カイ", "ホーム", "Care Home", "or.jp"),
            )
        )
        trade = words.Word(core, core_kana, romanise(core_kana), english)
        company = self.named((written, kana, latin), trade, form)
        company.before, company.kind = True, "institution"
        company.alias = written + alias if alias else ""
        company.domains = [self.unique(f"{latin}.{suffix}", f"{latin}-{trade.latin}.{suffix}")]
        company.web = company.domains[0]
        return company

    def small(self, family: names.Written | None = None) -> Company:
        """Return a family's firm: named for it, often without a domain, one mailbox for all."""
        rng = self.rng
        owner = family or names.family(rng)
        latin = romanise(owner.reading)
        form = rng.choices((YK, KK, NONE), (50, 35, 15))[0]
        stem = (owner.kanji, owner.kana, latin)
        company = self.named(stem, rng.choice(words.trades(small=True)), form)
        company.kind, company.weight = "small", 1.0
        if rng.random() < 0.65:
            company.domains = []
            company.web = ""
            host = rng.choice(words.PROVIDER_MAIL.split() + words.FREE_MAIL.split()[:2])
            local = rng.choice((company.latin, latin + "-k", company.latin.replace("-", "")))
            company.mailbox = self.unique_mail(local, host)
        else:
            company.mailbox = f"info@{company.domains[0]}"
        if form is NONE:
            company.number = ""
        return company

    def unique_mail(self, local: str, host: str) -> str:
        """Return an address nobody has, with a number where it must."""
        address, n = f"{local}@{host}", 2
        while address in self.taken:
            address, n = f"{local}{n}@{host}", n + 1
        self.taken.add(address)
        return address

    def group(self) -> Iterator[Company]:
        """Yield a parent, its sister companies, and a stranger whose name sounds like theirs."""
        rng = self.rng
        stem, trade = self.stem(), rng.choice(words.trades())
        parent = self.named(stem, trade)
        parent.kind, parent.weight = "group", 9.0
        parent.sites += self.branches(rng.randrange(1, 4))[1:]
        shares_domain = rng.random() < 0.5
        family = [parent]
        for word in rng.sample(words.sisters(), rng.randrange(2, 4)):
            sister = self.named(stem, replace(trade, latin=f"{trade.latin}-{word.latin}"))
            sister.core = parent.core + word.written
            sister.kana = parent.kana + word.kana
            sister.english = f"{parent.english} {word.english}"
            sister.kind, sister.weight = "group", 4.0
            sister.before = parent.before
            if shares_domain:
                sister.domains, sister.convention = [parent.domains[0]], parent.convention
                sister.web = parent.web
            if rng.random() < 0.4:
                sister.sites[0] = replace(parent.sites[0], branch="")
            family.append(sister)
        for company in family:
            company.relations = [other for other in family if other is not company]
            yield company
        yield self.stranger(stem, trade)

    def stranger(self, stem: tuple[str, str, str], trade: words.Word) -> Company:
        """Return an unrelated company whose name sounds or looks like a given one."""
        written, kana, latin = stem
        other = [s for s in self.by_reading.get(kana, []) if s != written]
        name = self.rng.choice(other) if other and self.rng.random() < 0.6 else kana
        looks = TYPING.get(trade.written, trade.written)
        if name == written and looks == trade.written:
            name = written + "新"
        company = self.named((name, kana, latin), replace(trade, written=looks))
        company.kind, company.weight = "stranger", 3.0
        return company

    def namesake(self, of: Company) -> Company:
        """Return another company of exactly the same name in another prefecture."""
        place = of.sites[0].place
        while place.prefecture == of.sites[0].place.prefecture:
            place = self.rng.choices(self.places, cum_weights=self.place_weights)[0]
        domain = self.unique(f"{of.latin.replace('-', '')}.jp", f"{of.latin}.net")
        return replace(
            of,
            sites=[self.site("", place)],
            domains=[domain],
            web=domain,
            number=corporate_number(self.rng, of.form),
            convention=self.convention(),
            weight=2.5,
            kind="namesake",
            past=None,
            before=self.rng.random() < 0.6,
            relations=[],
        )

    def rename(self, company: Company, until: int) -> None:
        """Give a company a former name, with the domain it had then or the one it still has."""
        stem = self.stem()
        trade = self.rng.choice(words.trades())
        domain = company.domains[0]
        if self.rng.random() < 0.65:
            domain = self.unique(f"{stem[2]}-{trade.latin}.co.jp", f"{stem[2]}-{trade.latin}.jp")
        english = f"{stem[2].capitalize()} {trade.english}"
        company.past = Past(until, stem[0] + trade.written, english, domain)


def build(rng: random.Random, people: int, day: int) -> tuple[Register, list[Company]]:
    """Return companies for so many people; some are renamed up to two years around ``day``."""
    register = Register(rng)
    count = max(24, round(people * 0.27))
    found: list[Company] = []
    for _ in range(max(2, round(count * 0.035))):
        found += register.group()
    found += [register.institution() for _ in range(max(2, round(count * 0.05)))]
    found += [register.small() for _ in range(max(5, round(count * 0.22)))]
    twins = max(2, round(count * 0.04))
    plain = [register.ordinary() for _ in range(max(8, count - len(found) - twins))]
    found += plain + [register.namesake(company) for company in rng.sample(plain, twins)]
    for company in rng.sample(plain, max(2, round(count * 0.06))):
        register.rename(company, day + rng.randrange(-500, 500))
        company.weight = max(company.weight, 3.0)
    return register, found
