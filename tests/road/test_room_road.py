"""The private room from the form to the answer, on both databases: the same talk, the same case, nothing to LINE."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from desk import Colleague
from guest import Guest
from road import Bot
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot.simulator import SimulatorServer
from dialogue import State
from dialogue.state import Tone
from handlers.clock.erasures import Erasures
from storage import residents, rooms
from storage.case_tables import Case
from storage.database import Connection
from storage.ids import new_id
from storage.room_tables import Room, RoomLink, RoomPress, RoomSession
from storage.rooms import RoomRow
from storage.tables import Channel, Identity, InboxEvent, InboxState, OutboxMessage, OutboxState, Resident


@asynccontextmanager
async def _gone() -> AsyncIterator[Connection]:
    """A database that has gone away."""
    raise OperationalError("SELECT 1", None, Exception("gone"))
    yield


DANGER = "家賃が払えなくて、きのうから何も食べてない"


def test_what_is_said_in_the_room_is_answered_there_and_nothing_goes_to_line(sim: SimulatorServer, bot: Bot) -> None:
    guest = Guest(bot)
    assert guest.lines() == []
    guest.say("家賃が払えなくて、困っています")
    said, answer = guest.lines()
    assert (said.by, said.text, said.waits) == ("resident", "家賃が払えなくて、困っています", False)
    assert answer.by == "program"
    assert "プログラム" in answer.text
    letters = bot.rows(select(OutboxMessage.channel, OutboxMessage.state, OutboxMessage.sent_by))
    assert {tuple(row) for row in letters} == {(Channel.ROOM, OutboxState.SENT, "room")}
    assert bot.rows(select(InboxEvent.channel, InboxEvent.state, InboxEvent.body_sealed)) == [
        (Channel.ROOM, InboxState.DONE, None)
    ]
    assert sim.requests() == []


def test_what_a_person_writes_is_read_in_the_room_with_who_they_are(sim: SimulatorServer, bot: Bot) -> None:
    guest, aoki = Guest(bot), Colleague(bot, "青木")
    guest.say(DANGER)
    case = aoki.first_case()
    assert guest.alias() in aoki.words(case)
    aoki.act(case, "claim")
    aoki.act(case, "messages", words="はじめまして。読みました。<b>大丈夫</b>です。")
    bot.run(bot.program.engine.rest)
    newest = guest.lines()[-1]
    assert newest.by == "staff"
    assert "はじめまして。読みました。<b>大丈夫</b>です。" in newest.text
    assert "相談員の青木" in newest.text
    assert "<b>大丈夫" not in newest.raw
    assert [request.path for request in sim.requests() if request.method == "POST"] == []


def test_danger_in_the_room_opens_the_same_case_with_a_card_to_tap(bot: Bot) -> None:
    guest = Guest(bot)
    guest.say(DANGER)
    assert len(bot.rows(select(Case.id))) == 1
    answer = guest.lines()[-1]
    assert 'href="tel:' in answer.raw
    guest.say("きのうから水も止まっています")
    assert len(bot.rows(select(Case.id))) == 1


def test_a_chosen_button_is_answered_and_stays_in_the_talk(bot: Bot) -> None:
    guest = Guest(bot)
    for words in ("仕事をなくしました", "お金がなくて困っています", "借金も返せません", "どうしたらいいか分かりません"):
        guest.say(words)
        if "話してみたい" in guest.lines()[-1].buttons:
            break
    guest.press("話してみたい")
    said = [line.text for line in guest.lines()]
    assert "話してみたい" in said
    assert said.index("話してみたい") < len(said) - 1
    assert len(bot.rows(select(Case.id))) == 1
    assert guest.lines()[said.index("話してみたい") - 1].buttons == ()


def test_easy_japanese_is_spoken_to_who_chose_it_until_they_choose_otherwise(bot: Bot) -> None:
    guest = Guest(bot)

    def tone() -> Tone:
        async def find(connection: Connection) -> Tone:
            resident = await residents.by_id(connection, bot.program.keyring, guest.resident_id)
            assert resident is not None
            return State.from_json(resident.state).tone

        return bot.within(find)

    guest.say("仕事がなくて困っています")
    assert tone() is Tone.PLAIN
    guest.post("/room/look", language="ja", easy="on")
    assert "おくる" in guest.page()
    guest.say("仕事がない")
    assert tone() is Tone.KANA
    guest.post("/room/look", language="ja")
    guest.say("仕事がない")
    assert tone() is Tone.PLAIN


def test_a_taken_back_word_is_gone_from_everything(bot: Bot) -> None:
    guest = Guest(bot)
    guest.say("わたしのひみつの言葉は夕顔です")
    key = guest.lines()[0].key
    guest.post("/room/unsend", key=key)
    bot.run(bot.program.engine.rest)
    assert "夕顔" not in guest.page()
    guest.post("/room/unsend", key=key)
    bot.run(bot.program.engine.rest)
    assert [line.text for line in guest.lines() if line.by == "resident"] == ["取り消しました"]


def test_a_talk_goes_on_in_the_room_of_somebody_from_line(sim: SimulatorServer, bot: Bot) -> None:
    phone = sim.resident()
    phone.say("LINEで書いた言葉です")
    phone.answer()
    bot.settle()

    async def open_room(connection: Connection) -> RoomRow:
        (resident_id,) = (await connection.execute(select(Resident.id))).scalars()
        resident = await residents.by_id(connection, bot.program.keyring, resident_id, lock=True)
        assert resident is not None
        return await rooms.open_room(connection, bot.program.keyring, resident, now=bot.program.clock(), new_id=new_id)

    guest = Guest(bot, room=bot.within(open_room))
    before = guest.lines()
    assert before[0].text == "LINEで書いた言葉です"
    assert before[1].by == "program"
    asked = len(sim.requests())
    guest.say("ここからは部屋で書きます")
    assert guest.lines()[-1].by == "program"
    assert len(sim.requests()) == asked
    assert len(bot.rows(select(Resident.id))) == 1


def test_nothing_is_left_of_a_room_that_was_erased(bot: Bot) -> None:
    guest = Guest(bot)
    guest.say("消してほしい言葉")
    guest.post("/room/press", press="settings|")
    bot.run(bot.program.engine.rest)
    at = bot.program.clock() - timedelta(seconds=1)

    async def plan(connection: Connection) -> None:
        await connection.execute(update(Resident).values(erase_at=at))

    bot.within(plan)
    program = bot.program
    erasures = Erasures(database=program.database, keyring=program.keyring, engine=program.engine, clock=program.clock)
    bot.run(erasures.erase_due)
    for table in (Room, RoomSession, RoomLink, RoomPress, Identity, OutboxMessage):
        assert bot.rows(select(table)) == []
    assert {row.sender for row in bot.rows(select(InboxEvent.sender))} == {None}
    guest.page(status=401)


def test_the_room_speaks_of_its_own_buttons_and_not_of_line_s(bot: Bot) -> None:
    guest = Guest(bot)
    guest.post("/room/press", press="guide|")
    bot.run(bot.program.engine.rest)
    told = guest.lines()[-1]
    assert "名前のいらない相談の窓口" in told.text
    assert "やめるときは、上の「すぐ閉じる」を押してください" in told.text
    assert "ブロック" not in told.text
    assert "送信取消" not in told.text


def test_while_the_database_is_away_nothing_that_was_written_is_lost(bot: Bot) -> None:
    guest = Guest(bot)
    token = guest.form_token()
    database = bot.program.database

    original = database.glance
    database.glance = _gone  # type: ignore[method-assign]
    try:
        answer = guest.http.post("/room/say", data={"token": token, "text": "せっかく書いた言葉"})
    finally:
        database.glance = original  # type: ignore[method-assign]
    assert answer.status_code == 503
    assert "せっかく書いた言葉" in answer.text
    assert answer.headers["retry-after"]
