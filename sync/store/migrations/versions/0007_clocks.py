"""clocks: by which rule a lead entered a stage."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. What is there was said by systems and people, and by no rule."""
    op.add_column("stage_history", sa.Column("rule", sa.Text(), nullable=True))
