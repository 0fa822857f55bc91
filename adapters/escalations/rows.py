"""Rows of the tables to frozen values and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.database.tables import escalations
from adapters.database.vault import KeyMissing, Vault
from chatbot.escalation import Held, State
from chatbot.model import Concern, Escalation, Memory, Slot, Turn
from chatbot.reply import Route, Status

Row = sa.Row[Any]

WITHDRAWN = "only asking"
"""The outcome of a possible report that its reporter took back."""


def held_of(row: Row, vault: Vault | None) -> Held:
    """The escalation in `row`, without its words; without its outcome where no vault is given."""
    return Held(
        reference=row.reference,
        school=row.school,
        route=Route(row.route),
        state=State(row.state),
        emergency=row.emergency,
        unconfirmed=row.unconfirmed,
        reporter=row.reporter,
        at=row.at,
        stage=row.stage,
        next_at=row.next_at,
        handed_to=row.handed_to,
        excluded=frozenset(json.loads(row.excluded)),
        told=row.told,
        failing=row.failing,
        seen_by=row.seen_by,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        outcome="" if vault is None else unsealed(row.outcome, vault) or "",
        record="" if vault is None else unsealed(row.record, vault) or "",
        drill=row.drill,
    )


def told_of(turn: Turn) -> str:
    """What whoever is told reads: the words, and whose message they are."""
    return f"Message from {turn.author}:\n{turn.text}" if turn.author else turn.text


def unsealed(sealed: bytes | None, vault: Vault) -> str | None:
    """The words, None where there are none or their key is missing."""
    if sealed is None:
        return None
    try:
        return vault.unseal(sealed)
    except KeyMissing:
        return None


def first_columns(
    escalation: Escalation, due: datetime, about: Iterable[str], vault: Vault, *, drill: bool
) -> dict[str, object]:
    """The columns of a new escalation whose first step is due at `due`."""
    turn, concern = escalation.turn, escalation.concern
    return {
        "reference": escalation.reference, "turn": turn.id, "conversation": turn.conversation, "school": turn.school,
        "route": concern.route, "state": State.POSSIBLE if concern.status is Status.POSSIBLE else State.RAISED,
        "emergency": concern.emergency, "unconfirmed": False, "drill": drill, "failing": False,
        "reporter": turn.speaker, "at": turn.at, "stage": 0, "next_at": due, "handed_to": "", "told": "",
        "excluded": json.dumps(sorted(about)), "seen_by": "", "acknowledged_by": "", "words": vault.seal(told_of(turn)),
        "revision": 0,
    }  # fmt: skip


def may_still_be_raised(row: Row) -> bool:
    """Whether a yes counts: also after a no that was pressed at the same time, since it is told to be recorded."""
    return row.state == State.POSSIBLE or (row.state == State.CLOSED and not row.acknowledged_by)


def changed_columns(held: Held, vault: Vault) -> dict[str, object]:
    """The columns that an action or an alert may change. An outcome that cannot be read now is left as it is."""
    unread = not held.outcome and held.state is State.CLOSED
    outcome = {} if unread else {"outcome": vault.seal(held.outcome) if held.outcome else None}
    return outcome | {
        "state": held.state,
        "unconfirmed": held.unconfirmed,
        "stage": held.stage,
        "next_at": held.next_at,
        "handed_to": held.handed_to,
        "told": held.told,
        "failing": held.failing,
        "seen_by": held.seen_by,
        "acknowledged_by": held.acknowledged_by,
        "acknowledged_at": held.acknowledged_at,
        "closed_at": held.closed_at,
        "revision": escalations.c.revision + 1,
    }


def memory_json(memory: Memory) -> str:
    """A conversation's memory as text; of a pending report only the reference."""
    return json.dumps(
        {
            "intent": memory.intent,
            "slots": [[slot.name, slot.value] for slot in memory.slots],
            "asked": memory.asked,
            "pending": memory.pending.reference if memory.pending else None,
            "failures": memory.failures,
        }
    )


def memory_of(text: str, pending: Escalation | None) -> Memory:
    """The memory in `text`."""
    held = json.loads(text)
    slots = tuple(Slot(name, value) for name, value in held["slots"])
    return Memory(held["intent"], slots, held["asked"], pending, held["failures"])


def escalation_of(row: Row, vault: Vault) -> Escalation:
    """The escalation as decided for its turn, to ask about it again; empty words where the key is missing."""
    words = unsealed(row.words, vault) or ""
    turn = Turn(row.turn, row.conversation, row.school, row.reporter, words, row.at)
    return Escalation(row.reference, turn, Concern(Route(row.route), Status.POSSIBLE, row.emergency))


def all_held(engine: sa.Engine, school: str) -> tuple[Held, ...]:
    """Every escalation of a school for counting; outcomes stay sealed."""
    mine = sa.select(escalations).where(escalations.c.school == school)
    with engine.connect().execution_options(reading=True) as connection:
        return tuple(held_of(row, None) for row in connection.execute(mine))


def row_of(connection: sa.Connection, reference: str, *, lock: bool = False) -> Row | None:
    """The row of an escalation; with `lock` nobody else changes it until the transaction ends."""
    found = sa.select(escalations).where(escalations.c.reference == reference)
    return connection.execute(found.with_for_update() if lock else found).one_or_none()
