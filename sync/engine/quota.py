"""The quota of an account: who may still call, down to which share, and who waits until when.

Four lanes share an account's day: hand-offs, then opt-outs, then routine work, then backfills. Each
leaves a share of the day to the lanes above it. Calls are claimed in the database a few dozen at a
time and given back when a job ends, so that all workers together stay within the limit. Before each
call the account's pause is looked up: after a 429 nobody begins another call, on whatever host.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from connectors.kit.errors import HeldBack
from connectors.kit.manifest import Day
from connectors.kit.reply import LONGEST_RETRY_AFTER, Quota
from connectors.kit.session import SHORT_WAIT
from sync.config.model import ConnectionConfig
from sync.engine.stop import Stop
from sync.store import quotas
from sync.store.database import Database, Tx, from_iso, iso
from sync.store.quotas import QuotaRow

CLAIM = 50
"""Calls that a job claims at once, where there are plenty."""
SPREAD = 0.05
"""A pause is longer by up to this share, so that not all accounts go on in the same second."""
ASK_AGAIN = timedelta(hours=1)
"""How long a rolling quota that was used up is left alone before one call asks what is left."""

SKEW = timedelta(minutes=1)
"""How long after its end a day goes on where the vendor's clock decides and not ours."""


class Lane(StrEnum):
    """Kinds of work by what may wait: the first one last."""

    HAND_OFF = "hand_off"
    OPT_OUT = "opt_out"
    ROUTINE = "routine"
    BACKFILL = "backfill"


_lane: ContextVar[Lane | None] = ContextVar("renkei_lane", default=None)


@contextmanager
def in_lane(lane: Lane) -> Iterator[None]:
    """Calls of this thread count in ``lane`` while the block runs."""
    before = _lane.set(lane)
    try:
        yield
    finally:
        _lane.reset(before)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account's day is: its key, our own limit, when it ends, what lanes leave, in percent.

    ``said`` is whether what the vendor's answers say is left is about a day.
    """

    account: str
    daily: int | None
    resets: str
    zone: str
    rolling: bool
    said: bool
    leave: tuple[tuple[Lane, int], ...]

    def day_ends(self, now: datetime) -> datetime:
        """When the day of ``now`` ends, in UTC."""
        hour, minute = (int(part) for part in self.resets.split(":"))
        local = now.astimezone(ZoneInfo(self.zone))
        end = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if end <= local:
            end += timedelta(days=1)
        return end.astimezone(UTC)

    def floor(self, lane: Lane, daily: int) -> int:
        """How many of ``daily`` calls a lane leaves to others; never fewer than one above it."""
        lanes = list(Lane)
        above = lanes[: lanes.index(lane) + 1]
        share = max((percent for one, percent in self.leave if one in above), default=0)
        return math.ceil(daily * share / 100)


def terms_of(name: str, connection: ConnectionConfig, day: Day | None, zone: str) -> Terms:
    """The terms of a connection's account: as the operator says, else as its connector does."""
    said = connection.quota
    resets, where = ("00:00", zone) if day is None or day.rolling else (day.resets, day.timezone)
    if said.resets is not None:
        resets, where = said.resets, zone
    return Terms(
        account=said.account or name,
        daily=said.daily,
        resets=resets,
        zone=where,
        rolling=day is not None and day.rolling and said.resets is None,
        said=day is not None,
        leave=(
            (Lane.OPT_OUT, said.leave.opt_out),
            (Lane.ROUTINE, said.leave.routine),
            (Lane.BACKFILL, said.leave.backfill),
        ),
    )


def _over_at(row: QuotaRow) -> datetime:
    """When the row's day is over for us: a little later where the vendor's clock decides."""
    return from_iso(row.ends_at) + (SKEW if row.said_at is not None else timedelta())


def begin_day(terms: Terms, row: QuotaRow, now: datetime) -> None:
    """Count anew where the row's day is over."""
    if _over_at(row) > now:
        return
    row.ends_at = iso(terms.day_ends(now))
    row.others = row.others + sum(row.used.values()) if terms.rolling else 0
    row.used, row.claimed = {}, 0


def limit_of(terms: Terms, row: QuotaRow) -> int | None:
    """The calls of a day, the operator's word and the vendor's taken together; None: not known."""
    return min((one for one in (terms.daily, row.daily) if one is not None), default=None)


def left_of(terms: Terms, row: QuotaRow) -> int | None:
    """The calls that nobody has claimed of this day; None where no limit is known."""
    limits = [terms.daily] if terms.daily is not None else []
    if row.daily is not None:
        limits.append(row.daily - row.others)
    return max(min(limits) - sum(row.used.values()) - row.claimed, 0) if limits else None


def room(terms: Terms, row: QuotaRow, lane: Lane, now: datetime) -> int | None:
    """How many more calls a lane may claim; None for no limit. One, to ask a rolling quota anew."""
    left = left_of(terms, row)
    if left is None:
        return None
    there = left - terms.floor(lane, limit_of(terms, row) or 0)
    if there <= 0 and terms.rolling and row.said_at is not None:
        return int(now >= from_iso(row.said_at) + ASK_AGAIN)
    return max(there, 0)


def goes_on(terms: Terms, row: QuotaRow) -> datetime:
    """When a lane that has no room looks again: when the day ends, or a rolling quota is asked."""
    if terms.rolling and row.said_at is not None:
        return min(from_iso(row.said_at) + ASK_AGAIN, _over_at(row))
    return _over_at(row)


def waits_until(terms: Terms, row: QuotaRow, lane: Lane, now: datetime) -> tuple[str, datetime]:
    """Why and until when a lane waits: (code, time); an empty code where it need not."""
    begin_day(terms, row, now)
    if row.paused_until is not None and from_iso(row.paused_until) > now:
        return "ACCOUNT_PAUSED", from_iso(row.paused_until)
    if room(terms, row, lane, now) == 0:
        return "QUOTA_SPENT", goes_on(terms, row)
    return "", now


@dataclass(slots=True)
class _Share:
    """Calls claimed for a lane, of the day that ends at ``ends_at``; ``over``: ask before more."""

    ends_at: str
    count: int
    left: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """What an answer said is left of the day that ends at ``ends_at``."""

    at: str
    ends_at: str
    left: int | None
    limit: int | None


class Meter:
    """Counts one connection's calls into its account's row; one for all threads of a process."""

    def __init__(
        self, database: Database, connection: str, terms: Terms, stop: Stop | None = None
    ) -> None:
        self.terms = terms
        self._stop = stop or Stop()
        self._database = database
        self._connection = connection
        self._lock = threading.Lock()
        self._shares: dict[Lane, _Share] = {}
        self._said: _Said | None = None
        self._knows = False

    def spend(self) -> float:
        """Count one call that is about to go out; seconds to wait before it does.

        Raises HeldBack where the account is paused, the lane's share of the day is used up, or the
        hub was told to stop.
        """
        self._stop.check()
        working = _lane.get()
        lane = working or Lane.ROUTINE
        with self._lock:
            now = self._database.now()
            with self._database.read() as tx:
                until = quotas.paused_until(tx, self.terms.account)
            wait = (from_iso(until) - now).total_seconds() if until is not None else 0.0
            if until is not None and wait > SHORT_WAIT:
                raise self._held_back("ACCOUNT_PAUSED", from_iso(until), lane, now)
            share = self._shares.get(lane)
            if share is None or share.over or not share.left or share.ends_at <= iso(now):
                share = self._claim(lane, 1 if working is None else CLAIM, now)
            share.left -= 1
            return max(wait, 0.0)

    def heard(self, quota: Quota) -> None:
        """The vendor said what is left of the day."""
        if not self.terms.said:
            return
        left = None if quota.counted else quota.left
        lane = _lane.get() or Lane.ROUTINE
        with self._lock:
            now = self._database.now()
            self._said = _Said(iso(now), iso(self.terms.day_ends(now)), left, quota.limit)
            share = self._shares.get(lane)
            spent = left is not None and left <= self.terms.floor(lane, quota.limit or 0)
            if share is not None and (spent or not self._knows):
                share.over = True
            self._knows = True

    def pause(self, seconds: float) -> None:
        """The vendor asked for a pause: nobody calls this account for so long, on any host."""
        now = self._database.now()
        wanted = min(seconds, LONGEST_RETRY_AFTER)
        spread = 1 + random.uniform(0, SPREAD)  # noqa: S311 - spreads load, no secret
        least = iso(now + timedelta(seconds=wanted))
        until = iso(now + timedelta(seconds=min(wanted * spread, LONGEST_RETRY_AFTER)))
        with self._database.write() as tx:
            held = quotas.paused_until(tx, self.terms.account)
            if held is None or held < least:
                ends_at = iso(self.terms.day_ends(now))
                quotas.pause(tx, self.terms.account, until, ends_at, iso(now))

    def held_back(self, lane: Lane) -> HeldBack | None:
        """Why a job of this lane had better not begin; None where it may."""
        with self._database.read() as tx:
            row = quotas.of_accounts(tx, [self.terms.account]).get(self.terms.account)
        if row is None:
            return None
        now = self._database.now()
        code, until = waits_until(self.terms, row, lane, now)
        return self._held_back(code, until, lane, now) if code else None

    def settle(self) -> None:
        """Tell what was spent and give back what was not; jobs do at their end."""
        with self._lock:
            if not self._shares:
                return
            now = self._database.now()
            with self._database.write() as tx:
                row = self._told(tx, set(self._shares), now)
                quotas.save(tx, row, iso(now))
            self._shares.clear()
            self._said = None

    def _claim(self, lane: Lane, most: int, now: datetime) -> _Share:
        with self._database.write() as tx:
            row = self._told(tx, {lane}, now)
            there, given_back = room(self.terms, row, lane, now), {lane}
            if there is not None and there < most:  # what the other lanes hold here may be enough
                given_back |= self._shares.keys()
                self._give_back(row, given_back - {lane})
                there = room(self.terms, row, lane, now)
            count = most if there is None else min(most, -(-there // 4))
            row.claimed += count
            quotas.save(tx, row, iso(now))
        self._said = None
        for one in given_back:
            self._shares.pop(one, None)
        for other in self._shares.values():
            other.count = other.left
        if not count:
            raise self._held_back("QUOTA_SPENT", goes_on(self.terms, row), lane, now)
        self._shares[lane] = share = _Share(row.ends_at, count, count)
        return share

    def _told(self, tx: Tx, given_back: set[Lane], now: datetime) -> QuotaRow:
        """The account's row with what was spent here, what is given back, and what was heard."""
        row = quotas.locked(tx, self.terms.account, iso(self.terms.day_ends(now)), iso(now))
        begin_day(self.terms, row, now)
        for lane, share in self._shares.items():
            if share.ends_at != row.ends_at:
                continue  # of a day that is over
            spent = share.count - share.left
            row.used[lane.value] = row.used.get(lane.value, 0) + spent
            row.claimed -= spent
        self._give_back(row, given_back)
        said = self._said
        if said is None or said.ends_at != row.ends_at:
            return row
        row.daily = said.limit if said.limit is not None else row.daily
        if said.left is None or row.daily is None:
            return row
        # Calls that are claimed and not made yet count as ours: others are never thought too many.
        others = row.daily - said.left - sum(row.used.values()) - row.claimed
        if not self.terms.rolling or said.at == row.said_at:
            row.others = max(row.others, others)
        elif row.said_at is None or said.at > row.said_at:
            row.others = max(others, 0)
        row.said_at = max(said.at, row.said_at or "")
        return row

    def _give_back(self, row: QuotaRow, lanes: set[Lane]) -> None:
        for lane in lanes:
            share = self._shares.get(lane)
            if share is not None and share.ends_at == row.ends_at:
                row.claimed -= share.left

    def _held_back(self, code: str, until: datetime, lane: Lane, now: datetime) -> HeldBack:
        wait = max((until - now).total_seconds(), 1.0)
        if code == "ACCOUNT_PAUSED":
            return HeldBack(
                f'connection "{self._connection}": the vendor asked for a pause; it goes on by'
                " itself when that is over",
                retry_after=wait,
                code="ACCOUNT_PAUSED",
            )
        return HeldBack(
            f'connection "{self._connection}": the share of the day\'s calls for {lane} work is'
            " used up; it goes on by itself",
            retry_after=wait,
            code="QUOTA_SPENT",
        )
