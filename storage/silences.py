"""Who gave no answer to a check-in and the one gentle word after it: for reaching out, never for closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from casework.people import Viewer
from casework.permissions import Action
from storage.cases import CASES, COLUMNS, SHOWN, CaseRow, case_row
from storage.database import Connection
from storage.followups import CHECK_INS, PLANS
from storage.tables import Resident, table_of
from storage.visibility import visible

_RESIDENTS = table_of(Resident)
#: Older silences are no news to anybody.
SHOWN_FOR = timedelta(days=90)
MOST = 200
#: Nothing came back since then, by words or by a button.
_STILL = and_(
    or_(_RESIDENTS.c.heard_at.is_(None), _RESIDENTS.c.heard_at < PLANS.c.silent_at),
    ~select(CHECK_INS.c.id)
    .where(CHECK_INS.c.resident_id == PLANS.c.resident_id, CHECK_INS.c.answered_at >= PLANS.c.silent_at)
    .exists(),
    _RESIDENTS.c.erase_at.is_(None),
    _RESIDENTS.c.erased_at.is_(None),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """Somebody without a case who did not answer."""

    resident_id: UUID
    alias: str
    since: datetime


async def cases_of_silent(
    connection: Connection, desk_id: str, viewer: Viewer, *, now: datetime
) -> list[tuple[CaseRow, datetime]]:
    """Open cases of those who did not answer, and since when; the longest silent first."""
    since = func.max(PLANS.c.silent_at).label("silent_at")
    silent = (
        select(PLANS.c.resident_id, since)
        .join_from(PLANS, _RESIDENTS, _RESIDENTS.c.id == PLANS.c.resident_id)
        .where(PLANS.c.desk_id == desk_id, PLANS.c.silent_at >= now - SHOWN_FOR, _STILL)
        .group_by(PLANS.c.resident_id)
        .subquery()
    )
    query = (
        select(*SHOWN, silent.c.silent_at)
        .join_from(CASES, silent, silent.c.resident_id == CASES.c.resident_id)
        .where(CASES.c.closed_at.is_(None), CASES.c.hidden_at.is_(None), visible(COLUMNS, viewer, Action.SEE_QUEUE))
        .order_by(silent.c.silent_at)
        .limit(MOST)
    )
    return [(case_row(row), row.silent_at) for row in await connection.execute(query)]


async def without_case(connection: Connection, desk_id: str, *, now: datetime) -> list[Quiet]:
    """Those who have no case: only for who sees the whole desk."""
    since = func.max(PLANS.c.silent_at).label("since")
    query = (
        select(_RESIDENTS.c.id, _RESIDENTS.c.alias, since)
        .join_from(PLANS, _RESIDENTS, _RESIDENTS.c.id == PLANS.c.resident_id)
        .where(PLANS.c.desk_id == desk_id, PLANS.c.silent_at >= now - SHOWN_FOR, _STILL)
        .where(~select(CASES.c.id).where(CASES.c.resident_id == _RESIDENTS.c.id, CASES.c.closed_at.is_(None)).exists())
        .group_by(_RESIDENTS.c.id, _RESIDENTS.c.alias)
        .order_by(since)
        .limit(MOST)
    )
    return [Quiet(resident_id=row.id, alias=row.alias, since=row.since) for row in await connection.execute(query)]
