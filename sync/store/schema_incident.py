"""The tables of incidents: what needs a person, who was told of it, and webhooks refused."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from sync.store.metadata import metadata

_UNCLOSED = text("state <> 'closed'")

incident = Table(
    "incident",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("connection", Text),
    Column("state", Text, nullable=False),  # pending | open | closed
    Column("facts", Text, nullable=False),  # numbers, ids and codes; nothing personal
    Column("since", Text, nullable=False),  # when it began, as far as is known
    Column("first_seen_at", Text, nullable=False),
    Column("last_seen_at", Text, nullable=False),
    Column("opened_at", Text),
    Column("well_since", Text),
    Column("closed_at", Text),
    Column("flaps", Integer, nullable=False),  # how often it came back shortly before
    Index(
        "uq_incident_unclosed",
        "kind",
        "subject",
        unique=True,
        sqlite_where=_UNCLOSED,
        postgresql_where=_UNCLOSED,
    ),
    Index("ix_incident_state_closed_at", "state", "closed_at"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", Text, primary_key=True),
    Column("destination", Text, nullable=False),
    Column("about", Text, nullable=False),  # opened | closed | reminder | test
    Column("state", Text, nullable=False),  # due | sending (it may be there) | sent | dropped
    Column("content", Text),  # what it says, once that is settled
    Column("created_at", Text, nullable=False),
    Column("sending_at", Text),  # when it was first begun to be sent
    Column("sent_at", Text),
    Column("due_at", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("leased_by", Text),  # the process
    Column("error", Text),  # the code of the last failure
    Index("ix_alert_state_due_at", "state", "due_at"),
)

told = Table(
    "alert_incident",
    metadata,
    Column("incident_id", Text, primary_key=True),
    Column("destination", Text, primary_key=True),
    Column("about", Text, primary_key=True),  # opened | closed | reminder
    Column("number", Integer, primary_key=True),  # of the reminder, else 0
    Column("alert_id", Text, nullable=False),
    Index("ix_alert_incident_alert_id", "alert_id"),
)

refusal = Table(
    "hook_refusal",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("why", Text, primary_key=True),  # signature | not_stored
    Column("minute", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)
