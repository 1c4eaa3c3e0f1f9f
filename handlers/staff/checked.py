"""Numbers that residents are told, and whether somebody of the desk looked at them lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from config.content import Content
from config.contents.models import FRESH_DAYS, Place
from dialogue import Desk


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A place that residents are told, and whether somebody looked at it lately. `days` since then."""

    name: str
    place: Place
    days: int
    stale: bool


def checked(content: Content, today: dt.date) -> list[Checked]:
    """Every place of a desk, the longest unchecked first."""
    local = {f"local:{key}": place for key, place in content.desk.local.items()}
    found = [
        Checked(name=name, place=one, days=(today - one.checked_on).days, stale=not one.fresh_on(today))
        for name, one in {**content.contacts, **local}.items()
    ]
    return sorted(found, key=lambda one: (not one.stale, -one.days, one.name))


def warnings_of(desks: Iterable[Desk], now: dt.datetime) -> list[str]:
    """What whoever keeps these desks has to know now."""
    stale = {one.name for desk in desks for one in checked(desk.content, desk.local(now).date()) if one.stale}
    if not stale:
        return []
    return [f"住民に案内する窓口のうち{len(stale)}件が、{FRESH_DAYS}日より長く確かめられていません(「窓口の手入れ」)。"]
