"""One Slack app in one workspace: says things, hears buttons, and reads what is said of people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.kit.auth import Bearer
from connectors.kit.base import Answer as Handshake
from connectors.kit.base import Hook, Identity, News, Page, Record
from connectors.kit.errors import ContractBroken, RecordRejected
from connectors.kit.messages import Answer, Message, Posted
from connectors.kit.session import Wiring
from connectors.kit.signatures import SCHEMES, verify
from connectors.slack import hooks
from connectors.slack.api import RESPONSE_HOST, Api
from connectors.slack.blocks import content, escaped, mark_of, modal
from connectors.slack.options import Options
from connectors.slack.pull import Cursor, walk
from connectors.slack.records import (
    MESSAGES,
    TS,
    channel_of,
    flatten,
    is_told,
    to_record,
)

SKEW = 120
"""Seconds by which Slack's clock may be behind ours when a message is looked for."""
LONGEST_TELLING = 2_000
"""Characters of what is told to somebody who answered; a sentence or two."""
NEEDED = ("chat:write", "users:read", "users:read.email")
"""Scopes of the bot token; with channels to read also channels:history."""
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")


class Connector:
    """The app's bot user."""

    def __init__(self, options: Options, api: Api, wiring: Wiring) -> None:
        self.options = options
        self.api = api
        self._wiring = wiring
        self._people: dict[str, str | None] = {}

    # -- saying things ----------------------------------------------------------------------------

    def post(self, message: Message) -> Posted:
        """Say it, with buttons. Slack has no tasks: those a task is for are mentioned."""
        said = content(message, self._called(message), self.options)
        body = self.api.say(
            "chat.postMessage", {"channel": message.room, "unfurl_links": False, **said}
        )
        return Posted(f"{body.get('channel') or message.room}:{_ts(body)}")

    def update(self, posted: Posted, message: Message) -> Posted:
        """Replace words and buttons. Doing so twice is doing so once."""
        channel, ts = _split(posted.id)
        said = content(message, self._called(message), self.options)
        self.api.say("chat.update", {"channel": channel, "ts": ts, **said}, safe=True)
        return Posted(posted.id)

    def find_posted(self, message: Message, since: datetime) -> Posted | None:
        """The message where the channel's history since then has it; needs channels:history."""
        oldest = Cursor(f"{int(since.timestamp())}.000000")
        mark = mark_of(message)
        steps = walk(self._history(message.room), oldest, overlap=SKEW, size=self.options.page_size)
        for step in steps:
            for item in step.messages:
                if any(block.get("block_id") == mark for block in item.get("blocks") or ()):
                    return Posted(f"{message.room}:{item['ts']}")
        return None

    def ask(self, answer: Answer) -> bool:
        """Open a window that asks for the reason; false where the three seconds are over."""
        if not answer.trigger or not answer.asks:
            return False
        view = modal(answer, self.options)
        try:
            self.api.write("views.open", {"trigger_id": answer.trigger, "view": view})
        except RecordRejected as error:
            if error.code != "SLACK_TOO_LATE":
                raise
            return False
        return True

    def tell(self, answer: Answer, text: str) -> None:
        """Say something that only the person who answered sees."""
        words = escaped(text[:LONGEST_TELLING])
        quiet = {"response_type": "ephemeral", "replace_original": False, "text": words}
        if answer.reply_to and self.api.respond(answer.reply_to, quiet):
            return
        channel, thread = _split(answer.message_id)
        body = {"channel": channel, "user": answer.by, "text": words}
        self.api.say("chat.postEphemeral", body if answer.token else {**body, "thread_ts": thread})

    def email_of(self, person: str) -> str | None:
        """The mail address of a user; None where there is no such user or it is not shown."""
        try:
            body = self.api.read("users.info", user=person)
        except RecordRejected:
            return None
        user = body.get("user")
        profile = user.get("profile") if isinstance(user, Mapping) else None
        email = profile.get("email") if isinstance(profile, Mapping) else None
        return str(email) if email else None

    # -- hearing answers --------------------------------------------------------------------------

    def verify(self, hook: Hook) -> Handshake | None:
        """Return where one of the secrets signed it within five minutes of now.

        With the challenge where Slack checks the address of the events.
        """
        verify(SCHEMES["slack"], hook, self.options.secrets, self._wiring.now())
        return hooks.handshake(hook)

    def read_hook(self, hook: Hook) -> News:
        """The message an event carries, where its channel is read and it names somebody."""
        return hooks.read(self.options, hook)

    def read_answers(self, hook: Hook) -> list[Answer]:
        """Buttons that were pressed, a reason that was typed, or words in a thread."""
        return hooks.answers(self.options, hook)

    # -- reading what is said ---------------------------------------------------------------------

    def streams(self) -> list[str]:
        """The messages of every channel that is read."""
        return [f"{MESSAGES}:{channel}" for channel in self.options.channels]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """What was said since, newest first, and again what may have been edited."""
        channel = channel_of(stream)
        steps = walk(
            self._history(channel),
            Cursor.load(cursor),
            overlap=self.options.overlap,
            size=self.options.page_size,
        )
        for step in steps:
            records = [to_record(channel, item) for item in step.messages if is_told(item)]
            yield Page(records, step.cursor.dump())

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """These messages again."""
        channel = channel_of(stream)
        ask = self._history(channel)
        found: list[Record] = []
        for ts in external_ids:
            query = {"latest": ts, "oldest": ts, "inclusive": "true", "limit": "1"}
            items = ask(query).get("messages") or [] if TS.fullmatch(ts) else []
            there = [to_record(channel, item) for item in items if item.get("ts") == ts]
            found.extend(there or [Record(stream, ts, {}, deleted=True)])
        return found

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Vendor fields, with the first mail address that is in the words."""
        return flatten(payload)

    def identify(self) -> Identity:
        """The workspace, and the scopes the token lacks where Slack says which it has."""
        reply = self.api.session.get("/auth.test")
        body = self.api.judged("auth.test", reply, safe=True)
        given = {one.strip() for one in reply.headers.get("x-oauth-scopes", "").split(",")}
        needed = [*NEEDED, *(["channels:history"] if self.options.channels else [])]
        missing = [one for one in needed if one not in given] if given != {""} else []
        session = self.api.session
        return Identity(
            str(body.get("team") or session.connection),
            tuple(missing),
            clock_offset=session.clock_offset,
        )

    def _history(self, channel: str) -> Any:
        return lambda query: self.api.read("conversations.history", channel=channel, **query)

    def _called(self, message: Message) -> list[str]:
        """Mentions as Slack writes them. Whom a mail address does not find is named by it."""
        found: list[str] = []
        for person in dict.fromkeys((*message.mention, *message.task_for)):
            if _USER.fullmatch(person):
                found.append(f"<@{person}>")
            elif "@" in person:
                user = self._user(person)
                found.append(f"<@{user}>" if user else escaped(person))
            else:
                raise RecordRejected(
                    "Slack knows people by user id (U…) or mail address; one of those to mention "
                    "is neither",
                    status=None,
                    code="SLACK_NO_USER_ID",
                    fields=("mention",),
                )
        return found

    def _user(self, address: str) -> str | None:
        """The user id behind a mail address; asked once in the life of the connector."""
        if address not in self._people:
            try:
                user = self.api.read("users.lookupByEmail", email=address).get("user")
            except RecordRejected:
                user = None
            given = str(user.get("id") or "") if isinstance(user, Mapping) else ""
            self._people[address] = given if _USER.fullmatch(given) else None
        return self._people[address]


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for one app in one workspace."""
    auth = Bearer(options.bot_token.get_secret_value())
    session = wiring.session(base_url=options.base_url, auth=auth)
    bare = wiring.session(base_url=f"https://{RESPONSE_HOST}")
    return Connector(options, Api(session, bare, wiring), wiring)


def _ts(body: Mapping[str, Any]) -> str:
    ts = str(body.get("ts") or "")
    if not TS.fullmatch(ts):
        raise ContractBroken("Slack posted a message and named no ts", code="SLACK_SHAPE")
    return ts


def _split(posted: str) -> tuple[str, str]:
    """The channel and the ts of what was posted."""
    channel, _, ts = posted.partition(":")
    if not channel or not TS.fullmatch(ts):
        raise RecordRejected(
            "this names no message of Slack; one is named CHANNEL:TS",
            status=None,
            code="SLACK_NO_MESSAGE",
        )
    return channel, ts
