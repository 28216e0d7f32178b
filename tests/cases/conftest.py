"""Every test of this room runs on SQLite and on PostgreSQL, each on a fresh database."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import cases.camera_tables  # noqa: F401  (its tables are emptied too)
from cases.database import Database
from cases.store import FolderStore
from cases.tables import Base
from tests.cases.servers import private_server, server_programs, with_database
from tests.conftest import require


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server on which databases may be made."""
    given = os.environ.get("PATROL_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    programs = server_programs()
    require(
        "postgres",
        programs is not None,
        "PATROL_TEST_POSTGRES_URL is not set and PostgreSQL's server is not installed",
    )
    assert programs is not None
    with private_server(programs) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """The URL of a migrated database, which the tests use one after the other."""
    name = _make(postgres_server)
    url = with_database(postgres_server, name)
    db = Database(url)
    db.migrate()
    db.close()
    yield url
    _drop(postgres_server, name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy from."""
    path = tmp_path_factory.mktemp("template") / "patrol.db"
    db = Database(f"sqlite:///{path}")
    db.migrate()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")  # leave the transaction that forbids checkpoints
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    db.close()
    return path


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: these tests sync to disk thousands of times."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="patrol-test-", dir=memory) as folder:
        yield Path(folder)


BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = _make(server)
    yield with_database(server, name)
    _drop(server, name)


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[str]:
    """The URL of a fresh database with all tables."""
    if request.param == "sqlite":
        path = quick_path / "patrol.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    shared_url = request.getfixturevalue("postgres_database")
    _empty(shared_url)
    yield shared_url


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """A fresh database."""
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def store(quick_path: Path) -> FolderStore:
    """A fresh evidence folder."""
    return FolderStore(quick_path / "evidence")


def _empty(url: str) -> None:
    """Delete all rows but the units: much quicker than a new database for every test."""
    db = Database(url)
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in ("unit", "duty"):
                continue
            append_only = table.name in ("history", "chain")
            if append_only:
                connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
            connection.execute(table.delete())
            if append_only:
                connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        sequences = connection.execute(
            text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        )
        for (name,) in sequences.all():
            if name != "unit_id_seq":
                connection.execute(text(f'ALTER SEQUENCE "{name}" RESTART'))
    db.close()


def _make(server: str) -> str:
    name = f"patrol_{uuid.uuid4().hex}"
    _run(server, f'CREATE DATABASE "{name}"')
    return name


def _drop(server: str, name: str) -> None:
    _run(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(server: str, statement: str) -> None:
    url = server.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
