"""和暦: days as offices write them, and as people type them.

Starts of the eras by the cabinet orders on era names (元号法; earlier ones by imperial edict).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

ERAS = (
    ("令和", "R", dt.date(2019, 5, 1)),
    ("平成", "H", dt.date(1989, 1, 8)),
    ("昭和", "S", dt.date(1926, 12, 25)),
    ("大正", "T", dt.date(1912, 7, 30)),
    ("明治", "M", dt.date(1868, 10, 23)),
)
_NAMES = {name: start for full, letter, start in ERAS for name in (full, letter)}
_WRITTEN = re.compile(r"(令和|平成|昭和|大正|明治|[RHSTM])?(元|\d{1,4})[年./-](\d{1,2})[月./-](\d{1,2})日?")


def wareki(day: dt.date) -> str:
    """「令和8年11月26日」. Days before 明治 are written with the western year."""
    for name, _, start in ERAS:
        if day >= start:
            year = day.year - start.year + 1
            return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def read_day(text: str) -> dt.date:
    """A day typed as 2026-11-26, 2026年11月26日, 令和8年11月26日, R8.11.26 … Raises ValueError."""
    found = _WRITTEN.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper())
    if found is None:
        raise ValueError("not a day")
    era, written, month, day = found.groups()
    year = 1 if written == "元" else int(written)
    if era is not None:
        read = dt.date(_NAMES[era].year + year - 1, int(month), int(day))
        if read < _NAMES[era]:
            raise ValueError("before the era began")
        return read
    if written == "元" or year < 1000:
        raise ValueError("a year without its era")
    return dt.date(year, int(month), int(day))
