"""What must not matter: manners, emoji, stops, line ends; and offsets always point at the resident's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yaml_files import read_yaml

from nlp import Listener
from nlp.labelled import messages_in

CASES = read_yaml(Path(__file__).parent / "behaviour.yaml")
TEXTS = [case.rpartition(" => ")[0] for cases in CASES.values() for case in cases]
CORPUS = [
    item.text
    for path in sorted((Path(__file__).parents[2] / "nlp" / "corpus" / "train").glob("*.jsonl"))
    for item in messages_in(path)
]
MANNERS = {
    "a full stop": "{}。",
    "an emoji": "{}😊",
    "a line end": "{}\n",
    "a greeting": "こんにちは。{}",
    "a polite ending": "{}\nよろしくお願いします",
}
RELAXED = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def tags(listener: Listener, text: str) -> set[str]:
    return {concern["id"] for concern in listener.assess({"text": text})["categories"]}


@pytest.mark.parametrize("manner", MANNERS.values(), ids=MANNERS.keys())
def test_manners_do_not_change_what_a_message_is_about(listener: Listener, manner: str) -> None:
    japanese = [text for text in TEXTS if not text.isascii()]
    changed = [text for text in japanese if tags(listener, text) != tags(listener, manner.format(text))]
    assert len(changed) <= len(japanese) // 50, changed


@given(text=st.sampled_from(CORPUS))
@RELAXED
def test_evidence_is_a_quotation(listener: Listener, text: str) -> None:
    heard = listener.assess({"text": text})
    spans = [span for concern in heard["categories"] for span in concern["evidence"]] + heard["risk"]["evidence"]
    assert all(span["text"] == text[span["start"] : span["end"]] and span["text"].strip() for span in spans)
    assert all(concern["evidence"] for concern in heard["categories"])


@given(text=st.sampled_from(CORPUS))
@RELAXED
def test_half_width_and_katakana_writing_is_read_the_same(listener: Listener, text: str) -> None:
    wide = text.translate({code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)})
    assert tags(listener, text) == tags(listener, wide)


@given(first=st.sampled_from(CORPUS), second=st.sampled_from(CORPUS))
@RELAXED
def test_danger_never_falls(listener: Listener, first: str, second: str) -> None:
    turns = listener.assess({"turns": [first, second, "うそです、大丈夫です"]})["turns"]
    ranks = [["none", "watch", "urgent"].index(turn["risk"]["level"]) for turn in turns]
    assert ranks == sorted(ranks)
