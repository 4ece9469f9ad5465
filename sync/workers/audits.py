"""The job that reads a sample of every connection again and says how far the systems agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from connectors.kit.errors import ConnectorError
from sync.engine.audit import Audit, compare, compare_pairs, repair
from sync.engine.hub import Hub
from sync.engine.incidents.detectors import SCORE
from sync.engine.sampling import Drawn, Sighting, draw, look
from sync.engine.tallies import Tally
from sync.store import runs
from sync.store.database import dumps
from sync.workers import upkeep
from sync.workers.job import Job, Watch, ignore, start
from sync.workers.policy import answer_to

__all__ = ["audit"]

AT_ONCE = 100
"""Records that are asked for at once."""


def audit(
    hub: Hub,
    *,
    sample: int,
    seed: int,
    names: Sequence[str] | None = None,
    mend: bool = False,
    below: float = 1.0,
    cause: str = "command",
    watch: Watch = ignore,
    stop: Callable[[], bool] = lambda: False,
) -> Audit:
    """Hold up to ``sample`` records of each active connection against their vendor; a run for each.

    ``names`` leaves only those connections. The same seed takes the same records as long as none
    are added. With ``mend``, connections whose score, or that of a pair of theirs, is under
    ``below`` have what differs put through the inbox like any news; what is then missing at the
    vendors is in the outbox. Safe to repeat.
    """
    done = Audit(seed)
    active = [name for name in names or hub.flows if upkeep.is_active(hub, name)]
    drawn = draw(hub, active, sample, seed)
    begun: dict[str, Job] = {}
    ends: dict[str, tuple[str, ConnectorError | None]] = {}
    seen: dict[str, list[Sighting]] = {}
    differing: dict[str, list[Sighting]] = {}
    try:
        for name, some in drawn.items():
            if stop():
                break
            job = begun[name] = start(hub, name, "audit", cause, watch=watch, stop=stop)
            tally = done.connections[name] = Tally((name,))
            seen[name] = []
            ends[name] = _read(job, some, tally, seen[name])
            differing[name] = _compare(job, some, tally, seen[name])
        done.pairs = compare_pairs(hub, drawn, seen)
        if mend and not stop():
            for name in _low(done, below):
                found = differing[name]
                if found:
                    tally = done.connections[name]
                    tally.repaired = repair(hub, hub.flows[name], found, begun[name].run.id)
    except BaseException:
        for job in begun.values():
            job.end("failed")
        raise
    for name, job in begun.items():
        job.run.counts["repaired"] = done.connections[name].repaired
        job.end(*ends[name])
    _keep_scores(hub, done)
    return done


def _keep_scores(hub: Hub, done: Audit) -> None:
    """Note the scores, by which incidents are told of drift."""
    now = hub.stamp()
    with hub.database.write() as tx:
        for tally in [*done.connections.values(), *done.pairs.values()]:
            if tally.score is not None:
                said = {"score": tally.score, "records": tally.records, "at": now}
                runs.save_setting(tx, f"{SCORE}{'+'.join(tally.names)}", dumps(said))


def _read(
    job: Job, drawn: Drawn, tally: Tally, seen: list[Sighting]
) -> tuple[str, ConnectorError | None]:
    """Read what was drawn, the connection's own sample first; how the run ended."""
    flow, ids = job.hub.flows[job.run.connection], [*drawn.own, *drawn.others]
    asked, state = 0, "succeeded"
    failed: ConnectorError | None = None
    try:
        for start in range(0, len(ids), AT_ONCE):
            seen += look(job.hub, flow, ids[start : start + AT_ONCE])
            asked = start + AT_ONCE
            job.run.counts = {"read": len(seen)}
            if not job.beat() and asked < len(ids):
                state = "stopped"
                break
    except ConnectorError as error:
        failed, state, tally.error = error, answer_to(error).state, str(error)
    if drawn.own:
        drawn.share *= min(asked, len(drawn.own)) / len(drawn.own)
    tally.share = drawn.share
    return state, failed


def _compare(job: Job, drawn: Drawn, tally: Tally, seen: Sequence[Sighting]) -> list[Sighting]:
    """Score the connection's own sample; all records that differ, of the others, too."""
    flow, own, differing = job.hub.flows[job.run.connection], set(drawn.own), []
    for one in seen:
        found = compare(flow, one)
        if one.link.id in own:
            tally.note(found)
        if any(found.values()):
            differing.append(one)
    job.run.counts.update(
        compared=tally.compared.total(), differing=tally.differing.total(), **tally.why
    )
    return differing


def _low(done: Audit, below: float) -> Mapping[str, None]:
    """The connections whose score, or that of a pair of theirs, is under the threshold."""
    tallies = [*done.connections.values(), *done.pairs.values()]
    return {
        name: None
        for tally in tallies
        if tally.score is not None and tally.score < below
        for name in tally.names
    }
