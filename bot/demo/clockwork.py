"""What the clock does in the town: check-ins go out, staff are told of danger step by step, ages come near.

It is the clock's own work of the running program, each at the moment it is due; here somebody else moves the clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from bot.demo.office import Office
from bot.demo.phones import Phones
from bot.simulator.mails import SimulatedPost
from dialogue import Desk
from handlers.clock.calls import Calls, Telling
from handlers.clock.checkins import CheckIns
from handlers.clock.mails import Envelope, Mails
from handlers.clock.milestones import Milestones
from handlers.mail import MailHealth
from handlers.quota import Quotas
from storage.calls import CALLS
from storage.database import Connection
from storage.followup_tables import CheckInState
from storage.followups import CHECK_INS
from storage.jobs import Conversation, PeriodicWork

#: So often the program looks at most: what it leaves for later is not looked at all the time.
_PACE = timedelta(minutes=1)
#: The program looks daily whom an age comes near. Here a week is enough: nobody sees the days between.
_AGES_EVERY = timedelta(days=7)


class Hands:
    """An engine that runs nothing: it only remembers for whom something waits to be sent."""

    def __init__(self) -> None:
        self._waiting: list[UUID] = []

    async def wake_within(self, connection: Connection, conversations: Collection[Conversation]) -> bool:
        """Nobody is woken: whoever writes is answered at once."""
        return True

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None:
        """As above."""

    def deliver(self, resident_id: UUID, at: datetime | None = None) -> None:
        """Remember whom."""
        self._waiting.append(resident_id)

    def every(self, pace: timedelta, name: str, work: PeriodicWork, *, here: bool = False) -> None:
        """The town asks for the work itself."""

    async def start(self) -> None:
        """There is nothing to begin."""

    async def stop(self) -> None:
        """Nor to end."""

    def taken(self) -> list[UUID]:
        """For whom something waits, once."""
        waiting, self._waiting = self._waiting, []
        return waiting


@dataclass(slots=True)
class Clockwork:
    """The clock's work over the town."""

    office: Office
    hands: Hands
    check_ins: CheckIns
    calls: Calls
    mails: Mails
    ages: Milestones
    _looked_at: datetime | None = field(default=None)
    _ages_on: date | None = field(default=None)

    async def next_at(self) -> datetime | None:
        """When something is due next; None when nothing waits."""
        waits = select(func.min(CHECK_INS.c.look_at)).where(CHECK_INS.c.state == CheckInState.WAITING)
        calls = select(func.min(CALLS.c.next_at)).where(CALLS.c.ended_at.is_(None))
        async with self.office.database.glance() as connection:
            found = [(await connection.execute(query)).scalar_one() for query in (waits, calls)]
        moments: list[datetime] = [moment for moment in found if moment is not None]
        if not moments:
            return None
        return min(moments) if self._looked_at is None else max(min(moments), self._looked_at + _PACE)

    async def look(self) -> list[UUID]:
        """Do what is due now; who has something to be sent."""
        self._looked_at = self.office.clock()
        await self.check_ins.sweep()
        await self.calls.look()
        await self.mails.send()
        return self.hands.taken()

    async def look_for_ages(self, today: date, *, anyhow: bool = False) -> None:
        """Whom an age with other services comes near."""
        if anyhow or self._ages_on is None or today - self._ages_on >= _AGES_EVERY:
            self._ages_on = today
            await self.ages.look()


def wind_up(office: Office, desks: Mapping[str, Desk], phones: Phones) -> Clockwork:
    """The clockwork over a town's desk. Mails go where those of the simulator go: nowhere."""
    hands, post = Hands(), SimulatedPost()
    base: dict[str, Any] = {"database": office.database, "clock": office.clock}
    ids = {**base, "new_id": office.new_id}
    words = {desk.id: desk.content.notices for desk in desks.values()}
    workdays = dict.fromkeys(desks, office.terms.workdays)
    accounts = {desk.id: desk.content.desk.account for desk in desks.values()}
    check_ins = CheckIns(
        **ids,
        keyring=office.keyring,
        engine=hands,
        desks=desks,
        quotas=Quotas(ask=phones.quota_of, clock=office.clock),
        listener_version=office.turns.listener_version,
    )
    telling = Telling(words=words, workdays=workdays, domain=post.sender.domain)
    mails = Mails(
        **base,
        keyring=office.keyring,
        engine=hands,
        post=post,
        envelope=Envelope(words=words, accounts=accounts, site=""),
        health=MailHealth(configured=True),
        process=office.new_id(),
    )
    calls = Calls(**ids, keyring=office.keyring, engine=hands, telling=telling)
    ages = Milestones(**ids, keyring=office.keyring, desks=desks)
    return Clockwork(office, hands, check_ins, calls, mails, ages)
