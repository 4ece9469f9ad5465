"""What Slack posts to us: buttons and modals as forms, events as JSON, all signed alike.

Sources: the python-slack-sdk's signature verifier and the java-slack-sdk's recorded payloads. The
raw body is signed, so it is checked before it is taken apart. Events come again up to three times
under the same event_id; presses of a button are sent once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import orjson

from connectors.kit.base import Answer as Handshake
from connectors.kit.base import Hook, News
from connectors.kit.errors import ContractBroken
from connectors.kit.messages import Answer, read_words
from connectors.slack.blocks import ACTION, CALLBACK, REASON_BLOCK, REASON_INPUT
from connectors.slack.options import Options
from connectors.slack.records import TS, is_told, moment, to_record, words_of

STAMP = "x-slack-request-timestamp"


def handshake(hook: Hook) -> Handshake | None:
    """The challenge, for the check of an events address; None for everything else."""
    if hook.body[:8] == b"payload=":
        return None
    body = _body(hook)
    if body.get("type") != "url_verification":
        return None
    return Handshake(body=str(body.get("challenge") or "").encode())


def read(options: Options, hook: Hook) -> News:
    """The message an event carries, where its channel is read and it names somebody."""
    body = _body(hook)
    match body.get("type"):
        case "event_callback":
            return News((str(body.get("event_id") or _digest(hook)),), tuple(_told(options, body)))
        case "block_actions":
            pressed = tuple(one.id for one in _pressed(body))
            return News(pressed or (_digest(hook),))
        case "view_submission":
            return News((_view_key(body),))
        case _:
            return News((_digest(hook),))


def answers(options: Options, hook: Hook) -> list[Answer]:
    """Buttons that were pressed, a reason that was typed, or words in a thread."""
    body = _body(hook)
    match body.get("type"):
        case "block_actions":
            return list(_pressed(body))
        case "view_submission":
            return list(_typed(body, hook))
        case "event_callback":
            return list(_said(options, body))
        case _:
            return []


def _told(options: Options, body: Mapping[str, Any]) -> Iterator[Any]:
    event = _object(body.get("event"))
    message = event
    if event.get("subtype") == "message_changed":
        message = _object(event.get("message"))
    if event.get("type") != "message" or event.get("channel") not in options.channels:
        return
    if is_told(message) and TS.fullmatch(str(message.get("ts"))):
        yield to_record(str(event["channel"]), message)


def _pressed(body: Mapping[str, Any]) -> Iterator[Answer]:
    """An answer for each of our buttons; other apps' blocks are not ours to read."""
    user = str(_object(body.get("user")).get("id") or "")
    channel = _object(body.get("channel")).get("id") or _object(body.get("container")).get(
        "channel_id"
    )
    ts = _object(body.get("message")).get("ts") or _object(body.get("container")).get("message_ts")
    for action in body.get("actions") or ():
        name = str(action.get("action_id") or "")
        at = str(action.get("action_ts") or "")
        if not name.startswith(ACTION) or not (user and channel and ts and TS.fullmatch(at)):
            continue
        carried = _carried(action.get("value"))
        yield Answer(
            id=f"{channel}:{ts}:{name}:{at}:{user}",
            token=str(carried.get("token") or ""),
            action=name.removeprefix(ACTION),
            by=user,
            text="",
            at=moment(at),
            message_id=f"{channel}:{ts}",
            asks=str(carried.get("asks") or ""),
            trigger=str(body.get("trigger_id") or ""),
            reply_to=str(body.get("response_url") or ""),
        )


def _typed(body: Mapping[str, Any], hook: Hook) -> Iterator[Answer]:
    """The answer that a modal of ours was sent with; its time is that of the request."""
    view = _object(body.get("view"))
    if view.get("callback_id") != CALLBACK:
        return
    carried = _carried(view.get("private_metadata"))
    values = _object(_object(view.get("state")).get("values"))
    typed = _object(_object(values.get(REASON_BLOCK)).get(REASON_INPUT)).get("value")
    stamp = hook.headers.get(STAMP, "")
    yield Answer(
        id=_view_key(body),
        token=str(carried.get("token") or ""),
        action=str(carried.get("action") or ""),
        by=str(_object(body.get("user")).get("id") or ""),
        text=str(typed or "").strip(),
        at=datetime.fromtimestamp(int(stamp), UTC) if stamp.isdigit() else hook.received_at,
        message_id=str(carried.get("message_id") or ""),
    )


def _said(options: Options, body: Mapping[str, Any]) -> Iterator[Answer]:
    """What a person said in a thread; whose thread it is, the hub knows by its message_id."""
    event = _object(body.get("event"))
    ts, thread = str(event.get("ts") or ""), str(event.get("thread_ts") or "")
    ours = event.get("type") == "message" and not event.get("subtype") and not event.get("bot_id")
    if not ours or not thread or thread == ts or not event.get("user") or not TS.fullmatch(ts):
        return
    action, text = read_words(words_of(str(event.get("text") or "")), options.words)
    yield Answer(
        id=f"{event.get('channel')}:{ts}",
        token="",
        action=action,
        by=str(event["user"]),
        text=text,
        at=moment(ts),
        message_id=f"{event.get('channel')}:{thread}",
    )


def _view_key(body: Mapping[str, Any]) -> str:
    """A modal can be sent once, so its id is that of the answer."""
    return f"view:{_object(body.get('view')).get('id')}"


def _digest(hook: Hook) -> str:
    return sha256(hook.body).hexdigest()


def _carried(text: object) -> Mapping[str, Any]:
    """What we gave a button or a modal to carry."""
    try:
        return _object(orjson.loads(str(text or "{}")))
    except orjson.JSONDecodeError:
        return {}


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _body(hook: Hook) -> Mapping[str, Any]:
    raw: bytes | str = hook.body
    if hook.body[:8] == b"payload=":
        raw = parse_qs(hook.body.decode("utf-8", "replace")).get("payload", [""])[0]
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("a request of Slack holds no JSON", code="SLACK_HOOK") from error
    if not isinstance(body, Mapping):
        raise ContractBroken("a request of Slack holds no JSON object", code="SLACK_HOOK")
    return body
