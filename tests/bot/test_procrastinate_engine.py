"""The engine of several processes keeps the contract of every engine, and what several processes need."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engine_contract import ANN, ANNA, BEN, BENNO, CAT, NEVER, SOON, EngineContract, MakeEngine, Work, now
from procrastinate.exceptions import ConnectorException
from sqlalchemy import TextClause, text

from bot.engines.procrastinate import ProcrastinateEngine
from bot.engines.tenure import Tenure
from bot.engines.wakes import JOBS_AT_ONCE, PER_JOB
from storage import processes
from storage.database import Database
from storage.ids import new_id
from storage.jobs import Conversation, DeliveryWork, TurnWork

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


def make(database: Database, turn: TurnWork, delivery: DeliveryWork, *, works: bool = True) -> ProcrastinateEngine:
    return ProcrastinateEngine(
        turn=turn,
        delivery=delivery,
        database=database,
        tenure=Tenure(database=database, process=new_id(), works=works),
        clock=lambda: datetime.now(UTC),
    )


class TestProcrastinateEngine(EngineContract):
    @pytest.fixture
    def make_engine(self, database: Database) -> MakeEngine:
        return lambda turn, delivery: make(database, turn, delivery)


@pytest.fixture
def work() -> Work:
    return Work()


@asynccontextmanager
async def at_work(database: Database, work: Work, *, works: bool = True) -> AsyncIterator[ProcrastinateEngine]:
    engine = make(database, work.turn, work.deliver, works=works)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def jobs(database: Database) -> list[Any]:
    query = text(
        "SELECT task_name, args, lock, queueing_lock, status, scheduled_at FROM procrastinate_jobs ORDER BY id"
    )
    async with database.read() as connection:
        return list((await connection.execute(query)).all())


async def run(database: Database, statement: str, **values: Any) -> None:
    async with database.write() as connection:
        await connection.execute(text(statement), values)


async def test_a_wake_within_a_transaction_comes_and_goes_with_it(database: Database, work: Work) -> None:
    async with at_work(database, work, works=False) as web:
        with pytest.raises(ZeroDivisionError):
            async with database.write() as connection:
                assert await web.wake_within(connection, {ANN})
                raise ZeroDivisionError
        assert await jobs(database) == []
        async with database.write() as connection:
            assert await web.wake_within(connection, {BEN})
    async with at_work(database, work) as engine:
        await engine.rest()
    assert work.begun == Counter({BEN: 1})
    assert await jobs(database) == []


async def test_a_job_says_only_whose_rows_to_look_at(database: Database, work: Work) -> None:
    event = Conversation("saitama/north", None, ANNA)
    async with at_work(database, work, works=False) as web:
        async with database.write() as connection:
            await web.wake_within(connection, {ANN, event})
        web.deliver(BENNO)
        web.wake(CAT, now() + NEVER)
    first, *others = await jobs(database)
    assert first.args == {"turns": sorted([f"default/{b'a'.hex() * 32}/", f"saitama/north//{ANNA}"]), "residents": []}
    assert [job.args["residents"] for job in others] == [[str(BENNO)], []]
    # No locks: a job for later would hold back one for now.
    assert {(job.task_name, job.lock, job.queueing_lock) for job in (first, *others)} == {("wake", None, None)}
    async with at_work(database, work) as engine:
        await engine.rest()
    assert work.ended == Counter({ANN: 1, event: 1, BENNO: 1})


async def test_many_conversations_of_one_commit_ride_together(database: Database, work: Work) -> None:
    crowd = {Conversation("default", bytes([number]) * 32) for number in range(2 * PER_JOB + 1)}
    async with at_work(database, work, works=False) as web, database.write() as connection:
        await web.wake_within(connection, crowd)
    assert [len(job.args["turns"]) for job in await jobs(database)] == [PER_JOB, PER_JOB, 1]
    async with at_work(database, work) as engine:
        await engine.rest()
    assert work.ended == Counter(dict.fromkeys(crowd, 1))


async def test_whoever_waits_already_is_not_put_down_again(database: Database, work: Work) -> None:
    async with at_work(database, work, works=False) as web:
        for _ in range(3):
            web.wake(ANN)
        await web_is_quiet(web)
        web.wake(ANN)
        web.wake(BEN)
        await web_is_quiet(web)
    assert [job.args["turns"] for job in await jobs(database)] == [
        [f"default/{who.hex() * 32}/"] for who in (b"a", b"b")
    ]


async def web_is_quiet(web: ProcrastinateEngine) -> None:
    async with asyncio.timeout(20):
        while web._posting is not None:
            await asyncio.sleep(0)


async def test_a_wake_for_later_outlives_the_server_that_asked_for_it(database: Database, work: Work) -> None:
    at = now() + SOON
    async with at_work(database, work, works=False) as web:
        web.wake(ANN, at)
    async with at_work(database, work):
        await work.until(lambda: work.ended[ANN] == 1)
    assert now() >= at


async def test_a_server_only_puts_down_and_workers_share(database: Database) -> None:
    web, one, two = Work(), Work(), Work()
    # More jobs than one worker takes in hand: who comes first leaves some for the other.
    crowd = [Conversation("default", bytes([number]) * 32) for number in range((JOBS_AT_ONCE + 1) * PER_JOB)]
    for conversation in crowd:
        one.hold(conversation)
        two.hold(conversation)
    async with at_work(database, one), at_work(database, two), at_work(database, web, works=False) as engine:
        async with database.write() as connection:
            await engine.wake_within(connection, crowd)
        await one.until(lambda: one.begun.total() >= 1)
        await two.until(lambda: two.begun.total() >= 1)
        for conversation in crowd:
            one.release(conversation)
            two.release(conversation)
        await engine.rest()
        async with asyncio.timeout(20):
            while one.ended.total() + two.ended.total() < len(crowd):
                await asyncio.sleep(0)
    assert web.begun == Counter()
    assert one.ended + two.ended == Counter(dict.fromkeys(crowd, 1))


async def test_periodic_work_is_done_once_for_all_and_here_by_everybody(database: Database) -> None:
    pace, once, own = timedelta(seconds=0.3), Work(), (Work(), Work())
    engines = [make(database, work.turn, work.deliver) for work in own]
    for engine, work in zip(engines, own, strict=True):
        engine.every(pace, "shared", once.tick)
        engine.every(pace, "own", work.tick, here=True)
        await engine.start()
    begun = asyncio.get_running_loop().time()
    for work in own:
        await work.until(lambda work=work: work.ended["tick"] >= 5)
    lasted = asyncio.get_running_loop().time() - begun
    for engine in engines:
        await engine.stop()
    # Ten rounds by two engines; the shared work comes at its pace, a little sooner at most.
    assert 2 <= once.ended["tick"] <= lasted / (0.9 * pace.total_seconds()) + 2
    assert once.overlapped == set()


async def test_the_work_of_a_process_that_died_at_it_is_taken_up(database: Database, work: Work) -> None:
    dead = new_id()
    await run(database, "INSERT INTO processes VALUES (:id, true, now(), now())", id=dead)
    await run(database, "INSERT INTO clock_works VALUES ('sweep', now(), :id)", id=dead)
    engine, other = make(database, work.turn, work.deliver), Work()
    engine.every(SOON, "sweep", work.tick)
    engine.every(SOON, "else", other.tick)
    await engine.start()
    await other.until(lambda: other.ended["tick"] == 5)
    assert work.begun == Counter()
    await run(database, "UPDATE processes SET seen_at = now() - interval '1 minute' WHERE id = :id", id=dead)
    await work.until(lambda: work.ended["tick"] == 2)
    await engine.stop()


async def test_a_job_of_a_dead_worker_is_done_by_another(database: Database, work: Work) -> None:
    async with at_work(database, work, works=False) as web, database.write() as connection:
        await web.wake_within(connection, {ANN})
    await run(database, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '10 minutes')")
    await run(
        database,
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)",
    )
    async with at_work(database, work):
        await work.until(lambda: work.ended[ANN] == 1)


async def test_connections_that_are_cut_are_made_again(database: Database, work: Work) -> None:
    async with at_work(database, work) as engine:
        engine.wake(ANN)
        await work.until(lambda: work.ended[ANN] == 1)
        await run(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        async with asyncio.timeout(20):
            # What is lost meanwhile the sweep would ask for again.
            while not work.ended[BEN]:
                engine.wake(BEN)
                await asyncio.sleep(0.05)
        assert engine.running


async def counted(database: Database, query: TextClause) -> int:
    """In a transaction of its own: what others do is looked at once in each."""
    async with database.read() as connection:
        found: int = (await connection.execute(query)).scalar_one()
    return found


async def test_a_job_is_crossed_off_though_the_connection_is_cut_meanwhile(database: Database, work: Work) -> None:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    waits = text(f"SELECT count(*) {others} AND wait_event_type = 'Lock' AND query LIKE '%finish_job%'")
    async with at_work(database, work) as engine:
        work.hold(ANN)
        engine.wake(ANN)
        await work.until(lambda: work.begun[ANN] == 1)
        async with database.write() as connection, asyncio.timeout(20):
            await connection.execute(text("LOCK TABLE procrastinate_jobs IN SHARE MODE"))
            work.release(ANN)
            while not await counted(database, waits):
                await asyncio.sleep(0.05)
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        async with asyncio.timeout(20):
            while await jobs(database):
                await asyncio.sleep(0.05)
    assert work.ended[ANN] == 1


async def test_it_stops_though_the_database_is_away_at_that_moment(
    database: Database, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make(database, work.turn, work.deliver)
    waits = asyncio.Event()

    async def cut_off(*, stop_within: float) -> None:
        waits.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectorException from None

    monkeypatch.setattr(engine._wakes, "work", cut_off)
    await engine.start()
    await waits.wait()
    async with asyncio.timeout(20):
        await engine.stop()
    assert not engine.running


async def test_it_is_ready_while_it_is_at_work_and_has_its_place(database: Database, work: Work) -> None:
    engine = make(database, work.turn, work.deliver)
    assert not engine.running
    await engine.start()
    assert engine.running
    async with database.read() as connection:
        assert await processes.company(connection) == processes.Company(all=1, working=1)
    await engine.stop()
    assert not engine.running
    async with database.read() as connection:
        assert await processes.company(connection) == processes.Company(all=0, working=0)
