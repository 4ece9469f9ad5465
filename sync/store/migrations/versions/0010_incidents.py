"""incidents: what needs a person, who was told of it, and how many webhooks were refused."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def upgrade() -> None:
    """Make the tables, and let the newest runs of a kind be found."""
    op.create_table(
        "incident",
        *map(_text, ("id", "kind", "subject")),
        _text("connection", nullable=True),
        *map(_text, ("state", "facts", "since", "first_seen_at", "last_seen_at")),
        _text("opened_at", nullable=True),
        _text("well_since", nullable=True),
        _text("closed_at", nullable=True),
        _number("flaps"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    unclosed = sa.text("state <> 'closed'")
    op.create_index(
        "uq_incident_unclosed",
        "incident",
        ["kind", "subject"],
        unique=True,
        sqlite_where=unclosed,
        postgresql_where=unclosed,
    )
    op.create_index("ix_incident_state_closed_at", "incident", ["state", "closed_at"])
    op.create_table(
        "alert",
        *map(_text, ("id", "destination", "about", "state")),
        _text("content", nullable=True),
        _text("created_at"),
        _text("sending_at", nullable=True),
        _text("sent_at", nullable=True),
        _text("due_at"),
        _number("attempts"),
        _number("fence"),
        _text("leased_by", nullable=True),
        _text("error", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_state_due_at", "alert", ["state", "due_at"])
    key = ("incident_id", "destination", "about", "number")
    op.create_table(
        "alert_incident",
        *map(_text, key[:3]),
        _number("number"),
        _text("alert_id"),
        sa.PrimaryKeyConstraint(*key, name="pk_alert_incident"),
    )
    op.create_index("ix_alert_incident_alert_id", "alert_incident", ["alert_id"])
    op.create_table(
        "hook_refusal",
        *map(_text, ("connection", "why", "minute")),
        _number("count"),
        sa.PrimaryKeyConstraint("connection", "why", "minute", name="pk_hook_refusal"),
    )
    columns = ["connection", "kind", "started_at"]
    op.create_index("ix_run_connection_kind_started_at", "run", columns)
