"""What the town's staff do beside a talk: a look, a household, a pause for many, a legal hold, a count of old words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select

from bot.demo.office import Colleague, NotDone, Office, seen_case
from casework.permissions import Action
from handlers.clock.retention import Retention
from storage import audit, cases, changes, contact_pauses, households, retention
from storage.cases import CASES
from storage.database import Connection
from storage.followup_tables import PauseReason
from storage.household_tables import Part
from storage.households import Linking


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """One such act: who does it, at whose case; `known` are the residents by their names in the file."""

    office: Office
    who: Colleague
    resident_id: UUID
    given: Mapping[str, str]
    known: Mapping[str, UUID]
    old_words: Retention


async def _look(one: Beside) -> None:
    await seen_case(one.office, one.who, one.resident_id, "look")


async def _household(one: Beside) -> None:
    """Both people have to be the colleague's to see, as on the page."""
    office, who = one.office, one.who
    ours = await seen_case(office, who, one.resident_id, "household")
    async with office.database.write() as connection:
        number = await _number_of(connection, one.known[one.given["with"]])
        locked = await cases.load(connection, ours.id, who.viewer, Action.LINK_HOUSEHOLD, lock=True)
        other = await households.find(connection, office.desk_id, number, who.viewer)
        if locked is None or other is None:
            raise NotDone("household: may not")
        by = office.by(who)
        linking = Linking(by=by.staff_id, at=by.at, new_id=by.new_id)
        parts = Part(one.given["own_part"]), Part(one.given["part"])
        if not await households.join(connection, locked, other, parts, linking):
            raise NotDone("household")
        for case in (other, locked):
            await cases.add_event(connection, case.id, kind="joined", actor=who.id, at=by.at, new_id=by.new_id)
            await office.record(connection, who, "household_joined", case.id)
        await changes.bump(connection, office.desk_id)


async def _number_of(connection: Connection, resident_id: UUID) -> str:
    query = select(func.max(CASES.c.number)).where(CASES.c.resident_id == resident_id)
    return str((await connection.execute(query)).scalar_one())


async def _pause(one: Beside) -> None:
    """From now to the end of a day."""
    office, now = one.office, one.office.clock()
    last = now.astimezone(office.zone).date() + timedelta(days=int(one.given["days"]))
    reason, area = PauseReason(one.given["reason"]), one.given["area"]
    async with office.database.write() as connection:
        pause_id = await contact_pauses.add(
            connection,
            office.desk_id,
            area=area,
            reason=reason,
            starts_at=now,
            ends_at=datetime.combine(last + timedelta(days=1), time(), office.zone),
            by=one.who.id,
            at=now,
            new_id=office.new_id,
        )
        detail = {"area": area, "reason": reason.value}
        await office.record(connection, one.who, "contact_paused", pause_id, detail, kind="pause")
        await changes.bump(connection, office.desk_id)


async def _hold(one: Beside) -> None:
    """As the operator does it at the command line, where nobody is signed in."""
    office, now = one.office, one.office.clock()
    async with office.database.write() as connection:
        number = await _number_of(connection, one.resident_id)
        case = await retention.whose(connection, office.desk_id, number)
        if case is None:
            raise NotDone("hold: no case")
        await retention.hold(
            connection, office.keyring, case, one.given["reason"], by=None, at=now, new_id=office.new_id
        )
        act = audit.Act(action="held", object_kind="case", object_id=case.id, desk_id=case.desk_id)
        await audit.record(connection, office.keyring, act, at=now, new_id=office.new_id)


async def _count(one: Beside) -> None:
    await one.old_words.run(one.office.desk_id, carry_out=False)


ACTS: Mapping[str, Callable[[Beside], Awaitable[None]]] = {
    "look": _look,
    "household": _household,
    "pause": _pause,
    "hold": _hold,
    "count": _count,
}
