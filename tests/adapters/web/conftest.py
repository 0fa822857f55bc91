"""A demonstration at half past nine on a known day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from adapters.memory import Exchanges
from adapters.web.app import make_app
from adapters.web.pages import Pages
from chatbot.bot import Bot
from chatbot.model import Memory, Route, Status, Turn
from chatbot.respond import Engine, respond
from tests.adapters.web.desk import PLANS, MemoryDesk, RecordingLedger

Client = TestClient[web.Request, web.Application]


@dataclass
class FixedClock:
    """A clock that stands until it is moved."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 9, 30, tzinfo=UTC))

    def now(self) -> datetime:
        """The moment it stands at."""
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move on."""
        self.at += by


@pytest.fixture(scope="session")
def engine(lexical_engine: Engine) -> Engine:
    """The real knowledge, by words only."""
    return lexical_engine


@pytest.fixture(scope="session")
def possible_report(engine: Engine) -> str:
    """A message that may be a report about a child: the first such example of the knowledge."""
    for text in engine.knowledge.screening.reports["possible"]:
        turn = Turn("t", "c", "fact", "p", text, FixedClock().at)
        reply = respond(turn, Memory(), engine, recorded=True).reply
        if reply.status is Status.POSSIBLE and reply.route is Route.DSL:
            return text
    pytest.fail("no example of a possible report is screened as one")


@pytest.fixture
def clock() -> FixedClock:
    """Half past nine."""
    return FixedClock()


@pytest.fixture
def desk(clock: FixedClock) -> MemoryDesk:
    """An empty desk of two schools."""
    return MemoryDesk(PLANS, clock)


@pytest.fixture
def ledger(desk: MemoryDesk) -> RecordingLedger:
    """An empty ledger that records on the desk."""
    return RecordingLedger(desk)


@pytest.fixture
def exchanges() -> Exchanges:
    """Nothing has been said."""
    return Exchanges()


@pytest.fixture
async def client(
    engine: Engine,
    ledger: RecordingLedger,
    desk: MemoryDesk,
    exchanges: Exchanges,
    clock: FixedClock,
    aiohttp_client: AiohttpClient,
) -> Client:
    """A client of the demonstration."""
    bot = Bot(engine, ledger)
    app = make_app(bot, engine.knowledge, ledger, clock, desk, PLANS, open_desk=True, exchanges=exchanges)
    return await aiohttp_client(app)


@pytest.fixture
def pages(engine: Engine) -> Pages:
    """The templates with the real wording, as in the demonstration."""
    return Pages(engine.knowledge.wording, engine.knowledge.schools, PLANS, demonstration=True)
