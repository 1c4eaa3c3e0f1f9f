"""A planted sentence and a planted user id are found nowhere: not in the database files, not in the logs."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from road import Bot, said
from sqlalchemy import MetaData, select

from bot import log
from bot.simulator import FaultKind, SimulatorServer
from config.settings import LogFormat

PLANTED = "むらさきの傘を橋の下に置いてきました"
TOKEN = "plantedreplytoken0123456789"


@pytest.fixture(params=list(LogFormat))
def logged(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    log.configure(request.param, stream)
    yield stream
    root.handlers, root.level = handlers, level


def spellings(secret: str) -> list[bytes]:
    """How words could stand in a file: as they are, escaped in JSON, in another encoding, in base64."""
    raw = secret.encode()
    escaped = json.dumps(secret).strip('"').encode()
    shifted = [base64.b64encode(b"x" * n + raw)[n + 4 : -4] for n in range(3)]
    return [raw, escaped, secret.encode("utf-16-le"), secret.encode("utf-16-be"), *shifted]


def test_nothing_a_resident_wrote_stands_in_files_or_logs(
    sim: SimulatorServer, database_url: str, tmp_path: Path, logged: io.StringIO
) -> None:
    with Bot(sim, database_url, tmp_path) as bot:
        resident = sim.resident()
        resident.follow()
        resident.answer()
        resident.say(PLANTED)
        resident.answer()
        resident.say(f"{PLANTED}。もう死にたい")
        resident.answer()
        sim.fail_next(FaultKind.SERVER_ERROR)
        sim.send_events(
            said(resident.user_id, f"{PLANTED}!", "E1", token=TOKEN),
            {**said(resident.user_id, PLANTED, "E2"), "type": PLANTED},
            {**said(resident.user_id, PLANTED, "E3"), "message": {"type": "text", "text": [PLANTED]}},
        )
        bot.wait_until_sent()
        everything = bot.run(lambda: _all_cells(bot)) if not database_url.startswith("sqlite") else b""
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".key"]
    assert not database_url.startswith("sqlite") or any(path.suffix == ".db" for path in files)
    everything += b"".join(path.read_bytes() for path in files) + logged.getvalue().encode()
    assert "turn.done" in logged.getvalue()
    for secret in (PLANTED, resident.user_id, TOKEN):
        for spelling in spellings(secret):
            assert spelling not in everything


async def _all_cells(bot: Bot) -> bytes:
    """Every value of every table."""
    cells: list[bytes] = []
    async with bot.program.database.read() as connection:
        metadata = MetaData()
        await connection.run_sync(metadata.reflect)
        for table in metadata.tables.values():
            for row in await connection.execute(select(table)):
                cells += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    assert len(cells) > 100
    return b"\n".join(cells)


def test_the_check_itself_would_find_a_leak() -> None:
    line = json.dumps({"event": "turn.done", "text": PLANTED}).encode()
    assert any(spelling in line for spelling in spellings(PLANTED))
    assert any(spelling in base64.b64encode(b"ab" + PLANTED.encode()) for spelling in spellings(PLANTED))
