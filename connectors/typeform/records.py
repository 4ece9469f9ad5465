"""Responses as records, from the Responses API or from a webhook, in one shape.

The payload is the response as the Responses API shows it, and ``form``: the id and title of its
form, which the API leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from connectors.kit.base import Hook, News, Record
from connectors.kit.errors import ContractBroken
from connectors.typeform.pull import moment

STREAM = "responses"
EVENTS = {"form_response": "completed", "form_response_partial": "partial"}
"""Webhook events and the type of response they carry (Typeform developer docs, Webhooks)."""
_NOT_OF_THE_RESPONSE = frozenset({"form_id", "definition"})


def stream_of(form_id: str) -> str:
    """The stream of a form's responses."""
    return f"{STREAM}:{form_id}"


def form_of(stream: str) -> str:
    """The form whose responses a stream is; ContractBroken for another name."""
    kind, _, form_id = stream.partition(":")
    if kind != STREAM or not form_id:
        raise ContractBroken(
            f'Typeform has no stream "{stream}"; streams are named responses:FORM_ID'
        )
    return form_id


def to_record(form_id: str, title: str, item: Mapping[str, Any]) -> Record:
    """The record of a response."""
    token = str(item["token"])
    when = item.get("submitted_at") or item.get("landed_at")
    return Record(
        stream=stream_of(form_id),
        external_id=token,
        payload={**item, "form": {"id": form_id, "title": title}},
        version=version_of(item),
        changed_at=_moment(when),
    )


def version_of(item: Mapping[str, Any]) -> str:
    """Token and type; a completed response never changes, a partial one may gain answers."""
    kind = str(item.get("response_type") or "completed")
    version = f"{item['token']}:{kind}"
    if kind == "completed":
        return version
    answers = orjson.dumps(item.get("answers") or [], option=orjson.OPT_SORT_KEYS)
    return f"{version}:{sha256(answers).hexdigest()[:12]}"


def read_hook(hook: Hook, *, forms: frozenset[str], partial: bool) -> News:
    """The response a webhook carries. Of a form that is not read, or an unknown event: nothing.

    The event id is the response's token (its version for partial ones, whose token comes again).
    ``forms`` empty means every form.
    """
    event = _json(hook)
    kind = EVENTS.get(str(event.get("event_type")))
    response = event.get("form_response")
    if kind is None:
        return News(event_ids=(str(event.get("event_id") or ""),))
    if not isinstance(response, Mapping) or not response.get("token"):
        raise ContractBroken("a webhook of Typeform has no form_response with a token")
    definition = response.get("definition") or {}
    form_id = str(response.get("form_id") or definition.get("id") or "")
    item = {k: v for k, v in response.items() if k not in _NOT_OF_THE_RESPONSE}
    item |= {"response_id": response["token"], "response_type": kind}
    event_id = str(response["token"]) if kind == "completed" else version_of(item)
    wanted = (not forms or form_id in forms) and (partial or kind == "completed")
    if not wanted or not form_id:
        return News(event_ids=(event_id,))
    record = to_record(form_id, str(definition.get("title") or ""), item)
    return News(event_ids=(event_id,), records=(record,))


def _json(hook: Hook) -> Mapping[str, Any]:
    try:
        event = orjson.loads(hook.body)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("a webhook of Typeform is no JSON") from error
    if not isinstance(event, Mapping):
        raise ContractBroken("a webhook of Typeform is no JSON object")
    return event


def _moment(text: object) -> datetime | None:
    try:
        return moment(str(text)) if text else None
    except ValueError:
        return None
