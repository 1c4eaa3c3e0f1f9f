"""自動割当 on the tables: which cases are nobody's, who could take them, and how much everybody has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case as choice
from sqlalchemy import func, select

from casework.assigning import Candidate, Load, Matter
from casework.permissions import Action
from casework.queue import CaseState, Level
from storage import cases, rota, staff, stand_ins
from storage.case_tables import CaseEvent
from storage.cases import CASES, CaseRow
from storage.database import Connection
from storage.keyring import Keyring
from storage.tables import table_of

_EVENTS = table_of(CaseEvent)
#: As many in one round; the next round is a moment away.
AT_ONCE = 50


async def nobodys(connection: Connection, desk_ids: Sequence[str]) -> list[UUID]:
    """Cases of these desks that belong to nobody, in the order of the queue."""
    free = (CASES.c.owner_id.is_(None), CASES.c.closed_at.is_(None), CASES.c.hidden_at.is_(None))
    query = select(CASES.c.id).where(CASES.c.desk_id.in_(sorted(desk_ids)), *free, CASES.c.state == CaseState.WAITING)
    return list((await connection.execute(query.order_by(CASES.c.place, CASES.c.since).limit(AT_ONCE))).scalars())


async def matter_of(connection: Connection, case: CaseRow) -> Matter:
    """What the rule asks of a case."""
    returned = select(_EVENTS.c.actor).where(_EVENTS.c.case_id == case.id, _EVENTS.c.kind == "returned")
    given_back = frozenset(UUID(actor) for actor in (await connection.execute(returned)).scalars())
    return Matter(facts=await cases.facts_of(connection, case), level=case.risk_level, given_back=given_back)


async def candidates(connection: Connection, keyring: Keyring, desk_id: str, *, now: datetime) -> list[Candidate]:
    """Everybody with a role at the desk, with what they have to do."""
    away = {one.absent_id for one in await stand_ins.current(connection, now) if one.holds(now)}
    loads = await _loads(connection, desk_id)
    return [
        Candidate(person=one, load=loads.get(one.viewer.staff_id, Load()), away=one.viewer.staff_id in away)
        for one in await rota.colleagues(connection, keyring, desk_id, now=now)
    ]


async def can_have(connection: Connection, staff_id: UUID, case_id: UUID, now: datetime) -> bool:
    """Whether a case can be given to somebody: their account is open, and they may answer it."""
    account = await staff.by_id(connection, staff_id)
    if account is None or account.disabled_at is not None:
        return False
    colleague = await staff.viewer(connection, account, now)
    return await cases.load(connection, case_id, colleague, Action.ANSWER) is not None


async def _loads(connection: Connection, desk_id: str) -> dict[UUID, Load]:
    urgent = func.sum(choice((CASES.c.risk_level == Level.URGENT, 1), else_=0))
    latest = func.max(CASES.c.auto_assigned_at)
    query = (
        select(CASES.c.owner_id, func.count().label("n"), urgent.label("urgent"), latest.label("given_at"))
        .where(CASES.c.desk_id == desk_id, CASES.c.closed_at.is_(None), CASES.c.state == CaseState.OPEN)
        .where(CASES.c.owner_id.is_not(None))
        .group_by(CASES.c.owner_id)
    )
    rows = await connection.execute(query)
    return {row.owner_id: Load(cases=row.n, urgent=int(row.urgent), given_at=row.given_at) for row in rows}
