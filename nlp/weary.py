"""Somebody tired of life who names no death: 「なんのために生きてるんだろ」, 「もう十分生きました」.

The words are those of calm days, so nothing is learned from them; a person should look soon, and nothing more. What is
said of an animal, of a book or by somebody else, what is denied, asked or laughed at is no weariness.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]
#: In a longer text there is more to go by.
LONGEST = 200

_SENTENCE = re.compile(r"[^。!?\n]+[!?]?")
_LIVING = "(?:生き|いき)(?:て|と)(?:い|お)?"
_WHY = "(?:(?:何|なん)のた[めみ]に|(?:何|なん)の為に|(?:なん|何)で(?:まだ)?|どうして(?:まだ)?|なぜ(?:まだ)?)"
_WEARY = re.compile(
    # For what, why.
    f"{_WHY}(?:私|わたし|あたし|俺|おれ|僕|ぼく|自分|うち|わし)?(?:は|って|だけ|なんか|なんて|が)?{_LIVING}"
    "(?:る|ん|き(?!る))(?:の|ん)?(?:だろ|やろ|でしょ|か|かな|だ|かしら|[?]|$)"
    f"|{_LIVING}て?(?:も)?(?:いい|ええ)(?:の(?:か|だろ|でしょ)|ん(?:か|です|だろ|やろ))"
    f"|{_LIVING}る(?:意味|いみ|価値)(?:って|が|は|も|なんて|とか)?(?:ある|ない|な|わから|何|なに)"
    # Too long.
    "|長生き(?:なんて|なんか|など|は|も|とか)?(?:した(?:く|う)(?:は|も)?な|しとう(?:は|も)?な|したな|しとむな)"
    "(?!い(?:です)?(?:か|[?]|わけ|とは|とまで|人|なら|の[?]|方))"
    "|長生きし過?すぎ(?:た|まし|ちゃ|てしま|て申)"
    "|長生き(?:し(?:て|と)て?も|したって|したとこ(?:ろ)?で)(?:しょうがな|しょうもな|仕方な|しかたな|しゃあな|"
    "いいこと(?:は|が|なんて|も)?な|意味な|つらい|迷惑)"
    # Enough.
    "|もう(?:十分|充分|じゅうぶん|よう)(?:に|すぎるほど|すぎるくらい|すぎる位)?(?:生き|いき)(?:た(?!い|く)|まし|"
    "させて|てき)"
    "|もう(?:生きる|いきる)の(?:は|も|に)?(?:十分|充分|じゅうぶん|いい|ええ|たくさん|飽き|疲れ|つかれ|いや|嫌)"
    "|もう(?:生きなくて|生きんで)も?(?:いい|ええ|よか)"
    # Ready.
    "|(?:いつ(?:でも)?お?迎えが?|お?迎えが?いつ(?:でも)?)(?:来|き)(?:て|た)(?:も|って)(?:いい|ええ|よか|よい|構わ|"
    "かまわ|惜しく)(?!よう|時間)"
    "|いつ(?:死んで|しんで)も(?:いい|ええ|よか|よい|構わ|かまわ|悔い)"
)
_NOT_OWN = re.compile(
    "猫|ねこ|犬(?!死)|いぬ|金魚|めだか|うさぎ|はむすたー|いんこ|亀|虫|魚|鳥|映画|どらま|小説|歌詞|曲|漫画|まんが|"
    "あにめ|げーむ|主人公|推し|名言|哲学|"
    "講演|授業|法話|笑(?!え|わ|う|っ)|草$|w+$|園|学童|ばす|でいさ|塾|部活|冗談"
)
_OF_OTHERS = re.compile(
    "(?:人間|人類|人|人々|みんな|彼|彼女|あいつ|あの子|あの人|上司|先輩|政治家|生き物|動物)(?:たち)?(?:は|って|も|が)$"
)
_TOLD = re.compile(
    ".{0,12}?(?:(?:と|って)(?:いつも|よく|いう)?(?:言|いい|いう|いった|笑|話し|口癖|聞)|(?:とは|なんて|"
    "とか)(?:思わな|思ってな|考えな)|"
    "(?:と|って)(?:思った|思って(?:い)?た|思う)(?:こと(?:は)?な|時期も|頃も))"
)
_LONG_AGO = re.compile("昔は|昔、|以前は|若い(?:頃|ころ)|一時期|前は")


def weary(text: str) -> list[Span]:
    """The spans of dense text in which the writer is tired of life."""
    return list(_found(text)) if len(text) <= LONGEST else []


def _found(text: str) -> Iterator[Span]:
    for sentence in _SENTENCE.finditer(text):
        match = _WEARY.search(text, *sentence.span())
        if match is None or _NOT_OWN.search(sentence[0]) or _LONG_AGO.search(sentence[0]):
            continue
        if not _OF_OTHERS.search(text, sentence.start(), match.start()) and not _TOLD.match(text, match.end()):
            yield match.span()
