"""What an operator writes about a Marketo connection."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

MOST_TYPES = 10
"""Kinds of activity that one call takes (Adobe developer docs, "Activities")."""


class Options(BaseModel):
    """One Marketo instance, by way of a custom service (LaunchPoint) with an API-only user."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(
        pattern=r"^https?://\S+$",
        description="Where the API is: https://MUNCHKIN-ID.mktorest.com (Admin > Web Services, "
        "REST endpoint).",
    )
    client_id: str = Field(min_length=1, description="Client id of the custom service.")
    client_secret: SecretStr = Field(description="Client secret of the custom service.")
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="What the header X-Renkei-Secret of the webhooks holds; any long random text.",
    )
    previous_webhook_secret: SecretStr | None = Field(
        default=None, description="The secret before, while a new one is being rolled out."
    )
    partition: str | None = Field(
        default=None,
        description="Lead partition that new leads are made in; without it the default one.",
    )
    hub_id_field: str | None = Field(
        default=None,
        description="API name of a custom string field that holds the hub's lead id. With it "
        "leads without an e-mail can be created.",
    )
    fields: tuple[str, ...] = Field(
        default=(),
        description="API names of the fields to read beside the usual ones; empty reads every "
        "field that the instance has.",
    )
    activity_types: tuple[int, ...] = Field(
        default=(),
        max_length=MOST_TYPES,
        description="Ids of the kinds of activity to read, ten at most; empty reads forms, "
        "e-mails, interesting moments and progression.",
    )
    backfill_from: date | None = Field(
        default=None,
        description="The first pull reads leads created, and activities done, since this day; "
        "without it what Marketo still keeps.",
    )
    backfill_lists: tuple[int, ...] = Field(
        default=(),
        description="Ids of static lists whose members the first pull reads, too: how leads "
        "older than backfill_from come in.",
    )
    overlap: float = Field(
        default=300,
        ge=0,
        description="Seconds that are read again where a new paging token has to be asked for.",
    )
    deletes_every: float = Field(
        default=900, ge=0, description="Seconds between two looks at the deleted leads."
    )
    page_size: int = Field(default=300, ge=1, le=300, description="Records of one answer.")
    calls_per_20_seconds: int = Field(
        default=50,
        ge=1,
        description="The instance takes 100 from all its integrations together.",
    )
    daily_quota: int = Field(
        default=50_000, ge=1, description="Calls a day that the subscription may make."
    )

    @field_validator("base_url")
    @classmethod
    def _without_the_end(cls, address: str) -> str:
        """The address as Marketo shows it ends in /rest; ours begins before that."""
        return address.rstrip("/").removesuffix("/rest").removesuffix("/identity")
