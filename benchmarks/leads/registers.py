"""Labelled tables that are no leads, made by a seed: registers of people, households, sites.

``register`` has FEBRL's schema and its kinds of damage (Christen, 2008); ``households`` are people
who share a family name, an address and a telephone; ``sites`` are organisations with their address.
All of it is invented: names are put together from syllables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

Row = dict[str, str]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OPENING = ("b", "br", "c", "ch", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "s", "st", "t")
_MIDDLE = ("a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou")
_CLOSING = ("n", "r", "s", "l", "t", "m", "nd", "ck", "rt", "ll", "")
_STATES = ("nsw", "vic", "qld", "sa", "wa", "tas")
_STREETS = ("street", "place", "crescent", "avenue", "close", "circuit")
_FIRST = ("Little", "Bright", "New", "Community", "North", "South", "Rainbow", "Happy", "Future")
_LAST = ("Academy", "Child Care Center", "Day Care", "Preschool", "Learning Center", "School")
_SHORT = {"Center": "Ctr", "Street": "St", "Avenue": "Ave", "North": "N", "South": "S"}


class _Maker:
    """Draws words, dates and damage, the same for the same seed."""

    def __init__(self, seed: int, size: int) -> None:
        self.random = Random(f"registers {seed}")
        self.given = self._words(max(60, size // 8))
        self.family = self._words(max(120, size // 3))
        self.places = self._words(max(40, size // 5))

    def _words(self, count: int) -> list[str]:
        made: dict[str, None] = {}
        while len(made) < count:
            made[self.word(self.random.choice((1, 2, 2, 3)))] = None
        return list(made)

    def word(self, syllables: int) -> str:
        choice = self.random.choice
        parts = [choice(_OPENING) + choice(_MIDDLE) for _ in range(syllables)]
        return "".join(parts) + choice(_CLOSING)

    def often(self, words: Sequence[str]) -> str:
        """A word, the first of the list much more often than the last."""
        return words[int(len(words) * self.random.random() ** 2)]

    def digits(self, count: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def birthday(self) -> str:
        return (date(1910, 1, 1) + timedelta(days=self.random.randrange(33_000))).isoformat()

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def mistyped(self, text: str) -> str:
        """One letter wrong, missing, doubled or in its neighbour's place; digits stay digits."""
        if len(text) < 2:
            return text
        at = self.random.randrange(len(text) - 1)
        other = self.random.choice("0123456789" if text[at].isdigit() else _LETTERS)
        how = self.random.randrange(4)
        if how == 0:
            return text[:at] + other + text[at + 1 :]
        if how == 1:
            return text[:at] + text[at + 1 :]
        if how == 2:
            return text[:at] + other + text[at:]
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def register(seed: int, people: int = 400) -> list[Row]:
    """People in FEBRL's schema, up to four damaged copies of some; ``rec_id`` is the label."""
    make = _Maker(seed, people)
    rows: list[Row] = []
    for number in range(people):
        person = {
            "given_name": make.often(make.given),
            "surname": make.often(make.family),
            "street_number": str(make.random.randrange(1, 300)),
            "address_1": f"{make.word(2)} {make.random.choice(_STREETS)}",
            "address_2": make.word(3),
            "suburb": make.often(make.places),
            "postcode": str(make.random.randrange(2000, 8000)),
            "state": make.random.choice(_STATES),
            "date_of_birth": make.birthday().replace("-", ""),
            "soc_sec_id": make.digits(7),
        }
        rows.append({"rec_id": f"rec-{number}-org", **person})
        for copy in range(make.random.choice((0, 0, 1, 1, 2, 4))):
            rows.append({"rec_id": f"rec-{number}-dup-{copy}", **_damaged(make, person)})
    make.random.shuffle(rows)
    return rows


def _damaged(make: _Maker, person: Row) -> Row:
    row = dict(person)
    for field in make.random.sample(sorted(row), make.random.choice((1, 2, 3, 4))):
        row[field] = "" if make.chance(0.2) else make.mistyped(row[field])
    if make.chance(0.05):
        row["given_name"], row["surname"] = row["surname"], row["given_name"]
    return row


def households(seed: int, homes: int = 250) -> list[Row]:
    """Members of households, each with copies; ``person_id`` is the label."""
    make = _Maker(seed, homes)
    rows: list[Row] = []
    person = 0
    for _ in range(homes):
        home = {
            "last_name": make.often(make.family),
            "address": f"{make.random.randrange(1, 300)} {make.word(2)} {_STREETS[0]}",
            "zip": str(make.random.randrange(2000, 8000)),
            "phone": f"02{make.digits(8)}",
        }
        for _ in range(make.random.choice((1, 2, 3, 4, 5))):
            own = {"first_name": make.often(make.given), "dob": make.birthday()}
            person += 1
            for _ in range(make.random.choice((1, 1, 2, 3))):
                row = {"person_id": f"p{person}", **own, **home}
                for field, share in (("first_name", 0.1), ("last_name", 0.08), ("address", 0.08)):
                    if make.chance(share):
                        row[field] = make.mistyped(row[field])
                for field, share in (("dob", 0.25), ("phone", 0.15)):
                    if make.chance(share):
                        row[field] = ""
                rows.append(row)
    make.random.shuffle(rows)
    return rows


def sites(seed: int, places: int = 250) -> list[Row]:
    """Organisations, names and addresses abbreviated and mistyped; ``cluster`` is the label."""
    make = _Maker(seed, places)
    rows: list[Row] = []
    for number in range(places):
        words = [*make.random.sample(_FIRST, 1), make.word(2).title(), make.random.choice(_LAST)]
        site = {
            "Site name": " ".join(words),
            "Address": " ".join(
                [
                    str(make.random.randrange(100, 9999)),
                    make.random.choice(("North", "South")),
                    make.word(2).title(),
                    make.random.choice(("Street", "Avenue")),
                ]
            ),
            "Zip": f"606{make.digits(2)}",
            "Phone": make.digits(7),
        }
        for _ in range(make.random.choice((1, 2, 3, 5))):
            row = {"Id": str(len(rows)), "cluster": str(number), **site}
            for field in ("Site name", "Address"):
                row[field] = " ".join(
                    _SHORT[word] if word in _SHORT and make.chance(0.5) else word
                    for word in row[field].split()
                )
                if make.chance(0.12):
                    row[field] = make.mistyped(row[field])
            if make.chance(0.3):
                row["Phone"] = ""
            elif make.chance(0.4):
                row["Phone"] = f"(773) {row['Phone'][:3]}-{row['Phone'][3:]}"
            rows.append(row)
    make.random.shuffle(rows)
    return rows


KINDS: dict[str, Callable[[int], list[Row]]] = {
    "register": register,
    "households": households,
    "sites": sites,
}
"""Every kind of table, by its name."""
