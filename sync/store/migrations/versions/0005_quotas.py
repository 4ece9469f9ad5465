"""quotas: an account's day, what is written first, and what waits until when."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the columns that lanes are told by."""
    op.create_table(
        "quota",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.Text(), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=True),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("used", sa.Text(), nullable=False),
        sa.Column("said_at", sa.Text(), nullable=True),
        sa.Column("paused_until", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_quota"),
    )
    op.add_column("cursor", sa.Column("whole_at", sa.Text(), nullable=True))
    op.execute("UPDATE cursor SET whole_at = updated_at")
    op.add_column("run", sa.Column("resumes_at", sa.Text(), nullable=True))
    op.add_column(
        "outbox",
        sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_outbox_urgent",
        "outbox",
        ["connection", "due_at"],
        sqlite_where=sa.text("urgent"),
        postgresql_where=sa.text("urgent"),
    )
