"""Ways into a room: nobody is let in by looking, a used link is worth nothing, and nobody learns who has a room."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from road import Bot
from sqlalchemy import func, select, update
from visitor import Visitor, link_for, on_line

from handlers.clock.rooms import Rooms
from handlers.room.limits import RATES, Limit
from storage.database import Connection
from storage.room_tables import Room, RoomLink, RoomSession
from storage.tables import Resident

GOOD = "でんわ すいか えほん"
ENTER = "/room/default/enter"
WEAK = ("かいわ", "12345678", "ああああああああ", "あいことば", "パスワード", "さくら さくら")


def count(bot: Bot, table: type) -> int:
    (row,) = bot.rows(select(func.count().label("many")).select_from(table))
    return int(row.many)


def test_a_preview_neither_uses_nor_binds_a_link(house: Bot) -> None:
    path = link_for(house, on_line(house))
    for _ in range(3):
        assert "ひらく" in Visitor(house).look(path)
    head = Visitor(house).http.head(path)
    assert head.status_code in {200, 405}
    resident = Visitor(house)
    resident.press(path, path)
    assert resident.is_inside


def test_a_link_opens_one_browser_and_nothing_afterwards(house: Bot) -> None:
    path = link_for(house, on_line(house))
    first, second = Visitor(house), Visitor(house)
    seen_early = second.look(path)
    first.press(path, path)
    assert first.is_inside
    late = second.send(seen_early, path, status=410)
    assert "もう つかえません" in late.text
    assert not second.is_inside


def test_of_many_who_press_at_once_one_is_let_in(house: Bot) -> None:
    path = link_for(house, on_line(house))
    visitors = [Visitor(house) for _ in range(6)]
    pages = [visitor.look(path) for visitor in visitors]

    def press(number: int) -> int:
        token = re.search(r'name="token" value="([0-9a-f]+)"', pages[number])
        assert token is not None
        return visitors[number].http.post(path, data={"token": token[1]}).status_code

    with ThreadPoolExecutor(6) as pool:
        found = sorted(pool.map(press, range(6)))
    assert found == [303, 410, 410, 410, 410, 410]


def test_a_guessed_link_says_the_same_as_an_old_one(house: Bot) -> None:
    old, guessed = link_for(house, on_line(house), minutes=-1), "/room/go/" + "A" * 43
    pages = [Visitor(house).look(path, status=410).replace(path, "") for path in (old, guessed)]
    plain = [re.sub(r'value="[0-9a-f]+"', "", page) for page in pages]
    assert plain[0] == plain[1]
    sent = Visitor(house).press(guessed, f"{guessed}/again", status=200).text
    assert "LINEを" in sent


def test_tries_of_links_are_limited_by_address(house: Bot) -> None:
    guesser = Visitor(house, address="203.0.113.9")
    shown = guesser.look("/room/default")
    token = re.search(r'name="token" value="([0-9a-f]+)"', shown)
    assert token is not None
    codes = {
        guesser.http.post(f"/room/go/{number:043d}", data={"token": token[1]}).status_code
        for number in range(RATES[Limit.TRY].burst + 5)
    }
    assert 429 in codes
    path = link_for(house, on_line(house))
    neighbour = Visitor(house, address="203.0.113.10")
    neighbour.press(path, path)
    assert neighbour.is_inside


def test_a_form_of_another_browser_opens_nothing(house: Bot) -> None:
    path = link_for(house, on_line(house))
    mine, theirs = Visitor(house), Visitor(house)
    shown = mine.look(path)
    theirs.look(path)
    theirs.send(shown, path, status=403)
    assert not theirs.is_inside


def test_a_page_elsewhere_cannot_press_the_button(house: Bot) -> None:
    path = link_for(house, on_line(house))
    visitor = Visitor(house)
    token = re.search(r'name="token" value="([0-9a-f]+)"', visitor.look(path))
    assert token is not None
    answer = visitor.http.post(path, data={"token": token[1]}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert not visitor.is_inside


def test_a_session_somebody_else_fixed_is_never_good(house: Bot) -> None:
    path = link_for(house, on_line(house))
    visitor = Visitor(house)
    chosen = {"cookie": "room=chosen-by-somebody-else"}
    token = re.search(r'name="token" value="([0-9a-f]+)"', visitor.look(path))
    assert token is not None
    visit = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.http.cookies.jar)
    headers = {"cookie": f"{chosen['cookie']}; {visit}"}
    answer = visitor.http.post(path, data={"token": token[1]}, headers=headers)
    assert answer.status_code == 303
    assert "chosen-by-somebody-else" not in answer.headers["set-cookie"]
    other = Visitor(house)
    other.http.cookies.set("room", "chosen-by-somebody-else", path="/room")
    assert not other.is_inside


def test_entering_another_room_ends_the_session_before(house: Bot) -> None:
    visitor = Visitor(house)
    visitor.open_room()
    before = next(cookie.value for cookie in visitor.http.cookies.jar if cookie.name == "room")
    path = link_for(house, on_line(house))
    visitor.press(path, path)
    old = Visitor(house)
    old.http.cookies.set("room", before or "", path="/room")
    assert not old.is_inside


def test_the_leaflet_makes_nothing_before_its_button_is_pressed(house: Bot) -> None:
    before = count(house, Resident)
    visitor = Visitor(house)
    assert "はじめて" in visitor.look("/room/default")
    assert count(house, Resident) == before
    visitor.open_room()
    assert count(house, Resident) == before + 1
    assert "プログラム" in visitor.look("/room/"), "the program says first who it is"


def test_an_unknown_desk_has_no_door(house: Bot) -> None:
    assert Visitor(house).http.get("/room/nowhere").status_code == 404
    assert Visitor(house).http.get("/room/nowhere/enter").status_code == 404


def test_no_page_leads_elsewhere(house: Bot) -> None:
    visitor = Visitor(house)
    for path in ("/room/default?next=//evil.example", "/room/default/enter?next=https://evil.example"):
        assert "evil" not in visitor.look(path)
    shown = visitor.look("/room/default")
    answer = visitor.send(shown, "/room/default/open?next=//evil.example")
    assert answer.headers["location"] == "/room/"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_watchword_leads_back_after_the_browser_was_closed(house: Bot) -> None:
    visitor = Visitor(house)
    visitor.open_room()
    name = visitor.set_watchword(GOOD)
    visitor.http.get("/room/away")
    assert not visitor.is_inside
    later = Visitor(house)
    for typed, word in ((name.replace(" ", ""), "デンワ・スイカ・エホン"), (name, GOOD)):
        later.press(ENTER, ENTER, name=typed, word=word)
        assert later.is_inside


def test_a_wrong_word_and_an_unknown_room_are_answered_alike(house: Bot) -> None:
    visitor = Visitor(house)
    visitor.open_room()
    name = visitor.set_watchword(GOOD)
    pages = []
    for given in (name, "みどりの りす 9999"):
        answer = Visitor(house).press(ENTER, ENTER, status=403, name=given, word="ちがう")
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert pages[0] == pages[1]


def test_whoever_guesses_has_to_wait_and_others_do_not(house: Bot) -> None:
    visitor = Visitor(house)
    visitor.open_room()
    name = visitor.set_watchword(GOOD)
    guesser = Visitor(house, address="198.51.100.1")
    answers = [guesser.press(ENTER, ENTER, status=403, name=name, word=f"まちがい{number}").text for number in range(7)]
    assert "待" in answers[-1]
    right = guesser.press(ENTER, ENTER, status=403, name=name, word=GOOD)
    assert not guesser.is_inside, right.status_code
    elsewhere = Visitor(house, address="198.51.100.2")
    elsewhere.press(ENTER, ENTER, name=name, word=GOOD)
    assert elsewhere.is_inside


@pytest.mark.parametrize(
    "word", ["かいわ", "12345678", "ああああああああ", "あいことば", "パスワード", "さくら さくら"]
)
def test_a_weak_watchword_is_refused_with_advice(house: Bot, word: str) -> None:
    visitor = Visitor(house)
    visitor.open_room()
    answer = visitor.press("/room/watchword", "/room/watchword", status=422, word=word)
    assert 'role="alert"' in answer.text


def test_a_new_watchword_puts_every_other_browser_out(house: Bot) -> None:
    visitor = Visitor(house)
    visitor.open_room()
    name = visitor.set_watchword(GOOD)
    other = Visitor(house)
    other.press(ENTER, ENTER, name=name, word=GOOD)
    assert other.is_inside
    visitor.set_watchword("くつした かるた ふうりん")
    assert visitor.is_inside
    assert not other.is_inside
    Visitor(house).press(ENTER, ENTER, status=403, name=name, word=GOOD)


def test_a_locked_room_asks_for_the_watchword_behind_the_button_of_line(house: Bot) -> None:
    resident_id = on_line(house)
    visitor = Visitor(house)
    path = link_for(house, resident_id)
    visitor.press(path, path)
    visitor.set_watchword(GOOD, lock="on")
    path = link_for(house, resident_id)
    other = Visitor(house)
    asked = other.press(path, path, status=200)
    assert "合言葉で ひらきます" in asked.text
    assert not other.is_inside
    other.send(asked.text, path, status=403, word="ちがう ことば です")
    other.press(path, path, word=GOOD)
    assert other.is_inside
    late = Visitor(house)
    late.look(path, status=410)


def test_a_guarded_room_without_a_watchword_shows_nothing_that_was_said_before(house: Bot) -> None:
    resident_id = on_line(house)
    first = Visitor(house)
    path = link_for(house, resident_id)
    first.press(path, path)
    house.run(house.program.engine.rest)
    token = re.search(r'name="token" value="([0-9a-f]+)"', first.look("/room/"))
    assert token is not None
    first.http.post("/room/say", data={"token": token[1], "text": "夫に殴られました。ひすい色のあざがあります"})
    house.run(house.program.engine.rest)
    assert "ひすい色" in first.look("/room/")
    path = link_for(house, resident_id)
    husband = Visitor(house)
    husband.press(path, path)
    shown = husband.look("/room/")
    assert "ひすい色" not in shown
    token = re.search(r'name="token" value="([0-9a-f]+)"', shown)
    assert token is not None
    sheet = husband.http.post("/room/open", data={"token": token[1], "page": "private_page"})
    assert sheet.status_code == 403, "nor does a button of his own making lead to the sheet"
    assert "location" not in sheet.headers
    assert "ひすい色" in first.look("/room/"), "who wrote it still sees it"


def form_token(visitor: Visitor) -> str:
    token = re.search(r'name="token" value="([0-9a-f]+)"', visitor.look("/room/"))
    assert token is not None
    return token[1]


def test_an_old_button_to_the_sheet_in_a_guarded_room_says_why_it_does_not_open(house: Bot) -> None:
    resident_id = on_line(house)
    visitor = Visitor(house)
    path = link_for(house, resident_id)
    visitor.press(path, path)
    visitor.press("/room/", "/room/say", text="夫に殴られました")
    house.run(house.program.engine.rest)
    refused = visitor.http.post("/room/open", data={"token": form_token(visitor), "page": "private_page"})
    assert refused.status_code == 403
    assert "ほかの人に見られないように、このページは、ここでは開きません" in refused.text
    talk, foot = refused.text.split('<footer class="foot">')
    assert 'class="problem"' in foot, "beside the place to write: the page opens at its end"
    assert 'class="problem"' not in talk
    assert 'action="/room/say"' in foot, "the talk goes on"
    assert "殴" not in refused.text.split('role="log"')[0], "and why it is guarded is not said"


def test_a_crowd_is_sent_away_and_others_are_not_slowed(house: Bot) -> None:
    flood = Visitor(house, address="192.0.2.77")
    shown = flood.look("/room/default")
    token = re.search(r'name="token" value="([0-9a-f]+)"', shown)
    assert token is not None
    before = count(house, Resident)
    codes = [flood.http.post("/room/default/open", data={"token": token[1]}).status_code for _ in range(60)]
    assert codes.count(429) >= 20
    assert count(house, Resident) - before <= RATES[Limit.NEW_ROOM].burst + 2
    assert count(house, RoomSession) > 0
    assert count(house, RoomLink) > 0
    neighbour = Visitor(house, address="192.0.2.78")
    neighbour.open_room()
    assert neighbour.is_inside


def test_a_room_in_which_nobody_wrote_is_gone_after_a_day(house: Bot) -> None:
    empty, named, told = Visitor(house), Visitor(house), Visitor(house)
    for visitor in (empty, named, told):
        visitor.open_room()
    named.set_watchword(GOOD)
    token = re.search(r'name="token" value="([0-9a-f]+)"', told.look("/room/"))
    assert token is not None
    told.http.post("/room/say", data={"token": token[1], "text": "こんばんは"})
    house.run(house.program.engine.rest)
    program = house.program
    later = Rooms(database=program.database, engine=program.engine, clock=lambda: program.clock() + timedelta(hours=26))
    before = {row.id for row in house.rows(select(Resident.id).where(Resident.erase_at.is_not(None)))}
    house.run(later.tidy)
    gone = {row.id for row in house.rows(select(Resident.id).where(Resident.erase_at.is_not(None)))} - before
    rooms = house.rows(select(Room.resident_id, Room.watchword_hash).order_by(Room.created_at))[-3:]
    assert [room.resident_id in gone for room in rooms] == [True, False, False]


def test_a_room_somebody_still_looks_at_is_not_taken_from_under_them(house: Bot) -> None:
    Visitor(house).open_room()
    program = house.program

    async def looked_a_day_later(connection: Connection) -> None:
        newest = select(Room.id).order_by(Room.created_at.desc()).limit(1).scalar_subquery()
        seen = update(RoomSession).where(RoomSession.room_id == newest)
        await connection.execute(seen.values(seen_at=program.clock() + timedelta(hours=20)))

    house.within(looked_a_day_later)
    gone = []
    for hours in (26, 46):
        at = timedelta(hours=hours)
        clock = partial(lambda by: program.clock() + by, at)
        house.run(Rooms(database=program.database, engine=program.engine, clock=clock).tidy)
        (room,) = house.rows(
            select(Resident.erase_at)
            .join(Room, Room.resident_id == Resident.id)
            .order_by(Room.created_at.desc())
            .limit(1)
        )
        gone.append(room.erase_at is not None)
    assert gone == [False, True]
