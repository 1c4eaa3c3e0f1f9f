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
        ("子どもは四つと二つです", None, {"child": 2}),
        ("孫を預かってます。上が5つで、下はまだ2つ", None, {"grandchild": 2}),
        ("孫は三つです", None, {"grandchild": 3}),
        ("子どもは高二と小五です", None, {"child": 11}),
        ("上が小2、下が2歳です", None, {"child": 2}),
        ("二歳、俺が昼みてます", None, {"child": 2}),
        ("夫も私も働いていて、小3です", None, {"husband": None, "child": 9}),
        ("妹のごとだ。四十七で、知的の障害がある", None, {"younger_sister": 47}),
        ("わしが五十二なわけなかろう。倅だ", None, {"son": 52}),
        ("若い言うても四十四やけど。旦那です", None, {"husband": 44}),
        ("母がぼけてきて困ってます。八十一です", None, {"mother": 81}),
        ("犬は十歳です", None, {}),
        ("うちの猫、17歳です", None, {}),
        ("うちの三男は足が悪くて", None, {"son": None}),
        ("俺が作るから大丈夫。中一", 13, {}),
        ("中1から祖母を見て、いま22です。母は私が中2の春に出ていった", 22, {"grandmother": None, "mother": None}),
        ("おばちゃんの旦那さんは寝たきりです。16です", 16, {"husband": None}),
    ],
)
def test_ages_find_their_people(
    listener: Listener, text: str, writer: int | None, others: dict[str, int | None]
) -> None:
    found = facts(listener, text)
    assert found.get("writer_age") == writer
    assert people(found) == others


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("母の一周忌です", {"mother": None}),
        ("息子も一緒です", {"son": None}),
        ("子どもと住む家は父の一代限りです", {"child": None, "father": None}),
        ("母ちゃんは小5のとき死んだ", {"mother": None}),
        ("おむつは赤ちゃんと母の二種類です", {"child": None, "mother": None}),
        ("父は薬を二つ、母は三つの病院です", {"father": None, "mother": None}),
        ("母は十四で奉公に出ました", {"mother": None}),
    ],
)
def test_what_only_looks_like_an_age_is_none(listener: Listener, text: str, others: dict[str, int | None]) -> None:
    found = facts(listener, text)
    assert found.get("writer_age") is None
    assert people(found) == others


@pytest.mark.parametrize(
    ("turns", "writer", "others"),
    [
        (
            ["娘がおりまして", "家で私と畑をしてます", "四十四になりますけど、夜は私の布団で寝ます"],
            None,
            {"daughter": 44},
        ),
        (["ところがもう一人いて、弟さん", "娘さんが言うには、四十八で、離れにいる"], None, {"younger_brother": 48}),
        (["うちに父がおって", "盗ったのはわたしだそうです。八十一です"], None, {"father": 81}),
        (["病児保育は予約がいりますか", "四つと二つです"], None, {"child": 2}),
        (["病児保育は予約がいりますか", "34です"], 34, {}),
        (["うちの三毛です", "十七になります"], None, {}),
    ],
)
def test_an_age_over_turns_finds_its_person(
    listener: Listener, turns: list[str], writer: int | None, others: dict[str, int | None]
) -> None:
    found = listener.assess({"turns": turns})["overall"]["facts"]
    assert found.get("writer_age") == writer
    assert {name: age for name, age in people(found).items() if age is not None} == others


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
        ("thanks", "en"),
        ("gracias", "es"),
        ("bom dia", "pt"),
        ("você está bem?", "pt"),
        ("a prefeitura abre sábado?", "pt"),
        ("qué bonito día", "es"),
        ("cam on nhieu", "vi"),
        ("em bi om", "vi"),
        ("opo", "tl"),
        ("malai kutcha", "ne"),
        ("paisa xaina", "ne"),
        ("謝謝", "zh"),
        ("找不到工作", "zh"),
        ("请问", "zh"),
        ("ㅋㅋㅋ", "ko"),
        ("okane ga nai", "ja"),
        ("tasukete", "ja"),
        ("田中", "ja"),
        ("年末調整", "ja"),
        ("NPO法人", "ja"),
        ("Netflixで見たよ", "ja"),
        ("今日のlunchはsandwich", "ja"),
        ("OK", None),
        ("Maria Santos", None),
        ("https://example.com/the/map", None),
        ('print("hello"); x = {}', None),
    ],
)
def test_the_language_is_detected(listener: Listener, text: str, language: str | None) -> None:
    assert facts(listener, text).get("detected_language") == language


@pytest.mark.parametrize(
    "text", ["お金かかりますか", "医者にかかってます", "おーい", "様子聞いてもらえますか", "このまま寝ます"]
)
def test_no_relative_is_heard_inside_another_word(listener: Listener, text: str) -> None:
    assert "people" not in listener.assess({"text": text})["facts"]


@pytest.mark.parametrize(
    ("turns", "age", "minor"),
    [
        (["子どもふたりいます", "小3と年長"], None, None),
        (["中2と小4"], None, None),
        (["親とは縁切ってて", "62です"], 62, False),
        (["妻と二人暮らし", "58です"], 58, False),
        (["母の介護してます", "54です"], 54, False),
        (["母の介護してます", "84です"], None, None),
        (["犬と二人", "ポチ", "15歳"], None, None),
        (["高3です"], 18, True),
        (["小3だよ"], 9, True),
    ],
)
def test_an_age_is_the_right_persons(listener: Listener, turns: list[str], age: int | None, minor: bool | None) -> None:
    facts = listener.assess({"turns": turns})["overall"]["facts"]
    assert (facts.get("writer_age"), facts.get("writer_minor")) == (age, minor)


@pytest.mark.parametrize(
    "turns",
    [
        ["大家です。アパートの2階の住人の部屋から匂いがします"],
        ["水道の検針員です", "いつも会うおばあちゃんが出てこない"],
        ["八百屋です。常連のおじいさんが最近来ない"],
        ["となりのおじいさんを三日みてない"],
    ],
)
def test_who_writes_of_old_people_outside_of_the_family_is_no_grandchild(listener: Listener, turns: list[str]) -> None:
    assert listener.assess({"turns": turns})["overall"]["facts"]["writer_role"] == "neighbour"


@pytest.mark.parametrize("text", ["来週 引っ越し", "会社都合退職", "我慢してる", "来月家賃", "社会保険料 滞納"])
def test_words_of_characters_alone_are_no_chinese(listener: Listener, text: str) -> None:
    assert listener.assess({"text": text})["facts"]["detected_language"] == "ja"


@pytest.mark.parametrize(
    "text", ["パパがママのことたたいた", "おとうさんがおかあさんをたたいた", "ママがおとうとをたたいた"]
)
def test_a_child_who_tells_of_a_parents_hand_did_not_raise_it(listener: Listener, text: str) -> None:
    assert listener.assess({"text": text})["facts"]["safety"]["role"] == "harmed"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Help!! my husband   hits me", "hits me"),
        ("Chồng em đánh em", "đánh em"),
        ("他說要殺了我", "要殺"),
        ("mainichi shinitai desu", "shinitai"),
    ],
)
def test_evidence_in_another_language_is_what_was_written(listener: Listener, text: str, words: str) -> None:
    spans = listener.assess({"text": text})["risk"]["evidence"]
    assert any(words in span["text"] for span in spans)
    assert all(text[span["start"] : span["end"]] == span["text"] for span in spans)
