"""handoffs: leads handed over by chat, what is said about them, and what was answered."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "handoff",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("owner_why", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("escalate_at", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_handoff"),
    )
    op.create_index("ix_handoff_lead_id", "handoff", ["lead_id"])
    op.create_index("ix_handoff_state_connection", "handoff", ["state", "connection"])
    _messages()
    op.create_table(
        "handoff_answer",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("handoff_id", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "answer_id", name="pk_handoff_answer"),
    )
    op.create_index("ix_handoff_answer_handoff_id", "handoff_answer", ["handoff_id"])
    op.create_table(
        "handoff_turn",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("team", name="pk_handoff_turn"),
    )


def _messages() -> None:
    name = "handoff_message"
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("handoff_id", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("task_ids", sa.Text(), nullable=True),
        sa.Column("posting_at", sa.Text(), nullable=True),
        sa.Column("posted_at", sa.Text(), nullable=True),
        sa.Column("due_at", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_handoff_message"),
    )
    unique = f"uq_{name}_handoff_id_level"
    op.create_index(unique, name, ["handoff_id", "level"], unique=True)
    columns = ["connection", "state", "due_at"]
    op.create_index(f"ix_{name}_connection_state_due_at", name, columns)
    op.create_index(f"ix_{name}_connection_message_id", name, ["connection", "message_id"])
    op.create_index(f"ix_{name}_token_hash", name, ["token_hash"])
