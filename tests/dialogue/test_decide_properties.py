"""What holds in every conversation, whatever is said in whatever order."""

from __future__ import annotations

import datetime as dt
import json
import re
from itertools import pairwise

import pytest
from dialogue_cast import (
    CONTENT,
    DESK,
    OFFERING,
    TUESDAY_10,
    Talk,
    alert_of,
    assessment,
    offer_of,
    say_of,
    texts_of,
    together,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from config.contents.wording import questions
from dialogue import Decision, Listened, State, decide
from dialogue.effects import Say, SayKind
from dialogue.events import Arrived, Chosen, Event, Heard, Left, Unsent, WordlessKind
from dialogue.words import Card
from nlp.findings import Assessment, AtRisk, RiskKind, RiskLevel, SafetyRole, WriterRole

FORBIDDEN = [re.compile(rule.pattern) for rule in CONTENT.forbidden.rules]
SAYINGS = (
    *(
        "うん",
        "大丈夫です",
        "うそです",
        "消して",
        "やめる",
        "だれが見るの？",
        "番号もう一回",
        "説明",
        "ありがとう",
        "こわい",
    ),
    *(
        "人と話したい",
        "これって機械？",
        "疲れた",
        "手当もらえますか？",
        "ちがう",
        "こんにちは",
        "😢",
        " ",
        "\ud800",
        "\x00",
    ),
)
WORDS = st.one_of(st.sampled_from(SAYINGS), st.text(max_size=40))
SHOWN = st.fixed_dictionaries(
    {"tags": st.lists(st.sampled_from([*CONTENT.topics, "no_such_tag"]), max_size=4, unique=True)},
    optional={
        "level": st.sampled_from([level.value for level in RiskLevel]),
        "kinds": st.lists(st.sampled_from([kind.value for kind in RiskKind]), max_size=3, unique=True),
        "minor": st.booleans(),
        "age": st.integers(0, 110),
        "role": st.sampled_from([role.value for role in WriterRole]),
        "language": st.sampled_from(["ja", "en", "ne"]),
        "safety": st.tuples(
            st.sampled_from([role.value for role in SafetyRole]), st.sampled_from([who.value for who in AtRisk])
        ),
    },
)
HEARD = st.tuples(
    st.builds(
        Heard,
        texts=st.lists(WORDS, max_size=3).map(tuple),
        wordless=st.lists(st.sampled_from(list(WordlessKind)), max_size=2).map(tuple),
    ),
    SHOWN,
)
OTHERS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Arrived, unblocked=st.booleans()),
    st.just(Left()),
    st.builds(Unsent, after_answer=st.booleans()),
    st.builds(
        Chosen,
        action=st.one_of(st.sampled_from(["notice", "number", "rights", "offer"]), st.text(max_size=8)),
        argument=st.one_of(st.sampled_from([*CONTENT.rights]), st.text(max_size=8)),
    ),
)
TURNS = st.lists(
    st.tuples(st.one_of(HEARD, OTHERS.map(lambda event: (event, {}))), st.integers(0, 60 * 24 * 3)),
    min_size=1,
    max_size=12,
)


def played(turns: list[tuple[tuple[Event, dict[str, object]], int]]) -> list[tuple[Event, Assessment | None, Decision]]:
    talk, done = Talk(), []
    for (event, shows), minutes in turns:
        talk.now += dt.timedelta(minutes=minutes)
        message = assessment(shows) if isinstance(event, Heard) and event.texts else None
        if message is not None:
            talk.known = together(talk.known, message)
        listened = None if message is None else Listened(message=message, overall=talk.known)
        done.append((event, message, talk.meet(event, listened)))
    return done


@settings(max_examples=250, deadline=None)
@given(TURNS)
def test_every_answer_is_one_say_of_at_most_five_bubbles_with_at_most_one_question(turns: list) -> None:
    for _, _, decision in played(turns):
        say = say_of(decision)
        if say is None:
            continue
        assert 1 <= len(say.messages) <= 5
        assert sum(questions(text) for text in texts_of(decision)) <= 1
        for text in texts_of(decision):
            assert text.strip()
            assert "{" not in text
            assert not any(pattern.search(text) for pattern in FORBIDDEN), text
        for message in say.messages:
            assert not isinstance(message, Card) or 1 <= len(message.contacts) <= 3


@settings(max_examples=250, deadline=None)
@given(TURNS)
def test_danger_is_always_answered_as_danger_and_staff_always_hear_of_it(turns: list) -> None:
    for _, message, decision in played(turns):
        if message is not None and message.risk.level is RiskLevel.URGENT:
            say, alert = say_of(decision), alert_of(decision)
            assert say is not None
            assert say.kind is SayKind.CRISIS
            assert alert is not None
            assert alert.level is RiskLevel.URGENT


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["work", "debt", "family"]), max_size=2),
            st.sampled_from(["そうなんです", "お願いします", "いいえ", "考えときます", "やめる", "また今度"]),
            st.integers(0, 20),
        ),
        max_size=25,
    )
)
def test_offers_keep_their_distance_and_their_number(turns: list) -> None:
    talk = Talk(desk=OFFERING)
    made: list[tuple[dt.datetime, tuple[str, ...]]] = []
    for tags, text, days in turns:
        talk.now += dt.timedelta(days=days)
        at, quiet = talk.now, talk.state.quiet
        if offer_of(talk.hear(text, tags=tags)) == "made":
            assert not quiet
            made.append((at, talk.state.offer.matters))
    assert all(later - earlier >= dt.timedelta(days=7) for (earlier, _), (later, _) in pairwise(made))
    for start in range(len(made) - 3):
        four = made[start : start + 4]
        assert len({matters for _, matters in four}) > 1 or four[-1][0] - four[0][0] >= dt.timedelta(days=183)


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_the_same_events_give_the_same_decisions(turns: list) -> None:
    assert [decision for _, _, decision in played(turns)] == [decision for _, _, decision in played(turns)]


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_everybody_who_says_something_is_answered_and_departures_are_left_in_peace(turns: list) -> None:
    for event, _, decision in played(turns):
        assert (say_of(decision) is None) == isinstance(event, Left | Unsent)


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_who_is_behind_this_is_said_by_the_second_answer_at_the_latest(turns: list) -> None:
    answers = [decision for _, _, decision in played(turns) if say_of(decision)]
    if len(answers) >= 2 and answers[1].state.noticed:
        read = [text for decision in answers[:2] for text in texts_of(decision)]
        assert any(CONTENT.desk.organisation in text for text in read)


def test_the_state_stays_under_four_kilobytes_after_two_hundred_turns() -> None:
    talk = Talk()
    tags = list(CONTENT.topics)
    for turn in range(240):
        level = ("none", "none", "watch", "urgent")[turn % 4] if turn > 200 else "none"
        talk.hear(
            f"こまった{turn} こわい", tags=[tags[turn % 25], tags[turn % 7]], level=level, kinds=["suicide", "lifeline"]
        )
    assert len(json.dumps(talk.state.to_json())) < 4000
    assert State.from_json(json.loads(json.dumps(talk.state.to_json()))) == talk.state


def test_no_sentence_comes_twice_while_others_are_left() -> None:
    talk, heard = Talk(), []
    talk.meet(Arrived())
    for _ in range(6):
        heard += texts_of(talk.hear("うん、そうなの", tags=[]))
    assert len(set(heard)) == len(heard)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        decide(DESK, State.new(), Arrived(), None, dt.datetime(2026, 11, 24), 1)  # noqa: DTZ001


def test_different_seeds_speak_differently() -> None:
    listened = Listened(message=assessment({"tags": ["poverty"]}), overall=assessment({"tags": ["poverty"]}))
    state = decide(DESK, State.new(), Arrived(), None, TUESDAY_10, 1).state
    said = {decide(DESK, state, Heard(texts=("お金",)), listened, TUESDAY_10, seed).effects for seed in range(30)}
    assert len(said) > 3
    assert all(isinstance(effects[0], Say) for effects in said)
