"""From 「お便りがほしい」 to the word that comes a week later, and what staff see when it is answered or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Colleague
from road import Bot
from road_clock import MORNING, SetClock
from sqlalchemy import select, update

from bot.simulator import SimulatorServer
from bot.simulator.faults import FaultKind
from bot.simulator.handles import ResidentHandle
from casework.queue import Level, SafeContact
from handlers.clock.checkins import CheckIns
from storage.case_tables import Case
from storage.database import Connection
from storage.followup_tables import CheckIn, CheckInKind, CheckInPlan, CheckInState, PlanEnd
from storage.ids import new_id
from storage.tables import OutboxMessage, OutboxState, Resident


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def bot(sim: SimulatorServer, database_url: str, tmp_path: Path, clock: SetClock) -> Iterator[Bot]:
    with Bot(sim, database_url, tmp_path, clock=clock) as running:
        yield running


def swept(bot: Bot) -> None:
    """One round of the sweep, and all deliveries that come of it."""
    program = bot.program
    work = CheckIns(
        database=program.database,
        keyring=program.keyring,
        engine=program.engine,
        desks=program.desks,
        quotas=program.quotas,
        listener_version=program.turns.listener_version,
        clock=program.clock,
        new_id=new_id,
    )
    bot.run(work.sweep)
    bot.wait_until_sent()


def chosen(resident: ResidentHandle, label: str) -> None:
    """Press the button that begins with this label."""
    resident.answer()
    resident.tap(next(chip for chip in resident.chips if chip.startswith(label)))
    resident.answer()


def settled(sim: SimulatorServer, bot: Bot) -> ResidentHandle:
    """Somebody who wished for a word every week at noon."""
    resident = sim.resident()
    resident.say("お便りがほしいです")
    chosen(resident, "週に1回")
    chosen(resident, "昼")
    bot.settle()
    return resident


def comes(bot: Bot, clock: SetClock) -> None:
    """The time of the next occurrence."""
    (row,) = bot.rows(select(CheckIn.look_at).where(CheckIn.state == CheckInState.WAITING))
    clock.passes(seconds=(row.look_at - bot.program.clock()).total_seconds() + 1)


def test_who_chose_once_a_week_is_written_to_in_a_week_and_staff_see_a_hard_answer(
    sim: SimulatorServer, bot: Bot, clock: SetClock
) -> None:
    resident = settled(sim, bot)
    said = len(resident.bubbles)
    swept(bot)
    assert len(resident.bubbles) == said
    comes(bot, clock)
    assert timedelta(days=6) < bot.program.clock() - MORNING < timedelta(days=8)
    swept(bot)
    swept(bot)
    assert len(resident.bubbles) == said + 1
    assert resident.chips == ["元気", "ぼちぼち", "しんどい", "話したい", "お休みする"]
    clock.passes(hours=1)
    resident.tap("しんどい")
    assert resident.answer()
    bot.settle()
    answers = bot.rows(select(CheckIn.answer).where(CheckIn.state == CheckInState.QUEUED))
    assert [row.answer for row in answers] == ["hard"]
    kinds = bot.rows(select(CheckIn.kind).where(CheckIn.state == CheckInState.WAITING))
    assert [row.kind for row in kinds] == [CheckInKind.WORD]


def test_what_line_took_without_our_hearing_so_is_not_said_twice(
    sim: SimulatorServer, bot: Bot, clock: SetClock
) -> None:
    resident = settled(sim, bot)
    comes(bot, clock)
    said = len(resident.bubbles)
    sim.fail_next(FaultKind.SERVER_ERROR_AFTER)
    swept(bot)
    clock.passes(minutes=2)
    bot.sweep()
    bot.wait_until_sent()
    letters: Any = select(OutboxMessage.retry_key, OutboxMessage.state).where(OutboxMessage.kind == "check_in")
    (letter,) = bot.rows(letters)
    (row,) = bot.rows(select(CheckIn.id).where(CheckIn.state == CheckInState.QUEUED))
    assert (letter.retry_key, letter.state) == (row.id, OutboxState.SENT)
    assert "409" in {str(request.status) for request in sim.requests("/v2/bot/message/push")}
    assert len(resident.bubbles) == said + 1


def test_two_words_without_an_answer_are_the_last_and_staff_see_who_fell_silent(
    sim: SimulatorServer, bot: Bot, clock: SetClock
) -> None:
    resident = settled(sim, bot)
    said = len(resident.bubbles)
    for _ in range(3):
        comes(bot, clock)
        swept(bot)
    assert len(resident.bubbles) == said + 2
    assert bot.rows(select(CheckIn.id).where(CheckIn.state == CheckInState.WAITING)) == []
    ends = bot.rows(select(CheckInPlan.retired_why))
    assert [row.retired_why for row in ends] == [PlanEnd.SILENT]
    (alias,) = bot.rows(select(Resident.alias))
    page = Colleague(bot, "aoki").words("/staff/silent")
    assert alias.alias in page.split("お便りに返事がない方")[1]
    resident.say("返事が遅くなりました")
    resident.answer()
    bot.settle()
    assert alias.alias not in Colleague(bot, "baba").words("/staff/silent")


def test_somebody_with_a_case_stands_among_the_silent_once_with_the_reason(
    sim: SimulatorServer, bot: Bot, clock: SetClock
) -> None:
    resident = sim.resident()
    resident.say("相談員と話したいです")
    resident.answer()
    bot.settle()
    case = Colleague(bot, "aoki").first_case()
    resident.say("お便りがほしいです")
    chosen(resident, "週に1回")
    chosen(resident, "昼")
    bot.settle()
    for _ in range(3):
        comes(bot, clock)
        swept(bot)
    page = Colleague(bot, "baba").page("/staff/silent")
    assert page.count(f'href="{case}"') == 1
    assert "お便りに返事がない" in page
    assert "お便りに返事がなかった" in Colleague(bot, "chiba").words(case)


@pytest.mark.parametrize("fresh", [True, False])
def test_staff_are_told_why_an_answer_is_not_sent_where_writing_is_not_safe(
    sim: SimulatorServer, bot: Bot, clock: SetClock, fresh: bool
) -> None:
    resident = sim.resident()
    resident.say("相談員と話したいです")
    resident.answer()
    bot.settle()
    aoki = Colleague(bot, "aoki")
    case = aoki.first_case()

    async def unsafe(connection: Connection) -> None:
        await connection.execute(update(Case).values(safe_contact=SafeContact.NO))

    bot.within(unsafe)
    said = len(resident.bubbles)
    clock.passes(minutes=5 if fresh else 45)
    answer = Colleague(bot, "baba").act(
        case, "messages", words="お話を聞かせてください。", status=303 if fresh else 422
    )
    bot.wait_until_sent()
    assert (len(resident.bubbles) > said) is fresh
    if not fresh:
        assert "あぶない" in answer.text
        assert "お話を聞かせてください。" in answer.text


def test_by_night_an_answer_waits_where_nobody_waits_for_it(sim: SimulatorServer, bot: Bot, clock: SetClock) -> None:
    resident = sim.resident()
    resident.say("相談員と話したいです")
    resident.answer()
    bot.settle()
    aoki = Colleague(bot, "aoki")
    case = aoki.first_case()
    aoki.act(case, "messages", words="あす電話します。")
    bot.wait_until_sent()
    clock.passes(hours=11)
    baba = Colleague(bot, "baba")
    assert "静かな時間" in baba.act(case, "messages", words="もうひとつだけ。", status=422).text

    async def danger(connection: Connection) -> None:
        await connection.execute(update(Case).values(risk_level=Level.URGENT, heard_level=Level.URGENT))

    bot.within(danger)
    said = len(resident.bubbles)
    baba.act(case, "messages", words="だいじょうぶですか。", instead="yes")
    bot.wait_until_sent()
    assert len(resident.bubbles) > said
