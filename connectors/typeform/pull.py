"""Reading a form's responses oldest first, so that every cursor on the way can be saved.

Typeform offers two ways of paging. The tokens ``after`` and ``before`` follow the order in which
its system processed the answers; whether ``after`` goes on upwards is not documented, ``before``
goes from new to old, so no cursor is safe before the end, and neither may be sorted. We take the
third way, which needs only what is documented: sort by time ascending, ask ``since`` the second of
the last answer seen (``since`` is inclusive), and leave out by id the answers of that second that
we have. Answers that come or are deleted between two pages cannot shift the rest.

Time is ``submitted_at`` for completed responses and ``landed_at`` for partial ones: the vendor
filters by the one or the other according to the types asked for. Asking for both at once would
lose whoever opened the form long before submitting it, so each type is a lane of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from connectors.kit.errors import ContractBroken
from connectors.kit.paging import guarded

Item = Mapping[str, Any]
LaneName = Literal["completed", "partial"]

TIMES: Mapping[LaneName, str] = {"completed": "submitted_at", "partial": "landed_at"}
PARTIAL_OVERLAP = 86_400
"""Seconds of partial responses read again. Unverified: how long after its landing a partial
response may appear or grow; a day is our guess."""


@dataclass(frozen=True, slots=True)
class Lane:
    """How far one type of response has been read.

    ``mark``: all answers up to here were read, save those that appear late. The rest is set inside
    a walk only: ``at`` is the second to go on from, ``skip`` the tokens of that second that were
    handed over, ``began`` when the walk began by our clock.
    """

    mark: str | None = None
    at: str | None = None
    skip: tuple[str, ...] = ()
    began: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Both lanes. As text it is the plain mark, or JSON inside a walk or with partial responses."""

    completed: Lane = Lane()
    partial: Lane = Lane()

    def dump(self) -> str | None:
        """The cursor as the hub keeps it; None at the very beginning."""
        if self.partial == Lane() and self.completed == Lane(mark=self.completed.mark):
            return self.completed.mark
        lanes = {
            name: {key: value for key, value in asdict(lane).items() if value}
            for name, lane in (("completed", self.completed), ("partial", self.partial))
        }
        return orjson.dumps(lanes).decode()

    @classmethod
    def load(cls, text: str | None) -> Cursor:
        """What ``dump`` wrote; ContractBroken for anything else."""
        if text is None:
            return cls()
        try:
            if not text.startswith("{"):
                return cls(Lane(mark=stamp(moment(text))))
            lanes = orjson.loads(text)
            return cls(_lane(lanes["completed"]), _lane(lanes["partial"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ContractBroken(
                "the saved cursor is not one of Typeform's: reset the stream to read it anew",
                code="TYPEFORM_CURSOR",
            ) from error


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a walk: what is new on it, and the lane as it is safe to save after it."""

    items: Sequence[Item]
    lane: Lane
    total: int | None


def moment(text: str) -> datetime:
    """A time of the vendor's, aware; without a zone it is UTC."""
    value = datetime.fromisoformat(text)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def stamp(value: datetime) -> str:
    """A time as the vendor takes it: UTC, to the second, so that text sorts like time."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def walk(
    ask: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    name: LaneName,
    lane: Lane,
    *,
    overlap: int,
    size: int,
    now: datetime,
) -> Iterator[Step]:
    """The pages of one lane from where it stands to its end; the last step closes the walk.

    ``ask`` gets the query and returns the body. A walk begins ``overlap`` seconds before the mark
    and the new mark is never later than the beginning of the walk, so an answer that appears up to
    ``overlap`` late is met by the next one, however long this one takes.
    """
    return guarded(
        _walk(ask, name, lane, overlap=overlap, size=size, now=now),
        what="the list of responses",
        key=lambda step: (step.lane.at, step.lane.skip) if step.lane.at else None,
    )


def _walk(
    ask: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    name: LaneName,
    lane: Lane,
    *,
    overlap: int,
    size: int,
    now: datetime,
) -> Iterator[Step]:
    began = lane.began or stamp(now)
    at, skip = lane.at, lane.skip
    if at is None and lane.mark is not None:
        at = stamp(moment(lane.mark) - timedelta(seconds=overlap))
    last = lane.at
    while True:
        query = {"page_size": size, "sort": f"{TIMES[name]},asc", "response_type": name}
        since = {"since": at.removesuffix("Z")} if at else {}
        without = {"excluded_response_ids": ",".join(skip)} if skip else {}
        body = ask({**query, **since, **without})
        items = _items(body)
        times = [_time(item, name) for item in items]
        fresh = [item for item in items if item["token"] not in skip]
        total = body.get("total_items") if isinstance(body.get("total_items"), int) else None
        last = max([*times, last]) if last else max(times, default=None)
        if not items or len(items) + len(skip) < size:
            yield Step(fresh, _closed(lane, last, began), total)
            return
        if times != sorted(times):
            raise ContractBroken(
                "Typeform did not list the responses oldest first although asked to: a cursor "
                "would lose answers",
                code="TYPEFORM_ORDER",
            )
        kept = skip if times[-1] == at else ()
        here = [
            str(item["token"]) for item, time in zip(items, times, strict=True) if time == times[-1]
        ]
        at, skip = times[-1], tuple(dict.fromkeys([*kept, *here]))
        yield Step(fresh, replace(lane, at=at, skip=skip, began=began), total)


def _closed(lane: Lane, last: str | None, began: str) -> Lane:
    """The lane after a walk: its mark is the last answer seen, but not after the walk began."""
    reached = min(last, began) if last else None
    marks = [mark for mark in (lane.mark, reached) if mark]
    return Lane(mark=max(marks, default=None))


def _items(body: Mapping[str, Any]) -> Sequence[Item]:
    items = body.get("items") if isinstance(body, Mapping) else None
    if not isinstance(items, list) or not all(
        isinstance(item, Mapping) and item.get("token") for item in items
    ):
        raise ContractBroken(
            "Typeform's list of responses has no items with tokens", code="TYPEFORM_SHAPE"
        )
    return items


def _time(item: Item, name: LaneName) -> str:
    value = item.get(TIMES[name])
    try:
        return stamp(moment(str(value)))
    except ValueError as error:
        raise ContractBroken(
            f"a {name} response of Typeform has no {TIMES[name]}", code="TYPEFORM_SHAPE"
        ) from error


def _lane(raw: Mapping[str, Any]) -> Lane:
    for name in ("mark", "at", "began"):
        if raw.get(name) is not None:
            moment(raw[name])
    return Lane(
        mark=raw.get("mark"),
        at=raw.get("at"),
        skip=tuple(str(token) for token in raw.get("skip", ())),
        began=raw.get("began"),
    )
