"""What must hold in alerts.yaml: names that are there once, chats that can speak, addresses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sync.config.positions import Keys
from sync.config.report import listed, near
from sync.config.validate import Part

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


def check_alerts(part: Part, connections: Sequence[str], chats: Collection[str]) -> None:
    """The words of alerts.yaml; ``chats`` are the connections in which something can be said."""
    seen: set[Any] = set()
    for number, one in enumerate(_list(part.data.get("to"))):
        if not isinstance(one, Mapping):
            continue
        name = one.get("name")
        if name in seen:
            part.wrong(("to", number, "name"), "TWICE", name=name)
        seen.add(name)
        chat, mail = one.get("chat"), one.get("mail")
        if isinstance(chat, Mapping):
            _check_chat(part, number, chat.get("connection"), connections, chats)
        if isinstance(mail, Mapping):
            _check_addresses(part, ("to", number, "mail"), mail)


def _check_addresses(part: Part, path: Keys, mail: Mapping[str, Any]) -> None:
    given: dict[Keys, Any] = {("from",): mail.get("from")}
    given |= {("to", place): one for place, one in enumerate(_list(mail.get("to")))}
    for below, address in given.items():
        if isinstance(address, str) and not _ADDRESS.fullmatch(address):
            part.wrong((*path, *below), "NOT_AN_ADDRESS")


def _check_chat(
    part: Part, number: int, name: Any, connections: Sequence[str], chats: Collection[str]
) -> None:
    if not isinstance(name, str):
        return
    path = ("to", number, "chat", "connection")
    if name not in connections:
        meant = near(name, connections)
        part.wrong(path, "NO_CONNECTION", name=name, known=listed(connections), near=meant)
    elif name not in chats:
        part.wrong(path, "NOT_A_CHAT", name=name)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
