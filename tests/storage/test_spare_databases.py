"""A database of PostgreSQL that is used again is as one that was never used."""

from __future__ import annotations

import psycopg
import pytest
from spare_databases import SpareDatabases


def run(spare: SpareDatabases, name: str, *statements: str) -> None:
    with psycopg.connect(spare.address.replace("/postgres?", f"/{name}?"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_rows_are_gone_and_numbers_begin_anew(spare_databases: SpareDatabases) -> None:
    name = spare_databases.take()
    run(
        spare_databases,
        name,
        "INSERT INTO organisations (id, name) VALUES (gen_random_uuid(), '見本市')",
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())",
    )
    spare_databases.give_back(name)
    assert spare_databases.free[-1] == name
    with psycopg.connect(spare_databases.address.replace("/postgres?", f"/{name}?")) as connection:
        assert connection.execute("SELECT count(*) FROM organisations").fetchone() == (0,)
        statement = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id"
        assert connection.execute(statement).fetchone() == (1,)
        connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE organisations ADD COLUMN more text",
        "DROP TRIGGER audit_stays ON audit",
        "DROP TABLE kept_forms",
        "DELETE FROM schema_info",
        "DROP INDEX ix_case_events_case_id_at",
    ],
)
def test_one_that_was_changed_is_not_used_again(spare_databases: SpareDatabases, statement: str) -> None:
    name = spare_databases.take()
    run(spare_databases, name, statement)
    spare_databases.give_back(name)
    assert name not in spare_databases.free
