"""What is taken for a scam that is going on, and what only sounds like one."""

from __future__ import annotations

import pytest
from dialogue_cast import TUESDAY_23, Talk, alert_of, cards_of, texts_of

BEGINS = [
    "今ATMの前におる 携帯で言われるとおりにしてる",
    "還付金がもどるって年金事務所の人が",
    "市役所の人から電話で還付金あるって 今ATMの前",
    "医療費が戻るからキャッシュカードを持って銀行の機械の前に行ってくださいと言われた",
    "警察の人から電話で 通帳が犯罪に使われてるから預かりに来るって",
    "ビデオ通話で警察手帳見せられた",
    "今日中に300万ふりこまないと逮捕って",
    "警察を名乗る人とまだ通話中です",
    "パソコンの画面に警告出てサポートに電話した",
    "コンビニでカード10万買ってこいって 今コンビニ",
    "電子マネーを買って番号を教えろって言われてる",
    "孫が事故おこして示談金て 弁護士さんが今から取りに来る",
    "これから部下の人が取りに来るって",
    "会社の金なくしたって",
    "銀行協会の人がキャッシュカードを預かりに来ます",
    "契約するまで帰らないって玄関に座ってる",
    "玄関に男の人がいる 瓦がずれてるって 屋根のぼってる 今",
    "1を押せて",
    "けいさつの ひとから でんわ カード あずかる いいます",
]
# With the tag of this message, or of the talk before it, words of the moment are enough.
TAGGED = [
    "今から払いに行きます",
    "今コンビニに並んでます",
    "当選の電話 口座教えた",
    "カードの裏の番号いっちゃった",
    "宅配のSMS押してもた",
    "警察手帳の写真おくられてきた。振り込んだ",
    "もうすぐ取りに来ます",
]
CALM = [
    "詐欺のニュースを見た",
    "前に詐欺にあった",
    "母が還付金の電話をすぐ切った",
    "ATMで家賃をおろした",
    "コンビニでバイトしてます",
    "今コンビニでバイト中です",
    "宅配が今から来る",
    "今からATMで家賃をおろしてきます",
    "娘が今から来ます",
    "ヘルパーさんがもうすぐ来ます",
    "友達がお金を取りに来る",
    "確定申告の還付金がまだ振り込まれない",
    "市役所に電話して還付の申請をしました",
    "警察の人が落とし物を取りに来てくださいと言ってました",
    "警察に電話したら相談だけって言われた",
    "信金の人が集金に来ます",
    "家賃を払わないと裁判って手紙が来た",
    "電気代を払わないと止められる",
    "国民年金の未納をコンビニで払った",
    "コンビニでプリペイドカードを買って孫に送りました",
    "息子が会社を辞めたいって電話してきた",
    "孫が事故にあって入院してる",
    "頼んだ大工さんが屋根にのぼってる 今",
    "屋根から雨漏りして 今バケツ置いてる",
    "母の通帳は私が預かってます",
    "施設に通帳を預けることになった",
    "ATMの使い方がわからない",
    "病院に電話して予約した 1番を押すのがむずかしい",
    "ビデオ通話で孫の顔を見ました",
    "テレビで還付金の電話に注意って言ってた",
    "警察の人が振り込め詐欺の講座に来た",
    "昔 還付金詐欺の電話がうちにも来た",
    "振り込みが遅れて困ってます",
    "給料を振り込んでもらえない",
    "渡した書類が戻らない",
    "弁護士さんに相談に行きます",
    "スマホの画面が割れて電話できない",
]


@pytest.mark.parametrize("text", BEGINS)
@pytest.mark.parametrize("now", [Talk().now, TUESDAY_23], ids=["day", "night"])
def test_a_scam_that_goes_on_brings_the_numbers_at_once(text: str, now: object) -> None:
    talk = Talk(now=now)  # type: ignore[arg-type]
    decision = talk.hear(text)
    assert [contact.uri for card in cards_of(decision) for contact in card.contacts] == [
        "tel:110",
        "tel:%239110",
        "tel:188",
    ]
    alert = alert_of(decision)
    assert alert is not None
    assert (alert.rule, alert.kinds) == ("scam_now", ())


@pytest.mark.parametrize("text", TAGGED)
def test_words_of_the_moment_are_enough_where_the_listener_heard_a_scam(text: str) -> None:
    assert cards_of(Talk().hear(text, tags=["scam"])), text


@pytest.mark.parametrize("text", CALM)
def test_what_only_sounds_like_one_is_listened_to(text: str) -> None:
    decision = Talk().hear(text)
    assert not cards_of(decision), texts_of(decision)
    assert alert_of(decision) is None


@pytest.mark.parametrize("text", CALM[:4])
def test_a_memory_stays_one_where_the_listener_heard_a_scam(text: str) -> None:
    assert alert_of(Talk().hear(text, tags=["scam"])) is None


def test_a_scam_told_of_before_does_not_make_one_of_a_visit() -> None:
    talk = Talk()
    talk.hear("布団を高く買わされました", tags=["scam"])
    for text in ("娘がもうすぐ来ます", "明日病院に行きます", "今から寝ます"):
        assert not cards_of(talk.hear(text)), text


@pytest.mark.parametrize("text", ["今ATMの前です", "また電話が鳴ってる 今", "カード入れました", "もうすぐ取りに来ます"])
def test_a_scam_told_of_before_makes_one_of_an_act(text: str) -> None:
    talk = Talk()
    talk.hear("市役所の保険課という人と話しました", tags=["scam"])
    assert cards_of(talk.hear(text)), text
