"""A database full of check-in plans for measuring, written as plainly as can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import insert, text

from dialogue import State
from dialogue.followups import Band, CheckInPlan, Rhythm
from storage.database import Connection, Database
from storage.followup_tables import CheckIn, CheckInKind, CheckInState
from storage.followup_tables import CheckInPlan as PlanTable
from storage.followups import plan_place
from storage.ids import new_id
from storage.keyring import Keyring
from storage.tables import Key, KeyPurpose, Resident, table_of
from storage.vault import Place, SealingKey

T = TypeVar("T")
PLAN = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=date(2026, 11, 21))
#: So many rows in one statement while filling.
_CHUNK = 5000


async def fill(database: Database, keyring: Keyring, plans: int, *, due: int, now: datetime) -> None:
    """Residents each with a plan and an occurrence: the first `due` of them now, all others in a week."""
    state = replace(State.new(), noticed=True, checkins=replace(State.new().checkins, plan=PLAN)).to_json()
    for start in range(0, plans, _CHUNK):
        chunk = range(start, min(start + _CHUNK, plans))
        rows = [_person(keyring, state, number, number < due, now) for number in chunk]
        tables = (table_of(Key), table_of(Resident), table_of(PlanTable), table_of(CheckIn))
        async with database.write() as connection:
            for position, table in enumerate(tables):
                await connection.execute(insert(table), [row[position] for row in rows])


def _person(keyring: Keyring, state: Any, number: int, due: bool, now: datetime) -> tuple[dict[str, Any], ...]:
    key_id, resident_id, plan_id, key = new_id(), new_id(), new_id(), SealingKey.fresh()
    at = now - timedelta(minutes=30) if due else now + timedelta(days=7, seconds=number % 7200)
    shared: dict[str, Any] = {"desk_id": "default", "resident_id": resident_id}
    return (
        {
            "id": key_id,
            "purpose": KeyPurpose.RESIDENT,
            "wrapped": keyring.data.wrap(Place(table="keys", column="wrapped", row=key_id), key),
            "created_at": now,
        },
        {
            "id": resident_id,
            "desk_id": "default",
            "alias": f"bench {number}",
            "key_id": key_id,
            "version": 1,
            "messages": 0,
            "state_sealed": key.seal_json(Place(table="residents", column="state", row=resident_id), state),
            "created_at": now,
        },
        {
            **shared,
            "id": plan_id,
            "plan_sealed": key.seal_json(plan_place(plan_id), PLAN.to_json()),
            "made_at": now - timedelta(days=7),
            "sent": 0,
        },
        {
            **shared,
            "id": new_id(),
            "plan_id": plan_id,
            "kind": CheckInKind.WORD,
            "state": CheckInState.WAITING,
            "due_at": at,
            "look_at": at,
            "tries": 0,
            "made_at": now - timedelta(days=7),
        },
    )


async def fill_waiting(database: Database, count: int, *, after: datetime) -> None:
    """`count` more occurrences that wait, made by the database itself: for measuring what only the index sees."""
    async with database.write() as connection:
        resident = (await connection.execute(text("SELECT id FROM residents LIMIT 1"))).scalar_one()
        for statement in _MANY_SQLITE if database.is_sqlite else _MANY_POSTGRESQL:
            values: dict[str, Any] = {"count": count, "resident": resident}
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            await connection.execute(text(statement), wanted)
        await _dated(connection, database, after)
    async with database.write() as connection:
        await connection.execute(text("ANALYZE"))


async def _dated(connection: Connection, database: Database, after: datetime) -> None:
    """Spread over the four weeks from `after` on."""
    begin = after.strftime("%Y-%m-%d %H:%M:%S.000000")
    if database.is_sqlite:
        spread = f"strftime('%Y-%m-%d %H:%M:%f000', '{begin[:19]}', '+' || (rowid % 2419200) || ' seconds')"
    else:
        number = "(('x' || substr(md5(id::text), 1, 7))::bit(28)::int % 2419200)"
        spread = f"timestamptz '{begin}+00' + {number} * interval '1 second'"
    await connection.execute(text(f"UPDATE check_ins SET due_at = {spread}, look_at = {spread} WHERE reason = 'bench'"))


_COLUMNS = "id, plan_id, desk_id, resident_id, kind, state, due_at, look_at, tries, reason, made_at"
_PLAN_COLUMNS = "id, desk_id, resident_id, plan_sealed, made_at, sent, retired_at"
_WITHOUT = "FROM check_in_plans p WHERE retired_at IS NOT NULL AND p.id NOT IN (SELECT plan_id FROM check_ins)"
_REST = "id, desk_id, resident_id, 'word', 'waiting', made_at, made_at, 0, 'bench', made_at"
_MANY_SQLITE = (
    f"""INSERT INTO check_in_plans ({_PLAN_COLUMNS})
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    SELECT lower(hex(randomblob(16))), 'default', :resident, x'01', '2026-01-01 00:00:00.000000', 0,
    '2026-01-02 00:00:00.000000' FROM n""",
    f"INSERT INTO check_ins ({_COLUMNS}) SELECT lower(hex(randomblob(16))), {_REST} {_WITHOUT}",
)
_MANY_POSTGRESQL = (
    f"""INSERT INTO check_in_plans ({_PLAN_COLUMNS})
    SELECT gen_random_uuid(), 'default', :resident, '\\x01', '2026-01-01', 0, '2026-01-02'
    FROM generate_series(1, :count)""",
    f"INSERT INTO check_ins ({_COLUMNS}) SELECT gen_random_uuid(), {_REST} {_WITHOUT}",
)


def some(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Pieces of this size."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
