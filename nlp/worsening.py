"""Short words that say little by themselves, and after what was said mean that it has come to the worst."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.findings import RiskKind
from nlp.text import prepare

Span = tuple[int, int]
#: Whoever writes more than this tells something, and the model weighs it.
LONGEST = 80


@dataclass(frozen=True, slots=True)
class _Turn:
    """`now` is urgent, of these kinds, where danger of the kind `after` is known and the last words hold `said`;
    not where `unless` stands beside it."""

    after: RiskKind
    said: re.Pattern[str]
    now: re.Pattern[str]
    unless: re.Pattern[str]
    kinds: tuple[RiskKind, ...]
    longest: int = LONGEST


_SEEN_OR_HEARD = (
    "(?:聞こえて?る|聞こえた|きこえて?る|泣いて|ないてる|泣き声|泣き叫|叫ん|さけん|叫び声|悲鳴|怒鳴|どなっ|どなり|殴|なぐ|たたい|叩|"
    "蹴|暴れ|あばれ|音がす|音がし|物音|始ま|はじま)"
)
_DRUGS = re.compile("薬|くすり|錠|かぷせる|睡眠導入|眠剤|ぱぶろん|ぶろん|ばふぁりん|ろきそにん|めじこん|od")
_TURNS = (
    # Beside a wish to die, after medicine was spoken of, the next word may not come.
    _Turn(
        after=RiskKind.SUICIDE,
        said=_DRUGS,
        now=re.compile(
            "(?:眠|ねむ)(?:た?く(?:な|て)|い|たい)|寝そう|ふわふわ|ふらふら|くらくら|ぼーっと|ぼうっと|しびれ|意識が|目が(?:回|まわ|あか|開か)|ろれつ"
        ),
        unless=re.compile("(?!)"),
        kinds=(RiskKind.SUICIDE, RiskKind.MEDICAL),
    ),
    # What could be used was spoken of: now it is in use, or about to be.
    _Turn(
        after=RiskKind.SUICIDE,
        said=_DRUGS,
        now=re.compile(
            "飲んだ|のんだ|飲んじゃ|のんじゃ|飲みます|のみます|飲む(?!の)|のむ(?!の)|飲みはじめ|飲み始め|飲んでる|のんでる|全部"
        ),
        unless=re.compile("ない|ません|お茶|水を|水だけ|こーひー|やめ|明日の朝|食後|処方どおり|いつもの"),
        kinds=(RiskKind.SUICIDE, RiskKind.MEDICAL),
        longest=25,
    ),
    _Turn(
        after=RiskKind.SUICIDE,
        said=re.compile("手首|りすか|かったー|包丁|刃|剃刀|かみそり|かみそり"),
        now=re.compile("切った|切っちゃ|きった|切ります|切る$|血が"),
        unless=re.compile("電話|ない|ません|やめ"),
        kinds=(RiskKind.SUICIDE, RiskKind.MEDICAL),
        longest=25,
    ),
    _Turn(
        after=RiskKind.SUICIDE,
        said=re.compile(""),
        now=re.compile(
            "(?:手すり|柵|ふぇんす)(?:を)?(?:越|こ)え|(?:火|七輪|練炭)(?:を|に|も)?(?:つけ|ある|買)|(?:ろーぷ|ひも|紐)(?:を|も|は)?(?:かけ|結|用意|買|ある)|"
            "(?:屋上|橋の上|ほーむ|線路|踏切|崖|海の前|川の前)(?:に|で)?(?:いる|きた|着い|立って)|^(?:さよなら|さようなら|ばいばい|ばいばい)$|"
            "(?:今夜|今日|これから|いまから|今から|もう)(?:に|は)?(?:いく|逝く|いきます|逝きます|やる|やります|実行|決行|飛ぶ|吊る)"
        ),
        unless=re.compile("ない|ません|やめ|寝|会社|学校|仕事|病院|買い物"),
        kinds=(RiskKind.SUICIDE,),
        longest=30,
    ),
    # What is at hand, round the neck or before the feet; the door is left open for whoever will come.
    _Turn(
        after=RiskKind.SUICIDE,
        said=re.compile(""),
        now=re.compile(
            "(?:首|くび)に(?:もう)?(?:かけ|掛け|巻い|まい|ろーぷ|ひも|紐|輪)|(?:輪|わっか)に(?:首|くび|頭)|ぶら下が|吊った|つった$|"
            "^(?:今|いま|もう|やっと)*(?:踏切|ふみきり|線路|屋上|橋|ほーむ|駅|崖|べらんだ|海|川|だむ|樹海|非常階段)(?:の上|の前|の端|の外|だ|です|に(?:いる|着いた|きた|来た|立ってる|います))*[。!]?$|"
            "(?:手元|手の届くとこ(?:ろ)?|目の前|横|隣|机|枕元|膝の上|手の中|手)に(?:は|も)?(?:もう)?(?:かったー|包丁|刃物|ないふ|かみそり|剃刀|はさみ|ろーぷ|縄|ひも|紐|薬|くすり|錠剤|練炭|七輪|べると)|"
            "(?:かったー|包丁|刃物|ないふ|かみそり|剃刀|ろーぷ|縄)(?:を|も|は|が)?(?:今|いま)?(?:持って|もって|持った|もった|握って|にぎって|出した|出して|用意し|手に|ここに)|"
            "(?:鍵|かぎ|玄関|どあ)(?:は|を|も)?(?:もう)?(?:開けて(?:おき|おい|ある|あり)|開けとき|開けとく|あけて(?:おき|おい|ある)|あけとく|あいてます|開いてます)|"
            "(?:靴|くつ)(?:を|は|も)?(?:もう)?(?:そろえ|揃え|脱い|ぬい)(?:で)?(?:た|だ|ました|ある|ます)|(?:遺書|手紙)(?:を|は|も)?(?:机に|玄関に)?(?:置いた|置きました|書いた|書き終)|"
            "(?:柵|手すり|ふぇんす)の(?:外|向こう)|足(?:が|を)(?:浮|宙|水|かけ)"
        ),
        unless=re.compile(
            "ない|(?:捨て|すて|しまっ|しまい|片付け|預け|渡し|離し|はなし|離れ|外し|はずし|やめ|降り|帰っ|帰り|戻っ)|渡っ|買い物|仕事|学校|会社|宅配|荷物|へるぱー|訪問|子ども|"
            "子供|娘|息子|玄関の靴|昔|前は|でした|夢"
        ),
        kinds=(RiskKind.SUICIDE,),
        longest=30,
    ),
    # The body gives way where there was nothing to eat.
    _Turn(
        after=RiskKind.LIFELINE,
        said=re.compile("食べ|食って|食うて|飯|めし|ごはん|米|水だけ|空腹|腹"),
        now=re.compile("立てな|立てん|動けな|動けん|ふらふら|意識が|倒れ|目がまわ|目が回"),
        unless=re.compile("倒れそうなくらい忙|昨日は|前は"),
        kinds=(RiskKind.LIFELINE, RiskKind.MEDICAL),
        longest=30,
    ),
    # Somebody was hurt, and now does not move; somebody is at the door, and calls for help.
    _Turn(
        after=RiskKind.VIOLENCE,
        said=re.compile(""),
        now=re.compile(
            "(?:子|こ|赤ちゃん|母|父|ばあ|じい|姑|妻|弟|妹).{0,6}(?:動かな|動かん|息して|息をして|泣かなくな|ぐったり|起きな|反応)|"
            "^(?:もう|誰か|だれか|お願い|早く)*(?:助けて|たすけて).{0,6}$|(?:はだし|裸足|靴はか|ぱじゃま).{0,8}(?:外|出て|逃げ|追い出)|"
            "(?:外|べらんだ|物置).{0,4}(?:出され|閉め出され|追い出され)|(?:といれ|風呂|部屋|押し?入れ|おしいれ|くろーぜっと)(?:に|で)(?:かくれ|隠れ|逃げ|立てこも)"
        ),
        unless=re.compile("昔|前は|でした|ことがあった|夢"),
        kinds=(RiskKind.VIOLENCE,),
        longest=40,
    ),
    # Who struck is back, or at the door.
    _Turn(
        after=RiskKind.VIOLENCE,
        said=re.compile(""),
        now=re.compile(
            "^(?:また|もう|いま|今|夫が|彼が|父が|おとうさんが|お父さんが|ぱぱが)*(?:来た|きた|来てる|きてる|入ってきた|はいってきた|帰ってきた|かえってきた)(?:よ|どうしよう|こわい|怖い)*[。!]?$|"
            "(?:どあ|戸|玄関|窓|部屋)(?:を|の前で)?(?:ずっと|どんどん|がんがん)?(?:叩いて|たたいて|蹴って|けって|壊して|こわして|開けようと|あけようと)"
        ),
        unless=re.compile("ない|ません|昔|前は|でした|夢|子|警察|母|友|宅配|おさま|止ん|やん"),
        kinds=(RiskKind.VIOLENCE,),
        longest=30,
    ),
    # What was told as something of other days happens while it is written.
    _Turn(
        after=RiskKind.VIOLENCE,
        said=re.compile(""),
        now=re.compile(
            f"(?:いま|今(?!日|年|月|週|度|回|朝|までに)|まだ|また).{{0,10}}{_SEEN_OR_HEARD}|{_SEEN_OR_HEARD}.{{0,8}}(?:いま|今)(?:も|です|だよ|まさに|[。!]|$)"
            "|^(?:いま|今|たった今|現在)(?:です|だよ|だ|まさに.*|この瞬間.*|なう|なう|進行形.*)?[。!]?$"
        ),
        unless=re.compile(
            "ない|ません|静か|しずか|止ん|やん|おさま|収ま|落ち着|いつも|毎日|毎晩|毎朝|ときどき|時々|たまに|こと|夢|気が|昔|前に|でした"
        ),
        kinds=(RiskKind.VIOLENCE,),
        longest=30,
    ),
    # Whoever was not seen for days does not answer either.
    _Turn(
        after=RiskKind.MEDICAL,
        said=re.compile(
            "姿|見かけ|連絡が|見てな|見ない|会ってな|出てこな|新聞|郵便|ぽすと|牛乳|雨戸|かーてん|電気がつ|独居|ひとり暮らし|一人暮らし"
        ),
        now=re.compile(
            "(?:電話|でんわ|携帯|ちゃいむ|ちゃいむ|ぴんぽん|いんたーほん|いんたーほん|いんたーふぉん|呼び鈴|のっく|のっく|戸|どあ|どあ|声).{0,12}"
            "(?:出な|出られな|でな|出ん|でん|出えへん|つながらな|応答|返事|反応)|(?:返事|応答|返信|既読|反応).{0,4}(?:な|付か|つか|無)"
        ),
        unless=re.compile("あった|ありました|いました|出ました|でました|会えた|無事"),
        kinds=(RiskKind.MEDICAL,),
    ),
)


def worst(text: str, known: tuple[RiskKind, ...], said: str) -> tuple[tuple[RiskKind, ...], Span] | None:
    """The kinds of danger that dense text turns urgent, and where; `known` are the kinds known before it, `said` the
    last words with it. None where it turns nothing.
    """
    said = prepare(said).dense
    for turn in _TURNS:
        if (
            turn.after in known
            and len(text) <= turn.longest
            and turn.said.search(said)
            and not turn.unless.search(text)
        ):
            found = turn.now.search(text)
            if found is not None:
                return turn.kinds, found.span()
    return None
