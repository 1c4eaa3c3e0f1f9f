"""Days and hours as people write them, and as they are shown to them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable

from dialogue.followups import QuietHours, months_after

DAYS_SHOWN = "月火水木金土日"
#: From tomorrow on, for one year.
FURTHEST_DAYS = 366
#: So much of a day must be left in which something may be sent.
LEAST_OPEN = dt.timedelta(hours=2)
LONGEST = 30
TEN = re.compile("([二三四五六七八九]?)十([一二三四五六七八九]?)")
KANJI_NUMBERS = str.maketrans("一二三四五六七八九", "123456789")
#: As children and old people write units and parts of the day.
IN_KANA = tuple(
    (re.compile(written), meant)
    for written, meant in (
        (r"(?<=\d)がつ", "月"),
        (r"(?<=\d)にち", "日"),
        (r"(?<=\d)じ", "時"),
        (r"(?:よる|ばん|晩)(?=の?\d)", "夜"),
        (r"よくあさ(?=の?\d)", "翌朝"),
        (r"あさ(?=の?\d)", "朝"),
        (r"おひる(?=の?\d)|ひる(?=の?\d)", "昼"),
        (r"ゆうがた(?=の?\d)", "夕方"),
        (r"ごぜん(?=の?\d)", "午前"),
        (r"ごご(?=の?\d)", "午後"),
    )
)
WEEKDAYS_IN_KANA = dict(zip(("げつ", "か", "すい", "もく", "きん", "ど", "にち"), DAYS_SHOWN, strict=True))
_WEEKDAY_IN_KANA = re.compile(rf"({'|'.join(WEEKDAYS_IN_KANA)})ようび")
COUNTS = {"いっ": 1, "に": 2, "さん": 3, "よん": 4, "ご": 5, "ろっ": 6}

_HOUR = r"(朝|午前|昼|午後|夕方|夜|深夜|夜中)?の?(\d{1,2})(?:時|:)(半|\d{2})?分?"
_HOURS = re.compile(rf"{_HOUR}(?:から|~|〜|-|ー|より)(?:翌日?)?の?{_HOUR}")
_COUNT = rf"(\d{{1,2}}|{'|'.join(COUNTS)})(?:回|かい|度|通)"
_TIMES = re.compile(rf"(?:あと|残り|のこり|もう){_COUNT}|{_COUNT}だけ")
#: What says that a day is the last one.
ENDS_ON = re.compile("まで|いっぱい|月末|年内|で(?:終|おわ|おしまい|最後|さいご|やめ|止め|とめ)")
_TODAY = re.compile("今日|きょう|本日")
_INSTEAD = re.compile("^.*(?:じゃ|では)なく(?:て)?")
_UNSUITED = re.compile("困|こま|だめ|駄目|無理|むり|やめ|止め|とめ|いや|嫌|ないで|以外|避け|さけ|遠慮")
_LATER_HALF = frozenset({"午後", "夕方", "夜"})
_AT_NIGHT = frozenset({"夜", "深夜", "夜中"})
_MEANT = re.compile(
    r"\d|[月火水木金土日]曜|来週|来月|再来|^(?:きょう|今日|月末|月初|週末|年末|年明け)(?:に|で|が|でも|ごろ)?(?:いい|お願い|です)?"
    r"(?:です|します)?$"
)
_TIME_OF_DAY = re.compile(
    r"^(?:昼間?|ひるま?|朝|あさ|夜中|夜間|夜|よる|晩|夕方|深夜|仕事中)(?:だけ|以外|は|に|の間|のあいだ|で|が)*.{0,6}$"
)
#: Of the clock: before this hour 夜 is after midnight, and 昼 after noon.
NIGHT_ENDS = 5


def day_in(text: str, today: dt.date) -> dt.date | None:
    """The one day that a short text names, seen from `today`: from tomorrow on, within a year. None for any other."""
    said = _plain(text)
    if len(said) > LONGEST:
        return None
    for pattern, meant in _DAYS:
        if (found := pattern.search(said)) is not None:
            try:
                day = meant(found, today)
            except (ValueError, OverflowError):
                return None
            return day if 1 <= (day - today).days <= FURTHEST_DAYS else None
    return None


def times_in(text: str) -> int | None:
    """「あと3回」 as 3: how many are still wished for, at least one. None where no number is said."""
    found = _TIMES.search(_plain(text))
    said = found and (found[1] or found[2])
    return (COUNTS.get(said) or int(said) or None) if said else None


def last_day_in(text: str, today: dt.date) -> dt.date | None:
    """「12月20日まで」, 「年内まで」, 「3月いっぱいで」 as the last day that is meant. None where no end is said."""
    said = _plain(text)
    if len(said) > LONGEST or not ENDS_ON.search(said):
        return None
    for pattern, meant in _LAST_DAYS:
        if (found := pattern.search(said)) is not None:
            return meant(found, today)
    return today if _TODAY.search(said) or _is_today(said, today) else day_in(text, today)


def weekday_in(text: str) -> int | None:
    """「木曜にして」 as 3, Monday being 0. None where none is named, several are, or one that does not suit."""
    said = _plain(meant_instead(text))
    named = set() if _UNSUITED.search(said) else set(re.findall(f"([{DAYS_SHOWN}])曜", said))
    return DAYS_SHOWN.index(named.pop()) if len(named) == 1 else None


def meant_instead(text: str) -> str:
    """「朝じゃなくて夕方」 as 「夕方」."""
    return _INSTEAD.sub("", text)


def day_at(written: str, today: dt.date) -> dt.date | None:
    """A day that a button carries (2026-12-03), if it may still be chosen."""
    try:
        day = dt.date.fromisoformat(written)
    except ValueError:
        return None
    return day if 1 <= (day - today).days <= FURTHEST_DAYS else None


def names_a_day(text: str) -> bool:
    """Whether a short text looks as if it was meant as a day or an hour, readable or not."""
    said = _plain(text)
    return len(said) <= LONGEST and bool(_MEANT.search(said))


def names_hours(text: str) -> bool:
    """Whether a short text looks as if it was meant as hours of the day, readable or not."""
    said = _plain(text)
    return names_a_day(text) or (len(said) <= LONGEST and bool(_TIME_OF_DAY.search(said)))


def hours_in(text: str) -> QuietHours | None:
    """「22時から7時」 as hours; None where there are none, or where too little of the day would be left."""
    said = _plain(text)
    found = _HOURS.search(said) if len(said) <= LONGEST else None
    if found is None:
        return None
    begins, ends = _clock(*found.groups()[:3]), _clock(*found.groups()[3:])
    return None if begins is None or ends is None else hours(begins, ends)


def hours_at(written: str) -> QuietHours | None:
    """Hours that a button carries (2000-0900)."""
    found = re.fullmatch(r"([01]\d|2[0-3])([0-5]\d)-([01]\d|2[0-3])([0-5]\d)", written)
    if found is None:
        return None
    begins, ends = (dt.time(int(found[place]), int(found[place + 1])) for place in (1, 3))
    return hours(begins, ends)


def hours(begins: dt.time, ends: dt.time) -> QuietHours | None:
    """Quiet hours, if enough of the day is left in which something may be sent."""
    minutes = (ends.hour * 60 + ends.minute - begins.hour * 60 - begins.minute) % (24 * 60)
    if not minutes or dt.timedelta(minutes=24 * 60 - minutes) < LEAST_OPEN:
        return None
    return QuietHours(begins=begins, ends=ends)


def day_shown(day: dt.date, *, kana: bool) -> str:
    """「12月3日(木)」."""
    name = DAYS_SHOWN[day.weekday()]
    return f"{day.month}月{day.day}日（{name}よう日）" if kana else f"{day.month}月{day.day}日({name})"


def clock_shown(clock: dt.time) -> str:
    """「9時」「19時30分」."""
    return f"{clock.hour}時{clock.minute}分" if clock.minute else f"{clock.hour}時"


def _plain(text: str) -> str:
    said = "".join(unicodedata.normalize("NFKC", text).split())
    said = TEN.sub(_tens, said).translate(KANJI_NUMBERS)
    for written, meant in IN_KANA:
        said = written.sub(meant, said)
    return _WEEKDAY_IN_KANA.sub(lambda found: f"{WEEKDAYS_IN_KANA[found[1]]}曜日", said)


def _tens(found: re.Match[str]) -> str:
    """「十二」 as 12."""
    tens, ones = (part.translate(KANJI_NUMBERS) for part in (found[1] or "1", found[2] or "0"))
    return tens + ones


def _clock(half: str | None, hour: str, minute: str | None) -> dt.time | None:
    number = int(hour)
    if half in _AT_NIGHT and (number == 12 or (half == "夜" and number < NIGHT_ENDS)):
        # 夜の12時 and 夜の1時 are those after midnight.
        number %= 12
    elif (half in _LATER_HALF and number < 12) or (half == "昼" and number < NIGHT_ENDS):
        number += 12
    minutes = 30 if minute == "半" else int(minute or 0)
    return dt.time(number % 24, minutes) if number <= 24 and minutes < 60 else None


def _is_today(said: str, today: dt.date) -> bool:
    """Whether a day is named that is today: on the 25th 「25日まで」 is not next month's."""
    found = next(((hit, meant) for pattern, meant in _DAYS if (hit := pattern.search(said)) is not None), None)
    if found is None or found[1] not in (_month_and_day, _day_alone, _of_month):
        return False
    try:
        return found[1](found[0], today - dt.timedelta(days=1)) == today
    except (ValueError, OverflowError):
        return False


def _month_and_day(found: re.Match[str], today: dt.date) -> dt.date:
    month, day = int(found[1]), int(found[2])
    for year in range(today.year, today.year + 9):
        try:
            named = dt.date(year, month, day)
        except ValueError:
            continue
        if named > today:
            return named
    raise ValueError("no such day")


def _day_alone(found: re.Match[str], today: dt.date) -> dt.date:
    day = int(found[1])
    months = (months_after(today.replace(day=1), count) for count in range(3))
    named = (first.replace(day=day) for first in months if _has(first, day))
    found_one = next((one for one in named if one > today), None)
    if found_one is None:
        raise ValueError("no such day")
    return found_one


def _of_month(found: re.Match[str], today: dt.date) -> dt.date:
    months = {"今月": 0, "来月": 1, "再来月": 2}[found[1]]
    return months_after(today.replace(day=1), months).replace(day=int(found[2]))


def _has(first: dt.date, day: int) -> bool:
    return 1 <= day <= (months_after(first, 1) - first).days


def _weekday(found: re.Match[str], today: dt.date) -> dt.date:
    wanted = DAYS_SHOWN.index(found[2])
    weeks = {"今週": 0, "来週": 1, "再来週": 2}.get(found[1] or "")
    if weeks is None:
        return today + dt.timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    return today + dt.timedelta(days=wanted - today.weekday(), weeks=weeks)


def _every_year(month: int, day: int) -> Callable[[re.Match[str], dt.date], dt.date]:
    """The next such day."""
    return lambda _, today: dt.date(today.year + ((month, day) <= (today.month, today.day)), month, day)


def _month_end(month: dt.date) -> dt.date:
    return months_after(month.replace(day=1), 1) - dt.timedelta(days=1)


def _end_of_named(found: re.Match[str], today: dt.date) -> dt.date | None:
    month = int(found[1])
    if not 1 <= month <= 12:
        return None
    return _month_end(dt.date(today.year + (month < today.month), month, 1))


def _end_of(months: int) -> Callable[[re.Match[str], dt.date], dt.date]:
    return lambda _, today: _month_end(months_after(today, months))


#: A month, a year or a week as an end is its last day.
_LAST_DAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], dt.date | None]], ...] = (
    (re.compile("年内|今年|ことし|年末"), lambda _, today: dt.date(today.year, 12, 31)),
    (re.compile(r"(?<!\d)(\d{1,2})月(?:末|すえ|いっぱい|中|(?:まで|で))"), _end_of_named),
    (re.compile(r"(?:今月|こんげつ)(?!の?\d)|(?<![\d来])月末"), _end_of(0)),
    (re.compile(r"(?:来月|らいげつ)(?!の?\d)"), _end_of(1)),
    (re.compile("来週|らいしゅう"), lambda _, today: today + dt.timedelta(days=13 - today.weekday())),
)


def _after(days: int) -> Callable[[re.Match[str], dt.date], dt.date]:
    return lambda _, today: today + dt.timedelta(days=days)


#: Tried in this order: what says most comes first.
_DAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], dt.date]], ...] = (
    (re.compile(r"(\d{1,2})月の?(\d{1,2})日?"), _month_and_day),
    (re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})(?!\d)"), _month_and_day),
    (re.compile(r"(\d{1,3})日後"), lambda found, today: today + dt.timedelta(days=int(found[1]))),
    (re.compile(r"(\d{1,2})週間?後"), lambda found, today: today + dt.timedelta(weeks=int(found[1]))),
    (re.compile(r"(\d{1,2})[かヶケカヵ]?月後"), lambda found, today: months_after(today, int(found[1]))),
    (re.compile(r"(再来週|来週|今週)?の?([月火水木金土日])曜"), _weekday),
    (re.compile(r"(再来週|来週|今週)の?([月火水木金土日])(?!月)"), _weekday),
    (re.compile(r"(今月|来月|再来月)の?(\d{1,2})日"), _of_month),
    (re.compile(r"(?:クリスマス|くりすます|Xmas)(?:の?(?:イブ|いぶ|前日))", re.IGNORECASE), _every_year(12, 24)),
    (re.compile(r"クリスマス|くりすます|Xmas", re.IGNORECASE), _every_year(12, 25)),
    (re.compile(r"大晦日|大みそか|おおみそか"), _every_year(12, 31)),
    (re.compile(r"元日|元旦|がんじつ|がんたん"), _every_year(1, 1)),
    # 三が日.
    (re.compile(r"正月|しょうがつ"), _every_year(1, 3)),
    (re.compile(r"再来週"), _after(14)),
    (re.compile(r"来週"), _after(7)),
    (re.compile(r"来月"), lambda _, today: months_after(today, 1)),
    (re.compile(r"しあさって|明々後日"), _after(3)),
    (re.compile(r"あさって|明後日"), _after(2)),
    (re.compile(r"あした|あす|明日|tomorrow", re.IGNORECASE), _after(1)),
    # 「1日1回」「3日に1度」「2日おき」 is how often, 「10日間」「3日前」 how long: no day of the month.
    (re.compile(r"(?<![\d月])(\d{1,2})日(?!に?\d+[回度]|間|おき|ごと|毎|前|中|目)"), _day_alone),
)
