"""The simulated Workspace Events API and the Pub/Sub push that carries its events.

Sources: Google's discovery documents of Workspace Events v1 and Pub/Sub v1, as the fact sheet has
them. From memory: the messages' attributes other than ``ce-type``, and the lifecycle events.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import timedelta
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from connectors.google_meet.simulator_meet import Conferences
from connectors.google_meet.simulator_signin import key_pair, stamp, status_refusal
from connectors.kit.simulator import Delivery, Request, Response, Table, json_response, route

ISSUER = "https://accounts.google.com"
PUSH_ACCOUNT = "pubsub-push@mihon-project.iam.gserviceaccount.com"
PUSH_KEY_ID = "google-key-1"
LONGEST = timedelta(days=7)
"""From memory: how long a subscription without resource data may live."""
TYPE = re.compile(
    r"google\.workspace\.meet\.(conference\.v2\.(started|ended)|participant\.v2\.(joined|left)"
    r"|(recording|transcript)\.v2\.(started|ended|fileGenerated))"
)
USER = "//cloudidentity.googleapis.com/users/"
Row = dict[str, Any]


class Subscriptions(Conferences):
    """Subscriptions to what happens in meetings, and a Pub/Sub topic that pushes."""

    push_url = ""
    push_audience = ""
    topic = "projects/mihon-project/topics/meet"

    @property
    def subscriptions(self) -> Table:
        """Subscriptions by name."""
        return self.table("subscriptions")

    def push_to(self, url: str, audience: str | None = None) -> None:
        """Have the topic pushed to an address, with tokens for ``audience`` (default: it)."""
        self.push_url, self.push_audience = url, audience or url

    def add_subscription(self, owner: str, *types: str) -> str:
        """A live subscription of a person, as if it had been asked for; returns its name."""
        with self.lock:
            name = f"subscriptions/meet-users-{self.next_id('subscription')}"
            self.subscriptions[name] = {
                "name": name,
                "targetResource": USER + str(self.people[owner]["id"]),
                "eventTypes": list(types),
                "notificationEndpoint": {"pubsubTopic": self.topic},
                "state": "ACTIVE",
                "until": (self.now() + LONGEST).timestamp(),
                "owner": owner,
            }
            return name

    def publish(self, event: str, owner: str, about: Row, subject: str) -> None:
        """Tell every live subscription of a person about an event."""
        target = USER + str(self.people[owner]["id"])
        for row in self.subscriptions.values():
            live = row["state"] == "ACTIVE" and row["until"] > self.now().timestamp()
            if live and row["targetResource"] == target and event in row["eventTypes"]:
                self._push(event, about, row["name"], subject)

    def _push(self, event: str, data: Row, subscription: str, subject: str) -> None:
        number = self.next_id("message", 8_412_345_678_901_234)
        attributes = {
            "ce-datacontenttype": "application/json",
            "ce-id": f"{subject}-{self.next_id('ce')}",
            "ce-source": f"//workspaceevents.googleapis.com/{subscription}",
            "ce-specversion": "1.0",
            "ce-subject": subject,
            "ce-time": stamp(self.now()),
            "ce-type": event,
        }
        message = {
            "attributes": attributes,
            "data": b64encode(orjson.dumps(data)).decode(),
            "messageId": str(number),
            "publishTime": stamp(self.now()),
        }
        body = {"message": message, "subscription": "projects/mihon-project/subscriptions/push"}
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {self.push_token()}",
        }
        self.send(Delivery(self.push_url, orjson.dumps(body), headers, vendor_id=str(number)))

    def push_token(self, *, key: str = "google", **claims: Any) -> str:
        """The token that proves a push; ``claims`` replace its own, ``key`` signs it."""
        now = int(self.now().timestamp())
        own = {
            "iss": ISSUER,
            "aud": self.push_audience,
            "azp": "1122334455",
            "sub": "1122334455",
            "email": PUSH_ACCOUNT,
            "email_verified": True,
            "iat": now,
            "exp": now + 3600,
        }
        kid = {"kid": PUSH_KEY_ID}
        return jwt.encode({**own, **claims}, key_pair(key)[0], algorithm="RS256", headers=kid)

    @route("GET", "/oauth2/v3/certs")
    def certs(self, request: Request) -> Response:  # noqa: ARG002 - a route
        """The keys Google signs with."""
        pem = key_pair("google")[1].encode()
        public = serialization.load_pem_public_key(pem)
        if not isinstance(public, RSAPublicKey):
            raise TypeError("the key is not an RSA key")
        made = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        return json_response({"keys": [{**made, "kid": PUSH_KEY_ID, "alg": "RS256", "use": "sig"}]})

    # -- subscriptions ------------------------------------------------------------------------

    @route("POST", "/v1/subscriptions")
    def subscribe(self, request: Request) -> Response:
        """Make a subscription; the answer is an operation."""
        body = request.get_json()
        target = str(body.get("targetResource", ""))
        types = body.get("eventTypes")
        topic = (body.get("notificationEndpoint") or {}).get("pubsubTopic")
        if target != USER + str(self.people[self.who]["id"]):
            raise status_refusal(403, "PERMISSION_DENIED", "The caller may not watch the target")
        if not isinstance(types, list) or not types or not all(TYPE.fullmatch(t) for t in types):
            raise status_refusal(400, "INVALID_ARGUMENT", "Invalid event_types")
        if body.get("payloadOptions"):
            raise status_refusal(400, "INVALID_ARGUMENT", "payload_options is not supported")
        if topic != self.topic:
            raise status_refusal(403, "PERMISSION_DENIED", "The topic cannot be published to")
        self._drop_expired()
        if any(row["targetResource"] == target for row in self.subscriptions.values()):
            raise status_refusal(409, "ALREADY_EXISTS", "The subscription already exists.")
        name = self.add_subscription(self.who, *types)
        until = (self.now() + _ttl(body)).timestamp()
        self.subscriptions[name] = {**self.subscriptions[name], "until": until}
        return self._operation(self.subscriptions[name])

    @route("GET", "/v1/subscriptions")
    def list_subscriptions(self, request: Request) -> Response:
        """One's own subscriptions; a filter that names an event type is required."""
        wanted = request.args.get("filter", "")
        if not re.search(r'event_types:"[^"]+"', wanted):
            raise status_refusal(400, "INVALID_ARGUMENT", "filter must name an event type")
        self._drop_expired()
        target = re.search(r'target_resource="([^"]+)"', wanted)
        types = set(re.findall(r'event_types:"([^"]+)"', wanted))
        found = [
            self._subscription(row)
            for row in self.subscriptions.values()
            if row["owner"] == self.who
            and types & set(row["eventTypes"])
            and (target is None or row["targetResource"] == target[1])
        ]
        return json_response({"subscriptions": found} if found else {})

    @route("GET", "/v1/subscriptions/<name>")
    def get_subscription(self, request: Request, name: str) -> Response:  # noqa: ARG002 - a route
        """One subscription."""
        return json_response(self._subscription(self._held(name)))

    @route("PATCH", "/v1/subscriptions/<name>")
    def renew(self, request: Request, name: str) -> Response:
        """Renew a subscription: ``updateMask=ttl`` with a ttl of 0 is the longest there is."""
        row = self._held(name)
        if request.args.get("updateMask") != "ttl":
            raise status_refusal(400, "INVALID_ARGUMENT", "update_mask is not supported")
        row = {**row, "until": (self.now() + _ttl(request.get_json())).timestamp()}
        self.subscriptions[row["name"]] = row
        return self._operation(row)

    @route("POST", "/v1/subscriptions/<name>:reactivate")
    def reactivate(self, request: Request, name: str) -> Response:  # noqa: ARG002 - a route
        """Wake a suspended subscription up."""
        row = {**self._held(name), "state": "ACTIVE"}
        row.pop("suspensionReason", None)
        self.subscriptions[row["name"]] = row
        return self._operation(row)

    @route("DELETE", "/v1/subscriptions/<name>")
    def unsubscribe(self, request: Request, name: str) -> Response:  # noqa: ARG002 - a route
        """End a subscription."""
        row = self._held(name)
        del self.subscriptions[row["name"]]
        return self._operation(row)

    @route("GET", "/v1/operations/<name>")
    def get_operation(self, request: Request, name: str) -> Response:  # noqa: ARG002 - a route
        """An operation; it is done at the second look."""
        key = f"operations/{name}"
        if key not in self.table("operations"):
            raise status_refusal(404, "NOT_FOUND", "Requested entity was not found.")
        return json_response({**self.table("operations")[key], "done": True})

    def suspend(self, name: str, reason: str = "ENDPOINT_PERMISSION_DENIED") -> None:
        """Suspend a subscription, and tell of it on its topic."""
        with self.lock:
            row = {**self.subscriptions[name], "state": "SUSPENDED", "suspensionReason": reason}
            self.subscriptions[name] = row
            event = "google.workspace.events.subscription.v1.suspended"
            self._push(event, {"subscription": self._subscription(row)}, name, f"//{name}")

    def _held(self, name: str) -> Row:
        self._drop_expired()
        row = self.subscriptions.get(f"subscriptions/{name}")
        if row is None or row["owner"] != self.who:
            raise status_refusal(404, "NOT_FOUND", "Requested entity was not found.")
        return row

    def _drop_expired(self) -> None:
        for name, row in list(self.subscriptions.items()):
            if row["until"] <= self.now().timestamp():
                del self.subscriptions[name]

    def _subscription(self, row: Row) -> Row:
        shown = {k: v for k, v in row.items() if k not in ("until", "owner")}
        left = timedelta(seconds=row["until"] - self.now().timestamp())
        return {**shown, "expireTime": stamp(self.now() + left)}

    def _operation(self, row: Row) -> Response:
        name = f"operations/{self.next_id('operation')}"
        self.table("operations")[name] = {"name": name, "response": self._subscription(row)}
        return json_response({"name": name, "done": False})


def _ttl(body: Row) -> timedelta:
    found = re.fullmatch(r"(\d+)(\.\d+)?s", str(body.get("ttl", "0s")))
    if found is None:
        raise status_refusal(400, "INVALID_ARGUMENT", "Invalid ttl")
    wanted = timedelta(seconds=int(found[1]))
    return min(wanted, LONGEST) if wanted else LONGEST
