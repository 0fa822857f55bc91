"""Opens the database and brings its schema up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from adapters.database.tables import audit_head
from chatbot.errors import ChatbotError

_MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK = 0x5AFE_C0DE
"""The number of the lock under which PostgreSQL is migrated, so that two replicas may start together."""
_PATIENCE = {
    "connect_timeout": "4", "tcp_user_timeout": "5000", "keepalives_idle": "5", "keepalives_interval": "2",
    "keepalives_count": "2",
}  # fmt: skip
"""A server that has vanished from the network is noticed before a reporter would wait in vain for an answer."""
_WAL_IS_SOUND = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


class DatabaseUnusable(ChatbotError):
    """The database cannot be opened or brought up to date; the message says what to do."""


def open_database(url: str) -> sa.Engine:
    """An engine over `url` (sqlite:///file or postgresql://…), its schema up to date. Raises DatabaseUnusable."""
    made = sa.make_url(url)
    try:
        engine = _sqlite(made) if made.get_backend_name() == "sqlite" else _postgresql(made)
        migrate(engine)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        shown = made.render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise DatabaseUnusable(
            f"{shown} cannot be used: {reason}; check the address and that it may be written to"
        ) from error
    return engine


def migrate(engine: sa.Engine) -> None:
    """Bring the schema up to date; replicas wait for each other."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_lock(:number)"), {"number": _LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
            connection.execute(audit_head.update().where(sa.false()).values(number=0))  # fails where it is read-only
            connection.commit()
        finally:
            if engine.dialect.name == "postgresql":
                connection.rollback()
                connection.execute(sa.text("SELECT pg_advisory_unlock(:number)"), {"number": _LOCK})
                connection.commit()


def psycopg_url(url: sa.URL | str) -> sa.URL:
    """The address with the driver that is installed, and how long to wait for the server where it does not say so."""
    made = sa.make_url(url).set(drivername="postgresql+psycopg")
    return made.update_query_dict({name: value for name, value in _PATIENCE.items() if name not in made.query})


def _postgresql(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(psycopg_url(url), pool_pre_ping=True, pool_size=10, max_overflow=10, pool_timeout=10)

    @sa.event.listens_for(engine, "connect")
    def _settle(connection: psycopg.Connection, _: object) -> None:
        # A process that freezes in the middle of a transaction loses its locks: every change needs the trail's head.
        connection.execute("SET idle_in_transaction_session_timeout = '5s'")
        connection.commit()

    return engine


def _sqlite(url: sa.URL) -> sa.Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _settle(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below decides
        connection.execute(f"PRAGMA journal_mode={'WAL' if wal_is_sound(sqlite3.sqlite_version_info) else 'DELETE'}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")  # erased words leave the file

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes its lock at once: two that read first and write later would block each other.
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def wal_is_sound(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the fault that can corrupt a write-ahead log (3.7.0 to 3.51.2)."""
    return version >= _WAL_IS_SOUND[0] or any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_IS_SOUND)
