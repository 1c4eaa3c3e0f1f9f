"""Wishes about a plan of check-ins that holds, in the words of old people, of children, in a hurry."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from dialogue_cast import CONTENT, Talk, check_in_of, texts_of

from dialogue.checkin_words import says_no_more
from dialogue.followups import CheckInPlan
from nlp.findings import RiskLevel

WORDINGS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("wordings").joinpath("plans.yaml").read_text("utf-8")
)
HOLDS: dict[str, dict[str, object]] = {
    "two_left": {"count_left": 2},
    "one_left": {"count_left": 1},
    "until_20_december": {"until": dt.date(2026, 12, 20)},
    "until_25_december": {"until": dt.date(2026, 12, 25)},
    "until_24_december": {"until": dt.date(2026, 12, 24)},
    "until_3_january": {"until": dt.date(2027, 1, 3)},
    "until_31_december": {"until": dt.date(2026, 12, 31)},
    "until_31_march": {"until": dt.date(2027, 3, 31)},
    "rests": {"paused_until": dt.date(2026, 12, 22)},
    "fortnightly_morning": {"rhythm": "fortnightly", "band": "morning"},
    "monthly_morning": {"rhythm": "monthly", "band": "morning"},
    "thursday": {"rhythm": "weekly", "band": "morning", "starts": dt.date(2026, 12, 3)},
    "monday": {"rhythm": "weekly", "band": "morning", "starts": dt.date(2026, 11, 30)},
    "weekly_evening": {"rhythm": "weekly", "band": "evening"},
}
OTHERS = {"ended", "shown", "asked_how_often", "quiet_asked", "band_asked", "quiet_set", "tellings"}


def in_plan() -> Talk:
    talk = Talk()
    talk.hear("週に1回、朝に連絡ください")
    assert check_in_of(talk.last) == "plan weekly morning"
    return talk


def held(talk: Talk) -> CheckInPlan:
    plan = talk.state.checkins.plan
    assert plan is not None
    return plan


def said(*names: str) -> list[tuple[str, str]]:
    return [(name, text) for name in names for text in WORDINGS[name]]


def test_every_group_of_wordings_is_tried() -> None:
    assert WORDINGS.keys() == {*HOLDS, *OTHERS}


@pytest.mark.parametrize(("name", "text"), said(*HOLDS))
def test_a_wish_about_the_plan_is_done_at_once(name: str, text: str) -> None:
    talk = in_plan()
    talk.hear(text)
    plan = held(talk)
    assert {field: getattr(plan, field) for field in HOLDS[name]} == HOLDS[name]
    assert talk.state.checkins.step == ""


@pytest.mark.parametrize("text", WORDINGS["ended"])
def test_a_word_that_ends_them_ends_them(text: str) -> None:
    talk = in_plan()
    talk.hear(text)
    assert talk.state.checkins.plan is None


@pytest.mark.parametrize("text", WORDINGS["shown"])
def test_what_cannot_be_done_by_words_shows_what_is_set(text: str) -> None:
    talk = in_plan()
    before = held(talk)
    assert "お届けしています" in "".join(texts_of(talk.hear(text)))
    assert held(talk) == before


@pytest.mark.parametrize(("name", "text"), said("asked_how_often", "quiet_asked", "band_asked"))
def test_what_is_not_clear_yet_is_asked(name: str, text: str) -> None:
    talk = in_plan()
    talk.hear(text)
    assert talk.state.checkins.step == {"asked_how_often": "rhythm", "quiet_asked": "quiet", "band_asked": "band"}[name]
    assert not talk.state.quiet


@pytest.mark.parametrize("text", WORDINGS["quiet_set"])
def test_hours_without_check_ins_are_set(text: str) -> None:
    talk = in_plan()
    talk.hear(text)
    assert held(talk).quiet.to_json() == {"from": "20:00", "to": "09:00"}
    assert talk.state.checkins.quiet is not None


@pytest.mark.parametrize("text", WORDINGS["tellings"])
def test_a_telling_changes_nothing(text: str) -> None:
    talk = in_plan()
    before = held(talk)
    talk.hear(text)
    assert held(talk) == before
    assert not talk.state.checkins.step
    assert "お届けしています" not in "".join(texts_of(talk.last))


@pytest.mark.parametrize("text", ["お便りは12月20日で最後にして", "お便りは12月末まで", "おたよりは あさに して"])
def test_words_about_the_plan_alone_are_not_listened_to_for_danger(text: str) -> None:
    talk = in_plan()
    assert says_no_more(CONTENT.intents, talk.state.checkins, RiskLevel.NONE, [text])


@pytest.mark.parametrize("text", ["お便りを再開して", "おたより もういちど はじめて", "お便り、やっぱりほしい"])
def test_a_pause_is_over_when_they_are_wished_for_again(text: str) -> None:
    talk = in_plan()
    talk.hear("お便りをしばらくお休み")
    assert held(talk).paused_until is not None
    said = texts_of(talk.hear(text))
    assert held(talk).paused_until is None
    assert "12月1日" in "".join(said)


def test_another_rhythm_takes_no_end_away_that_was_wished_for() -> None:
    talk = in_plan()
    talk.hear("お便りは12月20日まで")
    said = texts_of(talk.hear("お便りは夕方にして"))
    assert held(talk).until == dt.date(2026, 12, 20)
    assert "12月20日(日)までのお約束です。" in "".join(said)


def test_an_end_that_leaves_no_word_of_a_new_rhythm_falls_away() -> None:
    talk = in_plan()
    talk.hear("お便りは12月20日まで")
    talk.hear("お便りは月に1回でいい")
    assert held(talk).until is None


def test_a_number_of_words_stays_with_another_rhythm() -> None:
    talk = in_plan()
    talk.hear("お便りはあと2回で")
    said = texts_of(talk.hear("お便りは2週に1回にして"))
    assert held(talk).count_left == 2
    assert "お届けするのは2回です。" in "".join(said)


@pytest.mark.parametrize("text", ["クリスマスまで", "正月まででいい", "夜中はやめて", "仕事中は困る", "木曜にして"])
def test_without_a_plan_these_words_are_about_something_else(text: str) -> None:
    talk = Talk()
    talk.hear(text)
    assert (talk.state.checkins.plan, talk.state.checkins.step) == (None, "")


def test_until_when_is_an_answer_where_a_question_was_asked() -> None:
    talk = in_plan()
    talk.hear("家賃が払えなくて困っています")
    assert talk.state.asked
    before = held(talk)
    talk.hear("クリスマスまで")
    assert held(talk) == before


def test_another_part_of_the_day_is_kept_with_the_rhythm_after_a_wish_about_work() -> None:
    talk = in_plan()
    talk.hear("仕事中は困る")
    talk.hear("夕方")
    assert (held(talk).rhythm, held(talk).band) == ("weekly", "evening")


def test_a_weekday_of_a_fortnightly_plan_stays_near_its_turn() -> None:
    talk = Talk()
    talk.hear("2週に1回、朝に連絡ください")
    said = texts_of(talk.hear("お便りは月曜にして"))
    assert held(talk).starts == dt.date(2026, 12, 7)
    assert "次は12月7日(月)ごろです。" in "".join(said)


def test_once_a_month_stays_on_its_day_of_the_month() -> None:
    talk = Talk()
    talk.hear("月に1回、朝に連絡ください")
    before = held(talk)
    assert "お届けしています" in "".join(texts_of(talk.hear("お便りは月曜にして")))
    assert held(talk) == before


def test_another_weekday_takes_no_end_away_and_ends_nothing() -> None:
    talk = in_plan()
    talk.hear("お便りはあと2回で")
    talk.hear("お便りは木曜にして")
    assert (held(talk).starts, held(talk).count_left) == (dt.date(2026, 12, 3), 2)
    talk.hear("お便りは12月3日まで")
    before = held(talk)
    talk.hear("お便りは金曜にして")
    assert held(talk) == before
