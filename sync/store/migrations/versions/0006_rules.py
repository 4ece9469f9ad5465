"""rules: which qualification rule put a lead at a stage, and what it saw."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was there before was no rule."""
    op.add_column("stage_history", sa.Column("rule", sa.Text(), nullable=True))
    op.add_column("stage_history", sa.Column("inputs", sa.Text(), nullable=True))
