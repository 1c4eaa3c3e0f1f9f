"""A desk that is closed: who is in its room is told so, with numbers to call."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from road import Bot
from sqlalchemy import func, select
from two_desks import TwoAccounts, two_accounts
from visitor import Visitor

from config.contents import ruby
from config.contents.room import LANGUAGES
from storage.tables import InboxEvent

ENDED = "この窓口は終わりました"
STILL_THERE = "これまでのお話は読めます"


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[TwoAccounts]:
    with two_accounts(tmp_path) as both:
        both.open_both()
        yield both


@pytest.fixture
def bot(accounts: TwoAccounts, database_url: str) -> Iterator[Bot]:
    with accounts.program(database_url) as running:
        yield running


@pytest.fixture
def resident(bot: Bot) -> Visitor:
    """Somebody in a room of the desk that will close, who has said something."""
    visitor = Visitor(bot)
    visitor.press("/room/kita", "/room/kita/open")
    visitor.press("/room/", "/room/say", text="はじめの言葉です")
    bot.settle()
    return visitor


def close(bot: Bot, accounts: TwoAccounts, how: str) -> None:
    if how == "closed":
        accounts.write("minami", "kita", kita="words: kita\nclosed: true")
    else:
        accounts.write("minami")
    bot.run(bot.program.read_desks_anew)


def events(bot: Bot) -> int:
    ((count,),) = bot.rows(select(func.count()).select_from(InboxEvent))
    return int(count)


@pytest.mark.parametrize("how", ["left out", "closed"])
def test_the_room_of_a_closed_desk_says_so_and_takes_nothing(
    how: str, bot: Bot, accounts: TwoAccounts, resident: Visitor
) -> None:
    before = resident.look("/room/")
    stored = events(bot)
    close(bot, accounts, how)
    page = resident.look("/room/")
    assert ENDED in page
    assert "tel:119" in page
    assert "はじめの言葉です" in page
    assert 'action="/room/say"' not in page
    assert 'name="press"' not in page
    # Somebody had the page open, and sends: nothing is swallowed, and the words come back.
    refused = resident.send(before, "/room/say", status=410, text="<もう死にたい>")
    assert ENDED in refused.text
    assert "&lt;もう死にたい&gt;" in refused.text
    pressed = resident.send(before, "/room/press", status=410, press="talk|")
    assert ENDED in pressed.text
    assert events(bot) == stored


def test_whoever_comes_to_its_door_is_told_so_too(bot: Bot, accounts: TwoAccounts) -> None:
    close(bot, accounts, "closed")
    for path in ("/room/kita", "/room/kita/enter"):
        answer = httpx.get(f"{bot.settings.own_address}{path}", headers={"accept-language": "ja"})
        assert answer.status_code == 404
        assert ENDED in answer.text
        assert "tel:119" in answer.text
    nowhere = httpx.get(f"{bot.settings.own_address}/room/nowhere")
    assert (nowhere.status_code, ENDED in nowhere.text) == (404, False)


def test_only_who_has_talked_is_told_that_the_talk_can_still_be_read(
    bot: Bot, accounts: TwoAccounts, resident: Visitor
) -> None:
    silent = Visitor(bot)
    silent.press("/room/kita", "/room/kita/open")
    bot.settle()
    resident.press("/room/", "/room/unsend", key=resident.look("/room/").split('name="key" value="')[1].split('"')[0])
    bot.settle()
    close(bot, accounts, "closed")
    assert STILL_THERE in resident.look("/room/")
    assert STILL_THERE in silent.look("/room/"), "the program has said who it is"
    assert STILL_THERE not in Visitor(bot).look("/room/kita", status=404)


def test_the_door_of_a_closed_desk_tells_in_every_language_only_what_is_there(bot: Bot, accounts: TwoAccounts) -> None:
    close(bot, accounts, "closed")
    for language in ("ja", *LANGUAGES):
        words = bot.program.desks["kita"].content.room.words(language, easy=False).trouble
        shown = httpx.get(f"{bot.settings.own_address}/room/kita", headers={"accept-language": language})
        page = html.unescape(re.sub(r"<[^>]+>", "", shown.text))
        assert ruby.plain(words.ended_call) in page, language
        assert ruby.plain(words.ended_kept) not in page, language


def test_a_word_can_still_be_taken_back(bot: Bot, accounts: TwoAccounts, resident: Visitor) -> None:
    close(bot, accounts, "closed")
    page = resident.look("/room/")
    key = page.split('name="key" value="')[1].split('"')[0]
    resident.send(page, "/room/unsend", key=key)
    bot.settle()
    assert "はじめの言葉です" not in resident.look("/room/")


def test_a_desk_that_is_only_wrong_has_not_ended(bot: Bot, accounts: TwoAccounts, resident: Visitor) -> None:
    """It was not there at the start, because of a mistake in its words: soon somebody puts it right."""
    shown = resident.look("/room/")
    installation = bot.program.installation

    async def away() -> None:
        installation.taking_in.become({"minami": installation.everybody["minami"]})
        installation.refused.become({"kita": ("desks.yaml 5行目: …",)})

    bot.run(away)
    refused = resident.send(shown, "/room/say", status=503, text="聞いてください")
    for page in (refused.text, resident.look("/room/")):
        assert 'class="ended"' not in page
        assert 'action="/room/say"' in page
    assert "聞いてください" in refused.text
