"""Worlds to test in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adapters.database.connect import open_database
from chatbot.plan import Plan
from chatbot.ports import Notifier
from tests.contracts.acts import MakeWorld
from tests.contracts.world import PLANS, World
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables: copied, since making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_database(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def make_world(tmp_path: Path, empty_file: Path) -> Iterator[MakeWorld]:
    """Makes worlds, with other plans or notifiers where a test wants them."""
    made: list[World] = []

    def make(plans: Mapping[str, Plan] = PLANS, *notifiers: Notifier) -> World:
        path = tmp_path / f"{len(made)}.db"
        shutil.copyfile(empty_file, path)
        made.append(World(f"sqlite:///{path}", plans, notifiers))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """One school with a lead, a deputy, a head and a chair; and another school."""
    return make_world()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, make_world: MakeWorld) -> Iterator[MakeWorld]:
    """Makes worlds on each kind of database."""
    made: list[World] = []

    def make(plans: Mapping[str, Plan] = PLANS, *notifiers: Notifier) -> World:
        server: Postgres = request.getfixturevalue("postgres")
        made.append(World(server.fresh(), plans, notifiers))
        return made[-1]

    yield make_world if request.param == "sqlite" else make
    for world in made:
        world.close()
