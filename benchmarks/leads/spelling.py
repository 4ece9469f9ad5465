"""How names of people and companies are written: scripts, orders, honorifics, legal forms."""

from __future__ import annotations

import random
from collections.abc import Mapping

from benchmarks.leads.companies import NONE, Company, Site
from benchmarks.leads.damage import Pen, half_kana, hiragana, wide
from benchmarks.leads.names import Written, by_reading, families_by_reading
from benchmarks.leads.people import Person
from benchmarks.leads.romaji import romanise

SYSTEMS = ("passport", "wapuro", "oh", "macron", "apostrophe", "hyphen", "kunrei", "old")
SYSTEM_WEIGHTS = (50, 16, 10, 4, 5, 4, 3, 4)
OLD_IN_COMPANIES = {"沢": "澤", "国": "國", "広": "廣", "栄": "榮", "斎": "齋", "桜": "櫻"}


def family_kanji(pen: Pen, person: Person, day: int, faithful: float) -> str:
    """Return the family name of a day, in another spelling of it where not ``faithful``."""
    name = person.family_at(day)
    if person.maiden and day < person.married:
        pen.marks.append("maiden_name")
    if name.others and not pen.chance(faithful):
        pen.marks.append("kanji_variant")
        return pen.rng.choice(name.others)
    return name.kanji


def misheard(pen: Pen, family: Written, given: Written, female: bool) -> tuple[str, str]:
    """Return a name typed from the telephone: right in sound, wrong in kanji."""
    pen.marks.append("misheard_kanji")
    alike = [n for n in families_by_reading().get(family.kana, ()) if n.kanji != family.kanji]
    spelt = [k for k in by_reading(female).get(given.kana, ()) if k != given.kanji]
    if alike and (not spelt or pen.chance(0.3)):
        return pen.rng.choice(alike).kanji, given.kanji
    return family.kanji, pen.rng.choice(spelt) if spelt else given.kana


def latin(pen: Pen, family: Written, given: Written) -> str:
    """Return the name in Latin letters, in either order, in one of eight systems."""
    system = pen.rng.choices(SYSTEMS, SYSTEM_WEIGHTS)[0]
    if system == "passport" and "-" in romanise(given.reading, "hyphen") and pen.chance(0.4):
        system = pen.rng.choice(("hyphen", "apostrophe"))
    pen.marks.append(f"romaji_{system}")
    first, last = (
        _capital(romanise(given.reading, system)),
        _capital(romanise(family.reading, system)),
    )
    order = pen.rng.randrange(6)
    if order >= 3:
        pen.marks.append("romaji_family_first")
    return (
        f"{first} {last}",
        f"{first} {last.upper()}",
        f"{first} {last}",
        f"{last} {first}",
        f"{last.upper()} {first}",
        f"{last}, {first}",
    )[order]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def kana(pen: Pen, text: str) -> str:
    """Return a reading in full-width katakana, half width or hiragana."""
    style = pen.rng.choices(("full", "half", "hiragana"), (55, 25, 20))[0]
    if style == "half":
        pen.marks.append("kana_half")
        return half_kana(text)
    if style == "hiragana":
        pen.marks.append("kana_hiragana")
        return hiragana(text)
    return text


def joined(pen: Pen, family: str, given: str) -> str:
    """Return a full name with no space, a space or a wide space."""
    between = pen.rng.choices(("", " ", "　", "  "), (36, 36, 24, 4))[0]
    pen.marks.append({"": "full_tight", "　": "full_wide_space"}.get(between, "full_space"))
    return family + between + given


def dressed(pen: Pen, text: str, honorific: float) -> str:
    """Return a name with 様, さん, a title after it for this share of calls."""
    if text and pen.chance(honorific, "honorific"):
        tail = pen.rng.choice(
            ("様", " 様", "　様", "さん", "様（ご担当）", "部長", "社長", "殿", " 氏")
        )
        return text + tail
    return text


def bracketed(pen: Pen, full: str, reading: str) -> str:
    """Return a name with its reading in brackets."""
    pen.marks.append("reading_in_brackets")
    left, right = pen.rng.choice((("(", ")"), ("（", "）"), (" [", "]"), ("／", "")))
    return f"{full}{left}{kana(pen, reading)}{right}"


STYLES: Mapping[str, int] = {
    "full": 30,
    "full_space": 10,
    "short": 17,
    "short_wide": 8,
    "sign": 10,
    "none": 12,
    "english": 4,
    "english_short": 2,
    "kana": 2,
    "bank": 1,
    "misplaced": 2,
    "half": 1,
    "wide": 1,
}
_KINDS, _WEIGHTS = list(STYLES), list(STYLES.values())


def company(pen: Pen, firm: Company, site: Site | None, day: int, *, official: bool = False) -> str:
    """Return what a list calls a company on a day; ``official`` means in full, in Japanese."""
    rng = pen.rng
    core, english = firm.core, firm.english
    if firm.past and day < firm.past.until + rng.randrange(0, 400):
        core, english = firm.past.core, firm.past.english
        pen.marks.append("former_company_name")
    elif firm.alias and not official and pen.chance(0.4, "company_alias"):
        core = rng.choice((firm.alias, f"{firm.core} {firm.alias}", firm.alias))
    style = "full" if official else rng.choices(_KINDS, _WEIGHTS)[0]
    if style == "misplaced" and firm.kind == "institution":
        style = "full"
    text = styled(rng, firm, core, english, style)
    if style not in {"full", "none"}:
        pen.marks.append(f"company_{style}")
    if firm.past and core == firm.core and pen.chance(0.25, "both_company_names"):
        text += rng.choice((f"(旧{firm.past.core})", f"（旧社名：{firm.past.core}）"))
    if style.startswith("english") or style in {"bank", "half", "kana"}:
        return text
    if site and site.branch and pen.chance(0.55, "company_branch"):
        text += rng.choice((" ", "　", " ", "")) + site.branch
    if not official and pen.chance(0.015, "company_addressed"):
        text += rng.choice((" 御中", "御中", " 様"))
    if not official and pen.chance(0.06):
        text = "".join(OLD_IN_COMPANIES.get(sign, sign) for sign in text)
    return text


def styled(rng: random.Random, firm: Company, core: str, english: str, style: str) -> str:
    """Return a company's name in one of the ``STYLES``."""
    form = firm.form
    if form is NONE and style not in {"english", "english_short", "kana", "half"}:
        return core
    own_kana = firm.kana if core == firm.core else core
    written = {
        "full": (form.full, ""),
        "full_space": (form.full, rng.choice((" ", "　"))),
        "short": (f"({form.short})", ""),
        "short_wide": (f"（{form.short}）", rng.choice(("", " "))),
        "sign": (form.sign or f"({form.short})", ""),
        "none": ("", ""),
        "misplaced": (form.full, ""),
        "wide": (wide(f"({form.short})"), "　"),
    }
    if style in written:
        word, between = written[style]
        first = firm.before != (style == "misplaced")
        return f"{word}{between}{core}" if first else f"{core}{between}{word}"
    ending = rng.choice(form.latin)
    return {
        "english": f"{english}{',' if ending == 'Inc.' else ''} {ending}".strip(),
        "english_short": english if rng.random() < 0.6 else english.upper(),
        "kana": own_kana,
        "half": half_kana(own_kana),
        "bank": f"{form.bank}）{own_kana}"
        if firm.before
        else half_kana(f"{own_kana}(") + half_kana(form.bank),
    }[style]
