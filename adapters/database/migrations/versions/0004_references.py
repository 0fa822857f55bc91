"""Where Teams can be written to: conversations that the app has been installed in or has heard from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Written out, as in 0001."""
    op.create_table(
        "conversation_references",
        sa.Column("means", sa.Text, primary_key=True),
        sa.Column("home", sa.Text, primary_key=True),
        sa.Column("whom", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
