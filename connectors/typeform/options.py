"""What an operator writes about a Typeform connection."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

OVERLAP = 3600
"""Seconds read again on each pull. The vendor says that answers of about the last 30 minutes may be
missing from the Responses API (Typeform developer docs, Responses API): twice that."""

FormId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class OAuthApp(BaseModel):
    """An OAuth app of the account and the refresh token of the person who signed in to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(min_length=1, description="The app's client id.")
    client_secret: SecretStr = Field(description="The app's client secret.")
    refresh_token: SecretStr = Field(
        description="The refresh token of the first sign-in, which must have asked for the scope "
        "`offline`. Typeform replaces it at every use; the hub keeps the newest."
    )
    scope: str | None = Field(
        default=None,
        description="Scopes to ask for when refreshing, with spaces between them; they can only "
        "become fewer than at the sign-in. Empty keeps them.",
    )


class Options(BaseModel):
    """The options of a Typeform connection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr | None = Field(
        default=None,
        description="A personal access token (tfp_…). Give this or `oauth`.",
    )
    oauth: OAuthApp | None = Field(
        default=None, description="An OAuth app instead of a personal token."
    )
    base_url: str = Field(
        default="https://api.typeform.com",
        pattern=r"^https?://\S+$",
        description="Where the account's API is. Accounts of the EU data centre use "
        "https://api.eu.typeform.com or https://api.typeform.eu; tokens do not cross regions.",
    )
    forms: tuple[FormId, ...] = Field(
        default=(),
        description="Form ids to read (the part after /to/ in a form's URL). Empty reads every "
        "form of the account, also those made later.",
    )
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        max_length=2,
        description="Secrets that sign webhooks. The first is given to Typeform when webhooks are "
        "subscribed, both are accepted: put a new one first, subscribe, then remove the old one.",
    )
    webhook_tag: Tag = Field(
        default="renkei", description="The name under which webhooks are subscribed on each form."
    )
    overlap: int = Field(
        default=OVERLAP,
        ge=0,
        description="Seconds before the last answer that each pull reads again, because new "
        "answers appear late and out of order. Less than 1800 can lose answers.",
    )
    partial: bool = Field(
        default=False,
        description="Also read answers of people who left the form before they submitted it.",
    )
    page_size: int = Field(
        default=1000, ge=1, le=1000, description="Answers asked for in one request."
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.token is None) == (self.oauth is None):
            raise ValueError("give either token (a personal access token) or oauth, not both")
        return self

    @property
    def secrets(self) -> list[str]:
        """The webhook secrets in clear, the one for new subscriptions first."""
        return [secret.get_secret_value() for secret in self.webhook_secrets]
