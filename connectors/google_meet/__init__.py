"""Google Meet with Calendar: who was invited, who came, and invitations for leads.

What is odd here:

- Meet tells no e-mail address, only the names that people gave. Who they are is in the calendar
  event whose link they met on; ``attendance`` says when a participant is taken for a guest. Nobody
  else is a record: there is no lead to tie them to.
- Only the person who owns a meeting's space sees its conference. So each of your people is a user
  here, for whom a service account acts; of a person's own sign-in there is one.
- A conference's record is kept for 30 days, and Meet lists the newest first: ended meetings are
  read by the week, and each pull reads an hour again, for sessions that are written late.
- How long somebody was there is the sum of their sessions, not the time from first to last.
- An event lies in many calendars under one id. It is taken from its organiser's where that is one
  of the users, else from the first user's who is invited; so no guest is met twice.
- Calendar gives a token for what changes next. An old one is answered with 410: that user's
  calendar is read in full again. What was cancelled meanwhile comes with it.
- Of an event that an outsider cancelled a calendar may keep no more than its id: then nobody knows
  whom it was with, and its activities stay. So do those of a guest who was taken off an event.
- Only meetings on Meet are read, none that are private, and no descriptions.
- Quotas are by the minute and by user: a 429, or a 403 with ``rateLimitExceeded``.
- Notifications say only that something changed. Those of Calendar prove themselves by our token,
  those of Meet by Google's signature over Pub/Sub; channels and subscriptions last a week.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson

from connectors.google_meet import booking, calendar, events, hooks, meetings, watching
from connectors.google_meet.api import CALENDAR, SCOPES, Api
from connectors.google_meet.fields import FIELD_SPECS
from connectors.google_meet.options import Options, RefreshAuth, ServiceAccountAuth, User
from connectors.google_meet.translate import SCOPE_CODE
from connectors.kit.base import (
    Answer,
    Change,
    FieldSpec,
    Hook,
    Identity,
    News,
    Outcome,
    Page,
    Record,
    StageSpec,
)
from connectors.kit.errors import AuthFailed, ContractBroken
from connectors.kit.session import Session, Wiring

__all__ = ["Connector", "Options", "RefreshAuth", "ServiceAccountAuth", "User", "connect"]

READ = (events.STREAM, meetings.STREAM)


class Connector:
    """Some people of one Workspace: their meetings, and invitations in their calendars."""

    batch_size = 5

    def __init__(self, options: Options, wiring: Wiring) -> None:
        self.options = options
        self._wiring = wiring
        self._api = Api(options, wiring)
        self._meetings = meetings.Meetings(self._api)
        self._books = booking.Books(self._api, wiring.sleep)
        self._keys = hooks.GoogleKeys(wiring, options.base_url)

    @property
    def session(self) -> Session:
        """The session of the first user."""
        return self._api.session(next(iter(self.options.users)))

    def close(self) -> None:
        """Give the sockets back."""
        self._api.close()

    def streams(self) -> list[str]:
        """Invitations with their answers, and who came; the same for all users."""
        return list(READ)

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """What changed since the cursor, user by user."""
        if stream == events.STREAM:
            return self._pull_events(cursor)
        if stream == meetings.STREAM:
            return self._pull_participants(cursor)
        raise _unknown(stream)

    def fetch(self, stream: str, external_ids: Sequence[str]) -> list[Record]:
        """These records again; for a hint, all records of a conference or of a calendar's news."""
        if stream == events.STREAM:
            return [record for one in external_ids for record in self._fetch_event(one)]
        if stream == meetings.STREAM:
            return self._fetch_participants(external_ids)
        raise _unknown(stream)

    def flatten(self, stream: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The record's flat fields."""
        read = events.flatten if stream == events.STREAM else meetings.flatten
        return read(payload)

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """Invite leads, or move their meetings."""
        return self._books.push(changes)

    def fields(self, stream: str) -> list[FieldSpec]:
        """A stream's fields; those of invitations can be written."""
        if stream not in FIELD_SPECS:
            raise _unknown(stream)
        return list(FIELD_SPECS[stream])

    def stages(self, stream: str) -> list[StageSpec]:  # noqa: ARG002 - a meeting has no stages
        """None: a meeting has no stage."""
        return []

    def verify(self, hook: Hook) -> Answer | None:
        """Return where the hook is Google's; there is no handshake."""
        hooks.verify(hook, self.options, self._keys, self._wiring.now())
        return None

    def read_hook(self, hook: Hook) -> News:
        """What to read again."""
        return hooks.read(hook, self.options)

    def subscribe(self, url: str) -> None:
        """Have Google tell us for a week; call it again before that is over."""
        watching.subscribe(self._api, url)

    def identify(self) -> Identity:
        """The users whose calendar and meetings can be read, and the scopes that are missing."""
        missing: list[str] = []
        for user in self.options.users:
            for scope, path, size in (
                (SCOPES[0], CALENDAR, "maxResults"),
                (SCOPES[1], "/v2/conferenceRecords", "pageSize"),
            ):
                try:
                    self._api.get(user, path, **{size: 1})
                except AuthFailed as error:
                    if error.code != SCOPE_CODE:
                        raise
                    missing.append(scope.rpartition("/")[2])
        return Identity(
            f"Google Workspace ({', '.join(self.options.users)})",
            tuple(dict.fromkeys(missing)),
            clock_offset=self.session.clock_offset,
        )

    def _pull_events(self, cursor: str | None) -> Iterator[Page]:
        states = calendar.load(cursor)
        for user in self.options.users:
            state = states.get(user, {})
            for records, at in calendar.read(self._api, user, state, now=self._wiring.now()):
                states[user] = at
                yield Page(records, calendar.dump(states))

    def _pull_participants(self, cursor: str | None) -> Iterator[Page]:
        reached = _load_times(cursor)
        overlap = timedelta(seconds=self.options.overlap)
        for user in self.options.users:
            held = events.moment(reached.get(user))
            start = None if held is None else held - overlap
            for records, at in self._meetings.windows(user, start, self._wiring.now()):
                reached[user] = max(reached.get(user, ""), meetings.stamp(at))
                yield Page(records, orjson.dumps(reached, option=orjson.OPT_SORT_KEYS).decode())

    def _fetch_event(self, wanted: str) -> list[Record]:
        user, hint, since = wanted.partition(hooks.SINCE)
        if not hint:
            return [calendar.fetch(self._api, wanted)]
        return calendar.changed_since(self._api, user, since) if user in self.options.users else []

    def _fetch_participants(self, external_ids: Sequence[str]) -> list[Record]:
        wanted: dict[str, set[str]] = {}
        for one in external_ids:
            wanted.setdefault(one.partition("/")[0], set()).add(one)
        found: list[Record] = []
        for record_id, ids in wanted.items():
            came = self._meetings.read(record_id) if record_id.replace("-", "").isalnum() else None
            known = {record.external_id: record for record in came or ()}
            if record_id in ids:
                found += known.values()
                continue
            gone = [Record(meetings.STREAM, one, {}, deleted=True) for one in ids - known.keys()]
            found += [*(known[one] for one in ids & known.keys()), *gone]
        return found


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector for some people of one Workspace. Nothing is sent before its first use."""
    return Connector(options, wiring)


def _unknown(stream: str) -> ContractBroken:
    return ContractBroken(
        f'Google Meet has no stream "{stream}"; it has {", ".join((*READ, booking.STREAM))}'
    )


def _load_times(cursor: str | None) -> dict[str, str]:
    """By user the moment up to which meetings were read; ContractBroken for anything else."""
    try:
        held = {} if cursor is None else orjson.loads(cursor)
        if all(isinstance(time, str) and events.moment(time) for time in held.values()):
            return dict(held)
    except (ValueError, AttributeError):
        pass
    raise ContractBroken(
        "the saved cursor is not one of Google Meet's: reset the stream to read it anew",
        code="GOOGLE_MEET_CURSOR",
    )
