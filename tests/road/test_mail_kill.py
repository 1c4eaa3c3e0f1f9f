"""`kill -9` while a mail is on its way: it comes once, or twice under one Message-ID and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from post_office import Fault, Mailbox
from sqlalchemy import select
from test_kill import free_port, rows, server

from benchmarks.nursery import Child, Nursery
from bot.simulator import SimulatorServer
from storage import rota
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.notice_tables import AddressList, Notice, NoticeState
from storage.vault import SealingKey

BOX = "desk@shakyo.example"


@contextmanager
def mailing(
    nursery: Nursery, sim: SimulatorServer, box: Mailbox, database_url: str, folder: Path, port: int
) -> Iterator[Child]:
    mail = {"SMTP_URL": box.url, "MAIL_FROM": "tsunagu@shakyo.example"}
    with server(nursery, sim, database_url, folder, port, **mail) as process:
        yield process


async def furnish(database_url: str) -> None:
    """Somebody on the desk's lists, whatever the hour."""
    database, now = Database(database_url), datetime.now(UTC)
    keyring = await Keyring.open(database, (SealingKey(b"k" * 32),), now=now, new_id=new_id)
    async with database.write() as connection:
        for which in AddressList:
            await rota.add_address(connection, keyring, "default", which, BOX, new_id=new_id)
    await database.close()


def test_killed_while_a_mail_is_on_its_way(
    nursery: Nursery, sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    asyncio.run(furnish(database_url))
    port = free_port()
    sim.webhook_url = f"http://127.0.0.1:{port}/line/default/webhook"
    with Mailbox() as box:
        # Takes the text and says nothing: the process dies between the try and its record.
        box.fail(Fault.SILENT)
        with mailing(nursery, sim, box, database_url, tmp_path, port) as process:
            resident = sim.resident()
            resident.say("家賃が払えなくて、きのうから何も食べてない")
            resident.answer()
            box.wait_for(1)
            process.kill()
            process.wait()
        with mailing(nursery, sim, box, database_url, tmp_path, port) as process:
            box.wait_for(2)
            process.terminate()
            process.wait(30)
        found = asyncio.run(
            rows(database_url, select(Notice.message_id, Notice.state, Notice.maybe_doubled, Notice.tries))
        )
    (row,) = found
    assert (row.state, row.maybe_doubled, row.tries) == (NoticeState.SENT, True, 2)
    assert len(box.taken) == 2
    assert {str(mail.message["Message-ID"]) for mail in box.taken} == {row.message_id}
