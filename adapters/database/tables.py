"""The tables, the same on SQLite and PostgreSQL. Times are microseconds since 1970 in UTC, so that they compare alike.

Change them only with a migration (migrations/versions): a newer version opens an older file.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

metadata = sa.MetaData()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(sa.TypeDecorator[datetime]):
    """A moment with a time zone, kept as microseconds since 1970."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """Refuses a moment without a time zone: it would mean another moment elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone, got {value!r}")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """The moment in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=int(value))


escalations = sa.Table(
    "escalations",
    metadata,
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
    sa.Column("at", Instant, nullable=False),
    sa.Column("stage", sa.Integer, nullable=False),
    sa.Column("next_at", Instant, index=True),
    sa.Column("handed_to", sa.Text, nullable=False),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("excluded", sa.Text, nullable=False),
    sa.Column("seen_by", sa.Text, nullable=False),
    sa.Column("acknowledged_by", sa.Text, nullable=False),
    sa.Column("acknowledged_at", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("outcome", sa.LargeBinary),
    sa.Column("record", sa.LargeBinary),
    sa.Column("words", sa.LargeBinary),
    sa.Column("erased_at", Instant),
    sa.Column("revision", sa.Integer, nullable=False),
)

remarks = sa.Table(
    "remarks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("reference", sa.Text, sa.ForeignKey("escalations.reference"), nullable=False, index=True),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.LargeBinary),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, sa.ForeignKey("escalations.reference"), nullable=False, index=True),
    sa.Column("stage", sa.Integer, nullable=False),
    sa.Column("means", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("sent_at", Instant),
    sa.Column("bundle", sa.Text, nullable=False, server_default="", index=True),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("school", sa.Text, nullable=False, index=True),
    sa.Column("means", sa.Text, nullable=False),
    sa.Column("contact", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("until", Instant),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False, index=True),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("memory", sa.Text, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)

beats = sa.Table(
    "beats",
    metadata,
    sa.Column("executor", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

sayings = sa.Table(
    "sayings",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("means", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary),
    sa.Column("at", Instant, nullable=False, index=True),
    sa.Column("sent_at", Instant),
    sa.Column("attempts", sa.Integer, nullable=False),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("reference", sa.Text, sa.ForeignKey("escalations.reference"), primary_key=True),
    sa.Column("means", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),
)

chosen_schools = sa.Table(
    "chosen_schools",
    metadata,
    sa.Column("means", sa.Text, primary_key=True),
    sa.Column("home", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("school", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

installations = sa.Table(
    "installations",
    metadata,
    sa.Column("means", sa.Text, primary_key=True),
    sa.Column("home", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

oauth_states = sa.Table(
    "oauth_states",
    metadata,
    sa.Column("state", sa.Text, primary_key=True),
    sa.Column("until", Instant, nullable=False),
)

conversation_references = sa.Table(
    "conversation_references",
    metadata,
    sa.Column("means", sa.Text, primary_key=True),
    sa.Column("home", sa.Text, primary_key=True),
    sa.Column("whom", sa.Text, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
