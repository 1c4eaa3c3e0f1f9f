"""Which letters go into the room, and when LINE may knock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config import aliases
from config.content import load_content
from handlers.deliver import knock_at, ways_of
from handlers.room.watchword import plain, proposal, weakness
from storage.ids import new_id
from storage.knocks import OnItsWay
from storage.sessions import TryKind, delay
from storage.tables import Channel, Place

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ME = new_id()
HOUR = timedelta(hours=1)
WORDS = load_content().door.watchwords


def letter(kind: str, channel: Channel = Channel.LINE, *, leased_by: object = None) -> OnItsWay:
    return OnItsWay(
        id=new_id(),
        kind=kind,
        channel=channel,
        created_at=NOW,
        next_try_at=NOW,
        leased_by=leased_by,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("kind", ["staff", "answer", "rights", "notice", "check_in"])
def test_what_is_about_the_talk_goes_where_it_is_held(kind: str) -> None:
    waiting = letter(kind)
    assert ways_of([waiting], Place.ROOM, process=ME).to_room == (waiting,)
    assert ways_of([waiting], Place.LINE, process=ME).to_line == (waiting,)


@pytest.mark.parametrize("kind", ["door", "crisis", "knock"])
def test_line_still_says_where_the_room_is_and_what_helps_in_danger(kind: str) -> None:
    waiting = letter(kind)
    assert ways_of([waiting], Place.ROOM, process=ME).to_line == (waiting,)


def test_what_was_said_in_the_room_is_answered_there_also_when_the_talk_has_moved() -> None:
    waiting = letter("answer", Channel.ROOM)
    assert ways_of([waiting], Place.LINE, process=ME).to_room == (waiting,)


def test_what_another_process_is_just_sending_is_left_to_it() -> None:
    waiting = letter("staff", leased_by=new_id())
    assert ways_of([waiting], Place.ROOM, process=ME).to_line == (waiting,)
    mine = letter("staff", leased_by=ME)
    assert ways_of([mine], Place.ROOM, process=ME).to_room == (mine,)


def test_an_answer_to_words_in_the_room_needs_no_knock_and_a_person_s_words_do() -> None:
    assert not ways_of([letter("answer", Channel.ROOM)], Place.ROOM, process=ME).worth_a_knock
    assert ways_of([letter("staff", Channel.ROOM)], Place.ROOM, process=ME).worth_a_knock
    moved = ways_of([letter("answer", Channel.LINE)], Place.ROOM, process=ME)
    assert moved.worth_a_knock, "whoever waits for it waits in LINE"


def test_knocks_keep_their_distance_and_wait_for_an_open_page() -> None:
    assert knock_at(NOW, None, every=3 * HOUR, open_for=None) == NOW
    assert knock_at(NOW, NOW - HOUR, every=3 * HOUR, open_for=None) == NOW + 2 * HOUR
    assert knock_at(NOW, NOW - 5 * HOUR, every=3 * HOUR, open_for=None) == NOW
    assert knock_at(NOW, None, every=3 * HOUR, open_for=timedelta(seconds=90)) == NOW + timedelta(seconds=90)


def test_a_watchword_is_the_same_however_it_is_written() -> None:
    spellings = (
        "でんわ すいか えほん",
        "デンワ・スイカ・エホン",
        "でんわすいかえほん",
        "ﾃﾞﾝﾜ ｽｲｶ ｴﾎﾝ",
        "でんわ、すいか。えほん！",
    )
    assert len({plain(word) for word in spellings}) == 1


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("すいか", "short"),
        ("す い か", "short"),
        ("1234567890", "numbers"),
        ("１２３４５６", "numbers"),
        ("あああああああ", "monotonous"),
        ("アイコトバ12", "common"),
        ("password1", "common"),
        ("あかるいりす", "name"),
        ("あかるい りす です", "name"),
        ("あ" * 300, "long"),
    ],
)
def test_what_others_would_think_of_is_no_watchword(word: str, why: str) -> None:
    assert weakness(word, name="あかるい りす", words=WORDS) == why


def test_what_is_proposed_will_always_do() -> None:
    for _ in range(200):
        word = proposal(WORDS)
        assert len(set(word.split())) == 3
        assert weakness(word, name="あかるい りす", words=WORDS) is None, word


def test_the_proposed_words_are_easy_to_write_and_many() -> None:
    assert len(set(WORDS.proposed)) == len(WORDS.proposed)
    assert all(plain(word) == word for word in WORDS.proposed)
    assert len(WORDS.proposed) ** 3 > 400_000


def test_nobody_waits_for_ever() -> None:
    for kind in (TryKind.ROOM, TryKind.ROOM_HERE, TryKind.ROOM_ADDRESS):
        assert delay(kind, 1) == timedelta(0)
        assert delay(kind, 10_000) <= timedelta(minutes=30)
        assert delay(kind, 100) > timedelta(0)


@pytest.mark.parametrize("typed", ["あかるいりす", "アカルイ　リス", " あかるい りす "])
def test_a_name_is_found_however_it_is_written(typed: str) -> None:
    assert aliases.spelled(typed) == "あかるい りす"
    assert aliases.spelled(typed.strip() + "１２") == "あかるい りす 12"


def test_what_is_no_name_stays_as_it_is() -> None:
    assert aliases.spelled("さとう はなこ") == "さとうはなこ"
    assert aliases.spelled("") == ""
