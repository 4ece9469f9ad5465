"""Japanese corporate numbers (法人番号): thirteen digits, the first a check digit."""

from __future__ import annotations

import re

from mapping.normalise.text import nfkc, squeeze

_BETWEEN = r"[-  ‐‑‒–—―−ー.:_]"
# Thirteen digits, however grouped, that are not part of a longer number or word.
_NUMBER = re.compile(
    rf"(?<![0-9A-Z])(?<![0-9]{_BETWEEN})T?{_BETWEEN}{{0,2}}"
    rf"((?:[0-9]{_BETWEEN}{{0,2}}){{12}}[0-9]|[0-9](?:,[0-9]{{3}}){{4}})"
    rf"(?!{_BETWEEN}{{0,2}}[0-9]|[A-Z,][0-9A-Z])"
)
_NOT_DIGITS = re.compile("[^0-9]")


def normalise(raw: str) -> str | None:
    """The thirteen digits, or None when there are not thirteen or the check digit is wrong.

    A label (法人番号) and the T of an invoice registration number (適格請求書発行事業者) may stand
    before them, brackets around them; of several numbers the first that holds is taken. The check
    digit cannot see a 0 and a 9 that changed places.
    """
    text = squeeze(nfkc(raw)).upper().removesuffix(".0")
    found = (_NOT_DIGITS.sub("", digits) for digits in _NUMBER.findall(text))
    return next((digits for digits in found if int(digits[0]) == check_digit(digits[1:])), None)


def check_digit(twelve: str) -> int:
    """The check digit of the twelve digits that follow it.

    9 - (sum of Pn * Qn modulo 9), Pn the n-th digit from the right, Qn 1 for odd n and 2 for even
    (ordinance on the designation of corporate numbers, article 2).
    """
    total = sum(int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(reversed(twelve)))
    return 9 - total % 9
