"""Whose check-ins somebody may see by name: the open cases of those who have a plan, as far as the viewer sees them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from casework.people import Viewer
from casework.permissions import Action
from casework.queue import Level
from storage.cases import CASES, COLUMNS
from storage.database import Connection
from storage.followups import PLANS
from storage.visibility import visible


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The open case of somebody with a plan. `seen`: the viewer may see it; `hidden`: they asked to be erased."""

    case_id: UUID
    number: str
    area: str | None
    level: Level
    seen: bool
    hidden: bool


async def standings(connection: Connection, desk_id: str, viewer: Viewer) -> dict[UUID, Standing]:
    """By resident. Who has a plan and no open case is not among them."""
    seen = visible(COLUMNS, viewer, Action.SEE_CASE).label("seen")
    columns = (CASES.c.id, CASES.c.resident_id, CASES.c.number, CASES.c.area, CASES.c.risk_level, CASES.c.hidden_at)
    query = (
        select(*columns, seen)
        .join_from(PLANS, CASES, CASES.c.resident_id == PLANS.c.resident_id)
        .where(PLANS.c.desk_id == desk_id, PLANS.c.retired_at.is_(None), CASES.c.closed_at.is_(None))
    )
    return {
        row.resident_id: Standing(
            case_id=row.id,
            number=row.number,
            area=row.area,
            level=row.risk_level,
            seen=bool(row.seen),
            hidden=row.hidden_at is not None,
        )
        for row in await connection.execute(query)
    }
