"""`tsunagu talk`: the program's own answers at the terminal, with their reasons, through pipes and a real terminal."""

from __future__ import annotations

import datetime as dt
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from bot_cast import shared_listener
from hypothesis import given
from hypothesis import strategies as st

from bot.talking.cells import beside, clean, hang, width, wrap
from bot.talking.commands import HELP, SENDS, Command, Name, NotUnderstood, Words, burst, moment, parse, pick, span
from bot.talking.conversation import Talk
from bot.talking.golden import BEGINS
from bot.talking.session import ContentFiles, Session
from config.content import ContentError
from config.richmenu import rich_menu
from dialogue import State

TUESDAY_10 = BEGINS["day"]
DIALOGUE = Path(__file__).resolve().parents[1] / "dialogue"
HUNGRY = "家賃が払えなくて、きのうから何も食べてない"


def sitting(words: Path | None = None, *, at: dt.datetime = TUESDAY_10, cells: int = 120) -> Session:
    return Session(ContentFiles(words), shared_listener(), Talk(now=at), cells=lambda: cells)


def say(session: Session, *lines: str) -> str:
    """What stands on the screen after the last line."""
    shown: list[str] = []
    for line in lines:
        shown = session.take(line)
    return "\n".join(shown)


def piped(lines: str | bytes, folder: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    """The command as people run it, with lines from a pipe."""
    tsunagu = Path(sys.executable).with_name("tsunagu")
    given_lines = lines.encode() if isinstance(lines, str) else lines
    return subprocess.run([tsunagu, "talk", *options], input=given_lines, capture_output=True, cwd=folder, timeout=60)


class TestThroughPipes:
    def test_each_line_is_one_message_and_the_reasons_stand_beside_the_answer(self, tmp_path: Path) -> None:
        ended = piped(f"{HUNGRY}\n水は飲める\n", tmp_path, "--at", "2026-11-24 10:00")
        shown = ended.stdout.decode()
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert [line[:6] for line in shown.splitlines() if line.startswith("──")] == ["── 1 ─", "── 2 ─", "── 3 ─"]
        for reason in ("生活困窮 poverty", "緊急 urgent lifeline", "AlertStaff level=urgent", "ミリ秒", "0120-279-338"):
            assert reason in shown
        assert list(tmp_path.iterdir()) == []

    def test_bytes_that_are_no_letters_end_nothing(self, tmp_path: Path) -> None:
        ended = piped(b"\xff\xfe\n\x1b[2J\x00\n/\n//x\n" + "つらい\n".encode(), tmp_path)
        assert ended.returncode == 0
        assert b"\x1b" not in ended.stdout
        assert "つらい" in ended.stdout.decode()

    def test_it_ends_at_its_word_and_at_the_end_of_the_pipe(self, tmp_path: Path) -> None:
        ended = piped("/おわり\nまだいます\n", tmp_path)
        assert ended.returncode == 0
        assert "まだいます" not in ended.stdout.decode()

    def test_a_wrong_beginning_is_refused(self, tmp_path: Path) -> None:
        late = piped("", tmp_path, "--at", "あした")
        assert (late.returncode, late.stderr.decode()[:5]) == (2, "--at:")
        nowhere = piped("", tmp_path, "--words", "nowhere")
        assert (nowhere.returncode, "nowhere" in nowhere.stderr.decode()) == (2, True)


def test_at_a_real_terminal_it_greets_and_takes_lines(tmp_path: Path) -> None:
    person, program = pty.openpty()
    tsunagu = Path(sys.executable).with_name("tsunagu")
    process = subprocess.Popen([tsunagu, "talk"], stdin=program, stdout=program, stderr=program, cwd=tmp_path)
    os.close(program)
    os.write(person, "ねむれない\n/おわり\n".encode())
    seen = b""
    while True:
        try:
            part = os.read(person, 65_536)
        except OSError:
            break  # The program has let go of the terminal.
        if not part:
            break
        seen += part
    assert process.wait(30) == 0
    os.close(person)
    shown = seen.decode()
    assert "何も保存しません" in shown
    assert "区分" in shown


def test_the_same_lines_give_the_same_words() -> None:
    def words() -> list[str]:
        return [line for line in say(sitting(), "仕事が続かない").splitlines() if "ミリ秒" not in line]

    assert words() == words()


class TestCommands:
    def test_an_offered_answer_is_pressed_by_number_or_by_its_words(self) -> None:
        session = sitting()
        say(session, "/メニュー 設定")
        assert "[覚えていることを見る]" in say(session, "/押す １")
        say(session, "/メニュー 設定")
        assert "[相談員と話したい]" in say(session, "/押す 相談員と話したい")

    def test_every_cell_of_the_menu_is_answered(self) -> None:
        for number in range(1, len(rich_menu().cells) + 1):
            session = sitting()
            session.follow()
            assert "つなぐ  (何も言わない)" not in say(session, f"/メニュー {number}")

    def test_a_press_with_nothing_to_press_is_told(self) -> None:
        assert "いま押せる返事の候補はありません" in say(sitting(), "/押す 1")
        assert "1から5の番号" in say(sitting(), "/メニュー 設定", "/押す 9")

    def test_the_clock_decides_who_reads(self) -> None:
        session = sitting()
        assert "相談員のいない時間" in say(session, "/時刻 2026-12-31 23:50")
        assert session.talk.now == dt.datetime(2026, 12, 31, 14, 50, tzinfo=dt.UTC)
        assert "2027/01/03(日) 23:50" in say(session, "/待つ 3日")
        assert "年までに" in say(session, "/時刻 9999-12-31 23:59")
        assert "年までに" in say(session, "/待つ 9999週")

    def test_one_step_back_forgets_the_last_turn_whole(self) -> None:
        session = sitting()
        session.follow()
        before = session.talk
        say(session, HUNGRY, "/戻る")
        assert session.talk == before
        say(session, "/戻る")
        assert session.talk.turns == ()
        assert "これより前はありません" in say(session, "/戻る")

    def test_somebody_new_begins_with_nothing(self) -> None:
        session = sitting()
        say(session, HUNGRY, "/最初から")
        assert session.talk.state == State.new()
        assert session.talk.known.to_json()["concerns"] == []

    def test_a_burst_is_answered_once(self) -> None:
        shown = say(sitting(), "/続けて 八十の母がいます | 兄が五十で、ずっと部屋に | 疲れました")
        assert shown.count("── 1 ──") == 1
        assert "疲れました" in shown

    def test_coming_and_going(self) -> None:
        session = sitting()
        session.follow()
        assert "何も言わない" in say(session, "/ブロック")
        assert "おかえりなさい" in say(session, "/追加")
        assert "何も言わない" in say(session, "/取消")
        assert "山田" in say(session, "/相談員 相談員の山田")
        assert "何も言わない" in say(session, "こんにちは")
        assert "何も言わない" not in say(session, "/相談員終わり 無言")

    def test_a_check_in_comes_when_it_is_asked_for_and_a_third_one_never(self) -> None:
        session = sitting()
        assert "しんどい" not in say(session, "/追加", "人と話したい", "/お便り")
        assert "だいたい週に1回、昼に" in say(session, "お便りがほしい", "週に1回", "昼")
        first = say(session, "/待つ 7日", "/お便り 先日はありがとうございました。")
        assert "先日はありがとうございました。" in first
        assert "しんどい" in first
        assert "お便りを終わりにする" in say(session, "/待つ 3日", "/お便り 二度目")
        assert "しんどい" not in say(session, "/待つ 3日", "/お便り")
        assert "お便り：週に1回、昼" in say(sitting(), "/追加", "お便りがほしい", "週に1回", "昼", "何を覚えていますか")

    def test_what_is_remembered_can_be_looked_at(self) -> None:
        shown = say(sitting(), HUNGRY, "/状態")
        assert '"version"' in shown
        assert "lifeline" in shown

    @pytest.mark.parametrize("name", SENDS)
    def test_what_comes_without_words_is_sent(self, name: str) -> None:
        assert f"({name})" in say(sitting(), f"/{name}")

    def test_an_unknown_command_is_told_and_the_talk_goes_on(self) -> None:
        session = sitting()
        assert "「/飛ぶ」という命令はありません" in say(session, "/飛ぶ")
        assert session.talk.turns == ()
        assert not session.ended

    def test_the_help_names_every_command(self) -> None:
        for name in set(Name) - {Name.WORDLESS, Name.HELP}:
            assert f"/{name.value}" in HELP
        assert say(sitting(), "/助け") == HELP

    def test_after_an_erasure_nothing_is_known(self) -> None:
        session = sitting()
        say(session, HUNGRY, "消して", "はい")
        assert session.talk.state.erasing is not None
        say(session, "/待つ 4日", "こんにちは")
        assert session.talk.known.assessment.concerns == ()


class TestContent:
    @pytest.fixture
    def words(self, tmp_path: Path) -> Path:
        folder = tmp_path / "words"
        folder.mkdir()
        (folder / "desk.yaml").write_text("organisation: 北町社会福祉協議会\n", encoding="utf-8")
        return folder

    def test_words_are_read_again_when_they_change(self, words: Path) -> None:
        session = sitting(words)
        assert "北町" in "\n".join(session.follow())
        (words / "desk.yaml").write_text("organisation: 南町の社会福祉協議会\n", encoding="utf-8")
        shown = say(session, "/メニュー 案内")
        assert "文面を読み直しました" in shown
        assert "読み直しました" not in say(session, "説明")
        assert "南町" in "\n".join(session.take("/最初から") + session.take("/追加"))

    def test_wrong_words_are_told_with_file_and_line_and_the_old_ones_go_on(self, words: Path) -> None:
        session = sitting(words)
        (words / "desk.yaml").write_text("organisation: 南町の社協\nopening: soon\n", encoding="utf-8")
        shown = say(session, "こんにちは")
        assert "前の文面のまま" in shown
        assert "desk.yaml 2行目" in shown
        assert "つなぐ" in shown
        assert "desk.yaml" not in say(session, "こんばんは")
        assert "北町" in "\n".join(session.take("/最初から") + session.take("/追加"))

    def test_wrong_words_at_the_start_are_refused(self, words: Path) -> None:
        (words / "desk.yaml").write_text("opening: soon\n", encoding="utf-8")
        with pytest.raises(ContentError, match=r"desk\.yaml 1行目"):
            ContentFiles(words)
        assert piped("", words.parent, "--words", "words").returncode == 2


class TestSaving:
    @pytest.fixture
    def replay(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
        """The golden conversations' own runner."""
        monkeypatch.syspath_prepend(DIALOGUE)
        import test_conversations

        return test_conversations.test_conversation_goes_as_written

    LINES = (
        "/追加",
        HUNGRY,
        "/待つ 2日",
        "/スタンプ",
        "/続けて 母は八十です | 兄が五十でずっと家にいます",
        "/メニュー 設定",
        "/押す 1",
        "/時刻 2026-11-26 22:00",
        "/相談員",
        "番号もう一回",
        "/相談員終わり",
        "ここ、「誰」が読むの: # 秘密?",
        "/取消",
        "/ブロック",
        "/追加",
    )

    @pytest.mark.parametrize("begin", [*BEGINS.values(), dt.datetime(2027, 1, 2, 3, 4, tzinfo=dt.UTC)])
    def test_a_saved_talk_is_a_golden_conversation_that_holds(
        self, tmp_path: Path, replay: Callable[[dict[str, Any]], None], begin: dt.datetime
    ) -> None:
        session = sitting(at=begin)
        say(session, *self.LINES)
        assert "書きました" in say(session, f"/保存 {tmp_path / 'talks.yaml'} 家賃と 食事")
        assert "書きました" in say(session, f"/保存 {tmp_path / 'talks.yaml'} もう一度")
        first, second = yaml.safe_load((tmp_path / "talks.yaml").read_text(encoding="utf-8"))
        assert (first["title"], second["title"]) == ("家賃と 食事", "もう一度")
        assert len(first["turns"]) == len(session.talk.turns)
        replay(first)

    def test_what_is_no_collection_of_talks_is_never_overwritten(self, tmp_path: Path) -> None:
        session = sitting()
        file = tmp_path / "shopping.yaml"
        file.write_text("- milk\n", encoding="utf-8")
        assert "まだ何も話していません" in say(session, f"/保存 {file}")
        assert "見本のファイルではない" in say(session, "こんにちは", f"/保存 {file}")
        assert file.read_text(encoding="utf-8") == "- milk\n"
        assert "書けませんでした" in say(session, f"/保存 {tmp_path / 'none' / 'talk.yaml'}")
        assert "/保存 FILE 題" in say(session, "/保存")
        new = tmp_path / "talk.yaml"
        say(session, f"/保存 {new}")
        assert "別の題を" in say(session, f"/保存 {new}")


class TestLines:
    def test_a_line_is_words_or_a_command(self) -> None:
        assert parse("つらい\n") == Words(text="つらい")
        assert parse("//番号") == Words(text="/番号")
        assert parse("／押す　２") == Command(name=Name.PRESS, rest="２")
        assert parse(" \n") is None
        with pytest.raises(NotUnderstood):
            parse("/")

    @given(st.text())
    def test_any_line_is_understood_or_refused_in_words(self, line: str) -> None:
        try:
            parse(line)
        except NotUnderstood as error:
            assert str(error)

    @pytest.mark.parametrize(
        ("text", "minutes"), [("3日", 4320), ("２時間３０分", 150), ("1週間", 10_080), ("1日 2時間", 1560), ("5分", 5)]
    )
    def test_spans(self, text: str, minutes: int) -> None:
        assert span(text) == dt.timedelta(minutes=minutes)

    @pytest.mark.parametrize("text", ["", "3", "日", "3日後", "-1日", "99999日"])
    def test_what_is_no_span(self, text: str) -> None:
        with pytest.raises(NotUnderstood):
            span(text)

    def test_moments(self) -> None:
        here = TUESDAY_10.astimezone(dt.timezone(dt.timedelta(hours=9)))
        assert moment("2026-12-31 23:50", here).isoformat() == "2026-12-31T23:50:00+09:00"
        assert moment("２０２６/12/31　9:05", here).isoformat() == "2026-12-31T09:05:00+09:00"
        assert moment("8:00", here).isoformat() == "2026-11-24T08:00:00+09:00"
        for wrong in ("", "あした", "2026-13-01 10:00", "25:00", "2026-12-31"):
            with pytest.raises(NotUnderstood):
                moment(wrong, here)

    def test_buttons_and_bursts(self) -> None:
        assert pick("2", ("はい", "いいえ"), "ボタン") == 1
        assert pick("はい", ("はい", "いいえ"), "ボタン") == 0
        assert burst("一つ | 二つ｜三つ") == ("一つ", "二つ", "三つ")
        with pytest.raises(NotUnderstood):
            burst(" | ")


class TestCells:
    def test_a_japanese_letter_takes_two_cells(self) -> None:
        assert [width(text) for text in ("abc", "相談", "ｶﾞ", "が", "")] == [3, 4, 2, 2, 0]

    def test_lines_break_between_letters_but_not_before_a_closing_mark(self) -> None:
        assert wrap("あいうえお。かき", 10) == ["あいうえお。", "かき"]
        assert wrap("相談 at_risk", 8) == ["相談", "at_risk"]
        assert wrap("at_risk=child", 8) == ["at_risk=", "child"]
        assert wrap("  ☎ あいうえ", 8) == ["  ☎ あい", "  うえ"]
        assert wrap("", 8) == [""]

    @given(st.text(), st.integers(min_value=8, max_value=60))
    def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(self, text: str, room: int) -> None:
        lines = wrap(text, room)
        closing = sum(2 for letter in text if letter in "、。，．）」』】〉》・ー？！,.)]}?!")
        assert all(width(line) <= room + closing for line in lines)
        assert "".join("".join(lines).split()) == "".join(clean(text).split())

    def test_columns_stand_side_by_side(self) -> None:
        assert beside(["相談", "x"], ["a"], 6) == ["相談   │ a", "x      │"]
        assert hang("効果", "あいう", 12, 8) == ["効果    あい", "        う"]

    def test_a_narrow_terminal_gets_one_column(self) -> None:
        session = sitting(cells=60)
        shown = session.take(HUNGRY)
        assert not any("│" in line for line in shown)
        assert all(width(line) <= 62 for line in shown)
