"""The simulated push channels of Calendar: messages without a body, proven by a token alone.

Source: Google's page on push notifications, as the fact sheet has it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from connectors.google_meet.simulator_signin import SignIn, refusal
from connectors.kit.simulator import Delivery, Request, Response, Table, json_response, route

CHANNEL_LIFETIME = timedelta(days=7)
"""About what Google gives a channel that names no end."""


class Channels(SignIn):
    """Who watches which calendar."""

    @property
    def channels(self) -> Table:
        """Channels that watch a calendar."""
        return self.table("channels")

    @route("POST", "/calendar/v3/calendars/<calendar>/events/watch")
    def watch(self, request: Request, calendar: str) -> Response:
        """Have changes of a calendar told to an address; a first message says ``sync``."""
        owner = self._owner(calendar)
        body = request.get_json()
        channel, address = str(body.get("id", "")), str(body.get("address", ""))
        if not re.fullmatch(r"[A-Za-z0-9\-_+/=]{1,64}", channel):
            raise refusal(400, "channelIdInvalid", "Invalid channel id")
        if channel in self.channels:
            raise refusal(400, "channelIdNotUnique", "Channel id not unique")
        if body.get("type") != "web_hook" or not address.startswith("https://"):
            raise refusal(401, "webhookUrlNotHttps", "WebHook callback must be HTTPS")
        if len(str(body.get("token", ""))) > 256:
            raise refusal(400, "channelTokenTooLong", "Channel token too long")
        longest = (self.now() + CHANNEL_LIFETIME).timestamp() * 1000
        until = min(float(body.get("expiration") or longest), longest)
        row = {
            "id": channel,
            "owner": owner,
            "address": address,
            "token": body.get("token"),
            "until": until,
            "resourceId": f"res-{len(self.channels) + 1}",
            "number": 0,
        }
        self.channels[channel] = row
        self._notify(row, "sync")
        shown = {name: row[name] for name in ("id", "resourceId")}
        return json_response({"kind": "api#channel", **shown, "expiration": str(int(until))})

    @route("POST", "/calendar/v3/channels/stop")
    def stop(self, request: Request) -> Response:
        """End a channel."""
        body = request.get_json()
        row = self.channels.get(str(body.get("id")))
        if row is None or row["resourceId"] != body.get("resourceId"):
            raise refusal(404, "notFound", "Channel not found")
        del self.channels[row["id"]]
        return Response(status=204)

    def _tell(self, owner: str) -> None:
        for row in list(self.channels.values()):
            if row["owner"] == owner and row["until"] > self.now().timestamp() * 1000:
                self._notify(row, "exists")

    def _notify(self, row: dict[str, Any], state: str) -> None:
        row = {**row, "number": int(row["number"]) + 1}
        self.channels[row["id"]] = row
        headers = {
            "x-goog-channel-id": row["id"],
            "x-goog-channel-expiration": str(int(row["until"])),
            "x-goog-resource-id": row["resourceId"],
            "x-goog-resource-state": state,
            "x-goog-resource-uri": f"https://www.googleapis.com/calendar/v3/{row['owner']}/events",
            "x-goog-message-number": str(row["number"]),
            **({"x-goog-channel-token": row["token"]} if row["token"] else {}),
        }
        self.send(Delivery(row["address"], b"", headers, vendor_id=row["id"]))

    def _owner(self, calendar: str) -> str:
        if calendar not in ("primary", self.who):
            raise refusal(404, "notFound", "Not Found")
        return self.who
