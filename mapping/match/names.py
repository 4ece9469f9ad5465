"""What two names say of each other: written in one script or two, whole or in part.

Kanji are compared as written, and by sound only where somebody wrote the reading down; Latin names
also nearly, since people mistype them. Two homophones (伊藤, 伊東) are most often two people.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2

from mapping.match.crowd import Crowd
from mapping.match.profile import Profile
from mapping.match.rules import NAMED
from mapping.normalise.person import initials_fit
from mapping.normalise.text import is_kana


def name_evidence(
    a: Profile, b: Profile, crowd: Crowd, points: Mapping[str, float]
) -> list[tuple[str, float]]:
    """The evidence of two names, with its points; nothing where either is unknown."""
    if not (a.family or a.name or a.given) or not (b.family or b.name or b.given):
        return []
    codes: list[tuple[str, float]] = []
    found = _written(a, b)
    if found in ("name", "reading"):
        worth = _rarity(a, b, crowd, points[found], points[f"{found}_common"])
        codes.append((found, worth))
        if found == "name" and a.reading and b.reading:
            other = "reading_too" if _sound_alike(a.reading, b.reading) else "readings_differ"
            codes.append((other, points[other]))
    elif found:
        codes.append((found, points[found]))
    if found in NAMED and not a.mailboxes & b.mailboxes and (hint := _hinted(a, b)):
        codes.append((hint, points[hint]))
    return codes


def _hinted(a: Profile, b: Profile) -> str:
    """Whether one's mailbox fits the other's given name, where both are known."""
    pairs = [(hint, b.romaji[1]) for hint in a.hints if b.romaji]
    pairs += [(hint, a.romaji[1]) for hint in b.hints if a.romaji]
    pairs += [(one, other) for one in a.hints for other in b.hints]
    if not pairs:
        return ""
    if any(_begin_alike(hint, name) for hint, name in pairs):
        return "mailbox_fits"
    if a.script == b.script == "latin":
        return ""  # Bob is Robert
    # Only another first letter is another name: shortened names are cut in many ways.
    return "mailbox_unfit" if all(_initial(x) != _initial(y) for x, y in pairs) else ""


def _begin_alike(hint: str, name: str) -> bool:
    return (
        name.startswith(hint)
        or hint.startswith(name)
        or (len(hint) == 1 and _initial(hint) == _initial(name))
    )


def _initial(word: str) -> str:
    """The first letter, those that stand for each other in systems of romaji taken together."""
    return _INITIALS.get(word[:1], word[:1])


_INITIALS = {"c": "t", "f": "h", "j": "z", "l": "r", "v": "b"}


def _rarity(a: Profile, b: Profile, crowd: Crowd, rare: float, common: float) -> float:
    """A name at one account says all it can say; at many, little."""
    mine = {one for one in a.name_keys if one in b.name_keys}
    places = max((crowd.accounts.get(one, 1) for one in mine), default=1)
    return rare if places <= 1 else max(common, rare - log2(places))


def _written(a: Profile, b: Profile) -> str:
    """What two names say of each other: the code of the evidence, or "" for nothing."""
    if a.name and b.name and a.name == b.name:
        return "name" if len(a.given) != 1 or not a.given.isascii() else "names_fit"
    if a.script == b.script and a.family and b.family and a.given and b.given:
        return _same_script(a, b)
    if a.romaji and b.romaji and sorted(a.romaji) == sorted(b.romaji):
        return "reading" if "kanji" not in (a.script, b.script) or a.script != b.script else ""
    if a.name and b.name:
        if a.script == b.script:
            return _whole(a, b)
        return _two_scripts(a, b)
    return _in_part(a, b)


def _same_script(a: Profile, b: Profile) -> str:
    same_family, same_given = a.family == b.family, a.given == b.given
    if same_family and same_given:
        return "name"
    if a.family == b.given and a.given == b.family:
        return "name_swapped"
    if a.script == "latin":
        return _latin(a, b, same_family=same_family, same_given=same_given)
    if a.reading and b.reading:
        if _sound_alike(a.reading, b.reading):
            return "homophone"
    elif (a.romaji or b.romaji or is_kana(a.given) or is_kana(b.given)) and (
        not a.given_voices.isdisjoint(b.given_voices)
        and (same_family or not a.voices.isdisjoint(b.voices))
    ):
        # One of the two is in kana, or somebody chose the wrong characters for a sound.
        return "may_sound" if is_kana(a.given) == is_kana(b.given) else "names_fit"
    if same_family:
        if is_kana(a.given) != is_kana(b.given) and not (a.given_voices and b.given_voices):
            return "family"
        return "given_names_differ"
    return "family_new" if same_given else "names_differ"


def _latin(a: Profile, b: Profile, *, same_family: bool, same_given: bool) -> str:
    from rapidfuzz.distance import JaroWinkler

    families = same_family or one_edit(a.family, b.family)
    if families and not same_given and initials_fit(a.given, b.given):
        return "names_fit" if 1 in (len(a.given), len(b.given)) else "name_short"
    if families and (same_given or one_edit(a.given, b.given)):
        return "name_close"
    alike = JaroWinkler.similarity
    if alike(a.family, b.family) >= _ALIKE and alike(a.given, b.given) >= _ALIKE:
        return "name_close"
    if alike(a.family, b.given) >= _ALIKE and alike(a.given, b.family) >= _ALIKE:
        return "name_swapped"
    if same_family:
        return "given_names_differ"
    return "family_new" if same_given else "names_differ"


_ALIKE = 0.9


def _whole(a: Profile, b: Profile) -> str:
    """Two whole names of one script, at least one of which nobody could part."""
    for one, other in ((a, b), (b, a)):
        if one.family and one.given and other.name == one.given + one.family:
            return "name_swapped"
    family = a.family or b.family
    if family and a.name.startswith(family) and b.name.startswith(family):
        return "given_names_differ"
    return "names_differ"


def _two_scripts(a: Profile, b: Profile) -> str:
    """Whether two spellings of a name may be one, by how the parts sound."""
    if not a.voices or not b.voices:
        return ""
    same_family = not a.voices.isdisjoint(b.voices)
    if not a.given_voices or not b.given_voices:
        return "family" if same_family else "families_differ"
    same_given = not a.given_voices.isdisjoint(b.given_voices)
    if same_family and same_given:
        return "names_fit"
    if same_family:
        # Readings that nobody wrote are guesses, from a long list of what is usual.
        return "readings_differ" if a.romaji and b.romaji else "readings_unfit"
    crossed = not a.voices.isdisjoint(b.given_voices) and not a.given_voices.isdisjoint(b.voices)
    return "names_fit" if crossed else "families_differ"


def _in_part(a: Profile, b: Profile) -> str:
    """A family name alone against a name."""
    if a.family and b.family:
        if a.script == b.script:
            if a.family == b.family:
                return "family"
            return "families_differ"
        if a.voices and b.voices:
            return "family" if not a.voices.isdisjoint(b.voices) else "families_differ"
    if a.script == b.script:
        for one, other in ((a, b), (b, a)):
            if one.family and not one.given and other.name.startswith(one.family):
                return "family"
    return ""


_SOFT = str.maketrans(
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ",
    "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホ",
)


def _sound_alike(one: str, other: str) -> bool:
    """Whether two readings are one; タカダ and タカタ are taken for each other all the time."""
    return one == other or one.translate(_SOFT) == other.translate(_SOFT)


_TYPED = 6
"""Two shorter words that differ in a letter are two words."""


def one_edit(one: str, other: str) -> bool:
    """Whether one letter is missing, more, other, or changed places; digits tell apart."""
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < _TYPED:
        return False
    from rapidfuzz.distance import OSA

    if OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    return "".join(filter(str.isdigit, one)) == "".join(filter(str.isdigit, other))
