"""A simulated Tayori account: forms whose answers are planted with ``answer``."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import orjson

from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import (
    BaseSimulator,
    Delivery,
    Refusal,
    Request,
    Response,
    json_response,
    route,
)

TOKYO = ZoneInfo("Asia/Tokyo")
TOKEN = "tayori-rehearsal-token"
WEBHOOK_SECRET = "whsec_dGF5b3JpLXJlaGVhcnNhbC1zZWNyZXQ="


class Simulator(BaseSimulator):
    """One account. ``token`` is its API token; webhooks go to ``webhook_url`` where it is set."""

    slug = "tayori"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.token = TOKEN
        self.webhook_url = ""

    def answer(self, form_id: str, **fields: str) -> str:
        """A visitor answers a form; returns the answer's id."""
        answer_id = f"ans_{self.next_id('answer')}"
        self._save(form_id, answer_id, {**fields, "answered_at": self._time()})
        return answer_id

    def edit(self, answer_id: str, **fields: Any) -> str:
        """Somebody corrects an answer in the console, or withdraws it (``withdrawn=True``)."""
        row = self.table("answers")[answer_id]
        return self._save(row["form_id"], answer_id, {**row["answer"], **fields})

    def admit(self, request: Request) -> None:
        """Refuse whoever has not the token."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Refusal(json_response({"error": "unauthorized"}, 401))

    @route("GET", "/v1/account")
    def account(self, request: Request) -> Response:
        """Whose token this is."""
        return json_response({"name": "株式会社みどり商事"})

    @route("GET", "/v1/forms/<form_id>/answers")
    def answers(self, request: Request, form_id: str) -> Response:
        """Answers by the order of their last change, from ``updated_since`` on, inclusive."""
        since = request.args.get("updated_since", "").removesuffix("Z")
        after, limit = int(request.args.get("after", 0)), int(request.args.get("limit", 50))
        rows = [
            row
            for row in self.table("answers").values()
            if row["form_id"] == form_id and row["utc"] >= since and row["seq"] > after
        ]
        rows.sort(key=lambda row: row["seq"])
        more = str(rows[limit - 1]["seq"]) if len(rows) > limit else None
        return json_response({"answers": [row["answer"] for row in rows[:limit]], "next": more})

    @route("GET", "/v1/forms/<form_id>/answers/<answer_id>")
    def one(self, request: Request, form_id: str, answer_id: str) -> Response:
        """One answer."""
        row = self.table("answers").get(answer_id)
        if row is None or row["form_id"] != form_id:
            raise Refusal(json_response({"error": "not_found"}, 404))
        return json_response(row["answer"])

    def _time(self) -> str:
        return self.now().astimezone(TOKYO).strftime("%Y-%m-%d %H:%M:%S.%f")

    def _save(self, form_id: str, answer_id: str, fields: dict[str, Any]) -> str:
        answer = {"withdrawn": False, **fields, "id": answer_id, "updated_at": self._time()}
        self.table("answers")[answer_id] = {
            "form_id": form_id,
            "seq": self.next_id("change"),
            "utc": self.now().strftime("%Y-%m-%dT%H:%M:%S"),
            "answer": answer,
        }
        event = {"event_id": f"evt_{self.next_id('event')}", "form_id": form_id, "answer": answer}
        body = orjson.dumps(event)
        headers = {"webhook-id": event["event_id"], "content-type": "application/json"}
        signed = sign(
            SCHEMES["standard_webhooks"], WEBHOOK_SECRET, body, at=self.now(), headers=headers
        )
        self.send(Delivery(self.webhook_url, body, signed, vendor_id=answer_id))
        return answer_id
