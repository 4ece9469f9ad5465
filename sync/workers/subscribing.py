"""Have vendors send their webhooks here: asked for once a day, since what they grant runs out.

By the protocol asking again with the same address changes nothing but the time it lasts.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from connectors.kit.base import Subscribes
from connectors.kit.errors import ConnectorError
from sync.engine.hub import Flow, Hub
from sync.store import runs
from sync.store.database import iso
from sync.store.runs import RunRow
from sync.workers.job import start
from sync.workers.policy import answer_to

DAILY = timedelta(days=1)
AGAIN = timedelta(hours=1)
"""When it is asked again after it was refused."""


def due(hub: Hub) -> list[str]:
    """The connections that are to ask for webhooks now."""
    wanted = [flow for flow in hub.flows.values() if flow.config.subscribe and flow.config.enabled]
    if not wanted:
        return []
    before = iso(hub.now() - DAILY)
    with hub.database.read() as tx:
        states = runs.connection_states(tx)
        last = {flow.name: runs.setting(tx, _mark(hub, flow)) for flow in wanted}
    return [
        flow.name
        for flow in wanted
        if (last[flow.name] or "") <= before
        and (flow.name not in states or states[flow.name].state == "active")
    ]


def subscribe(hub: Hub, name: str) -> RunRow | None:
    """Ask a vendor for its webhooks, unless somebody did within a day; None where that is so."""
    flow = hub.flows[name]
    now = hub.now()
    with hub.database.write() as tx:
        if not flow.config.subscribe or not runs.set_if_before(
            tx, _mark(hub, flow), iso(now), iso(now - DAILY)
        ):
            return None
    job = start(hub, name, "subscribe", "schedule")
    try:
        _ask(hub, flow)
    except ConnectorError as error:
        with hub.database.write() as tx:
            runs.save_setting(tx, _mark(hub, flow), iso(now - DAILY + AGAIN))
        return job.end(answer_to(error).state, error)
    finally:
        flow.meter.settle()
    return job.end("succeeded")


def _ask(hub: Hub, flow: Flow) -> None:
    if not isinstance(flow.connector, Subscribes):
        raise ConnectorError(
            f'connection "{flow.name}" has `subscribe: true`, but its vendor\'s webhooks are set up'
            " by hand",
            code="CANNOT_SUBSCRIBE",
        )
    flow.connector.subscribe(address(hub, flow.name))


def address(hub: Hub, name: str) -> str:
    """Where a connection's webhooks are sent to."""
    return f"{hub.config.hub.public_url.rstrip('/')}/hooks/{quote(name)}"


def _mark(hub: Hub, flow: Flow) -> str:
    """What is noted when it was asked; another address is asked for at once."""
    return f"subscribed:{address(hub, flow.name)}"
