"""What chat platforms need: replies on their way, reporters' own messages, chosen schools, installations."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Written out, as in 0001."""
    op.create_table(
        "sayings",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
    )
    op.create_table(
        "receipts",
        sa.Column("reference", sa.Text, sa.ForeignKey("escalations.reference"), primary_key=True),
        sa.Column("means", sa.Text, primary_key=True),
        sa.Column("place", sa.Text, primary_key=True),
    )
    op.create_table(
        "chosen_schools",
        sa.Column("means", sa.Text, primary_key=True),
        sa.Column("home", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("school", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "installations",
        sa.Column("means", sa.Text, primary_key=True),
        sa.Column("home", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "oauth_states",
        sa.Column("state", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
