"""Danger that is over: long ago (昔は父に殴られていました), solved (ガスくさくて来てもらったら直りました), in good
hands (倒れましたが今はリハビリ中です).

What still hurts, comes back or is feared is not over, however long ago it began: then nothing is taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_REST = "[^。!?\n]"
_NUMBER = "(?:[2-9]|[1-9][0-9]|[二三四五六七八九十何数][一二三四五六七八九十数]{0,2})"
_LONG_AGO = (
    f"(?:昔|むかし|{_NUMBER}年(?:も|以上|ほど|くらい|ぐらい)?(?:前|まえ)|"
    "(?:子ども|子供|こども|小さい|小さかった|若い|学生|幼い|幼稚園|保育園|小学生|中学生|高校生|小学校|中学|高校)の?(?:頃|ころ|とき|時)|"
    "学生時代|子ども時代|子供時代|幼少期|かつて)(?!から|より|も今)(?:は|に|、|の(?:こと|話)(?:で|です)?)*"
)
_HIT = "(?:殴|なぐ|叩か|たたか|蹴|ぶたれ|暴力|虐待|dv|怒鳴|どな|暴れ|締め出|閉め出|閉じ込め|追い出)"
_PAST = (
    "(?:てた|でた|った|れた|した|でした|てまし?た|れまし?た|った(?:こと|時期)が?(?:ある|あり))"
    "(?=です|けど|けれど|今|いま|もう|が|こと|ん|。|、|!|\n|$|し|の|よ|な|わ|\\s)"
)
_HIT_THEN = re.compile(f"{_LONG_AGO}{_REST}{{0,24}}?{_HIT}{_REST}{{0,10}}?{_PAST}")
_FORMER = re.compile(
    f"(?:前の|元|別れた)(?:夫|旦那|主人|彼|かれ|妻){_REST}{{0,10}}{_HIT}{_REST}{{0,16}}(?:離婚し|別れ|縁を?切){_REST}{{0,10}}"
    "(?:今は|いまは|もう)(?:しあわせ|幸せ|平気|元気|安心|平和|楽し|穏やか)"
)
# Where one of these stands it may go on, come back, or hurt as it did then.
_GOES_ON = re.compile(
    "(?:今|いま)(?:も|でも|だに)|(?:今|いま)は(?!.{0,14}(?:元気|幸せ|しあわせ|亡くな|会って|離れ|別々|仲|平気|大丈夫|楽し|穏やか|"
    "落ち着|普通|感謝|笑|平和|安心|優し|やさし|縁))|まだ|また(?!別)|最近|このごろ|この頃|今日|きょう|昨日|きのう|今夜|今朝|さっき|毎日|毎晩|ずっと|"
    "怖|こわ|恐|逃げ|夢に|思い出|ふらっしゅ|死にた|しにた|消えた(?:い|く)|つら|辛|苦し|しんど|眠れ|震え|ふるえ|来る|来た|帰って|家の前|"
    "つきまと|(?:今|いま)は(?:夫|旦那|彼|主人|息子|母|弟|妹|子|私が|自分が)|同じこと|助けて|たすけて|許せ|ゆるせ"
)
_OWN_HAND = (
    "(?:りすか|りすとかっと|自傷|手首を?切|自殺未遂|自殺を?考え|死にた(?:かった|いと思)|死のうと|おーばーどーず|"
    "od(?:して|した))"
)
_WELL_NOW = (
    "(?:今は|いまは|今では|いまでは|もう|今)(?:もう|すっかり|、)*(?:元気|大丈夫|幸せ|しあわせ|平気|してない|やってない|切ってない|しない|落ち着い|笑って|普通に|楽し|"
    "治っ|よくな|良くな|卒業|そんな気(?:は|持ちは)?な)[^。!?\n、]{0,6}"
)
_HARMED_THEN = re.compile(
    f"{_LONG_AGO}{_REST}{{0,14}}{_OWN_HAND}{_REST}{{0,14}}?{_WELL_NOW}"
    f"|{_OWN_HAND}(?:は|も|なんて)?(?:もう)?{_NUMBER}年(?:間|以上)?(?:は|も)?(?:してない|やってない|切ってない)"
)
_NOT_WELL = re.compile(
    "また(?!別)|最近|ときどき|時々|たまに|したくな|切りた|消え|つら|辛|しんど|限界|疲れ|ふり|振る舞|振り|今日|昨日|きのう|今夜|"
    "たぶん|多分|かも|はず|と思(?:いた|う)"
)
_MENDED = re.compile(
    f"(?:火|煙|炎|ぼや|小火){_REST}{{0,20}}?(?:消し止め|消火でき|鎮火|すぐ(?:に)?消(?:え|し)(?:まし)?た|消してもら)[りったてましいきすのでよ]*"
    f"|(?:電気|停電|がす|水道|お湯|水|ぶれーかー|暖房|ぼいらー){_REST}{{0,20}}?(?:直りました|直った|直してもら|なおりました|なおった|復旧し|"
    "使えるようにな|つくようにな|出るようにな)[りったてましいすのでよん]*"
    f"|(?:がす|煙|警報|焦げ|こげ){_REST}{{0,20}}?(?:誤報|誤作動|気のせい|勘違い|異常なし|異常はな|点検してもら)[りったてましいすのでよん]*"
    f"|(?:電気|停電|がす|水道|煙|焦げ|こげ){_REST}{{0,10}}[!?]?と?思ったら(?!{_REST}*(?:元栓|開い|開け|漏れ|もれ|燃え|火)){_REST}{{1,20}}"
    "(?:だった|でした|してました|してた|まま)"
)
_NOT_MENDED = re.compile(
    "まだ|また(?!別)|なのに|くさい(?!と思)|臭い(?!と思)|頭が?(?:痛|いた)|気持ち悪|ふらふら|ぐったり|止まりそう|寒|凍|赤ちゃん"
)
_MONTHS = (
    "(?:先月|先々月|去年|昨年|一昨年|おととし|先週|年末|正月|夏に|冬に|春に|秋に|"
    "(?:[0-9]+|[一二三四五六七八九十何数]+)(?:年|か月|ヶ月|カ月|ヵ月|月|週間)(?:ほど|くらい)?(?:前|まえ)|"
    "[0-9一二三四五六七八九十]+月に)"
)
_FELL_ILL = "(?:倒れ|たおれ|脳梗塞|脳出血|くも膜下|心筋梗塞|骨折|救急車|搬送|運ばれ|転ん|転倒|意識)"
_IN_HANDS = (
    "(?:りはびり(?:中|して|に|病院)|退院(?:し|でき|して|も)|回復し|元気に(?:な|して|やって|暮)|元気です|入院(?:して|中)|"
    "施設に|通院(?:中|して|で)|自宅で療養|おかげさま)"
)
_CARED_FOR = re.compile(
    f"{_MONTHS}{_REST}{{0,14}}{_FELL_ILL}{_REST}{{0,16}}?(?:今は|いまは|今では|もう|無事|すっかり|おかげで|いま|今){_REST}{{0,6}}{_IN_HANDS}[^。!?\n]{{0,4}}"
    f"|(?:過呼吸|しゃっくり|鼻血){_REST}{{0,16}}(?:おさまりました|収まりました|おさまった|収まった|止まりました|止まった)"
)
_NOT_CARED_FOR = re.compile("また(?!別)|でも|なのに|まだ|急に|さっき|今日|今朝|ぐったり|返事|痛|苦し|息")
_LONG_OVER = ((_HIT_THEN, _GOES_ON), (_FORMER, _GOES_ON), (_HARMED_THEN, _NOT_WELL))
_SOLVED = ((_MENDED, _NOT_MENDED), (_CARED_FOR, _NOT_CARED_FOR))


def bygone(text: str) -> list[Span]:
    """The spans of dense text that tell of violence, or a wish to die, of other days."""
    return sorted(_found(_LONG_OVER, text))


def solved(text: str) -> list[Span]:
    """The spans of dense text that tell of something mended, or of somebody who is cared for."""
    return sorted(_found(_SOLVED, text))


def _found(patterns: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...], text: str) -> Iterator[Span]:
    for pattern, unless in patterns:
        spans = [match.span() for match in pattern.finditer(text)]
        if spans and not unless.search(text):
            yield from spans
