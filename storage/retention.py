"""Whose words are kept no longer: what is known of each, legal holds, and the log of runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, func, insert, or_, select, update

from casework.retention import Record
from storage.case_tables import Case
from storage.consent_tables import ConsentRow
from storage.database import Connection
from storage.followup_tables import CheckInPlan
from storage.ids import NewId
from storage.keyring import Keyring
from storage.retention_tables import LegalHold, RetentionRun
from storage.sheet_tables import SheetRow
from storage.tables import Resident, table_of
from storage.vault import Place

_HOLDS = table_of(LegalHold)
_RUNS = table_of(RetentionRun)
BATCH = 500


async def quiet(
    connection: Connection, desk_id: str, *, before: datetime, after: UUID | None = None, limit: int = BATCH
) -> list[tuple[UUID, Record]]:
    """Residents of a desk not heard of since `before`, in the order of their ids from `after` on."""
    contact = func.coalesce(Resident.heard_at, Resident.created_at)
    query = (
        _known(contact)
        .where(Resident.desk_id == desk_id, Resident.erased_at.is_(None), Resident.erase_at.is_(None), contact < before)
        .order_by(Resident.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Resident.id > after)
    return [(row.id, _record(row)) for row in await connection.execute(query)]


async def record_of(connection: Connection, resident_id: UUID) -> Record | None:
    """What decides about one resident now, the resident's row being locked; None when there is none any more."""
    locked = select(Resident.id).where(Resident.id == resident_id, Resident.erased_at.is_(None)).with_for_update()
    if (await connection.execute(locked)).one_or_none() is None:
        return None
    contact = func.coalesce(Resident.heard_at, Resident.created_at)
    return _record((await connection.execute(_known(contact).where(Resident.id == resident_id))).one())


def _known(contact: Any) -> Any:
    theirs = Case.resident_id == Resident.id
    agreed = or_(
        exists().where(ConsentRow.resident_id == Resident.id), exists().where(SheetRow.resident_id == Resident.id)
    )
    closed = select(func.max(Case.closed_at)).where(theirs).scalar_subquery()
    held = exists().where(LegalHold.resident_id == Resident.id, LegalHold.ended_at.is_(None))
    live = exists().where(CheckInPlan.resident_id == Resident.id, CheckInPlan.retired_at.is_(None))
    return select(
        Resident.id,
        contact.label("last_contact"),
        closed.label("closed_at"),
        agreed.label("consented"),
        exists().where(theirs, Case.closed_at.is_(None)).label("open_case"),
        held.label("held"),
        live.label("checked_in"),
    )


def _record(row: Row[Any]) -> Record:
    return Record(
        last_contact=row.last_contact,
        closed_at=row.closed_at,
        consented=bool(row.consented),
        open_case=bool(row.open_case),
        held=bool(row.held),
        checked_in=bool(row.checked_in),
    )


async def note_run(
    connection: Connection, desk_id: str, counts: Mapping[str, int], *, at: datetime, carried_out: bool, new_id: NewId
) -> None:
    """Log a run."""
    row = {"id": new_id(), "desk_id": desk_id, "at": at, "carried_out": carried_out, "counts": dict(counts)}
    await connection.execute(insert(_RUNS), row)


async def last_run(connection: Connection, desk_id: str) -> datetime | None:
    """When a desk's words were last gone through in earnest."""
    query = select(func.max(_RUNS.c.at)).where(_RUNS.c.desk_id == desk_id, _RUNS.c.carried_out.is_(True))
    found: datetime | None = (await connection.execute(query)).scalar_one()
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One run over a desk's old words, with what it counted."""

    at: datetime
    carried_out: bool
    counts: Mapping[str, int]


async def runs(connection: Connection, desk_id: str, *, limit: int) -> list[Ran]:
    """The newest runs first."""
    columns = (_RUNS.c.at, _RUNS.c.carried_out, _RUNS.c.counts)
    query = select(*columns).where(_RUNS.c.desk_id == desk_id).order_by(_RUNS.c.at.desc()).limit(limit)
    return [Ran(**row._mapping) for row in await connection.execute(query)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Whose:
    """A case, and whose it is."""

    id: UUID
    desk_id: str
    resident_id: UUID


async def whose(connection: Connection, desk_id: str, number: str) -> Whose | None:
    """The case of that number."""
    query = select(Case.id, Case.resident_id).where(Case.desk_id == desk_id, Case.number == number)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Whose(id=row.id, desk_id=desk_id, resident_id=row.resident_id)


class HoldStands(Exception):
    """There is a legal hold on this resident already."""


async def hold(
    connection: Connection, keyring: Keyring, case: Whose, reason: str, *, by: UUID | None, at: datetime, new_id: NewId
) -> UUID:
    """Keep a resident's words from going, retention and wish alike. Raises HoldStands."""
    if await held(connection, case.resident_id):
        raise HoldStands
    hold_id = new_id()
    row = {
        "id": hold_id,
        "desk_id": case.desk_id,
        "resident_id": case.resident_id,
        "reason_sealed": keyring.data.seal_json(_reason_place(hold_id), reason),
        "by": by,
        "at": at,
    }
    await connection.execute(insert(_HOLDS), row)
    return hold_id


async def held(connection: Connection, resident_id: UUID) -> bool:
    """Whether a hold stands."""
    query = select(_HOLDS.c.id).where(_HOLDS.c.resident_id == resident_id, _HOLDS.c.ended_at.is_(None))
    return (await connection.execute(query)).first() is not None


async def release(connection: Connection, resident_id: UUID, *, by: UUID | None, at: datetime) -> bool:
    """End the hold. False when none stood."""
    stands = (_HOLDS.c.resident_id == resident_id, _HOLDS.c.ended_at.is_(None))
    result = await connection.execute(update(_HOLDS).where(*stands).values(ended_at=at, ended_by=by))
    return result.rowcount == 1


async def holds(connection: Connection, keyring: Keyring) -> Iterator[tuple[str, str, datetime, str]]:
    """All holds that stand: desk, case number, since when, why."""
    query = (
        select(_HOLDS, func.max(Case.number).label("number"))
        .outerjoin(table_of(Case), Case.resident_id == _HOLDS.c.resident_id)
        .where(_HOLDS.c.ended_at.is_(None))
        .group_by(*_HOLDS.c)
        .order_by(_HOLDS.c.at)
    )
    rows = (await connection.execute(query)).all()
    opened = keyring.data.open_json
    return ((row.desk_id, row.number or "-", row.at, opened(_reason_place(row.id), row.reason_sealed)) for row in rows)


def _reason_place(hold_id: UUID) -> Place:
    return Place(table="legal_holds", column="reason", row=hold_id)
