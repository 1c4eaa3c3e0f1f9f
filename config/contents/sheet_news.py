"""Words about a sheet that the resident is told by the program, and about the private page."""

from __future__ import annotations

from config.contents.models import Line, Part


class Told(Part):
    """One thing to tell: with the place where that is safe (`open`), else so that a glance gives nothing away."""

    open: Line
    discreet: Line


class Expected(Told):
    """By when it is received and by when they hear; `one_day` where both are the same."""

    one_day: Line


class PageButton(Part):
    """The way to the private page, as it stands in the talk."""

    text: Line
    label: Line


class SheetNews(Part):
    """`{place}` are organisations, `{received}` and `{at}` days in words."""

    submitted: Told
    expect: Expected
    overdue: Told
    check: Line
    page: PageButton
    page_none: Line
    page_by_people: Line
