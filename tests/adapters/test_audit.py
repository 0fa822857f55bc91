"""The audit trail: every line that was changed, removed, inserted, swapped or cut is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from adapters.database import audit
from adapters.database.connect import open_database
from adapters.database.tables import audit as lines
from adapters.database.tables import audit_head
from chatbot.escalation import Entry
from tests.contracts.around import at_once

AT = datetime(2026, 10, 5, 9, 0, 0, 123456, tzinfo=UTC)
HALF = 5
"""The line that is tampered with, of ten."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """A database with ten lines."""
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    with engine.begin() as connection:
        for number in range(1, 11):
            write(connection, number)
    yield engine
    engine.dispose()


def write(connection: sa.Connection, number: int, reference: str = "") -> None:
    """The line that the number tells."""
    at = AT + number * timedelta(minutes=1)
    audit.append(connection, at, f"person {number % 3}", "opened", reference or f"R-{number % 2}", f"detail {number}")


def verified(engine: sa.Engine) -> audit.Verified:
    with engine.connect() as connection:
        return audit.verify(connection)


def tamper(engine: sa.Engine, *statements: sa.Executable) -> tuple[str, ...]:
    """The faults once somebody has changed the tables behind the program's back."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    return verified(engine).faults


def test_a_trail_that_nobody_touched_has_no_faults(engine: sa.Engine) -> None:
    found = verified(engine)
    assert (found.lines, found.faults) == (10, ())
    with engine.connect() as connection:
        assert found.head == connection.execute(sa.select(audit_head.c.hash)).scalar_one()


def test_an_empty_trail_has_no_faults(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert verified(engine) == audit.Verified(0, audit.START, ())
    engine.dispose()


def test_each_line_is_bound_to_the_one_before(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(lines).order_by(lines.c.number)).all()
    assert [row.before for row in rows] == [audit.START, *(row.hash for row in rows[:-1])]
    assert len({row.hash for row in rows}) == 10


def test_the_lines_of_one_escalation_come_back_oldest_first(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        mine = audit.trail(connection, "R-1")
        assert audit.trail(connection, "R-unknown") == ()
    assert [entry.number for entry in mine] == [1, 3, 5, 7, 9]
    assert mine[1] == Entry(3, AT + timedelta(minutes=3), "person 0", "opened", "R-1", "detail 3")


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody else"},
        {"what": "closed"},
        {"reference": "R-9"},
        {"detail": ""},
        {"at": AT},
        {"hash": "f" * 64},
        {"before": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("number", [1, HALF, 10])
def test_a_changed_line_is_found(engine: sa.Engine, change: dict[str, object], number: int) -> None:
    faults = tamper(engine, lines.update().where(lines.c.number == number).values(change))
    assert any(f"line {number} " in fault or f"line {number + 1} " in fault or number == 10 for fault in faults)


def test_a_line_changed_by_a_microsecond_is_found(engine: sa.Engine) -> None:
    at = AT + HALF * timedelta(minutes=1) + timedelta(microseconds=1)
    assert tamper(engine, lines.update().where(lines.c.number == HALF).values(at=at)) == (f"line {HALF} was changed",)


def test_words_moved_from_one_field_to_the_next_are_a_change(engine: sa.Engine) -> None:
    moved = {"actor": f"person {HALF % 3}opened", "what": ""}
    assert tamper(engine, lines.update().where(lines.c.number == HALF).values(moved)) != ()


def test_a_changed_line_whose_own_hash_was_made_anew_is_found_by_the_next(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        row = connection.execute(sa.select(lines).where(lines.c.number == HALF)).one()
    parts = [row.number, row.at.isoformat(), "nobody", row.what, row.reference, row.detail, row.before]
    hash_ = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    faults = tamper(engine, lines.update().where(lines.c.number == HALF).values(actor="nobody", hash=hash_))
    assert faults == (f"line {HALF + 1} is not bound to the line before it",)


@pytest.mark.parametrize("number", [1, HALF, 9])
def test_a_removed_line_is_found(engine: sa.Engine, number: int) -> None:
    faults = tamper(engine, lines.delete().where(lines.c.number == number))
    assert f"line {number} is missing: line {number + 1} follows line {number - 1}" in faults


def test_removed_lines_with_those_after_them_counted_anew_are_found(engine: sa.Engine) -> None:
    down = [lines.update().where(lines.c.number == n).values(number=n - 1) for n in range(HALF + 1, 11)]
    faults = tamper(engine, lines.delete().where(lines.c.number == HALF), *down)
    assert f"line {HALF} was changed" in faults


def test_an_inserted_line_is_found(engine: sa.Engine) -> None:
    up = [lines.update().where(lines.c.number == n).values(number=n + 1) for n in range(10, HALF, -1)]
    new = {
        "number": HALF + 1, "at": AT, "actor": "x", "what": "opened", "reference": "R-1", "detail": "",
        "before": audit.START, "hash": audit.START,
    }  # fmt: skip
    faults = tamper(engine, *up, lines.insert().values(new))
    assert f"line {HALF + 1} was changed" in faults


def test_a_line_added_at_the_end_by_hand_is_found(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        last = connection.execute(sa.select(lines).where(lines.c.number == 10)).one()
    new = {**last._mapping, "number": 11, "before": last.hash}
    assert len(tamper(engine, lines.insert().values(new))) >= 1


def test_a_copy_of_a_line_is_found(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        row = connection.execute(sa.select(lines).where(lines.c.number == HALF)).one()
    assert tamper(engine, lines.insert().values({**row._mapping, "number": 0})) != ()


def test_swapped_lines_are_found(engine: sa.Engine) -> None:
    swap = [lines.update().where(lines.c.number == a).values(number=b) for a, b in ((4, 99), (5, 4), (99, 5))]
    faults = tamper(engine, *swap)
    assert {"line 4 was changed", "line 5 was changed"} <= set(faults)


@pytest.mark.parametrize("kept", [0, 1, HALF, 9])
def test_lines_cut_from_the_end_are_found(engine: sa.Engine, kept: int) -> None:
    faults = tamper(engine, lines.delete().where(lines.c.number > kept))
    assert faults == (f"the trail ends at line {kept}, but 10 lines were written",)


def test_lines_cut_from_the_beginning_are_found(engine: sa.Engine) -> None:
    assert "line 1 is missing: line 4 follows line 0" in tamper(engine, lines.delete().where(lines.c.number < 4))


def test_a_head_that_was_removed_or_doubled_is_a_fault_and_not_a_crash(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        head = connection.execute(sa.select(audit_head)).one()
    assert len(tamper(engine, audit_head.insert().values(id=2, number=head.number, hash=head.hash))) == 1
    assert len(tamper(engine, audit_head.delete())) == 1
    with pytest.raises(sa.exc.NoResultFound), engine.begin() as connection:
        write(connection, 11)


def test_lines_cut_together_with_the_head_are_found_by_a_hash_noted_earlier(engine: sa.Engine) -> None:
    noted = verified(engine)
    with engine.connect() as connection:
        row = connection.execute(sa.select(lines).where(lines.c.number == HALF)).one()
    cut = lines.delete().where(lines.c.number > HALF)
    assert tamper(engine, cut, audit_head.update().values(number=HALF, hash=row.hash)) == ()
    assert verified(engine).head != noted.head
    with engine.connect() as connection:
        assert audit.missing(connection, f"{noted.lines}:{noted.head}") != ()
        assert audit.missing(connection, f"{HALF}:{row.hash}") == ()


def test_a_trail_written_anew_as_a_whole_is_found_by_a_hash_noted_earlier(engine: sa.Engine) -> None:
    noted = verified(engine)
    anew = audit_head.update().values(number=0, hash=audit.START)
    assert tamper(engine, lines.delete(), anew) == ()
    with engine.begin() as connection:
        for number in range(1, 13):
            write(connection, number, "R-forged")
    assert verified(engine).faults == ()
    with engine.connect() as connection:
        assert audit.missing(connection, f"{noted.lines}:{noted.head}") != ()


@pytest.mark.parametrize("noted", ["x", "10", "10:", ":", "ten:" + "a" * 64, "10:abc", "-1:" + "a" * 64])
def test_what_was_noted_wrongly_is_said(engine: sa.Engine, noted: str) -> None:
    with engine.connect() as connection:
        assert len(audit.missing(connection, noted)) == 1


def test_nothing_noted_compares_with_nothing(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert audit.missing(connection, "") == ()
        assert audit.missing(connection, "0:" + audit.START) == ()


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata", "UTC"])
def test_a_moment_told_in_any_zone_is_the_same_line(engine: sa.Engine, zone: str) -> None:
    with engine.begin() as connection:
        audit.append(connection, AT.astimezone(ZoneInfo(zone)), "a", "b", "R-1")
    assert verified(engine).faults == ()


def test_what_was_rolled_back_leaves_no_line_and_no_gap(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.begin()
        write(connection, 11)
        connection.rollback()
    assert (verified(engine).lines, verified(engine).faults) == (10, ())
    with engine.begin() as connection:
        write(connection, 11)
    assert (verified(engine).lines, verified(engine).faults) == (11, ())


def test_eight_who_write_at_once_write_one_trail(engine: sa.Engine) -> None:
    def write_ten(who: int) -> None:
        for number in range(10):
            with engine.begin() as connection:
                audit.append(connection, AT, f"person {who}", "opened", "R-1", str(number))

    assert at_once(write_ten, 8) == [None] * 8
    assert (verified(engine).lines, verified(engine).faults) == (90, ())


def test_odd_characters_in_a_line_are_kept_and_verified(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        audit.append(connection, AT, 'Zoë’s\n\t"', "opened", "R-1", "\U0001f600 – '; --")
    assert verified(engine).faults == ()
