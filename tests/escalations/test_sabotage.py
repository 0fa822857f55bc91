"""What is broken from outside: the engine's rows are gone, the database is away, the disk is full, the file is old."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict

from adapters.database import audit
from adapters.database.connect import DatabaseUnusable, open_database, psycopg_url
from adapters.database.tables import conversations, escalations
from adapters.database.vault import Vault
from adapters.escalations.desk import Desk
from adapters.escalations.durable import EngineQueue, migrate_engine
from tests.escalations.child import SCHOOL, Now, plan, reported
from tests.escalations.conftest import Build
from tests.escalations.processes import until
from tests.escalations.runs import House
from tests.escalations.waiting import FILE, KEY
from tests.postgres import Postgres

OURS = ("escalations", "remarks", "deliveries", "audit", "audit_head", "conversations", "beats", "alembic_version")


def test_every_report_is_finished_though_the_engine_has_lost_everything(house: House) -> None:
    turns = tuple(f"{kind}-{number}-kept" for number, kind in enumerate(("raised", "possible", "emergency", "head")))
    child = house.start("child", turns, wait=2)
    child.wait_for("recorded", times=len(turns))
    until(lambda: bool(house.outbox("gone")), 20, "an alert has gone out")
    house.do(*(f"DELETE FROM {table}" for table in _tables_of_the_engine(house)))  # noqa: S608 -- read from the catalogue
    took = house.finish(child)
    child.stop()
    house.findings.append(f"{house.kind}: all rows of the engine deleted: all acknowledged {took:.0f} s later")
    assert house.judge().faults == {}


def test_a_report_is_refused_at_once_while_the_database_is_away_and_nothing_is_lost(
    build: Build, postgres: Postgres, soak: bool
) -> None:
    house, away = build("postgresql"), 30 if soak else 5
    turns = ("raised-0", "possible-1", "raised-2-kept", "emergency-3", "head-4")
    child = house.start("child", turns, wait=2)
    child.wait_for("recorded", times=len(turns))
    postgres.stop()
    stopped = time.monotonic()
    try:
        child.order("report raised-5")
        child.wait_for("refused", seconds=away, times=3)
        time.sleep(max(0.0, stopped + away - time.monotonic()))
    finally:
        postgres.start()
    child.wait_for("recorded", times=len(turns) + 1)
    took = house.finish(child, 120)
    child.stop()
    slowest = max(float(line.split()[2]) for line in child.said("refused"))
    house.findings.append(
        f"PostgreSQL stopped hard for {away} s: a report was refused after {slowest:.2f} s at most, "
        f"all acknowledged {took:.0f} s after it was back"
    )
    assert house.judge().faults == {}
    assert slowest < 10


def test_a_server_that_has_vanished_from_the_network_is_given_up_in_time() -> None:
    """Without these the kernel would wait a quarter of an hour for an answer, and so would the reporter."""
    patience = {name: str(value) for name, value in psycopg_url("postgresql://db/chatbot").query.items()}
    assert int(patience["tcp_user_timeout"]) / 1000 + int(patience["connect_timeout"]) < 10
    assert psycopg_url("postgresql://db/chatbot?tcp_user_timeout=9000").query["tcp_user_timeout"] == "9000"
    assert conninfo_to_dict(host="db", **patience)["host"] == "db", "names that the driver does not know"


def test_reports_wait_for_a_file_that_another_program_has_locked(build: Build) -> None:
    house = build("sqlite")
    child = house.start("child", ("raised-0",))
    child.wait_for("recorded")
    with sqlite3.connect(house.folder / "chatbot.sqlite", isolation_level=None) as locking:
        locking.execute("BEGIN EXCLUSIVE")
        child.order("report raised-1")
        time.sleep(4)
        locking.execute("COMMIT")
    locking.close()
    child.wait_for("recorded", times=2)
    house.finish(child)
    child.stop()
    assert house.judge().faults == {}


def test_a_full_disk_refuses_a_report_whole(build: Build) -> None:
    house = build("sqlite")
    desk = _desk(house)
    with desk.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    desk.engine.dispose()
    limit = lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages + 3}")  # noqa: E731 -- to remove
    sa.event.listen(desk.engine, "connect", limit)
    recorded, refused = _report_until_refused(desk)
    assert "full" in str(refused)
    _nothing_is_half_written(desk, recorded)
    sa.event.remove(desk.engine, "connect", limit)
    desk.engine.dispose()
    _goes_on(house, recorded + 1)


def test_a_file_that_has_become_read_only_refuses_a_report_whole(build: Build) -> None:
    house = build("sqlite")
    desk = _desk(house)
    desk.record_now(*reported("raised-0"))
    desk.engine.dispose()
    with _read_only(house.folder):
        with pytest.raises(sa.exc.OperationalError, match=r"readonly|read-only|unable to open"):
            desk.record_now(*reported("raised-1"))
        with pytest.raises(DatabaseUnusable, match="check the address and that it may be written to"):
            open_database(house.url)
    desk.engine.dispose()
    _nothing_is_half_written(desk, 1)
    desk.engine.dispose()
    _goes_on(house, 2)


def test_escalations_that_wait_in_a_file_of_the_first_version_go_on(build: Build) -> None:
    """As an old process left it, with rows of the engine of its time."""
    house = build("sqlite")
    house.key = KEY
    with sqlite3.connect(house.folder / "chatbot.sqlite") as connection:
        connection.executescript(FILE.read_text())
    connection.close()
    before = house.rows()
    assert {row.state for row in before.values()} == {"possible", "raised", "delivered", "acknowledged"}
    house.sent_before = frozenset(map(tuple, house.read(sa.text("SELECT key, reference FROM deliveries"))))
    child = house.start("child")
    child.wait_for("ready")
    house.finish(child)
    child.stop()
    assert house.rows().keys() == before.keys()
    assert house.judge().faults == {}


def test_escalations_that_wait_in_our_own_tables_of_the_first_version_go_on(build: Build) -> None:
    """Without any row of an engine."""
    house = build("sqlite")
    house.key = KEY
    with sqlite3.connect(house.folder / "chatbot.sqlite") as connection:
        connection.executescript(FILE.read_text())
        for table in [*_tables_of_the_engine(house), "dbos_migrations"]:
            connection.execute(f"DROP TABLE {table}")
    connection.close()
    house.sent_before = frozenset(map(tuple, house.read(sa.text("SELECT key, reference FROM deliveries"))))
    child = house.start("child")
    child.wait_for("ready")
    house.finish(child)
    child.stop()
    assert house.judge().faults == {}


def _tables_of_the_engine(house: House) -> list[str]:
    if house.kind == "sqlite":
        names = house.read(sa.text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        return [row.name for row in names if row.name not in OURS and not row.name.startswith(("sqlite_", "dbos_mi"))]
    names = house.read(sa.text("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'dbos'"))
    return [f"dbos.{row.name}" for row in names if row.name != "dbos_migrations"]


def _desk(house: House) -> Desk:
    migrate_engine(house.url)
    engine = open_database(house.url)
    plans = {SCHOOL: plan(1)}
    return Desk(engine, Vault([house.key]), plans, EngineQueue(engine), Now(), lambda text: tuple(text.split()))


def _report_until_refused(desk: Desk) -> tuple[int, Exception]:
    for number in range(1000):
        try:
            desk.record_now(*reported(f"raised-{number}"))
        except sa.exc.OperationalError as error:
            return number, error
    pytest.fail("1000 reports went into a file that is full")


def _nothing_is_half_written(desk: Desk, reports: int) -> None:
    with desk.engine.connect() as connection:
        for table in (escalations, conversations, sa.table("workflow_status")):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == reports, table
        verified = audit.verify(connection)
        assert (verified.lines, verified.faults) == (reports, ())
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def _goes_on(house: House, reports: int) -> None:
    """The report that was refused is made again, and all are acknowledged."""
    child = house.start("child", (f"raised-{reports - 1}",), faults=0.0)
    child.wait_for("recorded")
    house.finish(child)
    child.stop()
    assert len(house.rows()) == reports
    assert house.judge().faults == {}


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Nobody may write there; root, who always may, is somebody else meanwhile."""
    changed = [folder, *folder.iterdir()]
    above = [parent for parent in folder.parents if parent.stat().st_mode & 0o005 != 0o005]
    modes = {path: path.stat().st_mode for path in (*changed, *above)}
    for path in changed:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in above:
        path.chmod(0o755)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(user)
        for path, mode in modes.items():
            path.chmod(mode)
