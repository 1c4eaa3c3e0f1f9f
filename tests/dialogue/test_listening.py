"""Each category is taken up in its own words, each feeling is met, and places are facts that were checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from dialogue_cast import CONTENT, DESK, TUESDAY_10, Talk, assessment, cards_of, texts_of

from config.contents.models import Line, Place
from config.contents.wording import questions
from dialogue import Desk, Listened, State, decide
from dialogue.events import Arrived, Heard

ELDER_CENTRE = Place(
    name="見本地域包括支援センター",
    kana="みほん ほうかつ しえん センター",
    official_name="見本地域包括支援センター",
    number="03-0000-0000",
    uri="tel:0300000000",
    hours=Line(plain="平日の9時から17時", kana="月よう日から 金よう日"),
    cost="通話料",
    always=False,
    checked_on=dt.date(2026, 11, 1),
    source_url="https://example.jp/",
)
LOCAL_DESK = Desk(
    id="local",
    content=replace(CONTENT, desk=CONTENT.desk.model_copy(update={"local": {"elder": ELDER_CENTRE}})),
)


def answered(desk: Desk, text: str, now: dt.datetime = TUESDAY_10, **shows: Any) -> Any:
    seen = assessment(shows)
    state = decide(desk, State.new(), Arrived(), None, now, 1).state
    return decide(desk, state, Heard(texts=(text,)), Listened(message=seen, overall=seen), now, 7)


@pytest.mark.parametrize("category", [name for name in CONTENT.topics if name not in {"abuse_dv", "language"}])
@pytest.mark.parametrize("voice", ["plain", "kana"])
def test_each_category_is_taken_up_in_its_own_words_and_asked_about(category: str, voice: str) -> None:
    talk = Talk()
    talk.meet(Arrived())
    opening, closing = texts_of(talk.hear("きいてください", tags=[category], minor=voice == "kana"))
    topic = CONTENT.topics[category]
    groups = [(topic.take_up.minor or topic.take_up), (topic.ask.minor or topic.ask)] if voice == "kana" else []
    take_up, ask = groups or [topic.take_up, topic.ask]
    assert opening in getattr(take_up, voice)
    assert closing in getattr(ask, voice)


@pytest.mark.parametrize("voice", ["plain", "kana"])
def test_what_happens_at_home_is_never_named(voice: str) -> None:
    talk = Talk()
    talk.meet(Arrived())
    read = texts_of(talk.hear("きいてください", tags=["abuse_dv"], minor=voice == "kana"))
    brief, guarded = CONTENT.listening.states.brief, CONTENT.listening.states.guarded
    assert read[0] in getattr(brief, voice)
    read = texts_of(talk.hear("きいてください", tags=["abuse_dv"], minor=voice == "kana"))
    assert read[0] in getattr(guarded.minor if voice == "kana" else guarded, voice)
    assert not any(questions(text) for text in read)


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("もう疲れました", "worn"),
        ("コワイ", "afraid"),
        ("涙が出る", "sad"),
        ("さびしい", "lonely"),
        ("許せない", "angry"),
        ("こんなことで恥ずかしい", "ashamed"),
        ("先が不安", "worried"),
        ("どうしよう", "lost"),
        ("つらい", "hurting"),
    ],
)
def test_each_feeling_is_met(text: str, feeling: str) -> None:
    assert texts_of(answered(DESK, text))[0] in CONTENT.listening.feelings[feeling].plain


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_nobody_is_asked_twice_in_a_row_about_the_same_matter(turns: int) -> None:
    talk = Talk()
    talk.meet(Arrived())
    asked = [
        any(questions(text) for text in texts_of(talk.hear("仕事のことで", tags=["work"]))) for _ in range(turns * 2)
    ]
    assert not any(first and second for first, second in pairwise(asked))


def test_a_place_of_the_desk_comes_before_a_national_one() -> None:
    decision = answered(LOCAL_DESK, "介護のこと、どこに聞けばいいですか", tags=["elder_care"])
    assert [contact.name for contact in cards_of(decision)[0].contacts] == ["見本地域包括支援センター"]


def test_a_place_that_was_not_checked_lately_is_not_told_as_a_fact() -> None:
    later = TUESDAY_10 + dt.timedelta(days=200)
    decision = answered(DESK, "どこに聞けばいいですか", now=later, tags=["scam"])
    assert not cards_of(decision)
    assert any("「相談員」" in text for text in texts_of(decision))


def test_the_desk_s_own_number_leads_the_card_where_it_fits() -> None:
    harm = {"tags": ["elder_care"], "level": "urgent", "kinds": ["violence"], "safety": ["may_harm", "elder", "now"]}
    card = cards_of(answered(LOCAL_DESK, "母に手をあげそう", **harm))[0]
    assert card.contacts[0].name == "見本地域包括支援センター"
    assert len(card.contacts) == 3


def test_numbers_for_danger_stay_when_nobody_checked_them_but_not_when_they_ended() -> None:
    danger = {"level": "urgent", "kinds": ["suicide"]}
    later = TUESDAY_10 + dt.timedelta(days=400)
    assert len(cards_of(answered(DESK, "死にたい", now=later, **danger))[0].contacts) == 3
    ended = CONTENT.contacts["inochi_sos"].model_copy(update={"valid_to": dt.date(2026, 10, 1)})
    desk = replace(DESK, content=replace(CONTENT, contacts={**CONTENT.contacts, "inochi_sos": ended}))
    shown = cards_of(answered(desk, "死にたい", **danger))[0].contacts
    assert [contact.shown for contact in shown] == ["https://talkme.jp/", "119"]


def test_who_writes_in_easy_japanese_keeps_being_answered_so() -> None:
    talk = Talk()
    talk.meet(Arrived())
    talk.hear("やくしょの　てがみ", tags=["language"])
    assert texts_of(talk.hear("うん"))[0] in CONTENT.listening.states.short.kana
