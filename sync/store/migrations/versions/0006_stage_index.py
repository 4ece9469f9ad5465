"""stage index: who stands at each stage now is counted without the leads themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the stages of leads that stand for themselves, and no longer those of all."""
    op.create_index(
        "ix_lead_stage_now",
        "lead",
        ["stage"],
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.drop_index("ix_lead_stage", table_name="lead")
