"""What an operator writes about a Slack connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from connectors.kit.messages import WORDS

ChannelId = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{2,30}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]


class Options(BaseModel):
    """The options of a Slack connection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_token: SecretStr = Field(description="The bot token of the app (xoxb-…).")
    signing_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        max_length=2,
        description="The app's signing secret, and while it is being changed the one before it. "
        "Without one no button and no event is believed.",
    )
    base_url: str = Field(
        default="https://slack.com/api", pattern=r"^https?://\S+$", description="Where the API is."
    )
    channels: tuple[ChannelId, ...] = Field(
        default=(),
        description="Channel ids (C…) whose messages that hold a mail address are read as "
        "activities. Hand-offs go to any channel.",
    )
    overlap: int = Field(
        default=86_400,
        ge=0,
        description="Seconds before the last message that each pull reads again, to see what was "
        "edited.",
    )
    page_size: int = Field(
        default=200, ge=2, le=999, description="Messages asked for in one request."
    )
    thread_replies: bool = Field(
        default=False,
        description="Whether the app is subscribed to message events: messages then say that words "
        "in the thread (承認, 差戻し 理由) are heard as well as buttons.",
    )
    words: Mapping[str, tuple[Word, ...]] = Field(
        default_factory=lambda: dict(WORDS),
        description="Which replies in a thread say which action. The first word of each is the one "
        "that messages explain.",
    )
    language: Literal["ja", "en"] = Field(
        default="ja", description="The language of the connector's own words in messages."
    )
    zone: str = Field(
        default="Asia/Tokyo", description="The time zone in which time limits are written."
    )

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
        """The signing secrets in clear."""
        return [secret.get_secret_value() for secret in self.signing_secrets]
