"""Who is under age: their own words and places, and what is no sign of a child, of guilt or of hands on a body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from dialogue_cast import CONTENT, Talk, cards_of, texts_of

from casework.consents import ConsentKind, NotAsked
from config.contents.models import Voiced
from dialogue import State
from dialogue.children import meant_for_them
from dialogue.effects import AskConsent, ConsentNotAsked
from dialogue.events import Arrived, StaffAsksConsent
from dialogue.intents import recognise
from dialogue.listened import Listened
from dialogue.writer import GROWN, age_of, under_age
from nlp.findings import Facts

# A grown-up's own work, children, drinking, papers; or words that only they are spoken to with.
ADULT = re.compile(
    "お仕事に行け|仕事の中身|働くことも育て|子どもの前|子そだて|育てること|ご自身|ご自分|手続き|督促"
    "|やめようとして|やめる、続く|強くなるのは|頼める人|意志の弱さ|お酒をやめ|しごとに 行けて|しごとも 子ども"
)
POLITE = re.compile("くださ|こられ|なさら|お気持ち|ご自|でしょうか|されて|お考え|お返事")
# What is said of these holds at any age.
FOR_ALL = {"neighbor", "pet"}


def groups() -> Iterator[tuple[str, Voiced]]:
    for name, topic in CONTENT.topics.items():
        yield f"{name}.take_up", topic.take_up
        yield f"{name}.ask", topic.ask
    yield from CONTENT.listening.feelings.items()
    yield "not_your_fault", CONTENT.listening.not_your_fault
    for name, check in CONTENT.crisis.watch.items():
        yield f"{name}.say", check.say
        yield f"{name}.ask", check.ask


def test_every_topic_whose_words_are_for_grown_ups_has_others_for_who_is_under_age() -> None:
    for name, topic in CONTENT.topics.items():
        adult = any(ADULT.search(text) for group in (topic.take_up, topic.ask) for text in (*group.plain, *group.kana))
        assert not adult or (topic.take_up.minor and topic.ask.minor), name
        assert name in FOR_ALL or (topic.take_up.minor and topic.ask.minor), name


def test_what_is_said_to_who_is_under_age_is_short_and_supposes_nothing_of_a_grown_up() -> None:
    for name, group in groups():
        if group.minor is None:
            continue
        for text in (*group.minor.plain, *group.minor.kana):
            assert not ADULT.search(text), (name, text)
            assert not POLITE.search(text), (name, text)
        assert all(" " in text for text in group.minor.kana if len(text) > 12), name
        assert not any(" " in text for text in group.minor.plain), name


def test_no_answer_to_guilt_begins_with_yes() -> None:
    fault, guilty = CONTENT.listening.not_your_fault, CONTENT.listening.feelings["guilty"]
    for group in (fault, guilty):
        assert group.minor is not None
        for text in (*group.plain, *group.kana, *group.minor.plain, *group.minor.kana):
            assert not text.startswith(("はい", "ええ"))
    assert fault.minor is not None
    assert all("せいでは" in text or "わるく" in text for text in (*fault.minor.plain, *fault.minor.kana))


def test_kana_forms_are_whole_sentences_in_whole_words() -> None:
    halves = re.compile("ゆう気|記ろく|気もち|一らん|一ど|一ばん|休みながらで いいです|そのままで いいです")
    listening = CONTENT.listening
    said = [text for _, group in groups() for text in group.kana]
    said += [text for value in dict(listening.states).values() if isinstance(value, Voiced) for text in value.kana]
    said += [text for card in CONTENT.cards.values() for text in (*card.sentence.kana, *card.lines["kana"])]
    assert not [text for text in said if halves.search(text)]


@pytest.mark.parametrize(
    "text",
    [
        "ぼくのせいだとおもう",
        "わたしのせいで けんかする",
        "私が悪いんだと思うけど",
        "ぼくがわるいことしたから",
        "自分が最低だなって",
        "私が悪いのかな",
        "わたしがいなければけんかしないのに",
        "全部俺のせい",
        "うちが悪かった",
        "わるい子だから",
    ],
)
def test_guilt_is_heard(text: str) -> None:
    assert "guilty" in recognise(CONTENT.intents, [text]).feelings


@pytest.mark.parametrize(
    "text",
    [
        "年のせいかな",
        "気のせいかも",
        "私のせいじゃない",
        "わたしのせいではないです",
        "私が悪いわけじゃない",
        "あいつのせいで眠れない",
        "お父さんが悪い",
        "私の体調が悪い",
        "うちの子が悪いことをした",
        "妹の具合がわるい",
        "私のせいにしないで",
        "私が悪口を言われた",
        "最低気温が下がった",
    ],
)
def test_what_only_sounds_like_guilt(text: str) -> None:
    assert "guilty" not in recognise(CONTENT.intents, [text]).feelings


@pytest.mark.parametrize(
    "text",
    [
        "夫は病気で休職中",
        "うちの旦那が飲んで帰る",
        "妻に先立たれた",
        "孫が来るのが楽しみ",
        "働いてない 46",
        "私はパートです",
        "娘が家から出ない",
    ],
)
def test_words_of_grown_ups(text: str) -> None:
    assert GROWN in recognise(CONTENT.intents, [text]).styles


@pytest.mark.parametrize(
    "text",
    [
        "大丈夫です",
        "大丈夫は大丈夫",
        "工夫して起きてる",
        "お母さんの夫が怒る",
        "ママはパートでおそい",
        "おばあちゃんの孫はわたしだけ",
        "先生の奥さん",
        "友だちの旦那が",
        "お姉ちゃんの娘がかわいい",
        "夫婦げんかがこわい",
        "孫の手",
    ],
)
def test_no_words_of_grown_ups(text: str) -> None:
    assert GROWN not in recognise(CONTENT.intents, [text]).styles


@pytest.mark.parametrize(
    "text",
    [
        "さわる",
        "夜さわられた",
        "先生に体さわられた",
        "お父さんが部屋に入ってくる",
        "裸の写真送っちゃった",
        "おふろのぞかれる",
        "胸をさわってくる",
        "夜ふとんに入ってくる",
        "下着の写真おくれって言われた",
    ],
)
def test_hands_and_pictures(text: str) -> None:
    assert "touched" in recognise(CONTENT.intents, [text]).styles


@pytest.mark.parametrize(
    "text",
    [
        "犬にさわると落ちつく",
        "さわがしい部屋",
        "家族の写真を送った",
        "お風呂に入ってない",
        "足を痛めた",
        "友だちが部屋に入ってきて話した",
        "さわやかな朝",
        "下着を洗ってない",
        "足をとられて転んだ",
        "夜に猫が来る",
        "お父さんが車に乗ってくる",
        "体をさすってもらう",
        "足のつめを切る",
    ],
)
def test_no_hands_and_no_pictures(text: str) -> None:
    assert "touched" not in recognise(CONTENT.intents, [text]).styles


def test_staff_read_no_child_where_the_words_are_a_grown_up_s() -> None:
    grown, facts = State(roles=(GROWN,)), Facts(writer_age=15, writer_minor=True)
    assert not under_age(grown, facts)
    assert age_of(grown, facts) is None
    assert under_age(State(), facts)
    assert age_of(State(), facts) == 15


@pytest.mark.parametrize(("kind", "age"), list(product(["suicide", "violence", "lifeline"], [8, 12, 14, 17])))
def test_the_places_for_children_come_once_whatever_the_danger(kind: str, age: int) -> None:
    talk = Talk()
    talk.meet(Arrived())
    first = talk.hear("たすけてほしいと思う", level="urgent", kinds=[kind], safety=["harmed", "self"])
    assert cards_of(first)
    shown = [cards_of(talk.hear("年", age=age, minor=True)), *(cards_of(talk.hear(text)) for text in ("うん", "そう"))]
    assert [len(cards) for cards in shown] == [1, 0, 0]
    assert all("子" in card.title or "話せる" in card.title for card in shown[0])
    assert talk.state.crisis is not None
    assert meant_for_them(CONTENT, talk.state.crisis.card)


def test_a_pupil_never_hears_kana_and_a_small_child_never_anything_else() -> None:
    for age, spaced in ((8, True), (12, True), (13, False), (16, False)):
        talk = Talk()
        talk.meet(Arrived())
        talk.hear("学校のことで話したい", age=age, minor=True, tags=["school"])
        for text in ("うん", "だるい", "家庭科の宿題を忘れた", "つらい"):
            said = texts_of(talk.hear(text))
            assert any(" " in line for line in said) is spaced, (age, said)


@pytest.mark.parametrize("age", [0, 8, 15])
@pytest.mark.parametrize("grown", ["わしは年金暮らしでな", "夫が帰ってこない"])
def test_who_was_ever_under_age_is_not_asked_to_agree_to_sharing(age: int, grown: str) -> None:
    talk = Talk()
    talk.hear("こまってる", age=age, minor=True)
    talk.hear(grown)
    talk.meet(
        StaffAsksConsent(kind=ConsentKind.ASK_AROUND, request="01J", org="01K", place="社協", reason=""),
        Listened(overall=talk.known),
    )
    assert not any(isinstance(effect, AskConsent) for effect in talk.last.effects)
    assert any(isinstance(e, ConsentNotAsked) and e.why is NotAsked.UNDER_16 for e in talk.last.effects)


def test_a_grown_up_who_tells_an_age_may_be_asked() -> None:
    talk = Talk()
    talk.hear("困っています", age=41)
    talk.meet(
        StaffAsksConsent(kind=ConsentKind.ASK_AROUND, request="01J", org="01K", place="社協", reason=""),
        Listened(overall=talk.known),
    )
    assert any(isinstance(effect, AskConsent) for effect in talk.last.effects)
