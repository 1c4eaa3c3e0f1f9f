"""Somebody who has just collapsed, told in one short line and nothing else: 「主人が倒れました」.

So few words weigh too little for anything to be learned from them. What stands beside them, a day that has passed, a
hospital, leaves it to the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nlp.sentences import clauses
from nlp.spotter import Hit

Span = tuple[int, int]
#: Whoever writes more than this tells something.
LONGEST = 40
#: A danger by itself, and one of this moment.
LABELS = ("risk/medical/outright", "mark/now")

_ENTRY = -2_000_000
_FIRST = re.compile("倒れ|たおれ|うごか|うごき|動か")
# Any place will do: nobody falls down less in a hot spring. What somebody falls down of (過労で) is an old story.
_PLACE = (
    "(?:お?風呂場?|おふろ|脱衣所|洗面所|といれ|便所|玄関|台所|居間|寝室|部屋|へや|廊下|階段|庭|畑|田んぼ|たんぼ|納屋|車庫|車の中|車|家|いえ|うち|床|実家|"
    "温泉|銭湯|さうな|ほてる|旅館|旅行先|駅|えき|電車|電車の中|ばす|ばす停|空港|道|道路|道端|歩道|公園|こうえん|すーぱー|こんびに|店|お店|病院|待合室|会社|職場|現場|工場|"
    "学校|体育館|ぐらうんど|ぷーる|海|川|川原|山|山の中|神社|お寺|墓地|お?墓|公民館|集会所|でい|施設|ごるふ場|ごるふ|げーとぼーる|畑の中|はうす|びにーるはうす|牛舎|船|港|"
    "ぱちんこ屋?|居酒屋|食堂|れすとらん|美容院|床屋|銀行|郵便局|役所|市役所)(?:の(?:中|前|横|途中|床|ほーむ|といれ|入口|入り口))?"
)
_BEFORE = re.compile(
    "(?:あの|すみません|助けて|たすけて|大変です?|たいへんです?|たった今|今|いま|さっき|急に|きゅうに|突然|とつぜん|"
    f"うち|私|わたし|俺|おれ|僕|ぼく|の|{_PLACE}[でに])*"
)
_WHERE = f"(?:たった今|今|いま|さっき|急に|きゅうに|突然|とつぜん|いきなり|目の前で|朝から|今朝|{_PLACE}[でに])*"
_FELL = "(?:倒れ|たおれ)(?:ちゃっ|ちゃいま?し|てしまっ|てしまいまし|てもう|まし)?た(?:ん|の|と)?"
# In kana: with 漢字 it may be a husband who does no housework.
_STILL = (
    "うごか(?:ない|ん|へん)(?:です|の)?|うごきません|"
    "(?:うご|動)か(?:なく|ん(?:よう|ごと)?に?|んく|へんく|へんように)な(?:った|って|っちゃった|りました|ってしまった|ってる|っとる|ってもうた)(?:です|の|んです)?"
)
_AFTER = (
    "(?:です|だ|よ|けど|ねん|んや|どうしよう|どうすれば(?:いい)?|どうしたら(?:いい)?|ですか|助けて|たすけて|はやく|早く|"
    "お願い|おねがい)*"
)
_COLLAPSED = re.compile(f"(?:さん|ちゃん)?[がはも]?{_WHERE}(?:{_FELL}|{_STILL}){_AFTER}")
_CALLED = re.compile("(?:さん|ちゃん)?[がはも]?")
_HELPLESS = re.compile(
    "(?:もう|ねえ|だれか|誰か)*(?:どうしよう|どうすれば(?:いい)?|どうしたら(?:いい)?|助けて|たすけて|はやく|早く|お願い(?:します)?|"
    "おねがい(?:します)?|こわい|怖い|ですか|でしょうか|の)+"
)


def collapsed(text: str, hits: Iterable[Hit]) -> list[Hit]:
    """What dense text tells of somebody who has collapsed, if it tells nothing else; `hits` name the people in it."""
    if len(text) > LONGEST or _FIRST.search(text) is None:
        return []
    people = [(hit.start, hit.end) for hit in hits if hit.label.startswith("kin/")]
    found: list[Span] = []
    called = False
    for (start, end), clause in clauses(text):
        if any(_tells(text, (start, end), person) for person in people):
            found.append((start, end))
        elif called and _COLLAPSED.fullmatch(clause):
            # 「ばあちゃん、風呂で倒れた」
            found.append((start, end))
        elif not any(_names(text, (start, end), person) for person in people) and not _HELPLESS.fullmatch(clause):
            return []
        called = any(_names(text, (start, end), person) for person in people)
    return [Hit(label, start, end, _ENTRY, f"e:{label}") for start, end in found for label in LABELS]


def _names(text: str, clause: Span, person: Span) -> bool:
    """Whether a clause does no more than name somebody."""
    (start, end), (first, after) = clause, person
    return start <= first < after <= end and bool(
        _BEFORE.fullmatch(text, start, first) and _CALLED.fullmatch(text, after, end)
    )


def _tells(text: str, clause: Span, person: Span) -> bool:
    (start, end), (first, after) = clause, person
    if not start <= first < after <= end:
        return False
    return bool(_BEFORE.fullmatch(text, start, first) and _COLLAPSED.fullmatch(text, after, end))
