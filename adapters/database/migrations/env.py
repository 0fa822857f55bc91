"""Runs migrations on the connection that connect.migrate() hands over."""

from __future__ import annotations

from alembic import context

from adapters.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
