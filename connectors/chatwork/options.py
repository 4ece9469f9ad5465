"""What an operator writes about a Chatwork connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from connectors.kit.messages import WORDS

RoomId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]


class OAuthApp(BaseModel):
    """An OAuth client and the refresh token of the bot account that signed in to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str = Field(min_length=1, description="The OAuth client's id.")
    client_secret: SecretStr = Field(description="The OAuth client's secret.")
    refresh_token: SecretStr = Field(
        description="The refresh token of the first sign-in. It lives 14 days, without end where "
        "the sign-in asked for the scope `offline_access`."
    )
    token_url: str = Field(
        default="https://oauth.chatwork.com/token",
        pattern=r"^https?://\S+$",
        description="Where tokens are exchanged.",
    )


class Options(BaseModel):
    """The options of a Chatwork connection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr | None = Field(
        default=None, description="The API token of the bot account. Give this or `oauth`."
    )
    oauth: OAuthApp | None = Field(
        default=None, description="An OAuth client instead of an API token."
    )
    account_id: int = Field(
        ge=1,
        description="The account id of the bot. Replies to its messages are answers; what it says "
        "itself is passed over.",
    )
    base_url: str = Field(
        default="https://api.chatwork.com/v2",
        pattern=r"^https?://\S+$",
        description="Where the API is.",
    )
    webhook_tokens: tuple[SecretStr, ...] = Field(
        default=(),
        max_length=10,
        description="The tokens of the webhooks that send to this connection, as the API console "
        "shows them. Each webhook has its own; all are accepted.",
    )
    rooms: tuple[RoomId, ...] = Field(
        default=(),
        description="Room ids (the digits after #!rid in a room's address) whose messages and "
        "tasks that hold a mail address are read as activities. Hand-offs go to any room.",
    )
    words: Mapping[str, tuple[Word, ...]] = Field(
        default_factory=lambda: dict(WORDS),
        description="Which replies say which action. The first word of each is the one that "
        "messages explain.",
    )
    language: Literal["ja", "en"] = Field(
        default="ja", description="The language of the connector's own words in messages."
    )
    zone: str = Field(
        default="Asia/Tokyo", description="The time zone in which time limits are written."
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.token is None) == (self.oauth is None):
            raise ValueError("give either token (an API token) or oauth, not both")
        return self

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone such as Asia/Tokyo") from error
        return name

    @property
    def secrets(self) -> list[str]:
        """The webhook tokens in clear."""
        return [token.get_secret_value() for token in self.webhook_tokens]
