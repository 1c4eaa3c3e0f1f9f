"""A line that somebody else may read on the screen: what in it would give the matter away.

Somebody may look over the resident's shoulder. So nothing is named in it: no worry, no danger, no family, no feast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PARTS = re.compile("[・（）()、等]|など|問題")
_FAMILY = re.compile(
    "お?(?:母|父|姉|兄)(?:さん|様|親)?|両親|家族|親御|奥さん|妻|夫|旦那|主人|息子|娘|お子さん|子ども|孫|祖父|祖母|おば(?:あ)?さん|おじ(?:い)?さん"
)
_FEASTS = re.compile("(?:母|父|敬老|こども)の日|お盆|正月|年末|年始|よいお年|クリスマス|誕生日|命日|法事|おめでとう")
_SERVICES = re.compile(
    "生活保護|保護費|年金|介護|認定|障害|手帳|滞納|督促|家賃|借金|破産|失業|ハローワーク|病院|入院|退院|通院|薬|診断"
    "|離婚|暴力|虐待|警察|裁判|弁護士|児童相談|包括|民生委員|不登校|学校|面談"
)
#: One letter of a label says nothing.
_SHORTEST = 2


def giving_away(words: str, labels: Mapping[str, str], heard: Iterable[str] = ()) -> list[str]:
    """What in `words` names a matter, as staff read it: words found, then labels of what a listener `heard` in them.

    `labels` are the categories by id.
    """
    parts = (part for label in labels.values() for part in _PARTS.split(label) if len(part) >= _SHORTEST)
    found = [part for part in parts if part in words]
    for pattern in (_SERVICES, _FAMILY, _FEASTS):
        found += pattern.findall(words)
    named = dict.fromkeys(f"「{one}」" for one in found)
    return [*named, *dict.fromkeys(f"{labels[name]}の話に読めます" for name in heard if name in labels)]
