"""Facts and worries add up over the turns."""

from __future__ import annotations

import pytest

from nlp import Known, Listener


def tags_by_turn(listener: Listener, *turns: str) -> list[set[str]]:
    heard = listener.assess({"turns": list(turns)})
    return [{concern["id"] for concern in turn["categories"]} for turn in heard["turns"]]


def test_8050_is_found_with_the_last_needed_fact_and_not_before(listener: Listener) -> None:
    turns = tags_by_turn(listener, "息子が家におります", "四十六です。仕事はしていません", "わたしは七十八")
    assert ["eighty_fifty" in tags for tags in turns] == [False, False, True]


def test_a_young_carer_is_found_when_the_age_comes_last(listener: Listener) -> None:
    turns = tags_by_turn(listener, "弟のごはんと洗濯をしています", "中2です")
    assert "young_carer" in turns[-1]


def test_double_care_is_found_over_two_turns(listener: Listener) -> None:
    turns = tags_by_turn(listener, "母が認知症で毎日世話をしています", "2歳の娘もいます")
    assert ["double_care" in tags for tags in turns] == [False, True]


def test_a_denial_takes_a_worry_back(listener: Listener) -> None:
    turns = tags_by_turn(listener, "借金が返せない", "すみません、借金はないです")
    assert "debt" in turns[0]
    assert "debt" not in turns[1]


def test_small_talk_stays_small_talk(listener: Listener) -> None:
    assert tags_by_turn(listener, "こんにちは", "今日はいい天気ですね", "庭の花が咲きました")[-1] == set()


def test_a_retraction_does_not_lower_the_danger(listener: Listener) -> None:
    heard = listener.assess({"turns": ["死にたい", "うそです、忘れて"]})
    assert heard["overall"]["risk"]["level"] == "urgent"


def test_evidence_carries_its_turn(listener: Listener) -> None:
    heard = listener.assess({"turns": ["こんにちは", "家賃が払えない"]})
    poverty = next(concern for concern in heard["overall"]["categories"] if concern["id"] == "poverty")
    assert {span["turn"] for span in poverty["evidence"]} == {1}


def test_hearing_is_pure(listener: Listener) -> None:
    known = listener.hear("母が80です", Known(), 0).known
    assert listener.hear("俺は52で無職", known, 1) == listener.hear("俺は52で無職", known, 1)


def test_order_does_not_matter_where_nothing_is_corrected(listener: Listener) -> None:
    first, second = "家賃が払えません", "隣のピアノがうるさくて困っています"
    assert tags_by_turn(listener, first, second)[-1] == tags_by_turn(listener, second, first)[-1]


def test_no_turns_give_an_empty_answer(listener: Listener) -> None:
    heard = listener.assess({"turns": []})
    assert heard["turns"] == []
    assert heard["overall"]["categories"] == []


def last_level(listener: Listener, *turns: str) -> str:
    """The level of the last turn alone, heard after the others."""
    known = Known()
    for number, text in enumerate(turns):
        heard = listener.hear(text, known, number)
        known = heard.known
    return heard.message.risk.level.value


def test_who_wishes_to_die_spoke_of_medicine_and_grows_sleepy_is_in_danger_now(listener: Listener) -> None:
    assert last_level(listener, "もう死にたい", "薬はたくさんある", "眠くなってきました") == "urgent"
    assert last_level(listener, "消えてしまいたい", "睡眠導入剤ためてた", "ふわふわする") == "urgent"


def test_growing_sleepy_is_calm_where_nobody_wishes_to_die_or_no_medicine_was_spoken_of(listener: Listener) -> None:
    assert last_level(listener, "風邪をひきました", "薬はもらってあります", "眠くなってきました") == "none"
    assert last_level(listener, "もう死にたい", "聞いてくれてありがとう", "眠くなってきました") == "none"


@pytest.mark.parametrize(
    ("turns", "level"),
    [
        (["隣の部屋から子どもの泣き声が毎晩する", "いま聞こえてる"], "urgent"),
        (["隣の部屋から子どもの泣き声が毎晩する", "今です"], "urgent"),
        (["夫にときどき殴られます", "いま寝室のドアを叩いてる"], "urgent"),
        (["隣の部屋から子どもの泣き声が毎晩する", "今は聞こえません"], "none"),
        (["夫にときどき殴られます", "いつも怒鳴ってます"], "not urgent"),
        (["今日は運動会でした", "いま泣いてる"], "none"),
    ],
)
def test_violence_that_was_told_of_is_urgent_once_it_happens_now(
    listener: Listener, turns: list[str], level: str
) -> None:
    got = last_level(listener, *turns)
    assert got != "urgent" if level == "not urgent" else got == level


@pytest.mark.parametrize("silence", ["電話にも出られません", "チャイムを鳴らしても反応なし", "返信もつかない"])
def test_whoever_was_not_seen_for_days_and_does_not_answer_is_in_danger(listener: Listener, silence: str) -> None:
    told = ["担当地区の高齢独居の方のことで", "新聞がたまっていて、三日ほど姿を見ておりません"]
    assert last_level(listener, *told, silence) == "urgent"
    assert last_level(listener, "携帯を新しくしました", silence) == "none"


@pytest.mark.parametrize(
    ("turns", "role", "at_risk"),
    [
        (["給料日前でもう500円しかない", "明日の子どもの給食費も"], "harmed", "self"),
        (["隣のおばあちゃん三日見てない", "ピンポンしても出ない"], "witness", "elder"),
        (["夫にときどき殴られます", "いま寝室のドアを叩いてる"], "harmed", "self"),
        (["隣の部屋から子どもの泣き声が毎晩する", "いま聞こえてる"], "witness", "child"),
    ],
)
def test_whose_danger_it_is_shows_over_the_turns(listener: Listener, turns: list[str], role: str, at_risk: str) -> None:
    safety = listener.assess({"turns": turns})["overall"]["facts"]["safety"]
    assert (safety["role"], safety["at_risk"]) == (role, at_risk)


@pytest.mark.parametrize(
    "turns",
    [
        ["もう死にたい", "薬がある", "いまから飲む"],
        ["もう死にたい", "薬がある", "飲んだ"],
        ["もう死にたい", "パブロン", "もう眠い"],
        ["消えたい", "手首", "切った"],
        ["死にたい", "手すり越えた"],
        ["死にたい", "七輪ある"],
        ["死にたい", "さよなら"],
        ["死にたい", "もう首にかけた"],
        ["死にたい", "首に巻いた"],
        ["死にたい", "いま踏切"],
        ["消えたい", "もう屋上"],
        ["死にたい", "ひとりでいる", "手元にカッター"],
        ["死にたい", "包丁持ってる"],
        ["死にたい", "目の前に薬"],
        ["屋上の風が気持ちいい", "靴そろえた"],
        ["夫に殴られた", "また来た"],
        ["夫に殴られた", "ドア叩いてる"],
        ["何日も食べてない", "立てない"],
        ["夫に殴られた", "はだしで外にいる"],
        ["お父さんになぐられる", "おしいれにかくれてる"],
        ["夫に殴られた", "助けて"],
        ["子どもを叩いてしまった", "子ども動かない"],
    ],
)
def test_a_danger_that_is_known_gets_worse_in_few_words(listener: Listener, turns: list[str]) -> None:
    assert last_level(listener, *turns) == "urgent"


@pytest.mark.parametrize(
    "turns",
    [
        ["もう死にたい", "薬はもう飲んでない", "お茶飲んだ"],
        ["もう死にたい", "電話切った"],
        ["死にたい", "今日は仕事いく"],
        ["家賃が払えない", "ふらふらする"],
        ["夫に殴られた", "母がいるから大丈夫"],
        ["昨日は学校の文化祭だった", "さよなら"],
        ["死にたい", "カッターは捨てた"],
        ["死にたい", "手元に薬はない"],
        ["死にたい", "宅配が来るから鍵は開けておきます"],
        ["死にたい", "子どもの靴そろえた"],
        ["カレーを作った", "手元に包丁"],
        ["夫に殴られた", "母が来た"],
        ["夫に殴られた", "宅配が玄関を叩いてる"],
    ],
)
def test_a_word_that_only_looks_worse_is_calm(listener: Listener, turns: list[str]) -> None:
    assert last_level(listener, *turns) != "urgent"
