"""alerts.yaml: who is told of incidents, of which, and from when on something is one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from sync.config.written import Written

__all__ = [
    "KINDS",
    "AlertsConfig",
    "ChatConfig",
    "DestinationConfig",
    "Kind",
    "MailConfig",
    "ThresholdsConfig",
]

Kind = Literal[
    "sign_in_needed",
    "runs_fail",
    "quota_spent",
    "hooks_refused",
    "hooks_not_stored",
    "hooks_late",
    "inbox_late",
    "outbox_late",
    "pull_late",
    "set_aside_many",
    "over_limit",
    "mass_delete",
    "handoffs_unanswered",
    "schedule_failed",
    "disk_full",
    "drift",
]
KINDS: tuple[str, ...] = Kind.__args__  # type: ignore[attr-defined]  # a Literal has them


class MailConfig(Written):
    """A mail server, and who gets the mail."""

    host: str = Field(description="The SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="starttls, tls from the first byte (port 465), or none for a relay on this "
        "host.",
    )
    user: str | None = Field(None, description="Who signs in; without it nobody does.")
    password: SecretStr | None = Field(
        None, description="Their password, by reference: ${env:…} or ${file:…}."
    )
    sender: str = Field(alias="from", description="The sender's address.")
    to: list[str] = Field(min_length=1, description="Addresses that get the mail.")

    @model_validator(mode="after")
    def _whole(self) -> MailConfig:
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together")
        if self.user is not None and self.security == "none":
            raise ValueError("a password is not sent without `security: starttls` or `tls`")
        return self


class ChatConfig(Written):
    """A room of a chat connection."""

    connection: str = Field(description="The connection to Slack or Chatwork.")
    room: str = Field(description="The channel or room, by the chat's id.")


class DestinationConfig(Written):
    """Somebody who is told: by mail, or in a chat."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$", description="What `renkei alerts` calls it."
    )
    mail: MailConfig | None = Field(None, description="By mail.")
    chat: ChatConfig | None = Field(None, description="In a chat.")
    incidents: list[Kind] | None = Field(
        None, description="Only these kinds of incidents; default: all."
    )

    @model_validator(mode="after")
    def _one_way(self) -> DestinationConfig:
        if (self.mail is None) == (self.chat is None):
            raise ValueError("give either `mail` or `chat`")
        return self

    def wants(self, kind: str) -> bool:
        """Whether incidents of a kind are told there."""
        return self.incidents is None or kind in self.incidents


class ThresholdsConfig(Written):
    """From when on something is an incident."""

    failed_runs: int = Field(3, ge=1, description="Runs of a stream that fail one after another.")
    quota_minutes: float = Field(
        60, ge=0, description="Minutes that routine work waits for the quota."
    )
    refused_hooks: int = Field(
        10, ge=1, description="Webhooks of a connection refused within ten minutes."
    )
    hooks_minutes: float = Field(15, gt=0, description="Minutes a stored webhook waits.")
    inbox_minutes: float = Field(30, gt=0, description="Minutes a record is overdue in the inbox.")
    outbox_minutes: float = Field(60, gt=0, description="Minutes a connection's change is owed.")
    missed_pulls: int = Field(
        3, ge=1, description="Moments of a pull's schedule without one that succeeded."
    )
    set_aside: int = Field(
        100, ge=1, description="Items of one code set aside at a connection within an hour."
    )
    handoff_hours: float = Field(
        24, gt=0, description="Hours a hand-off stays unanswered after its last escalation."
    )
    disk_free_percent: float = Field(
        5, ge=0, le=100, description="Free space of the file system that holds the SQLite file."
    )
    agreement_percent: float = Field(
        99, ge=0, le=100, description="The least score of an audit (`renkei audit`)."
    )


class AlertsConfig(Written):
    """alerts.yaml: who is told when something needs a person."""

    language: Literal["ja", "en"] | None = Field(
        None, description="Language of the messages; default: the hub's."
    )
    to: list[DestinationConfig] = Field(default_factory=list, description="Who is told.")
    when: ThresholdsConfig = Field(
        default_factory=ThresholdsConfig, description="From when on something is an incident."
    )

    def destination(self, name: str) -> DestinationConfig | None:
        """A destination by its name."""
        return next((one for one in self.to if one.name == name), None)
