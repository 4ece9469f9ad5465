"""kintone's webhooks: unsigned, so proven by a secret at the end of their address.

Sources: kintone help and cybozu developer network, "Webhooks". They are hints, and not more: past
60 a minute for a domain they are dropped, they are not sent for imports and for the API's
multi-record writes, and none is sent twice. Polling finds what they miss.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from connectors.kintone.options import Options
from connectors.kit.base import Hook, News, Ref
from connectors.kit.errors import BadSignature, ContractBroken

CHANGED = frozenset({"ADD_RECORD", "UPDATE_RECORD", "UPDATE_STATUS"})
DELETED = "DELETE_RECORD"


def verify(options: Options, hook: Hook) -> None:
    """Nothing where the address ends in the secret (or has it as ``token``); BadSignature else."""
    if options.hook_secret is None or not options.hook_secret.get_secret_value():
        raise BadSignature("a kintone webhook came, but the connection has no hook_secret: set one")
    address = urlsplit(hook.url)
    tokens = parse_qs(address.query).get("token", [])
    given = tokens[0] if tokens else address.path.rstrip("/").rpartition("/")[2]
    wanted = options.hook_secret.get_secret_value().encode()
    if not hmac.compare_digest(given.encode(), wanted):
        raise BadSignature("a kintone webhook came to an address without the hook_secret")


def read(options: Options, hook: Hook) -> News:
    """Which records to read again, and which are gone."""
    body = _body(hook)
    event = str(body.get("type", ""))
    app = str((body.get("app") or {}).get("id", ""))
    record = (body.get("record") or {}).get("$id", {}).get("value") or body.get("recordId")
    refs = tuple(
        Ref(options.stream(name), str(record))
        for name, held in options.apps.items()
        if str(held.app) == app and record is not None
    )
    return News(
        event_ids=(str(body["id"]),) if body.get("id") else (),
        changed=refs if event in CHANGED else (),
        deleted=refs if event == DELETED else (),
    )


def _body(hook: Hook) -> Mapping[str, Any]:
    try:
        body = orjson.loads(hook.body)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("a kintone webhook is not JSON", code="KINTONE_HOOK") from error
    if not isinstance(body, dict):
        raise ContractBroken("a kintone webhook is no JSON object", code="KINTONE_HOOK")
    return body
