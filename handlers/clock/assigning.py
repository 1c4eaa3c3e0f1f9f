"""自動割当 by the clock: what is nobody's is given to somebody at work, where the desk wants that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import NoResultFound

from casework.assigning import choose
from casework.workdays import Workdays
from storage import assigning, audit, case_acts, cases, changes
from storage.database import Connection, Database
from storage.ids import NewId
from storage.jobs import JobEngine
from storage.keyring import Keyring

log = structlog.get_logger(__name__)

PACE = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class AssigningTerms:
    """How a desk gives away what is nobody's: in its hours, and to one person at most `most` open cases."""

    wanted: bool
    workdays: Workdays
    most: int | None


class Assigning:
    """Periodic work over cases that are nobody's, at the desks that want it. `terms`: whether each does, and how."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        engine: JobEngine,
        terms: Mapping[str, AssigningTerms],
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._terms = terms
        self._clock = clock
        self._new_id = new_id
        self._round = asyncio.Lock()

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(PACE, "assigning", self.look)

    async def look(self) -> None:
        """Give away what can be given, each case in a transaction of its own."""
        async with self._round:
            desks = tuple(desk_id for desk_id, terms in self._terms.items() if terms.wanted)
            if not desks:
                # A desk that does not want it costs nothing.
                return
            async with self._database.glance() as connection:
                found = await assigning.nobodys(connection, desks)
            for case_id in found:
                try:
                    async with self._database.write() as connection:
                        await self._give(connection, case_id)
                except NoResultFound:
                    continue

    async def _give(self, connection: Connection, case_id: UUID) -> None:
        """The case is locked, and whose it is decided from how everybody stands now."""
        now, case = self._clock(), await cases.locked(connection, case_id)
        terms = self._terms[case.desk_id]
        if case.owner_id is not None:
            return
        people = await assigning.candidates(connection, self._keyring, case.desk_id, now=now)
        matter = await assigning.matter_of(connection, case)
        to = choose(matter, people, workdays=terms.workdays, now=now, most=terms.most)
        if to is None or not await case_acts.assign_by_itself(connection, case, to, at=now, new_id=self._new_id):
            return
        act = audit.Act(
            action="case_assigned",
            object_kind="case",
            object_id=case.id,
            desk_id=case.desk_id,
            detail={"to": str(to), "by_itself": True},
        )
        await audit.record(connection, self._keyring, act, at=now, new_id=self._new_id)
        await changes.bump(connection, case.desk_id)
        log.info("case.assigned", case=str(case.id), desk=case.desk_id, to=str(to))
