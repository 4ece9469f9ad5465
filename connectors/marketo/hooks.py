"""Marketo's webhooks: whatever an administrator wrote, and unsigned.

A trigger campaign's Call Webhook step posts a template with a header that the administrator sets;
that header is the whole proof, so the address must be https. The template for our address, with
request encoding JSON (Marketo puts quotes around text tokens itself)::

    {"hub_event": "lead.stage_changed", "lead_id": {{lead.Id}}, "at": {{system.dateTime}}}

and the custom header ``X-Renkei-Secret`` with the option webhook_secret. A webhook is a hint: the
lead is read again. Marketo repeats none, and batch campaigns send none; polling finds the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from pydantic import SecretStr

from connectors.kit.base import Answer, Hook, News, Ref
from connectors.kit.errors import ContractBroken
from connectors.kit.signatures import Scheme, verify
from connectors.marketo.leads import STREAM
from connectors.marketo.options import Options

TAKEN = Answer(200, b"{}", "application/json")
"""An empty body is error 1001 in Marketo's activity log (Adobe developer docs, webhook errors)."""
PROOF = Scheme("x-renkei-secret", algorithm="plain", encoding="text")


def check(hook: Hook, options: Options, now: datetime) -> None:
    """Nothing where the header holds the secret; BadSignature else."""
    held: tuple[SecretStr | None, ...] = (options.webhook_secret, options.previous_webhook_secret)
    verify(PROOF, hook, [one.get_secret_value() for one in held if one is not None], now)


def read(hook: Hook) -> News:
    """Which lead to read again. The same body twice is one event: it holds the time."""
    own = str(_body(hook).get("lead_id") or "")
    if not own.isdigit():
        raise ContractBroken(
            "a Marketo webhook has no lead_id: its template must send {{lead.Id}}",
            code="MARKETO_HOOK",
        )
    return News(event_ids=(sha256(hook.body).hexdigest()[:32],), changed=(Ref(STREAM, own),))


def _body(hook: Hook) -> Mapping[str, Any]:
    try:
        body = orjson.loads(hook.body)
    except orjson.JSONDecodeError as error:
        raise ContractBroken(
            "a Marketo webhook is not JSON: set its request encoding", code="MARKETO_HOOK"
        ) from error
    if not isinstance(body, dict):
        raise ContractBroken("a Marketo webhook is no JSON object", code="MARKETO_HOOK")
    return body
