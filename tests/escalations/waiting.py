"""Writes waiting-0001.sql: a database of the first version, left by a process that was killed with escalations waiting.

It was made once, by that version: `python -m tests.escalations.waiting`. Later versions have to open it.
"""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from adapters.database.connect import open_database
from adapters.database.vault import Vault
from adapters.escalations.desk import Desk
from adapters.escalations.durable import EngineQueue, migrate_engine
from adapters.escalations.stages import Stages
from chatbot.escalation import Acknowledge
from chatbot.plan import Contact
from chatbot.ports import Alert, Digest
from chatbot.respond import reference_of
from tests.escalations.child import SCHOOL, Now, plan, reported

FILE = Path(__file__).with_name("waiting-0001.sql")
"""A database of the first version with escalations waiting."""
KEY = "aW4gdGhlIG9wZW46IG9ubHkgZm9yIHRoZSB0ZXN0cy4="
"""The key of its words."""


class _Silent:
    means = "chat"

    def reaches(self, contact: Contact) -> bool:
        return True

    def deliver(self, alert: Alert) -> str:
        return "m"

    def update(self, alert: Alert, message_id: str) -> None:
        pass

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        return "m"

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        pass

    def digest(self, digest: Digest) -> str:
        return ""


def write() -> None:
    """One escalation in each state, its next step enqueued; one step was under way when the process died."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/chatbot.sqlite"
        migrate_engine(url)
        engine = open_database(url)
        desk = Desk(engine, Vault([KEY]), {SCHOOL: plan(1)}, EngineQueue(engine), Now(), lambda t: tuple(t.split()))
        stages = Stages(desk, {"chat": _Silent()})
        for turn in ("possible-0", "raised-1", "raised-2", "raised-3"):
            desk.record_now(*reported(turn))
        for turn in ("raised-2", "raised-3"):
            stages.tell(reference_of(turn), 0)
            stages.send(f"{reference_of(turn)}:1:chat:a")
        desk.act_now(reference_of("raised-3"), Acknowledge(), "a")
        engine.dispose()
        connection = sqlite3.connect(f"{folder}/chatbot.sqlite")
        connection.execute(
            "UPDATE workflow_status SET status = 'PENDING', executor_id = 'dead' WHERE workflow_uuid = ?",
            (f"tell-{reference_of('raised-1')}-0",),
        )
        connection.commit()
        FILE.write_text("\n".join(connection.iterdump()) + "\n")
        connection.close()


if __name__ == "__main__":
    write()
