"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Written out, not taken from tables.py: this is what a file of version 1 holds, for ever."""
    op.create_table(
        "escalations",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("turn", sa.Text, nullable=False, unique=True),
        sa.Column("conversation", sa.Text, nullable=False, index=True),
        sa.Column("school", sa.Text, nullable=False, index=True),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("emergency", sa.Boolean, nullable=False),
        sa.Column("unconfirmed", sa.Boolean, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False),
        sa.Column("failing", sa.Boolean, nullable=False),
        sa.Column("reporter", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, index=True),
        sa.Column("handed_to", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("excluded", sa.Text, nullable=False),
        sa.Column("seen_by", sa.Text, nullable=False),
        sa.Column("acknowledged_by", sa.Text, nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("outcome", sa.LargeBinary),
        sa.Column("record", sa.LargeBinary),
        sa.Column("words", sa.LargeBinary),
        sa.Column("erased_at", sa.BigInteger),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reference", sa.Text, sa.ForeignKey("escalations.reference"), nullable=False, index=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("words", sa.LargeBinary),
    )
    op.create_table(
        "deliveries",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("reference", sa.Text, sa.ForeignKey("escalations.reference"), nullable=False, index=True),
        sa.Column("stage", sa.Integer, nullable=False),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_until", sa.BigInteger),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("failure", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False, index=True),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "hash": "0" * 64}])
    op.create_table(
        "conversations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("memory", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "beats",
        sa.Column("executor", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
