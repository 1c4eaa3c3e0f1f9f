"""Danger that stands between the lines of a few short sentences.

「通帳は机の上」 may be said to a husband, 「遺影は成人式のやつで」 in jest; both together are a farewell. So short
words say little to whoever weighs them, and only a message counts in which every sentence is of a known shape: what
stands beside them, a move, a wedding, a curry, leaves it to the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.findings import RiskKind, RiskLevel
from nlp.partings import MUCH as _MUCH
from nlp.partings import PARTINGS
from nlp.partings import SO as _SO
from nlp.sentences import clauses

Span = tuple[int, int]
#: Whoever writes more than this tells something.
LONGEST = 100

_DAYS = (
    "(?:もう)?(?:二日|三日|四日|五日|六日|一週間|二週間|[2-9]日|1週間|2週間|10日|十日|何日|しばらく|おととい|一昨日|先週|昨日|きのう|ずっと)"
    "(?:間|くらい|ぐらい|ほど|前|も|から|以上|、)*"
)
_THEY = (
    "(?:(?:離れて|遠くに|一人で|ひとりで)(?:暮らす|暮らしてる|住む|住んでる)|一人暮らしの|ひとり暮らしの|別居(?:してる|中の)|実家の|高齢の|"
    "[789]\\d(?:歳|代)?の|田舎の)*(?:お)?(?:母|父|親|両親|祖母|祖父|ばあちゃん|じいちゃん|ばあさん|じいさん|かあさん|とうさん|母さん|父さん|"
    "おかん|おとん|叔母|伯母|叔父|伯父|義母|義父|姉|兄)(?:親|さん)?"
)
_OUTSIDE = (
    "(?:隣|となり|近所|向かい|裏|上の階|下の階|上の部屋|下の部屋|真上|真下|同じあぱーと|同じ団地|団地|あぱーと|飼い主)の"
    "(?:家の|部屋の|階の|一人暮らしの|ひとり暮らしの|独り暮らしの|高齢の)*"
    "(?:おじさん|おばさん|おじいさん|おばあさん|おじいちゃん|おばあちゃん|ご?主人|方|人|住人|お年寄り)"
)
_ORGAN = "(?:心臓|しんぞう|血圧|糖尿病?|てんかん|いんすりん|抗がん剤|甲状腺|腎臓|喘息|肝臓|脳梗塞|移植)"
_NOT_TAKEN = (
    f"(?:を|は|も)?{_MUCH}(?:飲む|のむ|打つ|行く)?(?:の|のを|のは|のも)?"
    f"(?:やめ|飲まないことにし|打たないことにし|捨て|すて)(?:まし)?た{_SO}"
)
_IDOL_GONE = (
    "(?:推し|推しの?ぐるーぷ|ばんど|あの人|彼|猫|犬|あの子)[がもと]?"
    "(?:卒業|引退|脱退|解散|活動休止|結婚|死ん|亡くな|別れ|いなくな)(?:し|っ)?(?:て|で|た|たら|てから|でから)"
)
_TREASURE = (
    "(?:大事な|大切な|持ってる|持ってた|全部の)*"
    "(?:ぷれぜんと|げーむ|まんが|漫画|本|おもちゃ|ぬいぐるみ|かーど|ぐっず|宝物|たからもの|服|ぎたー|すいっち)"
)
# How those write who have little Japanese and are kept by whom they work for.
_WITHHELD = "(?:は|が|を|も)?(?:くれない|だめ|ない|とる|とった|取った|かえさない|返さない|返してくれない)"
_FOOD = f"(?:ごはん|ご飯|たべもの|食べ物|ぱすぽーと|ざ?いりゅうかーど){_WITHHELD}"
_PAY = f"(?:(?:おかね|お金|きゅうりょう|給料|みず|水){_WITHHELD})"
_LOCK = (
    "(?:へや|部屋|いえ|家|どあ|りょう|寮|そと|外)(?:に|の|は|を|へ)?(?:そと(?:から)?|"
    "外から)?(?:かぎ|鍵|でられない|出られない|でれない|だめ)(?:を)?(?:する|かける|かけた|した)?"
)
# 「別れるなら動画ばらまくって言われた」.
_ELSE = (
    "(?:もし)?(?:別れるなら|別れたら|別れるって言ったら|会わないと|会わないなら|送らないと|"
    "払わないと|断ったら|断ると|ぶろっくしたら|逃げたら|言うこと聞かないと|やらないと)"
)
_ONES_OWN_PICTURES = (
    "(?:私の|わたしの|俺の|裸の|はだかの|えっちな|してる|下着の)*(?:動画|写真|画像)"
    "(?:を|も)?(?:全部|みんなに|友達に|学校に|会社に|家族に|親に|ねっとに|snsに)*"
)
_SPREADS = "(?:ばらまく|ばらまかれる|ばらまいてやる|さらす|晒す|さらされる|晒される|拡散する|拡散される)"
_IS_SAID = (
    "(?:ぞ)?(?:って|と)?(?:言われ|いわれ|脅され|おどされ|言って|脅して|らいんが|"
    "めーるが|dmが)(?:てる|てます|て|た|きた|くる|きて|来て|来る|来た|る)*"
)
_BURDEN = (
    "(?:[^。]{0,8}[にの])?(?:もう)?(?:迷惑|めいわく|負担|お金)(?:を|は|に|"
    "が)?(?:かけたくない|かけない|なりたくない|かかる)(?:から|ので|ため|ように|ようにと|し)+"
)
_STOPS_EATING = (
    f"{_MUCH}(?:何も|なにも)?(?:(?:ごはん|ご飯|食事)(?:を|は)?)?(?:食べるの(?:を)?やめ|食べないことにし|食べるのをやめることにし|食事をやめ)"
    f"(?:てます|てる|まし|た)*{_SO}"
)
_THINGS_LEFT = (
    "(?:通帳|印鑑|はんこ|保険証券|保険証|合い?鍵|鍵|財布|現金|きゃっしゅかーど|かーど|暗証番号|ぱすわーど|遺言|すまほ)"
)

# What a clause may say, and what it then means. The first shape that matches counts.
_PATTERNS = {
    # Manners, sighs and who writes say nothing either way.
    "nothing": (
        "(?:こんにちは|こんばんは|おはよう(?:ございます)?|はじめまして|あの|ねえ|うん|はい|もう|ごめん(?:なさい|ね)?|すみません|"
        "(?:小学?|中学?|高校?)[1-6一二三四五六](?:年|年生)?|\\d{1,2}(?:歳|才|さい)?|疲れた|疲れました|つかれた|"
        f"つらい|辛い|しんどい|親に言えない|誰にも言えない|だれにも言ってない|だれにもいってない|誰にも言ってない){_SO}"
    ),
    "ready": f"{_MUCH}準備(?:は|も)?{_MUCH}(?:終わっ|できた|でき|整っ|済ん|すん){_SO}だ?{_SO}",
    "waiting": (
        f"{_MUCH}(?:あと|後)は(?:夜|夜中|暗く|朝|その時|その日|時間|みんなが寝る)(?:に)?(?:なる|来る|くる|が来る|がくる)?(?:の)?を?待つ?だけ{_SO}"
    ),
    "relief": (
        "(?:明日|あした|今夜|今日|来週|もうすぐ|やっと|これで|そしたら|夜)(?:に|が|で|は|も)?(?:なれば|なったら|来れば)?"
        f"(?:全部|みんな|やっと|もう)*(?:楽|らく|自由)になれ(?:る|ます){_SO}"
    ),
    "asleep": (
        "(?:寝たら|眠ったら|ねたら|今夜寝たら)(?:もう|二度と|このまま|ずっと)+(?:起きたく|目を覚ましたく|おきたく)(?:ない|ありない)"
        f"{_SO}|(?:このまま|もう二度と|二度と|ずっと)(?:(?:起きたく|目を覚ましたく)(?:ない|ありない)|目が覚めなければいい|目が覚めないでほしい){_SO}"
    ),
    "reborn": (
        "(?:今度|もし|次に?)?(?:生まれ変わったら|うまれかわったら|来世は|次は|つぎは)(?:鳥|とり|貝|かい|石|いし|空気|雲|くも|木|風|草|花|星|海|魚|虫|"
        f"くらげ|こけ|苔)(?:に)?(?:なりたい|がいい){_SO}"
    ),
    "drawn": (
        "(?:線路|踏切|ふみきり|(?:駅の)?ほーむ|屋上|(?:高い)?(?:橋|びる|建物)(?:の上)?|崖|高いところ)(?:の)?(?:そば|近く|前|端|はし|上|ふち)?"
        "(?:に|で|へ|まで)(?:来る|くる|行く|いく|いる|立つ|立ってる|上る|のぼる|登る)と"
        f"{_MUCH}(?:落ち着|落ちつ|おちつ|安心す|ほっとす|楽にな)[くる]{_SO}"
    ),
    "tested": (
        "(?:ろーぷ|縄|なわ|紐|ひも|べると|ねくたい|延長こーど|どあのぶ|かーてんれーる|鴨居|梁)(?:って|は|の強度は|で)?(?:何|なん|どの|どれ|人|大人|体重)"
        "(?:きろ|kg|くらい|ぐらい|の体重|の重さ|で|を|に|が|まで|は|の)*(?:耐え|たえ|支え|ささえ|切れ|もつ|持つ|もち)(?:る|れる|られる|ます|られますか|ない)?"
        "(?:の|か|かな|んですか|ん|もん|もの)*(?:です)?か?"
    ),
    "no_plans": (
        "(?:来月|来週|来年|年明け|夏|冬|春|秋|先|これから|今後)(?:の|から先の)*予定(?:は|も|を)?"
        f"{_MUCH}(?:入れない|いれない|作らない|立てない)(?:こと)?(?:に)?(?:した|してる|しました)?{_SO}"
    ),
    "absent": f"(?:どうせ|だって|もう|その頃)+(?:いない|おらん|いなくなる|生きてない|この世にいない){_SO}",
    "at_hand": (
        f"{_THINGS_LEFT}(?:(?:と|や|も|は)+{_THINGS_LEFT})*(?:は|も)?{_MUCH}"
        "(?:机|つくえ|引き出し|ひきだし|箪笥|たんす|仏壇|棚|本棚|てーぶる|ぽすと|枕元|冷蔵庫|玄関)(?:の)?(?:上|中|下|一番上|横)?(?:に|です)?"
        f"(?:ある|あります|置いた|置いてある|置いてあります|置いときます|入れた|入れました|入れてあります)?{_SO}"
    ),
    "portrait": (
        f"遺影(?:の写真)?(?:は|に|には){_MUCH}[^。]{{1,12}}(?:やつ|写真|もの|の|とき|時)(?:で|が|を|に)"
        f"(?:いい|お願い|使って|して|頼みます|ください)*(?:します|ください)?{_SO}"
    ),
    "journey": (
        f"(?:疲れた|つかれた|しんどい)?(?:から|ので)?{_MUCH}(?:長い|ながい|遠い|とおい|遠くに|遠くへ|どこか遠くへ)旅に(?:出ます|出る|でます|行ってきます|出ようと思います){_SO}"
    ),
    "dont_seek": "(?:もう|みんな|どうか)*(?:探さないで|さがさないで)(?:ください|下さい|ね|よ)*",
    "no_reply": (
        f"(?:返事|返信|連絡)(?:は|も)?{_MUCH}(?:いらない|"
        f"いりない|要らない|要りない|不要|しなくていい|けっこう|結構){_SO}"
    ),
    "given_away": (
        f"(?:みんな|友達|友だち|ともだち|弟|妹|くらすのみんな)?(?:に|へ)?(?:{_TREASURE}(?:も|を|は|と|や)?)+"
        f"(?:友達に|友だちに|弟に|妹に|みんなに|みんな|全部|ぜんぶ)*(?:配っ|くばっ|あげ|ゆずっ|譲っ|渡し)(?:ちゃっ|てき|まし)?た{_SO}"
    ),
    "memories": (
        "(?:みんな|今まで|いままで)?(?:楽しい|たのしい|いい|たくさんの|いっぱいの|いろんな)*(?:思い出|おもいで)(?:を)?(?:みんな)?"
        f"ありがとう(?:ございました)?{_SO}"
    ),
    "goodbye_to": (
        "(?:先生|せんせい|みんな|みなさん|皆さん|お母さん|お父さん|まま|ぱぱ)"
        "(?:さようなら|さよなら|ばいばい)(?:です|ね)?"
    ),
    "goodbye": "(?:さようなら|さよなら|ばいばい)(?:です|ね|みんな|先生)?",
    "was_good": (
        "(?:今まで|いままで|ずっと|みんなと|先生と|いろいろ)*"
        "(?:楽しかった|たのしかった|幸せだった|幸せでした)(?:です|よ|ね)?"
    ),
    **PARTINGS,
    "undosed": f"{_MUCH}(?:薬|くすり){_NOT_TAKEN}",
    "undosed_vital": f"{_MUCH}(?:{_ORGAN}の薬|いんすりん|透析){_NOT_TAKEN}",
    "vital": f"(?:それ|これ)?(?:が|は)?{_ORGAN}(?:の(?:薬|くすり|やつ|注射))?{_SO}",
    "given_up": f"{_MUCH}(?:どうでも|どうなっても|なんでも|死んでも)(?:もう)?いい{_SO}",
    "starved": f"{_BURDEN}{_STOPS_EATING}",
    "burden": _BURDEN,
    "stops_eating": _STOPS_EATING,
    "lost": f"{_IDOL_GONE}{_SO}",
    "fainting": (
        "(?:先輩|友達|友だち|ともだち|同級生|くらすの子|男子|女子|みんな|いじめで|学校で|教室で|部活で|兄|毎日|また|に|から)*"
        f"(?:失神|しっしん|気絶|首絞め|首しめ|くびしめ|窒息)(?:ごっこ|げーむ|遊び|あそび)(?:を)?(?:させられ|やらされ|され|やられ)(?:て|てる|てます|た|ました|る|ます)*{_SO}"
    ),
    "meaningless": (
        f"(?:{_IDOL_GONE})?"
        f"{_MUCH}(?:生きる|いきる|生きてる)(?:意味|理由|気力|希望|楽しみ)(?:が|を|も)?"
        f"{_MUCH}(?:なくし|なくなっ|失っ|失くし|消え|わからなくなっ)(?:ちゃっ|まし)?た{_SO}"
    ),
    "stench": (
        "(?:[^。]{0,6}(?:あぱーと|まんしょん|団地)の)?(?:下|上|隣|となり|向かい|奥|真下|真上)の(?:階の)?部屋から"
        "(?:すごい|すごく|ひどい|変な|へんな|ものすごい|腐った(?:よう)?な?|生ごみみたいな|何とも言えない)*"
        f"(?:臭い|匂い|におい|異臭|腐敗臭|悪臭)(?:が)?{_MUCH}(?:する|します|してる|してます|してきた){_SO}"
    ),
    "flies": (
        "(?:あと)?(?:はえ|蠅|蝿|虫|うじ|蛆)(?:も|が)?"
        f"(?:たくさん|いっぱい|すごい|飛んでる|飛んで|湧いてる|わいてる|出てきた|入ってくる|多い)*{_SO}"
    ),
    "unreached": (
        f"{_THEY}(?:と|に|が|は|の)?(?:{_DAYS})?(?:電話|でんわ|連絡|けーたい|携帯|line|らいん)?(?:が|に|も|と)?(?:{_DAYS})?(?:電話|連絡)?(?:が|に|も)?"
        "(?:つながらない|繋がらない|つながらなくて|つながらん|つながりない|出ない|出なくて|でない|つかない|つきない|つかなくて|とれない|取れない|取れなくて|とれてない|"
        f"返ってこない){_SO}"
    ),
    "used_to_answer": (
        "(?:いつも|普段|ふだん|毎日)(?:は|なら)?(?:すぐ|必ず|ちゃんと|毎日)*(?:に)?(?:電話に)?"
        f"(?:出る|出てくれる|でる|返事(?:が)?(?:来る|くる|くれる)|かけてくる|電話くれる|折り返す)(?:のに|んです|んだけど|{_SO})"
    ),
    "unseen": (
        f"{_OUTSIDE}(?:を|の姿を|の姿が|が|の顔を)?(?:{_DAYS}|最近)?(?:姿を|顔を|姿が)?(?:見てない|見かけない|みてない|みかけない|見ない|見えない|ない){_SO}"
    ),
    "left_alone": (
        "(?:[^。]{0,6}の)?(?:犬|いぬ|猫|ねこ)(?:が|は|も)(?:一日中|ずっと|夜中も|朝から|毎日)+(?:鳴いて|ないて|吠えて|ほえて)(?:る|ます)"
        f"{_SO}|(?:電気|てれび|洗濯物|新聞|郵便物?)(?:が|も|は)(?:ずっと|何日も|朝から|昼も|夜も)*"
        "(?:つきっぱなし|つけっぱなし|干しっぱなし|たまって(?:る|ます)|溜まって(?:る|ます)|あふれて(?:る|ます))"
        f"{_SO}"
    ),
    "late": (
        "(?:もう)?生理(?:が|も)?(?:もう)?(?:[2-9二三四五六](?:か|ヶ|ヵ|カ|ケ|ゖ)?月|何か月|しばらく|ずっと)(?:も|くらい|以上|間)*"
        f"(?:来て|きて|来|こ|遅れて)?(?:ない|る|ます){_SO}"
    ),
    "in_school": (
        f"(?:まだ|私|わたし|いま|今|うち)*(?:中|高|小)(?:学|校)?[1-6一二三四五六](?:年生?)?{_SO}|(?:まだ|私|今)*(?:1[0-7])(?:歳|才|さい)?{_SO}"
        f"|(?:まだ|私|今)*(?:小|中|高校)学?生{_SO}"
    ),
    "held": (
        "(?:(?:わたし|私)?(?:は)?(?:びざ|在留かーど|ぱすぽーと)(?:が|は|も)?ない)?(?:わたし|私|わたしの)?"
        "(?:ぼす|しゃちょう|社長|おーなー|親方|かいしゃのひと|まねーじゃー)"
        f"(?:は|が|の|さん)*{_PAY}?(?:{_FOOD}|{_LOCK}){{1,3}}{_PAY}?{_SO}"
    ),
    # Said of a film clip it would be a story; here it is somebody's own.
    "blackmail": (
        f"{_ELSE}{_ONES_OWN_PICTURES}(?:{_SPREADS}|流す|流される|まく|まかれる|送る|送りつける|上げる|上げられる|見せる)(?:{_IS_SAID})?(?:って)?{_SO}"
        f"|{_ONES_OWN_PICTURES}{_SPREADS}{_IS_SAID}{_SO}"
    ),
    "no_papers": (
        "(?:わたし|私)?(?:は)?(?:びざ|在留かーど|ざいりゅうかーど|ぱすぽーと)(?:が|は|も)?(?:ない|ありない|きれた|切れた|とられた)"
        f"{_SO}"
    ),
    "growing": (
        f"{_MUCH}(?:おなか|お腹)(?:が|も|だけ)?(?:どんどん|だんだん|少し|すごく)*"
        f"(?:おおき|大き|出|で)(?:くなって|てき|くなり)(?:きた|た|ます|てる|てます|る){_SO}"
    ),
}
_SHAPES = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}

_URGENT, _WATCH = RiskLevel.URGENT, RiskLevel.WATCH


@dataclass(frozen=True, slots=True)
class Unspoken:
    """What short sentences come to together, and where they stand."""

    level: RiskLevel
    kind: RiskKind
    spans: tuple[Span, ...]


# What shapes come to together; the first rule of which all are there counts.
_RULES: tuple[tuple[frozenset[str], RiskLevel, RiskKind], ...] = tuple(
    (frozenset(shapes.split()), level, kind)
    for shapes, level, kind in (
        ("ready waiting", _URGENT, RiskKind.SUICIDE),
        ("at_hand portrait", _URGENT, RiskKind.SUICIDE),
        ("at_hand goodbye", _URGENT, RiskKind.SUICIDE),
        ("journey no_reply", _URGENT, RiskKind.SUICIDE),
        ("journey goodbye", _URGENT, RiskKind.SUICIDE),
        ("journey dont_seek", _URGENT, RiskKind.SUICIDE),
        ("at_hand dont_seek", _URGENT, RiskKind.SUICIDE),
        ("given_away dont_seek", _URGENT, RiskKind.SUICIDE),
        ("fainting", _URGENT, RiskKind.VIOLENCE),
        ("given_away memories", _URGENT, RiskKind.SUICIDE),
        ("given_away goodbye", _URGENT, RiskKind.SUICIDE),
        ("undosed_vital given_up", _URGENT, RiskKind.SUICIDE),
        ("undosed vital given_up", _URGENT, RiskKind.SUICIDE),
        ("no_plans absent", _URGENT, RiskKind.SUICIDE),
        ("burden stops_eating", _URGENT, RiskKind.SUICIDE),
        ("starved", _URGENT, RiskKind.SUICIDE),
        ("stench flies", _URGENT, RiskKind.MEDICAL),
        ("stench unseen", _URGENT, RiskKind.MEDICAL),
        ("stench left_alone", _URGENT, RiskKind.MEDICAL),
        ("unseen left_alone", _URGENT, RiskKind.MEDICAL),
        ("unreached used_to_answer", _URGENT, RiskKind.MEDICAL),
        ("blackmail", _URGENT, RiskKind.VIOLENCE),
        ("held", _URGENT, RiskKind.VIOLENCE),
        ("so_far goodbye", _URGENT, RiskKind.SUICIDE),
        ("done_enough goodbye", _URGENT, RiskKind.SUICIDE),
        ("entrusted goodbye", _URGENT, RiskKind.SUICIDE),
        ("entrusted so_far", _URGENT, RiskKind.SUICIDE),
        ("so_far thanks treated_well", _URGENT, RiskKind.SUICIDE),
        ("done_enough so_far thanks", _URGENT, RiskKind.SUICIDE),
        ("entrusted no_use", _URGENT, RiskKind.SUICIDE),
        ("given_away no_use", _URGENT, RiskKind.SUICIDE),
        ("no_use goodbye", _URGENT, RiskKind.SUICIDE),
        ("booked one_way far_place", _URGENT, RiskKind.SUICIDE),
        ("one_way goodbye", _URGENT, RiskKind.SUICIDE),
        ("one_way no_reply", _URGENT, RiskKind.SUICIDE),
        ("one_way thanks", _URGENT, RiskKind.SUICIDE),
        ("cancelled goodbye", _URGENT, RiskKind.SUICIDE),
        ("with_child_there", _WATCH, RiskKind.SUICIDE),
        ("one_way far_place", _WATCH, RiskKind.SUICIDE),
        ("booked one_way", _WATCH, RiskKind.SUICIDE),
        ("cancelled not_needed", _WATCH, RiskKind.SUICIDE),
        ("appointment called_off not_needed", _WATCH, RiskKind.SUICIDE),
        ("appointment called_off goodbye", _URGENT, RiskKind.SUICIDE),
        ("entrusted thanks", _WATCH, RiskKind.SUICIDE),
        ("cancelled absent", _URGENT, RiskKind.SUICIDE),
        ("so_far treated_well", _WATCH, RiskKind.SUICIDE),
        ("done_enough so_far", _WATCH, RiskKind.SUICIDE),
        ("done_enough thanks", _WATCH, RiskKind.SUICIDE),
        ("done_enough treated_well", _WATCH, RiskKind.SUICIDE),
        ("entrusted no_worry thanks", _WATCH, RiskKind.SUICIDE),
        ("entrusted treated_well", _WATCH, RiskKind.SUICIDE),
        ("entrusted no_worry given_up", _WATCH, RiskKind.SUICIDE),
        ("waiting", _WATCH, RiskKind.SUICIDE),
        ("relief", _WATCH, RiskKind.SUICIDE),
        ("asleep", _WATCH, RiskKind.SUICIDE),
        ("reborn", _WATCH, RiskKind.SUICIDE),
        ("drawn", _WATCH, RiskKind.SUICIDE),
        ("tested", _WATCH, RiskKind.SUICIDE),
        ("dont_seek", _WATCH, RiskKind.SUICIDE),
        ("journey", _WATCH, RiskKind.SUICIDE),
        ("portrait", _WATCH, RiskKind.SUICIDE),
        ("undosed given_up", _WATCH, RiskKind.SUICIDE),
        ("goodbye_to was_good", _WATCH, RiskKind.SUICIDE),
        ("meaningless", _WATCH, RiskKind.SUICIDE),
        ("late in_school", _WATCH, RiskKind.MEDICAL),
        ("growing in_school", _WATCH, RiskKind.MEDICAL),
        ("stench", _WATCH, RiskKind.MEDICAL),
        ("unreached", _WATCH, RiskKind.MEDICAL),
        ("unseen", _WATCH, RiskKind.MEDICAL),
    )
)


def unspoken(text: str) -> Unspoken | None:
    """What dense text says between its lines, None where one of its sentences tells anything else."""
    if len(text) > LONGEST:
        return None
    spans: dict[str, Span] = {}
    for span, clause in clauses(text):
        shape = _shape(clause)
        if shape is None:
            return None
        spans.setdefault(shape, span)
        if shape == "goodbye_to":
            spans.setdefault("goodbye", span)
    for shapes, level, kind in _RULES:
        if shapes <= spans.keys():
            return Unspoken(level, kind, tuple(spans[shape] for shape in spans if shape in shapes))
    return None


def _shape(clause: str) -> str | None:
    """The first shape that a clause has; who is at school is asked for before it is nothing."""
    if _SHAPES["in_school"].fullmatch(clause):
        return "in_school"
    return next((name for name, shape in _SHAPES.items() if shape.fullmatch(clause)), None)
