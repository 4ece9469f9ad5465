"""The verb that reads received records once more, by the field maps of today: replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, PARTIAL, refused
from sync.cli.frame import verb
from sync.cli.running import Names, finish
from sync.cli.tables import cut, shown

if TYPE_CHECKING:
    from sync.engine.replay import Period, RecordDiff, ReplayDiff
    from sync.store.runs import RunRow

LEFT_OUT = ("gone", "moved", "waiting", "no_connection", "unreadable")
WIDTH = 32
"""Columns that a value takes at most."""


def add(app: typer.Typer) -> None:
    """Add this verb."""
    verb(app, "replay")(replay)


def replay(
    desk: Desk,
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="WHEN", help="From this date or time on, in the hub's time zone."
        ),
    ],
    names: Names = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="WHEN", help="Until before this time; a date is included."),
    ] = None,
    streams: Annotated[
        list[str] | None,
        typer.Option("--stream", metavar="STREAM", help="Only this stream. May repeat."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Mend what differs, and write what is owed then.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many records are shown.")] = 20,
) -> int:
    """Read what was received in a period once more, by the field maps of today.

    Shows what would differ and changes nothing; ends with 4 where anything
    does. --apply mends the leads and writes what is owed then. Raw records are
    kept for retention.inbox_days.
    """
    from sync.cli.progress import stopping

    period = _period(desk, names or [], since, until, streams or [])
    _tell_reach(desk, period)
    with stopping(desk.out) as event:
        stop = desk.world.stop or event.is_set
        if not apply:
            from sync.engine.replay import replay as look

            diff = look(desk.hub, period, stop=stop, keep=limit)
            return _told(desk, diff, limit)
        return _applied(desk, period, stop, limit)


def _applied(desk: Desk, period: Period, stop: Any, limit: int) -> int:
    from sync.workers import jobs
    from sync.workers.replays import replay as job

    hub = desk.working()
    diff, done = job(hub, period, stop=stop, keep=limit)
    _told(desk, diff, limit)
    if not done:
        return OK
    stale = _stale(done)
    desk.out.item("applied", records=diff.counts["differ"] - stale, stale=stale)
    desk.out.say("replay.applied", count=diff.counts["differ"] - stale)
    pushed = [] if stop() else jobs.push_all(hub, stop=stop)
    code = finish(desk, [*done, *pushed])
    if stale:
        desk.out.say("replay.stale", count=stale)
        return max(code, PARTIAL)
    return code


def _stale(done: Sequence[RunRow]) -> int:
    return sum(run.counts.get("stale", 0) for run in done)


def _period(
    desk: Desk, names: Sequence[str], since: str, until: str | None, streams: Sequence[str]
) -> Period:
    from sync.engine.replay import Period
    from sync.store.database import iso

    chosen = desk.known(names)
    _check_streams(desk, chosen, streams)
    begin = _moment(desk, since)
    end = _moment(desk, until, day=True) if until is not None else None
    if end is not None and end <= begin:
        raise refused("EMPTY_PERIOD", since=since, until=until)
    last = iso(end) if end is not None else iso(desk.hub.now() + timedelta(days=1))
    return Period(iso(begin), last, frozenset(chosen), frozenset(streams))


def _check_streams(desk: Desk, names: Sequence[str], streams: Sequence[str]) -> None:
    flows = [desk.hub.flows[name] for name in names or desk.hub.flows]
    known = {kind for flow in flows for kind in flow.maps}
    for stream in streams:
        if stream.partition(":")[0] not in known:
            raise refused("UNKNOWN_STREAM", name=stream, known=", ".join(sorted(known)) or "–")


def _moment(desk: Desk, text: str, *, day: bool = False) -> datetime:
    """A time as people write it, in the hub's zone; with ``day`` a bare date is its end."""
    from zoneinfo import ZoneInfo

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refused("BAD_TIME", text=text) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(desk.config.hub.timezone))
    return found + timedelta(days=1) if day and len(text) <= len("2026-11-01") else found


def _tell_reach(desk: Desk, period: Period) -> None:
    """Say so where the period begins before what is kept."""
    from sync.engine.replay import reach

    out, days = desk.out, desk.config.hub.retention.inbox_days
    oldest = reach(desk.hub)
    if oldest is None:
        out.say("replay.none_kept", days=days)
    elif datetime.fromisoformat(period.since) < desk.hub.now() - timedelta(days=days):
        out.say("replay.reach", at=out.when(oldest), days=days)


def _told(desk: Desk, diff: ReplayDiff, limit: int) -> int:
    """Tell what differs; the exit code of a mere look."""
    out, counts = desk.out, diff.counts
    for one in diff.records:
        out.item("record", **_fields(one))
    out.item(
        "replay",
        stopped=diff.stopped,
        fields=[
            {"connection": a, "stream": b, "field": c, "records": count}
            for (a, b, c), count in sorted(diff.fields.items())
        ],
        **{name: count for name, count in sorted(counts.items()) if count},
        **{name: 0 for name in ("read", "differ", "same") if not counts[name]},
    )
    for one in diff.records:
        _tell_record(desk, one)
    more = counts["differ"] + counts["refused"] - len(diff.records)
    if more > 0 and limit:
        out.say("replay.more", count=more)
    _tell_fields(desk, diff)
    out.say("replay.read", **{name: counts[name] for name in ("read", "differ", "same")})
    if counts["refused"]:
        out.say("replay.refused", count=counts["refused"])
    for name in LEFT_OUT:
        if counts[name]:
            out.say(f"replay.{name}", count=counts[name])
    if diff.stopped:
        raise refused("STOPPED", exit_code=ERROR)
    if not counts["differ"]:
        out.say("replay.nothing")
    return CHANGES if counts["differ"] else OK


def _tell_record(desk: Desk, one: RecordDiff) -> None:
    from mapping.model import label

    out = desk.out
    lead = f"  {one.lead_id}" if one.lead_id else ""
    out.line(f"{one.connection}/{one.stream}/{one.external_id}{lead}")
    for each in one.fields:
        will_be = out.words("replay.dropped") if each.dropped else cut(shown(each.new), WIDTH)
        name = label(each.field, out.language)
        out.line(f"    {name}: {cut(shown(each.old), WIDTH)} → {will_be}")
    if one.stage is not None:
        key = "replay.stage_refused" if one.stage.refused else "replay.stage"
        said = {"value": one.stage.value, "old": one.stage.old or "–", "new": one.stage.new}
        out.line(f"    {out.words(key, **said)}")
    for problem in one.problems:
        out.line(f"    ✗ {problem.field}: {out.words('replay.problem')}: {problem.message}")
    for field in one.settled:
        out.line(f"    ✓ {field}: {out.words('replay.settled')}")
    for field in one.kept:
        out.line(f"    · {field}: {out.words('replay.kept')}")
    if one.readable:
        out.line(f"    ✓ {out.words('replay.readable')}")
    if one.refused is not None:
        out.line(f"    ✗ {one.refused.message} [{one.refused.code}]")


def _tell_fields(desk: Desk, diff: ReplayDiff) -> None:
    """How many records differ, by field."""
    counts: Counter[tuple[str, str, str]] = diff.fields
    desk.out.table(
        ("column.connection", "column.stream", "column.field", "column.records"),
        [[*where, count] for where, count in sorted(counts.items())],
        right=("column.records",),
    )


def _fields(one: RecordDiff) -> dict[str, Any]:
    """A record that differs, as JSON shows it."""
    stage = one.stage
    return {
        "connection": one.connection,
        "stream": one.stream,
        "external_id": one.external_id,
        "about": one.kind,
        "lead": one.lead_id,
        "fields": [
            {
                "field": each.field,
                "was": each.old,
                "will_be": each.new,
                "since": each.since,
                "dropped": each.dropped,
            }
            for each in one.fields
        ],
        "stage": None
        if stage is None
        else {
            "value": stage.value,
            "was": stage.old,
            "will_be": stage.new,
            "refused": stage.refused or None,
        },
        "problems": [{"field": p.field, "code": p.code} for p in one.problems],
        "settled": list(one.settled),
        "kept": list(one.kept),
        "readable": one.readable,
        "refused": one.refused.code if one.refused is not None else None,
    }
