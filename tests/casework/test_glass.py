"""What is enough to read without consent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.glass import Opening, asked
from casework.queue import Level
from casework.reading import ONE_PRESS, Reason

WHY = "あす同行支援があり、話の経過を確かめる必要がある。"


@pytest.mark.parametrize("reason", sorted(ONE_PRESS))
def test_in_danger_one_press_is_enough_and_shows_only_the_sentence(reason: Reason) -> None:
    found = asked(reason.value, "", level=Level.URGENT, alert_turn=3)
    assert isinstance(found, Opening)
    assert found.words is None


@pytest.mark.parametrize(("level", "turn"), [(Level.WATCH, 3), (Level.NONE, 3), (Level.URGENT, None)])
def test_without_danger_a_reason_is_asked_for(level: Level, turn: int | None) -> None:
    assert isinstance(asked("life", "", level=level, alert_turn=turn), str)
    found = asked("life", WHY, level=level, alert_turn=turn)
    assert isinstance(found, Opening)
    assert found.words == WHY


@given(st.text(), st.text(max_size=9), st.sampled_from(Level))
def test_nothing_opens_by_accident(reason: str, words: str, level: Level) -> None:
    found = asked(reason, words, level=level, alert_turn=1)
    if isinstance(found, Opening):
        assert found.reason in ONE_PRESS
        assert level is Level.URGENT
        assert found.words is None


def test_other_reasons_always_need_words() -> None:
    assert isinstance(asked("other", "", level=Level.URGENT, alert_turn=1), str)
    assert isinstance(asked("other", "短い", level=Level.URGENT, alert_turn=1), str)
    assert isinstance(asked("other", WHY, level=Level.NONE, alert_turn=None), Opening)
