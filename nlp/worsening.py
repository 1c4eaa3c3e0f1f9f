"""Short words that say little by themselves, and after what was said mean that it has come to the worst."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.findings import RiskKind

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
_TURNS = (
    # Beside a wish to die, after medicine was spoken of, the next word may not come.
    _Turn(
        after=RiskKind.SUICIDE,
        said=re.compile("薬|くすり|クスリ|錠|カプセル|睡眠導入|眠剤"),
        now=re.compile(
            "(?:眠|ねむ)た?く(?:な|て)|ふわふわ|ふらふら|くらくら|ぼーっと|ぼうっと|しびれ|意識が|目が(?:回|まわ|あか|開か)|ろれつ"
        ),
        unless=re.compile("(?!)"),
        kinds=(RiskKind.SUICIDE, RiskKind.MEDICAL),
    ),
    # What was told as something of other days happens while it is written.
    _Turn(
        after=RiskKind.VIOLENCE,
        said=re.compile(""),
        now=re.compile(
            f"(?:いま|今(?!日|年|月|週|度|回|朝|までに)|まだ|また).{{0,10}}{_SEEN_OR_HEARD}|{_SEEN_OR_HEARD}.{{0,8}}(?:いま|今)(?:も|です|だよ|まさに|[。!]|$)"
            "|^(?:いま|今|たった今|現在)(?:です|だよ|だ|まさに.*|この瞬間.*|なう|ナウ|進行形.*)?[。!]?$"
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
            "姿|見かけ|連絡が|見てな|見ない|会ってな|出てこな|新聞|郵便|ポスト|牛乳|雨戸|カーテン|電気がつ|独居|ひとり暮らし|一人暮らし"
        ),
        now=re.compile(
            "(?:電話|でんわ|携帯|チャイム|ちゃいむ|ぴんぽん|インターホン|いんたーほん|いんたーふぉん|呼び鈴|ノック|のっく|戸|ドア|どあ|声).{0,12}"
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
