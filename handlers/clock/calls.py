"""Taking the steps of calls when they are due: who is told is decided then, from who works now and who has reacted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from casework.alerting import Circle, due_steps, has_reaction, next_due, whom
from casework.workdays import Workdays
from config.notices import NoticeWords
from storage import audit, calls, cases, changes, notices, rota
from storage.calls import CallRow
from storage.cases import CaseRow
from storage.database import Connection, Database
from storage.ids import NewId
from storage.jobs import JobEngine
from storage.keyring import Keyring
from storage.notice_tables import CallEnd, NoticeKind
from storage.notices import About

log = structlog.get_logger(__name__)

PACE = timedelta(seconds=3)
AFTER_FAULT = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """What telling needs to know of the desks. `domain` is that of our mails."""

    words: Mapping[str, NoticeWords]
    workdays: Mapping[str, Workdays]
    domain: str


class Calls:
    """Periodic work over the calls that are due."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        engine: JobEngine,
        telling: Telling,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._telling = telling
        self._clock = clock
        self._new_id = new_id
        self._round = asyncio.Lock()

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(PACE, "calls", self.look)

    async def look(self) -> None:
        """Take every step that is due, each call in a transaction of its own."""
        async with self._round:
            async with self._database.glance() as connection:
                found = await calls.due(connection, now=self._clock())
            for call_id, case_id in found:
                try:
                    async with self._database.write() as connection:
                        await self._climb(connection, case_id)
                except Exception as error:  # noqa: BLE001 - one that cannot be told must not keep the others waiting
                    log.error("call.failed", call=str(call_id), reason=type(error).__name__)  # noqa: TRY400
                    async with self._database.write() as connection:
                        await calls.look_again(connection, call_id, now=self._clock() + AFTER_FAULT)

    async def _climb(self, connection: Connection, case_id: UUID) -> None:
        now = self._clock()
        case = await cases.locked(connection, case_id)
        call = await calls.open_of_case(connection, case_id)
        if call is None or call.next_at > now:
            return
        alert, reactions = (
            await calls.standing(connection, call),
            await calls.reactions(connection, case_id, call.raised_at),
        )
        if case.closed_at is not None or has_reaction(alert, reactions):
            how = CallEnd.REACTED if case.closed_at is None else CallEnd.CLOSED
            await calls.end(connection, call.id, how, now=now)
            log.info("call.ended", call=str(call.id), how=how.value)
            return
        changed = False
        while due := due_steps(alert, reactions, now):
            people = await self._tell(connection, call, case, due[0], now)
            alert, changed = alert.told(people), True
        next_at = next_due(alert, reactions)
        await calls.took(connection, call.id, told=len(alert.reached), next_at=next_at or now)
        if next_at is None:
            await calls.end(connection, call.id, CallEnd.UNANSWERED, now=now)
        if changed:
            await changes.bump(connection, call.desk_id, talk=False)

    async def _tell(self, connection: Connection, call: CallRow, case: CaseRow, step: int, now: datetime) -> int:
        """Put one step's mails down, with a line in the timeline and in the record of acts."""
        circle, workdays = call.plan[step].circle, self._telling.workdays[call.desk_id]
        recipients = whom(
            circle,
            await cases.facts_of(connection, case),
            await rota.colleagues(connection, self._keyring, call.desk_id, now=now),
            await rota.lists(connection, self._keyring, call.desk_id),
            workdays,
            now,
        )
        kind = NoticeKind(call.urgency.value)
        about = About(
            desk_id=call.desk_id,
            kind=kind,
            call_id=call.id,
            case_id=case.id,
            number=case.number,
            step=step,
            minutes=int((now - call.raised_at).total_seconds()) // 60,
        )
        for recipient in recipients:
            await notices.add(
                connection,
                self._keyring,
                about,
                recipient,
                now=now,
                expires_at=now + self._telling.words[call.desk_id].expires(kind.value),
                domain=self._telling.domain,
                new_id=self._new_id,
            )
        await self._written(connection, call, circle, step=step, people=len(recipients), now=now)
        return len(recipients)

    async def _written(
        self, connection: Connection, call: CallRow, circle: Circle, *, step: int, people: int, now: datetime
    ) -> None:
        detail = {"to": circle.value, "step": step, "people": people}
        await cases.add_event(
            connection,
            call.case_id,
            kind="told" if people else "told_nobody",
            actor=cases.PROGRAM,
            at=now,
            new_id=self._new_id,
            object_id=call.id,
            detail=detail,
        )
        act = audit.Act(
            action="staff_told", object_kind="case", object_id=call.case_id, desk_id=call.desk_id, detail=detail
        )
        await audit.record(connection, self._keyring, act, at=now, new_id=self._new_id)
        log.info("call.step", call=str(call.id), desk=call.desk_id, urgency=call.urgency.value, **detail)
