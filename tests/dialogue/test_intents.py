"""Wishes are understood in any wording, and a long letter that only mentions a word is not taken for a wish."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialogue_cast import CONTENT
from hypothesis import given
from hypothesis import strategies as st
from yaml_files import read_yaml

from dialogue.effects import OfferAnswer
from dialogue.intents import Intent, fold, recognise
from dialogue.offer import typed_answer
from dialogue.state import Pending, State

FOLDER = Path(__file__).with_name("wordings")
ANSWERS, BLIND = (read_yaml(FOLDER / f"{name}.yaml") for name in ("answers", "blind"))
RIGHTS, TELLINGS = CONTENT.wordings.known, CONTENT.wordings.others


def heard(*texts: str) -> Intent:
    return recognise(CONTENT.intents, texts)


def wished(found: Intent) -> tuple[str, ...]:
    """Commands and rights, without what is only explained."""
    return (*found.commands, *(name for name in found.rights if name in CONTENT.rights))


def test_every_right_and_command_is_tried_in_many_wordings() -> None:
    assert RIGHTS.keys() == CONTENT.rights.keys() | CONTENT.intents.commands.keys()
    narrower = {name for group in CONTENT.intents.nearer.values() for name in group}
    assert CONTENT.rights.keys() == CONTENT.intents.rights.keys() | narrower
    assert min(len(set(wordings)) for wordings in RIGHTS.values()) >= 20


@pytest.mark.parametrize(("right", "wordings"), RIGHTS.items())
def test_a_right_is_understood_in_any_wording(right: str, wordings: tuple[str, ...]) -> None:
    for text in wordings:
        found = heard(text)
        assert (*found.commands, *found.rights)[:1] == (right,), text


@pytest.mark.parametrize(("answer", "wordings"), ANSWERS.items())
def test_an_offer_is_answered_in_any_wording(answer: str, wordings: list[str]) -> None:
    asked = State(pending=Pending.OFFER)
    for text in wordings:
        found = typed_answer(asked, heard(text).answers)
        match answer:
            case "declined":
                assert found in {OfferAnswer.NO, OfferAnswer.STAY}, text
            case "other":
                assert found is None, text
            case _:
                assert found == answer, text


def test_a_telling_with_the_words_of_a_right_asks_for_none() -> None:
    assert [text for text in TELLINGS if wished(heard(text))] == []


def test_more_than_half_of_the_wordings_nobody_has_seen_are_understood() -> None:
    asked = [(right, heard(text)) for right, wordings in BLIND["rights"].items() for text in wordings]
    understood = [right for right, found in asked if (*found.commands, *found.rights)[:1] == (right,)]
    assert len(understood) / len(asked) > 0.5


def test_of_tellings_nobody_has_seen_few_are_taken_for_a_question_and_none_by_likeness() -> None:
    wrong = {text for text in BLIND["tellings"] if wished(heard(text))}
    patterns = CONTENT.intents.model_copy(update={"wordings": None})
    by_pattern = {text for text in BLIND["tellings"] if wished(recognise(patterns, (text,)))}
    assert wrong == by_pattern
    assert len(wrong) <= 7


def test_unseen_wordings_stay_unseen() -> None:
    known = {fold(text) for text in (*TELLINGS, *(text for wordings in RIGHTS.values() for text in wordings))}
    unseen = {
        fold(text) for text in (*BLIND["tellings"], *(text for said in BLIND["rights"].values() for text in said))
    }
    assert not unseen & known


def test_likeness_hears_one_short_sentence_that_asks_and_nothing_beside_it() -> None:
    assert heard("コンピューターがしゃべっとるんかね").rights == ("machine",)
    assert heard("母が入院しました。コンピューターがしゃべっとるんかね").rights == ()


@pytest.mark.parametrize("text", ["わたしを消してください", "電気を消して寝てます", "データを残さず消してください"])
def test_nothing_is_erased_by_mere_likeness(text: str) -> None:
    assert "erase" not in heard(text).commands


def test_others_may_read_only_after_clear_words() -> None:
    assert heard("相談員さんが読んでもいいです").commands == ("allow",)
    assert all("allow" not in heard(text).commands for text in ("みても いいよ", "全部見てもらって結構ですよ"))


def test_while_consent_is_asked_nothing_is_likened() -> None:
    text = "人間が返事を書いてるんですよね"
    patterns = CONTENT.intents.model_copy(update={"wordings": None})
    assert recognise(CONTENT.intents, (text,), consent=True) == recognise(patterns, (text,), consent=True)


@pytest.mark.parametrize(
    "text",
    [
        "仕事をやめたい",
        "もうやめたい",
        "電気を消して寝てる",
        "消えたい",
        "自分を消してしまいたい",
        "わたしを消してください",
        "私を消したい",
        "母の記憶を消したい",
        "あの人の番号を消した",
        "テレビを消して寝ます",
        "仕事の話はやめてほしい",
        "夫に電話を消された",
        "隣の人に警察を呼ばれて困っています",
        "親に言われて登録しました",
        "会社に連絡したら怒られた",
        "誰もみてくれない",
        "父の名前で借りた",
        "手術にお金がかかるんです",
        "人と話すのがこわい",
        "施設に入れたことを後悔している",
        "母が番号をわすれる",
        "夫が機械の会社に勤めています",
        "お母さんの記録が残っていた",
    ],
)
def test_a_story_is_not_taken_for_a_wish(text: str) -> None:
    assert not heard(text).rights, heard(text).rights
    assert not heard(text).commands


@pytest.mark.parametrize(
    "text", ["番号もう一回", "もう一回番号", "電話番号教えて", "さっきの番号を見せて", "ばんごう", "番号"]
)
def test_the_numbers_can_be_asked_for(text: str) -> None:
    assert heard(text).commands == ("number",)


@pytest.mark.parametrize(
    "text", ["説明", "せつめい", "ここは何をするところですか", "最初の説明をもう一度", "使い方教えて"]
)
def test_the_notice_can_be_asked_for(text: str) -> None:
    assert heard(text).commands == ("notice",)


@pytest.mark.parametrize(
    "text",
    [
        "大丈夫です",
        "うそです",
        "冗談だよ",
        "なんでもないです",
        "さっきのはうそです。ごめんなさい",
        "平気",
        "忘れてください",
    ],
)
def test_taking_back_is_understood(text: str) -> None:
    assert "fine" in heard(text).talk


def test_a_wish_at_the_end_of_a_letter_counts_and_one_in_its_middle_does_not() -> None:
    letter = "母のことです。足が悪くて。兄は遠くにいて。だれが見るの。ごはんは作っています。それだけです"
    assert heard(letter).rights == ()
    assert heard(f"{letter}。これって誰が読むんですか？").rights == ("who_sees",)


def test_small_talk_before_a_story_is_not_all_there_is() -> None:
    assert heard("こんにちは").talk == ("greeting",)
    assert heard("こんにちは。三日前から声が聞こえます").talk == ()


def test_spelling_width_and_marks_do_not_matter() -> None:
    assert fold("ﾎﾞｯﾄ、 ですか？♪") == fold("ボットですか") == "ぼっとですか"


@given(st.lists(st.text(max_size=400), max_size=5))
def test_any_text_can_be_read(texts: list[str]) -> None:
    assert heard(*texts) == heard(*texts)


@pytest.mark.parametrize("text", ["", " 　", "。。。", "!?", "\u200b\u202e", "🙏🙏"])
def test_without_letters_there_are_no_words(text: str) -> None:
    assert heard(text).wordless
