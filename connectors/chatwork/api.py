"""Requests to Chatwork: forms go out, JSON comes back, and refusals become our errors.

A refusal is ``{"errors": ["…"]}`` (Chatwork API documentation). Its words are not repeated: they
may quote what was sent. There is no Retry-After; a 429 says when its five minutes end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordRejected,
)
from connectors.kit.session import Reply, Session, Throttle, Translate, Wiring, retry_after
from connectors.kit.session import shown_path as shown

CALLS, CALLS_SECONDS = 300, 300.0
"""Requests of one user in five minutes (Chatwork API documentation)."""
POSTS, POSTS_SECONDS = 10, 10.0
"""Messages and tasks in one room. Unverified: from memory; the documents have no such figure."""
LISTED = 100
"""Messages or tasks in one answer; there is no second page (RAML of the API)."""
_OF_ONE = re.compile(r"/(?:messages|tasks)/\d+(?:/status)?$")


class Api:
    """The rooms of one bot account."""

    def __init__(self, session: Session, wiring: Wiring) -> None:
        self.session = session
        self._wiring = wiring
        self._rooms: dict[str, Throttle] = {}

    def close(self) -> None:
        """Give the sockets back."""
        self.session.close()

    def me(self) -> Mapping[str, Any]:
        """The account that the token belongs to."""
        return _object(self.session.get("/me"))

    def messages(self, room: str) -> list[Mapping[str, Any]]:
        """The newest hundred of a room, oldest first, whatever was read before.

        ``force=1``, because without it Chatwork gives each message once to all who share a token.
        """
        found = _list(self.session.get(f"/rooms/{room}/messages", params={"force": "1"}))
        return sorted(found, key=lambda item: int(item["message_id"]))

    def message(self, room: str, message_id: str) -> Mapping[str, Any]:
        """One message."""
        return _object(self.session.get(f"/rooms/{room}/messages/{message_id}"))

    def post(self, room: str, body: str) -> str:
        """Say something in a room; the new message's id."""
        self._turn(room)
        form = {"body": body, "self_unread": "0"}
        return _key(self.session.post(f"/rooms/{room}/messages", form=form), "message_id")

    def edit(self, room: str, message_id: str, body: str) -> None:
        """Change the words of one's own message. Doing so twice is doing so once."""
        path = f"/rooms/{room}/messages/{message_id}"
        self.session.put(path, form={"body": body}, safe=True)

    def tasks(self, room: str, status: str, **asked: str) -> list[Mapping[str, Any]]:
        """Tasks of a room that are ``open`` or ``done``; Chatwork gives a hundred at most."""
        query = {"status": status, **asked}
        return _list(self.session.get(f"/rooms/{room}/tasks", params=query))

    def task(self, room: str, task_id: str) -> Mapping[str, Any]:
        """One task."""
        return _object(self.session.get(f"/rooms/{room}/tasks/{task_id}"))

    def add_task(
        self, room: str, body: str, people: list[str], due: datetime | None
    ) -> tuple[str, ...]:
        """A task for each of these accounts; the new tasks' ids."""
        self._turn(room)
        form = {"body": body, "to_ids": ",".join(people), "limit_type": "none"}
        if due is not None:
            form |= {"limit": str(int(due.timestamp())), "limit_type": "time"}
        reply = self.session.post(f"/rooms/{room}/tasks", form=form)
        made = _object(reply).get("task_ids")
        if not isinstance(made, list):
            raise ContractBroken("Chatwork made a task and named no task_ids", code=SHAPE)
        return tuple(str(one) for one in made)

    def close_task(self, room: str, task_id: str) -> None:
        """Complete a task. Doing so twice is doing so once."""
        path = f"/rooms/{room}/tasks/{task_id}/status"
        self.session.put(path, form={"body": "done"}, safe=True)

    def _turn(self, room: str) -> None:
        """Wait until the room may be posted to."""
        throttle = self._rooms.get(room)
        if throttle is None:
            throttle = self._rooms[room] = self._wiring.throttle(POSTS, POSTS_SECONDS)
        throttle.wait()


SHAPE = "CHATWORK_SHAPE"


def translator(now: Callable[[], datetime]) -> Translate:
    """Chatwork's refusals as our errors; None where the status says enough."""

    def translate(reply: Reply) -> ConnectorError | None:
        where = f"Chatwork: {reply.method} {shown(reply.url)}"
        match reply.status:
            case 401:
                return AuthFailed(
                    f"{where} was refused: the token is wrong or was taken back; make a new one "
                    "for the bot account, or sign in again",
                    status=401,
                    code="CHATWORK_TOKEN_REFUSED",
                )
            case 403 if reply.method == "GET":
                return ContractBroken(
                    f"{where} was forbidden: invite the bot account to the room, or give the OAuth "
                    "client the scope rooms.all:read_write",
                    status=403,
                    code="CHATWORK_FORBIDDEN",
                )
            case 403:
                return RecordRejected(
                    f"{where} was forbidden: the bot account is not in the room, may only read "
                    "there, or did not write the message; make it a member",
                    status=403,
                    code="CHATWORK_ROOM_FORBIDDEN",
                    fields=("room",),
                )
            case 404 if not _OF_ONE.search(shown(reply.url)):
                return _no_room(where, reply)
            case 400 if reply.method == "GET":
                return ContractBroken(
                    f"{where} was refused (400)", status=400, code="CHATWORK_BAD_QUERY"
                )
            case 400:
                return RecordRejected(
                    f"{where} was refused (400): look at the length of the message, and whether "
                    "those who get a task are in the room",
                    status=400,
                    code="CHATWORK_VALIDATION",
                )
            case 429:
                return RateLimited(
                    f"{where} was told to slow down",
                    retry_after=_wait(reply, now),
                    code="CHATWORK_RATE_LIMITED",
                )
            case _:
                return None

    return translate


def _no_room(where: str, reply: Reply) -> ConnectorError:
    message = f"{where} found no such room (404): correct the room's id, and invite the bot account"
    if reply.method == "GET":
        return ContractBroken(message, status=404, code="CHATWORK_NO_ROOM")
    return RecordRejected(message, status=404, code="CHATWORK_NO_ROOM", fields=("room",))


def _wait(reply: Reply, now: Callable[[], datetime]) -> float:
    """Seconds: until the five minutes end where they are used up, else those of a room's limit."""
    said = retry_after(reply.headers)
    if said is not None:
        return said
    reset = reply.headers.get("x-ratelimit-reset", "")
    if reply.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return min(max(int(reset) - now().timestamp(), 1.0), CALLS_SECONDS)
    return POSTS_SECONDS


def _list(reply: Reply) -> list[Mapping[str, Any]]:
    """The items of a list; nothing new is 204 without a body."""
    if reply.status == 204 or not reply.content:
        return []
    body = reply.json()
    if not isinstance(body, list):
        raise ContractBroken("Chatwork answered with JSON that is no list", code=SHAPE)
    return body


def _object(reply: Reply) -> Mapping[str, Any]:
    body = reply.json()
    if not isinstance(body, Mapping):
        raise ContractBroken("Chatwork answered with JSON that is no object", code=SHAPE)
    return body


def _key(reply: Reply, name: str) -> str:
    value = _object(reply).get(name)
    if not value:
        raise ContractBroken(f"Chatwork answered without {name}", code=SHAPE)
    return str(value)
