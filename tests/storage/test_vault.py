"""Sealing: opens only with its key and in its place, and never shows what it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ids import new_id, uuid7
from storage.vault import IndexKey, Place, SealingKey, UnsealError, open_with_any

PLACE = Place(table="messages", column="text", row=uuid7(1_700_000_000_000, 7))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_value_comes_back_as_it_was(value: object) -> None:
    key = SealingKey.fresh()
    assert key.open_json(PLACE, key.seal_json(PLACE, value)) == value


def test_lone_surrogates_and_nul_survive() -> None:
    key = SealingKey.fresh()
    assert key.open_json(PLACE, key.seal_json(PLACE, "a\ud83d\x00b")) == "a\ud83d\x00b"


def test_a_sealed_value_does_not_open_in_another_row_column_or_table() -> None:
    key = SealingKey.fresh()
    sealed = key.seal(PLACE, b"words")
    for other in (
        Place(table="messages", column="text", row=new_id()),
        Place(table="messages", column="evidence", row=PLACE.row),
        Place(table="outbox", column="text", row=PLACE.row),
    ):
        with pytest.raises(UnsealError):
            key.open(other, sealed)


def test_a_sealed_value_does_not_open_with_another_key_or_when_damaged() -> None:
    sealed = SealingKey.fresh().seal(PLACE, b"words")
    key = SealingKey.fresh()
    for wrong in (sealed, sealed[:-1], b"", b"\x02" + sealed[1:]):
        with pytest.raises(UnsealError):
            key.open(PLACE, wrong)


def test_the_same_words_are_sealed_differently_each_time() -> None:
    key = SealingKey.fresh()
    assert key.seal(PLACE, b"words") != key.seal(PLACE, b"words")


def test_keys_do_not_show_themselves() -> None:
    key = SealingKey(b"k" * 32)
    assert "k" * 4 not in repr(key) + str(key) + repr(IndexKey(key))


def test_an_index_is_the_same_for_the_same_parts_only() -> None:
    index = IndexKey(SealingKey.fresh())
    assert index.of("desk", "line", "U1") == index.of("desk", "line", "U1")
    assert index.of("desk", "line", "U1") != index.of("desk", "line", "U2")
    assert index.of("a", "bc") != index.of("ab", "c")
    assert index.of("desk", "line", "U1") != IndexKey(SealingKey.fresh()).of("desk", "line", "U1")


def test_any_of_the_masters_opens_a_wrapped_key_and_says_which() -> None:
    old, new, key = SealingKey.fresh(), SealingKey.fresh(), SealingKey.fresh()
    wrapped = old.wrap(PLACE, key)
    position, opened = open_with_any([new, old], PLACE, wrapped)
    assert position == 1
    assert opened.open(PLACE, key.seal(PLACE, b"words")) == b"words"
    with pytest.raises(UnsealError, match="DATA_KEY"):
        open_with_any([new], PLACE, wrapped)


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_ids_are_version_7_and_carry_their_millisecond(ms: int, random_bits: int) -> None:
    made = uuid7(ms, random_bits)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == ms
