"""Withdrawal and submission in two processes on PostgreSQL: whichever commits first, nobody has the sheet then."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from test_stored_consents import NOW, Scene, scene, sheet_of

from casework.sheets import State
from storage import consents, sheets
from storage.database import Database

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent


async def begun(what: str, url: str, here: Scene, sheet: str) -> Process:
    """A process of its own, which has not done anything yet."""
    paths = (HERE, HERE.parent / "casework", HERE.parents[1])
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    ids = (str(here.resident.id), str(here.case_id), sheet, str(here.staff_id))
    return await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "one_of_two.py"), what, url, *ids, stdin=PIPE, stdout=PIPE, env=environ
    )


async def says(process: Process, words: str) -> None:
    assert process.stdout is not None
    assert (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip() == words


async def let_go(process: Process) -> str:
    """Let it go on, and what it says in the end."""
    said, _ = await asyncio.wait_for(process.communicate(b"go\n"), 60)
    assert process.returncode == 0
    return said.decode().strip().splitlines()[-1]


@pytest.mark.parametrize("first", ["submit", "withdraw"])
async def test_whichever_commits_first_it_ends_withdrawn_and_recalled(postgres_url: str, first: str) -> None:
    database = Database(postgres_url)
    here = await scene(database)
    await here.agree()
    sheet_id = await sheet_of(here)
    second = "withdraw" if first == "submit" else "submit"
    one = await begun(first, postgres_url, here, str(sheet_id))
    await says(one, "trying")
    await says(one, "held")
    other = await begun(second, postgres_url, here, str(sheet_id))
    await says(other, "trying")
    # The other waits for the row while this one commits.
    ended = [await let_go(one), await let_go(other)]
    wanted = {"submit": ["submitted", "withdrawn 1"], "withdraw": ["withdrawn 1", "refused"]}[first]
    assert ended[0] == wanted[0] or first == "withdraw"
    assert ended[1] == wanted[1]
    async with database.read() as connection:
        stored = await sheets.load(connection, here.keyring, here.case_id, sheet_id)
        book = await consents.book(connection, here.resident.id)
        assert await sheets.handed_to(connection, here.case_id) == frozenset()
    await database.close()
    assert stored is not None
    assert not any(consent.holds(NOW) for consent in book.consents)
    assert not stored.sheet.live()
    assert stored.sheet.state is State.RECALLED or first == "withdraw"
