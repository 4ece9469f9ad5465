"""Messages and tasks of a room as records, in one shape from the API and from a webhook.

Only those that hold a mail address become records: the others are about nobody the hub knows, and
would only wait to be dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.chatwork.markup import without_tags
from connectors.kit.base import Record
from connectors.kit.errors import ContractBroken

MESSAGES = "messages"
TASKS = "tasks"
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
ROOM_LINK = "https://www.chatwork.com/#!rid{room_id}-{message_id}"
"""Unverified: the address of a message for people, from memory."""


def parts(stream: str) -> tuple[str, str]:
    """What a stream holds and of which room; ContractBroken for another name."""
    kind, _, room = stream.partition(":")
    if kind not in (MESSAGES, TASKS) or not room.isdigit():
        raise ContractBroken(
            f'Chatwork has no stream "{stream}"; streams are named messages:ROOM_ID and '
            "tasks:ROOM_ID"
        )
    return kind, room


def message_payload(room: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """A message as the API lists it, or as a webhook's event carries it, in one shape."""
    account = item.get("account")
    author = (
        account.get("account_id")
        if isinstance(account, Mapping)
        else item.get("account_id", item.get("from_account_id"))
    )
    return {
        "room_id": int(room),
        "message_id": str(item["message_id"]),
        "account_id": int(author or 0),
        "body": str(item.get("body") or ""),
        "send_time": int(item.get("send_time") or 0),
        "update_time": int(item.get("update_time") or 0),
    }


def message_record(payload: Mapping[str, Any]) -> Record:
    """The record of a message in our shape."""
    changed = payload["update_time"] or payload["send_time"]
    return Record(
        stream=f"{MESSAGES}:{payload['room_id']}",
        external_id=payload["message_id"],
        payload=payload,
        version=f"{payload['message_id']}:{payload['update_time']}",
        changed_at=datetime.fromtimestamp(changed, UTC),
    )


def task_record(room: str, item: Mapping[str, Any]) -> Record:
    """The record of a task. Chatwork does not say when one changed."""
    return Record(f"{TASKS}:{room}", str(item["task_id"]), {**item, "room_id": int(room)})


def about_somebody(body: object) -> bool:
    """Whether a body holds a mail address."""
    return ADDRESS.search(str(body)) is not None


def flatten(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Vendor fields: the payload's own, and ``email``, ``subject``, ``text`` and ``url``."""
    text = without_tags(str(payload.get("body") or "")).strip()
    found = ADDRESS.search(text)
    flat: dict[str, Any] = {
        "email": found[0] if found else None,
        "subject": next((line.strip() for line in text.splitlines() if line.strip()), "")[:200],
        "text": text,
        "url": ROOM_LINK.format(room_id=payload["room_id"], message_id=payload["message_id"])
        if payload.get("message_id")
        else None,
    }
    for name, value in payload.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": held for inner, held in value.items()}
        elif name != "body":
            flat[name] = value
    return flat
