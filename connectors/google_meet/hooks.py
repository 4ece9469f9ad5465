"""What Google tells by webhook: events over Pub/Sub, and channels of Calendar; both are hints.

Pub/Sub push carries a token that Google signs for one audience and one service account (OpenID
Connect, RS256). A calendar notification has no body and no signature: the token that we gave for
its channel is all its proof.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
import orjson

from connectors.google_meet import events, meetings
from connectors.google_meet.options import Options
from connectors.kit import signatures
from connectors.kit.base import Hook, News, Ref
from connectors.kit.errors import BadSignature, ContractBroken
from connectors.kit.session import Wiring
from connectors.kit.signatures import Scheme

log = logging.getLogger("renkei.google_meet")

CERTS_URL = "https://www.googleapis.com/oauth2/v3/certs"
"""Where Google publishes the keys it signs with. From memory."""
ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
"""The second form is from memory; the fact sheet has the first."""
KEYS_KEPT = timedelta(hours=6)
KEYS_AGAIN = timedelta(minutes=5)
"""How soon the keys are asked for again where a token names one that is not among them."""
LEEWAY = 60
"""Seconds that Google's clock and ours may differ."""
ENDED = "google.workspace.meet.conference.v2.ended"
LIFECYCLE = "google.workspace.events.subscription.v1."
"""The beginning of what is told about a subscription itself. From memory."""
RECENT = timedelta(minutes=10)
"""How far back a calendar is read after a notification; the next pull reads what is older."""
CHANNEL = "renkei-"
CHANNEL_TOKEN = Scheme("x-goog-channel-token", (), algorithm="plain", encoding="text")
SINCE = " updated>="


class GoogleKeys:
    """Google's public keys, kept for some hours and asked for again where one is missing."""

    def __init__(self, wiring: Wiring, base_url: str | None) -> None:
        self._wiring = wiring
        self._url = f"{base_url}/oauth2/v3/certs" if base_url else CERTS_URL
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at: datetime | None = None

    def key(self, key_id: str) -> jwt.PyJWK | None:
        """The key with this id; None where Google has none."""
        now = self._wiring.now()
        wait = KEYS_KEPT if key_id in self._keys else KEYS_AGAIN
        if self._asked_at is None or now - self._asked_at >= wait:
            self._asked_at = now
            self._keys = self._ask()
        return self._keys.get(key_id)

    def _ask(self) -> dict[str, jwt.PyJWK]:
        session = self._wiring.session(base_url=self._url, read_timeout=5.0)
        try:
            body = session.get(self._url).json()
        finally:
            session.close()
        try:
            return {str(one["kid"]): jwt.PyJWK(one) for one in body["keys"]}
        except (KeyError, TypeError, jwt.PyJWTError) as error:
            raise ContractBroken(
                "Google's keys are not in the form they used to be", code="GOOGLE_MEET_KEYS"
            ) from error


def verify(hook: Hook, options: Options, keys: GoogleKeys, now: datetime) -> None:
    """Return where Google sent the hook for us; else BadSignature."""
    if "x-goog-channel-id" in hook.headers:
        tokens = [token.get_secret_value() for token in options.channel_tokens]
        signatures.verify(CHANNEL_TOKEN, hook, tokens, now)
    else:
        _verify_push(hook, options, keys, now)


def _verify_push(hook: Hook, options: Options, keys: GoogleKeys, now: datetime) -> None:
    if options.push_account is None:
        raise BadSignature("no push_account is configured", code="NO_SECRET")
    scheme, _, token = hook.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BadSignature("the push has no token", code="SIGNATURE_MISSING")
    claims = _claims(token, options.push_audience or hook.url.partition("?")[0], keys)
    email = str(claims.get("email") or "").lower()
    if claims.get("iss") not in ISSUERS or email != options.push_account:
        raise BadSignature("the push's token is of somebody else", code="SIGNATURE_WRONG")
    if claims.get("email_verified") is not True:
        raise BadSignature("the push's token has an unverified address", code="SIGNATURE_WRONG")
    moment = now.timestamp()
    try:
        stale = not float(claims["iat"]) - LEEWAY <= moment <= float(claims["exp"]) + LEEWAY
    except (TypeError, ValueError):
        stale = True
    if stale:
        raise BadSignature(
            "the push's token is not of now: a replay, or this machine's clock is wrong",
            code="SIGNATURE_STALE",
        )


def _claims(token: str, audience: str, keys: GoogleKeys) -> Mapping[str, Any]:
    """What a token claims that Google signed for this audience; its times are not looked at."""
    try:
        key_id = str(jwt.get_unverified_header(token).get("kid") or "")
        key = keys.key(key_id)
        if key is None:
            raise BadSignature("the push's token is signed by no key of Google's")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=audience,
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "require": ["iss", "aud", "iat", "exp", "email"],
            },
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise BadSignature(
            f"the push's token does not hold ({type(error).__name__})", code="SIGNATURE_WRONG"
        ) from error
    return claims


def read(hook: Hook, options: Options) -> News:
    """What to read again: a conference that ended, or what changed of late in a calendar."""
    channel = hook.headers.get("x-goog-channel-id")
    if channel is not None:
        return _read_channel(hook, channel, options)
    message = _object(hook.body).get("message")
    if not isinstance(message, Mapping):
        raise ContractBroken("a Pub/Sub push has no message", code="GOOGLE_MEET_HOOK")
    attributes = message.get("attributes") or {}
    event_id = str(attributes.get("ce-id") or message.get("messageId") or "")
    kind = str(attributes.get("ce-type") or "")
    if kind.startswith(LIFECYCLE):
        log.warning("a Workspace Events subscription says: %s", kind.removeprefix(LIFECYCLE))
    if kind != ENDED:
        return News(event_ids=(event_id,))
    record = (_data(message).get("conferenceRecord") or {}).get("name")
    ref = Ref(meetings.STREAM, meetings.id_of(record, "conferenceRecords"))
    return News(event_ids=(event_id,), changed=(ref,))


def _read_channel(hook: Hook, channel: str, options: Options) -> News:
    number = hook.headers.get("x-goog-message-number", "")
    user = channel.removeprefix(CHANNEL).partition("-")[0]
    state = hook.headers.get("x-goog-resource-state")
    event_ids = (f"{channel}:{number}",)
    if state == "sync" or user not in options.users:
        return News(event_ids=event_ids)
    since = meetings.stamp(hook.received_at - RECENT)
    return News(event_ids=event_ids, changed=(Ref(events.STREAM, f"{user}{SINCE}{since}"),))


def _data(message: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return _object(b64decode(str(message.get("data") or ""), validate=True))
    except Base64Error as error:
        raise ContractBroken("a Pub/Sub message is not base64", code="GOOGLE_MEET_HOOK") from error


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ContractBroken("a Pub/Sub push is no JSON", code="GOOGLE_MEET_HOOK") from error
    if isinstance(found, Mapping):
        return found
    raise ContractBroken("a Pub/Sub push is no JSON object", code="GOOGLE_MEET_HOOK")
