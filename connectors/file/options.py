"""What an operator writes under ``options:`` of a file connection."""

from __future__ import annotations

import codecs
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from connectors.file.profiles import FIELD_NAMES, PROFILE_NAMES

DELIMITERS = {",": ",", "tab": "\t", "\t": "\t", ";": ";", "|": "|"}
"""What an operator may write for a delimiter, and the character it stands for."""

AUTO = "auto"

Channel = Literal[
    "form",
    "seminar",
    "webinar",
    "exhibition",
    "business_card",
    "ad",
    "referral",
    "cold_call",
    "purchased_list",
    "import",
    "other",
]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
"""One name or a list of names."""


class Options(BaseModel):
    """One drop folder: where its files lie and how they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(
        min_length=1,
        description="Drop folder, one file, or a pattern of files: data/in, data/in/*.csv.",
    )
    profile: str = Field(
        default=AUTO,
        description="Which kind of list it is: auto (by its headers), eight, sansan, exhibition, "
        "seminar or generic.",
    )
    encoding: str = Field(
        default=AUTO,
        description="auto (BOM, then UTF-8, CP932, EUC-JP) or a name: utf-8, cp932, euc-jp, ...",
    )
    delimiter: str = Field(default=AUTO, description='auto, or one of "," tab ";" "|".')
    sheet: str | None = Field(
        default=None, description="Sheet of a workbook; the first visible one where not given."
    )
    header_contains: Names = Field(
        default=(), description="Headers by which the header row is found below lines of text."
    )
    columns: dict[str, Names] = Field(
        default_factory=dict,
        description="Field: header (or a list of headers) where the profile does not know them.",
    )
    occurred_on: date | None = Field(
        default=None, description="The date of contact for rows that do not say theirs."
    )
    campaign: str | None = Field(
        default=None,
        description="Name of the exhibition, seminar or campaign for rows that do not say theirs.",
    )
    lead_source: str | None = Field(
        default=None, description="Lead source of every row; the profile's own where not given."
    )
    channel: Channel | None = Field(
        default=None, description="Channel of every row; the profile's own where not given."
    )
    key: Names = Field(
        default=(),
        description="Fields that make two rows the same row: [email] or [company, full_name]. "
        "Where not given: e-mail and name, else company and name.",
    )
    restore_zeros: bool = Field(
        default=True,
        description="Give back the leading zero that a spreadsheet took from Japanese phone "
        "numbers and postal codes.",
    )
    max_rows: int = Field(
        default=100_000, ge=1, description="A file with more filled rows is refused as a whole."
    )
    max_bytes: int = Field(
        default=50 * 1024 * 1024, ge=1, description="A larger file is refused as a whole."
    )
    settle: float = Field(
        default=2.0,
        ge=0,
        description="Seconds a file must have rested before it is read; it may still be growing.",
    )
    move_to: str | None = Field(
        default=None,
        description="Folder that read files are moved to, one pull after they were read. "
        "Where not given they stay.",
    )

    @field_validator("profile")
    @classmethod
    def _known_profile(cls, value: str) -> str:
        if value != AUTO and value not in PROFILE_NAMES:
            raise ValueError(f"unknown profile; known are auto, {', '.join(PROFILE_NAMES)}")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        if value.lower() == AUTO:
            return AUTO
        try:
            name = codecs.lookup(value).name
            "".encode(name)  # refuses codecs that do not turn bytes into text (rot13, hex)
        except LookupError as error:
            raise ValueError(
                "unknown encoding; write auto, utf-8, cp932, euc-jp, utf-16, ..."
            ) from error
        return name

    @field_validator("delimiter")
    @classmethod
    def _known_delimiter(cls, value: str) -> str:
        if value == AUTO:
            return AUTO
        if value not in DELIMITERS:
            raise ValueError('unknown delimiter; write auto, ",", tab, ";" or "|"')
        return DELIMITERS[value]

    @field_validator("columns", "key")
    @classmethod
    def _known_fields(
        cls, value: dict[str, tuple[str, ...]] | tuple[str, ...]
    ) -> dict[str, tuple[str, ...]] | tuple[str, ...]:
        unknown = sorted(set(value) - FIELD_NAMES)
        if unknown:
            raise ValueError(
                f"unknown field {', '.join(unknown)}; known are {', '.join(sorted(FIELD_NAMES))}"
            )
        return value
