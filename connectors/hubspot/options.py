"""What an operator writes about a HubSpot connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class OAuthApp(BaseModel):
    """A public app that one person allowed to act in the portal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(description="Client id of the app (app settings, Auth).")
    client_secret: SecretStr = Field(description="Client secret of the app.")
    refresh_token: SecretStr = Field(description="The refresh token that the sign-in gave.")


class Options(BaseModel):
    """One HubSpot portal. Give ``token`` (private app) or ``oauth`` (public app)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr | None = Field(
        default=None, description="Access token of a private app (Settings > Integrations)."
    )
    oauth: OAuthApp | None = Field(
        default=None, description="A public app, in place of a private app's token."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="Client secret of the app that sends the webhooks."
    )
    previous_webhook_secret: SecretStr | None = Field(
        default=None, description="The secret before, while a new one is being rolled out."
    )
    portal_id: int | None = Field(
        default=None,
        description="Hub ID. An app in several portals sends all their webhooks to one address; "
        "with this only those of the portal are taken.",
    )
    form_ids: tuple[str, ...] = Field(
        default=(), description="GUIDs of the forms to read; empty reads every form."
    )
    properties: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Properties to read per object, beside the usual and all custom ones.",
    )
    hub_id_property: str | None = Field(
        default=None,
        description="Internal name of a custom contact property with unique values that holds the "
        "hub's lead id. With it contacts without an e-mail can be created.",
    )
    index_lag: float = Field(
        default=60, ge=0, description="Seconds that HubSpot's search may be behind its writes."
    )
    overlap: float = Field(
        default=300, ge=0, description="Seconds that each pull reads again, beside the lag."
    )
    deletes_every: float = Field(
        default=900, ge=0, description="Seconds between two looks at the archived records."
    )
    page_size: int = Field(default=200, ge=1, le=200, description="Records per search.")
    calls_per_10_seconds: int = Field(
        default=190, ge=1, description="100 on free and starter plans, 190 on pro and enterprise."
    )
    searches_per_second: float = Field(
        default=4, gt=0, description="Of the account's 5, some are left to others."
    )
    base_url: str = Field(
        default="https://api.hubapi.com", description="Where the API is; loopback in rehearsals."
    )

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> Self:
        if (self.token is None) == (self.oauth is None):
            raise ValueError("give either token (private app) or oauth (public app)")
        return self
