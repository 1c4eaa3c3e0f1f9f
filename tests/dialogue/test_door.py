"""The door in LINE of a desk that talks in a room: it opens, helps in danger, keeps rights, and learns nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from dialogue_cast import CONTENT, DESK, TUESDAY_10, TUESDAY_23, assessment
from hypothesis import given
from hypothesis import strategies as st

from dialogue import Decision, Listened, State
from dialogue.door import decide_at_door
from dialogue.effects import (
    AlertStaff,
    ConsentWithdrawn,
    ContactStopped,
    EraseCancelled,
    ErasePlanned,
    PlaceChosen,
    Say,
)
from dialogue.events import Arrived, Chosen, Event, Heard, Left, Unsent
from dialogue.state import Pending, Tone
from dialogue.words import Card, Choices, Link

URGENT = {"level": "urgent", "kinds": ["suicide"]}
VIOLENT = {"tags": ["abuse_dv"], "level": "urgent", "kinds": ["violence"], "safety": ["harmed", "self", "now"]}


def at_door(
    event: Event,
    *,
    state: State | None = None,
    own: bool = False,
    now: dt.datetime = TUESDAY_10,
    seed: int = 1,
    **shows: object,
) -> Decision:
    listened = Listened(message=assessment(shows)) if isinstance(event, Heard) else None
    return decide_at_door(DESK, state or State.new(), event, listened, now, seed, own=own)


def said(decision: Decision) -> Say:
    (say,) = [effect for effect in decision.effects if isinstance(effect, Say)]
    return say


def links(decision: Decision) -> list[Link]:
    return [message for message in said(decision).messages if isinstance(message, Link)]


def effect_of(decision: Decision, kind: type) -> object | None:
    return next((effect for effect in decision.effects if isinstance(effect, kind)), None)


def test_whoever_adds_the_account_gets_one_bubble_with_one_button() -> None:
    decision = at_door(Arrived())
    (bubble,) = said(decision).messages
    assert isinstance(bubble, Link)
    assert bubble.text == CONTENT.door.arrived.plain.format(account="つなぐ", organisation="見本市社会福祉協議会")
    assert not decision.state.noticed, "what the notice says is said in the room"


def test_whoever_comes_back_after_blocking_is_welcomed_back() -> None:
    known = State(noticed=True)
    (bubble,) = links(at_door(Arrived(unblocked=True), state=known))
    assert bubble.text in CONTENT.door.back.plain


def test_whatever_is_told_is_answered_with_the_button_and_leaves_nothing_in_the_state() -> None:
    told = Heard(texts=("家賃が払えなくて、きのうから何も食べていません",))
    decision = at_door(told, tags=["poverty", "food"], level="watch", kinds=["lifeline"])
    (bubble,) = said(decision).messages
    assert isinstance(bubble, Link)
    assert bubble.text in CONTENT.door.typed.plain
    kept = replace(decision.state, used=())
    assert kept == State.new()
    assert effect_of(decision, AlertStaff) is None


def test_danger_is_answered_at_once_with_the_card_and_without_a_question() -> None:
    decision = at_door(Heard(texts=("もう死にたい",)), **URGENT)
    card, *rest = said(decision).messages
    assert isinstance(card, Card)
    assert isinstance(rest[-1], Link)
    assert not any(text.endswith("か。") for text in texts_of_links(decision)), "an answer here would be lost"
    alert = effect_of(decision, AlertStaff)
    assert isinstance(alert, AlertStaff)
    assert alert.rule == "urgent.unknown.first"
    assert decision.state.crisis is not None
    assert decision.state.flagged == ("suicide",)
    assert decision.state.matters == ()


def texts_of_links(decision: Decision) -> list[str]:
    return [getattr(message, "text", "") for message in said(decision).messages]


def test_a_scam_that_goes_on_brings_the_numbers_here_and_the_rest_in_the_room() -> None:
    first = at_door(Heard(texts=("還付金の電話でATMに行けって",)))
    card, *_, link = said(first).messages
    assert isinstance(card, Card)
    assert [contact.uri for contact in card.contacts] == ["tel:110", "tel:%239110", "tel:188"]
    assert isinstance(link, Link)
    alert = effect_of(first, AlertStaff)
    assert isinstance(alert, AlertStaff)
    assert alert.rule == "scam_now"
    assert first.state.matters == ()
    again = at_door(Heard(texts=("もう押しちゃった",)), state=first.state, now=TUESDAY_10 + dt.timedelta(minutes=3))
    (bubble,) = said(again).messages
    assert isinstance(bubble, Link)


def test_danger_at_night_says_when_a_person_reads() -> None:
    decision = at_door(Heard(texts=("もう死にたい",)), now=TUESDAY_23, **URGENT)
    assert "25日(水)の9時" in links(decision)[0].text


def test_danger_again_shows_no_second_card_but_alerts_again() -> None:
    first = at_door(Heard(texts=("死にたい",)), **URGENT)
    later = TUESDAY_10 + dt.timedelta(minutes=3)
    again = at_door(Heard(texts=("ほんとに死にたい",)), state=first.state, now=later, **URGENT)
    (bubble,) = said(again).messages
    assert isinstance(bubble, Link)
    alert = effect_of(again, AlertStaff)
    assert isinstance(alert, AlertStaff)
    assert alert.rule.endswith(".again")


def test_violence_guards_the_talk_from_then_on() -> None:
    decision = at_door(Heard(texts=("夫に殴られました",)), **VIOLENT)
    assert decision.state.guarded
    assert isinstance(said(decision).messages[0], Card)
    told = texts_of_links(decision)
    assert CONTENT.crisis.guard.plain in told, "how to take these words out of the phone"
    assert isinstance(said(decision).messages[-1], Link)
    again = at_door(Heard(texts=("また殴られました",)), state=decision.state, **VIOLENT)
    assert CONTENT.crisis.guard.plain not in texts_of_links(again), "said once"


def test_erasing_works_at_the_door_from_the_wish_to_the_way_back() -> None:
    asked = at_door(Heard(texts=("消して",)))
    assert asked.state.pending is Pending.ERASE
    assert isinstance(said(asked).messages[-1], Choices)
    done = at_door(Heard(texts=("はい",)), state=asked.state)
    assert effect_of(done, ErasePlanned) is not None
    back = at_door(Chosen(action="erase", argument="keep"), state=done.state)
    assert effect_of(back, EraseCancelled) is not None


def test_a_wish_to_erase_beside_danger_is_heard_too() -> None:
    decision = at_door(Heard(texts=("死にたい。全部消して",)), **URGENT)
    assert isinstance(said(decision).messages[0], Card)
    assert decision.state.pending is Pending.ERASE_WORD


@pytest.mark.parametrize("words", ["やめる", "もう声をかけないで"])
def test_being_left_in_peace_works_at_the_door(words: str) -> None:
    decision = at_door(Heard(texts=(words,)))
    assert effect_of(decision, ContactStopped) is not None
    assert decision.state.quiet


def test_consent_ends_at_the_door_as_everywhere() -> None:
    assert effect_of(at_door(Heard(texts=("もう読まないで",))), ConsentWithdrawn) is not None


def test_who_sees_this_is_told_and_the_room_is_opened() -> None:
    decision = at_door(Heard(texts=("これ誰が見るんですか",)))
    assert texts_of_links(decision)[0] == CONTENT.rights["who_sees"].plain[0].format(staff="相談員")
    assert links(decision)


def test_what_is_remembered_is_told_in_the_room_only() -> None:
    known = State(matters=("poverty",))
    decision = at_door(Heard(texts=("わたしの何を覚えていますか",)), state=known)
    (bubble,) = links(decision)
    assert bubble.text in CONTENT.door.in_room.plain
    assert decision.state.matters == ("poverty",)


def test_numbers_are_shown_here_on_every_wish_and_press() -> None:
    for event in (Heard(texts=("番号",)), Chosen(action="urgent")):
        assert isinstance(said(at_door(event)).messages[0], Card)


@pytest.mark.parametrize("button", ["talk", "letters", "settings", "memory", "offer", "consent", "no-such-thing"])
def test_every_other_button_opens_the_room(button: str) -> None:
    decision = at_door(Chosen(action=button, argument="x"))
    assert links(decision)
    assert decision.effects == (said(decision),)


def test_whoever_moved_by_themselves_finds_the_way_back_to_line() -> None:
    decision = at_door(Heard(texts=("こんにちは",)), own=True)
    (choices,) = [message for message in said(decision).messages if isinstance(message, Choices)]
    (back,) = choices.options
    returned = at_door(Chosen(action=back.action, argument=back.argument), own=True)
    assert effect_of(returned, PlaceChosen) == PlaceChosen(room=False)


@pytest.mark.parametrize("typed", ["LINEに戻りたい", "LINEで話したいです", "やっぱりLINEがいい"])
def test_the_way_back_to_line_may_be_typed_too(typed: str) -> None:
    returned = at_door(Heard(texts=(typed,)), own=True)
    assert effect_of(returned, PlaceChosen) == PlaceChosen(room=False)
    assert links(returned) == [], "whoever wants to talk in LINE is not sent to the room"


@pytest.mark.parametrize("typed", ["LINEに戻りたい", "LINEで話したいです"])
def test_where_all_talk_in_rooms_it_is_said_why(typed: str) -> None:
    told = at_door(Heard(texts=(typed,)))
    assert effect_of(told, PlaceChosen) is None
    assert [link.text for link in links(told)] == [CONTENT.door.only_door.plain]


def test_nobody_leaves_the_room_of_a_desk_that_talks_in_rooms() -> None:
    pressed = at_door(Chosen(action="place", argument="line"))
    assert effect_of(pressed, PlaceChosen) is None
    assert links(pressed)


def test_nothing_is_said_to_whoever_leaves_or_takes_a_message_back() -> None:
    for event in (Left(), Unsent(after_answer=True)):
        assert at_door(event).effects == ()


def test_children_who_write_kana_are_answered_in_kana() -> None:
    decision = at_door(Heard(texts=("ままが おこるから かえりたくない",)), minor=True)
    assert decision.state.tone is Tone.KANA
    assert links(decision)[0].text in CONTENT.door.typed.kana


@given(words=st.text(max_size=60), tags=st.lists(st.sampled_from(["poverty", "abuse_dv", "health"]), max_size=2))
def test_no_word_of_a_resident_is_ever_said_or_kept(words: str, tags: list[str]) -> None:
    marked = f"ざくろ色の{words}"
    decision = at_door(Heard(texts=(marked,)), tags=tags, level="urgent", kinds=["lifeline"])
    assert "ざくろ色" not in repr(decision)
    assert decision.state.matters == ()
