"""rules: what a qualification rule saw when it moved a lead."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was there before was no such rule."""
    op.add_column("stage_history", sa.Column("inputs", sa.Text(), nullable=True))
