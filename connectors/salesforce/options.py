"""What an operator writes for a Salesforce connection."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

LOGIN = "https://login.salesforce.com"
Stream = Literal["Lead", "Contact", "Account", "Opportunity", "Task", "Event"]
STREAMS: tuple[Stream, ...] = ("Lead", "Contact", "Account", "Opportunity", "Task", "Event")
FIELD_NAME = r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,4}$"


def _host(url: str) -> str:
    """The URL without its last slash; tokens go there, so it is https or this machine."""
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        raise ValueError("must be https://… (http only for a simulator on this machine)")
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_host)]
FieldName = Annotated[str, Field(pattern=FIELD_NAME)]


class _Scheme(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JwtAuth(_Scheme):
    """JWT bearer flow: no password, nothing that expires. The app must be pre-authorised."""

    scheme: Literal["jwt"] = Field(description="The JWT bearer flow.")
    client_id: str = Field(description="Consumer key of the connected app.")
    username: str = Field(description="Salesforce user name the hub acts as.")
    private_key: SecretStr = Field(description="RSA private key in PEM form.")
    login_url: Url = Field(LOGIN, description="login or test.salesforce.com, or your My Domain.")
    audience: str | None = Field(
        None, description="aud of the assertion; needed where login_url is your My Domain."
    )


class ClientCredentialsAuth(_Scheme):
    """Client credentials flow: the app acts as the user configured in it."""

    scheme: Literal["client_credentials"] = Field(description="The client credentials flow.")
    client_id: str = Field(description="Consumer key of the connected app.")
    client_secret: SecretStr = Field(description="Consumer secret of the connected app.")
    login_url: Url = Field(
        description="Your My Domain, https://….my.salesforce.com; login.salesforce.com refuses."
    )


class RefreshAuth(_Scheme):
    """A person signed in once; refresh tokens may rotate."""

    scheme: Literal["refresh"] = Field(description="The refresh token of a sign-in.")
    client_id: str = Field(description="Consumer key of the connected app.")
    client_secret: SecretStr = Field(SecretStr(""), description="Consumer secret, if there is one.")
    refresh_token: SecretStr | None = Field(
        None, description="The first refresh token; later ones are kept by the hub."
    )
    login_url: Url = Field(LOGIN, description="login or test.salesforce.com, or your My Domain.")


class Options(BaseModel):
    """A Salesforce org and how the hub works with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    auth: Annotated[
        JwtAuth | ClientCredentialsAuth | RefreshAuth, Field(discriminator="scheme")
    ] = Field(description="How the hub signs in: scheme jwt, client_credentials or refresh.")
    base_url: Url | None = Field(
        None,
        description="Replaces both the login host and the org's host; for a rehearsal against a "
        "simulator. Leave it out to use the host that the token names.",
    )
    api_version: str = Field(
        "62.0", pattern=r"^\d{2}\.0$", description="Version of the REST API to speak."
    )
    objects: tuple[Stream, ...] = Field(
        STREAMS, min_length=1, description="Which objects to read; each is a stream."
    )
    fields: dict[Stream, tuple[FieldName, ...]] = Field(
        default_factory=dict,
        description="Fields to read beyond the default ones, by object (custom fields end in __c).",
    )
    external_id_field: str = Field(
        "Renkei_Id__c",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*$",
        description="Text field on Lead and Contact, External ID and Unique, that holds the hub's "
        "lead id. Records are created through it, so that none is created twice.",
    )
    allow_duplicates: bool = Field(
        False, description="Save past duplicate rules that only alert; rules that block still do."
    )
    auto_assign: bool | str = Field(
        True,
        description="true: the org's assignment rule runs on new leads; false: it does not; or the "
        "id of the rule to run.",
    )
    overlap: int = Field(
        300,
        ge=10,
        le=86_400,
        description="Seconds read again at each pull, for transactions that commit late.",
    )
    page_size: int = Field(2000, ge=1, le=2000, description="Rows read with one query.")
    bulk_threshold: int | None = Field(
        10_000,
        ge=0,
        description="A first pull of more rows than this uses a Bulk API job; null: never.",
    )
    bulk_push_threshold: int = Field(
        2000, ge=200, description="More changes than this in one push use a Bulk API job."
    )
    requests_per_second: float = Field(20.0, gt=0, description="Most requests in a second.")
