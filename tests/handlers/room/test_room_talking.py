"""The chat page by plain forms: saying, pressing, taking back, looking; once each, in order, and nothing lost."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace

from guest import Guest
from road import Bot
from sqlalchemy import func, select

from handlers.room.events import fresh_id, sealed
from handlers.room.talking import LINES
from storage.ids import new_id
from storage.room_tables import RoomPress
from storage.tables import ResidentMessage, Turn

SCRIPT = {"accept": "application/json"}


def own(guest: Guest, table: type) -> int:
    query = select(func.count()).select_from(table).where(table.resident_id == guest.resident_id)  # type: ignore[attr-defined]
    return int(guest.bot.rows(query)[0][0])


def test_a_message_is_said_once_however_often_it_is_sent(guest: Guest) -> None:
    ref = "a" * 24
    for _ in range(3):
        guest.say("眠れません", ref=ref)
    assert [line.text for line in guest.lines() if line.by == "resident"] == ["眠れません"]
    assert own(guest, ResidentMessage) == own(guest, Turn) == 1


def test_the_same_id_in_another_room_is_another_message(house: Bot) -> None:
    one, other = Guest(house), Guest(house)
    for guest in (one, other):
        guest.say("こんばんは", ref="same-id-in-two-rooms-0")
    assert own(one, ResidentMessage) == own(other, ResidentMessage) == 1


def test_two_tabs_are_one_talk(house: Bot, guest: Guest) -> None:
    other = Guest(house, room=guest.room)
    guest.say("ひとつめです")
    other.say("ふたつめです")
    for tab in (guest, other):
        assert [line.text for line in tab.lines() if line.by == "resident"] == ["ひとつめです", "ふたつめです"]
    assert guest.post("/room/say", text="三つめ").status_code == 303


def test_without_scripts_the_waiting_page_renews_itself_and_has_no_place_to_write(house: Bot, guest: Guest) -> None:
    page = guest.page()
    assert 'http-equiv="refresh"' not in page
    assert "<textarea" in page
    assert guest.http.get("/room/wait").status_code == 303


def test_a_button_is_pressed_by_its_words(guest: Guest) -> None:
    guest.say("説明")
    guest.post("/room/press", press="talk|")
    guest.bot.run(guest.bot.program.engine.rest)
    said = [(line.by, line.text) for line in guest.lines()]
    assert ("resident", "話す") in said
    assert guest.lines()[-1].buttons
    label = guest.lines()[-1].buttons[0]
    guest.press(label)
    assert label in [line.text for line in guest.lines() if line.by == "resident"]
    assert own(guest, RoomPress) == 2


def test_a_button_s_words_are_ours_and_not_what_a_browser_sends(guest: Guest) -> None:
    guest.post("/room/press", press="offer|yes", shown="<b>うそ</b>", words="うそ")
    guest.bot.run(guest.bot.program.engine.rest)
    assert all("うそ" not in line.text for line in guest.lines())
    assert own(guest, RoomPress) == 0


def test_a_button_s_words_outlive_a_crash_right_after_it_was_pressed(guest: Guest) -> None:
    """What was taken in is all there is: the process died before it answered, and another one works it off."""
    program = guest.bot.program
    fields = {"action": "talk", "argument": "", "shown": "話す"}
    seals = SimpleNamespace(keyring=program.keyring, clock=program.clock, new_id=new_id)
    sent = sealed(seals, guest.room, fresh_id(), "press", easy=None, **fields)

    async def take_in_only() -> None:
        await program.intake.store([sent.event])

    guest.bot.run(take_in_only)
    assert [(line.text, line.waits) for line in guest.lines()] == [("話す", True)]

    async def work_off() -> None:
        program.engine.wake(sent.event.conversation)
        await program.engine.rest()

    guest.bot.run(work_off)
    first, *_ = guest.lines()
    assert (first.by, first.text, first.key, first.waits) == ("resident", "話す", sent.key, False)


def test_what_is_no_button_does_nothing(guest: Guest) -> None:
    for press in ("", "x", "../|", "a|" + "b" * 300, "offer|\x00"):
        guest.post("/room/press", press=press)
    assert own(guest, Turn) == 0


def test_words_that_are_taken_back_are_gone_from_page_and_store(guest: Guest) -> None:
    guest.say("なかったことに したい言葉")
    (said, *_) = guest.lines()
    guest.post("/room/unsend", key=said.key)
    guest.bot.run(guest.bot.program.engine.rest)
    page = guest.page()
    assert "なかったことに" not in page
    assert "取り消しました" in page
    (row,) = guest.bot.rows(
        select(ResidentMessage.text_sealed, ResidentMessage.unsent_at).where(
            ResidentMessage.resident_id == guest.resident_id
        )
    )
    assert row.text_sealed is None
    assert row.unsent_at is not None


def test_nobody_takes_back_the_words_of_another(house: Bot, guest: Guest) -> None:
    guest.say("これは残ります")
    stranger = Guest(house)
    stranger.post("/room/unsend", key=guest.lines()[0].key)
    house.run(house.program.engine.rest)
    assert guest.lines()[0].text == "これは残ります"


def test_what_is_too_long_comes_back_whole_with_a_kind_sentence(guest: Guest) -> None:
    words = "長" * 10_001
    answer = guest.post("/room/say", status=413, text=words)
    assert words in answer.text
    assert "書いた言葉は、下にそのままあります" in answer.text
    assert own(guest, ResidentMessage) == 0
    assert guest.post("/room/say", status=413, headers=SCRIPT, text=words).json() == {"why": "too_long"}
    guest.say("長" * 10_000)
    assert own(guest, ResidentMessage) == 1


def test_line_breaks_of_a_form_count_once(guest: Guest) -> None:
    guest.say("一行め\r\n二行め\r\n")
    assert guest.lines()[0].text == "一行め\n二行め"


def test_nothing_is_sent_for_nothing(guest: Guest) -> None:
    for nothing in ("", "  ", "\r\n\r\n", "　"):
        guest.post("/room/say", text=nothing)
    assert own(guest, Turn) == 0


def test_a_script_is_told_the_key_under_which_the_page_has_it(guest: Guest) -> None:
    key = guest.say("こんにちは", status=200, headers=SCRIPT).json()["key"]
    assert guest.lines()[0].key == key


def test_strange_letters_come_through(guest: Guest) -> None:
    words = "\U0001f469\u200d\U0001f467 𠮷野家 \u202eabc\u202c ﷽ \x00 NUL"
    guest.say(words)
    assert "𠮷野家" in guest.lines()[0].text
    assert "\u202e" in guest.lines()[0].text


def test_long_talks_are_shown_in_parts(house: Bot) -> None:
    guest = Guest(house)
    for number in range(LINES):
        guest.program_said(f"その{number}です。")
    assert "その0です" in guest.page()
    assert "before=" not in guest.page()
    guest.program_said("もうひとつです。")
    newest = guest.page()
    earlier = re.search(r'href="(/room/\?before=[^"]+)"', newest)
    assert earlier is not None
    assert "その0です" not in newest
    before = guest.page(html.unescape(earlier[1]))
    assert "その0です" in before
    assert "<textarea" not in before
    for strange in ("x", "1e400", "nan", "-1", "99999999999999"):
        assert guest.http.get(f"/room/?before={strange}").status_code == 200


def test_a_button_to_a_page_of_ours_makes_a_way_that_works_once(house: Bot, guest: Guest) -> None:
    first, second = (guest.post("/room/open", page="private_page").headers["location"] for _ in range(2))
    assert first.startswith("/room/p/")
    assert first != second
    assert guest.http.get(second).status_code == 200
    assert guest.http.get(first).status_code == 404, "the newest one is enough"
    for other in ("room", "", "https://evil.example/"):
        assert guest.post("/room/open", page=other).headers["location"] == "/room/#newest"
