"""sealed payloads: bytes in the inbox, a marker before the bodies that webhooks came with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
works_from = revision
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the payloads bytes. What is there stays as it is and is read as plain."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(
            "inbox",
            "payload",
            type_=sa.LargeBinary(),
            postgresql_using="convert_to(payload, 'UTF8')",
        )
        op.execute("UPDATE hook SET body = decode('00', 'hex') || body")
        return
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.alter_column("payload", existing_type=sa.Text(), type_=sa.LargeBinary())
    op.execute("UPDATE inbox SET payload = CAST(payload AS BLOB)")
    op.execute("UPDATE hook SET body = CAST(x'00' || body AS BLOB)")
