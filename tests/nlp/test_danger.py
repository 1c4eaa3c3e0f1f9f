"""Danger: how soon a person has to look, why, and whose danger it is. Short cases in danger.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
from yaml_files import read_yaml

from nlp import Listener
from nlp.accidents import accidents
from nlp.combos import MUTED, REACH, Combos, combos, parse
from nlp.lexicon import lexicon
from nlp.reading import Reader
from nlp.spotter import Hit

CASES: dict[str, list[str]] = read_yaml(Path(__file__).parent / "danger.yaml")
FLAT = [case.rpartition(" => ") for cases in CASES.values() for case in cases]
LEVELS = {
    "urgent": {"urgent"},
    "alarm": {"watch", "urgent"},
    "calm": {"none", "watch"},
    "none": {"none"},
}


def _dangers(cases: list[str]) -> list[str]:
    """The texts of the cases that are no calm ones."""
    flat = (case.rpartition(" => ") for case in cases)
    return [text for text, _, wanted in flat if wanted in {"urgent", "alarm"}]


def test_there_are_at_least_a_hundred_and_twenty_cases() -> None:
    assert len(FLAT) >= 120


@pytest.mark.parametrize(("text", "wanted"), [(text, wanted) for text, _, wanted in FLAT])
def test_a_danger_is_told_from_talk(listener: Listener, text: str, wanted: str) -> None:
    risk = listener.assess({"text": text})["risk"]
    assert risk["level"] in LEVELS[wanted], risk
    for evidence in risk["evidence"]:
        assert text[evidence["start"] : evidence["end"]] == evidence["text"] != ""


@pytest.mark.parametrize(
    "text",
    [text for name, cases in CASES.items() if name.startswith("accident") for text in _dangers(cases)],
)
def test_an_accident_is_nothing_else(listener: Listener, text: str) -> None:
    kinds = listener.assess({"text": text})["risk"]["kinds"]
    assert not {"violence", "suicide"} & set(kinds)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("夫にアイロンを押し当てられた 皮がむけた", "violence"),
        ("バットで殴られた 頭が痛い", "violence"),
        ("夫に部屋に閉じ込められて出られない", "violence"),
        ("手首切った 骨見えてる", "suicide"),
        ("練炭たいた 頭がぼーっとしてきた", "suicide"),
        ("死にたい ガスくさい部屋で寝る", "suicide"),
        ("I want to die. I already took the pills", "medical"),
        ("I want to die. I already took the pills", "suicide"),
    ],
)
def test_what_is_done_is_no_accident(listener: Listener, text: str, kind: str) -> None:
    assert kind in listener.assess({"text": text})["risk"]["kinds"]


@pytest.mark.parametrize(
    ("turns", "kinds"),
    [
        (["主人が風呂から出て来ない", "もう1時間半"], ["medical"]),
        (["父が畑から帰ってこない", "もう5時間"], ["medical"]),
        (["赤ちゃんがベッドから落ちた", "泣かない"], ["medical"]),
        (["アナフィラキシーの子がエピペン持ってない", "給食でくるみ食べた"], ["medical"]),
        (["家族と連絡つかない", "津波の所に住んでて"], ["medical"]),
        (["トイレから出られなくなりました", "ドアノブが壊れて"], ["medical"]),
        (["エアコン壊れて部屋35度くらいある", "頭ガンガンして水も飲めん"], ["medical"]),
        (["へやがへんなにおい", "あたまいたい"], ["medical"]),
        (["おなかいたい", "すごいいたい", "小3 るすばん"], ["medical"]),
        (["川の水が家の前まで来てます", "母が寝たきりで動かせません"], ["medical"]),
        (["練炭の火鉢使ってたら主人がふらふらしだして", "わたしもちょっと気分悪い"], ["medical"]),
        (
            ["隣の家から毎晩子供の泣き声と、ドンって壁にぶつかる音がする", "今日は静かすぎて逆に怖い"],
            ["violence", "medical"],
        ),
    ],
)
def test_an_accident_is_told_over_turns(listener: Listener, turns: list[str], kinds: list[str]) -> None:
    risk = listener.assess({"turns": turns})["overall"]["risk"]
    assert (risk["level"], risk["kinds"]) == ("urgent", kinds)


@pytest.mark.parametrize(
    ("text", "role", "at_risk"),
    [
        ("パパがなぐる。こわい", "harmed", "self"),
        ("おかあさんにたたかれた", "harmed", "self"),
        ("赤ちゃんを揺さぶりそうです。自分が怖い", "may_harm", "child"),
        ("枕を母の顔に押し当てたくなる", "may_harm", "elder"),
        ("認知症の父に手をあげてしまった", "may_harm", "elder"),
        ("隣の家から子どもの悲鳴と叩く音が聞こえる", "witness", "child"),
        ("隣のアパートから毎晩子どもの泣き声と叩く音", "witness", "child"),
        ("父が倒れて意識がありません", "witness", "elder"),
        ("主人が倒れました", "witness", "partner"),
        ("社長に食べるものはないと言われた。三日水だけです", "harmed", "self"),
        ("猫は娘に預けました。通帳は引き出しに。長いことお世話になりました", "harmed", "self"),
        ("妻が亡くなって一年。わしもそばに行きたい。死にたい", "harmed", "self"),
        ("弟が死にたいとLINEしてきました", "witness", "other"),
        ("子どもに食べさせるものがない", "harmed", "self"),
        ("妻と二人、米も尽きて水だけで三日", "harmed", "self"),
        ("母の家の電気が止まった", "witness", "elder"),
        ("弟が三日なにも食べてない", "witness", "other"),
        ("新聞がたまっていて三日姿を見ません。電話にも出られません", "witness", "other"),
        ("お客さんの80代の方が息子に叩かれているようです", "witness", "elder"),
        ("隣のおじいさんが息子に怒鳴られて叩かれてる", "witness", "elder"),
        ("祖母が叔父に殴られてます", "witness", "elder"),
        ("娘が赤ん坊を揺さぶっとった", "witness", "child"),
        ("父に殴られました", "harmed", "self"),
        ("夜中泣いてると投げたくなる", "may_harm", "child"),
        ("トイレで赤ちゃん産まれた", "harmed", "self"),
        ("姉が家で赤ちゃん産んだ。血がとまらない", "witness", "child"),
        ("弟がお父さんになぐられてる。中1です", "harmed", "self"),
        ("床下まで水来てる 車椅子です", "harmed", "self"),
        ("草刈り機で足切った 骨見えてる", "harmed", "self"),
        ("いもうとが おふろで うかんでる", "witness", "other"),
        ("5歳の娘がスーパーで見当たらないんです", "witness", "child"),
        ("じいちゃんが餅食べてからしゃべらない", "witness", "elder"),
        ("旦那が右手に力入らないって言ってる", "witness", "partner"),
        ("息子がアイロン触って手の皮むけた", "witness", "child"),
        ("向かいのおばあさんがパジャマで裸足で歩いてる", "witness", "elder"),
        ("海で流された子がいる", "witness", "child"),
        ("糖尿の父が汗だくで変なこと言う", "witness", "elder"),
        ("ヘルパーさんがおばあちゃんのことつねってるみたいで", "witness", "elder"),
        ("職員が父を縛って部屋に閉じ込めてる", "witness", "elder"),
        ("赤ん坊が泣き止まなくて床に落としたくなる", "may_harm", "child"),
        ("上司が嫌いで、子どもを叩いてしまいます", "may_harm", "child"),
        ("介護施設で母が縛られてる", "witness", "elder"),
        ("お母さんが妹だけベランダに出してる", "witness", "child"),
        ("お母さんにベランダに出された。さむい", "harmed", "self"),
        ("家に男の人が来ておばあちゃん殴られた", "witness", "elder"),
        ("お父さん殴られたら痛いよね、なぐられてる", "witness", "elder"),
        ("息子さんが「一緒に死のうか」と仰っていました。ケアマネです", "witness", "other"),
        ("利用者さんから殴られました。ヘルパーです", "harmed", "self"),
        ("隣の人に殴られた", "harmed", "self"),
        ("隣の奥さん、旦那に殴られてるみたい", "witness", "partner"),
        ("担当の方が息子さんに殴られています", "witness", "other"),
        ("看護師です。もう死にたいです", "harmed", "self"),
        ("民生委員です。独居の80代、「死にたい」と電話口で", "witness", "elder"),
        ("看護師です。つらさが消えません。死にたい", "harmed", "self"),
        ("しせつの ひとが ばあちゃんを たたく", "witness", "elder"),
        ("担当の利用者さんが死にたいと繰り返しています。ヘルパーです", "witness", "other"),
        ("彼女が別れるなら死ぬって言って包丁持ってる", "harmed", "self"),
        ("友達が親に殴られてるって", "witness", "child"),
        ("友達が旦那に殴られてるって", "witness", "other"),
        ("隣のご主人が奥さん怒鳴って、奥さんの悲鳴が聞こえた", "witness", "partner"),
        ("利用者さんにつねられた", "harmed", "self"),
        ("隣の人に殴られました", "harmed", "self"),
        ("入居者の方に叩かれて腕にあざ", "harmed", "self"),
        ("同僚が利用者さんに叩かれています", "witness", "other"),
        ("早くお父さんのところに行きたい。主人が待ってるから", "harmed", "self"),
        ("早く逝きたい。夫が向こうで待ってる", "harmed", "self"),
        ("もう死にたい。母が迎えに来てくれる", "harmed", "self"),
        ("弟が死にたいって言って、駅で待ってる", "witness", "other"),
    ],
)
def test_a_danger_says_whose_it_is(listener: Listener, text: str, role: str, at_risk: str) -> None:
    safety = listener.assess({"text": text})["facts"]["safety"]
    assert (safety["role"], safety["at_risk"]) == (role, at_risk)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("施設の職員に「早く死ね」って言われる", ["violence"]),
        ("母親に毎日「産まなきゃよかった」って言われる", ["violence"]),
        ("彼女が別れるなら死ぬって言って包丁持ってる", ["violence"]),
        ("死ねって言われて、もう死にたい", ["suicide"]),
    ],
)
def test_who_is_told_to_die_does_not_wish_it(listener: Listener, text: str, kinds: list[str]) -> None:
    found = listener.assess({"text": text})["risk"]["kinds"]
    assert set(kinds) <= set(found)
    assert kinds != ["violence"] or found == kinds


@pytest.mark.parametrize("text", ["父が息してない", "いま夫に殴られてる", "さっき薬を全部飲んだ"])
def test_what_happens_now_is_now(listener: Listener, text: str) -> None:
    assert listener.assess({"text": text})["facts"]["safety"]["now"]


@pytest.mark.parametrize(
    "turns",
    [
        ["猫を隣の人に預けました", "通帳は引き出しにあります", "長いことお世話になりました。さようなら"],
        ["財布に二十円", "三日なにも食べてません", "うそです、忘れて"],
        ["パパがなぐる", "やっぱりだいじょうぶ", "おやすみ"],
        ["今までありがとうございました", "猫のことだけお願いします", "鍵は開けておきます"],
    ],
)
def test_danger_is_raised_over_turns_and_stays(listener: Listener, turns: list[str]) -> None:
    heard = listener.assess({"turns": turns})
    assert heard["overall"]["risk"]["level"] == "urgent"
    ranks = [["none", "watch", "urgent"].index(turn["risk"]["level"]) for turn in heard["turns"]]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    "turns",
    [
        ["締切に殺されそう", "レポートあと2本"],
        ["十年前に父に殴られていました", "今はもう亡くなっています"],
        ["昔リストカットしてたけど今は元気です", "子どもも生まれました"],
        ["お餅のどに詰まらせないコツありますか", "正月が心配で"],
        ["昨日ガスくさくて業者に来てもらって直りました", "今日は別の相談で、国保の手続きのこと"],
        ["ガス代高くて困る", "電気もプロパンも"],
        ["マイクラでマグマに落ちて全ロスした", "もう無理"],
        ["うちの犬が薬飲んじゃった", "獣医さんに電話したら大丈夫だって"],
        ["サスペンスみてたら電話鳴ってこわかった", "刺されるシーンで"],
        ["ダイエットで昨日から何も食べてない笑", "お腹すいたー"],
        ["先月主人が脳梗塞で倒れましたが今はリハビリ中です", "介護保険の申し込みはどこですか"],
    ],
)
def test_what_only_sounds_dangerous_alarms_nobody_over_turns(listener: Listener, turns: list[str]) -> None:
    shown = listener.assess({"turns": turns})["turns"]
    assert all(turn["risk"]["level"] != "urgent" for turn in shown), shown


def test_a_widow_who_is_waited_for_is_the_one_in_danger(listener: Listener) -> None:
    safety = listener.assess({"turns": ["早くお父さんのところに行きたい", "主人が待ってるから"]})["overall"]["facts"][
        "safety"
    ]
    assert (safety["role"], safety["at_risk"]) == ("harmed", "self")


CALM_TALKS = [
    ["叔母の遺品整理をしています", "最後に会ったのは春でした"],
    ["遺品整理しました", "最後の写真が出てきました"],
    ["財布を整理しました", "最後に母に会ったのは夏です"],
    ["利用者さんのことで疲れました", "実家帰りたくない"],
    ["鍋を焦がしてしまってショック", "もう火は消してあります"],
    ["猫が19歳", "最近ごはん食べなくてさ", "この子がいなくなったら一人きりだよ"],
    ["仕事辞めて一人暮らしです", "相談員と話したい", "今は決めない"],
    ["83歳です スマホは孫が買うてくれました", "お風呂に入れてもらえます", "昼はうどんでした", "足がむくんでおります"],
]


@pytest.mark.parametrize("turns", CALM_TALKS)
def test_a_calm_talk_stays_calm(listener: Listener, turns: list[str]) -> None:
    assert listener.assess({"turns": turns})["overall"]["risk"]["level"] == "none"


@pytest.mark.parametrize(
    "turns",
    [["睡眠薬もらってます", "60錠たまった", "もういいや"], ["遺品整理しました", "通帳も印鑑も妹に渡した。さようなら"]],
)
def test_a_danger_after_everyday_words_is_heard(listener: Listener, turns: list[str]) -> None:
    assert listener.assess({"turns": turns})["overall"]["risk"]["level"] == "urgent"


@pytest.mark.parametrize(("text", "found"), [("いま家です", True), ("家にいます", False), ("いまさっき", True)])
def test_being_somewhere_is_not_now(text: str, *, found: bool) -> None:
    labels = Reader(lexicon()).read(text).by_label
    assert ("sign/lifeline/now" in labels) is found


def hit(name: str, start: int, end: int) -> Hit:
    return Hit(f"sign/suicide/{name}", start, end, 0, name)


def rules(line: str) -> Combos:
    return Combos([parse(line, "combo/suicide/certain", "suicide", {})])


def test_signs_make_a_danger_in_any_order_and_the_tightest_is_shown() -> None:
    found = rules("place + farewell").find(
        [hit("place", 0, 2), hit("farewell", 12, 15), hit("place", 16, 18)], "あ" * 20
    )
    assert [(one.label, one.start, one.end) for one in found] == [("combo/suicide/certain", 12, 18)]


def test_signs_too_far_apart_or_on_the_same_words_make_none() -> None:
    far = [hit("place", 0, 2), hit("farewell", REACH, REACH + 3)]
    same = [hit("place", 0, 2), hit("farewell", 1, 3)]
    assert not rules("place + farewell").find(far, "あ" * 99)
    assert not rules("place + farewell").find(same, "あ" * 99)
    assert not rules("place + farewell 5").find([hit("place", 0, 2), hit("farewell", 6, 8)], "あ" * 99)


@pytest.mark.parametrize("text", ["死にたいわけではない", "死にたいとは思わない"])
def test_what_is_denied_is_muted(text: str) -> None:
    found = rules("wish").find([hit("wish", 0, 4)], text)
    assert [one.label for one in found] == ["combo/suicide" + MUTED]


def test_every_rule_waits_for_signs_that_exist() -> None:
    labels = {label for label, _ in lexicon().entries}
    unknown = {label for rule in combos().rules for part in rule.parts for label in part} - labels
    assert not unknown


def test_every_rule_of_an_accident_waits_for_signs_that_exist() -> None:
    known = accidents().signs | {label for label, _ in lexicon().entries}
    asked = {label for rule in accidents().rules for part in (*rule.parts, rule.unless) for label in part}
    assert not asked - known
    assert not accidents().innocent - known
    assert not accidents().signs - asked - accidents().innocent
