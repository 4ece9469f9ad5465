"""Asking Google to tell us: subscriptions to ended meetings, and channels of calendars.

Both live for a week at most. Calling this again renews the subscriptions and opens the day's
channels; a channel that was opened earlier ends by itself, and both are listened to until then.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

from connectors.google_meet.api import CALENDAR, Api, items_of, object_of
from connectors.google_meet.hooks import CHANNEL, ENDED
from connectors.google_meet.translate import reason_of, translate
from connectors.kit.errors import ConnectorError, Unavailable

LONGEST = timedelta(days=7)
"""How long a subscription or a channel may live. From memory."""
USER_TARGET = "//cloudidentity.googleapis.com/users/"
LOOKS, PAUSE = 10, 1.0
"""How often, and with how many seconds between, an operation is looked at until it is done."""


def subscribe(api: Api, url: str) -> None:
    """Renew or make what each user can be watched by; raises where nothing could be."""
    options = api.options
    watched = False
    for name, user in options.users.items():
        if options.pubsub_topic is not None and user.id is not None:
            _subscribe(api, name, user.id, options.pubsub_topic)
            watched = True
        if options.channel_tokens:
            _open_channel(api, name, url, options.channel_tokens[0].get_secret_value())
            watched = True
    if not watched:
        raise ConnectorError(
            f'connection "{api.wiring.connection}" has nothing to be told by: set channel_tokens '
            "for calendars, or pubsub_topic and the users' ids for meetings",
            code="GOOGLE_MEET_NOTHING_TO_WATCH",
        )


def _subscribe(api: Api, name: str, user_id: str, topic: str) -> None:
    target = f"{USER_TARGET}{user_id}"
    wanted = {
        "targetResource": target,
        "eventTypes": [ENDED],
        "notificationEndpoint": {"pubsubTopic": topic},
        "ttl": f"{int(LONGEST.total_seconds())}s",
    }
    reply = api.request(name, "POST", "/v1/subscriptions", json=wanted, safe=True, accept=(409,))
    if reply.status != 409:
        _await(api, name, object_of(reply))
        return
    condition = f'event_types:"{ENDED}" AND target_resource="{target}"'
    held = items_of(api.get(name, "/v1/subscriptions", filter=condition), "subscriptions")
    if not held:
        raise ConnectorError(
            "Google says that the user is watched already, but not for meetings that ended: end "
            "the other subscription of this project",
            code="GOOGLE_MEET_OTHER_SUBSCRIPTION",
        )
    for one in held:
        path = f"/v1/{one['name']}"
        renewed = api.request(
            name, "PATCH", path, params={"updateMask": "ttl"}, json={"ttl": "0s"}, safe=True
        )
        _await(api, name, object_of(renewed))
        if one.get("state") == "SUSPENDED":
            awake = api.request(name, "POST", f"{path}:reactivate", json={}, safe=True)
            _await(api, name, object_of(awake))


def _await(api: Api, name: str, operation: Any) -> None:
    """Return when a long-running operation is done; its own error is ours."""
    for _ in range(LOOKS):
        error = operation.get("error")
        if error:
            raise ConnectorError(
                f"Google could not make the subscription (code {error.get('code')}): may it "
                "publish to the topic?",
                code="GOOGLE_MEET_SUBSCRIPTION_FAILED",
            )
        if operation.get("done") or not operation.get("name"):
            return
        api.wiring.sleep(PAUSE)
        operation = api.get(name, f"/v1/{operation['name']}")
    raise Unavailable(
        "Google has not finished making the subscription; subscribe again later",
        code="GOOGLE_MEET_SUBSCRIPTION_SLOW",
    )


def _open_channel(api: Api, name: str, url: str, token: str) -> None:
    """A channel for today; asking for it twice is asking for the same one."""
    now = api.wiring.now()
    mark = sha256(f"{url}|{token}".encode()).hexdigest()[:12]
    body = {
        "id": f"{CHANNEL}{name}-{now:%Y%m%d}-{mark}",
        "type": "web_hook",
        "address": url,
        "token": token,
        "expiration": int((now + LONGEST).timestamp() * 1000),
    }
    reply = api.request(name, "POST", f"{CALENDAR}/watch", json=body, accept=(400,))
    if reply.status == 400 and reason_of(reply) != "channelIdNotUnique":
        raise translate(reply) or ConnectorError("Google refused to open a channel")
