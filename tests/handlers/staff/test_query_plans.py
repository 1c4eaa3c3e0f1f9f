"""No page of the console reads a whole table of what grows: each of its statements finds its rows by an index."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from access import endangered
from office import Office
from sqlalchemy import Connection, Engine, event

from casework.people import Role
from storage.database import Database

pytestmark = pytest.mark.anyio

#: Tables with a row for each resident, case, message or act.
GROWING = frozenset({
    *("alerts", "audit", "calls", "case_events", "case_tags", "cases", "check_ins", "check_in_plans", "consents"),
    *("findings", "identities", "inbox", "keys", "messages", "notes", "outbox", "reading_grants", "residents", "rooms"),
    *("sheets", "sheet_versions", "spare_tokens", "staff_messages", "tags", "tasks", "turns"),
})  # fmt: skip

Statement = tuple[str, Any]


@contextmanager
def listened(database: Database) -> Iterator[list[Statement]]:
    """All SELECTs that this database is asked meanwhile, with what they are asked with. Programs of other tests may run
    in the same process.
    """
    heard: list[Statement] = []

    def note(connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        ours = connection.engine.url.database == database.url.database
        if ours and statement.lstrip().startswith(("SELECT", "WITH")) and not many:
            heard.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def read_whole_by_sqlite(url: str, heard: list[Statement]) -> Iterator[tuple[str, str]]:
    """Tables that SQLite would read from end to end, and for which statement."""
    with sqlite3.connect(url.removeprefix("sqlite+aiosqlite:///")) as connection:
        for statement, parameters in heard:
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters):
                # An index that covers only some of the rows grows with those: the cases that are not closed.
                if found := re.match(r"SCAN (\w+)(?! USING (COVERING )?INDEX ix_\w+_(live|open|waiting|due))", row[3]):
                    yield _named(found[1], statement), statement
    connection.close()


def read_whole_by_postgresql(url: str, heard: list[Statement]) -> Iterator[tuple[str, str]]:
    """The same, where PostgreSQL is told to use an index whenever there is one that fits."""
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute("SET enable_seqscan = off")
        for statement, parameters in heard:
            for (line,) in connection.execute(f"EXPLAIN {statement}", parameters):
                if found := re.search(r"Seq Scan on (\w+)", line):
                    yield found[1], statement


def _named(alias: str, statement: str) -> str:
    found = re.search(rf"\b(\w+) AS {alias}\b", statement)
    return found[1] if found else alias


async def test_pages_of_the_console_find_their_rows_by_an_index(database: Database) -> None:
    office = await Office.opened(database)
    async with database.write() as connection:
        _, case = await endangered(connection, office.console, now=office.clock())
    supervisor = await office.person("hanako", Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)
    pages = [
        *("/queue", "/queue/rows", "/queue?category=poverty", "/queue?area=hokubu", f"/queue?words={case.number}"),
        *(f"/queue?words={quote('しずかな')}", "/silent", "/check-ins", "/glass", "/audit", "/upkeep", "/set-aside"),
        *(f"/cases/{case.id}{part}" for part in ("", "/live", "/timeline", "/lookers", "/check-ins", "/household")),
    ]
    async with await office.at_work(supervisor) as browser:
        heard: list[Statement] = []
        for page in pages:
            with listened(database) as of_page:
                shown = await browser.get(f"/staff{page}")
            assert shown.status == 200, page
            heard += of_page
    assert len(heard) > len(pages)
    url = database.url.render_as_string(hide_password=False)
    read = read_whole_by_sqlite if database.is_sqlite else read_whole_by_postgresql
    whole = {(table, statement) for table, statement in read(url, heard) if table in GROWING}
    assert whole == set()
