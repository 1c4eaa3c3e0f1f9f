"""What holds in every conversation, whatever is said in whatever order."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest
from dialogue_cast import (
    CHECK_INS,
    CONTENT,
    DESK,
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

from casework.consents import MOST_ASKED, ConsentKind, wording_hash
from casework.sheet_news import NewsKind
from config.contents.wording import KATAKANA, questions, sentences
from dialogue import Decision, Listened, State, decide
from dialogue.actions import Action
from dialogue.consent_state import Detail
from dialogue.effects import (
    AskConsent,
    CheckInAnswer,
    ConsentDeclined,
    ConsentGiven,
    ConsentWithdrawn,
    ContactNoted,
    ContactResumed,
    ContactStopped,
    ErasePlanned,
    NewsHeld,
    OfferMade,
    Say,
    SayKind,
)
from dialogue.events import (
    Arrived,
    CheckInDue,
    CheckInSet,
    Chosen,
    Event,
    Heard,
    Left,
    PageOffered,
    PageWithdrew,
    SheetTold,
    StaffAsksConsent,
    StaffCame,
    StaffLeft,
    StaffRead,
    Unsent,
    WordlessKind,
)
from dialogue.state import Tone
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
        "消す",
        "やっぱり消さないで",
        "わたしのこと何を覚えてる？",
        "また連絡してください",
        "電話がいい",
        "わしは年金暮らしでな",
        "読んでいいです",
        "やっぱり読まないで",
        "相談員",
        "続き",
        "お便りがほしい",
        "週1",
        "朝",
        "来週の火曜",
        "22時から7時",
        "おたより",
        "しんどい",
        "いいです",
        "答えたくない",
        "😢",
        " ",
        "\ud800",
        "\x00",
    ),
)
CONSENTS = (
    *("read.yes", "read.from_now", "read.not_yet", "withdraw", "go_on", "share.yes.00000001", "share.not_yet.00000001"),
    *(f"{detail}.{name}" for detail in Detail for name in ("skip", "yes", "no", "none")),
)
CHECKING_IN = (
    *("start", "offer.yes", "offer.no", "rhythm.weekly", "rhythm.on_day", "day.2026-12-03", "band.noon", "seen.seen"),
    *("seen.unseen", "rest", "again", "end", "quiet", "quiet.2200-0700"),
    *(
        f"answer.{answer}.{event.occurrence}"
        for answer in CheckInAnswer
        for event in CHECK_INS.values()
        if isinstance(event, CheckInDue)
    ),
)
ARGUMENTS = ("yes", "no", "keep", "go_on", "call", "meet", "stay", "wrong", "fine", "other", "work")
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
        action=st.one_of(st.sampled_from(list(Action)), st.text(max_size=8)),
        argument=st.one_of(
            st.sampled_from([*CONTENT.rights, *ARGUMENTS, *CONSENTS, *CHECKING_IN]), st.text(max_size=8)
        ),
    ),
    st.builds(Chosen, action=st.just(Action.CHECK_IN), argument=st.sampled_from(CHECKING_IN)),
    st.sampled_from(list(CHECK_INS.values())),
    st.builds(StaffCame, shown=st.sampled_from(["相談員の山田", "主任"])),
    st.builds(StaffLeft, silent=st.booleans()),
    st.builds(StaffRead, shown=st.sampled_from(["相談員の山田", "主任"])),
    st.builds(
        StaffAsksConsent,
        kind=st.sampled_from(ConsentKind),
        request=st.just("00000001-0000-7000-8000-000000000000"),
        org=st.sampled_from(["a", "b"]),
        place=st.sampled_from(["北包括", "自立相談"]),
        reason=st.sampled_from(["", "申込の日が近いためです。"]),
    ),
    st.builds(
        SheetTold,
        kind=st.sampled_from(NewsKind),
        place=st.just("見本市の窓口"),
        received=st.just("24日(火)"),
        at=st.just("27日(金)"),
        discreet=st.booleans(),
    ),
    st.just(PageOffered()),
    st.just(PageWithdrew()),
)
TURNS = st.lists(
    st.tuples(st.one_of(HEARD, OTHERS.map(lambda event: (event, {}))), st.integers(0, 60 * 24 * 3)),
    min_size=1,
    max_size=12,
)


FOREIGN = (
    *(
        getattr(words.consent, kind).replace("{place}", place)
        for words in CONTENT.languages.values()
        for kind in ("read", "ask_around", "tell_name")
        for place in ("北包括", "自立相談")
    ),
    *(text for words in CONTENT.languages.values() for text in words.check_in.model_dump().values()),
)


def in_japanese(text: str) -> str:
    """Without the sentence that says the same in the resident's language."""
    for sentence in FOREIGN:
        text = text.replace(sentence, "")
    return text


def followed(talk: Talk, turns: list[tuple[tuple[Event, dict[str, object]], int]]) -> Talk:
    played(turns, talk)
    return talk


def played(
    turns: list[tuple[tuple[Event, dict[str, object]], int]], talk: Talk | None = None
) -> list[tuple[Event, Assessment | None, Decision]]:
    talk, done = talk or Talk(), []
    for (event, shows), minutes in turns:
        talk.now += dt.timedelta(minutes=minutes)
        message = assessment(shows) if isinstance(event, Heard) and event.texts else None
        if message is not None:
            talk.known = together(talk.known, message)
        listened = None if message is None else Listened(message=message, overall=talk.known)
        if isinstance(event, StaffAsksConsent | CheckInDue | CheckInSet | SheetTold | PageOffered):
            listened = Listened(overall=talk.known)
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
        assert sum(questions(in_japanese(text)) for text in texts_of(decision)) <= 1
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
            st.sampled_from(["そうなんです", "お願いします", "いいえ", "考えときます", "やめる", "また今度", "電話で"]),
            st.integers(0, 20),
            st.sampled_from([*["none"] * 6, "urgent"]),
        ),
        max_size=25,
    )
)
def test_offers_keep_their_distance_and_their_number(turns: list) -> None:
    talk = Talk()
    made: list[tuple[dt.datetime, tuple[str, ...], bool]] = []
    for tags, text, days, level in turns:
        talk.now += dt.timedelta(days=days)
        at, quiet = talk.now, talk.state.quiet
        kinds = ["suicide"] if level == "urgent" else []
        decision = talk.hear(text, tags=tags, level=level, kinds=kinds)
        if offer_of(decision) == "made":
            assert not quiet
            danger = say_of(decision).kind is SayKind.CRISIS
            made.append((at, talk.state.offer.matters, danger))
    for (earlier, *_), (later, _, danger) in pairwise(made):
        assert danger or later - earlier >= dt.timedelta(days=7)
    for start in range(len(made) - 3):
        four = made[start : start + 4]
        assert len({matters for _, matters, _ in four}) > 1 or four[-1][0] - four[0][0] >= dt.timedelta(days=183)


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_the_same_events_give_the_same_decisions(turns: list) -> None:
    assert [decision for _, _, decision in played(turns)] == [decision for _, _, decision in played(turns)]


@settings(max_examples=150, deadline=None)
@given(TURNS)
def test_everybody_who_says_something_is_answered_and_departures_are_left_in_peace(turns: list) -> None:
    for event, _, decision in played(turns):
        if isinstance(event, Left | Unsent):
            assert say_of(decision) is None
        elif not decision.state.staff and isinstance(event, Arrived | Heard | Chosen | StaffCame):
            assert say_of(decision) is not None


@settings(max_examples=200, deadline=None)
@given(TURNS)
def test_after_stopping_nobody_is_offered_until_it_is_asked_for_again(turns: list) -> None:
    stopped = False
    for _, _, decision in played(turns):
        kinds = {type(effect) for effect in decision.effects}
        stopped = (stopped or ContactStopped in kinds) and ContactResumed not in kinds
        assert decision.state.quiet == stopped
        assert not (stopped and OfferMade in kinds)


@settings(max_examples=200, deadline=None)
@given(TURNS, TURNS)
def test_after_erasing_and_its_three_days_nothing_is_left(turns: list, later: list) -> None:
    talk = followed(Talk(), turns)
    talk.hear("消して")
    talk.hear("消す")
    assert talk.state.erasing is not None
    assert any(isinstance(effect, ErasePlanned) for effect in talk.last.effects) or talk.state.erasing.at > talk.now
    talk.now = talk.state.erasing.at
    talk.known = Assessment()
    left = talk.state.at(talk.now)
    assert left == State(quiet=talk.state.quiet)
    as_new = Talk(now=talk.now, state=left, seed=talk.seed)
    assert [d for _, _, d in played(later, talk)] == [d for _, _, d in played(later, as_new)]


@settings(max_examples=200, deadline=None)
@given(TURNS)
def test_from_everywhere_there_is_a_way_out_and_a_way_to_a_person(turns: list) -> None:
    talk = followed(Talk(), turns)
    talk.hear("やめる")
    talk.hear("やめる")
    assert talk.state.quiet
    talk.hear("消して")
    talk.hear("消す")
    assert talk.state.erasing is not None
    assert talk.hear("やっぱり消さないで").state.erasing is None
    writing = talk.state.staff
    assert writing or alert_of(talk.hear("相談員")) is not None


@settings(max_examples=200, deadline=None)
@given(TURNS)
def test_elders_read_no_katakana_word(turns: list) -> None:
    talk = Talk()
    talk.hear("八十です", age=80)
    for _, _, decision in played([(turn, minutes) for turn, minutes in turns if aged(turn)], talk):
        if decision.state.tone is not Tone.ELDER:
            continue
        for message in (say_of(decision) or Say(kind=SayKind.ANSWER, messages=())).messages:
            assert isinstance(message, Card) or not KATAKANA.search(message.text), message.text


@settings(max_examples=150, deadline=None)
@given(
    TURNS,
    st.lists(
        st.tuples(st.lists(st.sampled_from(list(CONTENT.topics)), min_size=1, max_size=3), st.sampled_from(SAYINGS)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 60 * 24 * 3),
)
def test_once_somebody_else_may_hold_the_phone_nothing_told_is_named(before: list, told: list, minutes: int) -> None:
    fixed = "".join(text for key, text in sentences(CONTENT) if key[0] in {"cards", "crisis"})
    telling = [text for key, text in sentences(CONTENT) if key[0] == "topics" and len(text) > 4 and text not in fixed]
    talk = followed(Talk(), [turn for turn in before if "role" not in turn[0][1] and "safety" not in turn[0][1]])
    talk.hear("殴られた", tags=["abuse_dv"], level="watch", kinds=["violence"], safety=["harmed", "self"])
    assert talk.state.guarded
    for tags, text in told:
        talk.now += dt.timedelta(minutes=minutes)
        if talk.state.erasing is not None and talk.now >= talk.state.erasing.at:
            return
        read = texts_of(talk.hear(text, tags=tags))
        if talk.state.unwatched:
            # By their word nobody else sees it.
            return
        assert not any(words in said for said in read for words in telling), read


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["うん", "そうなの", "つらい", "こわい", "😢"]), st.sampled_from([None, *CONTENT.topics])
        ),
        min_size=5,
        max_size=60,
    ),
    st.booleans(),
)
def test_no_sentence_is_said_again_while_others_of_its_kind_are_left(turns: list, minor: bool) -> None:
    talk, heard = Talk(), set()
    talk.meet(Arrived())
    for text, tag in turns:
        for bubble in texts_of(talk.hear(text, tags=[tag] if tag else [], minor=minor)):
            # A feeling may stand behind the opening; there it must also be short enough.
            first, *behind = bubble.split("\n")
            kinds = [group for group in groups() if first in group]
            assert first not in heard or not kinds or any(set(group) <= heard for group in kinds), first
            heard |= {first, *behind}


@cache
def groups() -> tuple[tuple[str, ...], ...]:
    """All variants of everything that is said in a listening answer, as they stand in a bubble."""
    listening = CONTENT.listening
    voiced = [*listening.feelings.values(), *(value for _, value in listening.states)]
    voiced += [words for topic in CONTENT.topics.values() for words in (topic.take_up, topic.ask)]
    staff = CONTENT.desk.staff
    return tuple(
        tuple(text.replace("{staff}", staff) for text in variants)
        for group in voiced
        for form in (group, group.minor)
        if form is not None
        for variants in (form.plain, form.kana)
    )


def aged(turn: tuple[Event, dict[str, object]]) -> bool:
    """Turns that do not show somebody else to be writing."""
    return not {"age", "minor", "language"} & turn[1].keys()


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
    talk.hear("相談員")
    talk.press("consent", "read.yes")
    for detail in Detail:
        talk.press("consent", f"{detail}.skip")
    for number in range(12):
        request = f"{number:08}-0000-7000-8000-000000000000"
        talk.meet(
            StaffAsksConsent(kind=ConsentKind.ASK_AROUND, request=request, org=request, place="北包括支援センター")
        )
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


ASKED = [
    text for key, text in sentences(CONTENT) if key[0] == "consent" and ("ask" in key or key[1] in {"more", "again"})
]


def accepted() -> Talk:
    """Somebody who has just accepted a person."""
    talk = Talk()
    talk.meet(Arrived())
    talk.hear("家賃が払えない", tags=["poverty"])
    talk.hear("相談員と話したい")
    return talk


STARTS = st.sampled_from([Talk, accepted])


@settings(max_examples=300, deadline=None)
@given(TURNS, STARTS)
def test_nobody_is_asked_for_consent_in_the_same_breath_as_danger(turns: list, start: Callable[[], Talk]) -> None:
    for _, message, decision in played(turns, start()):
        say = say_of(decision)
        if say is None or say.kind is SayKind.CRISIS or (message and message.risk.level is RiskLevel.URGENT):
            assert not any(isinstance(effect, AskConsent) for effect in decision.effects)
            assert not any(asked in text for text in texts_of(decision) for asked in ASKED if "{" not in asked)


@settings(max_examples=300, deadline=None)
@given(TURNS, STARTS)
def test_what_is_agreed_to_was_asked_for_in_just_these_words(turns: list, start: Callable[[], Talk]) -> None:
    talk = start()
    asked: set[tuple[ConsentKind, str]] = {(ConsentKind.READ, talk.state.consent.wording)}
    for _, _, decision in played(turns, talk):
        for effect in decision.effects:
            if isinstance(effect, AskConsent):
                asked.add((effect.kind, wording_hash(effect.words)))
                assert effect.kind is not ConsentKind.MEETING
            if isinstance(effect, ConsentGiven):
                assert (effect.kind, effect.wording) in asked


@settings(max_examples=300, deadline=None)
@given(TURNS, st.integers(0, 15))
def test_a_child_agrees_to_no_sharing_and_is_asked_for_no_name_and_no_place(turns: list, age: int) -> None:
    talk = Talk()
    talk.hear("こまってる", age=age, minor=True)
    for (event, shows), _ in turns:
        shows.pop("age", None), shows.pop("minor", None)
        if isinstance(event, StaffAsksConsent):
            talk.meet(event, Listened(overall=talk.known))
        elif isinstance(event, Heard):
            talk.hear(*event.texts, wordless=event.wordless, **shows)
        elif isinstance(event, Chosen):
            talk.press(event.action, event.argument)
        if talk.state.erasing is not None or any(isinstance(e, ErasePlanned) for e in talk.last.effects):
            return
        for effect in talk.last.effects:
            assert not isinstance(effect, AskConsent | ConsentGiven) or not effect.kind.shares
            assert not isinstance(effect, ContactNoted) or effect.detail not in {Detail.NICKNAME, Detail.AREA}


@settings(max_examples=300, deadline=None)
@given(TURNS, STARTS, st.sampled_from(["やっぱり読まないで", "同意を取り消したい", "読むのをやめてください"]))
def test_after_a_withdrawal_nothing_is_agreed_to(turns: list, start: Callable[[], Talk], words: str) -> None:
    talk = followed(start(), turns)
    talk.hear(words)
    # While the question is open nothing was given yet: there it is a no.
    assert any(isinstance(effect, ConsentWithdrawn | ConsentDeclined) for effect in talk.last.effects)
    memory = talk.state.consent
    assert not memory.readable
    assert memory.open_share is None
    assert all(share.answer == "no" for share in memory.shares)


@settings(max_examples=200, deadline=None)
@given(TURNS)
def test_the_program_asks_at_most_three_times_without_a_yes(turns: list) -> None:
    talk = Talk()
    for (event, _), _ in turns:
        before = talk.state.consent
        talk.meet(event, Listened(overall=talk.known))
        asks = any(isinstance(effect, AskConsent) for effect in talk.last.effects)
        wished = isinstance(event, Chosen) or (isinstance(event, Heard) and event.texts)
        assert not asks or wished or before.asked < MOST_ASKED or talk.state.consent.shares != before.shares
        assert talk.state.consent.asked <= MOST_ASKED


@settings(max_examples=200, deadline=None)
@given(TURNS)
def test_of_a_sheet_nothing_is_said_beside_danger_in_a_guarded_talk_or_while_all_goes(turns: list) -> None:
    for event, _, decision in played(turns):
        if not isinstance(event, SheetTold | PageOffered):
            continue
        held = [effect.why for effect in decision.effects if isinstance(effect, NewsHeld)]
        state = decision.state
        if state.guarded or state.erasing is not None:
            assert held
        if held:
            assert say_of(decision) is None
        elif isinstance(event, SheetTold):
            told = "".join(texts_of(decision))
            assert not (event.discreet and "見本市の窓口" in told)
            assert (told == "") == (event.kind is NewsKind.ANSWERED)


@settings(max_examples=100, deadline=None)
@given(TURNS)
def test_after_everything_was_taken_back_on_the_page_nothing_is_agreed_to(turns: list) -> None:
    for event, _, decision in played(turns):
        if isinstance(event, PageWithdrew):
            assert not decision.state.consent.readable
            assert decision.state.consent.open_share is None
            assert all(share.answer != "yes" for share in decision.state.consent.shares)
