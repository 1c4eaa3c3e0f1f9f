"""What staff do with a case's row: claim, assign, give back, put off, lower the risk, close.

Every change is conditional: False means that somebody else was first, and the page says who. The case was looked up by
who may act on it. The timeline is written here; the audit, and then the counters for open pages, by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.queue import CaseState, LastWord, Level
from storage import changes
from storage.case_tables import CloseReason, Exclusion, ExclusionKind, Typing
from storage.cases import CASES, PROGRAM, RESIDENT, CaseRow, add_event, columns_of
from storage.database import Connection
from storage.ids import NewId
from storage.tables import table_of
from storage.vault import Place, SealingKey

_EXCLUSIONS = table_of(Exclusion)
_TYPING = table_of(Typing)


@dataclass(frozen=True, kw_only=True, slots=True)
class By:
    """Who acts, and when."""

    staff_id: UUID
    at: datetime
    new_id: NewId


async def _change(
    connection: Connection,
    case: CaseRow,
    by: By,
    kind: str,
    values: dict[str, Any],
    *conditions: ColumnElement[bool],
    object_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> bool:
    changed = update(CASES).where(CASES.c.id == case.id, CASES.c.closed_at.is_(None), *conditions)
    result = await connection.execute(changed.values({**values, "version": CASES.c.version + 1}))
    if result.rowcount != 1:
        return False
    await add_event(
        connection,
        case.id,
        kind=kind,
        actor=by.staff_id,
        at=by.at,
        new_id=by.new_id,
        object_id=object_id,
        detail=detail,
    )
    return True


async def claim(connection: Connection, case: CaseRow, by: By) -> bool:
    """Take a case that is nobody's. Of two who press at once, one gets it."""
    values = _owned_by(by.staff_id) | {"snoozed_until": None}
    return await _change(connection, case, by, "claimed", values, CASES.c.owner_id.is_(None))


def _owned_by(staff_id: UUID) -> dict[str, Any]:
    """Whose a case is because a person said so."""
    return {"owner_id": staff_id, "state": CaseState.OPEN, "auto_assigned_at": None}


async def assign(connection: Connection, case: CaseRow, by: By, to: UUID) -> bool:
    """Give a case to somebody, whoever has it; False when it changed hands meanwhile."""
    return await _change(connection, case, by, "assigned", _owned_by(to), _as_seen(case), object_id=to)


async def hand_on(connection: Connection, case: CaseRow, by: By, to: UUID, note_id: UUID) -> bool:
    """引継ぎ: give a case on with a note; False when it changed hands meanwhile."""
    detail = {"to": str(to)}
    return await _change(
        connection, case, by, "handed_on", _owned_by(to), _as_seen(case), object_id=note_id, detail=detail
    )


async def assign_by_itself(connection: Connection, case: CaseRow, to: UUID, *, at: datetime, new_id: NewId) -> bool:
    """自動割当: the program gives a case that is nobody's to somebody; False when somebody was first."""
    values = {"owner_id": to, "state": CaseState.OPEN, "auto_assigned_at": at, "version": CASES.c.version + 1}
    free = (CASES.c.owner_id.is_(None), CASES.c.closed_at.is_(None), CASES.c.hidden_at.is_(None))
    result = await connection.execute(update(CASES).where(CASES.c.id == case.id, *free).values(values))
    if result.rowcount != 1:
        return False
    await add_event(connection, case.id, kind="assigned", actor=PROGRAM, at=at, new_id=new_id, object_id=to)
    return True


async def give_back(connection: Connection, case: CaseRow, by: By) -> bool:
    """Put a case back into the queue."""
    values = {"owner_id": None, "state": CaseState.WAITING, "snoozed_until": None, "auto_assigned_at": None}
    return await _change(connection, case, by, "returned", values, CASES.c.owner_id.is_not(None), _as_seen(case))


def _as_seen(case: CaseRow) -> ColumnElement[bool]:
    """The case still belongs to whom the page showed."""
    return CASES.c.owner_id.is_not_distinct_from(case.owner_id)


async def snooze(connection: Connection, case: CaseRow, by: By, until: datetime) -> bool:
    """Put a case off until a time, or the resident's next word. Nobody who is in danger and waits is put off."""
    values = _answered(case) | {"state": CaseState.SNOOZED, "snoozed_until": until}
    return await _change(connection, case, by, "snoozed", values)


async def seen_to(connection: Connection, case: CaseRow, by: By) -> bool:
    """Somebody has looked, and nothing has to be answered now."""
    return await _change(connection, case, by, "seen_to", _answered(case), CASES.c.waiting_since.is_not(None))


def _answered(case: CaseRow) -> dict[str, Any]:
    """The order of the queue once nobody waits any more."""
    standing = replace(case.standing, waiting_since=None, deadline_at=None)
    columns = columns_of(standing)
    return {name: columns[name] for name in ("waiting_since", "deadline_at", "place", "since")}


async def wrote(connection: Connection, case: CaseRow, by: By, message_id: UUID) -> bool:
    """A message of the staff went to the outbox: nobody waits, and whoever wrote is in the talk."""
    standing = replace(
        case.standing, waiting_since=None, deadline_at=None, last_word=LastWord.STAFF, last_word_at=by.at
    )
    columns = columns_of(standing)
    names = ("waiting_since", "deadline_at", "place", "since", "last_word", "last_word_at")
    values = {name: columns[name] for name in names} | {"act_at": by.at}
    return await _change(connection, case, by, "wrote", values, object_id=message_id)


async def drafted(connection: Connection, case: CaseRow, by: By, message_id: UUID) -> bool:
    """A message waits for a second person: open pages of the case have to show it."""
    return await _change(connection, case, by, "drafted", {}, object_id=message_id)


async def dropped(connection: Connection, case: CaseRow, by: By, message_id: UUID) -> bool:
    """What waited for a second person was given up."""
    return await _change(connection, case, by, "dropped", {}, object_id=message_id)


async def came(connection: Connection, case: CaseRow, by: By) -> bool:
    """Somebody begins to write in the talk; whose case it is not, it becomes."""
    values: dict[str, Any] = {"present_id": by.staff_id, "present_since": by.at, "act_at": by.at}
    if case.owner_id is None:
        values |= _owned_by(by.staff_id) | {"snoozed_until": None}
    there = CASES.c.present_id.is_not_distinct_from(case.present_id)
    return await _change(connection, case, by, "came", values, there)


async def left(connection: Connection, case: CaseRow, by: By | None, *, at: datetime, new_id: NewId) -> bool:
    """Nobody writes in the talk any more; `by` None when the program noticed that nobody did."""
    values = {"present_id": None, "present_since": None, "act_at": None, "version": CASES.c.version + 1}
    gone = update(CASES).where(CASES.c.id == case.id, CASES.c.present_id == case.present_id)
    if (await connection.execute(gone.values(values))).rowcount != 1:
        return False
    actor: UUID | str = "program" if by is None else by.staff_id
    await add_event(connection, case.id, kind="left", actor=actor, at=at, new_id=new_id, object_id=case.present_id)
    return True


def _lowered_place(case_id: UUID) -> Place:
    return Place(table="cases", column="lowered_reason", row=case_id)


async def lower_risk(connection: Connection, case: CaseRow, by: By, *, to: Level, reason: str, key: SealingKey) -> bool:
    """Staff put the level lower than the words say, and say why. A new danger takes that away."""
    standing = replace(case.standing, staff_level=to)
    columns = columns_of(standing)
    values = {name: columns[name] for name in ("staff_level", "risk_level", "place", "since")}
    values |= {
        "lowered_by": by.staff_id,
        "lowered_at": by.at,
        "lowered_reason_sealed": key.seal_json(_lowered_place(case.id), reason),
    }
    seen = CASES.c.version == case.version
    return await _change(connection, case, by, "lowered", values, seen, detail={"to": to.value})


async def raise_risk(connection: Connection, case: CaseRow, by: By, *, to: Level, kinds: tuple[str, ...] = ()) -> bool:
    """Staff heard of a danger elsewhere: from then on the case stands as if the resident had written of it."""
    known = tuple(dict.fromkeys((*case.risk_kinds, *kinds)))
    columns = columns_of(replace(case.standing, heard_level=to, staff_level=None, risk_kinds=known))
    changed = ("heard_level", "staff_level", "risk_level", "place", "since", "risk_kinds")
    values = {name: columns[name] for name in changed}
    values |= {"lowered_by": None, "lowered_at": None, "lowered_reason_sealed": None}
    seen = CASES.c.version == case.version
    return await _change(connection, case, by, "raised", values, seen, detail={"to": to.value})


async def lowered_reason(connection: Connection, case: CaseRow, key: SealingKey) -> str | None:
    """Why staff put the level lower."""
    sealed = (
        await connection.execute(select(CASES.c.lowered_reason_sealed).where(CASES.c.id == case.id))
    ).scalar_one_or_none()
    if sealed is None:
        return None
    text: str = key.open_json(_lowered_place(case.id), sealed)
    return text


async def set_area(connection: Connection, case: CaseRow, by: By, area: str | None) -> bool:
    """In which part of the town it is."""
    return await _change(connection, case, by, "area", {"area": area}, detail={"to": area or "-"})


async def close(connection: Connection, case: CaseRow, by: By, reason: CloseReason) -> bool:
    """Close the case as it was seen: False when anything changed meanwhile, so that nobody is closed unheard."""
    standing = replace(case.standing, state=CaseState.CLOSED, waiting_since=None, deadline_at=None, snoozed_until=None)
    values = columns_of(standing) | {"closed_at": by.at, "close_reason": reason}
    alone = (CASES.c.version == case.version, CASES.c.present_id.is_(None))
    return await _change(connection, case, by, "closed", values, *alone, detail={"reason": reason.value})


async def reopen(connection: Connection, case: CaseRow, by: By) -> bool:
    """Open a closed case again; False when the resident has another open one."""
    other = select(CASES.c.id).where(CASES.c.resident_id == case.resident_id, CASES.c.closed_at.is_(None))
    if (await connection.execute(other)).first() is not None:
        return False
    columns = columns_of(replace(case.standing, state=CaseState.OPEN, owned=True))
    values = {"place": columns["place"], "since": columns["since"], **_owned_by(by.staff_id)}
    again = update(CASES).where(CASES.c.id == case.id, CASES.c.closed_at.is_not(None))
    values |= {"closed_at": None, "close_reason": None, "version": CASES.c.version + 1}
    if (await connection.execute(again.values(values))).rowcount != 1:
        return False
    await add_event(connection, case.id, kind="reopened", actor=by.staff_id, at=by.at, new_id=by.new_id)
    return True


async def exclude(connection: Connection, case: CaseRow, by: By, staff_id: UUID, kind: ExclusionKind) -> bool:
    """From now on this person does not see the case; what they had of it goes back into the queue."""
    row = {"case_id": case.id, "staff_id": staff_id, "kind": kind, "by": by.staff_id, "at": by.at}
    return await _exclude(connection, case, row, actor=by.staff_id, new_id=by.new_id)


async def keep_away(connection: Connection, case: CaseRow, staff_id: UUID, *, at: datetime, new_id: NewId) -> bool:
    """The same, because the resident does not want to be seen by them."""
    row = {"case_id": case.id, "staff_id": staff_id, "kind": ExclusionKind.EXCLUDED, "by": None, "at": at}
    return await _exclude(connection, case, row, actor=RESIDENT, new_id=new_id)


async def _exclude(
    connection: Connection, case: CaseRow, row: dict[str, Any], *, actor: UUID | str, new_id: NewId
) -> bool:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    staff_id, kind, at = row["staff_id"], row["kind"], row["at"]
    new = dialect.insert(_EXCLUSIONS).values(row).on_conflict_do_nothing().returning(_EXCLUSIONS.c.staff_id)
    if (await connection.execute(new)).first() is None:
        return False
    if case.owner_id == staff_id:
        values = {"owner_id": None, "state": CaseState.WAITING, "auto_assigned_at": None}
        await connection.execute(
            update(CASES).where(CASES.c.id == case.id, CASES.c.owner_id == staff_id).values(values)
        )
    await add_event(connection, case.id, kind=kind.value, actor=actor, at=at, new_id=new_id, object_id=staff_id)
    return True


async def wake_snoozed(connection: Connection, *, now: datetime, new_id: NewId) -> int:
    """Cases whose time has come are back in the queue, waiting for a person."""
    due = select(CASES).where(CASES.c.snoozed_until <= now, CASES.c.closed_at.is_(None)).limit(200)
    rows = (await connection.execute(due)).all()
    for row in rows:
        state = CaseState.WAITING if row.owner_id is None else CaseState.OPEN
        place = 0 if row.risk_level is Level.URGENT else 1
        values = {"state": state, "snoozed_until": None, "waiting_since": now, "since": now, "place": place}
        await connection.execute(update(CASES).where(CASES.c.id == row.id, CASES.c.snoozed_until <= now).values(values))
        await add_event(connection, row.id, kind="woke", actor="program", at=now, new_id=new_id)
    for desk_id in sorted({row.desk_id for row in rows}):
        await changes.bump(connection, desk_id)
    return len(rows)


async def overdue_presence(connection: Connection, *, before: Mapping[str, datetime]) -> list[tuple[UUID, datetime]]:
    """Residents in whose talk somebody is announced and has done nothing since the time `before` of their desk,
    each with that time."""
    late = or_(*(and_(CASES.c.desk_id == desk_id, CASES.c.act_at <= since) for desk_id, since in before.items()))
    query = select(CASES.c.resident_id, CASES.c.desk_id).where(CASES.c.present_id.is_not(None), late)
    found = await connection.execute(query.order_by(CASES.c.act_at).limit(200))
    return [(row.resident_id, before[row.desk_id]) for row in found]


async def typing(connection: Connection, case: CaseRow, by: By) -> None:
    """Somebody is writing an answer just now."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(_TYPING).values(case_id=case.id, staff_id=by.staff_id, typed_at=by.at)
    await connection.execute(
        new.on_conflict_do_update(index_elements=["case_id", "staff_id"], set_={"typed_at": by.at})
    )
    await changes.bump(connection, case.desk_id, queue=False)


async def stopped_typing(connection: Connection, case_id: UUID, staff_id: UUID) -> None:
    """Somebody has put their words down: they are not writing any more."""
    await connection.execute(delete(_TYPING).where(_TYPING.c.case_id == case_id, _TYPING.c.staff_id == staff_id))


async def typing_now(connection: Connection, case_id: UUID, *, since: datetime, but: UUID) -> list[UUID]:
    """Who else is writing an answer."""
    query = select(_TYPING.c.staff_id).where(_TYPING.c.case_id == case_id, _TYPING.c.typed_at >= since)
    return list((await connection.execute(query.where(_TYPING.c.staff_id != but))).scalars())
