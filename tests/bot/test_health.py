"""What a balancer and a monitor may ask: alive, ready, figures — and what they get when the database is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from bot_cast import real_settings, shared_listener
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from bot.app import Program, create_app, start_program
from bot.mode import choose_mode
from config.settings import JobEngineName, Settings
from handlers.quota import Quota
from storage import outbox, residents
from storage.database import Database
from storage.ids import new_id
from storage.inbox import add, seal_event
from storage.outbox import Change, NewLetter
from storage.residents import Sender
from storage.tables import Channel, InboxEvent, OutboxState

pytestmark = pytest.mark.anyio

TOKEN = "metrics-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return real_settings(tmp_path, database_url=database_url, metrics_token=TOKEN)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Program, httpx.AsyncClient]]:
    async with start_program(settings, choose_mode(settings), listener=shared_listener()) as program:
        transport = httpx.ASGITransport(create_app(program))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            yield program, http


@asynccontextmanager
async def gone(program: Program, postgres: str) -> AsyncIterator[None]:
    """Inside the block PostgreSQL lets nobody in, and SQLite's file has lost its tables."""
    if program.database.is_sqlite:
        await run(program.database, *(f"ALTER TABLE {name} RENAME TO lost_{name}" for name in ("schema_info", "inbox")))
        yield
        await run(program.database, *(f"ALTER TABLE lost_{name} RENAME TO {name}" for name in ("schema_info", "inbox")))
        return
    name = program.database.url.database
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


async def run(database: Database, *statements: str) -> None:
    async with database.write() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def figures(http: httpx.AsyncClient) -> dict[str, float]:
    answer = await http.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return {
        sample.name + "".join(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_a_running_program_is_alive_and_ready(settings: Settings) -> None:
    async with running(settings) as (_, http):
        assert (await http.get("/healthz")).text == "ok"
        ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": True, "dictionary": True, "engine": True})


async def test_without_its_database_it_is_alive_but_not_ready_and_has_no_figures(
    settings: Settings, postgres: str
) -> None:
    async with running(settings) as (program, http):
        async with gone(program, postgres):
            assert (await http.get("/healthz")).status_code == 200
            ready = await http.get("/readyz")
            assert (await http.get("/metrics", headers=BEARER)).status_code == 503
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        assert (await http.get("/readyz")).status_code == 200


async def test_an_engine_that_stands_still_is_not_ready(settings: Settings) -> None:
    async with running(settings) as (program, http):
        await program.engine.stop()
        ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()["engine"]) == (503, False)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
async def test_without_the_right_token_there_are_no_metrics(settings: Settings, header: str | None) -> None:
    async with running(settings) as (_, http):
        answer = await http.get("/metrics", headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 404
    assert "tsunagu" not in answer.text


async def test_where_no_token_is_set_nobody_gets_metrics(tmp_path: Path, database_url: str) -> None:
    async with running(real_settings(tmp_path, database_url=database_url)) as (_, http):
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}, BEARER):
            assert (await http.get("/metrics", headers=headers)).status_code == 404


async def test_the_figures_count_what_waits_and_for_how_long(settings: Settings) -> None:
    async with running(settings) as (program, http):
        before = await figures(http)
        await keep_waiting(program.database, program)
        after = await figures(http)
    assert before["tsunagu_inbox_eventsdefaultwaiting"] == before["tsunagu_inbox_oldest_waiting_secondsdefault"] == 0
    assert after["tsunagu_inbox_eventsdefaultwaiting"] == 1
    assert after["tsunagu_inbox_oldest_waiting_secondsdefault"] >= 60
    assert {f"tsunagu_outbox_letters{state}" for state in ("waiting", "sent", "failed")} < after.keys()
    assert after["tsunagu_outbox_maybe_doubled"] == 0


async def keep_waiting(database: Database, program: Program) -> None:
    """An event of a minute ago that may be tried only much later."""
    now = program.clock()
    event = seal_event(
        program.keyring.data,
        id=new_id(),
        desk_id="default",
        channel=Channel.LINE,
        event_id="A",
        sender=b"s" * 32,
        event_at=1,
        received_at=now - timedelta(minutes=1),
        body={},
    )
    async with database.write() as connection:
        await add(connection, [event])
        await connection.execute(update(InboxEvent).values(next_try_at=now + timedelta(days=1)))


async def test_a_server_among_several_tells_who_works(settings: Settings, postgres_url: str) -> None:
    given = {"database_url": postgres_url, "job_engine": JobEngineName.PROCRASTINATE}
    shared = settings.model_copy(update=given)
    async with running(shared) as (program, http):
        found = await figures(http)
        assert (found["tsunagu_processes_alive"], found["tsunagu_processes_working"]) == (1, 1)
        assert found["tsunagu_jobs_open"] == 0
        assert (await http.get("/readyz")).status_code == 200
        # Whom the others would give up is not ready.
        await program.engine.stop()
        assert (await http.get("/readyz")).json()["engine"] is False
        assert (await figures(http))["tsunagu_processes_working"] == 0


async def test_one_process_has_no_figures_of_others(settings: Settings) -> None:
    async with running(settings) as (_, http):
        assert not any(name.startswith(("tsunagu_processes", "tsunagu_jobs")) for name in await figures(http))


async def test_the_figures_tell_acknowledgements_ways_of_letters_quota_and_the_clock(settings: Settings) -> None:
    async with running(settings) as (program, http):
        event = seal_event(
            program.keyring.data,
            id=new_id(),
            desk_id="default",
            channel=Channel.LINE,
            event_id="01Q",
            sender=b"s" * 32,
            event_at=0,
            received_at=program.clock(),
            body={"type": "nothing we know"},
        )
        await program.intake.store([event])
        program.intake.turned_away += 7
        resident, *_ = await letters(program)
        seen = await figures(http)
        assert (seen["tsunagu_acks_totaltaken"], seen["tsunagu_acks_totalturned_away"]) == (1, 7)
        assert (seen["tsunagu_letters_sentreply"], seen["tsunagu_letters_sentpush"]) == (2, 1)
        assert seen["tsunagu_letters_tried_in_vainLINE answered 500"] == 1
        assert seen["tsunagu_clock_runs_totalsweep"] >= 1
        assert "tsunagu_quota_useddefault" not in seen, "nobody answers there: the figure is missing, not the page"
        program.quotas._known["default"] = (program.clock(), Quota(limit=200, used=31))
        seen = await figures(http)
        assert (seen["tsunagu_quota_useddefault"], seen["tsunagu_quota_limitdefault"]) == (31, 200)
        assert str(resident) not in (await http.get("/metrics", headers=BEARER)).text


async def letters(program: Program) -> list[UUID]:
    """Somebody with three letters that arrived and one that LINE did not take."""
    now = program.clock()
    async with program.database.write() as connection:
        sender = Sender(desk_id="default", channel=Channel.LINE, index=b"i" * 32)
        made = await residents.create(
            connection, program.keyring, sender, address="U" + "a" * 32, now=now, new_id=new_id
        )
        for way in ("reply", "reply", "push", None):
            letter = NewLetter(
                id=new_id(),
                turn_id=None,
                kind="answer",
                priority=1,
                body=[],
                token=None,
                retry_key=new_id(),
                created_at=now,
                expires_at=now + timedelta(hours=8),
            )
            await outbox.add(connection, resident_id=made.id, key=made.key, letter=letter, leased_by=letter.id)
            change = Change(state=OutboxState.SENT, tries=1, sent_at=now, sent_by=way)
            if way is None:
                later = now + timedelta(minutes=4)
                change = Change(tries=1, next_try_at=later, reason="LINE answered 500")
            await outbox.record(connection, letter.id, change, leased_by=letter.id)
    return [made.id]
