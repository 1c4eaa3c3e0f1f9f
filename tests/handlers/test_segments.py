"""Which waiting events belong to one turn, and how long to listen on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.events import WordlessKind
from handlers.incoming import Follow, Incoming, Pressed, Said, TookBack, What
from handlers.segments import LONGEST_PAUSE, Read, Segment, first_segment
from storage.ids import uuid7
from storage.inbox import WaitingEvent
from storage.tables import Channel

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAUSE = timedelta(seconds=2)


def read(what: What, *, after: float = 0, tries: int = 0, number: int = 0) -> Read:
    """An event that was received some seconds after NOW."""
    received = NOW + timedelta(seconds=after)
    event = WaitingEvent(
        id=uuid7(number, number),
        channel=Channel.LINE,
        event_id=f"E{number}",
        event_at=number,
        received_at=received,
        tries=tries,
        body={},
    )
    return Read(event=event, incoming=Incoming(address="U1", sent_at=received, what=what))


def said(words: str, ref: str = "", **event: float) -> Read:
    return read(Said(ref=ref or words, text=words), **event)


def sticker(ref: str = "s") -> Read:
    return read(Said(ref=ref, wordless=WordlessKind.STICKER))


PRESSED = read(Pressed(action="notice", argument=""))
ARRIVED = read(Follow.ARRIVED)


def test_a_burst_of_messages_is_one_turn() -> None:
    segment = first_segment([said("あの"), said("仕事のことで"), sticker()])
    assert [s.text for s in segment.said] == ["あの", "仕事のことで", None]
    assert segment.texts == ["あの", "仕事のことで"]
    assert not segment.closed


@pytest.mark.parametrize("other", [PRESSED, ARRIVED, read(Follow.LEFT), read(TookBack(ref="x"))])
def test_anything_but_a_message_is_a_turn_by_itself(other: Read) -> None:
    segment = first_segment([other, said("あの"), said("仕事のことで")])
    assert segment.reads == (other,)
    assert (segment.said, segment.texts) == ([], [])
    assert first_segment([other, other]).reads == (other,)


def test_a_burst_ends_before_anything_else_and_is_not_waited_for() -> None:
    segment = first_segment([said("あの"), PRESSED, said("仕事のことで")])
    assert segment.texts == ["あの"]
    assert segment.closed
    assert segment.pause_ends(PAUSE) is None


def test_an_event_that_failed_before_is_tried_alone_and_at_once() -> None:
    failed = said("あの", tries=1)
    alone = first_segment([failed, said("仕事のことで")])
    assert alone.reads == (failed,)
    assert first_segment([failed]).pause_ends(PAUSE) is None


def test_an_event_that_failed_before_does_not_hold_its_neighbours() -> None:
    segment = first_segment([said("あの"), said("仕事のことで", tries=3), said("です")])
    assert segment.texts == ["あの"]
    assert segment.closed


def test_a_message_taken_back_meanwhile_is_not_heard_but_belongs_to_the_turn() -> None:
    segment = first_segment([said("ひみつ", "m1"), said("こんにちは", "m2"), read(TookBack(ref="m1"))])
    assert segment.texts == ["こんにちは"]
    assert len(segment.said) == 2
    assert segment.taken_back == {"m1"}


def test_the_pause_begins_anew_with_every_message() -> None:
    assert first_segment([said("一")]).pause_ends(PAUSE) == NOW + PAUSE
    assert first_segment([said("一"), said("二", after=1.5)]).pause_ends(PAUSE) == NOW + timedelta(seconds=3.5)


def test_however_long_somebody_writes_the_answer_is_not_held_back_longer_than_ten_seconds() -> None:
    words = [said(str(n), after=1.5 * n) for n in range(9)]
    assert first_segment(words).pause_ends(PAUSE) == NOW + LONGEST_PAUSE == NOW + timedelta(seconds=10)


def test_the_order_of_receipt_does_not_matter_to_the_pause() -> None:
    late, early = said("一", after=1), said("二", after=0)
    assert first_segment([late, early]).pause_ends(PAUSE) == NOW + timedelta(seconds=3)


def test_what_comes_without_words_is_waited_for_as_well() -> None:
    assert first_segment([sticker()]).pause_ends(PAUSE) == NOW + PAUSE
    assert first_segment([ARRIVED]).pause_ends(PAUSE) is None


whats = st.sampled_from(
    [
        Said(ref="m1", text="一"),
        Said(ref="m2", text="二"),
        Said(ref="m3", wordless=WordlessKind.IMAGE),
        TookBack(ref="m1"),
        Follow.ARRIVED,
        Pressed(action="notice", argument=""),
    ]
)


@given(st.lists(st.tuples(whats, st.integers(0, 2)), min_size=1, max_size=12))
def test_every_event_gets_into_exactly_one_turn_in_its_order(events: list[tuple[What, int]]) -> None:
    reads = [read(what, tries=tries, number=n) for n, (what, tries) in enumerate(events)]
    left, seen = list(reads), []
    while left:
        segment = first_segment(left)
        assert_of_one_kind(segment)
        seen += segment.reads
        left = left[len(segment.reads) :]
    assert seen == reads


def assert_of_one_kind(segment: Segment) -> None:
    assert segment.reads
    if len(segment.reads) > 1:
        assert len(segment.said) == len(segment.reads)
        assert not any(r.event.tries for r in segment.reads)
