"""One process of two: submits or withdraws, says when it holds the resident's row, and goes on when it is told to.

python one_of_two.py submit|withdraw <database> <resident> <case> <sheet> <staff>
"""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from cast import MASTER, NOW
from sheet_cast import FORM, FORMS

from casework import sheet_moves as moves
from casework.consents import Ended
from casework.sheets import Refused
from storage import consents, residents, sheet_ends, sheets
from storage.database import Connection, Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.sheets import Saving


async def hold(connection: Connection, keyring: Keyring, resident: UUID) -> None:
    """Lock the resident, say so, and wait to be told to go on."""
    print("trying", flush=True)
    await residents.by_id(connection, keyring, resident, lock=True)
    print("held", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def submit(connection: Connection, keyring: Keyring, ids: dict[str, UUID]) -> str:
    """As the console does it."""
    stored = await sheets.load(connection, keyring, ids["case"], ids["sheet"], lock=True)
    assert stored is not None
    book = await consents.book(connection, ids["resident"])
    try:
        agreed = moves.give_consent(stored.sheet, FORM, book, at=NOW)
        after = moves.submit(agreed, FORM, book, at=NOW)
    except Refused:
        return "refused"
    saving = Saving(actor=ids["staff"], action="submitted", at=NOW, forms_version="f" * 12)
    await sheets.save(connection, keyring, stored, after, saving, new_id=new_id)
    return "submitted"


async def withdraw(connection: Connection, keyring: Keyring, ids: dict[str, UUID]) -> str:
    """As a turn does it."""
    book = await consents.withdraw(connection, ids["resident"], at=NOW, reason=Ended.RESIDENT)
    changed = await sheet_ends.withdraw(
        connection, keyring, ids["resident"], book, FORMS.__getitem__, at=NOW, forms_version="f" * 12, new_id=new_id
    )
    return f"withdrawn {len(changed)}"


async def main(what: str, url: str, *given: str) -> None:
    ids = dict(zip(("resident", "case", "sheet", "staff"), map(UUID, given), strict=True))
    database = Database(url)
    keyring = await Keyring.open(database, (MASTER,), now=NOW, new_id=new_id)
    async with database.write() as connection:
        await hold(connection, keyring, ids["resident"])
        said = await (submit if what == "submit" else withdraw)(connection, keyring, ids)
    await database.close()
    print(said, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
