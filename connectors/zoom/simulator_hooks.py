"""The webhooks of the simulated Zoom, signed and in its envelope (Zoom, using webhooks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import Delivery
from connectors.zoom.simulator_events import Row, registrant
from connectors.zoom.simulator_phone import Phone, call
from connectors.zoom.simulator_wire import ACCOUNT_ID, stamp


class Hooks(Phone):
    """Tells one address of what happens. ``subscribe_url`` is what the marketplace page does."""

    def subscribe_url(self, url: str, secret: str) -> Delivery:
        """Set the app's address and secret token; sends the validation that Zoom sends."""
        self.table("hooks")["app"] = {"url": url, "secret": secret}
        plain = f"{self.random.getrandbits(128):032x}"
        return self._send("endpoint.url_validation", {"plainToken": plain})

    def tell(self, event: str, shown: Mapping[str, Any]) -> None:
        """Send an event, if the app has an address."""
        if "app" in self.table("hooks"):
            self._send(event, {"account_id": ACCOUNT_ID, "object": dict(shown)})

    def _send(self, event: str, payload: Mapping[str, Any]) -> Delivery:
        hook = self.table("hooks")["app"]
        at = self.now()
        body = orjson.dumps(
            {"event": event, "event_ts": int(at.timestamp() * 1000), "payload": payload}
        )
        plain = {
            "content-type": "application/json; charset=utf-8",
            "x-zm-trackingid": f"v=2.0;clid=aw1;rid=WEB_{self.next_id('hook'):08x}",
            "clientid": "renkei-rehearsal",
        }
        headers = sign(SCHEMES["zoom"], hook["secret"], body, at=at, headers=plain)
        sent = Delivery(hook["url"], body, headers, vendor_id=event)
        self.send(sent)
        return sent

    def again(self, sent: Delivery) -> Delivery:
        """The same event once more, as after an answer that was late: signed at its own time."""
        hook = self.table("hooks")["app"]
        kept = {key: value for key, value in sent.headers.items() if "signature" not in key}
        headers = sign(SCHEMES["zoom"], hook["secret"], sent.body, at=self.now(), headers=kept)
        repeated = Delivery(sent.url, sent.body, headers, vendor_id=sent.vendor_id)
        self.send(repeated)
        return repeated

    def tell_registration(self, what: str, event: Row, row: Row) -> None:
        """Tell of a registration that was made, approved, denied or cancelled."""
        told = {name: value for name, value in registrant(row).items() if name != "create_time"}
        if row.get("tracking_source"):
            told["tracking_source"] = row["tracking_source"]
        shown = {name: event[name] for name in ("uuid", "id", "host_id", "topic", "type")}
        start = {"start_time": stamp(event["start"])} if event["start"] is not None else {}
        shown |= start | {"duration": event["duration"], "timezone": event["timezone"]}
        self.tell(f"{event['kind']}.registration_{what}", shown | {"registrant": told})

    def tell_call(self, row: Row) -> None:
        """Tell of a call: an internal one twice, to the caller and to the callee."""
        both = row["connect_type"] == "internal"
        told = call(row)
        told["result"] = told.pop("call_result")
        told["call_path_id"] = f"path-{row['id']}"
        for side, direction in (("caller", "outbound"), ("callee", "inbound")):
            if both or row["direction"] == direction:
                shown = {"call_logs": [told], "user_id": row[f"{side}_ext_id"]}
                self.tell(f"phone.{side}_call_history_completed", shown)
