"""Alembic's entry: runs the revisions on the connection that Database.migrate() hands over."""

from __future__ import annotations

from alembic import context

import cases.camera_tables  # noqa: F401  (its tables belong to the metadata)
from cases.tables import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run through cases.database.Database.migrate()")
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
