"""The whole product as `chatbot serve` runs it, beside a strict fake of Slack, each in a thread of its own."""

from __future__ import annotations

import functools
import logging
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import serving as serving_module
from adapters.config import read_config
from adapters.database.vault import new_key
from adapters.escalations import joined
from adapters.escalations.joined import Escalations
from adapters.escalations.watch import Watch
from adapters.serving import serving_app
from adapters.settings import Settings
from chatbot.respond import Engine
from tests.e2e.conftest import serving
from tests.e2e.echo_bot import Mode
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.stories import SECRETS

SHORT = timedelta(seconds=0.5)
"""How late work may be, and how often it is looked for, where a test does not wait for a minute."""
SCHOOL = """
    routes:
      dsl:
        channel: {slack: CDSL}
        people:
          - {name: Dee Lead, slack: UDSL, phone: "01632 960001", wait_minutes: WAIT}
          - {name: Ed Deputy, slack: UDEP, wait_minutes: 10}
      headteacher: {people: [{name: Hal Head, slack: UHEAD}]}
      chair_of_governors: {people: [{name: Cy Chair, slack: UCHAIR}]}
    phones: {social_care: "01632 960100", lado: "01632 960101"}
"""


def configured(*schools: str, wait: float = 5, confirm: float = 10, slack: str = "{team: T1}") -> str:
    """chatbot.yaml for these schools, all with the same people; `slack` may hold the school's name as SCHOOL."""
    timings = f"timings: {{confirm_minutes: {confirm:g}, repeat_cap_minutes: 60}}\nschools:\n"
    people = SCHOOL.replace("WAIT", f"{wait:g}")
    return timings + "".join(f"  {name}:\n    slack: {slack.replace('SCHOOL', name)}{people}" for name in schools)


@dataclass
class Running:
    """The product beside the fake; it can be stopped and started again over the same file."""

    slack: FakeSlack
    engine: Engine
    folder: Path
    mode: Mode
    config: str = field(default_factory=lambda: configured("ashley"))
    environ: dict[str, str] = field(default_factory=dict)
    key: str = field(default_factory=new_key)
    escalations: list[Escalations] = field(default_factory=list)
    """Those of each start, the latest last."""
    kept_its_file: bool = False
    """Whether the product that was stopped last did not let go of its database."""

    @property
    def database(self) -> Path:
        """The file that it keeps everything in."""
        return self.folder / "chatbot.db"

    @property
    def address(self) -> str:
        """Where it is served over HTTP."""
        return self.slack.bot_url

    @contextmanager
    def up(self) -> Iterator[None]:
        """The product serves while this lasts."""
        path = self.folder / "chatbot.yaml"
        path.write_text(self.config, encoding="utf-8")
        slack = self.slack
        environ = {
            "CHATBOT_CONFIG": str(path),
            "CHATBOT_DATABASE_URL": f"sqlite:///{self.database}",
            "CHATBOT_SECRET_KEY": self.key,
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            **({"SLACK_SIGNING_SECRET": slack.signing_secret} if self.mode == "http" else {}),
            **({"SLACK_APP_TOKEN": slack.app_token} if self.mode == "socket" else {}),
            **self.environ,
        }
        environ = {name: value for name, value in environ.items() if value}
        config = read_config(path, self.engine.knowledge.schools)
        served = serving(serving_app(self.engine, Settings.from_environ(environ), config))
        address = served.__enter__()
        try:
            if self.mode == "http":
                slack.bot_url = address
            else:
                slack.wait_for(lambda: slack.connections == 1)
            yield
        finally:
            served.__exit__(None, None, None)  # whatever failed: it is not told of it, and ends its thread
            lock = self.escalations[-1].lock
            if lock is not None:
                self.kept_its_file = lock.is_locked
                lock.release(force=True)
            slack.bot_url = ""


def peopled(slack: FakeSlack) -> FakeSlack:
    """A school's workspace. UODD sits in the safeguarding channel, and is nobody whom the school names."""
    for user, name in {
        "U1": "Ana Teacher", "U2": "Bo Helper", "UDSL": "Dee Lead", "UDEP": "Ed Deputy", "UHEAD": "Hal Head",
        "UCHAIR": "Cy Chair", "UODD": "Odd Guest",
    }.items():  # fmt: skip
        slack.add_user(user, name)
    slack.add_channel("C1", "staffroom", ["U1", "U2", "UDSL"])
    slack.add_channel("CDSL", "safeguarding", ["UDSL", "UDEP", "UHEAD", "UODD"], kind="private")
    return slack


@contextmanager
def beside(engine: Engine, folder: Path, mode: Mode, **options: Any) -> Iterator[Running]:
    """The product, not started yet, beside a Slack with these options."""
    with FakeSlack(mode=mode, hurry=1000, **options) as slack:
        yield Running(peopled(slack), engine, folder, mode)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens, no log holds a word of what anybody wrote."""
    caplog.set_level(logging.INFO)
    yield
    logged = "\n".join(
        logging.Formatter().format(record) for when in ("setup", "call") for record in caplog.get_records(when)
    )
    assert [word for word in SECRETS if word in logged] == []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each story runs over HTTP or in Socket Mode, as its name falls; with SOAK=1 both ways."""
    if "mode" in metafunc.fixturenames:
        ways: list[Mode] = ["http", "socket"]
        if not os.environ.get("SOAK"):
            ways = [ways[zlib.crc32(metafunc.definition.nodeid.encode()) % 2]]
        metafunc.parametrize("mode", ways)


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Escalations]:
    """The escalations of each start, so that a test can look into them and have work done at once."""
    made: list[Escalations] = []
    original = serving_module.serving_escalations

    def keeping(*args: Any) -> Escalations:
        made.append(original(*args))
        return made[-1]

    monkeypatch.setattr(serving_module, "serving_escalations", keeping)
    return made


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch looks every half second for what is late by as much."""
    monkeypatch.setattr(joined, "Watch", functools.partial(Watch, grace=SHORT, look=SHORT))


@pytest.fixture
def running(lexical_engine: Engine, tmp_path: Path, mode: Mode, kept: list[Escalations]) -> Iterator[Running]:
    """The product, not started yet, beside Slack."""
    with beside(lexical_engine, tmp_path, mode) as made:
        made.escalations = kept
        yield made


@pytest.fixture
def http(lexical_engine: Engine, tmp_path: Path, kept: list[Escalations]) -> Iterator[Running]:
    """The same over HTTP only."""
    with beside(lexical_engine, tmp_path, "http") as made:
        made.escalations = kept
        yield made


@pytest.fixture
def socket(lexical_engine: Engine, tmp_path: Path, kept: list[Escalations]) -> Iterator[Running]:
    """The same in Socket Mode only."""
    with beside(lexical_engine, tmp_path, "socket") as made:
        made.escalations = kept
        yield made


@pytest.fixture
def slack(running: Running) -> Iterator[FakeSlack]:
    """Slack with people and the product."""
    with running.up():
        yield running.slack
        running.slack.wait_idle()
        running.slack.check()
