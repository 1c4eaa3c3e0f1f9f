"""The sweep of check-ins: what is due is taken, looked at with everything known now, and queued or passed over.

One batch is one transaction: residents locked, the rule asked, the dialogue decides, the letter stands in the outbox
with its retry key and the next occurrence beside it. A process that dies at any point leaves either all of it or none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from dialogue import Desk
from dialogue.followups import DeskCalendar
from dialogue.per_desk import PerDesk
from handlers.checkin_step import Round, step
from handlers.quota import Quotas
from handlers.sending_rules import Allowance, Now, allowance_of, calendar_of
from storage import changes, check_in_claims, contact_facts, followups, residents
from storage.check_in_claims import Claim, Ledger
from storage.database import Connection, Database
from storage.followups import Clockwork
from storage.ids import NewId
from storage.jobs import JobEngine
from storage.keyring import Keyring

log = structlog.get_logger(__name__)

PACE = timedelta(seconds=10)
MEND_PACE = timedelta(hours=1)
#: So many at once: other writers wait for one batch, a tenth of a second at most.
BATCH = 200
MINUTE = timedelta(minutes=1)
AFTER_FAULT = timedelta(minutes=10)
#: Clocks are put right by seconds all the time. Only what was planned later than this from now is worth nothing.
CLOCKS_DIFFER = timedelta(minutes=10)
FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """What one batch did: how many it took of how many it may take, and for whom something waits to be sent."""

    taken: int = 0
    room: int = 0
    queued: tuple[UUID, ...] = ()

    @property
    def more(self) -> bool:
        """Whether there may be more to take."""
        return 0 < self.room <= self.taken


class CheckIns:
    """Periodic work over the check-ins of all desks."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        engine: JobEngine,
        desks: Mapping[str, Desk],
        quotas: Quotas,
        sends_at: Container[str] | None = None,
        listener_version: str,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._desks = desks
        self._calendars: Mapping[str, DeskCalendar] = PerDesk(desks, calendar_of)
        self._sends_at = desks if sends_at is None else sends_at
        self._quotas = quotas
        self._listener_version = listener_version
        self._clock = clock
        self._new_id = new_id
        self._round = asyncio.Lock()

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(PACE, "check_ins", self.sweep)
        self._engine.every(MEND_PACE, "check_ins_mend", self.mend)

    async def sweep(self) -> None:
        """Everything that is due at all desks, as fast as each desk wishes."""
        async with self._round:
            for desk_id in self._desks:
                if desk_id not in self._sends_at:
                    # Nobody would read what is answered to a desk that is closed.
                    continue
                async with self._database.glance() as connection:
                    due = await check_in_claims.is_anything_due(connection, desk_id, now=self._clock())
                if due:
                    await self._desk(desk_id)

    async def _desk(self, desk_id: str) -> None:
        allowance = await self._allowance(desk_id)
        swept = await self._guarded(desk_id, allowance)
        while swept.more:
            swept = await self._guarded(desk_id, allowance)

    async def _allowance(self, desk_id: str) -> Allowance:
        quota = await self._quotas.of(desk_id)
        async with self._database.glance() as connection:
            calendar = self._calendars[desk_id]
            return await allowance_of(connection, self._desks[desk_id], quota, calendar, now=self._clock())

    async def _guarded(self, desk_id: str, allowance: Allowance) -> Swept:
        """A batch; where one of it cannot be worked on, each by itself, so that it holds up nobody else."""
        try:
            return await self._batch(desk_id, allowance)
        except residents.Moved:
            return Swept()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not stop the others' words
            log.error("check_ins.failed", desk=desk_id, reason=type(error).__name__)  # noqa: TRY400
        for check_in_id in await self._due(desk_id):
            try:
                await self._batch(desk_id, allowance, only=check_in_id)
            except Exception as error:  # noqa: BLE001 - this is the one: it is tried again later
                log.error("check_in.failed", check_in=str(check_in_id), reason=type(error).__name__)  # noqa: TRY400
                async with self._database.write() as connection:
                    until = self._clock() + AFTER_FAULT
                    await check_in_claims.put_off(connection, check_in_id, until=until, reason=FAILED)
        return Swept()

    async def _due(self, desk_id: str) -> list[UUID]:
        async with self._database.read() as connection:
            return await check_in_claims.due(connection, desk_id, now=self._clock(), limit=BATCH)

    async def _batch(self, desk_id: str, allowance: Allowance, only: UUID | None = None) -> Swept:
        now, desk = self._clock(), self._desks[desk_id]
        async with self._database.write() as connection:
            if not await check_in_claims.first_in_line(connection, desk_id):
                return Swept()
            sent = await check_in_claims.sent_since(connection, desk_id, now - MINUTE, now)
            room = min(BATCH, desk.content.desk.sending.per_minute - sent)
            if room <= 0:
                return Swept()
            these = None if only is None else [only]
            claims = await check_in_claims.claim(connection, self._keyring, desk_id, now=now, limit=room, only=these)
            ledger = await self._weighed(connection, desk, claims, allowance, now)
            await check_in_claims.write(connection, ledger)
            if ledger.events:
                await changes.bump(connection, desk_id)
        return self._told(desk_id, ledger, taken=len(claims), room=room)

    async def _weighed(
        self, connection: Connection, desk: Desk, claims: list[Claim], allowance: Allowance, now: datetime
    ) -> Ledger:
        known = await contact_facts.facts(connection, [claim.resident.id for claim in claims], now=now)
        pauses = await contact_facts.pauses(connection, desk.id, now=now)
        calendar, ledger = self._calendars[desk.id], Ledger()
        round_ = Round(
            desk=desk,
            now=Now(at=now, calendar=calendar, pauses=pauses, allowance=allowance),
            made=Clockwork(calendar=calendar, now=now, new_id=self._new_id),
            listener_version=self._listener_version,
        )
        for claim in claims:
            step(ledger, claim, known[claim.resident.id], round_)
        return ledger

    def _told(self, desk_id: str, ledger: Ledger, *, taken: int, room: int) -> Swept:
        """Ask for the delivery of what was queued."""
        queued = tuple(resident_id for resident_id, _, _ in ledger.letters)
        if taken:
            log.info("check_ins.swept", desk=desk_id, taken=taken, queued=len(queued), put_off=len(ledger.put_off))
        if queued:
            self._quotas.forget(desk_id)
        for resident_id in queued:
            self._engine.deliver(resident_id)
        return Swept(taken=taken, room=room, queued=queued)

    async def mend(self) -> None:
        """Plan anew what a clock that ran ahead has planned: else it would wait for a time that is far off."""
        now = self._clock()
        async with self._database.read() as connection:
            found = await check_in_claims.from_the_future(connection, now=now + CLOCKS_DIFFER)
        for resident_id in found:
            async with self._database.write() as connection:
                resident = await residents.by_id(connection, self._keyring, resident_id, lock=True)
                calendar = None if resident is None else self._calendars.get(resident.desk_id)
                # Of a desk that is not there any more nothing is sent, so nothing is planned.
                if resident is not None and calendar is not None:
                    made = Clockwork(calendar=calendar, now=self._clock(), new_id=self._new_id)
                    await followups.plan_anew(connection, resident, made)
        if found:
            log.warning("check_ins.mended", residents=len(found))
