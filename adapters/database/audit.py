"""The audit trail: append-only, each line bound to the one before by a hash. Ids and kinds only, never words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from adapters.database.tables import audit, audit_head
from chatbot.escalation import Entry

START = "0" * 64
"""What the first line is bound to."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How the trail stands: its length, its last hash (worth keeping elsewhere), and what is wrong with it."""

    lines: int
    head: str
    faults: tuple[str, ...]


def append(connection: sa.Connection, at: datetime, actor: str, what: str, reference: str, detail: str = "") -> None:
    """Add a line in the transaction of `connection`; concurrent ones wait for each other."""
    head = connection.execute(sa.select(audit_head).with_for_update()).one()
    number = head.number + 1
    made = _hash(number, at, actor, what, reference, detail, head.hash)
    connection.execute(
        audit.insert().values(
            number=number,
            at=at,
            actor=actor,
            what=what,
            reference=reference,
            detail=detail,
            before=head.hash,
            hash=made,
        )
    )
    connection.execute(audit_head.update().values(number=number, hash=made))


def trail(connection: sa.Connection, reference: str) -> tuple[Entry, ...]:
    """The lines about one escalation, oldest first."""
    rows = connection.execute(sa.select(audit).where(audit.c.reference == reference).order_by(audit.c.number))
    return tuple(Entry(row.number, row.at, row.actor, row.what, row.reference, row.detail) for row in rows)


def verify(connection: sa.Connection) -> Verified:
    """Recompute every line; any that was changed, removed or inserted is a fault.

    Lines cut off at the very end together with the head are only found by comparing the head with one noted earlier.
    """
    before, number, faults = START, 0, []
    for row in _lines(connection):
        if row.number != number + 1:
            faults.append(f"line {number + 1} is missing: line {row.number} follows line {number}")
        if row.before != before:
            faults.append(f"line {row.number} is not bound to the line before it")
        if row.hash != _hash(row.number, row.at, row.actor, row.what, row.reference, row.detail, row.before):
            faults.append(f"line {row.number} was changed")
        before, number = row.hash, row.number
    heads = [(head.number, head.hash) for head in connection.execute(sa.select(audit_head))]
    if heads != [(number, before)]:
        written = heads[0][0] if len(heads) == 1 else "nobody knows how many"
        faults.append(f"the trail ends at line {number}, but {written} lines were written")
    return Verified(number, before, tuple(faults))


def missing(connection: sa.Connection, noted: str) -> tuple[str, ...]:
    """What is wrong with the trail compared with `noted`, LINES:HASH of an earlier check; nothing where it is empty."""
    if not noted:
        return ()
    lines, _, hash_ = noted.partition(":")
    if not lines.isdigit() or len(hash_) != len(START):
        return (f"expected LINES:HASH as an earlier check printed it, got {noted!r}",)
    if int(lines) == 0:
        return ()
    found = connection.execute(sa.select(audit.c.hash).where(audit.c.number == int(lines))).scalar_one_or_none()
    if found is None:
        return (f"line {lines} was there at an earlier check and is missing now",)
    return () if found == hash_ else (f"line {lines} is not what it was at an earlier check",)


def _lines(connection: sa.Connection) -> Iterator[sa.Row[tuple[object, ...]]]:
    yield from connection.execute(sa.select(audit).order_by(audit.c.number).execution_options(yield_per=500))


def _hash(number: int, at: datetime, actor: str, what: str, reference: str, detail: str, before: str) -> str:
    moment = at.astimezone(UTC).isoformat()  # as it is read back
    line = json.dumps([number, moment, actor, what, reference, detail, before], ensure_ascii=True)
    return hashlib.sha256(line.encode()).hexdigest()
