"""The tables. Times are text, ISO 8601 in UTC with six decimals, so that they sort as they read.

Structured values are JSON text. The migrations in ``migrations/`` build the same tables; a test
holds the two against each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
    text,
)

from sync.store import schema_handoff, schema_incident
from sync.store.metadata import Serial, metadata

__all__ = ["metadata", "schema_handoff", "schema_incident"]


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


connection = Table(
    "connection",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),  # active | paused | needs_auth
    Column("reason", Text),
    Column("since", Text, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("value", Text),
    Column("updated_at", Text, nullable=False),
    Column("whole_at", Text),  # when the stream was first read to its end
)

described = Table(
    "described",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("digest", Text, nullable=False),  # of what the vendor said
    Column("content", Text, nullable=False),
    Column("seen_at", Text, nullable=False),  # when the vendor last said so
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("link_id", Text, nullable=False),  # connection/stream/external id
    Column("digest", Text, nullable=False),  # keyed: a repeated delivery is the same row
    Column("payload", LargeBinary, nullable=False),  # sealed
    Column("refs", Text),
    Column("previous", Text),
    Column("version", Text),
    Column("changed_at", Text),
    Column("deleted", Boolean, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("source", Text, nullable=False),  # pull | webhook | import | reread | replay
    Column("run_id", Text),
    Column("state", Text, nullable=False),  # new | done | aside
    Column("attempts", Integer, nullable=False),
    Column("due_at", Text, nullable=False),
    Index("ix_inbox_link_id_digest", "link_id", "digest"),
    Index("ix_inbox_state_due_at", "state", "due_at"),
)

hook = Table(
    "hook",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("connection", Text, nullable=False),
    Column("event_key", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed
    Column("received_at", Text, nullable=False),
    Column("state", Text, nullable=False),  # new | done | aside
    Column("attempts", Integer, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("leased_by", Text),  # the process
    Index("uq_hook_connection_event_key", "connection", "event_key", unique=True),
    Index("ix_hook_state_due_at", "state", "due_at"),
)

lead = Table(
    "lead",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("company", Text),
    Column("account_id", Text),
    Column("stage", Text, nullable=False),
    Column("stage_at", Text, nullable=False),
    Column("stage_reason", Text),
    Column("cycle", Integer, nullable=False),
    Column("fields", Text, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("edits", Text),
    Column("merged_into", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Index("ix_lead_email", "email"),
    Index("ix_lead_stage_now", "stage", **_where("merged_into IS NULL")),
)

link = Table(
    "link",
    metadata,
    Column("id", Text, primary_key=True),  # connection/stream/external id
    Column("connection", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner_id", Text),  # the lead, or the account
    Column("digest", Text),  # of the payload last resolved
    Column("version", Text),
    Column("changed_at", Text),
    Column("held", Text, nullable=False),  # canonical values the vendor holds
    Column("since", Text, nullable=False),  # of those, what the vendor said and when
    Column("stage_value", Text),
    Column("parked", Text),  # fields the vendor refused, with the refused value
    Column("state", Text, nullable=False),  # live | gone | moved
    Column("match", Text),  # why the record is this lead
    Column("first_seen_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Index("ix_link_owner_id", "owner_id"),
    Index("ix_link_connection_stream", "connection", "stream"),
)

match_key = Table(
    "match_key",
    metadata,
    Column("key", BigInteger, primary_key=True),  # 64 bits of kind and value
    Column("lead_id", Text, primary_key=True),
    Index("ix_match_key_lead_id", "lead_id"),
    sqlite_with_rowid=False,
)

match_review = Table(
    "match_review",
    metadata,
    Column("lead_a", Text, primary_key=True),  # the smaller id of the two
    Column("lead_b", Text, primary_key=True),
    Column("record_a", Text, nullable=False),
    Column("record_b", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("blocked", Text, nullable=False),  # what kept them from being tied; "" is the score
    Column("reasons", Text, nullable=False),
    Column("later_until", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Index("ix_match_review_lead_b", "lead_b"),
    Index("ix_match_review_score", "score"),
)

match_decision = Table(
    "match_decision",
    metadata,
    Column("record_a", Text, primary_key=True),  # each pair stands twice, once from either side
    Column("record_b", Text, primary_key=True),
    Column("verdict", Text, nullable=False),  # same | different
    Column("decided_by", Text, nullable=False),
    Column("at", Text, nullable=False),
)

lead_merge = Table(
    "lead_merge",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("winner_id", Text, nullable=False),
    Column("loser_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("cause", Text, nullable=False),  # match | hand | vendor
    Column("done_by", Text),
    Column("before", Text, nullable=False),  # what it takes to undo it
    Column("undone_at", Text),
    Index("ix_lead_merge_winner_id", "winner_id"),
    Index("ix_lead_merge_loser_id", "loser_id"),
)

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text),
    Column("fields", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

account_key = Table(
    "account_key",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),  # a name, or a group's domain, has several
    Index("ix_account_key_account_id", "account_id"),
    sqlite_with_rowid=False,
)

deal = Table(
    "deal",
    metadata,
    Column("link_id", Text, primary_key=True),
    Column("lead_id", Text),
    Column("account_id", Text),
    Column("name", Text),
    Column("stage", Text),
    Column("fields", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Index("ix_deal_lead_id", "lead_id"),
)

activity = Table(
    "activity",
    metadata,
    Column("link_id", Text, primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("subject", Text),
    Column("fields", Text, nullable=False),
    Index("ix_activity_lead_id_at", "lead_id", "at"),
)

history = Table(
    "history",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("lead_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("event", Text, nullable=False),  # created | changed | pushed | merged | gone | edited …
    Column("link_id", Text),
    Column("run_id", Text),
    Column("inbox_id", BigInteger),
    Column("changes", Text, nullable=False),  # {field: [from, to]}
    Index("ix_history_lead_id", "lead_id"),
    Index("ix_history_run_id", "run_id"),
)

stage_history = Table(
    "stage_history",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("lead_id", Text, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("entered_at", Text, nullable=False),
    Column("exited_at", Text),
    Column("system", Text, nullable=False),
    Column("reason_code", Text),
    Column("reason_text", Text),
    Column("inferred", Boolean, nullable=False),
    Column("override_by", Text),
    Column("link_id", Text),
    Column("rule", Text),  # the qualification rule, "dormant", or "told": from before the hub
    Column("inputs", Text),  # what the rule saw
    Index("ix_stage_history_lead_id", "lead_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("dirty", Integer, nullable=False),  # grows with every reason to push
    Column("state", Text, nullable=False),  # due | sent (a create is on its way) | aside
    Column("due_at", Text, nullable=False),
    Column("lease_until", Text),
    Column("leased_by", Text),  # the process
    Column("fence", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),  # leases that ended with no word
    Column("error", Text),
    Column("since", Text, nullable=False),
    Column("urgent", Boolean, nullable=False, server_default=false()),  # it brings an opt-out
    Index("ix_outbox_connection_due_at", "connection", "due_at"),
    Index("ix_outbox_urgent", "connection", "due_at", **_where("urgent")),
)

aside = Table(
    "set_aside",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("subject", Text, nullable=False),  # record:…, field:…, change:…, hook:…, stage:…
    Column("kind", Text, nullable=False),  # record | field | change | hook | stage | match
    Column("connection", Text, nullable=False),
    Column("stream", Text),
    Column("external_id", Text),
    Column("lead_id", Text),
    Column("field", Text),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("fix", Text),
    Column("sent", Text),
    Column("received", Text),
    Column("run_id", Text),
    Column("first_at", Text, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("state", Text, nullable=False),  # open | closed
    Index("uq_set_aside_subject", "subject", unique=True),
    Index("ix_set_aside_state_connection", "state", "connection"),
)

run = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("stream", Text),
    Column("kind", Text, nullable=False),  # pull | push | import | sweep | replay | audit
    Column("cause", Text, nullable=False),  # command | schedule | webhook | demo
    Column("state", Text, nullable=False),  # running | succeeded | partial | failed | stopped
    Column("started_at", Text, nullable=False),
    Column("beat_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("counts", Text, nullable=False),
    Column("steps", Text),
    Column("error", Text),
    Column("code", Text),
    Column("process", Text),
    Column("resumes_at", Text),  # where it waits for the quota: until when
    Index("ix_run_connection_started_at", "connection", "started_at"),
    Index("ix_run_connection_kind_started_at", "connection", "kind", "started_at"),
)

tick = Table(
    "tick",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("due_at", Text, primary_key=True),
    Column("state", Text, nullable=False),  # due | running | done | skipped | failed
    Column("lease_until", Text),
    Column("leased_by", Text),  # the process
    Column("fence", Integer, nullable=False),
    Column("updated_at", Text, nullable=False),
)

quota = Table(
    "quota",
    metadata,
    Column("account", Text, primary_key=True),
    Column("ends_at", Text, nullable=False),  # of the day that is counted
    Column("daily", Integer),  # the vendor's limit, where it says one
    Column("others", Integer, nullable=False),  # calls that others made, by what the vendor says
    Column("claimed", Integer, nullable=False),  # calls that may be on their way
    Column("used", Text, nullable=False),  # our calls of the day, by lane
    Column("said_at", Text),
    Column("paused_until", Text),
    Column("updated_at", Text, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("blob", LargeBinary, nullable=False),
    Column("previous", LargeBinary),
    Column("version", Integer, nullable=False),
    Column("refreshing_by", Text),
    Column("lease_until", Text),
    Column("updated_at", Text, nullable=False),
)

alias = Table(
    "alias",
    metadata,
    Column("link_id", Text, primary_key=True),
    Column("now_link_id", Text, nullable=False),
    Column("at", Text, nullable=False),
    Index("ix_alias_now_link_id", "now_link_id"),
)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
