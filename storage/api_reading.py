"""What a program of another organisation may list: sheets handed to it, by case, and what changed in them.

Every select begins with `visible`, as the pages of a recipient do; what a sheet says is asked of its `View` afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from casework.people import Viewer
from casework.permissions import Action
from casework.sheets import Handed
from config.contents.forms import Needs
from storage.case_queue import HANDED_COLUMNS
from storage.cases import CASES
from storage.database import Connection
from storage.ids import uuid7
from storage.sheet_tables import HandedTo, HandoverRow, SheetRow, SheetVersion
from storage.tables import table_of
from storage.visibility import visible

_SHEETS = table_of(SheetRow)
_HANDED = table_of(HandedTo)
_VERSIONS = table_of(SheetVersion)
_HANDOVERS = table_of(HandoverRow)
#: Ids are made before their transaction ends: what is younger than this may still get an older neighbour.
SETTLED_AFTER = timedelta(seconds=10)
_RANDOM_BITS = 74


def _theirs(query: Select[Any], viewer: Viewer, desk_id: str) -> Select[Any]:
    """Narrowed to sheets in this organisation's hands that rest on consent."""
    # An own name: `visible` asks the same table about the case.
    there = _HANDED.alias()
    return (
        query.join(there, there.c.sheet_id == _SHEETS.c.id)
        .join(CASES, CASES.c.id == _SHEETS.c.case_id)
        .where(there.c.org_id == viewer.organisation_id, CASES.c.desk_id == desk_id, CASES.c.hidden_at.is_(None))
        .where(_SHEETS.c.needs == Needs.CONSENT, visible(HANDED_COLUMNS, viewer, Action.SEE_SHEET))
    )


async def sheet_ids(
    connection: Connection,
    viewer: Viewer,
    desk_id: str,
    *,
    after: UUID | None = None,
    case_id: UUID | None = None,
    limit: int,
) -> list[UUID]:
    """Sheets in the order in which they were made."""
    query = _theirs(select(_SHEETS.c.id), viewer, desk_id)
    if after is not None:
        query = query.where(_SHEETS.c.id > after)
    if case_id is not None:
        query = query.where(_SHEETS.c.case_id == case_id)
    return list((await connection.execute(query.order_by(_SHEETS.c.id).limit(limit))).scalars())


async def case_ids(
    connection: Connection, viewer: Viewer, desk_id: str, *, after: UUID | None = None, limit: int
) -> list[UUID]:
    """Cases of which something lies with this organisation, in the order in which they were opened."""
    query = _theirs(select(_SHEETS.c.case_id), viewer, desk_id).group_by(_SHEETS.c.case_id)
    if after is not None:
        query = query.where(_SHEETS.c.case_id > after)
    return list((await connection.execute(query.order_by(_SHEETS.c.case_id).limit(limit))).scalars())


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """A sheet that was changed at `at`, by its newest version up to then. `cursor` is the place in the row of all."""

    cursor: UUID
    sheet_id: UUID
    number: str
    at: datetime


async def changed(
    connection: Connection, viewer: Viewer, desk_id: str, *, after: UUID | None, now: datetime, limit: int
) -> list[Changed]:
    """Versions of sheets while they lay with this organisation, the oldest first, the one that took them away too.

    What happened before a sheet came and after it went is nothing of theirs.
    """
    newest = uuid7(int((now - SETTLED_AFTER).timestamp() * 1000), (1 << _RANDOM_BITS) - 1)
    columns = (_VERSIONS.c.id.label("cursor"), _VERSIONS.c.sheet_id, _SHEETS.c.number, _VERSIONS.c.at)
    query = (
        select(*columns)
        .join_from(_VERSIONS, _SHEETS, _SHEETS.c.id == _VERSIONS.c.sheet_id)
        .join(_HANDOVERS, and_(_HANDOVERS.c.sheet_id == _SHEETS.c.id, _while_there()))
        .where(_HANDOVERS.c.org_id == viewer.organisation_id, _SHEETS.c.desk_id == desk_id)
        .where(_SHEETS.c.needs == Needs.CONSENT, _VERSIONS.c.id <= newest)
        .group_by(*columns)
        .order_by(_VERSIONS.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_VERSIONS.c.id > after)
    return [Changed(**row) for row in (await connection.execute(query)).mappings()]


def _while_there() -> ColumnElement[bool]:
    """Between the sending and the end of one handover, both ends with it."""
    gave_back = _HANDOVERS.c.state.in_((Handed.DECLINED, Handed.RETURNED))
    until = func.coalesce(_HANDOVERS.c.recalled_at, _HANDOVERS.c.answered_at)
    over = or_(gave_back, _HANDOVERS.c.state == Handed.RECALLED)
    return and_(
        _HANDOVERS.c.sent_at.is_not(None), _VERSIONS.c.at >= _HANDOVERS.c.sent_at, or_(~over, _VERSIONS.c.at <= until)
    )
