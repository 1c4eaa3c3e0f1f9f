"""Small kana above kanji: the right kana, over the right letters, and never a letter lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.content import load_content
from config.contents.wording import sentences
from nlp.readings import Readings

READINGS = Readings()


def written(text: str) -> str:
    """The text in the notation of the papers: 漢字《かんじ》."""
    return "".join(f"{p.text}《{p.reading}》" if p.reading else p.text for p in READINGS.of(text))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("相談員が読みます。", "相談員《そうだんいん》が読《よ》みます。"),
        ("書いたことを取り消しました", "書《か》いたことを取《と》り消《け》しました"),
        ("24日(火)の9時", "24日《か》(火《か》)の9時《じ》"),
        ("27日(金)の10時", "27日《にち》(金《きん》)の10時《じ》"),
        ("3日（水）", "3日《か》（水《すい》）"),
        ("何も食べていません", "何《なに》も食《た》べていません"),
        ("言う", "言《い》う"),
        ("一人で", "一人《ひとり》で"),
        ("コーヒーとお茶", "コーヒーとお茶《ちゃ》"),
        ("かなだけ ABC 123", "かなだけ ABC 123"),
        ("", ""),
    ],
)
def test_kanji_get_their_reading(text: str, read: str) -> None:
    assert written(text) == read


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_no_letter_is_lost(text: str) -> None:
    joined = "".join(piece.text for piece in READINGS.of(text))
    assert (
        joined == "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text) or joined == text
    )


def test_long_texts_are_read_in_parts() -> None:
    text = "相談" * 12_000
    assert "".join(piece.text for piece in READINGS.of(text)) == text


def test_every_kanji_of_ours_has_a_reading() -> None:
    unread = {
        piece.text
        for _, text in sentences(load_content())
        for piece in READINGS.of(text)
        if not piece.reading and any("一" <= letter <= "鿿" for letter in piece.text)
    }
    assert unread == set()
