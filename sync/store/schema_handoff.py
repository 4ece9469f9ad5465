"""The tables of hand-offs: what is handed over, what is said about it, and what was answered."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from sync.store.metadata import metadata

handoff = Table(
    "handoff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("stage", Text, nullable=False),  # that was entered
    Column("rule", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("state", Text, nullable=False),  # open | answered | withdrawn
    Column("owner", Text),
    Column("owner_why", Text),  # the way that found them
    Column("created_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),  # until when an answer is wanted
    Column("level", Integer, nullable=False),  # how often it has escalated
    Column("escalate_at", Text),
    Column("closed_at", Text),
    Column("answered_by", Text),
    Column("action", Text),  # accept | hand_back | recycle
    Column("reason", Text),
    Index("ix_handoff_lead_id", "lead_id"),
    Index("ix_handoff_state_connection", "state", "connection"),
)

message = Table(
    "handoff_message",
    metadata,
    Column("id", Text, primary_key=True),
    Column("handoff_id", Text, nullable=False),
    Column("level", Integer, nullable=False),  # 0 is the hand-off, above are escalations
    Column("connection", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("state", Text, nullable=False),  # due | posting | there | update | closed | aside
    Column("content", LargeBinary),  # sealed; without the token once it is there
    Column("token_hash", Text),
    Column("message_id", Text),
    Column("task_ids", Text),
    Column("posting_at", Text),  # when it was first begun to be posted
    Column("posted_at", Text),
    Column("due_at", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("leased_by", Text),  # the process
    Index("uq_handoff_message_handoff_id_level", "handoff_id", "level", unique=True),
    Index("ix_handoff_message_connection_state_due_at", "connection", "state", "due_at"),
    Index("ix_handoff_message_connection_message_id", "connection", "message_id"),
    Index("ix_handoff_message_token_hash", "token_hash"),
)

answer = Table(
    "handoff_answer",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("answer_id", Text, primary_key=True),  # the vendor's: a repeated one changes nothing
    Column("handoff_id", Text),
    Column("verdict", Text, nullable=False),  # taken | asked | or why it was refused
    Column("action", Text, nullable=False),
    Column("person", Text, nullable=False),  # the vendor's id
    Column("at", Text, nullable=False),
    Column("taken_at", Text, nullable=False),
    Index("ix_handoff_answer_handoff_id", "handoff_id"),
)

turn = Table(
    "handoff_turn",
    metadata,
    Column("team", Text, primary_key=True),
    Column("owner", Text),  # who had the last turn
    Column("updated_at", Text, nullable=False),
)
