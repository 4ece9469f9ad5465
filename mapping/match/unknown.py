"""Settings for columns that nobody told us about: how each is compared, found and weighed.

What a column holds is told from its values, never from its name. Everything is estimated from the
data itself and comes out the same for the same data.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import log2

from mapping.match.columns import Columns, Records
from mapping.match.estimate import Estimate, estimate
from mapping.match.extra import SAME, Learnt, LearntRules, fold_extra
from mapping.match.rules import Extra

LIKELY = 2.0
"""How far above even odds (log2) two records are taken for one unasked: 80 in 100."""
_REVIEW = 5.0
"""How far below that score a person is still asked."""
_VETO = 11.0
"""How far below it two records keep their clusters apart."""
LARGEST = 200
_LOOKED_AT = 3000
"""Values of a column that are looked at to tell what it holds."""
_PAIRS_EACH = 20
_PAIRS = (60_000, 1_000_000)
"""How many pairs are compared: so many a record, at least and at most so many."""
_DATE = re.compile(r"\d{4}\D?\d{1,2}\D?\d{1,2}|\d{1,2}\D\d{1,2}\D(?:\d{4}|\d{2})")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


def learn(table: Columns, own: Collection[str] = (), family: Collection[str] = ()) -> LearntRules:
    """The rules that fit a table made with the columns of ``describe``.

    Where it is known which fields are given or whole names (``own``) and which ``family`` names,
    members of one household are not taken for one person.
    """
    keys = choose_keys(table)
    found = table.compare_all(keys)
    seen = estimate(table, found, *(_places(table, fields) for fields in (own, family)))
    usual = _usual(table, seen)
    extras = tuple(
        replace(
            _with_points(extra, seen.points[at], usual[at]),
            beside=seen.beside[at] if seen.beside else {},
        )
        for at, extra in enumerate(table.extras)
    )
    accept = round(LIKELY - seen.prior, 2)
    return LearntRules(
        accept=accept,
        review=accept - _REVIEW,
        veto=accept - _VETO,
        largest=LARGEST,
        extras=extras,
        keys=keys,
        group=seen.group,
    )


def _places(table: Columns, fields: Collection[str]) -> list[int]:
    return [table.place[one] for one in fields if one in table.place]


def _with_points(extra: Extra, points: Mapping[str, float], usual: Mapping[str, float]) -> Learnt:
    same, close, near, differ = (round(one, 2) for one in points.values())
    known = extra if isinstance(extra, Learnt) else Learnt(extra.field, extra.compare, 0.0)
    return replace(known, same=same, close=close, near=near, differ=differ, usual=usual)


def describe(records: Records, fields: Sequence[str]) -> list[Learnt]:
    """How each column would be compared, those left out that say nothing. Points are all 0."""
    made: list[Learnt] = []
    for name in fields:
        values = [str(value) for one in records.values() if (value := one.get(name)) is not None]
        compare = kind(values)
        if compare and len(set(values)) > 1:
            made.append(Learnt(name, compare, 0.0))
    made = _without_repeats(records, made)
    texts = [one for one in made if one.compare == "tokens"]
    words = {one.field: _words(records, one) for one in texts}
    swapped = _swapped(records, [one.field for one in made if one.compare == "text"])
    return [
        replace(
            one,
            words=words.get(one.field, {}),
            swaps=swapped[1] if swapped and one.field == swapped[0] else "",
        )
        for one in made
    ]


def kind(values: Sequence[str]) -> str:
    """How values like these are compared; "" where there are none."""
    filled = [text for value in values if (text := value.strip())]
    seen = filled[:: max(1, len(filled) // _LOOKED_AT)]
    if not seen:
        return ""

    def share(claims: Iterator[bool]) -> float:
        return sum(claims) / len(seen)

    length = sum(map(len, seen)) / len(seen)
    if share(_is_date(text) for text in seen) > 0.9:
        return "date"
    if share("@" in text or "://" in text or text.startswith("www.") for text in seen) > 0.5:
        return "code"
    if share(_NUMBER.fullmatch(text) is not None for text in seen) > 0.9:
        return "number" if length <= 4.5 else "code"
    words = sum(len(text.split()) for text in seen) / len(seen)
    lettered = share(sum(map(str.isalpha, text)) >= 4 for text in seen)
    if share(any(map(str.isdigit, text)) for text in seen) > 0.6:
        is_text = lettered > 0.5 and words >= 2 and length > 9
        return "tokens" if is_text or not seen[0].isascii() else "code"
    long = sum(len(text) for text in seen if not text.isascii()) / len(seen)
    return "tokens" if words >= 1.7 or long > 6 else "text"


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text[:10].strip()):
        return False
    day = fold_extra("date", text)
    return "1500" <= day[:4] <= "2100" and "01" <= day[4:6] <= "12" and "01" <= day[6:8] <= "31"


def _without_repeats(records: Records, columns: Sequence[Learnt]) -> list[Learnt]:
    """The columns without those that only repeat others, as a full name does its parts.

    Where such a column often says more (a middle name), what is more is kept.
    """
    texts = {
        one.field: [set(fold_extra("text", row.get(one.field)).split()) for row in records.values()]
        for one in columns
        if one.compare in ("text", "tokens")
    }
    made: list[Learnt] = []
    dropped: set[str] = set()
    for one in columns:
        whole = texts.get(one.field)
        parts = [
            other
            for other, part in texts.items()
            if whole is not None
            and other != one.field
            and other not in dropped
            and _holds(whole, part)
        ]
        if whole is None or len(parts) < 2:
            made.append(one)
            continue
        held = [set().union(*(texts[part][at] for part in parts)) for at in range(len(whole))]
        more = sum(1 for words, known in zip(whole, held, strict=True) if words - known)
        dropped.add(one.field)
        if more > 0.1 * len(whole):
            made.append(replace(one, compare="tokens", without=tuple(parts)))
    return made


def _holds(whole: Sequence[set[str]], part: Sequence[set[str]]) -> bool:
    """Whether the words of one column are nearly always among those of a longer one."""
    both = [(a, b) for a, b in zip(whole, part, strict=True) if a and b]
    inside = sum(1 for a, b in both if b <= a)
    longer = sum(map(len, whole)) > sum(map(len, part))
    return longer and len(both) > 0 and inside > 0.8 * len(both)


def _words(records: Records, column: Learnt) -> dict[str, float]:
    """What the words of a column tell, of 1, where several records have them."""
    counts: Counter[str] = Counter()
    for values in records.values():
        counts.update(set(fold_extra("tokens", values.get(column.field)).split()))
    top = log2(max(len(records), 2))
    return {
        word: round(max(0.05, 1 - log2(number) / top), 3)
        for word, number in counts.items()
        if number > 1
    }


def _swapped(records: Records, texts: Sequence[str]) -> tuple[str, str] | None:
    """Two columns that share so many values that they are written into each other."""
    counts = {
        name: Counter(
            text for values in records.values() if (text := fold_extra("text", values.get(name)))
        )
        for name in texts
    }
    best, found = 0.05, None
    for one, other in combinations(texts, 2):
        common = sum((counts[one] & counts[other]).values())
        share = common / max(1, min(counts[one].total(), counts[other].total()))
        if share > best:
            best, found = share, (one, other)
    return found


_PARTS: Mapping[str, tuple[str, ...]] = {
    "text": ("", ":4"),
    "tokens": (":words",),
    "date": ("", ":4", ":-4"),
    "code": ("", ":5"),
    "number": ("",),
}
"""What of a column goes into keys, by how it is compared."""


def choose_keys(table: Columns) -> tuple[tuple[str, ...], ...]:
    """The keys that find most pairs for least work: of each column, and of each two of them."""
    limit = min(max(_PAIRS_EACH * len(table), _PAIRS[0]), _PAIRS[1])
    priced: list[tuple[float, int, tuple[str, ...]]] = []
    for parts in _possible_keys(table.extras):
        cost, covered = table.price(parts)
        if 0 < cost <= limit:
            priced.append((cost / covered, cost, parts))
    chosen: list[tuple[str, ...]] = []
    for _, cost, parts in sorted(priced):
        # What one key finds others have found before: most of it, when many are chosen.
        if len(table.candidates) + cost / 2 <= limit:
            chosen.append(parts)
            table.look_for(parts)
    return tuple(chosen)


def _possible_keys(extras: Sequence[Extra]) -> Iterator[tuple[str, ...]]:
    for one in extras:
        for part in (_PARTS[one.compare][0], *((":7",) if one.compare == "code" else ())):
            yield (one.field + part,)
    for one, other in combinations(extras, 2):
        for part in _PARTS[one.compare]:
            for more in _PARTS[other.compare]:
                yield (one.field + part, other.field + more)


def _usual(table: Columns, seen: Estimate) -> list[dict[str, float]]:
    """What equal values count by how many entities have them, for all that records share."""
    size = len(table)
    sure: list[dict[str, float]] = [{} for _ in table.extras]
    for code, pattern in table.found.items():
        share = seen.share[pattern]
        if share > 0.02:
            for at, step in enumerate(pattern):
                if step == SAME:
                    value = table.folded[at][code // size]
                    sure[at][value] = sure[at].get(value, 0.0) + share
    return [
        _by_rarity(
            Counter(filter(None, table.folded[at])), sure[at], seen.same[at], seen.chance[at]
        )
        for at in range(len(table.extras))
    ]


def _by_rarity(
    counts: Counter[str], sure: Mapping[str, float], same: float, chance: float
) -> dict[str, float]:
    """Points of a value: log2 of how much likelier it is shared by one entity than by two.

    ``sure`` are the pairs of records with it that are one entity, so that a value counts once for
    each entity. Those of one or two entities are rarer than they look (Good, 1953).
    """
    entities = {
        value: max(1.0, n * n / (n + 2 * sure.get(value, 0.0))) for value, n in counts.items()
    }
    total = sum(entities.values())
    times = Counter(min(9, round(n)) for n in entities.values())
    once = min(1.0, max(min(total * chance, 1.0), 2 * times[2] / max(1, times[1])))
    twice = min(2.0, max(once, 3 * times[3] / max(1, times[2])))
    found = {}
    for value, n in counts.items():
        if n > 1:
            has = entities[value]
            often = once if round(has) <= 1 else twice if round(has) == 2 else has
            found[value] = round(log2(same * total / often), 2)
    return found
