"""Whether what looks like a joke, a film, a lesson or a sport is one, so that it may take the danger out of a message.

「ねたふり」 holds ネタ, 「除草剤」 the 草 of laughter, 「曲がらない」 a piece of music; and who laughs is often
the one who hurts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nlp.spotter import Hit
from nlp.text import Prepared

# Somebody laughs, smiles, is laughed at: told, not meant as a joke.
_LAUGHING = re.compile(
    "(?<!みんな)(?<!つられて)(?<!一緒に)(?<!久しぶりに)(?<!声を出して)(?<!家族で)(?<!二人で)(?<!大)"
    "笑(?!笑|い話|いすぎ|い転|われ|わせ|って(?:しま|しも|もう|もた|許)|て(?:しも|もう|もた)|う(?:しか|とこ)|え(?:ませ|ない))[わいっうえ顔みてとけ]"
)
_GRASS = re.compile("草(?:[。!w\\n]|$|生え|です|だ)")
_EARNEST = re.compile("冗談(?:じゃ|では|でな|とは|だと思いた|と思って|ば|か|や(?:な|と)|でね)")
_UNMEANT = {
    "sign/calm/fiction": re.compile(
        "てれび(?:の音|だけ|の人)|曲(?:が[らりるっんれ]|げ)|(?:ぽすたー|ぷりんと|絵本)[をにもと三は]|"
        "動画(?:を|も)?(?:とら|撮ら|ばら|流さ|回さ|送|ばっか|ばかり|検索)|げーむ(?:も|を|機|の(?:でーた|あかうんと))?[^。!?\\n]{0,6}(?:あげ|譲|ゆず|売|取り上げ)|"
        "芝居(?:が上手|だろ|するな)|主人公みたい|新聞が"
    ),
    "sign/calm/taught": re.compile(
        "aed|救命(?:胴衣|病棟|救急)|ちらし[をに](?!.{0,8}置かせ)|ぽすたー[をはに]|ぼらんてぃあの"
    ),
    "sign/calm/sport": re.compile(
        "ごるふくらぶ|旅行|釣り(?:と言|は返|銭|に行くと言)|太鼓み|ぴあの(?:まちが|間違|の練習|を?ひか)|鉄棒で|散歩こーす"
    ),
}
_FASTING = "sign/calm/food_habit"
_JOKES = frozenset({"cue/joke", "sign/calm/joke"})
# A danger in so many words stays one, whoever smiles at it; a body in danger stays one wherever it happens.
_PLAIN = re.compile(
    "(?:死にた|しにた)(?:い(?!です|と言われ|って言われ|と言う|という|」)|く(?!な[いか]))|首を?吊(?!り?た(?:い|く)(?:くらい|ほど))|死ぬしか|死のうと|死のうかな|首に[^。!?\n]{0,6}(?:縄|ろーぷ|ひも|紐|こーど)|飛び降りようと|"
    "(?:薬|くすり)[^。!?\n]{0,6}(?:飲んじゃ|のんじゃ|飲んだ|のんだ)|手首[^。!?\n]{0,3}切っ|(?<!ぼすに)(?:殴|なぐ|叩か|たたか)ら?れ(?!る夢|た夢)|首を?[絞し]められ"
)
_BODY = re.compile(
    "頭を?(?:打|ぶつ|強打)|吐き(?:ま|気)|吐いて|ろれつ|呂律|しびれ|うずくま|返事(?:が|も)?な|反応(?:が|も)?な|けいれん|痙攣|ひきつけ|骨が|息が(?:でき|苦し|荒)|泡を|"
    "冷や汗|転落|から落ち|心臓|はねられ|ひかれ|轢かれ|刺されて|動かなくな|動けなくな|様子が(?:おかし|変)|ぐったり|真っ青|紫|"
    "沈んで|溺れて|おぼれて|流され|倒れた|倒れてる|息をしてな|息してな|意識|血が止ま|火が[^。!?\n]{0,4}つい|滑落|あざだらけ|吐いた"
)
_SPORT = "sign/calm/sport"
_LIGHT = _JOKES | {_SPORT, "sign/calm/taught"}


def in_earnest(hits: list[Hit], prepared: Prepared) -> list[Hit]:
    """The hits without the signs of calm that are none where they stand."""
    hungry = any(hit.label == "sign/lifeline/unfed" for hit in hits)
    dropped: frozenset[str] = frozenset()
    if _PLAIN.search(prepared.dense):
        dropped = _LIGHT
    elif _BODY.search(prepared.dense):
        dropped = frozenset({_SPORT})
    return [hit for hit in hits if hit.label not in dropped and not _is_none(hit, prepared, hungry=hungry)]


def _is_none(hit: Hit, prepared: Prepared, *, hungry: bool) -> bool:
    if hit.label in _JOKES:
        return not is_joke(hit, prepared)
    if hit.label == _FASTING:
        return not hungry
    unmeant = _UNMEANT.get(hit.label)
    return unmeant is not None and unmeant.match(prepared.dense, hit.start) is not None


def is_joke(hit: Hit, prepared: Prepared) -> bool:
    """Whether the last letter of a hit laughs."""
    text, last = prepared.dense, hit.end - 1
    match text[last]:
        case "笑":
            return not laughs(text, last)
        case "草":
            return _GRASS.match(text, last) is not None
        case "w":
            return not (_is_latin(text[hit.start - 1 : hit.start]) or _is_latin(text[hit.end : hit.end + 1]))
        case "た" if text[hit.start : hit.end] == "ねた":
            return "ネタ" in prepared.plain
        case _:
            return _EARNEST.match(text, hit.start) is None


def laughs(text: str, at: int) -> bool:
    """Whether the 笑 at an offset is told of somebody."""
    return _LAUGHING.match(text, at) is not None


def _is_latin(letter: str) -> bool:
    return letter != "w" and letter.isascii() and (letter.isalnum() or letter == "-")


def without_laughing(hits: Iterable[Hit], text: str) -> list[Hit]:
    """The idioms without those that end in somebody's laughing."""
    return [hit for hit in hits if not (text[hit.end - 1] == "笑" and laughs(text, hit.end - 1))]
