"""Residents with check-ins, for tests of the console."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from access import endangered
from office import Office
from sqlalchemy import update

from casework.queue import Level, SafeContact
from dialogue import State
from dialogue.events import CheckInSet
from dialogue.followups import Band, CheckInPlan, Rhythm
from storage import cases, residents
from storage.case_tables import Case
from storage.cases import CaseRow
from storage.ids import new_id
from storage.residents import ResidentRow, Sender
from storage.tables import Channel, OutboxMessage, OutboxState

#: The office opens on Thursday, 26 November 2026, at ten.
WEEKLY = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=date(2026, 11, 28))


async def with_case(
    office: Office, *, area: str | None = "hokubu", level: Level = Level.WATCH, state: dict[str, Any] | None = None
) -> tuple[ResidentRow, CaseRow]:
    """Somebody who has read the notice and has an open case."""
    async with office.console.database.write() as connection:
        resident, case = await endangered(connection, office.console, now=office.clock())
        await _noticed(office, resident, connection, state or {})
        values = {"area": area, "risk_level": level, "heard_level": level, "safe_contact": SafeContact.UNKNOWN}
        await connection.execute(update(Case).where(Case.id == case.id).values(values))
        row = await cases.open_case_of(connection, resident.id)
    assert row is not None
    return resident, row


async def without_case(office: Office) -> ResidentRow:
    """Somebody who has read the notice, and whom no case is about."""
    sender = Sender(desk_id="default", channel=Channel.LINE, index=new_id().bytes * 2)
    async with office.console.database.write() as connection:
        resident = await residents.create(
            connection, office.console.keyring, sender, address="U" + "2" * 32, now=office.clock(), new_id=new_id
        )
        await _noticed(office, resident, connection, {})
    return resident


async def _noticed(office: Office, resident: ResidentRow, connection: Any, state: dict[str, Any]) -> None:
    fresh = await residents.by_id(connection, office.console.keyring, resident.id)
    assert fresh is not None
    await residents.decided(
        connection,
        fresh,
        state=replace(State.new(), noticed=True, **state).to_json(),
        known=None,
        messages=0,
        heard_at=None,
        blocked_at=None,
    )


async def settles(office: Office, resident: ResidentRow, plan: CheckInPlan = WEEKLY) -> None:
    """A plan holds from now on, as if a coordinator had set it; its notice is out of the way."""
    work = office.console.work
    assert work is not None
    turned = await work.turns.staff(resident.id, CheckInSet(plan=plan, shown="相談員"))
    assert turned.letter_id is not None
    await delivered(office)


async def delivered(office: Office) -> None:
    """Everything in the outbox went out."""
    async with office.console.database.write() as connection:
        await connection.execute(update(OutboxMessage).values(state=OutboxState.SENT, sent_at=office.clock()))
