"""Both databases: migrated, aware of time, and refusing what must not happen."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from cases.database import Database
from cases.errors import InvalidError
from cases.store import FolderStore
from cases.tables import Base, LoginAttemptRow, UnitRow
from tests.cases.scenes import file_scene


def test_migrations_make_the_tables_of_the_models(empty_url: str) -> None:
    db = Database(empty_url)
    db.migrate()
    db.migrate()  # a second start changes nothing
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    db.close()
    assert differences == []


def test_two_services_starting_together_migrate_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(3)]
    failures: list[BaseException] = []

    def migrate(db: Database) -> None:
        try:
            db.migrate()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=migrate, args=(db,)) for db in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases[0].session() as session:
        units = len(session.scalars(select(UnitRow)).all())
    for db in databases:
        db.close()
    assert failures == []
    assert units == 2


def test_times_come_back_as_the_same_instant_in_utc(db: Database) -> None:
    beijing = datetime(2026, 7, 1, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))
    with db.write() as session:
        session.add(LoginAttemptRow(name="a", address="b", at=beijing))
    with db.session() as session:
        found = session.scalars(select(LoginAttemptRow.at)).one()
        before = session.scalars(
            select(LoginAttemptRow.id).where(LoginAttemptRow.at < beijing + timedelta(seconds=1))
        ).all()
    assert found == beijing
    assert found.tzinfo is UTC
    assert len(before) == 1


def test_a_naive_time_is_refused(db: Database) -> None:
    naive = datetime(2026, 7, 1, 8, 30)  # noqa: DTZ001
    with pytest.raises(StatementError, match="time zone"), db.write() as session:
        session.add(LoginAttemptRow(name="a", address="b", at=naive))


def test_a_failed_transaction_leaves_nothing(db: Database) -> None:
    def add_and_fail() -> None:
        with db.write() as session:
            session.add(UnitRow(key="x", name_zh="x", name_en="x"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    with db.session() as session:
        assert session.scalars(select(UnitRow).where(UnitRow.key == "x")).all() == []


def test_a_reading_session_refuses_changes(db: Database) -> None:
    with db.session() as session:
        session.add(UnitRow(key="x", name_zh="x", name_en="x"))
        with pytest.raises(RuntimeError, match="for reading"):
            session.flush()


@pytest.mark.parametrize("table", ["history", "chain"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = 'x'", "DELETE FROM {}"])
def test_history_and_chain_take_no_changes(
    db: Database, store: FolderStore, table: str, change: str
) -> None:
    file_scene(db, store, 1)
    column = {"history": "actor", "chain": "entry"}[table]
    with pytest.raises(DBAPIError, match="append-only"), db.write() as session:
        session.execute(text(change.format(table, column)))


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'deep' / 'down' / 'patrol.db'}")
    with db.engine.connect() as connection:
        got = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    db.close()
    assert got == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://u:secret@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+asyncpg://u:secret@h/d",
    ],
)
def test_a_wrong_url_is_refused_without_repeating_the_password(url: str) -> None:
    with pytest.raises(InvalidError) as caught:
        Database(url)
    assert caught.value.field == "database_url"
    assert "secret" not in str(caught.value)


def test_the_password_is_not_shown() -> None:
    db = Database("postgres://patrol:secret@localhost/patrol")
    assert "secret" not in repr(db)
    assert "secret" not in db.shown_url
