"""The commands of those who run it: what they start, and that the knowledge is read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from adapters.database.vault import new_key
from adapters.engine import Made
from chatbot.knowledge import Knowledge
from chatbot.respond import Engine

CONFIG = """
schools:
  fact:
    slack: {team: T0AB12CD3}
    routes:
      dsl: {people: [{name: A. Lead, email: lead@example.org, slack: U0AB12CD3}]}
      headteacher: {people: [{name: C. Head, email: head@example.org}]}
      chair_of_governors: {people: [{name: D. Chair, email: chair@example.org}]}
"""

Loads = list[Path]


@pytest.fixture
def loads(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loads:
    """Each time that a command reads the knowledge; settings that are complete."""
    seen: Loads = []

    def load(folder: Path, *_: object) -> Knowledge:
        seen.append(folder)
        return knowledge

    (tmp_path / "chatbot.yaml").write_text(CONFIG)
    monkeypatch.setattr("adapters.commands.load", load)
    settings = {
        "CHATBOT_CONFIG": str(tmp_path / "chatbot.yaml"),
        "CHATBOT_DATABASE_URL": f"sqlite:///{tmp_path}/chatbot.db",
        "CHATBOT_SECRET_KEY": new_key(),
        "CHATBOT_SMTP_HOST": "127.0.0.1",
        "CHATBOT_SMTP_PORT": "9",
        "CHATBOT_SMTP_TLS": "none",
        "CHATBOT_SMTP_FROM": "bot@school.example",
        "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
        "SLACK_SIGNING_SECRET": "0" * 32,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return seen


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments])


def test_serve_reads_the_knowledge_once_and_serves_an_engine_over_it(
    loads: Loads, lexical_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(lexical_engine, semantic=False, why_not="tests")
    started: list[object] = []
    monkeypatch.setattr("adapters.commands.engine_of", lambda _: made)
    monkeypatch.setattr("adapters.serving.run_serve", lambda *what: started.extend(what))
    result = run("serve")
    assert result.exit_code == 0, result.output
    assert started[0] is made
    assert len(loads) == 1


def test_the_doctor_reads_the_knowledge_once_and_makes_no_engine(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.commands.engine_of", lambda _: pytest.fail("an engine was made"))
    result = run("doctor")
    assert result.exit_code == 1, result.output  # nothing takes mail at that port
    said = " ".join(result.output.split())
    assert "fact, dsl" in said
    assert "0 open, every step in time" in said
    assert "does not take mail" in said
    assert len(loads) == 1


def test_figures_and_config_check_read_the_knowledge_once(loads: Loads, tmp_path: Path) -> None:
    assert run("config", "check", str(tmp_path / "chatbot.yaml")).exit_code == 0
    assert run("figures", "fact").exit_code == 0
    unknown = run("figures", "hogwarts")
    assert unknown.exit_code == 2
    assert "known are" in unknown.output
    assert len(loads) == 3
