"""Makes sure that a hard case can be seen: what ties or parts its records stands in them.

Without this most people who change company would leave no trace that anybody could follow, and a
number given to somebody else would mostly not be in the list at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from benchmarks.leads.damage import Pen, email, phone
from benchmarks.leads.people import Person
from benchmarks.leads.sources import department

Row = dict[str, str]
# How many of those who change company can be followed.
FOLLOWED = 0.85


def settle(pen: Pen, person: Person, days: Sequence[int], rows: Sequence[Row]) -> None:
    """Write into one person's records, oldest first, the mobile or address the case is about."""
    if "moved" in person.cases:
        turn = person.jobs[1].since
        before = [row for day, row in zip(days, rows, strict=True) if day < turn]
        after = [row for day, row in zip(days, rows, strict=True) if day >= turn]
        if pen.chance(FOLLOWED):
            for part in (before[::-1], after):
                _show(pen, person, part)
    elif "reassigned_mobile" in person.cases:
        _show(pen, person, rows)
    elif "namesakes" in person.cases or "other_reading" in person.cases:
        _seat(pen, person, days, rows)
    elif "successor" in person.cases:
        address = person.jobs[0].email
        if not any(address in row.get("email", "") for row in rows):
            rows[0]["email"] = address


def _seat(pen: Pen, person: Person, days: Sequence[int], rows: Sequence[Row]) -> None:
    """Name the department in most records that have nothing else to tell two namesakes apart."""
    for day, row in zip(days, rows, strict=True):
        job = person.job_at(day)
        personal = job.email and job.email in row.get("email", "").lower()
        if not personal and not row.get("mobile") and pen.chance(0.8):
            row["department"] = row.get("department") or department(pen, job)


def _show(pen: Pen, person: Person, rows: Sequence[Row]) -> None:
    """Put the mobile, or where that changed the private address, into one of the records."""
    if not rows:
        return
    if person.mobiles and person.private:
        if not any(person.private in row.get("email", "").lower() for row in rows):
            rows[0]["email"] = email(pen, person.private)
        return
    digits = person.mobile.replace("-", "")[-8:]
    if any(digits in _digits(row.get("phone", "") + row.get("mobile", "")) for row in rows):
        return
    cell = "phone" if "phone" in rows[0] and not rows[0].get("mobile") else "mobile"
    rows[0][cell] = phone(pen, person.mobile)


def _digits(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isdigit())
