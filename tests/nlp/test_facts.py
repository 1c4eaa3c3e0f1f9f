"""Ages, people, roles and languages as the words say them."""

from __future__ import annotations

from typing import Any

import pytest

from nlp import Listener
from nlp.ages import ages_in, number
from nlp.text import prepare


def facts(listener: Listener, text: str) -> dict[str, Any]:
    heard: dict[str, Any] = listener.assess({"text": text})["facts"]
    return heard


def people(found: dict[str, Any]) -> dict[str, int | None]:
    return {person["relation"]: person.get("age") for person in found.get("people", [])}


@pytest.mark.parametrize(
    ("text", "value"), [("八十二", 82), ("二十", 20), ("十", 10), ("十五", 15), ("80", 80), ("四", 4), ("五〇", 50)]
)
def test_numbers_in_words_are_read(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    ["3年前", "5万円", "2回", "10人", "4匹", "7時", "三日", "2つ", "10個", "300円", "8%", "3丁目", "15分", "2DK"],
)
def test_other_numbers_are_no_ages(text: str) -> None:
    assert not ages_in(prepare(text).dense)


@pytest.mark.parametrize(
    ("text", "writer", "others"),
    [
        ("母が80で俺が52", 52, {"mother": 80}),
        ("父78、母75、兄49。", None, {"father": 78, "mother": 75, "older_brother": 49}),
        ("お母さま(83)の年金でお暮らしです", None, {"mother": 83}),
        ("息子四十七、生まれつきの障害です", None, {"son": 47}),
        ("わたしは八十。", 80, {}),
        ("八十歳の女です", 80, {}),
        ("中2の息子", None, {"son": 14}),
        ("小4の甥っ子", None, {"nephew": 10}),
        ("34歳、引きこもり9年です。", 34, {}),
        ("ワイ45歳無職、親父が79で", 45, {"father": 79}),
        ("小6です", 12, {}),
        ("高2です", 17, {}),
        ("1歳半の娘", None, {"daughter": 1}),
        ("80過ぎのおじいさん", None, {"grandfather": 80}),
        ("50代半ばの息子さんと80代のお母さん", None, {"son": 50, "mother": 80}),
        ("義母が90歳です", None, {"mother_in_law": 90}),
    ],
)
def test_ages_find_their_people(
    listener: Listener, text: str, writer: int | None, others: dict[str, int | None]
) -> None:
    found = facts(listener, text)
    assert found.get("writer_age") == writer
    assert people(found) == others


def test_a_later_turn_gives_the_age_of_the_person_spoken_of(listener: Listener) -> None:
    heard = listener.assess({"turns": ["息子が家におります", "四十六です", "わたしは七十八"]})
    assert people(heard["overall"]["facts"]) == {"son": 46}
    assert heard["overall"]["facts"]["writer_age"] == 78


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("死にたい", "self"),
        ("母が認知症です", "family"),
        ("隣の家から悲鳴が聞こえる", "neighbour"),
        ("民生委員をしております。担当地区のお宅のことです", "professional"),
    ],
)
def test_who_writes_is_told(listener: Listener, text: str, role: str) -> None:
    assert facts(listener, text)["writer_role"] == role


@pytest.mark.parametrize(
    ("text", "role", "at_risk"),
    [
        ("夫に殴られました", "harmed", "self"),
        ("赤ちゃんを揺さぶりそう", "may_harm", "child"),
        ("枕を母の顔に押し当てそうになった", "may_harm", "elder"),
        ("隣の家の子がベランダに出されて泣いてる", "witness", "child"),
    ],
)
def test_danger_says_whose_it_is(listener: Listener, text: str, role: str, at_risk: str) -> None:
    safety = facts(listener, text)["safety"]
    assert (safety["role"], safety["at_risk"]) == (role, at_risk)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("こんにちは", "ja"),
        ("Hello, I need help", "en"),
        ("你好，请问几点开门？", "zh"),
        ("안녕하세요", "ko"),
        ("Tôi không biết tiếng Nhật", "vi"),
        ("Gusto ko po ng tulong", "tl"),
        ("eu não falo japonês", "pt"),
        ("नमस्ते", "ne"),
        ("¿Hola, cómo están?", "es"),
        ("🙂", None),
    ],
)
def test_the_language_is_detected(listener: Listener, text: str, language: str | None) -> None:
    assert facts(listener, text).get("detected_language") == language
