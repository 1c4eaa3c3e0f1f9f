"""Answers about check-ins in any wording, and tellings that must not be taken for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dialogue_cast import CHECK_INS, CONTENT, EVENTS, Talk, check_in_of, options_of, texts_of
from yaml_files import read_yaml

from dialogue.checkin_words import answer_in, only_ends, says_no_more
from dialogue.intents import found_in, recognise
from nlp.findings import RiskLevel

WORDINGS = read_yaml(Path(__file__).with_name("wordings") / "check_ins.yaml")
ANSWERS = {name: said for name, said in WORDINGS.items() if name not in {"wished", "tellings"}}
SETTLED = {"weekly", "fortnightly", "monthly", "tomorrow", "on_day"}
BANDS = {"morning", "noon", "evening"}
REPLIES = {"good", "so_so", "hard", "talk", "pause"}
#: What comes back to a check-in: its buttons, and wishes about the next ones.
RETURNS = {*REPLIES, "end", "again", "need", "until"}
#: They may be said of a life.
DARK = {"終わりにします"}


def test_every_answer_is_tried_in_its_wordings() -> None:
    assert ANSWERS.keys() == CONTENT.intents.check_in.keys()


@pytest.mark.parametrize(("answer", "said"), ANSWERS.items())
def test_an_answer_is_understood_in_any_wording_and_for_no_other_of_its_kind(answer: str, said: list[str]) -> None:
    if answer in RETURNS:
        for text in said:
            assert answer_in(CONTENT.intents, [text]) == answer, text
        return
    kind = next(kind for kind in (SETTLED, BANDS, {"seen", "unseen"}) if answer in kind)
    for text in said:
        assert set(found_in(CONTENT.intents.check_in, [text])) & kind == {answer}, text


@pytest.mark.parametrize("text", WORDINGS["wished"])
def test_a_wish_is_understood_and_something_is_asked_back(text: str) -> None:
    talk = Talk()
    said = talk.hear(text)
    asked = options_of(said) and talk.state.checkins.step in {"rhythm", "band"}
    assert asked or (check_in_of(said) or "").startswith("plan"), text


@pytest.mark.parametrize("text", WORDINGS["tellings"])
def test_a_telling_is_no_wish_for_check_ins(text: str) -> None:
    assert not {"check_in", "letters", "pause"} & set(recognise(CONTENT.intents, [text]).commands), text
    assert not Talk().hear(text).state.checkins.step


def test_what_may_be_a_no_is_one_where_somebody_else_may_see_the_screen() -> None:
    for text in ("いいです", "結構です", "いや、いいです"):
        talk = Talk()
        talk.hear("殴られた", tags=["abuse_dv"], level="watch", kinds=["violence"], safety=["harmed", "self"])
        talk.hear("週に1回、朝に連絡ください")
        assert talk.state.checkins.step == "seen"
        assert check_in_of(talk.hear(text)) is None
        assert talk.state.checkins.plan is None, text


@pytest.mark.parametrize("answer", sorted(REPLIES))
def test_a_typed_reply_counts_as_the_button(answer: str) -> None:
    for text in ANSWERS[answer]:
        talk = Talk()
        talk.hear("週に1回、朝に連絡ください")
        assert check_in_of(talk.last) == "plan weekly morning"
        talk.meet(CHECK_INS["check-in due"])
        assert (check_in_of(talk.hear(text)) or "").startswith(f"answered {answer}"), text


def test_a_no_to_a_check_in_ends_them() -> None:
    for text in ANSWERS["end"]:
        talk = Talk()
        talk.hear("週に1回、朝に連絡ください")
        talk.meet(CHECK_INS["check-in due"])
        talk.hear(text)
        assert talk.state.checkins.plan is None, text


@pytest.mark.parametrize("text", ANSWERS["again"])
def test_another_word_is_wished_for_after_the_only_one(text: str) -> None:
    talk = Talk()
    talk.hear("あした、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    talk.hear(text)
    assert talk.state.checkins.step == "rhythm", text


@pytest.mark.parametrize("text", ANSWERS["again"])
def test_who_wishes_for_the_next_one_of_many_is_told_when_it_comes(text: str) -> None:
    talk = Talk()
    talk.hear("週に1回、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    said = talk.hear(text)
    assert (check_in_of(said) or "").startswith("answered words"), text
    assert "12月" in "".join(texts_of(said)), text
    assert talk.state.checkins.plan is not None


@pytest.mark.parametrize(("asked", "told"), [("need", "返事はなくて大丈夫です"), ("until", "お届けしています")])
def test_what_people_ask_back_to_a_check_in_is_answered(asked: str, told: str) -> None:
    for text in ANSWERS[asked]:
        talk = Talk()
        talk.hear("週に1回、朝に連絡ください")
        talk.meet(CHECK_INS["check-in due"])
        said = talk.hear(text)
        assert told in "".join(texts_of(said)), text
        assert (check_in_of(said) or "").startswith("answered words"), text
        assert talk.state.checkins.plan is not None, text


def test_another_word_is_wished_for_also_after_the_only_one_was_answered() -> None:
    talk = Talk()
    talk.hear("あした、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    talk.hear("ありがとう")
    talk.hear("またほしい")
    assert talk.state.checkins.step == "rhythm"


@pytest.mark.parametrize(
    "text",
    ["うん", "はい", "読みました", "特になし", "おおきに", "待ってました", "べつに", "そうねえ", "今日はいいです"],
)
def test_a_short_word_that_tells_no_worry_is_taken_as_it_is_and_asked_nothing(text: str) -> None:
    talk = Talk()
    talk.hear("週に1回、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    said = talk.hear(text)
    assert check_in_of(said) == "answered words", text
    assert len(texts_of(said)) == 1, text
    assert not any("？" in line or line.endswith("か。") for line in texts_of(said)), text


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("ねむれない", {"tags": ["mental_health"]}),
        ("消えたい", {"level": "urgent", "kinds": ["suicide"]}),
        ("もう無理", {"level": "watch", "kinds": ["suicide"]}),
        ("生活保護はどこですか", {}),
    ],
)
def test_a_short_word_that_tells_or_asks_something_is_heard(text: str, shows: dict[str, Any]) -> None:
    talk = Talk()
    talk.hear("週に1回、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    received = {line for voice in ("plain", "kana") for line in getattr(CONTENT.checkins.answers.words, voice)}
    assert not received & set(texts_of(talk.hear(text, **shows))), text


def test_a_polite_end_of_another_talk_is_no_wish_for_check_ins() -> None:
    talk = Talk()
    talk.hear("あした、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    talk.hear("ありがとう")
    talk.hear("家賃のことで困っています", tags=["poverty"])
    talk.hear("またお願いします")
    assert not talk.state.checkins.step


def test_what_may_be_said_to_the_person_who_writes_is_not_answered() -> None:
    talk = Talk()
    talk.hear("週に1回、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    talk.meet(EVENTS["staff comes"])
    assert texts_of(talk.hear("またお願いします")) == []


def test_only_words_that_end_check_ins_are_no_telling() -> None:
    for text in (*ANSWERS["end"], "ほっといて", "放っておいて", "もう送ってこないで"):
        assert only_ends(CONTENT.intents, [text]) is (text not in DARK), text
    for text in (
        "もういい。死にたい",
        "もう終わりにしたい",
        "終わりにします",
        "もう疲れた",
        "元気です",
        "もういい。生きるのをやめる",
        "",
    ):
        assert not only_ends(CONTENT.intents, [text]), text


def test_words_that_end_check_ins_are_not_listened_to_unless_there_was_danger_or_none_waits() -> None:
    talk, intents = Talk(), CONTENT.intents
    assert not says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["もういい、やめて"])
    talk.hear("週に1回、朝に連絡ください")
    assert not says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["もういい"])
    assert says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["もうお便りをやめて"])
    assert says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["届かない時間を決めたい"])
    assert says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["お便りの時間を変えたいです。"])
    assert not says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["お便りの時間を変えたい。もう消えたい"])
    assert not says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["夜は困る"])
    talk.meet(CHECK_INS["check-in due"])
    assert says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["もういい", "やめて"])
    assert not says_no_more(intents, talk.state.checkins, RiskLevel.NONE, ["もういい", "消えたい"])
    assert not says_no_more(intents, talk.state.checkins, RiskLevel.WATCH, ["もういい、やめて"])


@pytest.mark.parametrize(
    "text", ["家賃のことで話したい", "元気だったけど先週から眠れなくなった", "母がしんどいと言っています", "ありがとう"]
)
def test_words_that_say_more_are_heard_as_words(text: str) -> None:
    talk = Talk()
    talk.hear("週に1回、朝に連絡ください")
    talk.meet(CHECK_INS["check-in due"])
    assert check_in_of(talk.hear(text)) == "answered words"
