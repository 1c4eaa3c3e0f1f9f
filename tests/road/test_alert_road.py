"""From a word of danger to a mail that says nothing of it, over real HTTP and real SMTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Colleague
from post_office import Fault, Mailbox
from road import Bot
from road_clock import MORNING, SetClock
from sqlalchemy import select, update

from bot.simulator import SimulatorServer
from bot.simulator.handles import ResidentHandle
from casework.alerting import Window
from casework.people import Role
from config.content import load_content
from dialogue import Desk
from storage import rota
from storage.audit_tables import AuditEntry
from storage.case_tables import CaseEvent
from storage.database import Connection
from storage.ids import new_id
from storage.notice_tables import AddressList, Call, CallEnd, Notice, NoticeState

HUNGRY = "家賃が払えなくて、きのうから何も食べてない"
NIGHT = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with Mailbox() as running:
        yield running


@pytest.fixture
def bot(sim: SimulatorServer, database_url: str, tmp_path: Path, box: Mailbox, clock: SetClock) -> Iterator[Bot]:
    mail = {"smtp_url": box.url, "mail_from": "つなぐ <tsunagu@shakyo.example>"}
    with Bot(sim, database_url, tmp_path, clock=clock, **mail) as running:
        yield running


def reached(bot: Bot, who: Colleague, address: str, window: Window | None = None) -> None:
    """Give somebody a mail address, and perhaps a time on call."""

    async def work(connection: Connection) -> None:
        await rota.set_contact(connection, bot.program.keyring, who.id, address, now=bot.program.clock())
        if window is not None:
            await rota.add_window(connection, who.id, "default", window, new_id=new_id)

    bot.within(work)


def listed(bot: Bot, which: AddressList, address: str) -> None:
    async def work(connection: Connection) -> None:
        await rota.add_address(connection, bot.program.keyring, "default", which, address, new_id=new_id)

    bot.within(work)


def told(bot: Bot) -> None:
    """What the clock does every few seconds."""
    bot.run(bot.program.alerts.calls.look)
    bot.run(bot.program.alerts.mails.send)


def in_danger(sim: SimulatorServer, bot: Bot) -> ResidentHandle:
    resident = sim.resident()
    resident.say(HUNGRY)
    resident.answer()
    bot.settle()
    return resident


def receivers(box: Mailbox) -> list[str]:
    return sorted(mail.to for mail in box.taken)


def ends(bot: Bot) -> list[CallEnd | None]:
    return [row.end for row in bot.rows(select(Call.end).order_by(Call.raised_at))]


def test_a_danger_reaches_whoever_is_on_call_once_and_says_nothing(
    sim: SimulatorServer, bot: Bot, box: Mailbox
) -> None:
    aoki, baba = Colleague(bot, "青木"), Colleague(bot, "馬場")
    reached(bot, aoki, "aoki@shakyo.example", Window(starts=MORNING.time(), ends=MORNING.time()))
    reached(bot, baba, "baba@shakyo.example")
    in_danger(sim, bot)
    for _ in range(3):
        told(bot)
    assert receivers(box) == ["aoki@shakyo.example"]
    mail = box.taken[0].message
    text = mail.get_content()
    assert mail["Subject"] == "【つなぐ】緊急の相談があります(2026-0001)"
    assert mail["Auto-Submitted"] == "auto-generated"
    case = aoki.first_case()
    assert f"{bot.settings.own_address}{case}" in text
    alias = bot.rows(select(Call.case_id))[0]
    assert str(alias.case_id) in text
    for word in ("家賃", "食べ", "生活", "貧", "lifeline"):
        assert word not in text
        assert word not in str(mail["Subject"])
    (row,) = bot.rows(select(Notice.state, Notice.maybe_doubled, Notice.tries))
    assert tuple(row) == (NoticeState.SENT, False, 1)
    assert "メールで知らせた" in aoki.words(case)
    assert {row.action for row in bot.rows(select(AuditEntry.action))} >= {"staff_told"}


def test_more_words_of_the_same_danger_are_no_second_mail(sim: SimulatorServer, bot: Bot, box: Mailbox) -> None:
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")
    resident = in_danger(sim, bot)
    told(bot)
    resident.say("もう何日も食べてない。たすけて")
    resident.answer()
    bot.settle()
    told(bot)
    assert len(box.taken) == 1


def test_nobody_reacts_and_the_next_are_told_each_step_once(
    sim: SimulatorServer, bot: Bot, box: Mailbox, clock: SetClock
) -> None:
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")
    reached(bot, Colleague(bot, "上田", Role.SUPERVISOR), "ueda@shakyo.example")
    listed(bot, AddressList.DESK, "desk@shakyo.example")
    in_danger(sim, bot)
    told(bot)
    # By day and without a rota, everybody who may look is told first.
    assert receivers(box) == ["aoki@shakyo.example", "ueda@shakyo.example"]
    clock.passes(minutes=9)
    told(bot)
    assert len(box.taken) == 2
    clock.passes(minutes=2)
    told(bot)
    told(bot)
    assert receivers(box)[2:] == ["ueda@shakyo.example"]
    assert "まだだれも見ていません" in str(box.taken[-1].message["Subject"])
    clock.passes(minutes=10)
    told(bot)
    told(bot)
    assert [mail.to for mail in box.taken[3:]] == ["desk@shakyo.example"]
    assert ends(bot) == [CallEnd.UNANSWERED]
    kinds = [row.kind for row in bot.rows(select(CaseEvent.kind).order_by(CaseEvent.id))]
    assert kinds.count("told") == 3


@pytest.mark.parametrize("act", ["claim", "look"])
def test_somebody_reacts_and_nobody_else_is_told(
    sim: SimulatorServer, bot: Bot, box: Mailbox, clock: SetClock, act: str
) -> None:
    aoki = Colleague(bot, "青木")
    reached(bot, aoki, "aoki@shakyo.example")
    listed(bot, AddressList.DESK, "desk@shakyo.example")
    in_danger(sim, bot)
    told(bot)
    case = aoki.first_case()
    if act == "claim":
        aoki.send("/staff/queue", f"{case}/claim")
    else:
        aoki.page(case)
    clock.passes(minutes=40)
    told(bot)
    assert receivers(box) == ["aoki@shakyo.example"]
    assert ends(bot) == [CallEnd.REACTED]


def test_a_page_that_renews_itself_is_nobody_looking(
    sim: SimulatorServer, bot: Bot, box: Mailbox, clock: SetClock
) -> None:
    aoki = Colleague(bot, "青木")
    reached(bot, aoki, "aoki@shakyo.example")
    listed(bot, AddressList.DESK, "desk@shakyo.example")
    in_danger(sim, bot)
    told(bot)
    aoki.page(f"{aoki.first_case()}?again=1")
    clock.passes(minutes=40)
    told(bot)
    assert "desk@shakyo.example" in receivers(box)


def test_outside_the_hours_the_night_list_is_told(
    sim: SimulatorServer, bot: Bot, box: Mailbox, clock: SetClock
) -> None:
    clock.start = NIGHT
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")
    listed(bot, AddressList.NIGHT, "night@shakyo.example")
    in_danger(sim, bot)
    told(bot)
    assert receivers(box) == ["night@shakyo.example"]


def test_who_wants_a_person_at_night_is_told_of_in_the_morning(
    sim: SimulatorServer, bot: Bot, box: Mailbox, clock: SetClock
) -> None:
    clock.start = NIGHT
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")
    resident = sim.resident()
    resident.say("人と話したいです")
    resident.answer()
    bot.settle()
    told(bot)
    assert box.taken == []
    clock.passes(hours=11, minutes=1)
    told(bot)
    assert receivers(box) == ["aoki@shakyo.example"]
    assert "人と話したい方" in str(box.taken[0].message["Subject"])


def test_a_mail_that_may_have_gone_out_is_sent_again_under_its_own_id_and_counted(
    sim: SimulatorServer, bot: Bot, box: Mailbox, clock: SetClock
) -> None:
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")
    box.fail(Fault.DROPS)
    in_danger(sim, bot)
    told(bot)
    assert bot.rows(select(Notice.unsure, Notice.state)) == [(True, NoticeState.WAITING)]
    clock.passes(minutes=1)
    told(bot)
    first, second = (mail.message["Message-ID"] for mail in box.taken)
    assert first == second
    assert bot.rows(select(Notice.maybe_doubled, Notice.state)) == [(True, NoticeState.SENT)]


def test_who_cannot_be_reached_is_passed_over_at_once(
    sim: SimulatorServer, bot: Bot, box: Mailbox, clock: SetClock
) -> None:
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")
    listed(bot, AddressList.DESK, "desk@shakyo.example")
    box.fail(Fault.UNKNOWN)
    in_danger(sim, bot)
    told(bot)
    clock.passes(seconds=1)
    told(bot)
    told(bot)
    assert receivers(box) == ["desk@shakyo.example"]
    states = {row.state for row in bot.rows(select(Notice.state))}
    assert states == {NoticeState.FAILED, NoticeState.SENT}


def test_killed_between_try_and_record_a_mail_comes_twice_only_if_that_is_counted(
    sim: SimulatorServer, bot: Bot, box: Mailbox, database_url: str, tmp_path: Path, clock: SetClock
) -> None:
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")
    in_danger(sim, bot)
    told(bot)
    assert len(box.taken) == 1

    async def never_recorded(connection: Connection) -> None:
        # As a process leaves it that dies after the server has taken the mail.
        lost = {"state": NoticeState.WAITING, "leased_by": new_id(), "leased_until": clock() + timedelta(minutes=3)}
        await connection.execute(update(Notice).values(lost))

    bot.within(never_recorded)
    told(bot)
    assert len(box.taken) == 1, "somebody else may have it in hand"
    clock.passes(minutes=4)
    told(bot)
    told(bot)
    assert len(box.taken) == 2
    assert bot.rows(select(Notice.maybe_doubled, Notice.tries)) == [(True, 2)]


def test_one_call_that_cannot_be_told_keeps_no_other_waiting(sim: SimulatorServer, bot: Bot, box: Mailbox) -> None:
    reached(bot, Colleague(bot, "青木"), "aoki@shakyo.example")

    async def of_no_desk(connection: Connection) -> None:
        await connection.execute(
            update(Call).values(desk_id="gone", told=0, next_at=bot.program.clock(), ended_at=None)
        )

    in_danger(sim, bot)
    told(bot)
    bot.within(of_no_desk)
    in_danger(sim, bot)
    told(bot)
    assert len(box.taken) == 2
    assert [row.desk_id for row in bot.rows(select(Call.desk_id).where(Call.told == 0))] == ["gone"]


def test_a_desk_with_steps_and_words_of_its_own_tells_by_them(
    sim: SimulatorServer, database_url: str, tmp_path: Path, box: Mailbox, clock: SetClock
) -> None:
    own = tmp_path / "words"
    own.mkdir()
    steps = "urgent: [{to: desk, after_minutes: 0}]"
    words = steps + "\nmails: {urgent: {subject: '至急({number})', text: '見てください {link}'}}"
    (own / "notices.yaml").write_text(words, encoding="utf-8")
    desks = {"default": Desk(id="default", content=load_content(overrides=own))}
    mail = {"smtp_url": box.url, "mail_from": "つなぐ <tsunagu@shakyo.example>"}
    with Bot(sim, database_url, tmp_path, clock=clock, desks=desks, **mail) as bot:
        aoki = Colleague(bot, "青木")
        reached(bot, aoki, "aoki@shakyo.example", Window(starts=MORNING.time(), ends=MORNING.time()))
        listed(bot, AddressList.DESK, "desk@shakyo.example")
        in_danger(sim, bot)
        told(bot)
        assert [mail.to for mail in box.taken] == ["desk@shakyo.example"]
        assert box.taken[0].message["subject"].startswith("至急(")
