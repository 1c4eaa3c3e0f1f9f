"""Danger that is named to say that it is not so: 「死にたいとかじゃない」, 「父は殴ったりしません」.

What is denied only for a time (今日は殴られてない), begged for (殴らないで), feared (殴られないか) or doubled
(殴られない日はない) is no denial.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

_NO = "(?:ない|ないん|なか(?!っ?たら)|なく(?!な)|無い|ありない|あらへん|あれへん|やない|ちゃう|ちがう|違う|ちがい|違い)"
_PARTLY = "(?:とか|なんて|なんか|とまで|とは|まで|って|ほど|と|系|みたいな){0,3}"
_WISH = re.compile(
    "(?:別に)?(?:死に|しに|消え|きえ|いなくなり|自殺し)た(?:"
    # 死にたいとかじゃない, 死にたいって言ってるわけじゃない, 死にたいんじゃない
    f"い(?:って(?:言ってる|言う|いう|思ってる))?{_PARTLY}(?:は|も)?(?:全然|ぜんぜん|別に|そこまで|ほんとに|本当に|一切|"
    "そういうの|そういうん|そういう|そんな){0,3}(?:の|ん|わけ|訳|つもり|気持ち|気|話|こと|意味)?"
    f"(?:では|じゃ|でも|は|も)?(?:全然|ぜんぜん)?{_NO}"
    f"|い{_PARTLY}(?:は|も)?(?:思わな|思ってな|思ったことはな|思ったことな|考えてな|考えたことはな|考えたことな|言わん|言わな)い?"
    # 死にたくはない; but a bare 死にたくない may be a cry.
    f"|く(?:は|とかは?|なんか){_NO})"
)
_BLOW = (
    "(?:殴|なぐ|叩|たた|蹴|(?<![\u4e00-\u9fffぬす])け(?=られ)|ぶ(?=た)|しば(?=か)|手(?:を|は)?(?:(?:上|挙|あ)げ|出)|暴力(?:を|は|も|なんて|とか)?(?:ふる|振る|受け|され|し)?"
    "|dv|虐待)"
)
# Bounded, so that no text takes long.
_BODY = "[らりっかきいわたれさしてるんだ]{0,6}?"
_HAND = re.compile(
    f"{_BLOW}{_BODY}(?:て|た)?(?:"
    "(?:たり)?(?:は|も|とか|とかは|なんて|なんか)?(?:しない|してない|されない|されてない|せん|せえへん|しゃあせん|へん)"
    f"|(?:り|る|た|たり)?(?:とか|なんて|なんか|系|わけ|の|ん){{0,3}}(?:は|では|じゃ|でも|も)?{_NO}"
    f"|(?:た)?こと(?:は|が|も|なんて)?(?:一度も|いちども|一回も|まだ|今まで|これまで)?{_NO}"
    "|(?:て)?へん|(?:て)?ない)"
)
# What stands after it turns the denial round, and what stands before it narrows it.
_TURNED = re.compile(
    "(?:で(?!す|しょ|は|も|き)|と(?!思|か|言|いう|いっ|は|も)|日|夜|朝|時は|ように|よう|か(?!ら)|ため|のに|はずな|わけ|って約束|と約束|って言|と言|っていう|[?？])"
    "|.{0,3}(?:こと|日|夜)(?:は|が)な"
)
_NARROWED = re.compile(
    "(?:今日|きょう|今|いま|最近|さいきん|昨日|きのう|このごろ|この頃|今回|今朝|まだ|もう|二度と|しばらく|ここ)(?:まで)?(?:は|も|のところ)?[、,]?$"
)


_PLAN = re.compile(
    "(?:死ぬ|しぬ|自殺する|じさつする)(?:日|日にち|気|つもり|予定|方法|の)(?:は|も|なんて|とか|なんか)(?:まだ)?(?:決めて|きめて|考えて|かんがえて|全然|ぜんぜん)?"
    f"{_NO}"
)


def denials(text: str) -> list[Span]:
    """The spans of dense text in which a wish to die, or a hand that hits, is said not to be."""
    return sorted(_found(_WISH, text)) + sorted(_found(_PLAN, text)) + sorted(_found(_HAND, text))


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        start, end = match.span()
        if not _TURNED.match(text, end) and not _NARROWED.search(text, 0, start):
            yield start, end
