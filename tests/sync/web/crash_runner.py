"""A hub in a process of its own, to be killed: ``crash_runner.py ROOT DATABASE_URL``.

Prints where it listens; then ``landed`` once the CRM holds a record and nothing is owed any more.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from connectors.kintone.contract import STREAM
from connectors.kintone.contract import rehearsal as kintone_rehearsal
from connectors.kintone.simulator import Simulator as Kintone
from connectors.kit.session import in_process
from connectors.typeform.contract import rehearsal as typeform_rehearsal
from sync.config.model import Config, ConnectionConfig, HubConfig, PushConfig
from sync.engine.hub import open_hub
from sync.store import outbox
from sync.store.database import Database
from sync.workers.runner import running


def main(root: Path, url: str) -> None:
    """Run until the work is done, or until killed."""
    form, crm = typeform_rehearsal(root), kintone_rehearsal(root)
    kintone = Kintone(path=root / "kintone.db")
    asked = threading.Condition()

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        answer = kintone(environ, start_response)
        with asked:
            asked.notify_all()
        return answer

    config = Config(
        root=root,
        hub=HubConfig(listen="127.0.0.1:0"),
        connections={
            "form": ConnectionConfig(connector="typeform", options=dict(form.options)),
            "crm": ConnectionConfig(
                connector="kintone", options=dict(crm.options), push=PushConfig(stream=STREAM)
            ),
        },
    )
    database = Database(url)
    transports = {"form": in_process(form.simulator), "crm": in_process(app)}
    hub = open_hub(config, database=database, transports=transports)

    def landed() -> bool:
        with database.read() as tx:
            ((hooks,),) = tx.rows("SELECT count(*) FROM hook WHERE state = 'done'")
            return bool(hooks) and not outbox.depth(tx) and len(kintone.rows(5)) > 0

    with running(hub) as house:
        print(house.address, flush=True)  # noqa: T201 - to the test that waits for it
        with asked:
            while not landed():
                asked.wait(0.05)
        emails = [row["values"]["メールアドレス"] for row in kintone.rows(5).values()]
        print("landed", *emails, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
