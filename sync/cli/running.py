"""Verbs that make the hub work: run, up, worker, pause, resume."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, PARTIAL, SIGN_IN, refused
from sync.cli.frame import verb

if TYPE_CHECKING:
    from sync.engine.hub import Hub
    from sync.store.runs import RunRow
    from sync.workers.runner import Running

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Connections; default: all.", metavar="[NAME]...", show_default=False),
]


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "run")(run)
    verb(app, "up")(up)
    verb(app, "worker")(worker)
    verb(app, "pause")(pause)
    verb(app, "resume")(resume)


def run(
    desk: Desk,
    names: Names = None,
    streams: Annotated[
        list[str] | None,
        typer.Option("--stream", metavar="STREAM", help="Read only this stream. May repeat."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: run again and again until Ctrl-C.")
    ] = False,
    every: Annotated[
        float, typer.Option("--every", min=1.0, help="Seconds between two runs with --watch.")
    ] = 60.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what is owed to whom; read and write nothing.")
    ] = False,
) -> int:
    """Read, merge, and write what is owed, once.

    All connections, with the webhooks in store, or these. Ctrl-C stops after the
    current page; nothing is lost, and the next run goes on from there.
    """
    from sync.cli.progress import stopping

    chosen = desk.known(names or [])
    if dry_run:
        from sync.cli.planning import tell_plan

        return tell_plan(desk, chosen)
    while True:
        with stopping(desk.out, over=desk.hub.stop) as event:
            code = _once(desk, chosen, streams or [], event.is_set)
            if not watch or code == SIGN_IN:
                return code
            desk.out.say("run.again", seconds=f"{every:g}")
            if event.wait(every):
                return code


def _once(
    desk: Desk, chosen: Sequence[str], streams: Sequence[str], stopped: Callable[[], bool]
) -> int:
    from sync.cli.progress import Watching
    from sync.workers import jobs, upkeep

    hub = desk.working()
    stop = desk.world.stop or stopped
    upkeep.note_maps(hub, chosen or None)
    upkeep.describe_due(hub, chosen or None)
    left_out = skipped(desk, chosen or list(hub.flows))
    with Watching(desk.out) as watching:
        if streams:
            wanted = _streams(desk, chosen or list(hub.flows), streams)
            done = []
            for name, some in wanted.items():
                if not stop() and upkeep.is_active(hub, name):
                    done += jobs.pull(hub, name, streams=some, watch=watching.watch, stop=stop)
            done += jobs.push_all(hub, watch=watching.watch, stop=stop)
        else:
            done = jobs.run_once(hub, chosen or None, watch=watching.watch, stop=stop)
    if stop():
        raise refused("STOPPED", exit_code=ERROR)
    return finish(desk, done, left_out)


def _streams(desk: Desk, names: Sequence[str], wanted: Sequence[str]) -> dict[str, list[str]]:
    """By connection the streams that are named, by their name or type; Refused for a wrong one."""
    readable = {name: desk.hub.flows[name].streams() for name in names}
    for stream in wanted:
        if not any(
            stream in (one, one.partition(":")[0]) for all_ in readable.values() for one in all_
        ):
            known = ", ".join(one for all_ in readable.values() for one in all_)
            raise refused("UNKNOWN_STREAM", name=stream, known=known or "–")
    chosen = {
        name: [one for one in all_ if one in wanted or one.partition(":")[0] in wanted]
        for name, all_ in readable.items()
    }
    return {name: some for name, some in chosen.items() if some}


def skipped(desk: Desk, names: Sequence[str]) -> list[str]:
    """Tell which connections are left out; those that must be signed in again."""
    from sync.store import runs

    with desk.hub.database.read() as tx:
        states = runs.connection_states(tx)
    broken = []
    for name in names:
        state = states.get(name)
        if state is None or state.state == "active":
            continue
        desk.out.item("skipped", connection=name, state=state.state, reason=state.reason)
        desk.out.say(f"run.{state.state}", name=name, reason=state.reason or "–")
        if state.state == "needs_auth":
            broken.append(name)
    return broken


def finish(desk: Desk, done: Sequence[RunRow], left_out: Sequence[str] = ()) -> int:
    """Tell what runs came to, and the one command for what failed; the exit code."""
    from sync.cli.progress import figures, run_table, why

    out = desk.out
    run_table(out, done)
    aside = sum(figures(run.counts, run.kind)["set_aside"] for run in done)
    failed = [run for run in done if run.state in ("failed", "stopped")]
    broken = [*left_out, *unsigned(desk.hub, (run.connection for run in done))]
    waits = all(run.resumes_at is not None for run in failed)
    code = OK
    if failed:
        code = PARTIAL if waits or len(failed) < len(done) else ERROR
    elif aside or any(run.state == "partial" for run in done):
        code = PARTIAL
    if broken:
        code = SIGN_IN
    total = {
        name: sum(figures(run.counts, run.kind)[name] for run in done)
        for name in ("read", "created", "updated", "unchanged", "set_aside")
    }
    out.item("summary", runs=len(done), failed=len(failed), exit_code=code, **total)
    if not done:
        out.say("run.nothing")
    for run in failed:
        name = f"{run.connection} {run.stream or '–'}: " if run.resumes_at is None else ""
        out.line(f"{name}{why(out, run)}")
    if broken:
        out.next(f"renkei check --connect {' '.join(dict.fromkeys(broken))}")
    elif aside:
        out.say("run.aside", count=aside)
        out.next("renkei errors")
    elif failed:
        codes = {run.code for run in failed}
        other = "renkei quota" if waits else f"renkei runs --run {failed[0].id}"
        known = [command for held, command in _NEXT.items() if held in codes]
        out.next(known[0] if known else other)
    return code


_NEXT = {"OVER_LIMIT": "renkei plan", "RESTORED": "renkei run"}
"""What to type where a push wrote opt-outs only, by why."""


def unsigned(hub: Hub, names: Iterable[str]) -> list[str]:
    """Which of these connections must be signed in again."""
    from sync.store import runs

    with hub.database.read() as tx:
        states = runs.connection_states(tx)
    return [
        name
        for name in dict.fromkeys(names)
        if name in states and states[name].state == "needs_auth"
    ]


def up(
    desk: Desk,
    web: Annotated[
        bool, typer.Option("--web/--no-web", help="Take webhooks in at the address of `listen`.")
    ] = True,
    workers: Annotated[
        bool, typer.Option("--workers/--no-workers", help="Work in this process, too.")
    ] = True,
) -> int:
    """Run the hub until Ctrl-C.

    Webhooks, schedules and workers in one process.
    """
    from sync.cli.observing import watched
    from sync.cli.progress import stopping
    from sync.workers import runner

    taken = import_module(runner.WEB).AddressTaken  # web and cli do not know each other
    try:
        with (
            watched(desk),
            stopping(desk.out, "up.stopping", desk.hub.stop),
            runner.running(desk.hub, web=web, workers=workers) as house,
        ):
            desk.out.item(
                "up",
                address=house.address or None,
                workers=workers,
                metrics=house.pages or None,
            )
            if house.address:
                desk.out.say("up.listening", listen=house.address)
            _until_stopped(desk, house)
    except taken as error:
        raise refused("ADDRESS_TAKEN", message=str(error), exit_code=ERROR) from error
    return _stopped(desk, house)


def worker(
    desk: Desk,
    listen: Annotated[
        str,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help="Answer /healthz, /readyz and /metrics there.",
            show_default=False,
        ),
    ] = "",
) -> int:
    """Run one more worker host.

    Takes jobs from the broker that renkei.yaml names, until Ctrl-C.
    """
    from sync.cli.observing import watched
    from sync.cli.progress import stopping
    from sync.workers import runner

    broker = desk.config.hub.broker
    if not broker:
        raise refused("NO_BROKER", next="renkei up")
    taken = import_module(runner.WEB).AddressTaken if listen else ()
    try:
        with (
            watched(desk),
            stopping(desk.out, "up.stopping", desk.hub.stop),
            runner.running(desk.hub, web=False, pages=listen) as house,
        ):
            scheme = broker.partition("://")[0]
            desk.out.item("worker", broker=scheme, metrics=house.pages or None)
            _until_stopped(desk, house)
    except taken as error:
        raise refused("ADDRESS_TAKEN", message=str(error), exit_code=ERROR) from error
    return _stopped(desk, house)


def _until_stopped(desk: Desk, house: Running) -> None:
    """Say where it is seen and how it ends, and wait for that."""
    if house.pages:
        desk.out.say("up.pages", listen=house.pages)
    desk.out.say("up.stop")
    house.hub.stop.wait()


def _stopped(desk: Desk, house: Running) -> int:
    """Say how it ended; raises NewerSchema where that was not asked for."""
    if house.sweeper.newer:
        raise house.sweeper.newer
    desk.out.say("up.stopped")
    return OK


def pause(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="The connection.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for whoever looks.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
) -> int:
    """Leave a connection alone for now.

    It is neither read nor written; what is owed to it is kept.
    """
    return _set(desk, name, "paused", reason, dry_run=dry_run)


def resume(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="The connection.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
) -> int:
    """Use a connection again.

    One that was paused, or that had to be signed in again.
    """
    return _set(desk, name, "active", None, dry_run=dry_run)


def _set(desk: Desk, name: str, state: str, reason: str | None, *, dry_run: bool) -> int:
    from sync.store import runs

    desk.known([name])
    hub = desk.hub
    if dry_run:
        with hub.database.read() as tx:
            held = runs.connection_states(tx).get(name, runs.ConnectionState(name))
        changed = held.state != state
    else:
        with hub.database.write() as tx:
            changed = runs.set_connection(tx, name, state, reason, hub.stamp())
    desk.out.item("connection", name=name, state=state, changed=changed, dry_run=dry_run)
    desk.out.say(f"connection.{state}" if changed else f"connection.{state}_already", name=name)
    return CHANGES if dry_run and changed else OK
