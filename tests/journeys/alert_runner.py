"""Look at a hub whose CRM needs a sign-in, and send what is due, as a process that may be killed.

``python alert_runner.py DATABASE_URL DIRECTORY SMTP_PORT``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from connectors.chatwork.contract import rehearsal
from connectors.chatwork.simulator import ROOM, Simulator
from connectors.kintone.contract import rehearsal as kintone
from connectors.kit.session import in_process
from sync.config.alerts import AlertsConfig
from sync.config.model import Config, ConnectionConfig
from sync.engine.hub import open_hub
from sync.engine.processes import enter
from sync.store import runs
from sync.store.database import Database
from sync.store.upgrade import upgrade
from sync.workers import alerting


def main(url: str, home: Path, port: int) -> None:
    """Break the CRM, look, send."""
    for name in ("chat", "crm"):
        (home / name).mkdir(exist_ok=True)
    chat = Simulator(path=home / "chat.db", limits=False)
    to = [
        {
            "name": "mail",
            "mail": {
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "from": "renkei@hub.example",
                "to": ["ops@hub.example"],
            },
        },
        {"name": "room", "chat": {"connection": "chat", "room": str(ROOM)}},
    ]
    options = {"chat": rehearsal(home / "chat").options, "crm": kintone(home / "crm").options}
    slugs = {"chat": "chatwork", "crm": "kintone"}
    config = Config(
        root=home,
        connections={
            name: ConnectionConfig(connector=slug, options=dict(options[name]))
            for name, slug in slugs.items()
        },
        alerts=AlertsConfig.model_validate({"language": "en", "to": to}),
    )
    database = Database(url)
    upgrade(database)
    hub = open_hub(config, database=database, transports={"chat": in_process(chat)})
    presence = enter(hub)
    with database.write() as tx:
        runs.set_connection(tx, "crm", "needs_auth", "refused", hub.stamp())
    alerting.look(hub)
    alerting.send(hub)
    presence.leave()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
