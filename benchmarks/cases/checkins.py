"""Sweeping check-ins: 100,000 plans of which 10,000 are due, and what a round costs in which nothing is due."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import bindparam, func, insert, select, update

from benchmarks.figures import Figure, Result, at_least, median, spread
from benchmarks.planned import PLAN, fill, fill_waiting, some
from benchmarks.postgres import postgres
from benchmarks.processes import scratch
from benchmarks.town import NOON, Asked, desk_with
from bot.commands.serving import keep_what_is_loaded
from dialogue import State, decide
from dialogue.events import CheckInDue
from handlers.clock.checkins import BATCH, CheckIns
from handlers.quota import Quota, Quotas
from storage import check_in_claims, migrate
from storage.database import Database
from storage.followup_tables import CheckIn, CheckInState
from storage.ids import new_id
from storage.keyring import Keyring
from storage.outbox import body_place
from storage.tables import OutboxMessage, OutboxState, table_of
from storage.vault import SealingKey

PLANS, DUE = 100_000, 10_000
SIZES = (1_000, 100_000, 1_000_000)
ROUNDS = 200
TARGET = 2_000
CHECK_INS, OUTBOX = table_of(CheckIn), table_of(OutboxMessage)


def measure() -> Result:
    """Both databases one after the other, each with its own floor."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    figures: list[Figure] = []
    notes = [
        f"{PLANS:,} plans, {DUE:,} due, {BATCH} in a transaction; each goes through the rules and `decide`",
        "processor time is what to read on a machine that does other work as well",
        "floor: a letter, a closed occurrence and the next one for each, already sealed, in as many transactions",
    ]
    with scratch() as folder:
        found, shown = asyncio.run(_database("SQLite", f"sqlite+aiosqlite:///{folder / 'plans.db'}"))
    figures += found
    notes.append(f"SQLite, nothing due: {shown}")
    with scratch() as folder, postgres(folder) as make:
        found, shown = asyncio.run(_database("PostgreSQL", make()))
    figures += [*found, *_parts()]
    notes.append(f"PostgreSQL, nothing due: {shown}")
    return Result(figures=tuple(figures), notes=tuple(notes))


async def _database(name: str, url: str) -> tuple[list[Figure], str]:
    database = Database(url)
    async with database.write() as connection:
        await migrate.upgrade(connection)
    keyring = await Keyring.open(database, (SealingKey.fresh(),), now=NOON, new_id=new_id)
    await fill(database, keyring, PLANS, due=DUE, now=NOON)
    floor = DUE / await _floor(database)
    engine = Asked()
    worker = _worker(database, keyring, engine, NOON)
    keep_what_is_loaded()
    begin, busy = time.perf_counter(), time.process_time()
    await worker.sweep()
    rate, busy = len(engine.delivered) / (time.perf_counter() - begin), time.process_time() - busy
    assert len(engine.delivered) == DUE, "every due check-in has to be queued"
    queued = at_least(f"{name}: claimed and queued", rate, TARGET, unit="/s", floor=floor, ratio=rate / floor)
    idle, shown = await _nothing_due(database, keyring, name)
    await database.close()
    ours = Figure(name=f"{name}: the same by our processor time", value=DUE / busy, unit="/s")
    return [queued, ours, *idle], shown


def _worker(database: Database, keyring: Keyring, engine: Asked, now: datetime) -> CheckIns:
    desk = desk_with(per_minute=10 * PLANS)
    return CheckIns(
        database=database,
        keyring=keyring,
        engine=engine,
        desks={desk.id: desk},
        quotas=Quotas(ask=_unlimited, clock=lambda: now),
        listener_version="bench",
        clock=lambda: now,
        new_id=new_id,
    )


async def _unlimited(_desk_id: str) -> Quota:
    return Quota(limit=None, used=0)


async def _floor(database: Database) -> float:
    """Seconds for the same rows without any thought, undone afterwards."""
    async with database.read() as connection:
        due = select(CHECK_INS).where(CHECK_INS.c.look_at <= NOON)
        rows = (await connection.execute(due)).all()
    closes = update(CHECK_INS).where(CHECK_INS.c.id == bindparam("which")).values(state=CheckInState.QUEUED)
    made: list[Any] = []
    begin = time.perf_counter()
    for chunk in some(rows, BATCH):
        letters = [_letter(row.resident_id) for row in chunk]
        following = [
            {**row._mapping, "id": new_id(), "due_at": NOON, "look_at": NOON + timedelta(days=7)} for row in chunk
        ]
        async with database.write() as connection:
            await connection.execute(insert(OUTBOX), letters)
            await connection.execute(closes, [{"which": row.id} for row in chunk])
            await connection.execute(insert(CHECK_INS), following)
        made += [*((OUTBOX, letter["id"]) for letter in letters), *((CHECK_INS, row["id"]) for row in following)]
    seconds = time.perf_counter() - begin
    async with database.write() as connection:
        for table in (OUTBOX, CHECK_INS):
            ids = [{"which": row_id} for of, row_id in made if of is table]
            await connection.execute(table.delete().where(table.c.id == bindparam("which")), ids)
        again = update(CHECK_INS).where(CHECK_INS.c.id == bindparam("which")).values(state=CheckInState.WAITING)
        await connection.execute(again, [{"which": row.id} for row in rows])
    return seconds


def _letter(resident_id: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "resident_id": resident_id,
        "kind": "check_in",
        "priority": 3,
        "body_sealed": b"x" * 700,
        "retry_key": uuid4(),
        "state": OutboxState.WAITING,
        "created_at": NOON,
        "expires_at": NOON,
        "next_try_at": NOON,
        "tries": 0,
        "unsure": False,
        "maybe_doubled": False,
    }


async def _nothing_due(database: Database, keyring: Keyring, name: str) -> tuple[list[Figure], str]:
    """What a round costs while everybody waits for another day, at three sizes of the table."""
    async with database.write() as connection:
        await connection.execute(CHECK_INS.update().values(second_of=None))
        await connection.execute(CHECK_INS.delete())
    figures, there, shown = [], 0, ""
    for size in SIZES:
        await fill_waiting(database, size - there, after=NOON + timedelta(days=1))
        there = size
        worker, rounds = _worker(database, keyring, Asked(), NOON), []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            await worker.sweep()
            rounds.append(time.perf_counter() - begin)
        figures.append(
            Figure(name=f"{name}: nothing due of {size:,}", value=1e6 * median(rounds), unit="µs", noise=spread(rounds))
        )
    async with database.write() as connection:
        waiting = (await connection.execute(select(func.count()).select_from(CHECK_INS))).scalar_one()
        assert waiting == SIZES[-1], "as many have to wait as were asked for"
        query = check_in_claims.due_query("default", now=NOON, limit=BATCH)
        compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        prefix = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        lines = await connection.exec_driver_sql(prefix + str(compiled))
        plan = " ".join(str(line[-1]) for line in lines)
        shown = "the plan of the query uses ix_check_ins_due" if "ix_check_ins_due" in plan else f"NO INDEX: {plan}"
    return figures, shown


def _parts() -> list[Figure]:
    """What one check-in costs apart from the database."""
    desk, key, plan = desk_with(), SealingKey.fresh(), PLAN
    state = replace(State.new(), noticed=True, checkins=replace(State.new().checkins, plan=plan))
    stored, place = state.to_json(), body_place(new_id())
    sealed = key.seal_json(place, stored)

    def deciding() -> None:
        decide(desk, State.from_json(stored), CheckInDue(occurrence=str(new_id())), None, NOON, new_id().int & 0xFFFF)

    def sealing() -> None:
        # A state and a plan opened, a state and a letter sealed.
        for _ in range(2):
            key.open_json(place, sealed)
            key.seal_json(place, stored)

    figures = []
    for name, work in (("part: deciding", deciding), ("part: sealing and opening", sealing)):
        rounds = []
        for _ in range(5):
            begin = time.perf_counter()
            for _ in range(300):
                work()
            rounds.append((time.perf_counter() - begin) / 300)
        figures.append(Figure(name=name, value=1e6 * median(rounds), unit="µs", noise=spread(rounds)))
    return figures
