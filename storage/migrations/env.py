"""Alembic's entry: migrates on the connection that the program hands over."""

from __future__ import annotations

from alembic import context

from storage.all_tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
