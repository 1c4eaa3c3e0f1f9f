"""The words of the room's page: whole in every language, and never speaking of buttons that are not there."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from config.content import ContentError, load_content
from config.contents.room import CELLS, LANGUAGES
from config.contents.wording import sentences
from config.richmenu import rich_menu

CONTENT = load_content()
ROOM = CONTENT.room
FOREIGN = [text for words in CONTENT.languages.values() for text in (words.notice, words.danger)]
#: Buttons and lists of LINE's own, which the room has not.
LINES_OWN = "送信取消|ブロック|一覧|一らん|「削除|この ?トーク|block|屏蔽|차단|chặn|bloque|ब्लक"
SAID = [text for key, text in sentences(CONTENT) if key[0] != "door"] + FOREIGN


def test_every_sentence_that_is_said_otherwise_in_the_room_is_one_of_ours() -> None:
    unused = [each.says for each in ROOM.instead if not any(each.says in text for text in SAID)]
    assert unused == []


def test_nothing_in_the_room_speaks_of_line_s_own_buttons() -> None:
    found = [text for text in SAID if re.search(LINES_OWN, ROOM.here(text))]
    assert found == []


def test_in_the_room_the_way_back_to_line_does_not_take_the_room_for_line() -> None:
    for name, untrue in (
        ("line", "ここがLINE|ここが LINE|へやから もどる|部屋に移った"),
        ("move", "これからは|いままで|ここまで"),
    ):
        said = CONTENT.rights[name]
        assert [text for text in (*said.plain, *said.elder, *said.kana) if re.search(untrue, ROOM.here(text))] == []


def test_whoever_is_watched_is_not_told_to_merely_close_the_page() -> None:
    # A closed page can be opened again from the history; only 「すぐ閉じる」 ends the room in this browser.
    watched = [*CONTENT.crisis.watched.plain, *CONTENT.crisis.watched.kana]
    closing = [text for text in watched if re.search("閉じ|とじ", text)]
    assert closing
    assert [text for text in closing if "すぐ閉じる" not in ROOM.here(text)] == []


def test_what_is_said_instead_fits_into_the_same_bubble() -> None:
    assert [text for text in SAID if len(ROOM.here(text)) > len(text) + 15] == []


def test_the_cells_are_those_of_the_menu() -> None:
    assert tuple(cell.action for cell in rich_menu().cells) == CELLS


def test_an_unknown_language_is_japanese_and_easy_is_only_japanese() -> None:
    assert ROOM.words("xx", easy=False) is ROOM.ja
    assert ROOM.words("ja", easy=True) is ROOM.easy
    assert ROOM.words("en", easy=True) is ROOM.languages["en"].words
    assert set(ROOM.languages) == set(LANGUAGES)


def test_nobody_is_told_what_has_not_been_reviewed_without_a_warning() -> None:
    warned = [text for text in CONTENT.warnings(dt.date(2026, 11, 26)) if text.startswith("room.yaml")]
    assert [text.count("(") for text in warned] == [sum(not page.reviewed for page in ROOM.languages.values())]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("leave_to: http://example.jp/\n", "https"),
        ("ja: {menu: 品書き}\n", "ふりがながいります"),
        ("ja: {menu: '品書《しながき'}\n", "余った印"),
        ("languages: {en: {words: {cells: {talk: ''}}}}\n", "空にしたり"),
        ("nonsense: 1\n", "ここにはありません"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, written: str, why: str) -> None:
    (tmp_path / "room.yaml").write_text(written, encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(why)):
        load_content(overrides=tmp_path)
