"""The whole product as `chatbot serve` runs it, beside a strict fake of Teams, each in a thread of its own."""

from __future__ import annotations

import functools
import logging
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
from adapters.escalations import durable, joined
from adapters.escalations.joined import Escalations
from adapters.escalations.watch import Watch
from adapters.serving import serving_app
from adapters.settings import Settings
from chatbot.respond import Engine
from tests.e2e.conftest import serving
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.teams.stories import SECRETS

SHORT = timedelta(seconds=0.5)
"""How late work may be, and how often it is looked for, where a test does not wait for a minute."""
SCHOOL = """
    routes:
      dsl:
        channel: {teams: "DSL_CHANNEL"}
        people:
          - {name: Dee Lead, teams: DEE, phone: "01632 960001", wait_minutes: WAIT}
          - {name: Ed Deputy, teams: ED, wait_minutes: 10}
      headteacher: {people: [{name: Hal Head, teams: HAL}]}
      chair_of_governors: {people: [{name: Cy Chair, teams: CY}]}
    phones: {social_care: "01632 960100", lado: "01632 960101"}
"""


@dataclass
class Running:
    """The product beside the fake; it can be stopped and started again over the same file."""

    teams: FakeTeams
    engine: Engine
    folder: Path
    schools: tuple[str, ...] = ("ashley",)
    wait: float = 5
    confirm: float = 10
    where: str = ""
    """The `teams` section of a school, where it is not the tenant alone; may hold the school's name as SCHOOL."""
    instead: dict[str, str] = field(default_factory=dict)
    """What stands in chatbot.yaml in place of what."""
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
    def config(self) -> str:
        """chatbot.yaml for the schools, all with the same people."""
        teams, people = self.teams, SCHOOL.replace("WAIT", f"{self.wait:g}")
        people = people.replace("DSL_CHANNEL", teams.room("dsl").id)
        for mark, key in {"DEE": "dee", "ED": "ed", "HAL": "hal", "CY": "cy"}.items():
            people = people.replace(f"teams: {mark}", f"teams: {teams.user(key).aad}")
        timings = f"timings: {{confirm_minutes: {self.confirm:g}, repeat_cap_minutes: 60}}\nschools:\n"
        where = self.where or f"{{tenant: {teams.tenant}}}"
        made = timings + "".join(f"  {s}:\n    teams: {where.replace('SCHOOL', s)}{people}" for s in self.schools)
        for old, new in self.instead.items():
            assert old in made
            made = made.replace(old, new)
        return made

    def environment(self) -> dict[str, str]:
        """What the product reads from its environment; chatbot.yaml is written."""
        path = self.folder / "chatbot.yaml"
        path.write_text(self.config, encoding="utf-8")
        teams = self.teams
        return {
            "CHATBOT_CONFIG": str(path),
            "CHATBOT_DATABASE_URL": f"sqlite:///{self.database}",
            "CHATBOT_SECRET_KEY": self.key,
            "TEAMS_APP_ID": teams.app_id,
            "TEAMS_APP_PASSWORD": teams.app_password,
            "TEAMS_TENANT_ID": teams.tenant,
            "TEAMS_OPENID_METADATA": teams.openid_metadata,
            "TEAMS_TOKEN_URL": teams.token_url,
            **self.environ,
        }

    @contextmanager
    def up(self) -> Iterator[None]:
        """The product serves while this lasts."""
        environ, teams = self.environment(), self.teams
        config = read_config(Path(environ["CHATBOT_CONFIG"]), self.engine.knowledge.schools)
        served = serving(serving_app(self.engine, Settings.from_environ(environ), config))
        teams.bot_url = served.__enter__()
        try:
            yield
        finally:
            served.__exit__(None, None, None)  # whatever failed: it is not told of it, and ends its thread
            lock = self.escalations[-1].lock
            if lock is not None:
                self.kept_its_file = lock.is_locked
                lock.release(force=True)
            teams.bot_url = ""


def peopled(teams: FakeTeams) -> FakeTeams:
    """A school's tenant. Odd is in the safeguarding team, and is nobody whom the school names."""
    for user, name, installed in (
        ("ana", "Ana Teacher", True), ("bo", "Bo Helper", True), ("dee", "Dee Lead", True), ("ed", "Ed Deputy", True),
        ("hal", "Hal Head", True), ("cy", "Cy Chair", True), ("odd", "Odd Guest", True), ("new", "New Starter", False),
    ):  # fmt: skip
        teams.add_user(user, name, installed=installed)
    teams.add_team("staff", ["staffroom", "art"], ["ana", "bo", "dee", "hal", "new"])
    teams.add_team("safe", ["safegeneral", "dsl"], ["dee", "ed", "odd"])
    teams.add_group("leaders", ["ana", "hal", "dee"])
    return teams


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens, no log holds a word of what anybody wrote."""
    caplog.set_level(logging.INFO)
    yield
    logged = "\n".join(
        logging.Formatter().format(record) for when in ("setup", "call") for record in caplog.get_records(when)
    )
    assert [word for word in SECRETS if word in logged] == []


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Escalations]:
    """The escalations of each start, so that a test can look into them and have work done at once."""
    made: list[Escalations] = []
    original = serving_module.serving_escalations

    def keeping(*args: Any) -> Escalations:
        made.append(original(*args))
        return made[-1]

    monkeypatch.setattr(serving_module, "serving_escalations", keeping)
    monkeypatch.setattr(durable, "POLL", 0.1)  # a test has many steps to wait for
    return made


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch looks every half second for what is late by as much."""
    monkeypatch.setattr(joined, "Watch", functools.partial(Watch, grace=SHORT, look=SHORT))


@pytest.fixture
def running(lexical_engine: Engine, tmp_path: Path, kept: list[Escalations]) -> Iterator[Running]:
    """The product, not started yet, beside Teams."""
    with FakeTeams() as teams:
        yield Running(peopled(teams), lexical_engine, tmp_path, escalations=kept)


@pytest.fixture
def teams(running: Running) -> Iterator[FakeTeams]:
    """Teams with people and the product."""
    with running.up():
        yield running.teams
        running.teams.wait_idle()
        running.teams.check()
