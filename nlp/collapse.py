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
_FIRST = re.compile("倒れ|たおれ|うごか|うごき")
_BEFORE = re.compile(
    "(?:あの|すみません|助けて|たすけて|大変です?|たいへんです?|たった今|今|いま|さっき|急に|きゅうに|突然|とつぜん|"
    "うち|私|わたし|俺|おれ|僕|ぼく|の)*"
)
_WHERE = (
    "(?:たった今|今|いま|さっき|急に|きゅうに|突然|とつぜん|いきなり|目の前で|"
    "(?:お?風呂場?|おふろ|といれ|便所|玄関|台所|部屋|へや|廊下|階段|庭|畑|家|いえ|うち|床)[でに])*"
)
_FELL = "(?:倒れ|たおれ)(?:ちゃっ|ちゃいま?し|てしまっ|てしまいまし|てもう|まし)?た(?:ん|の|と)?"
# In kana: with 漢字 it may be a husband who does no housework.
_STILL = "うごか(?:ない|ん|へん|なくなった|なくなっちゃった|なくなりました)(?:です|の)?|うごきません"
_AFTER = (
    "(?:です|だ|よ|けど|ねん|んや|どうしよう|どうすれば(?:いい)?|どうしたら(?:いい)?|ですか|助けて|たすけて|はやく|早く|"
    "お願い|おねがい)*"
)
_COLLAPSED = re.compile(f"(?:さん|ちゃん)?[がはも]?{_WHERE}(?:{_FELL}|{_STILL}){_AFTER}")
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
    for (start, end), clause in clauses(text):
        if any(_tells(text, (start, end), person) for person in people):
            found.append((start, end))
        elif not _HELPLESS.fullmatch(clause):
            return []
    return [Hit(label, start, end, _ENTRY, f"e:{label}") for start, end in found for label in LABELS]


def _tells(text: str, clause: Span, person: Span) -> bool:
    (start, end), (first, after) = clause, person
    if not start <= first < after <= end:
        return False
    return bool(_BEFORE.fullmatch(text, start, first) and _COLLAPSED.fullmatch(text, after, end))
