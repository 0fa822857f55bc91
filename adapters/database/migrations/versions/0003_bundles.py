"""Messages about several escalations: bundles of alerts, and the daily digest."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Written out, as in 0001."""
    op.create_table(
        "messages",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("school", sa.Text, nullable=False, index=True),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", sa.BigInteger),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("failure", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
    )
    op.add_column("deliveries", sa.Column("bundle", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_deliveries_bundle", "deliveries", ["bundle"])
    op.create_index("ix_deliveries_at", "deliveries", ["at"])
