"""How a message is written in Block Kit, and how a question is asked in a modal.

Sizes are the sheet's, from memory: text 40,000 characters, 50 blocks, 3,000 in a section, 2,000 in
a button's value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from connectors.kit.errors import RecordRejected
from connectors.kit.messages import ELLIPSIS, Answer, Button, Message, due_text, fitted
from connectors.slack.options import Options

LONGEST_TEXT = 40_000
LONGEST_SECTION = 3_000
MOST_BLOCKS = 50
LONGEST_VALUE = 2_000
LONGEST_LABEL, LONGEST_TITLE, LONGEST_METADATA = 75, 24, 3_000
"""Characters of a button's label, a modal's title and its private_metadata. From memory."""
ACTION = "renkei."
"""What our buttons' action ids begin with."""
CALLBACK = "renkei.reason"
REASON_BLOCK, REASON_INPUT = "reason", "words"

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "how": "このスレッドへの返信でも答えられます: {words}",
        "quoted": "「{word}」",
        "asked": "「{word} （{asks}）」",
        "due": "期限: {due}",
        "title": "理由の入力",
        "submit": "送信",
        "close": "やめる",
    },
    "en": {
        "how": "A reply in this thread answers, too: {words}",
        "quoted": '"{word}"',
        "asked": '"{word} ({asks})"',
        "due": "Until: {due}",
        "title": "Tell why",
        "submit": "Send",
        "close": "Cancel",
    },
}


def escaped(text: str) -> str:
    """Text in which Slack finds no markup of its own: no mention, no link, no channel call."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mark_of(message: Message) -> str:
    """A block id by which a message is found again; the same for the same message."""
    buttons = [[one.action, one.label, one.token] for one in message.buttons]
    said = [message.room, message.title, list(message.lines), buttons]
    return f"renkei:{sha256(orjson.dumps(said)).hexdigest()[:32]}"


def content(message: Message, called: Sequence[str], options: Options) -> dict[str, Any]:
    """Text and blocks of a message. ``called`` are mentions as Slack writes them.

    What is too long is cut; the buttons never are.
    """
    lines = [" ".join(message.title.split()), *message.lines, *_due(message, options)]
    head = {
        "type": "section",
        "text": _mrkdwn(_head(message, called)),
        "block_id": mark_of(message),
    }
    tail = [*_actions(message), *_context(message, options)]
    body = list(_sections([*message.lines, *_due(message, options)]))
    room = MOST_BLOCKS - 1 - len(tail)
    if len(body) > room:
        body = [*body[: room - 1], {"type": "section", "text": _mrkdwn(ELLIPSIS)}]
    text = "\n".join(
        fitted([*[" ".join(called)] * bool(called), *map(escaped, lines)], LONGEST_TEXT)
    )
    return {"text": text, "blocks": [head, *body, *tail]}


def modal(answer: Answer, options: Options) -> dict[str, Any]:
    """The window that asks for words; what it carries comes back with them."""
    texts = _TEXTS[options.language]
    carried = {"token": answer.token, "action": answer.action, "message_id": answer.message_id}
    metadata = orjson.dumps(carried).decode()
    if len(metadata) > LONGEST_METADATA:
        raise _too_long("a button's token")
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": metadata,
        "title": _plain(texts["title"], LONGEST_TITLE),
        "submit": _plain(texts["submit"], LONGEST_TITLE),
        "close": _plain(texts["close"], LONGEST_TITLE),
        "blocks": [
            {
                "type": "input",
                "block_id": REASON_BLOCK,
                "label": _plain(answer.asks, 2_000),
                "element": {
                    "type": "plain_text_input",
                    "action_id": REASON_INPUT,
                    "multiline": True,
                },
            }
        ],
    }


def _head(message: Message, called: Sequence[str]) -> str:
    title = escaped(" ".join(message.title.split()))[: LONGEST_SECTION // 2]
    return f"*{title}*" + (f"\n{' '.join(called)}" if called else "")


def _due(message: Message, options: Options) -> list[str]:
    if message.due is None:
        return []
    said = due_text(message.due, ZoneInfo(options.zone))
    return [_TEXTS[options.language]["due"].format(due=said)]


def _sections(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Sections that hold the lines; no line's escapes are cut in two."""
    held = ""
    for line in lines:
        for piece in _pieces(line):
            if held and len(held) + 1 + len(piece) > LONGEST_SECTION:
                yield {"type": "section", "text": _mrkdwn(held)}
                held = ""
            held = f"{held}\n{piece}" if held else piece
    if held:
        yield {"type": "section", "text": _mrkdwn(held)}


def _pieces(line: str) -> Iterator[str]:
    """An escaped line in pieces that fit a section."""
    whole = escaped(line)
    if len(whole) <= LONGEST_SECTION:
        yield whole
        return
    step = LONGEST_SECTION // len("&amp;")
    for start in range(0, len(line), step):
        yield escaped(line[start : start + step])


def _actions(message: Message) -> list[dict[str, Any]]:
    if not message.buttons:
        return []
    elements = [_button(button, place) for place, button in enumerate(message.buttons)]
    return [{"type": "actions", "block_id": "renkei_actions", "elements": elements}]


def _button(button: Button, place: int) -> dict[str, Any]:
    value = orjson.dumps({"token": button.token, "asks": button.asks}).decode()
    if len(value) > LONGEST_VALUE:
        raise _too_long("a button's token and question")
    return {
        "type": "button",
        "action_id": f"{ACTION}{button.action}",
        "text": _plain(button.label, LONGEST_LABEL),
        "value": value,
        **({"style": "primary"} if place == 0 else {}),
    }


def _context(message: Message, options: Options) -> list[dict[str, Any]]:
    if not (message.buttons and options.thread_replies):
        return []
    texts = _TEXTS[options.language]
    words = []
    for button in message.buttons:
        said = options.words.get(button.action) or (button.label,)
        form = texts["asked"] if button.asks else texts["quoted"]
        words.append(form.format(word=said[0], asks=button.asks))
    how = escaped(texts["how"].format(words=" ".join(words)))[: LONGEST_SECTION // 2]
    return [{"type": "context", "elements": [_mrkdwn(how)]}]


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:most] or ELLIPSIS, "emoji": False}


def _too_long(what: str) -> RecordRejected:
    return RecordRejected(
        f"{what} is longer than Slack keeps with a button: make it shorter",
        status=None,
        code="SLACK_TOO_LONG",
        fields=("buttons",),
    )
