"""What is told of a delivery, and the hints for plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.plain_words import hints, length_on_line
from casework.sending import Stage, told
from storage.tables import OutboxState


@pytest.mark.parametrize(
    ("state", "tries", "reason", "stage", "again"),
    [
        ("waiting", 0, None, Stage.UNDER_WAY, False),
        ("waiting", 2, "LINE answered 500", Stage.DELAYED, False),
        ("waiting", 1, "monthly quota reached", Stage.QUOTA, False),
        ("sent", 1, None, Stage.ACCEPTED, False),
        ("blocked", 0, "blocked", Stage.BLOCKED, True),
        ("expired", 3, "expire", Stage.EXPIRED, True),
        ("failed", 1, "LINE answered 400", Stage.FAILED, True),
    ],
)
def test_every_state_is_told_as_what_it_is(
    state: str, tries: int, reason: str | None, stage: Stage, again: bool
) -> None:
    said = told(state, tries=tries, reason=reason, by="push")
    assert (said.stage, said.again) == (stage, again)


@given(st.sampled_from(OutboxState), st.integers(0, 5), st.none() | st.text(max_size=20))
def test_only_what_line_took_is_told_as_taken_and_nothing_as_read(
    state: OutboxState, tries: int, reason: str | None
) -> None:
    said = told(state.value, tries=tries, reason=reason, by=None)
    assert (said.stage is Stage.ACCEPTED) == (state is OutboxState.SENT)
    assert "読みました" not in said.text


def test_long_sentences_and_hard_words_are_pointed_out() -> None:
    found = hints(
        "重層的支援体制整備事業の窓口で、アウトリーチの担当に相談していただけますでしょうか。なぜ来られないのですか。",
        long_sentence=30,
    )
    assert len(found) == 4
    assert "重層的支援体制整備事業" in found[3]
    assert hints("今日、食べるものはありますか。", long_sentence=40) == []


@given(st.text(max_size=200))
def test_hints_come_for_any_text(text: str) -> None:
    assert len(hints(text, long_sentence=40)) <= 4
    assert length_on_line(text) >= len(text)


def test_an_emoji_counts_twice() -> None:
    assert length_on_line("あ🙏") == 3
