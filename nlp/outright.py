"""A death that is announced in so many words, with nothing beside it but a farewell or a sigh; and a bare cry for help.

Such a message is too short for anything to weigh, and the same words stand in jokes (眠くて死ぬ): so only a message in
which every sentence is an announcement or a sigh counts. What stands beside it, even 「暑い」, leaves it to the model.
"""

from __future__ import annotations

import re

from nlp.findings import RiskLevel
from nlp.sentences import clauses

Span = tuple[int, int]
#: Whoever writes more than this tells something.
LONGEST = 80

_BEFORE = (
    "(?:もう|やっぱり|ほんとうに|本当に|ほんとに|絶対に?|私|わたし|あたし|僕|ぼく|俺|おれ|自分|うち|さきに|先に|"
    "は|も|が|に|を)*"
)
_WHEN = (
    "(?:(?:今|いま|これ)から|この後|このあと|今夜|今晩|こんや|今日中|今日|きょう|明日|あした|あす|週末|今|いま)"
    "(?:は|も|に)*"
)
_DECIDED = (
    "(?:死にます|しにます|死にに行きます|死んでやる|死んでやります|死のう|しのう|死ぬことに|しぬことに|死ぬつもり|死ぬ予定|死ぬ準備|"
    "死ぬしかない|死ぬしかありません|自殺する|自殺します|自殺しよう|じさつする|じさつします|命を絶つ|命を絶ちます|いのちをたちます|逝きます|"
    "首を?吊る|首を?吊ります|とびます|とんできます|首をつります|くびをつります|飛び降りる|飛び降ります|とびおります|飛び込みます|とびこみます)"
)
_MERELY = "(?:死ぬ|しぬ|消えます|きえます|死んじゃう|しんじゃう)"
_AFTER = (
    "(?:こと|つもり|予定|から|ので|んで|と思う|と思います|とおもう|とおもいます|と思ってる|と思っています|と決めた|と決めました|ことに|に|"
    "した|しました|します|決めた|決めました|きめました|です|でした|んだ|んです|だ|ね|よ|わ|な|の|が|できた|できました)*"
)
_ANNOUNCED = re.compile(f"{_BEFORE}(?:{_WHEN})?{_BEFORE}{_DECIDED}{_AFTER}")
_LEAPS = re.compile(
    "(?:もう|やっぱり|みんな|ごめん|さきに|先に|いまから|今から|これから|今夜)+(?:とぶ|とびたい|飛ぶ)(?:から|ね|よ|わ|ことにした|ことにする)*"
)
_TIMED = re.compile(_BEFORE + _WHEN + _BEFORE + _MERELY + _AFTER)
_BARE = re.compile(_BEFORE + _MERELY + _AFTER)
_SIGH = re.compile(
    "(?:もう|ほんとうに|本当に|ほんとに|みんな|みなさん|お母さん|お父さん|母さん|父さん|ママ|パパ)*"
    "(?:ごめん(?:なさい|ね)?|すみません(?:でした)?|さようなら|さよなら|ばいばい|バイバイ|"
    "(?:今まで|いままで)?ありがとう(?:ございました|ございます)?|(?:今まで|いままで)?お世話になりました|"
    "無理|むり|ムリ|限界|げんかい|疲れた|疲れました|つかれた|つかれました|つらい|辛い|苦しい|くるしい|いい|いや|嫌|やだ|だめ|ダメ|"
    "助けて|たすけて|生きていけない|生きていけません|生きられない|生きられません|死にたい|しにたい)"
    "(?:です|だ|ね|よ|わ|な)*"
)

_CRY = re.compile(
    "(?:だれか|誰か|お願い(?:します)?|おねがい(?:します)?|もう|どうか|ねえ|ねぇ|はやく|早く|今すぐ|いますぐ|すぐに?|ぼくを|わたしを|私を|僕を|俺を)*"
    "(?:たすけて|助けて|ヘルプ|SOS|sos)(?:ください|下さい|くれ|ほしい|欲しい|よ|よう|です|お願いします|おねがいします|今すぐに?|"
    "いますぐに?|はやく|早く)*"
)
# What is left of somebody is taken away, and a farewell stands beside it.
_CLEARED = re.compile(
    "(?:予定|よてい|写真|しゃしん|データ|連絡先|アカウント|日記|手紙|履歴|りれき|ライン|LINE|の中身|は|も|を|や|と|全部|ぜんぶ|全て|"
    "すべて|みんな|もう)*(?:消し|けし|捨て|すて)(?:ました|た|てあります|ときました|ておきました)(?:から|ので|よ|ね)?"
)
_FAREWELL = re.compile(
    "(?:さようなら|さよなら|ばいばい|バイバイ|(?:今まで|いままで|長い間).*)(?:です|ね|みんな|皆さん)*"
)
# What is told as long over: 「昔、父にタバコを押しつけられた」. Whoever adds that it goes on does not tell of the past,
# and a thing of old days (三年前の薬) may be used today.
_PAST = re.compile(
    "(?:(?:昔|むかし)(?!みたい)|(?:[0-9一二三四五六七八九十何]{1,4}|数)年(?:も|以上|くらい|ほど)?前|"
    "(?:子ども|子供|こども|幼い|若い|小さい|小学生|中学生|高校生|学生)の?(?:頃|ころ|時)|学生時代|当時|あの頃)(?!から|より|の|に(?:買|もら|出))"
)
_GOES_ON = re.compile(
    "今(?!は(?:元気|大丈夫|もう|落ち着|なん))|いま|今日|きょう|昨日|きのう|さっき|また|まだ|ずっと|から(?:毎|いつも)|前から|これから"
)
_OVER = re.compile("[^。!?\n]{0,8}た")
# Somebody is told to die, or never to have been born.
_CURSED = re.compile(
    "(?:死ね|しね|消えろ|きえろ|いなくなれ|死んでしまえ|産まなきゃよかった|産まなければよかった|産むんじゃなかった|生むんじゃなかった|うむんじゃなかった|うまなきゃよかった|"
    "生まなきゃよかった|いらない子)」?(?:って|と|だと|とか)(?:毎日|いつも|何度も)?(?:言わ|いわ|言う|いう|言って|どな|怒鳴)"
)
# Who threatens to die with a weapon in the hand is a danger to the one who is told.
_THREAT = re.compile(
    "(?:死ぬ|しぬ|死んでやる)」?(?:って|と|とか|ぞ)[^。!?\n]{0,12}(?:包丁|刃物|ないふ|かったー)(?:を)?(?:持|も(?:って|ち)|出|向|握|振|つきつけ|突きつけ)"
    "|(?:包丁|刃物|ないふ|かったー)(?:を)?(?:持|も(?:って|ち)|出|向|握|振|つきつけ|突きつけ)[^。!?\n]{0,12}(?:死ぬ|しぬ|死んでやる)」?(?:って|と(?!思)|とか)"
)


def is_threat(text: str) -> bool:
    """Whether dense text tells of somebody who threatens to die with a weapon in the hand."""
    return _THREAT.search(text) is not None


def is_long_past(text: str, start: int, end: int) -> bool:
    """Whether what stands there in dense text is told in one clause with a day long past, as over, and nothing says
    that it goes on."""
    begin = max(text.rfind(stop, 0, start) for stop in "。、!?\n") + 1
    dated = _PAST.search(text, begin, start) is not None
    return dated and _GOES_ON.search(text) is None and _OVER.match(text, end - 1) is not None


def is_cursed(text: str) -> bool:
    """Whether dense text tells of somebody who is told to die."""
    return _CURSED.search(text) is not None


def announced(text: str) -> tuple[RiskLevel, list[Span]]:
    """How plainly a death is announced in dense text, and where: urgent where it is decided, has a time, or where
    traces are cleared away for a farewell.
    """
    level: RiskLevel = RiskLevel.NONE
    spans: list[Span] = []
    cleared = farewell = False
    if len(text) > LONGEST:
        return level, spans
    for span, sentence in clauses(text):
        if _ANNOUNCED.fullmatch(sentence) or _LEAPS.fullmatch(sentence) or _TIMED.fullmatch(sentence):
            level = RiskLevel.URGENT
        elif _BARE.fullmatch(sentence):
            level = RiskLevel.WATCH if level is RiskLevel.NONE else level
        elif _CLEARED.fullmatch(sentence):
            cleared = True
        elif _FAREWELL.fullmatch(sentence):
            farewell = True
        elif _SIGH.fullmatch(sentence):
            continue
        else:
            return RiskLevel.NONE, []
        spans.append(span)
    if cleared:
        level = RiskLevel.URGENT if farewell or level is not RiskLevel.NONE else level
    return (RiskLevel.NONE, []) if level is RiskLevel.NONE else (level, spans)


def is_cry(text: str) -> bool:
    """Whether dense text says nothing but that somebody should help: jokes say with what."""
    sentences = [sentence for _, sentence in clauses(text)]
    cries = sum(_CRY.fullmatch(sentence) is not None for sentence in sentences)
    return cries > 0 and all(_CRY.fullmatch(sentence) or _SIGH.fullmatch(sentence) for sentence in sentences)
