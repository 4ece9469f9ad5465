"""Who of the invited came: Meet names its participants, Calendar has their addresses.

Meet tells no e-mail address: of a participant it knows the name they gave, and of somebody who is
signed in an id that only their own organisation can look up. A participant is therefore taken for a
guest of the calendar event whose link the meeting was on:

- whose name is the same, whatever its width, spaces, order, old characters or honorific, or is made
  of the same words as the address (Taro Yamada, taro.yamada@…), if that holds for one guest only;
- or, where that is allowed, for the one guest that is left over, if one stranger is left over too:
  first somebody who is not signed in, for our own people are.

Pure. Whoever is taken for nobody has no address, and so no record.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.google_meet.events import (
    Event,
    Person,
    attendees_of,
    email_of,
    guests_of,
    is_internal,
)
from connectors.google_meet.options import Options

Participant = Mapping[str, Any]

SIGNED_IN, ANONYMOUS, PHONE = "signedinUser", "anonymousUser", "phoneUser"
_HONORIFIC = re.compile(r"(様|さま|さん|氏|殿|先生)$|^(mr|ms|mrs|dr)\.?(?= )")
_VARIANTS = str.maketrans("髙﨑邊邉齋齊斉濱濵德澤國廣", "高崎辺辺斎斎斎浜浜徳沢国広")
"""Characters of names that people and calendars write one way or the other."""
_WORDS = re.compile(r"[\W_0-9]+")


def kind_of(participant: Participant) -> str:
    """What a participant is: signed in, anonymous or on the phone; empty for what is new."""
    kinds = (SIGNED_IN, ANONYMOUS, PHONE)
    return next((kind for kind in kinds if isinstance(participant.get(kind), Mapping)), "")


def name_of(participant: Participant) -> str:
    """The name a participant is shown with."""
    who = participant.get(kind_of(participant)) or {}
    return str(who.get("displayName") or "")


def words_of(name: str) -> frozenset[str]:
    """A name as a set of words, without width, case, old characters, honorific and order."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip().translate(_VARIANTS)
    bare = _HONORIFIC.sub("", plain)
    return frozenset(word for word in _WORDS.split(bare) if word)


def matched(
    participants: Sequence[Participant], event: Event, options: Options
) -> dict[str, tuple[Person, str]]:
    """The guest that each participant is, and by what (``name`` or ``only_one``), by their name.

    Somebody who comes twice without signing in is two participants: they count as one.
    """
    strangers = _strangers(participants, event, options)
    guests = {email_of(guest): guest for guest in guests_of(event, options)}
    found: dict[frozenset[str], tuple[Person, str]] = {}
    for names in strangers:
        fitting = [email for email, guest in guests.items() if _is_called(guest, names)]
        rivals = [other for other in strangers if fitting and _is_called(guests[fitting[0]], other)]
        if len(fitting) == 1 and len(rivals) == 1:
            found[names] = (guests[fitting[0]], "name")
    for guest, _ in found.values():
        guests.pop(email_of(guest), None)
    left = {names: ones for names, ones in strangers.items() if names not in found}
    only = _only_one(left)
    if options.guess and len(guests) == 1 and only is not None:
        found[only] = (next(iter(guests.values())), "only_one")
    return {
        str(one["name"]): match
        for names, match in found.items()
        for one in strangers[names]
        if one.get("name")
    }


def _strangers(
    participants: Sequence[Participant], event: Event, options: Options
) -> dict[frozenset[str], list[Participant]]:
    """The participants that are not known to be ours, those of one name together."""
    ours = {user.id for user in options.users.values() if user.id}
    colleagues = [one for one in attendees_of(event) if is_internal(one, options)]
    organizer = event.get("organizer")
    if isinstance(organizer, Mapping) and is_internal(organizer, options):
        colleagues.append(organizer)
    groups: dict[frozenset[str], list[Participant]] = {}
    for one in participants:
        user = str((one.get(SIGNED_IN) or {}).get("user") or "").removeprefix("users/")
        names = words_of(name_of(one))
        known = user in ours or any(_is_called(person, names) for person in colleagues)
        if not known:
            groups.setdefault(names, []).append(one)
    return groups


def _only_one(left: Mapping[frozenset[str], Sequence[Participant]]) -> frozenset[str] | None:
    """The one stranger that is left, or the one of them that is not signed in; None for more."""
    if len(left) == 1:
        return next(iter(left))
    outside = [names for names, ones in left.items() if kind_of(ones[0]) != SIGNED_IN]
    return outside[0] if len(outside) == 1 else None


def _is_called(person: Person, names: frozenset[str]) -> bool:
    """Whether somebody of the calendar goes by a name: written apart, together or as an address."""
    if not names:
        return False
    shown = words_of(str(person.get("displayName") or ""))
    if shown and _together(shown, names):
        return True
    local = words_of(email_of(person).partition("@")[0])
    return len(names) > 1 and _together(local, names)


def _together(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two names are the same words, or one of them is the other written together."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) != 1 or len(long) != 2:
        return False
    (whole,), (first, second) = short, sorted(long)
    return whole in (first + second, second + first)
