"""A simulated Typeform account: forms, responses, webhooks and the OAuth token endpoint.

Answers are planted with ``submit`` and are seen by the Responses API ``lag`` seconds later, while
webhooks leave at once, as at the vendor. Written from the vendor's reference pages; what those do
not say is marked as unverified here, in ``simulator_wire`` or in ``simulator_query``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.kit.signatures import SCHEMES, sign
from connectors.kit.simulator import Delivery
from connectors.typeform import simulator_forms as forms
from connectors.typeform.simulator_forms import DEFAULT_FORM_ID, DEFAULT_HIDDEN, DEFAULT_TITLE
from connectors.typeform.simulator_wire import DEFAULT_TOKEN, Wire, item

__all__ = ["DEFAULT_FORM_ID", "DEFAULT_TOKEN", "Simulator"]


class Simulator(Wire):
    """One account with the form 資料請求 (``DEFAULT_FORM_ID``).

    ``token`` is its personal access token. ``lag`` is how many seconds a new answer takes to be
    seen. ``rate`` is the requests a second the account may make, None for no limit. ``refused``
    is the status of a request with a bad token: the vendor's page says 403, others have met 401.
    """

    def __init__(
        self,
        *,
        path: Path | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 0,
        token: str = DEFAULT_TOKEN,
        lag: float = 0.0,
        rate: int | None = 2,
        refused: int = 403,
    ) -> None:
        super().__init__(path=path, now=now, seed=seed, token=token, rate=rate, refused=refused)
        self.lag = lag
        if not self.forms:
            self.add_form(DEFAULT_TITLE, form_id=DEFAULT_FORM_ID, hidden=DEFAULT_HIDDEN)
            self.save()

    def add_form(
        self,
        title: str,
        fields: Sequence[Mapping[str, Any]] | None = None,
        *,
        hidden: Sequence[str] = (),
        form_id: str | None = None,
    ) -> str:
        """Make a form and return its id. Without ``fields`` it asks what 資料請求 asks."""
        with self.lock:
            made_id = form_id or f"f{self.random.getrandbits(32):08x}"
            self.forms[made_id] = {
                "id": made_id,
                "title": title,
                "fields": [dict(field) for field in fields or forms.default_fields()],
                "hidden": list(hidden),
                "created": self.now().timestamp(),
                "seq": self.next_id("form"),
            }
            return made_id

    def submit(
        self,
        form_id: str = DEFAULT_FORM_ID,
        answers_by_ref: Mapping[str, Any] | None = None,
        hidden: Mapping[str, str] | None = None,
        *,
        at: datetime | None = None,
        landed_at: datetime | None = None,
        lag: float | None = None,
        partial: bool = False,
    ) -> str:
        """Answer a form as a visitor would and return the response's token; webhooks are sent.

        ``at`` is when it is submitted (default now), ``landed_at`` when the form was opened
        (default 90 seconds before). ``lag`` overrides the account's. ``partial`` leaves the form
        without submitting. Hidden fields the form does not declare are dropped.
        """
        with self.lock:
            form = self.forms[form_id]
            moment = (at or self.now()).timestamp()
            row = {
                "token": f"{self.random.getrandbits(128):032x}",
                "form_id": form_id,
                "type": "partial" if partial else "completed",
                "landed_at": landed_at.timestamp() if landed_at else moment - 90,
                "submitted_at": None if partial else moment,
                "visible_at": self.now().timestamp() + (self.lag if lag is None else lag),
                "seq": self.next_id("response"),
                "hidden": {k: v for k, v in (hidden or {}).items() if k in form["hidden"]},
                "answers": forms.answers(
                    form["fields"], answers_by_ref or {}, complete=not partial
                ),
            }
            self.responses[str(row["token"])] = row
            self._notify(row)
            return str(row["token"])

    def complete(self, token: str, answers_by_ref: Mapping[str, Any]) -> None:
        """Submit a response that was partial; its token stays (unverified)."""
        with self.lock:
            row = self.responses[token]
            form = self.forms[row["form_id"]]
            now = self.now().timestamp()
            row |= {
                "type": "completed",
                "submitted_at": now,
                "visible_at": now + self.lag,
                "seq": self.next_id("response"),
                "answers": forms.answers(form["fields"], answers_by_ref, complete=True),
            }
            self.responses[token] = row
            self._notify(row)

    def delete_response(self, token: str) -> None:
        """Delete an answer in the vendor's console; nothing is sent, nothing remains."""
        with self.lock:
            del self.responses[token]

    def add_app(self, client_id: str, client_secret: str) -> str:
        """Register an OAuth app whose user has signed in; returns the first refresh token."""
        with self.lock:
            self.apps[client_id] = {"secret": client_secret}
            return str(self.grant(client_id)["refresh_token"])

    def revoke(self) -> None:
        """Make every token of the account invalid."""
        with self.lock:
            self.token = ""
            for key, grant in self.grants.items():
                self.grants[key] = grant | {"used": True, "until": 0.0}

    def answered(self, delivery: Delivery, status: int) -> None:
        """Tell what a receiver answered to a webhook: 404 and 410 switch it off at once."""
        if status in {404, 410}:
            with self.lock:
                key = delivery.vendor_id
                self.webhooks[key] = self.webhooks[key] | {"enabled": False}

    def _notify(self, row: Mapping[str, Any]) -> None:
        event = "form_response" if row["type"] == "completed" else "form_response_partial"
        form = self.forms[row["form_id"]]
        for key, hook in self.hooks_of(row["form_id"]):
            if not hook["enabled"] or not hook["event_types"].get(event):
                continue
            shown = item(row)
            kept = ("token", "landed_at", "submitted_at", "hidden", "calculated", "answers")
            response = {name: shown[name] for name in kept if name in shown}
            definition = {name: form[name] for name in ("id", "title", "fields")}
            body = orjson.dumps(
                {
                    "event_id": f"01{self.random.getrandbits(120):024X}",
                    "event_type": event,
                    "form_response": {
                        "form_id": row["form_id"],
                        **response,
                        "definition": definition,
                    },
                }
            )
            plain = {"content-type": "application/json"}
            secret = hook.get("secret")
            headers = sign(SCHEMES["typeform"], secret, body, headers=plain) if secret else plain
            self.send(Delivery(url=hook["url"], body=body, headers=headers, vendor_id=key))
