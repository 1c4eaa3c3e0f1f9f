"""Two servers on one PostgreSQL that both work: what one knows, the other knows."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from desk import Colleague
from road import Bot, said
from sqlalchemy import func, select

from bot.simulator import SimulatorServer
from config.settings import JobEngineName
from storage.tables import InboxEvent, OutboxMessage, Resident, Turn


@pytest.fixture
def two(sim: SimulatorServer, postgres_url: str, tmp_path: Path) -> Iterator[tuple[Bot, Bot]]:
    engine = {"job_engine": JobEngineName.PROCRASTINATE}
    with (
        Bot(sim, postgres_url, tmp_path / "one", **engine) as one,
        Bot(sim, postgres_url, tmp_path / "two", **engine) as other,
    ):
        yield one, other


def webhook(bot: Bot) -> str:
    return f"{bot.settings.own_address}/line/default/webhook"


def count(bot: Bot, what: type) -> int:
    ((found,),) = bot.rows(select(func.count()).select_from(what))
    return int(found)


def test_an_event_that_comes_to_both_is_answered_once(sim: SimulatorServer, two: tuple[Bot, Bot]) -> None:
    one, other = two
    resident = sim.resident()
    events = [said(resident.user_id, f"こんにちは{number}", f"01DOUBLE{number}", at=number) for number in range(20)]
    for bot in (one, other):
        sim.webhook_url = webhook(bot)
        for event in events:
            sim.send_events(event)
    for bot in two:
        bot.settle()
    assert count(one, InboxEvent) == 20
    assert count(one, Resident) == 1
    ((answered,),) = one.rows(select(func.count(func.distinct(InboxEvent.turn_id))))
    assert count(one, Turn) == count(one, OutboxMessage) == answered
    assert not one.rows(select(InboxEvent.id).where(InboxEvent.turn_id.is_(None)))


def test_many_new_residents_at_once_are_made_once_each(sim: SimulatorServer, two: tuple[Bot, Bot]) -> None:
    residents = [sim.resident() for _ in range(8)]
    for number, bot in enumerate(two):
        sim.webhook_url = webhook(bot)
        for resident in residents:
            event_id = f"01NEW{number}{resident.user_id[:12]}"
            sim.send_events(said(resident.user_id, "眠れません", event_id, at=number))
    for bot in two:
        bot.settle()
    assert count(two[0], Resident) == 8
    assert {row.tries for row in two[0].rows(select(InboxEvent.tries))} == {0}


def test_who_signed_in_at_one_is_known_at_the_other_and_out_of_both_at_once(two: tuple[Bot, Bot]) -> None:
    one, other = two
    aoki = Colleague(one, "aoki")
    cookies = dict(aoki.http.cookies)
    with httpx.Client(base_url=other.settings.own_address, cookies=cookies, headers={"accept": "text/html"}) as there:
        page = there.get("/staff/queue")
        assert (page.status_code, "aoki" in page.text) == (200, True)
        # A form that one server made is taken by the other.
        token = re.search(r'name="token" value="([0-9a-f]+)"', aoki.page("/staff/queue"))
        assert token is not None
        assert there.post("/staff/sign-out", data={"token": token[1]}).status_code == 303
        assert there.get("/staff/queue").status_code == 303
    assert aoki.http.get("/staff/queue").status_code == 303


def test_wrong_passwords_count_at_both(two: tuple[Bot, Bot]) -> None:
    statuses = []
    clients = [httpx.Client(base_url=bot.settings.own_address, headers={"accept": "text/html"}) for bot in two]
    for number in range(12):
        http = clients[number % 2]
        token = re.search(r'name="token" value="([0-9a-f]+)"', http.get("/staff/sign-in").text)
        assert token is not None
        form = {"token": token[1], "login": "aoki", "password": f"wrong-{number}"}
        statuses.append(http.post("/staff/sign-in", data=form).status_code)
    for http in clients:
        http.close()
    first = statuses.index(429)
    # Once one refuses, the other does, too.
    assert set(statuses[:first]) == {401}
    assert set(statuses[first:]) == {429}


def test_an_open_page_at_one_shows_what_happens_at_the_other(sim: SimulatorServer, two: tuple[Bot, Bot]) -> None:
    one, other = two
    sim.webhook_url = webhook(one)
    sim.resident().say("家賃が払えなくて、きのうから何も食べてない")
    for bot in two:
        bot.settle()
    seen: list[object] = []
    shown = threading.Event()

    async def listen() -> None:
        async for counters in other.program.live.stream("default"):
            if counters is not None:
                seen.append(counters)
                shown.set()
            if len(seen) == 2:
                return

    listening = asyncio.run_coroutine_threadsafe(listen(), other.loop)
    assert shown.wait(20)
    sim.resident().say("死にたい。もう終わりにしたい")
    listening.result(30)
    assert seen[0] != seen[1]
