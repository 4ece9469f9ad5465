"""What each kind of list knows of a person: web forms, cards, call lists, seminars, bought lists.

Every function takes a pen, a person and a day (an ordinal) and returns the cells it fills.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.leads import names, spelling, words
from benchmarks.leads.damage import (
    Pen,
    address,
    email,
    half_kana,
    number13,
    phone,
    postal,
    switchboard,
    two_numbers,
    website,
    wide,
    with_extension,
)
from benchmarks.leads.names import Written
from benchmarks.leads.people import Job, Person

Row = dict[str, str]


def mobile_on(person: Person, day: int) -> str:
    """Return the mobile a person has on a day."""
    number = person.mobile
    for since, later in person.mobiles:
        if since <= day:
            number = later
    return number


def rank_on(person: Person, job: Job, day: int) -> int:
    """Return the rank on a day, one up after a promotion."""
    return min(job.rank + (day >= person.promoted), 7)


def title(pen: Pen, rank: int) -> str:
    """Return a title of a rank in one of its spellings."""
    spelt = words.titles()[rank]
    text = spelt[0] if pen.chance(0.6) else pen.rng.choice(spelt)
    return wide(text) if pen.chance(0.01) else text


def department(pen: Pen, job: Job, plain: float = 0.55) -> str:
    """Return a department in one of its spellings; ``plain`` are the usual one."""
    if job.department < 0:
        return ""
    spelt = words.departments()[job.department].spellings
    text = spelt[0] if pen.chance(plain) else pen.rng.choice(spelt)
    if job.site.branch and pen.chance(0.12):
        return f"{job.site.branch} {text}"
    return text


def work_email(pen: Pen, person: Person, day: int) -> str:
    """Return the mailbox a person would give for work on a day, shared where there is no other."""
    job = person.job_at(day)
    if not job.email:
        if job.shared and pen.chance(0.75 if job.company.kind == "small" else 0.5):
            pen.marks.append("email_role")
            return job.shared
        return person.private
    local, _, domain = job.email.partition("@")
    past = job.company.past
    if past and day < past.until:
        return f"{local}@{past.domain}"
    if len(job.company.domains) > 1 and pen.chance(0.35, "email_other_domain"):
        return f"{local}@{job.company.domains[1]}"
    return f"{local}@{domain}"


def role_email(pen: Pen, person: Person, day: int) -> str:
    """Return a mailbox that several people use."""
    job = person.job_at(day)
    domain = job.company.domain_at(day)
    pen.marks.append("email_role")
    if domain and job.department >= 0 and pen.chance(0.6):
        return f"{pen.rng.choice(words.departments()[job.department].mailboxes)}@{domain}"
    return job.shared or (f"info@{domain}" if domain else person.private)


def two_emails(pen: Pen, one: str, other: str) -> str:
    """Return two addresses in one cell."""
    pen.marks.append("email_two_in_one")
    return one + pen.rng.choice(("; ", ", ", " ", "\n", "、", "/")) + other


def desk_phone(pen: Pen, person: Person, day: int, direct: float = 0.5) -> str:
    """Return the number at the desk: direct, by extension, or the switchboard's."""
    job = person.job_at(day)
    if pen.chance(0.02, "phone_is_fax"):
        return phone(pen, job.site.fax)
    if job.direct and pen.chance(direct, "phone_direct"):
        return phone(pen, job.direct)
    pen.marks.append("phone_switchboard")
    if job.extension and pen.chance(0.55):
        return with_extension(pen, job.site.switchboard, job.extension)
    return switchboard(pen, job.site.switchboard)


def split_name(pen: Pen, row: Row, family: str, given: str) -> None:
    """Fill both name cells, sometimes swapped or both in the first."""
    if pen.chance(0.035, "name_swapped"):
        family, given = given, family
    elif pen.chance(0.05, "full_in_family"):
        family, given = spelling.joined(pen, family, given), ""
    row["family_name"], row["given_name"] = family, given


def _typed_name(pen: Pen, person: Person, day: int) -> Row:
    """Return the name cells of a form: one cell or two, kanji, kana or Latin letters."""
    row = Row()
    name, given = person.family_at(day), person.given
    family = spelling.family_kanji(pen, person, day, faithful=0.65)
    if pen.chance(0.07, "name_romaji"):
        row["full_name"] = spelling.latin(pen, name, given)
    elif pen.chance(0.025, "name_kana_only"):
        reading = spelling.kana(pen, f"{name.kana} {given.kana}").split(" ")
        row["full_name"] = spelling.joined(pen, *reading)
    elif pen.chance(0.04, "name_family_only"):
        row["family_name"] = family
    elif pen.chance(0.5):
        row["full_name"] = spelling.joined(pen, family, given.kanji)
    else:
        split_name(pen, row, family, given.kanji)
        if pen.chance(0.35):
            row |= _readings(pen, name, given)
    return row


def _readings(pen: Pen, name: Written, given: Written) -> Row:
    """Return both readings in one script; now and then the list's owner guessed one wrong."""
    family_kana, given_kana = name.kana, given.kana
    guesses = names.read_otherwise(given.kanji, given_kana)
    if guesses and pen.chance(0.08, "reading_guessed_wrong"):
        given_kana = pen.rng.choice(guesses)
    text = spelling.kana(pen, f"{family_kana} {given_kana}").split(" ")
    return {"family_kana": text[0], "given_kana": text[1]}


def form(pen: Pen, person: Person, day: int) -> Row:
    """Return what somebody typed into a web form."""
    job = person.job_at(day)
    mail = _form_email(pen, person, day)
    personal = bool(mail) and "email_role" not in pen.marks
    nameless = personal and pen.chance(0.025, "name_missing")
    row = Row() if nameless else _typed_name(pen, person, day)
    if nameless and pen.chance(0.4):
        row["full_name"] = pen.rng.choice(("ご担当者様", "担当者", "ご担当者", "総務ご担当者様"))
    row["email"] = mail
    if pen.chance(0.92):
        row["company"] = spelling.company(pen, job.company, job.site, day)
    if pen.chance(0.45) or not mail:
        number = mobile_on(person, day)
        if number and pen.chance(0.45, "mobile_as_phone"):
            row["phone"] = phone(pen, number, clean=0.25)
        else:
            row["phone"] = desk_phone(pen, person, day)
    if pen.chance(0.4):
        row["department"] = department(pen, job)
    if pen.chance(0.25):
        row["title"] = title(pen, rank_on(person, job, day))
    return row


def _form_email(pen: Pen, person: Person, day: int) -> str:
    if person.private and pen.chance(0.45, "email_private"):
        return email(pen, person.private, hand=1.0)
    if pen.chance(0.05):
        return email(pen, role_email(pen, person, day), hand=1.0)
    return email(pen, work_email(pen, person, day), hand=1.0)


def card(pen: Pen, person: Person, day: int) -> Row:
    """Return a business card as typed in or read by a machine."""
    job, row = person.job_at(day), Row()
    family = spelling.family_kanji(pen, person, day, faithful=0.88)
    if pen.chance(0.06, "name_romaji"):
        row["full_name"] = spelling.latin(pen, person.family_at(day), person.given)
    elif pen.chance(0.3):
        row["full_name"] = spelling.joined(pen, family, person.given.kanji)
    else:
        split_name(pen, row, family, person.given.kanji)
    row["company"] = spelling.company(pen, job.company, job.site, day)
    if pen.chance(0.9):
        row["department"] = department(pen, job, plain=0.7)
    if pen.chance(0.85):
        row["title"] = title(pen, rank_on(person, job, day))
    mail = work_email(pen, person, day)
    row["email"] = email(pen, mail, hand=0.25) if pen.chance(0.92) else ""
    if mail and job.shared and mail != job.shared and pen.chance(0.03):
        row["email"] = two_emails(pen, mail, job.shared)
    number = mobile_on(person, day)
    if number and pen.chance(0.12):
        row["phone"] = two_numbers(pen, job.direct or job.site.switchboard, number)
    else:
        row["phone"] = desk_phone(pen, person, day)
        row["mobile"] = phone(pen, number) if pen.chance(0.6) else ""
    if pen.chance(0.7):
        row["website"] = website(pen, job.company.web)
    if pen.chance(0.85):
        row["postal_code"] = postal(pen, job.site.postal)
        row["address"] = address(pen, job.site.address, job.site.place.prefecture)
    return row


def phone_list(pen: Pen, person: Person, day: int) -> Row:
    """Return a line of a call list: a company, often half a name, the switchboard."""
    job, row = person.job_at(day), Row()
    family = spelling.family_kanji(pen, person, day, faithful=0.5)
    given = person.given.kanji
    if pen.chance(0.15, "name_family_only"):
        row["full_name"] = spelling.dressed(pen, family, 0.6)
    elif pen.chance(0.06, "name_kana_only"):
        row["full_name"] = spelling.kana(pen, f"{person.family_at(day).kana} {person.given.kana}")
    elif pen.chance(0.1):
        both = f"{person.family_at(day).kana} {person.given.kana}"
        row["full_name"] = spelling.bracketed(pen, spelling.joined(pen, family, given), both)
    else:
        row["full_name"] = spelling.dressed(pen, spelling.joined(pen, family, given), 0.4)
    row["company"] = spelling.company(pen, job.company, job.site, day)
    number = mobile_on(person, day)
    if number and pen.chance(0.14, "mobile_as_phone"):
        row["phone"] = phone(pen, number)
    else:
        row["phone"] = desk_phone(pen, person, day, direct=0.3)
    if pen.chance(0.5):
        row["department"] = department(pen, job)
    if pen.chance(0.3):
        row["title"] = title(pen, rank_on(person, job, day))
    if pen.chance(0.4):
        row["note"] = pen.rng.choice(words.NOTES)
    return row


def seminar(pen: Pen, person: Person, day: int) -> Row:
    """Return a seminar registration: a name with its reading, an address, a company."""
    job, row = person.job_at(day), Row()
    name = person.family_at(day)
    family = spelling.family_kanji(pen, person, day, faithful=0.7)
    split_name(pen, row, family, person.given.kanji)
    row |= _readings(pen, name, person.given)
    row["email"] = _form_email(pen, person, day)
    row["company"] = spelling.company(pen, job.company, job.site, day)
    if pen.chance(0.5):
        row["department"] = department(pen, job)
    if pen.chance(0.4):
        row["title"] = title(pen, rank_on(person, job, day))
    if pen.chance(0.25):
        row["phone"] = desk_phone(pen, person, day)
    return row


def purchased(pen: Pen, person: Person, day: int) -> Row:
    """Return a line of a bought list: official names, old posts, hardly any personal mailbox."""
    day -= pen.rng.randrange(200, 1000)
    pen.marks.append("stale")
    job, row = person.job_at(day), Row()
    name = person.family_at(day)
    family = spelling.family_kanji(pen, person, day, faithful=0.4)
    row["full_name"] = f"{family}　{person.given.kanji}"
    if pen.chance(0.35):
        row["family_kana"] = half_kana(name.kana)
        row["given_kana"] = half_kana(person.given.kana)
    row["company"] = spelling.company(pen, job.company, job.site, day, official=pen.chance(0.8))
    rank = rank_on(person, job, day)
    row["title"] = "役員" if rank >= 6 and pen.chance(0.5) else title(pen, rank)
    row["department"] = department(pen, job) if pen.chance(0.7) else ""
    row["phone"] = switchboard(pen, job.site.switchboard)
    pen.marks.append("phone_switchboard")
    if pen.chance(0.3):
        row["email"] = role_email(pen, person, day)
    elif pen.chance(0.12):
        row["email"] = work_email(pen, person, day)
    row["corporate_number"] = number13(pen, job.company.number) if pen.chance(0.6) else ""
    row["website"] = website(pen, job.company.web) if pen.chance(0.5) else ""
    row["postal_code"] = postal(pen, job.site.postal)
    row["address"] = address(pen, job.site.address, job.site.place.prefecture)
    return row


def crm(pen: Pen, person: Person, day: int) -> Row:
    """Return a row of a sales system, typed by a colleague who heard it on the telephone."""
    job, row = person.job_at(day), Row()
    name, given = person.family_at(day), person.given
    family = spelling.family_kanji(pen, person, day, faithful=0.55)
    kanji = given.kanji
    mail = work_email(pen, person, day) if pen.chance(0.78) else ""
    personal = bool(mail) and "email_role" not in pen.marks
    if personal and pen.chance(0.04):
        family, kanji = spelling.misheard(pen, name, given, person.female)
    if personal and pen.chance(0.05, "name_family_only"):
        kanji = ""
    split_name(pen, row, family, spelling.dressed(pen, kanji, 0.06))
    row["company"] = spelling.company(pen, job.company, job.site, day)
    row["email"] = email(pen, mail, hand=0.5)
    if pen.chance(0.78) or not mail:
        row["phone"] = desk_phone(pen, person, day)
    number = mobile_on(person, day)
    if number and pen.chance(0.42):
        row["mobile"] = phone(pen, number)
    if pen.chance(0.6):
        row["department"] = department(pen, job)
    if pen.chance(0.6):
        row["title"] = title(pen, rank_on(person, job, day))
    row["corporate_number"] = number13(pen, job.company.number) if pen.chance(0.35) else ""
    row["website"] = website(pen, job.company.web) if pen.chance(0.3) else ""
    if pen.chance(0.4):
        row["address"] = address(pen, job.site.address, job.site.place.prefecture)
    if person.maiden and day >= person.married and pen.chance(0.4, "maiden_in_note"):
        row["note"] = f"旧姓 {person.maiden.kanji}"
    elif pen.chance(0.3):
        row["note"] = pen.rng.choice(words.NOTES)
    return row


SOURCES: Mapping[str, tuple[Callable[[Pen, Person, int], Row], int]] = {
    "form": (form, 26),
    "card": (card, 20),
    "seminar": (seminar, 14),
    "phone_list": (phone_list, 13),
    "purchased": (purchased, 7),
    "crm": (crm, 20),
}
