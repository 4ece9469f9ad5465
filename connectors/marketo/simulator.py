"""A Marketo instance to rehearse on: leads, their activities, static lists, and one custom service.

Written from Adobe's developer docs, not from the connector. It refuses what the vendor refuses
(unknown fields, batches over 300, wrong paging tokens, 100 calls in 20 seconds, ambiguous keys),
nearly always with a 200, and shares its bad habits: answers with nothing in them and more to come,
blanks that are left out, ``updatedAt`` that misses custom fields, times in two forms, scores that
are no data value changes, merged ids that simply answer empty.

Plant people with ``add_lead``, which takes values by field name. Read what the instance holds with
``held``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from connectors.kit.simulator import Delivery, Request, Response, route
from connectors.marketo.simulator_instance import CLIENT_ID, CLIENT_SECRET, zulu
from connectors.marketo.simulator_leads import PARTITIONS, SCREEN, Leads

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Simulator"]

SECRET_HEADER = "X-Renkei-Secret"  # noqa: S105 - a header's name


class Simulator(Leads):
    """A whole instance, with what a marketer does at the screen and a person on the web."""

    def add_lead(self, *, partition: str = PARTITIONS[0], **values: Any) -> str:
        """A lead is entered at the screen, twice the same address if need be; returns its id."""
        with self.lock:
            return str(self.create(values, partition, SCREEN)["id"])

    def edit_lead(self, own: str, **values: Any) -> None:
        """A lead is edited at the screen; company fields and system fields, too."""
        with self.lock:
            self.change(self.table("leads")[own], values, SCREEN)

    def delete_lead(self, own: str) -> None:
        """A lead is deleted at the screen."""
        with self.lock:
            self.drop(self.table("leads")[own])

    def merge(self, winner: str, *losers: str) -> None:
        """Leads are merged at the screen."""
        with self.lock:
            rows = [self.table("leads")[one] for one in losers]
            self.swallow(self.table("leads")[winner], rows)

    def unsubscribe(self, own: str) -> None:
        """A person unsubscribes by the link of a mail."""
        with self.lock:
            self.log(9, int(own), primary="ニュースレター", primary_id=301)
            self.change(self.table("leads")[own], {"unsubscribed": True}, "Unsubscribe")

    def act(self, own: str, kind: int, primary: str = "", **attributes: Any) -> str:
        """A person does something of a kind; returns the activity's id.

        ``attributes`` are by their names, with underscores for spaces.
        """
        with self.lock:
            named = {name.replace("_", " "): value for name, value in attributes.items()}
            return self.log(kind, int(own), primary=primary, primary_id=11, attributes=named)

    def add_list(self, members: Sequence[str]) -> int:
        """A static list of these leads; returns its id."""
        with self.lock:
            own = self.next_id("lists", 1001)
            self.table("lists")[str(own)] = {"members": [int(one) for one in members]}
            return own

    def held(self, own: str) -> dict[str, Any]:
        """What the instance holds of a lead; empty where it is gone."""
        with self.lock:
            return dict(self.table("leads").get(own, {}).get("values", {}))

    def ids(self) -> list[str]:
        """The ids of all leads."""
        with self.lock:
            return list(self.table("leads"))

    def call_webhook(self, own: str, url: str, secret: str, event: str = "stage_changed") -> None:
        """A trigger campaign takes its Call Webhook step for a lead.

        The body is the template that the connector's page hands to administrators; Marketo signs
        nothing, the header is one that the administrator set.
        """
        with self.lock:
            values = self.table("leads")[own]["values"]
            body = {
                "hub_event": f"lead.{event}",
                "lead_id": int(own),
                "email": values.get("email", ""),
                "stage": values.get("leadStatus", ""),
                "at": zulu(self.now()),
            }
            headers = {"Content-Type": "application/json", SECRET_HEADER: secret}
            self.send(Delivery(url, orjson.dumps(body), headers, vendor_id=own))

    @route("POST", "/rest/v1/lists/<int:list_id>/leads.json")
    def add_members(self, request: Request, list_id: int) -> Response:
        """Put leads on a static list."""
        return self._membership(request, list_id, "added")

    @route("DELETE", "/rest/v1/lists/<int:list_id>/leads.json")
    def remove_members(self, request: Request, list_id: int) -> Response:
        """Take leads from a static list."""
        return self._membership(request, list_id, "removed")

    def _membership(self, request: Request, list_id: int, done: str) -> Response:
        self.need("Read-Write Lead")
        held = self.table("lists").get(str(list_id))
        if held is None:
            raise self.no("1013", "List not found")
        members: list[int] = list(held["members"])
        told: list[dict[str, Any]] = []
        for given in request.args.getlist("id"):
            own = int(given) if given.isdigit() else 0
            if str(own) not in self.table("leads"):
                reasons = [{"code": "1004", "message": "Lead not found"}]
                told.append({"id": own, "status": "skipped", "reasons": reasons})
                continue
            if done == "added" and own not in members:
                members.append(own)
            if done == "removed" and own in members:
                members.remove(own)
            told.append({"id": own, "status": done})
        self.table("lists")[str(list_id)] = {"members": members}
        return self.ok(told)
