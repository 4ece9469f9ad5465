"""Chatwork's webhooks: signed, sent once, and switched off when they fail too often.

Sources: Chatwork API documentation, Webhook. No time is signed, so a repeated delivery is known
only by what it says: setting, room, message and time of change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from connectors.chatwork.markup import reply_to, without_name
from connectors.chatwork.options import Options
from connectors.chatwork.records import about_somebody, message_payload, message_record
from connectors.kit.base import Hook, News
from connectors.kit.errors import ContractBroken
from connectors.kit.messages import Answer, read_words

TOLD = frozenset({"message_created", "message_updated", "mention_to_me"})


def read(options: Options, hook: Hook) -> News:
    """The message a webhook carries, where it is of a room that is read and names somebody."""
    body = _body(hook)
    payload = _message(body)
    if payload is None:
        return News(event_ids=(sha256(hook.body).hexdigest(),))
    event = f"{body.get('webhook_setting_id')}:{_key(payload)}"
    wanted = (
        str(payload["room_id"]) in options.rooms
        and payload["account_id"] != options.account_id
        and about_somebody(payload["body"])
    )
    return News(event_ids=(event,), records=(message_record(payload),) if wanted else ())


def answers(options: Options, hook: Hook) -> list[Answer]:
    """The answer a webhook carries: a reply to one of our messages; mostly there is none."""
    payload = _message(_body(hook))
    found = None if payload is None else answer_in(options, payload)
    return [] if found is None else [found]


def answer_in(options: Options, payload: Mapping[str, Any]) -> Answer | None:
    """The answer that a message in our shape is; None where it is no reply to us.

    Its id leaves the webhook out: one message may come by two webhooks, and by a pull.
    """
    if payload["account_id"] == options.account_id:
        return None
    reply = reply_to(payload["body"], options.account_id)
    if reply is None:
        return None
    message_id, words = reply
    action, text = read_words(words, options.words)
    return Answer(
        id=_key(payload),
        token="",
        action=action,
        by=str(payload["account_id"]),
        text=text if action else without_name(text),
        at=datetime.fromtimestamp(payload["update_time"] or payload["send_time"], UTC),
        message_id=message_id,
        reply_to=f"{payload['room_id']}-{payload['message_id']}",
    )


def _key(payload: Mapping[str, Any]) -> str:
    return f"{payload['room_id']}-{payload['message_id']}:{payload['update_time']}"


def _message(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The message of an event that carries one, in our shape."""
    if body.get("webhook_event_type") not in TOLD:
        return None
    event: Any = body.get("webhook_event")
    try:
        return message_payload(str(int(event["room_id"])), event)
    except (KeyError, ValueError, TypeError) as error:
        raise ContractBroken(
            "a webhook of Chatwork has no message with room_id and message_id",
            code="CHATWORK_HOOK",
        ) from error


def _body(hook: Hook) -> Mapping[str, Any]:
    try:
        body = orjson.loads(hook.body)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("a webhook of Chatwork is no JSON", code="CHATWORK_HOOK") from error
    if not isinstance(body, Mapping):
        raise ContractBroken("a webhook of Chatwork is no JSON object", code="CHATWORK_HOOK")
    return body
