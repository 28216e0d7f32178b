"""Insert or replace, said once for both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cases.tables import Base


def upsert(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, key: str
) -> None:
    """Write ``rows`` (all with the same columns); where ``key`` is there already, replace the rest.

    ``key`` is the name of the table's primary key. No key may stand twice in ``rows``.
    """
    if not rows:
        return
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name != key}
    session.execute(
        statement.on_conflict_do_update(index_elements=[key], set_=replaced), list(rows)
    )
