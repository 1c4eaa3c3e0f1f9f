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


@pytest.mark.parametrize("state", ["waiting", "expired", "failed", "blocked"])
def test_what_may_have_arrived_is_never_told_as_not_arrived(state: str) -> None:
    said = told(state, tries=2, reason="ServerDisconnectedError", by=None, unsure=True)
    assert "届いたかもしれません" in said.text
    assert "届いていません" not in said.text


def test_a_doubled_message_is_told() -> None:
    assert "二度届いた" in told("sent", tries=2, reason=None, by="push", doubled=True).text
    assert "二度届いた" not in told("sent", tries=2, reason=None, by="push").text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("LINE answered 400", "LINEが内容を受け付けない"),
        ("LINE answered 503", "LINEの障害"),
        ("LINE answered 413", "LINEが受け付けない(413)"),
        ("TimeoutError", "LINEから返事がない"),
        ("ServerDisconnectedError", "LINEから返事がない"),
        ("the desk has no account", "この窓口のLINEの鍵がない"),
    ],
)
def test_every_reason_is_told_in_japanese(reason: str, words: str) -> None:
    assert f"({words})" in told("waiting", tries=1, reason=reason, by=None).text


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
