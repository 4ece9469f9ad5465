"""What an operator writes about a kintone domain in ``connections/<name>.yaml``."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

STREAM_TYPES: Mapping[str, str] = {
    "lead": "records",
    "account": "accounts",
    "deal": "deals",
    "activity": "activities",
}
"""What an app is about, and the stream type its records belong to."""


class App(BaseModel):
    """One kintone app and what its records are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    app: int = Field(ge=1, description="The app's number, as in the address /k/5/.")
    kind: Literal["lead", "account", "deal", "activity"] = Field(
        default="lead", description="What one record of the app is."
    )
    key_field: str | None = Field(
        default="renkei_id",
        description=(
            "Field code that holds the hub's id. It must prohibit duplicate values: it is what "
            "keeps a record from being added twice. None: adds are not protected."
        ),
    )
    updated_field: str | None = Field(
        default=None, description="Field code of 更新日時; found by its type where not given."
    )
    stage_field: str = Field(
        default="ステージ",
        description="Field code of the stage. Not used where the stage is the process status.",
    )
    status: bool = Field(
        default=False,
        description="The stage is the status of process management: it is moved by its actions.",
    )
    assignee: str | None = Field(
        default=None,
        description="Login name of the next assignee, where an action asks for one.",
    )
    refs: Mapping[str, str] = Field(
        default_factory=dict,
        description=(
            "Field codes that hold the record number of another app's record, and the name of "
            "that app here: {リード番号: leads}."
        ),
    )


class Options(BaseModel):
    """A kintone domain (https://example.cybozu.com) and the apps of it that the hub works with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(
        description="Address of the domain: https://example.cybozu.com", pattern=r"^https?://"
    )
    api_tokens: tuple[SecretStr, ...] = Field(
        default=(),
        max_length=9,
        description=(
            "API tokens, one for each app, and those of apps that lookups copy from. Rights: view, "
            "add and edit records."
        ),
    )
    user: str | None = Field(default=None, description="Login name, in place of API tokens.")
    password: SecretStr | None = Field(default=None, description="The password of that user.")
    basic_user: str | None = Field(
        default=None, description="User of the domain's Basic authentication, where it has one."
    )
    basic_password: SecretStr | None = Field(
        default=None, description="Password of the domain's Basic authentication."
    )
    guest_space: int | None = Field(
        default=None, ge=1, description="Number of the guest space that the apps are in."
    )
    apps: Mapping[str, App] = Field(
        min_length=1, description="The apps, by names of your own: {leads: {app: 5}}."
    )
    hook_secret: SecretStr | None = Field(
        default=None,
        description=(
            "A long random word that ends the webhook's address (…/<word>, or ?token=<word>). "
            "kintone signs nothing: without it webhooks are refused."
        ),
    )
    page_size: int = Field(default=500, ge=1, le=500, description="Records of one read.")
    overlap_minutes: int = Field(
        default=2, ge=0, le=60, description="Minutes read again at each pull."
    )
    requests_per_second: float = Field(
        default=10.0, gt=0, le=50, description="Requests a second at most, for the connection."
    )
    requests_per_day: int = Field(
        default=10_000,
        ge=1,
        description="Requests an app may take in a day: 10,000 (Standard), 100,000 (Wide).",
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if bool(self.api_tokens) == bool(self.user):
            raise ValueError("give either api_tokens, or user and password")
        if bool(self.user) != bool(self.password):
            raise ValueError("user and password belong together")
        if bool(self.basic_user) != bool(self.basic_password):
            raise ValueError("basic_user and basic_password belong together")
        for name, app in self.apps.items():
            if not name or ":" in name:
                raise ValueError(f'apps: "{name}" cannot be a name; leave out the colon')
            lost = sorted(set(app.refs.values()) - set(self.apps))
            if lost:
                raise ValueError(f'apps.{name}.refs: there is no app called "{lost[0]}" here')
        return self

    def stream(self, name: str) -> str:
        """The stream of an app's records: ``records:leads``."""
        return f"{STREAM_TYPES[self.apps[name].kind]}:{name}"

    def proof(self) -> tuple[str, str]:
        """The header that says who we are, and its value."""
        if self.user is not None and self.password is not None:
            pair = f"{self.user}:{self.password.get_secret_value()}"
            return "X-Cybozu-Authorization", b64encode(pair.encode()).decode("ascii")
        tokens = (token.get_secret_value().strip() for token in self.api_tokens)
        return "X-Cybozu-API-Token", ",".join(tokens)

    def headers(self) -> dict[str, str]:
        """Headers of every request beside that one."""
        if self.basic_user is None or self.basic_password is None:
            return {}
        pair = f"{self.basic_user}:{self.basic_password.get_secret_value()}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode("ascii")}
