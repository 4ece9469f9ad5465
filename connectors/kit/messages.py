"""What is said to people in a communication tool, and what they answer.

A hand-off, a task or an alert is a ``Message``: words, and buttons that may be pressed. A vendor
without buttons explains in the message which words to reply. Either way what people do comes back
as an ``Answer``, by webhook or, where webhooks get lost, by asking. Who may answer what, and what
it does to a lead, is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Protocol, runtime_checkable
from unicodedata import normalize

from connectors.kit.base import Hook
from connectors.kit.errors import ConnectorError

__all__ = [
    "ACCEPT",
    "HAND_BACK",
    "RECYCLE",
    "WORDS",
    "Answer",
    "Asks",
    "Button",
    "CollectsAnswers",
    "FindsPosts",
    "KnowsPeople",
    "Message",
    "Posted",
    "Posts",
    "ReadsAnswers",
    "Tells",
    "due_text",
    "fitted",
    "read_words",
]

ACCEPT = "accept"
HAND_BACK = "hand_back"
RECYCLE = "recycle"
WORDS: Mapping[str, tuple[str, ...]] = {
    ACCEPT: ("承認", "承認します", "承認しました", "accept", "accepted"),
    HAND_BACK: ("差戻し", "差し戻し", "差戻", "差戻します", "差し戻します", "hand back"),
    RECYCLE: ("再育成", "再育成へ", "再育成します", "リサイクル", "recycle"),
}
"""Replies that say an action; the first of each is the one that messages explain."""
ELLIPSIS = "…"
_OPENING = "「『【\"'“ \t\u3000"
_CLOSING = "」』】\"'”:：,，.。、!！;；-–—/／ \t\u3000"
_ASKING = "?？"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. ``action`` and ``token`` come back, ``label`` is what people see.

    ``asks`` is a question whose answer is wanted in words (the reason); empty asks nothing.
    """

    action: str
    label: str
    token: str = field(repr=False)
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What to say in a room. Plain text: vendors' markup in it has no effect.

    ``mention`` and ``task_for`` are people as the vendor names them (its ids; mail addresses where
    it knows those). ``due`` is until when an answer is wanted, aware.
    """

    room: str
    title: str
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    mention: tuple[str, ...] = ()
    task_for: tuple[str, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that is there. ``id`` names it at the vendor; answers carry it as ``message_id``.

    ``missing`` is why its tasks were not made; the message is there all the same, and updating it
    makes them.
    """

    id: str
    task_ids: tuple[str, ...] = ()
    missing: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody did about a message. ``id`` is the same for a repeated delivery.

    ``token`` is the button's; empty where the vendor's replies name only ``message_id``. ``action``
    is empty where the words were not understood. ``by`` is the vendor's id of the person. ``asks``
    is a question that is still to be asked (``Asks``), ``trigger`` and ``reply_to`` are the
    vendor's own.
    """

    id: str
    token: str = field(repr=False)
    action: str
    by: str
    text: str = field(repr=False)
    at: datetime
    message_id: str
    asks: str = ""
    trigger: str = field(default="", repr=False)
    reply_to: str = field(default="", repr=False)


@runtime_checkable
class Posts(Protocol):
    """Can say something, and can change what it said.

    ``update`` replaces words and buttons. A message without buttons can no longer be answered: its
    tasks are closed. Neither call may be repeated blindly after ``maybe_applied`` (``FindsPosts``).
    Raises RecordRejected where the message or its room is at fault, RecordGone where what is to be
    updated is not there any more.
    """

    def post(self, message: Message) -> Posted: ...
    def update(self, posted: Posted, message: Message) -> Posted: ...


@runtime_checkable
class FindsPosts(Protocol):
    """Can look whether a message went out at or after ``since`` although its answer was lost."""

    def find_posted(self, message: Message, since: datetime) -> Posted | None: ...


@runtime_checkable
class ReadsAnswers(Protocol):
    """Reads answers from a webhook that was verified. Pure: no network; most webhooks have none."""

    def read_answers(self, hook: Hook) -> Sequence[Answer]: ...


@runtime_checkable
class CollectsAnswers(Protocol):
    """Can ask for answers to these messages that no webhook brought. Some may be known already."""

    def collect_answers(self, posted: Sequence[Posted]) -> Sequence[Answer]: ...


@runtime_checkable
class Asks(Protocol):
    """Can ask the person who pressed a button in words; what they write is another answer.

    False where it is too late: vendors allow seconds.
    """

    def ask(self, answer: Answer) -> bool: ...


@runtime_checkable
class Tells(Protocol):
    """Can say something to whoever answered, where they answered."""

    def tell(self, answer: Answer, text: str) -> None: ...


@runtime_checkable
class KnowsPeople(Protocol):
    """Can say which mail address one of its people has; None where it cannot be seen."""

    def email_of(self, person: str) -> str | None: ...


def read_words(text: str, words: Mapping[str, Sequence[str]] = WORDS) -> tuple[str, str]:
    """The action a reply names and the words behind it; ("", the text) where it names none.

    A line names an action when it begins with one of its words and the word ends there: 承認 and
    承認。 do, 承認できません and 承認？ do not. Width and case make no difference. The first such
    line counts, and what follows it is the reason.
    """
    known = sorted(
        ((_folded(word), action) for action, said in words.items() for word in said),
        key=lambda pair: len(pair[0]),
        reverse=True,
    )
    lines = text.strip().split("\n")
    for number, line in enumerate(lines):
        said = line.lstrip(_OPENING)
        for word, action in known:
            rest = _behind(said, word)
            if rest is not None:
                reason = [rest.lstrip(_CLOSING), *lines[number + 1 :]]
                return action, "\n".join(reason).strip()
    return "", text.strip()


def fitted(lines: Sequence[str], most: int) -> list[str]:
    """The lines, cut so that with the breaks between them they have at most ``most`` characters."""
    if sum(len(line) + 1 for line in lines) - 1 <= most:
        return list(lines)
    kept: list[str] = []
    left = most - len(ELLIPSIS)
    for line in lines:
        if len(line) + 1 > left:
            kept.append(line[: max(left, 0)] + ELLIPSIS)
            break
        kept.append(line)
        left -= len(line) + 1
    return kept


def due_text(due: datetime, zone: tzinfo) -> str:
    """A time limit as people of a zone read it, to the minute."""
    return due.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _behind(line: str, word: str) -> str | None:
    """What comes behind the word in a line that begins with it; None where it does not."""
    for end in range(1, min(len(line), 3 * len(word)) + 1):
        if _folded(line[:end]) == word:
            rest = line[end:]
            whole = not rest or not rest[0].isalnum()
            return rest if whole and not rest.lstrip().startswith(tuple(_ASKING)) else None
    return None
