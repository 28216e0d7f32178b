"""One door to the database: SQLite or PostgreSQL behind the same code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from cases.errors import InvalidError

# Keys of PostgreSQL advisory locks, held until the transaction ends. Any fixed numbers do, as long
# as nothing else in the same database uses them.
_MIGRATION_LOCK = 7_061_401
_FILING_LOCK = 7_061_402
_LOGIN_LOCK = 7_061_403
_LIVE_LOCK = 7_061_404

_WRITES = "patrol_writes"
_SQLITE_BUSY_SECONDS = 30


class _ReadSession(Session):
    """A session that is never committed, so a change made in it would be lost: it refuses."""


@event.listens_for(_ReadSession, "before_flush")
def _refuse_flush(session: Session, *_: object) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("this session is for reading; use Database.write()")


class Database:
    """An engine with sessions for reading and for writing.

    ``url`` is ``sqlite:///path`` or ``postgresql://user@host/name``. Raises InvalidError for any
    other. Safe to share between threads; a child process needs its own.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.engine: Engine = _engine(parsed)
        self.shown_url = parsed.render_as_string(hide_password=True)

    def __repr__(self) -> str:
        return f"Database({self.shown_url!r})"

    @property
    def is_postgres(self) -> bool:
        """Whether the server is PostgreSQL (else it is SQLite)."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for reading; it refuses to flush changes.

        All its queries see the same state of the database.
        """
        options: dict[str, Any] = {}
        if self.is_postgres:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _ReadSession(self.engine.execution_options(**options)) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all.

        On SQLite the write lock is taken at once, so that what is read is still true when it is
        written; waiting for it ends with an OperationalError after 30 s.
        """
        engine = self.engine.execution_options(**{_WRITES: True})
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Bring the tables to the newest revision (Alembic ``upgrade head``).

        One transaction under a lock: two services starting together do it once, and a crash
        leaves the old revision whole.
        """
        engine = self.engine.execution_options(**{_WRITES: True})
        with engine.begin() as connection:
            if self.is_postgres:
                _advisory_lock(connection, _MIGRATION_LOCK)
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def alembic_config() -> Config:
    """Alembic's configuration, found from the installed package and not from a file."""
    config = Config()
    config.set_main_option("script_location", "cases:migrations")
    config.set_main_option("path_separator", "os")
    return config


def possible_id(value: int) -> bool:
    """Whether ``value`` can be a row's id: the databases raise for numbers beyond 64 bits."""
    return 0 < value < 2**63


def filing_lock(session: Session) -> None:
    """Hold the one lock of filing until the transaction ends.

    Under it the evidence chain grows without forks and two photos of one thing meet. SQLite has
    one writer at a time anyway.
    """
    _lock(session, _FILING_LOCK)


def login_lock(session: Session) -> None:
    """Hold the lock under which login attempts are counted until the transaction ends."""
    _lock(session, _LOGIN_LOCK)


def live_lock(session: Session) -> None:
    """Hold the lock under which live events are numbered until the transaction ends."""
    _lock(session, _LIVE_LOCK)


def _lock(session: Session, key: int) -> None:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _advisory_lock(connection, key)


def _advisory_lock(connection: Connection, key: int) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _parse(url: str) -> URL:
    # make_url's own message repeats the URL with its password: it is not passed on.
    expected = "expected sqlite:///path or postgresql://user@host/name"
    if not re.match(r"(sqlite|postgresql|postgres)(\+\w+)?://", url):
        raise InvalidError(f"database URL: {expected}", field="database_url")
    parsed = make_url(re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url))
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise InvalidError(
            f"database URL: {expected}, not driver {parsed.drivername!r}", field="database_url"
        )
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise InvalidError(
            "database URL: SQLite needs a file, an in-memory database would lose cases",
            field="database_url",
        )
    return parsed


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"options": "-c timezone=utc", "application_name": "video-patrol"},
        )
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _SQLITE_BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver must not begin transactions on its own: `begin` below decides which kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL, not NORMAL: in WAL mode NORMAL may lose the last commits in a power cut, and an
        # inspector who was told "filed" has often deleted the photo by then.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_SQLITE_BUSY_SECONDS * 1000}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
