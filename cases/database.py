"""One door to the database: SQLite or PostgreSQL behind the same code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session


class Database:
    """An engine with sessions for reading and for writing.

    ``url`` is ``sqlite:///path`` or ``postgresql://...``.
    """

    engine: Engine

    def __init__(self, url: str) -> None:
        raise NotImplementedError

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session for reading; it refuses to flush changes."""
        raise NotImplementedError
        yield

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all."""
        raise NotImplementedError
        yield

    def migrate(self) -> None:
        """Bring the tables to the newest revision (Alembic ``upgrade head``)."""
        raise NotImplementedError

    def close(self) -> None:
        """Give all connections back."""
        raise NotImplementedError
