"""Two profiles compared: reasons whose points add up to the score."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from mapping.match.accounts import Firm
from mapping.match.crowd import NO_CROWD, Crowd
from mapping.match.extra import CLOSE, DIFFER, SAME, level
from mapping.match.names import name_evidence, one_edit
from mapping.match.profile import Profile, is_company_domain, key
from mapping.match.rules import DEFAULT, FIELDS, HARD, NAMED, PLACED, STRONG, Rules
from mapping.normalise import job
from mapping.normalise.company import look_alike


class Reason(NamedTuple):
    """One piece of evidence, its points, and the fields it is about; never a person's data."""

    code: str
    points: float
    detail: str = ""


class Score(NamedTuple):
    """The sum of its reasons. ``is_clear``: something strong speaks for, nothing hard against."""

    points: float
    reasons: tuple[Reason, ...]
    is_clear: bool
    is_hard: bool = False

    def forbids(self, rules: Rules) -> bool:
        """Whether two records with this between them are never put together unasked."""
        return self.points < rules.veto or (self.is_hard and self.points < rules.accept)


def compare(a: Profile, b: Profile, crowd: Crowd = NO_CROWD, rules: Rules = DEFAULT) -> Score:
    """All that speaks for and against two records being one person."""
    points = rules.points
    names = name_evidence(a, b, crowd, points)
    found = {code for code, _ in names}
    contacts = _contacts(a, b, crowd)
    if "mailbox_typo" in contacts and found and found.isdisjoint(_MISTYPED):
        contacts[contacts.index("mailbox_typo")] = "mailboxes_differ"  # yuko.sato@ and yuko.sano@
    codes = [(code, points[code]) for code in contacts] + names
    for code in _companies(a, b):
        # One mailbox, mistyped once, is at one company.
        if code != "other_company" or "mailbox_typo" not in contacts:
            codes.append((code, points[code]))
    codes += [(code, points[code]) for code in _jobs(a, b)]
    tied = _add_extras(codes, a, b, rules)
    reasons = tuple([Reason(code, worth, FIELDS.get(code, "full_name")) for code, worth in codes])
    kinds = {code for code, _ in codes}
    is_hard = not kinds.isdisjoint(HARD) and not (
        kinds.isdisjoint(HARD - {"may_sound"}) and _own_mailbox(a, b)
    )
    strong = tied or (_is_strong(kinds) and (bool(found) or _is_somebodys(a, b, contacts)))
    return Score(sum(one.points for one in reasons), reasons, strong and not is_hard, is_hard)


_MISTYPED = NAMED | {"family", "homophone", "may_sound"}


def _add_extras(codes: list[tuple[str, float]], a: Profile, b: Profile, rules: Rules) -> bool:
    """Add what further fields say; whether one of them ties."""
    tied = False
    for extra, one, other in zip(rules.extras, a.extras, b.extras, strict=True):
        found = level(extra.compare, one, other)
        if found == SAME:
            codes.append((extra.field, extra.same))
            tied = tied or extra.tie
        elif found == CLOSE:
            codes.append((extra.field, extra.close))
        elif found == DIFFER and extra.differ:
            codes.append((extra.field, extra.differ))
    return tied


def _is_strong(kinds: Collection[str]) -> bool:
    """Whether something ties two records to one person: a contact, or a name at a place."""
    return not STRONG.isdisjoint(kinds) or not (NAMED.isdisjoint(kinds) or PLACED.isdisjoint(kinds))


def _is_somebodys(a: Profile, b: Profile, contacts: Collection[str]) -> bool:
    """Whether a mailbox is a person's, where one of the two records names nobody: not team-b@."""
    if "mailbox" not in contacts:
        return True
    same = a.mailboxes & b.mailboxes
    return any(one in a.named and one in b.named for one in same)


def _own_mailbox(a: Profile, b: Profile) -> bool:
    """Whether both have a mailbox at a company; families share those of a provider."""
    return any(is_company_domain(one.rpartition("@")[2]) for one in a.mailboxes & b.mailboxes)


def _contacts(a: Profile, b: Profile, crowd: Crowd) -> list[str]:
    codes: list[str] = []
    same = a.mailboxes & b.mailboxes
    if same and any(key("mailbox", one) not in crowd.shared for one in same):
        codes.append("mailbox")
    elif a.mailboxes and b.mailboxes and (found := _mailboxes(a, b)):
        codes.append(found)
    mobile = a.mobiles & b.mobiles
    if mobile and any(key("mobile", one) not in crowd.shared for one in mobile):
        codes.append("mobile")
    elif a.mobiles and b.mobiles and not mobile:
        codes.append("mobiles_differ")
    if a.lines and b.lines and (found := _lines(a, b, crowd)):
        codes.append(found)
    return codes


def _mailboxes(a: Profile, b: Profile) -> str | None:
    """What two different personal mailboxes say: of several, what says most."""
    found = {
        _two_mailboxes(one, other, named=one in a.named and other in b.named)
        for one in a.mailboxes
        for other in b.mailboxes
    }
    return next((code for code in _MAILBOXES if code in found), None)


_MAILBOXES = ("mailbox_typo", "local_part", "mailboxes_differ", "mailboxes_vary")


def _two_mailboxes(one: str, other: str, *, named: bool) -> str | None:
    local, _, domain = one.rpartition("@")
    there, _, elsewhere = other.rpartition("@")
    if local == there:
        if one_edit(domain, elsewhere):
            return "mailbox_typo"
        is_company = is_company_domain(domain) and is_company_domain(elsewhere)
        return "local_part" if is_company and len(local) >= _TELLING else None
    if domain != elsewhere:
        return None
    if local[0] == there[0] and local[-1] == there[-1] and one_edit(local, there):
        return "mailbox_typo"
    if not is_company_domain(domain):
        return None
    return "mailboxes_differ" if named else "mailboxes_vary"


_TELLING = 4
"""From this length on a local part says something."""


def _lines(a: Profile, b: Profile, crowd: Crowd) -> str | None:
    found = None
    for line in a.lines & b.lines:
        if ";" in line:
            return "extension"
        if key("line", line) not in crowd.shared:
            found = "line"
    return found


def _companies(a: Profile, b: Profile) -> list[str]:
    ours, theirs = a.firm, b.firm
    if not ours.is_known or not theirs.is_known:
        return []
    if ours.number and theirs.number:
        return ["account" if ours.number == theirs.number else "other_company"]
    if (a.account and a.account == b.account) or not a.lines.isdisjoint(b.lines):
        return ["account"]  # a switchboard is nobody's own, but it is the company's
    same_domain = not set(ours.domains).isdisjoint(theirs.domains)
    if not set(ours.names).isdisjoint(theirs.names):
        return ["account"] if same_domain else _by_name_alone(ours, theirs)
    if ours.names and theirs.names:
        return _two_names(a, b, same_domain=same_domain)
    if same_domain:
        return ["account"]
    return ["other_company"] if a.account and b.account else []


def _by_name_alone(ours: Firm, theirs: Firm) -> list[str]:
    if ours.place and theirs.place and ours.place != theirs.place:
        return ["account_by_name", "prefectures_differ"]
    return ["account_by_name"]


def _two_names(a: Profile, b: Profile, *, same_domain: bool) -> list[str]:
    ours, theirs = a.firm.names, b.firm.names
    if any(look_alike(one, other) for one in ours for other in theirs):
        return ["sister_company"]
    if same_domain:
        return ["account"]
    comparable = {_kind(one) for one in ours} & {_kind(one) for one in theirs}
    return ["other_company"] if comparable or (a.account and b.account) else []


def _kind(text: str) -> str:
    return "latin" if text.isascii() else "other"


def _jobs(a: Profile, b: Profile) -> list[str]:
    codes = []
    if a.department and b.department:
        same = a.department == b.department or job.same_department(
            a.department_text, b.department_text
        )
        if same:
            codes.append("department")
        elif same is False:
            codes.append("other_department")
    return codes
