"""handoff.yaml: to whom leads are handed over, in which room, and what their answers mean."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from sync.config.written import Written

__all__ = [
    "Condition",
    "EscalationConfig",
    "HandoffConfig",
    "HandoffRule",
    "MemberConfig",
    "OwnerWay",
    "TeamConfig",
]

ACCEPTED: dict[str, str] = {"mql": "tal", "tql": "sal"}
"""Where a lead goes that is accepted at these stages; elsewhere it stays where it is."""


class MemberConfig(Written):
    """A person of a team."""

    owner: str = Field(description="Mail address: what stands as a lead's owner.")
    name: str = Field("", description="What people call them; default: the address.")
    ids: dict[str, str] = Field(
        default_factory=dict,
        description="Who they are at the chat connections, by connection: U…, or a Chatwork id.",
    )
    away: bool = Field(False, description="true: gets no leads in turn.")

    @property
    def called(self) -> str:
        """What people call them."""
        return self.name or self.owner


class TeamConfig(Written):
    """Who receives leads."""

    members: list[MemberConfig] = Field(
        min_length=1, description="Its people, in the order of turns."
    )


class Condition(Written):
    """What a field of the lead must be."""

    field: str = Field(description="A lead field, or account.FIELD of its company.")
    values: list[str | int | float] = Field(
        default_factory=list, alias="is", description="One of these values."
    )
    at_least: float | None = Field(None, description="A number of at least this.")

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if bool(self.values) == (self.at_least is not None):
            raise ValueError("give either `is` or `at_least`")
        return self


class OwnerWay(Written):
    """One way to find whom a lead goes to."""

    by: Literal["rule", "account_owner", "round_robin"] = Field(
        description="rule: `to`, where `when` holds; account_owner: whoever has the company's "
        "other leads or deals; round_robin: the team in turn."
    )
    when: list[Condition] = Field(
        default_factory=list, description="Of a rule: what must all hold; none: always."
    )
    to: str | None = Field(None, description="Of a rule: the owner, a member of the team.")

    @model_validator(mode="after")
    def _whole(self) -> OwnerWay:
        if (self.by == "rule") != (self.to is not None):
            raise ValueError("`to` belongs to `by: rule`, and only there")
        if self.when and self.by != "rule":
            raise ValueError("`when` belongs to `by: rule`")
        return self


class EscalationConfig(Written):
    """Who is told where nobody has answered."""

    room: str = Field(description="Where.")
    mention: list[str] = Field(
        default_factory=list,
        description="Who is called, by the chat's ids or mail addresses; they may answer, too.",
    )
    after_hours: float = Field(
        0, ge=0, description="Business hours after the time to answer in was over."
    )


class HandoffRule(Written):
    """When a lead is handed over, to whom, and what becomes of it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Its name, which history keeps.")
    stage: str = Field(alias="on", description="The stage that is entered.")
    origin: list[str] | None = Field(
        None, alias="from", description="Only from these stages; default: any, or none."
    )
    channel: str = Field(description="The chat connection.")
    room: str = Field(description="The channel or room, by the chat's id.")
    team: str = Field(description="Who receives it.")
    owner: list[OwnerWay] = Field(
        default_factory=lambda: [OwnerWay(by="round_robin")],
        description="How its owner is found: the first way that finds somebody.",
    )
    accept: str | None = Field(
        None, description="The stage of a lead that is accepted; default: mql to tal, tql to sal."
    )
    hand_back: str = Field("recycled", description="The stage of a lead that is handed back.")
    recycle: str = Field("recycled", description="The stage of a lead that is to be nurtured.")
    answer_within_hours: float = Field(
        8, gt=0, description="Business hours within which an answer is wanted."
    )
    escalate_to: list[EscalationConfig] = Field(
        default_factory=list, description="Who is told then, one after the other."
    )
    newer_than_hours: float = Field(
        72,
        gt=0,
        description="A stage that was entered longer ago, as a first pull tells, raises no "
        "hand-off.",
    )

    @property
    def accepted(self) -> str:
        """The stage of a lead that is accepted."""
        return self.accept or ACCEPTED.get(self.stage, self.stage)


class HandoffConfig(Written):
    """handoff.yaml: hand-offs over chat."""

    teams: dict[str, TeamConfig] = Field(
        default_factory=dict, description="Who receives leads, by the team's name."
    )
    handoffs: list[HandoffRule] = Field(
        default_factory=list, description="When leads are handed over. The first that fits counts."
    )

    def rule(self, name: str) -> HandoffRule | None:
        """A rule by its id."""
        return next((one for one in self.handoffs if one.id == name), None)

    def members(self, team: str) -> list[MemberConfig]:
        """The people of a team; none where it is not there any more."""
        found = self.teams.get(team)
        return list(found.members) if found is not None else []
