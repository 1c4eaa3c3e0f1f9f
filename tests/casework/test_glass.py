"""What is enough to read without consent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from casework_cast import STAFF, viewer
from hypothesis import given
from hypothesis import strategies as st

from casework.glass import Opening, asked, is_on_duty
from casework.people import Grant, Role
from casework.permissions import CaseFacts
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


@pytest.mark.parametrize("reason", sorted(ONE_PRESS))
def test_where_a_desk_narrows_it_one_press_is_for_who_is_on_duty_and_words_for_everybody(reason: Reason) -> None:
    assert isinstance(asked(reason.value, "", level=Level.URGENT, alert_turn=3, on_duty=False), str)
    found = asked(reason.value, WHY, level=Level.URGENT, alert_turn=3, on_duty=False)
    assert isinstance(found, Opening)


def test_on_duty_are_who_is_on_call_the_owner_and_supervisors_and_everybody_while_nobody_is() -> None:
    about = CaseFacts(desk_id="default", owner_id=STAFF[0])
    plain = viewer(Role.COORDINATOR, staff=1)
    assert not is_on_duty(plain, about, anybody=True)
    assert is_on_duty(plain, about, anybody=False)
    assert is_on_duty(replace(plain, on_call=True), about, anybody=True)
    assert is_on_duty(viewer(Role.COORDINATOR), about, anybody=True)
    assert is_on_duty(viewer(Role.SUPERVISOR, staff=1), about, anybody=True)
    assert not is_on_duty(viewer(Role.SUPERVISOR, staff=1, desk="other"), about, anybody=True)
    stand_in = replace(plain, grants=(Grant(role=Role.COORDINATOR, desk_id="default", absent_id=STAFF[0]),))
    assert is_on_duty(stand_in, about, anybody=True)
