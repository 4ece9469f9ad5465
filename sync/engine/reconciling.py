"""After a restore: what a connection holds is read once more before it is written to."""

from __future__ import annotations

from datetime import timedelta

from sync.engine.hub import Flow, Hub, stream_type
from sync.engine.limits import Held
from sync.store import epochs
from sync.store.database import Tx, from_iso, iso

__all__ = ["RESTORED", "held", "is_marked", "unread"]

RESTORED = "RESTORED"


def unread(hub: Hub) -> list[str]:
    """The connections that are written to, and of which what is written is never read."""
    return [flow.name for flow in hub.targets if not _reads_what_it_writes(flow)]


def _reads_what_it_writes(flow: Flow) -> bool:
    push, pull = flow.config.push, flow.config.pull
    if push is None or pull is None:
        return push is None
    kind = stream_type(push.stream)
    spec = flow.manifest.streams.get(kind)
    named = pull.streams is None or push.stream in pull.streams or kind in pull.streams
    return named and spec is not None and spec.pull


def is_marked(hub: Hub, tx: Tx, flow: Flow) -> bool:
    """Whether a connection is yet to be read once more."""
    return bool(hub.epoch) and epochs.mark(tx, flow.name) is not None


def held(hub: Hub, flow: Flow) -> Held | None:
    """Why only opt-outs may be written to a connection; None where everything may.

    Its streams of leads must have been read to their end, and taken in, after the vendor's search
    shows all that may have been written without the restored database knowing it. May raise the
    connector's errors.
    """
    if not hub.epoch:
        return None
    with hub.database.read() as tx:
        since = epochs.mark(tx, flow.name)
    if since is None:
        return None
    lag = timedelta(seconds=flow.manifest.index_lag)
    not_before = iso(from_iso(since) + lag) if since else ""
    wanted = [stream for stream in flow.streams() if flow.kind(stream) == "lead"]
    with hub.database.write() as tx:
        if epochs.settle(tx, flow.name, wanted, not_before):
            return None
    return Held(
        f'connection "{flow.name}" was restored from a backup: until it has been read to its end'
        " once more, nothing but opt-outs is written to it",
        is_news=False,
        code=RESTORED,
    )
