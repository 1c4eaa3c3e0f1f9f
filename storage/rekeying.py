"""Sealing everything anew under a fresh data key: after DATA_KEY, or the data key itself, may have been seen.

Rotating DATA_KEY wraps the same data key in another cover; whoever has seen the old cover and an old copy still opens
what is written later. Here each value that the data key sealed (residents' keys among them) is opened and sealed
again, some rows in each transaction. Both keys open meanwhile, so a run that was cut short is simply begun again.
Values sealed with a resident's own key stay: no data key opens them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, Uuid, delete, func, select, update

from storage.all_tables import Base
from storage.database import Connection, Database
from storage.ids import NewId
from storage.keyring import add_own_key, key_place
from storage.tables import Key, KeyPurpose
from storage.vault import Place, SealingKey, UnsealError, open_with_any

BATCH = 500
SEALED = "_sealed"


async def rekey(database: Database, masters: Sequence[SealingKey], *, now: datetime, new_id: NewId) -> int:
    """Seal everything anew and destroy the older data keys. Returns how many values were sealed again in this run.

    No server may run meanwhile: it would go on sealing with the key it knows.
    """
    newest, *older = await _keys(database, masters, now=now, new_id=new_id)
    again = 0
    for table, name in _columns():
        again += await _reseal(database, table, name, newest, older)
    async with database.write() as connection:
        keep = select(Key.id).where(Key.purpose == KeyPurpose.DATA).order_by(Key.created_at.desc(), Key.id.desc())
        last = (await connection.execute(keep.limit(1))).scalar_one()
        await connection.execute(delete(Key).where(Key.purpose == KeyPurpose.DATA, Key.id != last))
    await database.forget_old_pages()
    return again


async def _keys(database: Database, masters: Sequence[SealingKey], *, now: datetime, new_id: NewId) -> list[SealingKey]:
    """The key to seal with, and those to open with after it; a fresh one unless an earlier run was cut short."""
    async with database.write() as connection:
        count = select(func.count()).select_from(Key).where(Key.purpose == KeyPurpose.DATA)
        if (await connection.execute(count)).scalar_one() == 1:
            await add_own_key(connection, KeyPurpose.DATA, masters[0], now=now, new_id=new_id)
        query = select(Key.id, Key.wrapped).where(Key.purpose == KeyPurpose.DATA)
        rows = (await connection.execute(query.order_by(Key.created_at.desc(), Key.id.desc()))).all()
        # A wrong DATA_KEY raises here, so that no key it wrapped is left behind.
        return [open_with_any(masters, key_place(row.id), row.wrapped or b"")[1] for row in rows]


def _columns() -> Iterator[tuple[Table, str]]:
    """Every column that holds sealed values, and the wrapped keys of residents."""
    for table in Base.metadata.sorted_tables:
        yield from ((table, column.name) for column in table.columns if column.name.endswith(SEALED))
        if table.name == Key.__tablename__:
            yield table, "wrapped"


async def _reseal(database: Database, table: Table, name: str, newest: SealingKey, older: Sequence[SealingKey]) -> int:
    (key,) = [column for column in table.primary_key if isinstance(column.type, Uuid)]
    column, again, last = table.c[name], 0, None
    query = select(key.label("row"), column.label("value")).where(column.is_not(None)).order_by(key).limit(BATCH)
    if table.name == Key.__tablename__:
        query = query.where(table.c.purpose == KeyPurpose.RESIDENT)
    while True:
        async with database.write() as connection:
            rows = (await connection.execute(query if last is None else query.where(key > last))).all()
            for row in rows:
                place = Place(table=table.name, column=name.removesuffix(SEALED), row=row.row)
                again += await _seal_again(connection, (table, key, name), place, row.value, newest, older)
        if len(rows) < BATCH:
            return again
        last = rows[-1].row


async def _seal_again(
    connection: Connection,
    where: tuple[Table, Any, str],
    place: Place,
    value: bytes,
    newest: SealingKey,
    older: Sequence[SealingKey],
) -> int:
    table, key, name = where
    for one in older:
        try:
            plain = one.open(place, value)
        except UnsealError:
            continue
        await connection.execute(update(table).where(key == place.row).values({name: newest.seal(place, plain)}))
        return 1
    return 0
