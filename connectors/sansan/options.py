"""What an operator writes about a Sansan connection."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

OVERLAP = 7200
"""Seconds read again at each pull: two hours, for cards that take long to be digitised."""
CAMPAIGN_TAGS = ("展示会", "セミナー", "ウェビナー", "EXPO")

TagStart = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class Options(BaseModel):
    """The options of a Sansan connection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: SecretStr = Field(
        description="The API key of a Sansan user who may see the cards (32 characters). Issued in "
        "Sansan's settings, where an administrator has allowed the use of the API."
    )
    since: date = Field(
        description="The first day, in Japan, of whose registered cards are read. Cards that were "
        "registered earlier are left out, also when they change."
    )
    range: Literal["all", "me"] = Field(
        default="all",
        description="all: every card the key's user may see; me: the user's own cards.",
    )
    app_id: str | None = Field(
        default=None,
        pattern=r"^[\x21-\x7e]{1,128}$",
        description="X-Sansan-App-Id, for applications of the partner programme only.",
    )
    campaign_tags: tuple[TagStart, ...] = Field(
        default=CAMPAIGN_TAGS,
        description="How the names of tags begin that name an exhibition or a campaign: the first "
        "such tag of a card is its campaign.",
    )
    own_cards: bool = Field(
        default=False,
        description="Also read the users' own cards, which are of your own people.",
    )
    window_days: int = Field(
        default=7, ge=1, le=365, description="Days of cards that are asked for at a time."
    )
    overlap: int = Field(
        default=OVERLAP,
        ge=0,
        le=604_800,
        description="Seconds before the last pull that each pull reads again.",
    )
    page_size: int = Field(default=300, ge=1, le=300, description="Cards asked for in one request.")
    requests_per_second: float = Field(
        default=5.0, gt=0, le=10, description="Most requests in a second; Sansan allows a key 10."
    )
    base_url: str = Field(
        default="https://api.sansan.com",
        pattern=r"^https?://\S+$",
        description="Where the Open API is, without its version.",
    )
