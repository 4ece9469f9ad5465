"""Messages of a channel as records, in one shape from the API and from an event.

Only messages of people that hold a mail address and begin a thread become records: the others are
about nobody the hub knows, and would only wait to be dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.kit.base import Record
from connectors.kit.errors import ContractBroken

MESSAGES = "messages"
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
TS = re.compile(r"[0-9]{1,12}\.[0-9]{6}")
_LABELLED = re.compile(r"<[^<>|]{1,2000}\|([^<>]{0,2000})>")
_BARE = re.compile(r"<(?:mailto:)?([^<>|]{1,2000})>")


def channel_of(stream: str) -> str:
    """The channel whose messages a stream is; ContractBroken for another name."""
    kind, _, channel = stream.partition(":")
    if kind != MESSAGES or not channel:
        raise ContractBroken(
            f'Slack has no stream "{stream}"; streams are named messages:CHANNEL_ID'
        )
    return channel


def order_of(ts: str) -> tuple[int, str]:
    """What a ts is ordered by; as a float it would lose its end."""
    seconds, _, rest = ts.partition(".")
    return int(seconds), rest.ljust(6, "0")


def moment(ts: str) -> datetime:
    """The time in a ts, to the second."""
    return datetime.fromtimestamp(order_of(ts)[0], UTC)


def is_told(message: Mapping[str, Any]) -> bool:
    """Whether a message becomes a record."""
    return (
        message.get("type", "message") == "message"
        and not message.get("subtype")
        and not message.get("bot_id")
        and message.get("thread_ts", message.get("ts")) == message.get("ts")
        and ADDRESS.search(str(message.get("text") or "")) is not None
    )


def to_record(channel: str, message: Mapping[str, Any]) -> Record:
    """The record of a message."""
    ts = str(message["ts"])
    edited = message.get("edited")
    edited_ts = str(edited["ts"]) if isinstance(edited, Mapping) and edited.get("ts") else ""
    return Record(
        stream=f"{MESSAGES}:{channel}",
        external_id=ts,
        payload={
            "channel": channel,
            "ts": ts,
            "user": str(message.get("user") or ""),
            "text": str(message.get("text") or ""),
            "edited_ts": edited_ts,
        },
        version=f"{ts}:{edited_ts}",
        changed_at=moment(edited_ts or ts),
    )


def words_of(text: str) -> str:
    """What a person reads: links by their label, escapes undone."""
    shown = _BARE.sub(r"\1", _LABELLED.sub(r"\1", text))
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def flatten(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Vendor fields: the payload's own, and ``email``, ``subject`` and ``sent_at``."""
    text = words_of(str(payload.get("text") or "")).strip()
    found = ADDRESS.search(text)
    return {
        **payload,
        "text": text,
        "email": found[0] if found else None,
        "subject": next((line.strip() for line in text.splitlines() if line.strip()), "")[:200],
        "sent_at": moment(payload["ts"]).isoformat() if payload.get("ts") else None,
    }
