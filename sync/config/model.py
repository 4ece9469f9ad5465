"""What an operator's directory says, once it is read and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from mapping.match.rules import ACCEPT, LARGEST, POINTS, REVIEW, VETO, Extra, Rules
from sync.config.alerts import AlertsConfig
from sync.config.handoff import HandoffConfig
from sync.config.stages import StagesConfig
from sync.config.written import Written


class TrustConfig(Written):
    """Whose word counts: connections from most to least trusted."""

    default: list[str] = Field(
        default_factory=list, description="Connections from most to least trusted, for all fields."
    )
    fields: dict[str, list[str]] = Field(
        default_factory=dict, description="The same for single lead fields, where it differs."
    )
    owners: dict[str, str] = Field(
        default_factory=dict,
        description="Lead fields that only one connection may say: nobody else's word counts.",
    )
    policies: dict[str, Literal["trust", "newest", "evidence", "hold"]] = Field(
        default_factory=dict,
        description="How values that differ are decided, by lead field: by trust (usual), the "
        "newest, what most records say, or hold: the first stays and a person is asked.",
    )


class RetentionConfig(Written):
    """How long what is done with is kept."""

    inbox_days: int = Field(30, ge=1, description="Days that raw records are kept once resolved.")
    runs_days: int = Field(365, ge=1, description="Days that runs are kept.")


class HubConfig(Written):
    """renkei.yaml: the installation."""

    database: str = Field(
        "sqlite:///data/renkei.sqlite3",
        description="sqlite:///path (relative to this directory) or postgresql://…",
    )
    broker: str = Field(
        "", description="Empty: in this process. redis://… or amqp://… for worker hosts."
    )
    public_url: str = Field(
        "http://127.0.0.1:8420", description="Where vendors reach this hub's /hooks addresses."
    )
    listen: str = Field("127.0.0.1:8420", description="Host and port that `renkei up` listens on.")
    metrics: str = Field(
        "",
        description="Host and port where `renkei up` answers /metrics, /healthz and /readyz; as "
        "`listen`: there; empty: /metrics is not answered.",
    )
    log: Literal["json", "text"] | None = Field(
        None, description="Form of the log lines; default: text on a terminal, else json."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged."
    )
    timezone: str = Field("Asia/Tokyo", description="IANA time zone of schedules and of people.")
    language: Literal["ja", "en"] = Field("ja", description="Language of messages and reports.")
    key: SecretStr | None = Field(
        None, description="Key that stored tokens are encrypted with, by reference: ${env:…}."
    )
    trust: TrustConfig = Field(default_factory=TrustConfig, description="Whose word counts.")
    retention: RetentionConfig = Field(
        default_factory=RetentionConfig, description="How long what is done with is kept."
    )
    plugins: list[str] = Field(
        default_factory=list, description="Directories with connectors of your own."
    )


class ScheduleConfig(Written):
    """When something runs by itself."""

    cron: str = Field(description="Five fields, as cron takes them: minute hour day month weekday.")
    timezone: str | None = Field(None, description="IANA zone; default: the hub's.")
    catch_up: Literal["one", "all", "skip"] = Field(
        "one", description="What to do about runs missed while the hub was down."
    )
    overlap: Literal["skip", "queue"] = Field(
        "skip", description="What to do when the last run is still going."
    )


class PullConfig(Written):
    """What is read from a connection, and when."""

    streams: list[str] | None = Field(
        None, description="Streams to read; default: all the connector reads."
    )
    schedule: ScheduleConfig | None = Field(None, description="When to read by itself.")
    sweep: ScheduleConfig | None = Field(
        None, description="When to look for records that vanished without a word."
    )


class LimitsConfig(Written):
    """How much one push may change. One that would change more writes nothing, and is set aside."""

    creates: int | None = Field(None, ge=0, description="Records that one push may create.")
    changed_percent: float | None = Field(
        None,
        ge=0,
        le=100,
        description="Percent of the connection's records that one push may change; from 20 records"
        " on.",
    )
    stage_regressions: int | None = Field(
        None, ge=0, description="Records whose stage one push may move backward."
    )


class PushConfig(Written):
    """What is written to a connection."""

    stream: str = Field(description="The stream that leads are written to.")
    create: bool = Field(True, description="Whether leads the vendor lacks are created there.")
    update: bool = Field(
        True, description="Whether records are changed. With create: false too, they are only tied."
    )
    create_when: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Only create leads whose fields have one of these values, e.g. stage: [mql].",
    )
    fields: list[str] | None = Field(
        None, description="Only these lead fields are written; default: all that the map can write."
    )
    fill: list[str] = Field(
        default_factory=list,
        description="Of these, lead fields that are written only where the vendor has nothing.",
    )
    limits: LimitsConfig = Field(
        default_factory=LimitsConfig,
        description="How much one push may change before a person is asked; default: any.",
    )


class LeaveConfig(Written):
    """What each kind of work leaves of the day's calls to what is more important, in percent."""

    backfill: int = Field(
        50, ge=0, le=100, description="First full reads and sweeps stop when this much is left."
    )
    routine: int = Field(
        10, ge=0, le=100, description="Other reading and writing stops when this much is left."
    )
    opt_out: int = Field(
        2, ge=0, le=100, description="Writing opt-outs stops when this much is left."
    )


class QuotaConfig(Written):
    """How many calls a day the hub may make of an account, and who leaves how much."""

    account: str | None = Field(
        None, description="The account's name where connections share one; default: this one's."
    )
    daily: int | None = Field(
        None, ge=1, description="Calls a day; default: what the vendor says, if it does."
    )
    resets: str | None = Field(
        None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="Time of day, in the hub's zone, when they begin anew; default: the vendor's.",
    )
    leave: LeaveConfig = Field(
        default_factory=LeaveConfig,
        description="What each kind of work leaves to what is more important, in percent.",
    )


class ConnectionConfig(Written):
    """connections/NAME.yaml: one configured account of a connector."""

    connector: str = Field(description="The connector's slug, as `renkei connectors list` shows.")
    enabled: bool = Field(True, description="false: kept, but neither read nor written.")
    options: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="The connector's own options."
    )
    pull: PullConfig | None = Field(
        default_factory=PullConfig, description="What is read; null: nothing."
    )
    push: PushConfig | None = Field(None, description="What is written; null: nothing.")
    subscribe: bool = Field(
        False,
        description="Have the vendor send its webhooks to `public_url`, renewed once a day; for "
        "connectors that can ask for them (Typeform, Google Meet).",
    )
    quota: QuotaConfig = Field(
        default_factory=QuotaConfig, description="How many calls a day it may take."
    )


class ExtraConfig(Written):
    """A further field that speaks for or against two records being one person."""

    field: str = Field(description="A lead field, most often custom.<name>.")
    compare: Literal["text", "tokens", "code", "date", "number"] = Field(
        description="How: as text, as words in any order, as a code with typing errors, as a date, "
        "as a number."
    )
    same: float = Field(description="Points where both records say the same.")
    close: float = Field(0.0, description="Points where they nearly do.")
    differ: float = Field(0.0, description="Points, below 0, where they differ.")
    tie: bool = Field(
        False, description="Whether the same value is as good as the same personal mailbox."
    )


class MatchConfig(Written):
    """match.yaml: when two records are the same person."""

    accept: float = Field(ACCEPT, description="From this score on they are, without asking.")
    review: float = Field(REVIEW, description="From this score up to accept, a person decides.")
    veto: float = Field(VETO, description="Records scoring below this are never in one lead.")
    largest: int = Field(LARGEST, ge=2, description="Records that may come together unasked.")
    points: dict[str, float] = Field(
        default_factory=dict, description="What a piece of evidence counts, where not as usual."
    )
    fields: list[ExtraConfig] = Field(
        default_factory=list, description="Further fields that are compared."
    )
    keys: list[list[str]] = Field(
        default_factory=list,
        description="Further ways to find who may be the same: fields that must all be equal; "
        "field:4 is its first four letters.",
    )

    def rules(self) -> Rules:
        """The rules that these settings come to."""
        return Rules(
            points={**POINTS, **self.points},
            accept=self.accept,
            review=self.review,
            veto=self.veto,
            largest=self.largest,
            extras=tuple(Extra(**one.model_dump()) for one in self.fields),
            keys=tuple(tuple(one) for one in self.keys),
        )


class Config(BaseModel):
    """An operator's directory, read, interpolated and checked.

    ``fields`` are the operator's field maps by connection, as written. ``root`` is the directory.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    root: Path
    hub: HubConfig = Field(default_factory=HubConfig)
    connections: dict[str, ConnectionConfig] = Field(default_factory=dict)
    fields: dict[str, dict[str, Any]] = Field(default_factory=dict)
    stages: StagesConfig = Field(default_factory=StagesConfig)
    match: MatchConfig = Field(default_factory=MatchConfig)
    handoff: HandoffConfig = Field(default_factory=HandoffConfig)
    alerts: AlertsConfig = Field(default_factory=AlertsConfig)

    def database_url(self) -> str:
        """The database's URL, SQLite paths made absolute."""
        url = self.hub.database
        if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
            return f"sqlite:///{self.root / url.removeprefix('sqlite:///')}"
        return url
