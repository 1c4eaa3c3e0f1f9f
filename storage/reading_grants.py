"""Broken glass: who reads without consent, why, until when, whom they told, and who looked at it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update

from casework.people import Viewer
from casework.permissions import Action
from casework.reading import Grant, Reason
from storage.case_tables import ReadingGrant
from storage.cases import CASES, COLUMNS
from storage.database import Connection
from storage.ids import NewId
from storage.tables import table_of
from storage.vault import Place, SealingKey
from storage.visibility import visible

_GRANTS = table_of(ReadingGrant)


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRow:
    """One breaking of the glass. `number` is the case's; the written reason stays sealed until it is shown."""

    id: UUID
    case_id: UUID
    number: str
    desk_id: str
    resident_id: UUID
    staff_id: UUID
    reason: Reason
    reason_sealed: bytes | None
    told_id: UUID | None
    all_turns: bool
    opened_at: datetime
    ends_at: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    review: str | None

    def written_reason(self, key: SealingKey) -> str | None:
        """The reason in words; None for a reason of one press, or when the resident was erased."""
        if self.reason_sealed is None:
            return None
        text: str = key.open_json(_place(self.id), self.reason_sealed)
        return text


def _place(grant_id: UUID) -> Place:
    return Place(table="reading_grants", column="reason", row=grant_id)


async def add(
    connection: Connection,
    key: SealingKey,
    *,
    case_id: UUID,
    staff_id: UUID,
    reason: Reason,
    words: str | None,
    told_id: UUID | None,
    turns: frozenset[int] | None,
    at: datetime,
    ends_at: datetime,
    new_id: NewId,
) -> UUID:
    """Open the glass for one person."""
    grant_id = new_id()
    row = {
        "id": grant_id,
        "case_id": case_id,
        "staff_id": staff_id,
        "reason": reason,
        "reason_sealed": None if words is None else key.seal_json(_place(grant_id), words),
        "told_id": told_id,
        "turns": None if turns is None else sorted(turns),
        "opened_at": at,
        "ends_at": ends_at,
    }
    await connection.execute(insert(_GRANTS), row)
    return grant_id


async def open_for(connection: Connection, case_id: UUID, staff_id: UUID, *, now: datetime) -> list[Grant]:
    """What a person may read of a case without consent, now."""
    mine = (_GRANTS.c.case_id == case_id, _GRANTS.c.staff_id == staff_id, _GRANTS.c.ends_at > now)
    return [
        Grant(
            opened_at=row.opened_at,
            ends_at=row.ends_at,
            turns=None if row.turns is None else frozenset(row.turns),
        )
        for row in await connection.execute(select(_GRANTS).where(*mine))
    ]


def _query(viewer: Viewer, action: Action) -> Select[Any]:
    query = select(_GRANTS, CASES.c.number, CASES.c.desk_id, CASES.c.resident_id).join_from(
        _GRANTS, CASES, CASES.c.id == _GRANTS.c.case_id
    )
    return query.where(visible(COLUMNS, viewer, action))


def _row(row: Row[Any]) -> GrantRow:
    names = [name for name in GrantRow.__slots__ if name != "all_turns"]
    return GrantRow(**{name: getattr(row, name) for name in names}, all_turns=row.turns is None)


async def of_case(connection: Connection, case_id: UUID) -> list[GrantRow]:
    """All of a case, the newest first; the case itself was looked up by who may see it."""
    query = select(_GRANTS, CASES.c.number, CASES.c.desk_id, CASES.c.resident_id).join_from(
        _GRANTS, CASES, CASES.c.id == _GRANTS.c.case_id
    )
    rows = await connection.execute(query.where(_GRANTS.c.case_id == case_id).order_by(_GRANTS.c.opened_at.desc()))
    return [_row(row) for row in rows]


async def report(connection: Connection, viewer: Viewer, *, limit: int = 200) -> list[GrantRow]:
    """What the viewer has to look at: what was not looked at yet first, then the newest."""
    query = _query(viewer, Action.REVIEW_READING)
    newest = query.order_by(_GRANTS.c.reviewed_at.is_not(None), _GRANTS.c.opened_at.desc()).limit(limit)
    return [_row(row) for row in await connection.execute(newest)]


async def told(connection: Connection, staff_id: UUID, *, limit: int = 50) -> Sequence[GrantRow]:
    """What others told this person, and nobody has looked at yet."""
    query = select(_GRANTS, CASES.c.number, CASES.c.desk_id, CASES.c.resident_id).join_from(
        _GRANTS, CASES, CASES.c.id == _GRANTS.c.case_id
    )
    mine = query.where(_GRANTS.c.told_id == staff_id, _GRANTS.c.reviewed_at.is_(None))
    return [_row(row) for row in await connection.execute(mine.order_by(_GRANTS.c.opened_at.desc()).limit(limit))]


async def find(connection: Connection, grant_id: UUID, viewer: Viewer) -> GrantRow | None:
    """One that the viewer may look at: never one of their own."""
    query = _query(viewer, Action.REVIEW_READING).where(_GRANTS.c.id == grant_id)
    row = (await connection.execute(query.where(_GRANTS.c.staff_id != viewer.staff_id))).one_or_none()
    return None if row is None else _row(row)


async def review(connection: Connection, grant_id: UUID, *, by: UUID, verdict: str, at: datetime) -> bool:
    """Somebody else has looked at it. False when somebody already had."""
    open_ = (_GRANTS.c.id == grant_id, _GRANTS.c.reviewed_at.is_(None), _GRANTS.c.staff_id != by)
    done = update(_GRANTS).where(*open_).values(reviewed_by=by, reviewed_at=at, review=verdict)
    return (await connection.execute(done)).rowcount == 1
