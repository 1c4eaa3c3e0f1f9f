"""Ages in words and figures: 八十過ぎ, 母81, 中2, 50代半ば, 1歳半, 後期高齢者."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")}
_DIGIT = re.compile(r"[\d一二三四五六七八九十]")
_NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十]{1,4})"
_NAMED = {
    "はたち": 20,
    "二十歳": 20,
    "還暦": 60,
    "古希": 70,
    "喜寿": 77,
    "傘寿": 80,
    "米寿": 88,
    "卒寿": 90,
    "前期高齢者": 65,
    "後期高齢者": 75,
    "年少": 4,
    "年中": 5,
    "年長": 6,
    "新生児": 0,
    "小学生": 10,
    "中学生": 14,
    "高校生": 17,
    "大学生": 20,
    "あらふぉ": 40,
    "あらふぃふ": 50,
    "あらかん": 60,
}
# Years of schooling before the first year of each school, plus six.
_SCHOOLS = {"小": 6, "小学": 6, "小学校": 6, "中": 12, "中学": 12, "高": 15, "高校": 15, "大学": 18, "大": 18}
_SCHOOL = re.compile(
    r"(小学校|小学|小|中学|中|高校|高|大学|大)([1-6一二三四五六])(?:年生?|(?![0-9ー万円人時分割%月ヶか]))"
)
_EXPLICIT = re.compile(rf"({_NUMBER})(?:歳|才|さい|代|路|♂|♀|男(?![の性])|女(?![の性子]))")
_MONTHS = re.compile(
    r"(?:生後|)(\d{1,2}|[一二三四五六七八九十]{1,2})(?:ヶ月|か月|ヵ月|カ月|ケ月|かげつ)"
    r"(?:の(?:子|赤|娘|息子|男|女|双)|です|になり|で、)"
)
_BARE = re.compile(rf"(?<![0-9.,:/\-])({_NUMBER})")
_NAMES = re.compile("|".join(sorted(_NAMED, key=len, reverse=True)))
_START = attrgetter("start")
# After a bare number these say that it counts something else.
_UNITS = re.compile(
    r"年|[ヶかヵカケ]月|ヵ|ヶ|円|万|千|百|億|回|人|匹|頭|羽|本|枚|日|時|分|秒|%|きろ|kg|g|度|件|社|番|階|号|つ|個|点|名|杯|錠|束"
    r"|合|袋|歩|m|cm|畳|通|台|着|冊|泊|食|割|倍|世帯|月|週|丁目|ヵ所|か所|箇所|カ所|ヶ所|k|l|dk|ldk|dl|語|級|限|話|巻|曲|品|升|缶"
    r"|箱|粒|口|組|戸|軒|院|面|勝|敗|次|位|軍|生|べ|[0-9.,:/\-]|ー|〜|~|の字|十|人前|か所|まい|ほん|こ|にん|えん|かい|ひき"
    r"|代|種|周"
)
# One figure before another kanji is half of a word: 一緒, 三毛, 一応.
_KANJI = re.compile("[\u4e00-\u9fff々]")
# Small children are counted with the old numerals: 四つと二つです, 孫は三つ.
_COUNTED = re.compile(
    r"((?<=[がはもだ])[1-9]|[一二三四五六七八九])つ(?:半)?(?=$|[。、!?\n]|です|でし|だ|や|じゃ|で[、。]|に(?:な|こ)|と|の(?:子|娘|息子|男|女|坊|孫|双子))"
)
# A letter says 14男, not 3男, of somebody's age.
_GROWING = 10
# An age of long ago: 小5のとき, 三つの頃.
_PAST = re.compile(r"(?:生)?の?(?:とき|時(?![間給計々])|頃|ころ|ごろ)|の(?:誕生日に|夏に|冬に|春に|秋に)")


@dataclass(frozen=True, slots=True)
class Age:
    """An age and where it stands in dense text; `explicit` when a word such as 歳 says that it is one, `counted` when
    it is one only beside a child (三つ)."""

    years: int
    start: int
    end: int
    explicit: bool
    counted: bool = False


def number(text: str) -> int | None:
    """The value of 八十二, 80 or 二十; None if it is no plain number."""
    if text.isdecimal():
        return int(text)
    tens, mark, ones = text.rpartition("十")
    if not mark:
        digits = [_DIGITS.get(char) for char in text]
        return None if None in digits else int("".join(map(str, digits)))
    high, low = _DIGITS.get(tens or "一"), _DIGITS.get(ones or "〇")
    return None if high is None or low is None else high * 10 + low


def ages_in(text: str) -> list[Age]:
    """All ages in dense text, in order, without overlaps; bare numbers too, which only a person beside them makes
    ages."""
    found = _Found()
    begins = [match.start() for match in _DIGIT.finditer(text)]
    if begins:
        for match in _from(begins, _EXPLICIT, text):
            if not _counts_something_else(match):
                found.keep(number(match[1]), match.span(), explicit=True)
        for match in _SCHOOL.finditer(text):
            year = number(match[2])
            found.keep(None if year is None else _SCHOOLS[match[1]] + year, match.span(), explicit=True)
    for match in _NAMES.finditer(text):
        found.keep(_NAMED[match[0]], match.span(), explicit=True)
    if begins:
        for match in _MONTHS.finditer(text) if "月" in text or "げつ" in text else ():
            found.keep(0, (match.start(), match.end(1) + 2), explicit=True)
        _keep_bare(begins, text, found)
    return sorted((age for age in found.ages if not _PAST.match(text, age.end)), key=_START)


def _keep_bare(begins: list[int], text: str, found: _Found) -> None:
    for match in _from(begins, _COUNTED, text) if "つ" in text else ():
        found.keep(number(match[1]), match.span(), explicit=False, counted=True)
    for match in _from(begins, _BARE, text):
        if not _UNITS.match(text, match.end()) and not _within_a_word(match, text):
            found.keep(number(match[1]), match.span(), explicit=False)


def _counts_something_else(match: re.Match[str]) -> bool:
    """Whether it is a generation (一代限り) or a child's place (三男)."""
    years, unit = number(match[1]), match[0][-1]
    return years is None or (unit == "代" and (not years or years % 10 > 0)) or (unit in "男女" and years < _GROWING)


def _within_a_word(match: re.Match[str], text: str) -> bool:
    return match[1] in _DIGITS and _KANJI.match(text, match.end()) is not None


def _from(begins: list[int], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """As `finditer` does for a pattern that begins with a number, but trying only where a digit stands."""
    done = 0
    for begin in begins:
        if begin >= done and (match := pattern.match(text, begin)) is not None:
            done = match.end()
            yield match


class _Found:
    """Ages found so far, and the offsets they take."""

    def __init__(self) -> None:
        self.ages: list[Age] = []
        self._taken: set[int] = set()

    def keep(self, years: int | None, span: tuple[int, int], *, explicit: bool, counted: bool = False) -> None:
        """Keep an age that can be one, where none stands yet."""
        if years is None or not 0 <= years <= 110 or not self._taken.isdisjoint(range(*span)):
            return
        self._taken.update(range(*span))
        self.ages.append(Age(years, span[0], span[1], explicit, counted))
