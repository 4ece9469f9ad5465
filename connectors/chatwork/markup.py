"""Chatwork's markup: how a message is written, and how a reply is read.

Nothing can be escaped. A bracket in what people wrote is made full-width, or a lead called
``[toall]`` would call the whole room.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from connectors.chatwork.options import Options
from connectors.kit.errors import RecordRejected
from connectors.kit.messages import ACCEPT, Button, Message, due_text, fitted

LONGEST_BODY = 65_535
"""Characters of a message or a task (the vendor's RAML of its API, maxLength of body)."""
_BRACKETS = str.maketrans("[]", "［］")
_REPLY = re.compile(r"\[rp aid=(\d{1,19}) to=(\d{1,19})-(\d{1,19})\]")
"""How a reply begins. Unverified: from memory, as all markup but ``[To:…]``."""
_TAG = re.compile(r"\[/?[a-zA-Z][^\[\]]{0,200}\]")
_QUOTE = re.compile(r"(\[/?qt\])")
_NAME_LINE = re.compile(r"\S[^\n]{0,100}(?:さん|様)[ \u3000]*\n")
"""What the reply button writes below the tag: whose message it is. Unverified."""
_ID = re.compile(r"[0-9]{1,19}")

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "how": "このメッセージに返信で答えてください: {words}",
        "quoted": "「{word}」",
        "asked": "「{word} （{asks}）」",
        "task": "タスクの完了は「{word}」になります。",
        "due": "期限: {due}",
    },
    "en": {
        "how": "Answer by replying to this message: {words}",
        "quoted": '"{word}"',
        "asked": '"{word} ({asks})"',
        "task": 'Completing the task means "{word}".',
        "due": "Until: {due}",
    },
}


def plain(text: str) -> str:
    """Text in which no markup is left."""
    return text.translate(_BRACKETS)


def body_of(message: Message, options: Options) -> str:
    """A message as Chatwork takes it. The explanation of how to answer is never cut off."""
    called = "".join(f"[To:{number}]" for number in accounts(message.mention, "mention"))
    head = f"{called}\n[info][title]{plain(message.title)[:1000]}[/title]"
    explained = _explained(message, options)
    tail = f"[hr]{explained}[/info]" if explained else "[/info]"
    lines = [plain(line) for line in (*message.lines, *_due(message, options))]
    room = LONGEST_BODY - len(head) - len(tail)
    words = "\n".join(fitted(lines, room))
    return f"{head}{words}{tail}".strip()


def task_body(message: Message) -> str:
    """The task that goes with a message."""
    return "\n".join(fitted([plain(message.title), *map(plain, message.lines)], LONGEST_BODY))


def accounts(people: Sequence[str], field: str) -> list[str]:
    """People as account ids; RecordRejected where one is named otherwise."""
    strangers = [one for one in people if not _ID.fullmatch(one)]
    if strangers:
        raise RecordRejected(
            f"Chatwork knows people by account id, a number; {len(strangers)} of {field} are none",
            status=None,
            code="CHATWORK_NO_ACCOUNT_ID",
            fields=(field,),
        )
    return list(dict.fromkeys(people))


def reply_to(body: str, account_id: int) -> tuple[str, str] | None:
    """Which of the account's messages a body replies to (ROOM-MESSAGE), and its words.

    None where it replies to nothing of the account's. What it quotes is not among its words.
    """
    for found in _REPLY.finditer(body):
        if int(found[1]) == account_id:
            words = without_tags(_unquoted(body[found.end() :])).strip()
            return f"{found[2]}-{found[3]}", words
    return None


def without_name(words: str) -> str:
    """A reply's words without the line that the reply button wrote, where more follows."""
    return _NAME_LINE.sub("", words, count=1) if _NAME_LINE.match(words) else words


def without_tags(body: str) -> str:
    """A body's words alone."""
    return _TAG.sub("", body)


def _unquoted(body: str) -> str:
    kept: list[str] = []
    depth = 0
    for part in _QUOTE.split(body):
        if part == "[qt]":
            depth += 1
        elif part == "[/qt]":
            depth = max(depth - 1, 0)
        elif depth == 0:
            kept.append(part)
    return "\n".join(kept)


def _due(message: Message, options: Options) -> list[str]:
    if message.due is None:
        return []
    said = due_text(message.due, ZoneInfo(options.zone))
    return [_TEXTS[options.language]["due"].format(due=said)]


def _explained(message: Message, options: Options) -> str:
    if not message.buttons:
        return ""
    texts = _TEXTS[options.language]
    words = [_word(button, options, texts) for button in message.buttons]
    lines = [texts["how"].format(words=" ".join(words))]
    taken = [button for button in message.buttons if button.action == ACCEPT]
    if message.task_for and taken:
        lines.append(texts["task"].format(word=plain(taken[0].label)))
    return "\n".join(lines)


def _word(button: Button, options: Options, texts: Mapping[str, str]) -> str:
    said = options.words.get(button.action) or (button.label,)
    form = texts["asked"] if button.asks else texts["quoted"]
    return form.format(word=plain(said[0]), asks=plain(button.asks))
