"""What was said as bubbles: buttons only at the end, cards that lead only where a page may lead."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dialogue.words import Card, Choice, Choices, Contact, Text
from handlers.room.bubbles import Shown, shown
from storage.room_talk import By, Line

ZONE = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 11, 26, 3, 5, tzinfo=UTC)
ASKED = Choices(
    text="どうしますか", options=(Choice(label="はい", action="offer", argument="yes", shown="はい、話したい"),)
)


def line(key: str, *messages: object, by: By = By.PROGRAM, text: str | None = None) -> Line:
    return Line(by=by, key=key, at=AT, messages=messages, text=text)  # type: ignore[arg-type]


def show(*lines: Line, newest: bool = True) -> list[Shown]:
    return shown(lines, zone=ZONE, newest=newest)


def test_only_the_newest_answer_has_its_buttons() -> None:
    old, new = show(line("a", ASKED), line("b", Text(text="はい"), ASKED))
    assert old.buttons == ()
    assert [(b.label, b.value, b.shown) for b in new.buttons] == [("はい", "offer|yes", "はい、話したい")]


def test_buttons_vanish_when_something_else_was_said() -> None:
    asked, said = show(line("a", ASKED), line("b", by=By.RESIDENT, text="じぶんの言葉で"))
    assert asked.buttons == said.buttons == ()


def test_the_way_to_the_room_is_not_offered_in_the_room() -> None:
    here = Choice(label="LINEではない部屋で話す", action="rights", argument="move")
    other = Choice(label="消す", action="erase")
    (asked,) = show(line("a", Choices(text="下から選べます", options=(other, here))))
    assert [button.label for button in asked.buttons] == ["消す"]


def test_earlier_pages_have_no_buttons() -> None:
    assert show(line("a", ASKED), newest=False)[0].buttons == ()


def test_a_card_leads_only_to_numbers_and_safe_pages() -> None:
    def place(uri: str) -> Contact:
        return Contact(name="窓口", uri=uri, shown="0120", hours="いつでも")

    uris = ["tel:0120279338", "https://example.jp/", "javascript:alert(1)", "http://example.jp/", "tel:1;x", "data:,x"]
    card = Card(notice="ご案内", title="番号", lines=(), contacts=tuple(place(uri) for uri in uris))
    ((bubble,),) = [one.bubbles for one in show(line("a", card))]
    assert [place.href for place in bubble.places] == ["tel:0120279338", "https://example.jp/", "", "", "", ""]


def test_only_own_words_that_are_still_there_can_be_taken_back() -> None:
    lines = [
        line("a", by=By.RESIDENT, text="ことば"),
        Line(by=By.RESIDENT, key="b", at=AT, unsent=True),
        Line(by=By.RESIDENT, key="c", at=AT, text="はい", pressed=True),
        line("d", Text(text="答え")),
        line("e", Text(text="職員"), by=By.STAFF),
    ]
    assert [one.can_unsend for one in show(*lines)] == [True, False, False, False, False]


def test_the_mark_changes_with_what_is_seen() -> None:
    marks = {show(line("a", by=By.RESIDENT, text=text))[0].mark for text in ("ひとつ", "ふたつ", "\ud800", "")} | {
        show(Line(by=By.RESIDENT, key="a", at=AT, unsent=True))[0].mark,
        show(line("a", ASKED))[0].mark,
    }
    assert len(marks) == 6


def test_times_are_of_the_desk_s_clock() -> None:
    assert show(line("a", Text(text="答え")))[0].time == "11/26 12:05"
