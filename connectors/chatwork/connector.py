"""One bot account: says things in rooms, hears answers, and reads what is said of people."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.chatwork import hooks
from connectors.chatwork.api import CALLS, CALLS_SECONDS, LISTED, Api, translator
from connectors.chatwork.markup import accounts, body_of, plain, task_body
from connectors.chatwork.options import Options
from connectors.chatwork.records import (
    MESSAGES,
    TASKS,
    about_somebody,
    flatten,
    message_payload,
    message_record,
    parts,
    task_record,
)
from connectors.kit.auth import ApiKey, RefreshToken
from connectors.kit.base import Answer as Handshake
from connectors.kit.base import Hook, Identity, News, Page, Record
from connectors.kit.errors import AuthFailed, ConnectorError, RecordGone, RecordRejected
from connectors.kit.limits import rate_limit_headers
from connectors.kit.messages import ACCEPT, Answer, Message, Posted
from connectors.kit.session import Auth, Wiring
from connectors.kit.signatures import SCHEMES, verify

log = logging.getLogger("renkei.chatwork")

LONGEST_TELLING = 2_000
"""Characters of what is told to somebody who answered; a sentence or two."""

SKEW = 120
"""Seconds by which Chatwork's clock may be behind ours when a message is looked for."""


class Connector:
    """The bot account."""

    def __init__(self, options: Options, api: Api, wiring: Wiring) -> None:
        self.options = options
        self.api = api
        self._wiring = wiring

    # -- saying things ----------------------------------------------------------------------------

    def post(self, message: Message) -> Posted:
        """Say it, and make its tasks. A task that fails does not take the message back."""
        room = _room(message)
        people = accounts(message.task_for, "task_for")
        message_id = self.api.post(room, body_of(message, self.options))
        return self._with_tasks(Posted(f"{room}-{message_id}"), message, people)

    def update(self, posted: Posted, message: Message) -> Posted:
        """Replace its words. Without buttons its tasks are closed, else missing ones are made."""
        room, message_id = _split(posted.id)
        people = accounts(message.task_for, "task_for")
        self.api.edit(room, message_id, body_of(message, self.options))
        if message.buttons:
            there = posted.task_ids or (self._tasks_there(room, message) if people else ())
            return self._with_tasks(Posted(posted.id, there), message, people)
        for task_id in posted.task_ids:
            try:
                self.api.close_task(room, task_id)
            except RecordGone:
                continue  # somebody deleted it, and it is as done as can be
        return replace(posted, missing=None)

    def find_posted(self, message: Message, since: datetime) -> Posted | None:
        """The message where it is among the room's newest hundred; the last one said so."""
        room, body = _room(message), body_of(message, self.options)
        for item in reversed(self.api.messages(room)):
            said = message_payload(room, item)
            ours = said["account_id"] == self.options.account_id
            if ours and said["send_time"] >= since.timestamp() - SKEW and said["body"] == body:
                tasks = self._tasks_there(room, message) if message.task_for else ()
                return Posted(f"{room}-{said['message_id']}", tasks)
        return None

    def tell(self, answer: Answer, text: str) -> None:
        """Reply to the answer; everybody in the room sees it."""
        target = answer.reply_to or answer.message_id
        room, _ = _split(target)
        words = plain(text)[:LONGEST_TELLING]
        self.api.post(room, f"[rp aid={int(answer.by)} to={target}]\n{words}")

    # -- hearing answers --------------------------------------------------------------------------

    def verify(self, hook: Hook) -> Handshake | None:
        """Return where one of the webhooks' tokens signed the body; there is no handshake."""
        verify(SCHEMES["chatwork"], hook, self.options.secrets, self._wiring.now())
        return None

    def read_hook(self, hook: Hook) -> News:
        """The message a webhook carries, where its room is read and it names somebody."""
        return hooks.read(self.options, hook)

    def read_answers(self, hook: Hook) -> list[Answer]:
        """The answer a webhook carries: a reply to one of our messages."""
        return hooks.answers(self.options, hook)

    def collect_answers(self, posted: Sequence[Posted]) -> list[Answer]:
        """Replies among each room's newest hundred, and tasks that were completed.

        Three requests at most for a room, whatever the number of messages. Chatwork does not say
        who completed a task, nor when: it counts as the person it is for, now.
        """
        rooms: dict[str, dict[str, Posted]] = {}
        for one in posted:
            rooms.setdefault(_split(one.id)[0], {})[one.id] = one
        found: list[Answer] = []
        for room, waiting in rooms.items():
            for item in self.api.messages(room):
                answer = hooks.answer_in(self.options, message_payload(room, item))
                if answer is not None and answer.message_id in waiting:
                    found.append(answer)
            found.extend(self._completed(room, waiting.values()))
        return found

    def _completed(self, room: str, waiting: Iterable[Posted]) -> Iterator[Answer]:
        owner = {task_id: one.id for one in waiting for task_id in one.task_ids}
        if not owner:
            return
        ours = {"assigned_by_account_id": str(self.options.account_id)}
        for task in self.api.tasks(room, "done", **ours):
            task_id = str(task["task_id"])
            if task_id in owner:
                yield Answer(
                    id=f"task:{room}-{task_id}",
                    token="",
                    action=ACCEPT,
                    by=str(task["account"]["account_id"]),
                    text="",
                    at=self._wiring.now(),
                    message_id=owner[task_id],
                    reply_to=owner[task_id],
                )

    # -- reading what is said ---------------------------------------------------------------------

    def streams(self) -> list[str]:
        """The messages and the tasks of every room that is read."""
        return [f"{kind}:{room}" for room in self.options.rooms for kind in (MESSAGES, TASKS)]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """What the room lists now; the cursor is the newest id, and only tells what was missed."""
        kind, room = parts(stream)
        if kind == TASKS:
            yield self._tasks_page(room, cursor)
            return
        items = self.api.messages(room)
        if not items:
            return
        oldest, newest = int(items[0]["message_id"]), items[-1]["message_id"]
        if cursor and len(items) >= LISTED and oldest > int(cursor):
            log.warning(
                'connection "%s": more than %d messages came to room %s since the last pull; '
                "those before them were missed. Pull more often, or set up the room's webhook",
                self._wiring.connection,
                LISTED,
                room,
            )
        yield Page(list(self._told(room, items)), max(str(newest), cursor or "", key=_number))

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """These messages or tasks again."""
        kind, room = parts(stream)
        found: list[Record] = []
        for key in external_ids:
            try:
                if kind == TASKS:
                    found.append(task_record(room, self.api.task(room, key)))
                else:
                    found.append(message_record(message_payload(room, self.api.message(room, key))))
            except RecordGone:
                found.append(Record(stream, key, {}, deleted=True))
        return found

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Vendor fields, with the first mail address that is in the words."""
        return flatten(payload)

    def identify(self) -> Identity:
        """The bot's name, and what is left of the five minutes' requests."""
        me = self.api.me()
        if int(me["account_id"]) != self.options.account_id:
            raise AuthFailed(
                f"Chatwork: the token belongs to account {me['account_id']}, the connection's "
                f"account_id is {self.options.account_id}: correct one of them",
                code="CHATWORK_ANOTHER_ACCOUNT",
            )
        session = self.api.session
        return Identity(
            account=str(me.get("name") or self.options.account_id),
            quota_left=session.quota.left,
            quota_max=session.quota.limit,
            clock_offset=session.clock_offset,
        )

    def _told(self, room: str, items: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
        for item in items:
            said = message_payload(room, item)
            if said["account_id"] != self.options.account_id and about_somebody(said["body"]):
                yield message_record(said)

    def _tasks_page(self, room: str, cursor: str | None) -> Page:
        items = [*self.api.tasks(room, "open"), *self.api.tasks(room, "done")]
        newest = max((str(item["task_id"]) for item in items), key=_number, default="0")
        records = [task_record(room, item) for item in items if about_somebody(item["body"])]
        return Page(records, max(newest, cursor or "0", key=_number))

    def _with_tasks(self, posted: Posted, message: Message, people: list[str]) -> Posted:
        if not people or posted.task_ids:
            return posted
        room, _ = _split(posted.id)
        try:
            made = self.api.add_task(room, task_body(message), people, message.due)
        except ConnectorError as error:
            return replace(posted, missing=error)
        return replace(posted, task_ids=made)

    def _tasks_there(self, room: str, message: Message) -> tuple[str, ...]:
        """The open tasks that this message made."""
        body = task_body(message)
        ours = {"assigned_by_account_id": str(self.options.account_id)}
        tasks = self.api.tasks(room, "open", **ours)
        return tuple(str(item["task_id"]) for item in tasks if item["body"] == body)


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one bot account."""
    session = wiring.session(
        base_url=options.base_url,
        auth=_auth(options, wiring),
        throttle=wiring.throttle(CALLS, CALLS_SECONDS),
        translate=translator(wiring.now),
        read_quota=rate_limit_headers(),
    )
    return Connector(options, Api(session, wiring), wiring)


def _auth(options: Options, wiring: Wiring) -> Auth:
    if options.oauth is None:
        token = options.token.get_secret_value() if options.token is not None else ""
        return ApiKey("x-chatworktoken", token)
    return RefreshToken(
        wiring,
        options.oauth.token_url,
        options.oauth.client_id,
        options.oauth.client_secret.get_secret_value(),
        options.oauth.refresh_token.get_secret_value(),
        basic=True,
    )


def _room(message: Message) -> str:
    if message.room.isascii() and message.room.isdigit():
        return message.room
    raise RecordRejected(
        "Chatwork names rooms by a number, the digits after #!rid in the room's address",
        status=None,
        code="CHATWORK_NO_ROOM",
        fields=("room",),
    )


def _split(posted: str) -> tuple[str, str]:
    """The room and the message of what was posted."""
    room, _, message_id = posted.partition("-")
    if not (room.isdigit() and message_id.isdigit()):
        raise RecordRejected(
            "this names no message of Chatwork; one is named ROOM-MESSAGE",
            status=None,
            code="CHATWORK_NO_MESSAGE",
        )
    return room, message_id


def _number(text: str) -> int:
    return int(text or 0)
