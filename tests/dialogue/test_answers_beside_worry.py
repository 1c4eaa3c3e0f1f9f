"""An answer that was asked for, in a talk that only as a whole became worrying: it is kept, and staff are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue_cast import CONTENT, Talk, alert_of, texts_of

from dialogue import Decision
from dialogue.events import Heard
from dialogue.listened import Listened
from nlp.findings import Assessment, Risk, RiskKind, RiskLevel


def hear_in_a_worrying_talk(talk: Talk, text: str, kind: RiskKind) -> Decision:
    """`text` shows nothing; together with what went before it is `watch`."""
    talk.known = replace(talk.known, risk=Risk(level=RiskLevel.WATCH, kinds=(kind,), faint=True))
    return talk.meet(Heard(texts=(text,)), Listened(message=Assessment(), overall=talk.known))


def asked_how_to_write() -> Talk:
    talk = Talk()
    talk.hear("家賃が二か月払えていません", tags=["poverty"])
    talk.hear("相談員")
    talk.hear("読んでいい")
    return talk


@pytest.mark.parametrize("kind", list(RiskKind))
def test_it_is_taken_with_the_next_question_and_staff_are_told_once(kind: RiskKind) -> None:
    talk = asked_how_to_write()
    first = hear_in_a_worrying_talk(talk, "夜だけなら書いていい", kind)
    assert "お呼び" in "".join(texts_of(first))
    told = alert_of(first)
    assert told is not None
    assert told.level is RiskLevel.WATCH
    second = hear_in_a_worrying_talk(talk, "まり", kind)
    assert "町の名前" in "".join(texts_of(second))
    assert alert_of(second) is None


def test_a_wish_is_answered_and_nothing_is_asked_on_top_of_it() -> None:
    talk = Talk()
    talk.hear("週に1回、朝に連絡ください")
    decision = hear_in_a_worrying_talk(talk, "おたより", RiskKind.LIFELINE)
    assert texts_of(decision)[0].startswith("だいたい週に1回")
    assert alert_of(decision) is not None
    again = hear_in_a_worrying_talk(talk, "おたより", RiskKind.LIFELINE)
    assert alert_of(again) is None


@pytest.mark.parametrize("kind", list(RiskKind))
def test_words_that_show_nothing_by_themselves_are_listened_to_and_staff_are_told(kind: RiskKind) -> None:
    talk = Talk()
    talk.hear("家賃が二か月払えていません", tags=["poverty"])
    decision = hear_in_a_worrying_talk(talk, "息子は東京で、なかなか帰れません", kind)
    said = "".join(texts_of(decision))
    checks = CONTENT.crisis.watch[kind.value]
    assert not any(line in said for line in (*checks.say.plain, *checks.ask.plain))
    assert alert_of(decision) is not None


def test_a_faint_worry_in_the_words_themselves_is_not_asked_about_either() -> None:
    talk = Talk()
    risk = Risk(level=RiskLevel.WATCH, kinds=(RiskKind.VIOLENCE,), faint=True)
    decision = talk.meet(
        Heard(texts=("妹が昨日から口をきかない",)),
        Listened(message=Assessment(risk=risk), overall=Assessment(risk=risk)),
    )
    assert not talk.state.guarded
    assert "画面" not in "".join(texts_of(decision))
    assert alert_of(decision) is not None
