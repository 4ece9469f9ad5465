"""The webhooks of a simulated kintone domain.

As in kintone help, "Webhooks", and cybozu developer network: no signature, no header of their own,
no second try; not sent for CSV imports and for the API's multi-record writes; past 60 a minute for
the domain they are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson

from connectors.kintone.simulator_store import Store
from connectors.kit.simulator import Delivery, Window

PERSON = "sato"
"""Who edits at the screen."""
HOOKS_A_MINUTE = 60
"""Webhooks of a domain (kintone help, "Webhooks")."""


class Hooks(Store):
    """Records whose changes are told. ``dropped`` counts the webhooks that were too many."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.dropped = 0
        self._hooks = Window(HOOKS_A_MINUTE, 60)
        self._untold: list[tuple[Any, str, Any]] | None = None

    def set_webhook(self, app: int, url: str) -> None:
        """Register an app's webhook, as its settings screen does."""
        self.table("hooks")[str(app)] = {"url": url}

    def tell(self, app: Mapping[str, Any], event: str, row: Mapping[str, Any]) -> None:
        """Send the app's webhook, if it has one and the minute's number is not used up."""
        if self._untold is not None:
            self._untold.append((app, event, row))
            return
        hook = self.table("hooks").get(str(app["id"]))
        if hook is None:
            return
        if not self._hooks.take(self.now()):
            self.dropped += 1
            return
        event_id = str(UUID(int=self.random.getrandbits(128), version=4))
        body: dict[str, Any] = {
            "id": event_id,
            "type": event,
            "app": {"id": str(app["id"]), "name": app["name"]},
        }
        if event == "DELETE_RECORD":
            body["recordId"] = str(row["id"])
            body["deletedBy"] = {"code": PERSON, "name": self.name_of(PERSON)}
            body["deletedAt"] = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        else:
            body["record"] = self.cells(app, row)
            body["recordTitle"] = str(row["id"])
            body["url"] = f"https://rehearsal.cybozu.com/k/{app['id']}/show#record={row['id']}"
        headers = {"content-type": "application/json"}
        self.send(Delivery(hook["url"], orjson.dumps(body), headers, vendor_id=event_id))

    @contextmanager
    def telling_at_the_end(self) -> Iterator[None]:
        """Send no webhook of the block's changes before all of them stand."""
        held: list[tuple[Any, str, Any]] = []
        self._untold = held
        try:
            yield
        finally:
            self._untold = None
        for app, event, row in held:
            self.tell(app, event, row)
