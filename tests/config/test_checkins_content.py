"""The words and times of check-ins: what a desk may change, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from config.content import ContentError, load_content
from dialogue.followups import USUALLY_QUIET, Band, DeskCalendar


def laid_over(folder: Path, text: str) -> Path:
    folder.joinpath("checkins.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_desk_may_choose_other_times(tmp_path: Path) -> None:
    over = 'timing:\n  bands: {evening: {begins: "16:00", ends: "18:00"}}\n  second_after_days: 5\n'
    words = load_content(overrides=laid_over(tmp_path, over))
    calendar = DeskCalendar.of(words.desk, words.checkins.timing)
    assert calendar.bands[Band.EVENING].begins == dt.time(16)
    assert calendar.bands[Band.MORNING].begins == dt.time(9)
    assert words.checkins.timing.second_after_days == 5


def test_the_bands_as_shipped_lie_outside_the_usual_quiet_hours() -> None:
    timing = load_content().checkins.timing
    assert (timing.quiet.begins, timing.quiet.ends) == (USUALLY_QUIET.begins, USUALLY_QUIET.ends)
    for span in timing.bands.values():
        assert not USUALLY_QUIET.holds(span.begins)
        assert not USUALLY_QUIET.holds((dt.datetime.combine(dt.date.min, span.ends) - dt.timedelta(minutes=1)).time())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('timing:\n  bands: {noon: {begins: "14:00", ends: "12:00"}}\n', "前にしてください"),
        ('timing:\n  bands: {noon: {begins: "9:00", ends: "12:00"}}\n', "09:00 の形で"),
        ("timing:\n  terms: [{first: 12-26, last: 01-07}]\n", "二つに分けて"),
        ("timing:\n  quiet_every_year: [13-01]\n", "12-29 の形で"),
        ("timing:\n  second_after_days: 0\n", "second_after_days"),
        ("openings:\n  plain: [お便りです。, 短いお便りです。, 読むだけのお便りです。]\n", "24個以上"),
        ("offer:\n  plain: [一, 二]\n", "3個以上"),
        ('declined:\n  plain: ["{rhythm}です。", 二です。, 三です。]\n', "に入るものがありません"),
        ("nobody_knows_this: 1\n", "ここにはありません"),
    ],
)
def test_what_would_go_wrong_later_is_refused_at_the_start(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ContentError, match=reason) as refused:
        load_content(overrides=laid_over(tmp_path, text))
    assert "checkins.yaml " in str(refused.value)


def test_every_language_has_its_words_beside_a_check_in() -> None:
    languages = load_content().languages
    assert len(languages) == 8
    said = [words.check_in.word for words in languages.values()]
    assert len(set(said)) == 8
