"""What an operator writes about a Google Workspace connection."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

KEPT_DAYS = 30
"""Days that Meet keeps a conference's record (Meet API v2, ``expireTime``)."""

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
]
Domain = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[^@\s/]+\.[^@\s/]+$")
]
Alias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,20}$")]


def _host(url: str) -> str:
    """The URL without its last slash; tokens go there, so it is https or this machine."""
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        raise ValueError("must be https://… (http only for a simulator on this machine)")
    return url.rstrip("/")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("is no time zone; write one like Asia/Tokyo") from None
    return name


def _key_file(text: SecretStr) -> SecretStr:
    """A service account's key; refused where it is none, without quoting it."""
    try:
        held = orjson.loads(text.get_secret_value())
        whole = all(isinstance(held[name], str) for name in ("client_email", "private_key"))
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise ValueError(
            "must be the JSON of a service account's key file, with client_email and private_key; "
            "write ${file:google-key.json}"
        )
    return text


class _Written(BaseModel):
    # A key file that is refused must not be quoted in the error.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ServiceAccountAuth(_Written):
    """A service account that an administrator lets act for the users."""

    scheme: Literal["service_account"] = Field(
        description="A service account with domain-wide delegation."
    )
    key: Annotated[SecretStr, AfterValidator(_key_file)] = Field(
        description="The whole JSON key file, as ${file:google-key.json}. In the admin console, "
        "allow its client id the scopes calendar.events and meetings.space.readonly."
    )

    def field(self, name: str, default: str = "") -> str:
        """A text of the key file."""
        held: Any = orjson.loads(self.key.get_secret_value())
        return str(held.get(name) or default)


class RefreshAuth(_Written):
    """One person who signed in once."""

    scheme: Literal["refresh"] = Field(description="The refresh token of one person's sign-in.")
    client_id: str = Field(min_length=1, description="The OAuth app's client id.")
    client_secret: SecretStr = Field(description="The OAuth app's client secret.")
    refresh_token: SecretStr = Field(
        description="The refresh token of the sign-in. Those of an app that is still in testing "
        "die after seven days: publish the app."
    )


class User(_Written):
    """One of your people whose meetings are read."""

    email: Email = Field(repr=False, description="The person's address in the Workspace.")
    id: str | None = Field(
        default=None,
        pattern=r"^\d{5,30}$",
        description="The person's id in the Workspace directory, a long number. Needed to be told "
        "of meetings that ended; without it they are found by polling.",
    )


class Options(_Written):
    """The options of a Google Workspace connection."""

    auth: Annotated[ServiceAccountAuth | RefreshAuth, Field(discriminator="scheme")] = Field(
        description="How the hub signs in: scheme service_account or refresh."
    )
    users: dict[Alias, User] = Field(
        min_length=1,
        description="Your people whose calendars and meetings are read, by a short name of your "
        "choice. With scheme refresh, the one who signed in.",
    )
    internal_domains: tuple[Domain, ...] = Field(
        default=(),
        description="Domains of your own people beside those of the users: nobody there is a lead.",
    )
    since_days: int = Field(
        default=KEPT_DAYS,
        ge=0,
        le=365,
        description="How many days back the first pull reads the calendar. Of who came to a "
        "meeting Google keeps 30 days.",
    )
    guess: bool = Field(
        default=True,
        description="Where one guest was invited and one stranger came, take them for the same. "
        "Off: guests are known by their name only.",
    )
    overlap: int = Field(
        default=3600,
        ge=0,
        le=86_400,
        description="Seconds of ended meetings that each pull reads again.",
    )
    pubsub_topic: str | None = Field(
        default=None,
        pattern=r"^projects/[^/\s]+/topics/[^/\s]+$",
        description="The Pub/Sub topic that is told when meetings end, in the service account's or "
        "app's Cloud project. Give its push subscription the hub's webhook address.",
    )
    push_account: Email | None = Field(
        default=None,
        description="The service account that the push subscription signs with (its OIDC token).",
    )
    push_audience: str | None = Field(
        default=None,
        min_length=1,
        description="The audience of that token; by default the push address.",
    )
    channel_tokens: tuple[SecretStr, ...] = Field(
        default=(),
        max_length=2,
        description="Secrets that prove calendar notifications. The first is given to Google, both "
        "are accepted: put a new one first, subscribe, then remove the old one a week later.",
    )
    meeting_minutes: int = Field(
        default=30,
        ge=5,
        le=1440,
        description="Minutes of a meeting that is booked without an end.",
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="Asia/Tokyo", description="Where booked meetings are, for times without an offset."
    )
    send_updates: Literal["all", "externalOnly", "none"] = Field(
        default="all", description="Who gets Google's e-mail when a meeting is booked or moved."
    )
    page_size: int = Field(
        default=250, ge=1, le=2500, description="Calendar events asked for in one request."
    )
    requests_per_second: float = Field(
        default=5.0, gt=0, le=50, description="Most requests in a second, for all users together."
    )
    base_url: Annotated[str, AfterValidator(_host)] | None = Field(
        default=None,
        description="Replaces all of Google's hosts; for a rehearsal against a simulator.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if isinstance(self.auth, RefreshAuth) and len(self.users) > 1:
            raise ValueError("a refresh token is one person's: name one user")
        emails = [user.email for user in self.users.values()]
        if len(set(emails)) < len(emails):
            raise ValueError("two users have the same e-mail address")
        if any(len(token.get_secret_value()) < 16 for token in self.channel_tokens):
            raise ValueError("a channel token needs 16 characters or more")
        return self

    @property
    def own_domains(self) -> frozenset[str]:
        """Domains whose people are nobody's leads."""
        users = (user.email.rpartition("@")[2] for user in self.users.values())
        return frozenset((*users, *self.internal_domains))
