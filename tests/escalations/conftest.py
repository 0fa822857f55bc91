"""Databases for tests that kill: a SQLite file, and a PostgreSQL server from a package."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.database.vault import new_key
from tests.escalations.runs import House
from tests.postgres import Postgres

Build = Callable[[str], House]

_FINDINGS = pytest.StashKey[list[str]]()


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
