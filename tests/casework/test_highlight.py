"""Words that led to a finding are marked inside the message, and nothing of the message is lost or added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from casework.highlight import Mark, Piece, pieces, showable

marks = st.lists(st.builds(Mark, start=st.integers(-3, 20), end=st.integers(-3, 20), label=st.sampled_from(["a", "b"])))


def test_words_are_marked_where_they_stand() -> None:
    text = "家賃が払えなくて、食べてない"
    marked = pieces(text, [Mark(start=0, end=6, label="poverty"), Mark(start=9, end=14, label="risk")])
    assert marked == (
        Piece(text="家賃が払えな", labels=("poverty",)),
        Piece(text="くて、"),
        Piece(text="食べてない", labels=("risk",)),
    )


def test_overlapping_reasons_share_their_words() -> None:
    marked = pieces("あいうえお", [Mark(start=0, end=3, label="a"), Mark(start=2, end=5, label="b")])
    assert [(piece.text, piece.labels) for piece in marked] == [("あい", ("a",)), ("う", ("a", "b")), ("えお", ("b",))]


@given(st.text(max_size=20), marks)
def test_the_pieces_are_the_message(text: str, given_marks: list[Mark]) -> None:
    found = pieces(text, given_marks)
    assert "".join(piece.text for piece in found) == showable(text)
    assert all(piece.text for piece in found)


def test_what_no_page_can_hold_is_replaced_one_for_one() -> None:
    assert showable("a\ud83cb\x00c") == "a\ufffdb\ufffdc"
    assert showable("𠮷👨‍👩‍👧") == "𠮷👨‍👩‍👧"
