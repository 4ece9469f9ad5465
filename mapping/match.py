"""The decision whether a draft is a lead we know: same, different, or ask a person.

Every reason carries points and the points add up to the score, so the explanation is the sum
itself. Shared keys speak for, contradictions speak against. Whoever finds the candidates (by their
keys) and whoever acts on the verdict need not know how it was reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mapping.keys import EMAIL, KANA_COMPANY, MOBILE, NAME_COMPANY, Key, addresses, mobiles
from mapping.model import Value
from mapping.normalise.email import Mailbox, domain_of, email_key, mailbox_class
from mapping.normalise.person import Name, fold, person_key, reading_key, split
from mapping.normalise.text import is_kana

ACCEPT = 12.0
"""From this score on, a draft is the lead."""
ASK = 5.0
"""From this score up to ACCEPT, a person decides; below, the draft is somebody new."""

POINTS: dict[str, tuple[float, str]] = {
    EMAIL: (14.0, "email"),
    MOBILE: (14.0, "mobile"),
    NAME_COMPANY: (13.0, "full_name, company"),
    KANA_COMPANY: (12.0, "family_kana, given_kana, company"),
    "names_differ": (-9.0, "full_name"),
    "given_names_differ": (-6.0, "given_name"),
    "readings_differ": (-6.0, "family_kana, given_kana"),
    "mailboxes_differ": (-6.0, "email"),
    "corporate_numbers_differ": (-6.0, "corporate_number"),
    "mobiles_differ": (-4.0, "mobile"),
}
"""What each piece of evidence counts, in log2 units, and the fields it is about."""

WORDS: dict[str, tuple[str, str]] = {
    EMAIL: ("個人のメールアドレスが一致", "the same personal mailbox"),
    MOBILE: ("携帯番号が一致", "the same mobile number"),
    NAME_COMPANY: ("氏名と会社名が一致", "the same name at the same company"),
    KANA_COMPANY: ("氏名の読みと会社名が一致", "the same reading at the same company"),
    "names_differ": ("氏名が異なる", "another name"),
    "given_names_differ": ("名が異なる", "another given name"),
    "readings_differ": ("氏名の読みが異なる", "another reading"),
    "mailboxes_differ": ("同じ会社で個人メールが異なる", "another mailbox at one company"),
    "corporate_numbers_differ": ("法人番号が異なる", "another corporate number"),
    "mobiles_differ": ("携帯番号が異なる", "another mobile number"),
}
"""Each piece of evidence in Japanese and English."""


class Verdict(StrEnum):
    """What becomes of a draft: its lead is known, it is somebody new, or a person must say."""

    SAME = "same"
    DIFFERENT = "different"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead that shares keys with the draft, and which."""

    lead_id: str
    values: Mapping[str, Value]
    shared: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence, its points, and the fields it is about; never a person's data."""

    code: str
    points: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict on a draft. ``lead_id`` is the lead it is, or may be; reasons sum to score."""

    verdict: Verdict
    lead_id: str | None
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()


def decide(values: Mapping[str, Value], candidates: Sequence[Candidate]) -> Match:
    """The verdict on the best candidate; of equals the one with the lowest lead id."""
    best: tuple[float, Candidate, tuple[Reason, ...]] | None = None
    for candidate in candidates:
        reasons = weigh(values, candidate)
        score = sum(reason.points for reason in reasons)
        if (
            best is None
            or score > best[0]
            or (score == best[0] and candidate.lead_id < best[1].lead_id)
        ):
            best = score, candidate, reasons
    if best is None:
        return Match(Verdict.DIFFERENT, None)
    score, candidate, reasons = best
    if score >= ACCEPT:
        return Match(Verdict.SAME, candidate.lead_id, score, reasons)
    if score >= ASK:
        return Match(Verdict.ASK, candidate.lead_id, score, reasons)
    return Match(Verdict.DIFFERENT, None, score, reasons)


def weigh(values: Mapping[str, Value], candidate: Candidate) -> tuple[Reason, ...]:
    """All that speaks for and against a draft being the candidate."""
    kinds = {key.kind for key in candidate.shared}
    if NAME_COMPANY in kinds:
        # The reading of an equal name is no news.
        kinds.discard(KANA_COMPANY)
    codes = [kind for kind in (EMAIL, MOBILE, NAME_COMPANY, KANA_COMPANY) if kind in kinds]
    if codes:
        is_personal = EMAIL in kinds or MOBILE in kinds
        held = candidate.values
        if conflict := _names(values, held, is_personal=is_personal):
            codes.append(conflict)
        if not is_personal:
            codes.extend(_contacts(values, held))
        if _differ(values.get("corporate_number"), held.get("corporate_number")):
            codes.append("corporate_numbers_differ")
    return tuple(Reason(code, *POINTS[code]) for code in codes)


def _names(
    values: Mapping[str, Value], held: Mapping[str, Value], *, is_personal: bool
) -> str | None:
    """How two names contradict each other; None where they agree or cannot be compared.

    Another family name with the same given name is a marriage, not a contradiction. Couples share
    mailboxes and telephones: another given name is one.
    """
    ours, theirs = _parts(values), _parts(held)
    readings = reading_key(values), reading_key(held)
    same_reading = bool(readings[0]) and readings[0] == readings[1]
    if ours.family and ours.given and theirs.family and theirs.given:
        if _differ_in_writing(ours.given, theirs.given):
            if _differ_in_writing(ours.family, theirs.family):
                return "names_differ"
            return None if is_personal and same_reading else "given_names_differ"
        comparable = _script(ours.given) == _script(theirs.given)
    else:
        full = person_key(values), person_key(held)
        comparable = all(full) and _script(full[0]) == _script(full[1])
        if comparable and full[0] != full[1]:
            family = fold(ours.family or theirs.family or "")
            is_family = bool(family) and all(key.startswith(family) for key in full)
            return "given_names_differ" if is_family else "names_differ"
    if all(readings) and not same_reading:
        if not comparable:
            return "names_differ"
        return None if is_personal else "readings_differ"
    return None


def _contacts(values: Mapping[str, Value], held: Mapping[str, Value]) -> list[str]:
    """Contradictions between what only one person has, asked where nothing personal is shared."""
    found = []
    ours, theirs = _own_mailboxes(values), _own_mailboxes(held)
    if {domain_of(one) for one in ours} & {domain_of(one) for one in theirs} and not ours & theirs:
        found.append("mailboxes_differ")
    our_mobiles, their_mobiles = set(mobiles(values)), set(mobiles(held))
    if our_mobiles and their_mobiles and not our_mobiles & their_mobiles:
        found.append("mobiles_differ")
    return found


def _own_mailboxes(values: Mapping[str, Value]) -> set[str]:
    return {
        email_key(address)
        for address in addresses(values)
        if mailbox_class(address) is Mailbox.COMPANY
    }


def _parts(values: Mapping[str, Value]) -> Name:
    family, given, full = (
        values.get(field) for field in ("family_name", "given_name", "full_name")
    )
    if isinstance(full, str) and full and not (family and given):
        return split(full) or Name(None, None)
    return Name(
        family if isinstance(family, str) else None, given if isinstance(given, str) else None
    )


def _differ_in_writing(one: str, other: str) -> bool:
    """Whether two parts of a name, in one script, are not the same; an initial fits its name."""
    a, b = fold(one), fold(other)
    if a == b or _script(a) != _script(b):
        return False
    return not (a.isascii() and (len(a) == 1 or len(b) == 1) and a[:1] == b[:1])


def _script(text: str) -> str:
    if text.isascii():
        return "latin"
    return "kana" if is_kana(text) else "kanji"


def _differ(one: Value, other: Value) -> bool:
    return bool(one) and bool(other) and one != other
