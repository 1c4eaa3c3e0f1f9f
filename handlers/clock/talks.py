"""Talks nobody writes in any more, and cases whose time has come: the clock's part of looking after cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from dialogue.events import StaffLeft
from handlers.staff_turn import NobodyThere, Turned
from handlers.turn import Turns
from storage import case_acts, cases, changes
from storage.cases import CaseRow
from storage.database import Connection, Database
from storage.ids import NewId
from storage.jobs import JobEngine

log = structlog.get_logger(__name__)

PACE = timedelta(seconds=30)


class _CameBack(Exception):
    """Whoever was silent has written meanwhile."""


class Talks:
    """Periodic work: the program answers again where a person has been silent for longer than the desk allows."""

    def __init__(
        self,
        *,
        database: Database,
        turns: Turns,
        engine: JobEngine,
        silent_after: Mapping[str, timedelta],
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._turns = turns
        self._engine = engine
        self._silent_after = silent_after
        self._clock = clock
        self._new_id = new_id

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(PACE, "talks", self.look)

    async def look(self) -> None:
        """End silent presences, and bring back cases that were put off until now."""
        now = self._clock()
        async with self._database.read() as connection:
            silent = await case_acts.overdue_presence(
                connection, before={desk_id: now - after for desk_id, after in self._silent_after.items()}
            )
        for resident_id, before in silent:
            await self._end(resident_id, before)
        async with self._database.write() as connection:
            woken = await case_acts.wake_snoozed(connection, now=now, new_id=self._new_id)
        if woken:
            log.info("cases.woken", cases=woken)

    async def _end(self, resident_id: UUID, before: datetime) -> None:
        async with self._database.read() as connection:
            case = await cases.open_case_of(connection, resident_id)
        if case is None or not _is_silent(case, before):
            return

        async def leave(connection: Connection, turned: Turned) -> None:
            seen = await cases.open_case_of(connection, resident_id, lock=True)
            if seen is None or seen.present_id != case.present_id or not _is_silent(seen, before):
                raise _CameBack
            await case_acts.left(connection, seen, None, at=turned.at, new_id=self._new_id)
            await changes.bump(connection, seen.desk_id)

        # “The answer takes long” is true only for whoever waits for one.
        event = StaffLeft(silent=case.waiting_since is not None)
        try:
            turned = await self._turns.staff(resident_id, event, within=leave)
        except (_CameBack, NobodyThere):
            return
        log.info("talk.silent", case=str(case.id))
        if turned.letter_id is not None:
            self._engine.deliver(resident_id)


def _is_silent(case: CaseRow, before: datetime) -> bool:
    """Whether nothing was done since `before`, and who waits has waited since then, too."""
    if case.present_id is None or case.act_at is None or case.act_at > before:
        return False
    return case.waiting_since is None or case.waiting_since <= before
