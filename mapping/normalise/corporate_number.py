"""Japanese corporate numbers (法人番号): thirteen digits, the first a check digit."""

from __future__ import annotations

from mapping.normalise.text import nfkc

_DROPPED = str.maketrans("", "", "- \u3000‐‑‒–—―−ー.:")
_WORDS = ("法人番号", "登録番号", "適格請求書発行事業者番号")


def normalise(raw: str) -> str | None:
    """The thirteen digits, or None when there are not thirteen or the check digit is wrong.

    The T of an invoice registration number (適格請求書発行事業者) is taken off. The check digit
    cannot see a 0 and a 9 that changed places.
    """
    text = nfkc(raw).strip().upper().removesuffix(".0")
    for word in _WORDS:
        text = text.replace(word, "")
    digits = text.translate(_DROPPED).removeprefix("T")
    if len(digits) != 13 or not digits.isdigit() or not digits.isascii():
        return None
    return digits if int(digits[0]) == check_digit(digits[1:]) else None


def check_digit(twelve: str) -> int:
    """The check digit of the twelve digits that follow it.

    9 - (sum of Pn * Qn modulo 9), Pn the n-th digit from the right, Qn 1 for odd n and 2 for even
    (ordinance on the designation of corporate numbers, article 2).
    """
    total = sum(int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(reversed(twelve)))
    return 9 - total % 9
