"""What holds for check-ins in every conversation, whatever is said in whatever order."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

from dialogue_cast import CHECK_INS, CONTENT, Talk, say_of, texts_of
from hypothesis import given, settings
from test_decide_properties import STARTS, TURNS, followed, in_japanese, played

from config.contents.wording import questions
from dialogue import Listened, State
from dialogue.actions import Action
from dialogue.effects import (
    CheckInsEnded,
    ContactResumed,
    ContactStopped,
    OfferMade,
    PlanCheckIns,
    SayKind,
)
from dialogue.events import CheckInDue, CheckInSet, Chosen, Heard
from dialogue.words import Choices

DUE = [event for event in CHECK_INS.values() if isinstance(event, CheckInDue)]
OFFERS = {*CONTENT.checkins.offer.plain, *CONTENT.checkins.offer.kana}


def planned() -> Talk:
    """Somebody who has a check-in every week."""
    talk = Talk()
    talk.meet(CHECK_INS["staff sets check-ins"])
    talk.hear("お便りがほしい")
    talk.hear("週1")
    talk.hear("朝")
    assert talk.state.checkins.plan is not None
    return talk


def check_in_said(decision: object) -> bool:
    say = say_of(decision)  # type: ignore[arg-type]
    return say is not None and say.kind is SayKind.CHECK_IN


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_after_stopping_no_check_in_goes_out_until_contact_is_wished_for_again(turns: list) -> None:
    talk = followed(planned(), turns)
    talk.hear("やめる")
    talk.hear("やめる")
    assert talk.state.quiet
    assert talk.state.checkins.plan is None
    for event in DUE:
        assert say_of(talk.meet(event, Listened(overall=talk.known))) is None


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_a_check_in_goes_out_only_under_a_plan_that_was_neither_stopped_nor_ended(turns: list) -> None:
    live = True
    for event, _, decision in played(turns, planned()):
        if isinstance(event, CheckInDue) and check_in_said(decision):
            assert live
        kinds = {type(effect) for effect in decision.effects}
        live = PlanCheckIns in kinds or (live and not {ContactStopped, CheckInsEnded} & kinds)


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_no_check_in_goes_out_while_a_person_writes_or_everything_is_to_be_erased(turns: list) -> None:
    talk = planned()
    for (event, shows), _ in turns:
        message = shows if isinstance(event, Heard) else {}
        before = talk.state.at(talk.now)
        played([((event, message), 0)], talk)
        if check_in_said(talk.last):
            assert not before.staff
            assert before.erasing is None
            assert not before.quiet


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_somebody_who_may_be_seen_gets_one_only_after_saying_that_it_may_come(turns: list) -> None:
    for event, _, decision in played(turns, planned()):
        plan = decision.state.checkins.plan
        if isinstance(event, CheckInDue) and check_in_said(decision) and decision.state.guarded:
            assert plan is not None
            assert plan.agreed_to_be_seen
        if isinstance(event, CheckInSet) and decision.state.guarded:
            made = [effect.plan for effect in decision.effects if isinstance(effect, PlanCheckIns)]
            assert all(plan.agreed_to_be_seen for plan in made)


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_nobody_gets_a_third_word_without_having_answered(turns: list) -> None:
    unanswered = 0
    for event, _, decision in played(turns, planned()):
        if isinstance(event, Heard | Chosen):
            unanswered = 0
        if any(isinstance(effect, PlanCheckIns) for effect in decision.effects):
            unanswered = 0
        unanswered += check_in_said(decision)
        assert unanswered <= 2


@settings(max_examples=150, deadline=None)
@given(TURNS, STARTS)
def test_check_ins_are_offered_once_and_never_beside_danger_or_another_offer(turns: list, start: object) -> None:
    made = 0
    for event, _, decision in played(turns, start()):  # type: ignore[operator]
        offered = any(offer in text for text in texts_of(decision) for offer in OFFERS)
        if not offered:
            continue
        made += 1
        state = decision.state
        assert isinstance(event, Heard)
        assert not any((state.guarded, state.quiet, state.staff, state.erasing))
        assert not any(isinstance(effect, OfferMade | ContactResumed) for effect in decision.effects)
        assert say_of(decision).kind is SayKind.ANSWER  # type: ignore[union-attr]
    # Whoever lets everything be erased begins anew.
    assert made <= 1 or any(isinstance(event, Heard) and "消す" in event.texts for (event, _), _ in turns)


@settings(max_examples=200, deadline=None)
@given(TURNS)
def test_a_check_in_asks_nothing_and_says_nothing_that_was_told(turns: list) -> None:
    known = {*CONTENT.checkins.openings.plain, *CONTENT.checkins.openings.kana}
    known |= {*CONTENT.checkins.second.plain, *CONTENT.checkins.second.kana}
    known |= {*CONTENT.checkins.second_once.plain, *CONTENT.checkins.second_once.kana}
    known |= {CONTENT.checkins.ending.last.plain, CONTENT.checkins.ending.last.kana}
    known |= {words.check_in.word for words in CONTENT.languages.values()}
    personal = {f"{event.personal}\n（{event.signed}より）" for event in DUE if event.personal}
    last = ""
    for event, _, decision in played(turns, planned()):
        if not (isinstance(event, CheckInDue) and check_in_said(decision)):
            continue
        say = say_of(decision)
        assert say is not None
        *before, word = say.messages
        assert isinstance(word, Choices)
        assert set(word.text.split("\n")) <= known
        assert all(message.text in personal for message in before)  # type: ignore[union-attr]
        assert sum(questions(in_japanese(text)) for text in texts_of(decision)) == 0
        assert word.text != last
        last = word.text


def test_two_years_of_weeks_never_bring_the_same_word_twice_in_a_row_and_first_every_other_one() -> None:
    talk, said = planned(), []
    for _ in range(104):
        talk.meet(DUE[0])
        said.append(texts_of(talk.last)[0])
        talk.press(Action.CHECK_IN, f"answer.good.{DUE[0].occurrence}")
    openings = CONTENT.checkins.openings.plain
    assert set(said[: len(openings)]) == set(openings)
    assert all(first != second for first, second in pairwise(said))


def test_a_word_is_not_repeated_even_when_much_was_said_in_between() -> None:
    talk = planned()
    talk.meet(DUE[0])
    first = texts_of(talk.last)[0]
    forgotten = State.from_json({**talk.state.to_json(), "used": []})
    for seed in range(60):
        again = Talk(state=forgotten, seed=seed, now=talk.now)
        again.hear("うん")
        again.meet(DUE[1])
        assert texts_of(again.last)[0] != first


def test_every_tone_has_two_dozen_openings_that_name_no_feast_no_family_and_no_season() -> None:
    openings = CONTENT.checkins.openings
    never = (
        *("母", "父", "親", "子ども", "かぞく", "家族", "お盆", "おぼん", "正月", "年末", "よいお年", "クリスマス"),
        *("春", "夏", "秋", "冬", "暑", "寒", "相談", "そうだん", "社協", "困", "おめでと", "楽し", "うれし"),
    )
    for said in (openings.plain, openings.kana):
        assert len(set(said)) >= 24
        assert not [text for text in said if any(word in text for word in never)]


def test_the_state_stays_small_with_a_plan_and_an_open_question() -> None:
    talk = planned()
    for _ in range(60):
        talk.meet(DUE[0])
        talk.hear("ぼちぼち")
    talk.hear("お便りがほしい")
    talk.hear("12月3日")
    assert len(json.dumps(talk.state.to_json())) < 4000
    assert State.from_json(json.loads(json.dumps(talk.state.to_json()))) == talk.state


def test_a_plan_that_was_left_over_after_stopping_is_not_followed() -> None:
    talk = planned()
    talk.state = replace(talk.state, quiet=True)
    assert say_of(talk.meet(DUE[0])) is None
