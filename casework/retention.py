"""How long what a resident told is kept (記録の保存): pure rules over what is known of one resident.

Source: no number of years is fixed by law for a council's consultation records (DOMAIN 5.5, own design): words of
somebody who never agreed to be read go some days after the last contact; what was handed on with consent is kept five
years from the 年度 after the case was closed, as public bodies keep such files.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

FIRST_MONTH = 4


class Rule(StrEnum):
    """Why a resident's words go."""

    ANONYMOUS = "anonymous"
    CONSENTED = "consented"


class Stays(StrEnum):
    """Why they stay: a case is not closed, a legal hold, somebody is checked in with, or the time is not over."""

    OPEN_CASE = "open_case"
    HELD = "held"
    CHECKED_IN = "checked_in"
    NOT_YET = "not_yet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a desk keeps, how long: days after the last contact, 年度 after the closing."""

    anonymous_days: int
    consented_years: int
    zone: ZoneInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What decides about one resident. `closed_at` is when the last case was closed; `consented`: ever, in any form."""

    last_contact: dt.datetime
    closed_at: dt.datetime | None = None
    consented: bool = False
    open_case: bool = False
    held: bool = False
    checked_in: bool = False


def judge(record: Record, terms: Terms, now: dt.datetime) -> Rule | Stays:
    """Whether a resident's words go now. An open case stays whatever its age: people close cases, not the clock."""
    if record.open_case:
        return Stays.OPEN_CASE
    if record.held:
        return Stays.HELD
    if record.checked_in:
        return Stays.CHECKED_IN
    if now < ends_at(record, terms):
        return Stays.NOT_YET
    return Rule.CONSENTED if record.consented else Rule.ANONYMOUS


def ends_at(record: Record, terms: Terms) -> dt.datetime:
    """When the time is over, if nothing happens until then."""
    quiet = record.last_contact + dt.timedelta(days=terms.anonymous_days)
    if not record.consented:
        return max(quiet, record.closed_at + dt.timedelta(days=terms.anonymous_days)) if record.closed_at else quiet
    closed = (record.closed_at or record.last_contact).astimezone(terms.zone)
    year = closed.year if closed.month >= FIRST_MONTH else closed.year - 1
    after = dt.datetime(year + 1 + terms.consented_years, FIRST_MONTH, 1, tzinfo=terms.zone)
    return max(after, quiet)
