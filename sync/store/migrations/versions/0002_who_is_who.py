"""who is who: keys of 64 bits, accounts of several names, reviews, decisions, merges."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
works_from = revision
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Match keys are made anew from the leads at the next start."""
    op.execute("DELETE FROM set_aside WHERE kind = 'match'")  # now in match_review
    op.drop_table("match_key")
    op.create_table(
        "match_key",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "lead_id", name=op.f("pk_match_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_key_lead_id", "match_key", ["lead_id"])
    op.drop_table("account_key")
    op.create_table(
        "account_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "account_id", name=op.f("pk_account_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_account_key_account_id", "account_key", ["account_id"])
    op.create_table(
        "match_review",
        sa.Column("lead_a", sa.Text(), nullable=False),
        sa.Column("lead_b", sa.Text(), nullable=False),
        sa.Column("record_a", sa.Text(), nullable=False),
        sa.Column("record_b", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("blocked", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("later_until", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lead_a", "lead_b", name=op.f("pk_match_review")),
    )
    op.create_index("ix_match_review_lead_b", "match_review", ["lead_b"])
    op.create_index("ix_match_review_score", "match_review", ["score"])
    op.create_table(
        "match_decision",
        sa.Column("record_a", sa.Text(), nullable=False),
        sa.Column("record_b", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_a", "record_b", name=op.f("pk_match_decision")),
    )
    op.create_table(
        "lead_merge",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("winner_id", sa.Text(), nullable=False),
        sa.Column("loser_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_merge")),
    )
    op.create_index("ix_lead_merge_winner_id", "lead_merge", ["winner_id"])
    op.create_index("ix_lead_merge_loser_id", "lead_merge", ["loser_id"])
