"""A desk that talks in rooms, whole: LINE opens, helps in danger and knocks, and never hears a word of the talk."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Colleague
from road import Bot
from sqlalchemy import func, select
from visitor import Visitor

from bot.app import utc_now
from bot.simulator import FaultKind, SimulatorServer
from config.content import load_content
from config.settings import SettingsError
from dialogue import Desk
from handlers.room.entry import AGAIN_A_DAY
from storage.case_tables import Case
from storage.keyring import Keyring
from storage.knocks import KNOCK
from storage.room_tables import RoomLink
from storage.tables import Alert, Channel, Finding, InboxEvent, OutboxMessage, Place, Resident, ResidentMessage, Tag

CONTENT = load_content()
SITE = "http://heya.example.jp"
HUNGRY = "ざくろ石色の家賃が払えなくて、きのうから何も食べてない"
DARK = "ざくろ石色の橋から飛び降りて死にたい"


def desks(place: str, **knocks: Any) -> dict[str, Desk]:
    door = CONTENT.door.model_copy(update={"knocks": CONTENT.door.knocks.model_copy(update=knocks)})
    words = CONTENT.desk.model_copy(update={"conversation_place": place})
    return {"default": Desk(id="default", content=replace(CONTENT, desk=words, door=door))}


@pytest.fixture
def rooms(sim: SimulatorServer, database_url: str, tmp_path: Path) -> Iterator[Bot]:
    with Bot(sim, database_url, tmp_path, desks=desks("room"), public_url=SITE) as running:
        yield running


def sent_to_line(sim: SimulatorServer) -> str:
    """Everything the bot ever asked of LINE, as one text with nothing escaped."""
    bodies = []
    for request in sim.requests():
        body = json.loads(request.body) if isinstance(request.body, str | bytes) and request.body else request.body
        bodies.append(json.dumps(body, ensure_ascii=False))
    return "\n".join(bodies)


def buttons(sim_bubbles: list[Any]) -> list[str]:
    """The addresses of the buttons that open a page of ours."""
    found = json.dumps([entry.message for entry in sim_bubbles], ensure_ascii=False)
    return [part.split('"')[0] for part in found.split('"uri": "')[1:] if part.startswith(SITE)]


def count(bot: Bot, table: Any) -> int:
    (row,) = bot.rows(select(func.count().label("many")).select_from(table))
    return int(row.many)


def test_whoever_adds_the_account_finds_one_button_to_their_room(sim: SimulatorServer, rooms: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    answer = resident.answer()
    assert len(answer) == 1
    (address,) = buttons(answer)
    assert address.startswith(f"{SITE}/room/go/")
    rooms.settle()
    (link,) = rooms.rows(select(RoomLink.used_at, RoomLink.created_at, RoomLink.expires_at))
    assert link.used_at is None
    assert link.expires_at - link.created_at == timedelta(minutes=30)


def test_what_is_written_at_the_door_is_kept_nowhere(sim: SimulatorServer, rooms: Bot) -> None:
    resident = sim.resident()
    resident.say("ざくろ石色の母の介護で眠れない日が続いています")
    assert buttons(resident.answer())
    resident.send_sticker()
    resident.answer()
    rooms.settle()
    for table in (ResidentMessage, Tag, Finding, Alert, Case):
        assert count(rooms, table) == 0, table
    events = rooms.rows(select(InboxEvent.body_sealed, InboxEvent.event_id))
    assert {event.body_sealed for event in events} == {None}
    assert all(event.event_id for event in events)
    assert "ざくろ石" not in str(opened(rooms))


def opened(bot: Bot) -> list[Any]:
    """Every state and memory of a resident, unsealed."""

    async def read(connection: Any) -> list[Any]:
        from storage import residents

        keyring: Keyring = bot.program.keyring
        ids = (await connection.execute(select(Resident.id))).scalars()
        found = [await residents.by_id(connection, keyring, resident_id) for resident_id in list(ids)]
        return [(row.state, row.known) for row in found if row is not None]

    return bot.within(read)


def test_danger_at_the_door_shows_the_card_at_once_and_alerts_staff_without_words(
    sim: SimulatorServer, rooms: Bot
) -> None:
    resident = sim.resident()
    resident.say(DARK)
    card, *rest = resident.answer()
    assert "tel:" in json.dumps(card.message)
    assert buttons(rest)
    rooms.settle()
    (alert,) = rooms.rows(select(Alert.level, Alert.kinds))
    assert (alert.level, alert.kinds) == ("urgent", ["suicide"])
    (case,) = rooms.rows(select(Case.risk_level, Case.risk_kinds))
    assert case.risk_level == "urgent"
    (_, known), *_ = opened(rooms)
    assert known["risk"] == ["urgent", ["suicide"], []], "how high it is, and not a word"
    assert (known["concerns"], known["recent"]) == ([], [])
    assert count(rooms, ResidentMessage) == 0
    assert "ざくろ石" not in str(opened(rooms))
    assert "ざくろ石" not in Colleague(rooms, "aoki").words("/staff/queue")


def test_rights_work_at_the_door(sim: SimulatorServer, rooms: Bot) -> None:
    resident = sim.resident()
    resident.say("消して")
    resident.answer()
    resident.tap("消す")
    resident.answer()
    rooms.settle()
    (row,) = rooms.rows(select(Resident.erase_at))
    assert row.erase_at is not None
    resident.tap("消すのをやめる")
    resident.answer()
    rooms.settle()
    (row,) = rooms.rows(select(Resident.erase_at))
    assert row.erase_at is None


def letters(bot: Bot, kind: str) -> list[Any]:
    columns = (OutboxMessage.channel, OutboxMessage.state, OutboxMessage.sent_by, OutboxMessage.next_try_at)
    return bot.rows(select(*columns).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id))


def test_what_staff_write_is_put_in_the_room_and_line_knocks_once(sim: SimulatorServer, rooms: Bot) -> None:
    resident = sim.resident()
    resident.say(DARK)
    resident.answer()
    rooms.settle()
    staff = Colleague(rooms, "aoki")
    case = staff.first_case()
    before = len(resident.bubbles)
    for words in ("ひすい色の手紙です。", "ひすい色の二通目です。"):
        staff.act(case, "messages", words=words)
        rooms.settle()
    (knock,) = resident.bubbles[before:]
    assert knock.text == "おたよりが あります。"
    assert buttons([knock])
    assert [letter.channel for letter in letters(rooms, "staff")] == [Channel.ROOM] * 2
    assert {letter.sent_by for letter in letters(rooms, "staff")} == {"room"}
    assert len(letters(rooms, KNOCK)) == 2, "the second one waits for its hour"
    assert "ひすい" not in sent_to_line(sim)


def test_a_knock_is_not_needed_once_the_room_was_looked_at(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with Bot(sim, database_url, tmp_path, desks=desks("room", every_hours=0), public_url=SITE) as bot:
        resident = sim.resident()
        resident.say(DARK)
        resident.answer()
        bot.settle()
        enter(bot)
        staff = Colleague(bot, "aoki")
        staff.act(staff.first_case(), "messages", words="ひすい色の手紙です。")
        bot.settle()
        (knock,) = letters(bot, KNOCK)
        assert knock.state == "waiting", "a page was open a moment ago"
        assert not any("おたより" in bubble.text for bubble in resident.bubbles)


def test_words_that_come_after_the_room_was_looked_at_get_a_knock_of_their_own(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    clock = From(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    with Bot(sim, database_url, tmp_path, desks=desks("room"), public_url=SITE, clock=clock) as bot:
        resident = sim.resident()
        resident.say(DARK)
        resident.answer()
        bot.settle()
        staff = Colleague(bot, "aoki")
        case = staff.first_case()
        for minutes, words in ((1, "ひすい色の手紙です。"), (5, "ひすい色の二通目です。")):
            clock.by = timedelta(minutes=minutes)
            staff.act(case, "messages", words=words)
            bot.settle()
        assert knocks_in(resident.bubbles) == 1, "the second one waits for its hour"
        clock.by = timedelta(minutes=10)
        enter(bot)
        clock.by = timedelta(minutes=30)
        staff.act(case, "messages", words="ひすい色の三通目です。")
        bot.settle()
        clock.by = timedelta(hours=4)
        bot.sweep()
        bot.settle()
        assert knocks_in(resident.bubbles) == 2, "what nobody has seen yet is said to be there"


def enter(bot: Bot) -> None:
    """A browser comes into the room of the only resident."""

    async def work(connection: Any) -> None:
        from storage import residents, room_sessions
        from storage import rooms as stored
        from storage.ids import new_id

        keyring, now = bot.program.keyring, bot.program.clock()
        resident_id = (await connection.execute(select(Resident.id))).scalar_one()
        resident = await residents.by_id(connection, keyring, resident_id, lock=True)
        assert resident is not None
        room = await stored.open_room(connection, keyring, resident, now=now, new_id=new_id)
        await room_sessions.begin(connection, room_id=room.id, token=str(new_id()), now=now, new_id=new_id)

    bot.within(work)


def test_no_word_of_resident_or_staff_is_in_any_request_to_line(sim: SimulatorServer, rooms: Bot) -> None:
    chance = random.Random(20261126)
    resident, staff = sim.resident(), Colleague(rooms, "aoki")
    resident.say(DARK)
    resident.answer()
    rooms.settle()
    case = staff.first_case()
    tellings = ("介護で眠れません", "夫に殴られました", "誰が読みますか", "覚えていることを教えて", "相談員と話したい")
    tellings += ("やっぱり消さないで", "もう死にたい", "番号", "はい", "いいえ", "LINEに残したくない", "説明")
    for turn in range(60):
        match chance.randrange(5):
            case 0:
                staff.act(case, "messages", words=f"ひすい{turn}色の返事です。")
            case 1 if resident.chips:
                resident.tap(chance.choice(resident.chips))
            case 2:
                resident.postback(f"v1|{chance.choice(['memory', 'settings', 'offer', 'rights'])}|ざくろ石{turn}")
            case _:
                resident.say(f"ざくろ石{turn}色です。{chance.choice(tellings)}")
        rooms.settle()
    asked = sent_to_line(sim)
    assert "ざくろ石" not in asked
    assert "ひすい" not in asked
    assert asked.count("/room/go/") > 20, "and yet LINE was asked for much"


def test_whoever_waits_when_a_desk_moves_to_rooms_loses_nothing(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with Bot(sim, database_url, tmp_path, desks=desks("line")) as bot:
        resident = sim.resident()
        resident.say(DARK)
        resident.answer()
        bot.settle()
        staff = Colleague(bot, "aoki")
        sim.fail_next(FaultKind.RATE_LIMIT, times=None)
        bot.run(lambda: hold_tokens(bot))
        staff.act(staff.first_case(), "messages", words="ひすい色の手紙です。")
        bot.settle()
        (waiting,) = letters(bot, "staff")
        assert waiting.state == "waiting"
    sim.heal()
    with Bot(sim, database_url, tmp_path, desks=desks("room"), public_url=SITE, clock=in_two_minutes) as bot:
        bot.sweep()
        bot.wait_until_sent()
        (letter,) = letters(bot, "staff")
        assert (letter.channel, letter.state) == (Channel.ROOM, "sent")
        assert resident.bubbles[-1].text == "おたよりが あります。"
        assert "ひすい色の手紙" not in resident.bubbles[-1].text
        resident.say("つづきです")
        assert buttons(resident.answer())
    with Bot(sim, database_url, tmp_path, desks=desks("line")) as bot:
        resident.say("またLINEで話せますか。腰が痛くて眠れません")
        bot.settle()
        assert not buttons(resident.since_last_act())
        assert count(bot, ResidentMessage) == 2, "who never entered a room talks on in LINE, to a person"


def in_two_minutes() -> datetime:
    """When what LINE refused is tried again."""
    return utc_now() + timedelta(minutes=2)


async def hold_tokens(bot: Bot) -> None:
    """No reply token is left, so that what staff write has to be pushed."""
    from sqlalchemy import delete

    from storage.case_tables import SpareToken

    async with bot.program.database.write() as connection:
        await connection.execute(delete(SpareToken))


def test_whoever_entered_a_room_stays_there_when_the_desk_moves_back_to_line(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with Bot(sim, database_url, tmp_path, desks=desks("room"), public_url=SITE) as bot:
        resident = sim.resident()
        resident.say(DARK)
        resident.answer()
        bot.settle()
        enter(bot)
    with Bot(sim, database_url, tmp_path, desks=desks("line")) as bot:
        staff = Colleague(bot, "aoki")
        staff.act(staff.first_case(), "messages", words="ひすい色の手紙です。")
        bot.settle()
        assert letters(bot, "staff")[0].channel == Channel.ROOM
        resident.say("こんにちは")
        resident.answer()
        resident.tap("LINEで話す")
        resident.answer()
        bot.settle()
        (row,) = bot.rows(select(Resident.place))
        assert row.place is Place.LINE
        resident.say("腰が痛くて眠れません")
        bot.settle()
        assert count(bot, ResidentMessage) == 1
    assert "ひすい" not in sent_to_line(sim)


def test_who_wishes_to_leave_line_is_told_what_stays_there_and_how_to_delete_it(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.say("LINEに残したくないです")
    answer = resident.answer()
    said = "".join(entry.text for entry in answer)
    assert "送信取消" in said
    assert "LINEの会社の側に残ります" in said
    assert "/room/go/" in json.dumps([entry.message for entry in answer])


class Later:
    """A clock that can be moved on."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.by


def test_one_press_on_an_old_button_sends_a_new_one_to_line_and_nowhere_else(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    clock = Later()
    with Bot(sim, database_url, tmp_path, desks=desks("room"), public_url=SITE, clock=clock) as bot:
        resident = sim.resident()
        resident.follow()
        (first,) = buttons(resident.answer())
        bot.settle()
        path = first.removeprefix(SITE)
        holder, thief = Visitor(bot), Visitor(bot)
        holder.press(path, path)
        assert holder.is_inside
        bot.settle()
        assert "もう つかえません" in thief.look(path, status=410)
        clock.by = timedelta(minutes=5)
        for _ in range(2):
            answer = thief.press(path, f"{path}/again", status=200)
            assert "/room/go/" not in answer.text
            bot.settle()
        new = buttons(resident.bubbles)
        assert len(new) == 2, "one more, and at most one a minute"
        assert new[1] != first
        for minutes in range(10, 100, 10):
            clock.by = timedelta(minutes=minutes)
            thief.press(path, f"{path}/again", status=200)
        bot.settle()
        assert len(buttons(resident.bubbles)) <= 1 + AGAIN_A_DAY, "nobody's phone rings all night"
        assert not thief.is_inside


class From:
    """A clock that begins at a moment and can be moved on."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self._begun = utc_now()
        self.by = timedelta()

    def __call__(self) -> datetime:
        return self._moment + (utc_now() - self._begun) + self.by


def test_a_knock_waits_until_the_morning_when_nobody_waits_for_it(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    clock = From(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    with Bot(sim, database_url, tmp_path, desks=desks("room", every_hours=0), public_url=SITE, clock=clock) as bot:
        resident = sim.resident()
        resident.say("相談員と話したいです")
        path = buttons(resident.answer())[0].removeprefix(SITE)
        bot.settle()
        Visitor(bot).press(path, path)
        clock.by = timedelta(minutes=10)
        staff = Colleague(bot, "aoki")
        case = staff.first_case()
        staff.act(case, "messages", words="ひすい色の手紙です。")
        bot.settle()
        by_day = knocks_in(resident.bubbles)
        assert by_day == 1
        clock.by = timedelta(hours=12)
        night = Colleague(bot, "baba")
        night.act(case, "messages", words="ひすい色の二通目です。", instead="yes")
        bot.settle()
        assert knocks_in(resident.bubbles) == by_day, "it is eleven at night"
        assert [letter.state for letter in letters(bot, "staff")] == ["sent", "sent"], "and yet it is in the room"
        clock.by = timedelta(hours=23)
        bot.sweep()
        bot.wait_until_sent()
        assert knocks_in(resident.bubbles) == by_day + 1


def knocks_in(bubbles: list[Any]) -> int:
    return sum(bubble.text == "おたよりが あります。" for bubble in bubbles)


def test_a_resident_moves_from_line_to_the_room_and_reads_on_there(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with Bot(sim, database_url, tmp_path, desks=desks("line"), public_url=SITE) as bot:
        resident = sim.resident()
        resident.say("ざくろ石色の腰が痛くて眠れません")
        resident.answer()
        resident.say("LINEに残したくないです")
        (address,) = buttons(resident.answer())
        resident.say("まだLINEです。こはく色の猫がいます")
        assert not buttons(resident.answer()), "until the room was entered the talk stays in LINE"
        bot.settle()
        path = address.removeprefix(SITE)
        browser = Visitor(bot)
        browser.press(path, path)
        bot.settle()
        shown = browser.look("/room/")
        assert "ざくろ石色" in shown
        assert "/room/go/" not in shown
        resident.say("ひすい色の話をLINEに書いてしまった")
        answer = resident.answer()
        assert buttons(answer)
        bot.settle()
        assert "ひすい色" not in browser.look("/room/")
        assert resident.chips == ["LINEで話す"]


def test_a_child_s_room_asks_for_the_watchword_once_there_is_one(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with Bot(sim, database_url, tmp_path, desks=desks("room"), public_url=SITE) as bot:
        resident = sim.resident()
        resident.follow()
        (address,) = buttons(resident.answer())
        bot.settle()
        path = address.removeprefix(SITE)
        child = Visitor(bot)
        child.press(path, path)
        bot.settle()
        shown = child.look("/room/")
        child.send(shown, "/room/say", text="中学2年です。学校に行きたくないです")
        bot.settle()
        child.set_watchword("でんわ すいか えほん")
        resident.say("こんにちは")
        path = buttons(resident.answer())[-1].removeprefix(SITE)
        bot.settle()
        parent = Visitor(bot)
        asked = parent.press(path, path, status=200)
        assert "合言葉で ひらきます" in asked.text
        assert not parent.is_inside
        child.press(path, path, word="でんわすいかえほん")
        assert child.is_inside


def test_a_desk_with_rooms_needs_an_address_that_phones_can_open(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as refused, Bot(sim, database_url, tmp_path, desks=desks("room")):
        pytest.fail("it must not start")
    assert refused.value.lines[0].startswith("PUBLIC_URL")
