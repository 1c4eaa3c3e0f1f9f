"""Words of the dictionary are remembered by their number; whatever has no number of its own is read each time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nlp.tokens
from nlp.text import prepare
from nlp.tokens import Token, Tokenizer

LINES = (Path(nlp.tokens.__file__).parent / "corpus" / "heldout" / "l.jsonl").read_text(encoding="utf-8").splitlines()
TEXTS = [json.loads(line)["text"] for line in LINES[:60]]


def forms(tokenizer: Tokenizer, text: str) -> list[str]:
    return [token.form for token in tokenizer.tokenize(prepare(text))]


def words(tokenizer: Tokenizer, texts: list[str]) -> dict[str, list[Token]]:
    return {text: tokenizer.tokenize(prepare(text)) for text in texts}


def test_numbers_keep_their_own_forms_one_after_the_other() -> None:
    tokenizer = Tokenizer()
    assert forms(tokenizer, "12円と二百三十円") == ["12", "円", "と", "230", "円"]
    assert forms(tokenizer, "345円") == ["345", "円"]


def test_signs_are_no_words_the_first_time_and_the_second() -> None:
    tokenizer = Tokenizer()
    assert forms(tokenizer, "家、「家」。") == forms(tokenizer, "家、「家」。") == ["家", "家"]


def test_the_order_in_which_messages_come_changes_no_word() -> None:
    assert words(Tokenizer(), TEXTS) == words(Tokenizer(), TEXTS[::-1])


def test_when_the_memory_is_full_words_are_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = words(Tokenizer(), TEXTS)
    monkeypatch.setattr(nlp.tokens, "_REMEMBERED", 10)
    full = Tokenizer()
    assert words(full, TEXTS) == expected
    assert len(full._forms) == 10
