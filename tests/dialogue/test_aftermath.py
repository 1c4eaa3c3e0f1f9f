"""The talk after a danger: what is understood, what fits, and what is never said twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialogue_cast import CONTENT, Talk, texts_of
from yaml_files import read_yaml

from dialogue.aftermath import question_in
from dialogue.events import Arrived
from dialogue.intents import holds, sentences
from dialogue.words import Text

SAID = read_yaml(Path(__file__).parent / "wordings" / "aftermath.yaml")
EVERYTHING = {**CONTENT.heard.told, "acts": CONTENT.heard.acts}


def meanings(text: str) -> set[str]:
    return {name for name, patterns in EVERYTHING.items() if holds(patterns, sentences([text]))}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SAID["told"].items() for text in texts])
def test_what_is_told_is_understood(name: str, text: str) -> None:
    assert name in meanings(text)


@pytest.mark.parametrize("text", SAID["acts"])
def test_what_was_done_is_understood(text: str) -> None:
    assert "acts" in meanings(text)


@pytest.mark.parametrize("text", SAID["calm"])
def test_a_look_alike_means_nothing_of_the_kind(text: str) -> None:
    assert not meanings(text)


def test_every_meaning_has_wordings() -> None:
    assert SAID["told"].keys() == CONTENT.heard.told.keys()


STOPPING = (
    *("やめても", "休みながら", "ここまで", "書けるところ", "飛ばして", "書かなくて", "閉じて", "話したくない"),
    *("とちゅうで", "書ける ところ", "話したくない", "とじて"),
)
CALM = tuple(f"それから{number}番目のことです" for number in range(24))


def talk_of(*, crisis: bool, minor: bool) -> Talk:
    talk = Talk()
    talk.meet(Arrived())
    level = "urgent" if crisis else "watch"
    talk.hear(
        "夫にたたかれます", tags=["abuse_dv"], level=level, kinds=["violence"], safety=["harmed", "self"], minor=minor
    )
    return talk


@pytest.mark.parametrize("crisis", [True, False])
@pytest.mark.parametrize("minor", [True, False])
def test_nothing_is_said_twice_within_six_answers_and_nobody_is_told_twice_at_once_to_stop(
    crisis: bool, minor: bool
) -> None:
    talk = talk_of(crisis=crisis, minor=minor)
    answers = [texts_of(talk.hear(text)) for text in CALM]
    for start in range(len(answers) - 5):
        said = [text for answer in answers[start : start + 6] for text in answer]
        assert len(said) == len(set(said)), said
    for answer in answers:
        assert sum(any(word in text for word in STOPPING) for text in answer) <= 1, answer
    brief = {*CONTENT.listening.states.brief.plain, *CONTENT.listening.states.brief.kana}
    # While a danger goes on, what is said of it stands in the place of short answers.
    assert sum(text in brief for answer in answers for text in answer) == (0 if crisis else 1)


@pytest.mark.parametrize("minor", [True, False])
def test_the_same_holds_after_a_card_where_nobody_else_sees_the_screen(minor: bool) -> None:
    talk = Talk()
    talk.meet(Arrived())
    talk.hear("もう死にたい", level="urgent", kinds=["suicide"], minor=minor)
    answers = [texts_of(talk.hear(text)) for text in CALM]
    for start in range(len(answers) - 5):
        said = [text for answer in answers[start : start + 6] for text in answer]
        assert len(said) == len(set(said)), said


def test_that_nobody_sees_the_screen_changes_the_talk_and_not_what_may_be_sent() -> None:
    talk = talk_of(crisis=False, minor=False)
    assert talk.state.safety == "screen"
    talk.hear("誰も見てないです")
    assert talk.state.unwatched
    assert talk.state.guarded
    talk.hear("夫が帰ってきた")
    assert not talk.state.unwatched


def test_the_same_words_later_answer_no_question() -> None:
    talk = talk_of(crisis=False, minor=False)
    talk.hear("きのうもです")
    talk.hear("大丈夫です")
    assert not talk.state.unwatched


@pytest.mark.parametrize(
    "text", ["はい", "うん", "ある", "見られるかもしれない", "夫は寝てます", "大丈夫じゃない", "わかりません"]
)
def test_what_does_not_say_that_nobody_sees_it_keeps_the_talk_guarded(text: str) -> None:
    talk = talk_of(crisis=True, minor=False)
    talk.hear(text)
    assert not talk.state.unwatched


def test_every_safety_question_of_a_card_that_can_be_answered_in_a_word_is_known() -> None:
    """All but the open ones: 「最後に様子が分かったのは、いつですか」."""
    for key, card in CONTENT.cards.items():
        for text in (*card.ask.plain, *card.ask.kana):
            known = question_in(CONTENT, [Text(text=text)])
            assert known or "いつですか" in text, f"{key}: {text}"


@pytest.mark.parametrize("name", CONTENT.heard.questions)
def test_every_answer_that_is_understood_has_its_words(name: str) -> None:
    question, words = CONTENT.heard.questions[name], CONTENT.aftermath.questions[name]
    assert bool(question.no or not question.own) is (words.no is not None)
    assert bool(question.yes or not question.own) is (words.yes is not None)


def test_a_plain_no_to_the_question_of_the_screen_can_be_read_one_way_only() -> None:
    for text in ("いいえ", "ない"):
        talk = talk_of(crisis=True, minor=False)
        assert talk.state.safety == "screen"
        talk.hear(text)
        assert talk.state.unwatched, text


@pytest.mark.parametrize("group", ["cards", "crisis"])
def test_no_safety_question_is_put_so_that_a_plain_yes_means_both(group: str) -> None:
    text = (Path(__file__).parents[2] / "config" / "content" / f"{group}.yaml").read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if line.strip().startswith("- ") and line.endswith("ませんか。")]
