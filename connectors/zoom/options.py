"""What an operator writes about a Zoom connection."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

Host = Annotated[str, StringConstraints(pattern=r"^[^\s/]{1,128}$")]
Domain = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", to_lower=True)
]


class ServerApp(BaseModel):
    """A server-to-server OAuth app of the account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str = Field(min_length=1, description="The account's id, from the app's page.")
    client_id: str = Field(min_length=1, description="The app's client id.")
    client_secret: SecretStr = Field(description="The app's client secret.")


class UserApp(BaseModel):
    """A user-level OAuth app and the refresh token of the person who signed in to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(min_length=1, description="The app's client id.")
    client_secret: SecretStr = Field(description="The app's client secret.")
    refresh_token: SecretStr = Field(
        description="The refresh token of the first sign-in. Zoom replaces it at every use; the "
        "hub keeps the newest."
    )


class Options(BaseModel):
    """The options of a Zoom connection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: ServerApp | None = Field(
        default=None, description="A server-to-server OAuth app. Give this or `oauth`."
    )
    oauth: UserApp | None = Field(
        default=None, description="A user-level OAuth app instead: it sees one person's events."
    )
    hosts: tuple[Host, ...] = Field(
        default=(),
        repr=False,
        description="E-mail addresses or ids of the users whose webinars and meetings are read. "
        "With `oauth` it may be empty: the person who signed in.",
    )
    read: tuple[Literal["webinars", "meetings", "calls"], ...] = Field(
        default=("webinars", "meetings"),
        min_length=1,
        description="What is read. `calls` needs Zoom Phone; `webinars` needs the webinar add-on.",
    )
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        max_length=2,
        description="The app's secret token. A second one is accepted as well while it is changed.",
    )
    internal_domains: tuple[Domain, ...] = Field(
        default=(),
        description="Mail domains of your own people: who came to a meeting from there is no lead.",
    )
    history_days: int = Field(
        default=30,
        ge=1,
        le=180,
        description="Days before the first pull of which attendance and calls are read. Zoom keeps "
        "six months.",
    )
    report_hours: int = Field(
        default=24,
        ge=1,
        le=240,
        description="Hours after its end that an event's report is read again at each pull: it is "
        "not ready at once, and grows.",
    )
    page_size: int = Field(default=300, ge=1, le=300, description="Rows asked for in one request.")
    requests_per_second: float = Field(
        default=4.0,
        gt=0,
        le=80,
        description="Requests a second at most. Zoom's limits are for the whole account: 10 a "
        "second for reports on Pro, 5 for calls.",
    )
    base_url: str = Field(
        default="https://api.zoom.us",
        pattern=r"^https?://\S+$",
        description="Where the API is, without /v2.",
    )
    login_url: str = Field(
        default="https://zoom.us",
        pattern=r"^https?://\S+$",
        description="Where access tokens come from.",
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.server is None) == (self.oauth is None):
            raise ValueError("give either server (a server-to-server app) or oauth, not both")
        if self.server is not None and set(self.read) != {"calls"}:
            if not self.hosts:
                raise ValueError("hosts: name the users whose webinars and meetings are read")
            if "me" in self.hosts:
                raise ValueError('hosts: "me" works only with oauth; give an e-mail address or id')
        return self

    @property
    def users(self) -> tuple[str, ...]:
        """Whose events are read; ``me`` is the person who signed in."""
        return tuple(dict.fromkeys(self.hosts)) or ("me",)

    @property
    def secrets(self) -> list[str]:
        """The webhook secrets in clear."""
        return [secret.get_secret_value() for secret in self.webhook_secrets]
