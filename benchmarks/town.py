"""A small town whose clock is set by hand: real storage, turns, sweep and delivery; only LINE's server is played.

The played LINE keeps the rules that matter here: a retry key is accepted once in 24 hours and answered 409 after that,
a push to somebody who blocked the account is accepted and reaches nobody, and a month has a limit.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.simulator.quota import Quota as LineQuota
from casework.standing import Terms
from casework.workdays import Workdays
from config.content import load_content
from dialogue import Desk, State
from dialogue.events import CheckInSet
from dialogue.followups import CheckInPlan, DeskCalendar
from handlers.clock.checkins import CheckIns
from handlers.line.deliver import Delivery
from handlers.line.delivery_rules import Answer, Outcome
from handlers.line.events import read_event
from handlers.links import Links
from handlers.quota import Quota, Quotas
from handlers.sending_rules import calendar_of
from handlers.turn import Turns
from nlp import Listener
from storage import inbox, residents
from storage.database import Database
from storage.followup_tables import CheckIn, CheckInState
from storage.ids import new_id
from storage.inbox import seal_event
from storage.jobs import Conversation, PeriodicWork
from storage.keyring import Keyring
from storage.residents import Sender
from storage.tables import Channel, table_of
from storage.vault import SealingKey

CHECK_INS = table_of(CheckIn)
#: A Saturday noon in Tokyo.
NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MASTER_BYTES = b"m" * 32
MASTER = SealingKey(MASTER_BYTES)
KEY_LIFE = timedelta(hours=24)


class Died(Exception):
    """The process is gone."""


@dataclass
class Asked:
    """An engine that only notes whom to deliver to."""

    delivered: list[UUID] = field(default_factory=list)
    planned: dict[str, timedelta] = field(default_factory=dict)

    async def wake_within(self, connection: Any, conversations: Any) -> bool:
        return False

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None: ...

    def deliver(self, resident_id: UUID, at: datetime | None = None) -> None:
        self.delivered.append(resident_id)

    def every(self, pace: timedelta, name: str, work: PeriodicWork, *, here: bool = False) -> None:
        self.planned[name] = pace

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Push:
    """What LINE accepted; `reached` is False where the resident had blocked the account."""

    at: datetime
    address: str
    key: UUID | None
    messages: Sequence[dict[str, Any]]
    reached: bool

    @property
    def text(self) -> str:
        return "\n".join(str(message.get("text", message.get("altText"))) for message in self.messages)


class Line:
    """LINE's server, as far as sending goes. `dies` makes the caller's process die after it accepted a message."""

    def __init__(self, limit: int | None = None) -> None:
        self.now = NOON
        self.quota = LineQuota(limit)
        self.accepted: list[Push] = []
        self.blocked: set[str] = set()
        self.dies = False
        self.down = False
        self.repeated = 0
        self._keys: dict[UUID, datetime] = {}

    async def push(self, to: str, messages: Sequence[dict[str, Any]], *, retry_key: UUID) -> Answer:
        if self.down:
            return Answer(outcome=Outcome.UNKNOWN, reason="down")
        taken = self._keys.get(retry_key)
        if taken is not None and self.now - taken < KEY_LIFE:
            self.repeated += 1
            return Answer(outcome=Outcome.ALREADY_ACCEPTED)
        if self.quota.spent(self.now):
            return Answer(outcome=Outcome.QUOTA_REACHED, reason="monthly quota reached")
        self._keys[retry_key] = self.now
        self._take(to, messages, retry_key)
        if self.dies:
            raise Died
        return Answer(outcome=Outcome.ACCEPTED)

    async def reply(self, token: str, messages: Sequence[dict[str, Any]]) -> Answer:
        self.accepted.append(Push(at=self.now, address=token, key=None, messages=messages, reached=True))
        return Answer(outcome=Outcome.ACCEPTED)

    def _take(self, to: str, messages: Sequence[dict[str, Any]], key: UUID) -> None:
        reached = to not in self.blocked
        if reached:
            self.quota.count(self.now)
        self.accepted.append(Push(at=self.now, address=to, key=key, messages=messages, reached=reached))

    async def asked(self) -> Quota:
        return Quota(limit=self.quota.limit, used=self.quota.used(self.now))


@dataclass
class Town:
    """`await town.settles("U1", plan)`, `town.now = …`, `await town.sweeps()`, and see `town.line.accepted`."""

    database: Database
    keyring: Keyring
    listener: Listener
    line: Line
    desk: Desk
    now: datetime = NOON
    people: dict[str, UUID] = field(default_factory=dict)
    _ids: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.calendar: DeskCalendar = calendar_of(self.desk)
        self.restart()

    def restart(self) -> None:
        """A new process over the same database."""
        self.engine = Asked()
        self.process = new_id()
        desks, workdays = {self.desk.id: self.desk}, Workdays.of(self.desk.content.desk)
        self.turns = Turns(
            database=self.database,
            keyring=self.keyring,
            listener=self.listener,
            desks=desks,
            pauses={self.desk.id: timedelta(0)},
            terms={self.desk.id: Terms(urgent_within=timedelta(minutes=30), workdays=workdays)},
            readers={Channel.LINE: lambda body, at: read_event(body, received_at=at)},
            announce={},
            process=self.process,
            clock=lambda: self.now,
            new_id=new_id,
        )
        self.delivery = Delivery(
            database=self.database,
            keyring=self.keyring,
            clients={self.desk.id: self.line},  # type: ignore[dict-item]  # the played LINE
            links=Links(
                database=self.database,
                keyring=self.keyring,
                desks=desks,
                site="https://tsunagu.example",
                clock=lambda: self.now,
                new_id=new_id,
            ),
            process=self.process,
            clock=lambda: self.now,
            chance=lambda: 0.5,
        )
        self.checkins = self.another_worker(self.engine)

    def another_worker(self, engine: Asked) -> CheckIns:
        """A sweep of its own over the same database."""
        return CheckIns(
            database=self.database,
            keyring=self.keyring,
            engine=engine,
            desks={self.desk.id: self.desk},
            quotas=Quotas(ask=self._asked, clock=lambda: self.now),
            listener_version=self.listener.version,
            clock=lambda: self.now,
            new_id=new_id,
        )

    async def _asked(self, _desk_id: str) -> Quota:
        return await self.line.asked()

    def at(self, when: datetime) -> None:
        """Set the town's clock, and LINE's with it."""
        self.now = self.line.now = when

    def passes(self, **time: float) -> None:
        self.at(self.now + timedelta(**time))

    async def arrives(self, address: str, **state: Any) -> UUID:
        """Somebody who has read the notice."""
        sender = Sender(
            desk_id=self.desk.id,
            channel=Channel.LINE,
            index=self.keyring.index.of(self.desk.id, "line", address),
        )
        async with self.database.write() as connection:
            row = await residents.create(connection, self.keyring, sender, address=address, now=self.now, new_id=new_id)
            await residents.decided(
                connection,
                row,
                state=replace(State.new(), noticed=True, **state).to_json(),
                known=None,
                messages=0,
                heard_at=None,
                blocked_at=None,
            )
        self.people[address] = row.id
        return row.id

    async def settles(self, address: str, plan: CheckInPlan, **state: Any) -> UUID:
        """Somebody for whom a coordinator sets a plan; they are told so at once."""
        resident_id = self.people.get(address) or await self.arrives(address, **state)
        turned = await self.turns.staff(resident_id, CheckInSet(plan=plan, shown="相談員の青木"))
        assert turned.letter_id is not None
        await self.delivery(resident_id)
        return resident_id

    async def _event(self, address: str, event: dict[str, Any]) -> None:
        index = self.keyring.index.of(self.desk.id, "line", address)
        number = next(self._ids)
        body = {
            "mode": "active",
            "timestamp": int(self.now.timestamp() * 1000),
            "source": {"type": "user", "userId": address},
            "webhookEventId": f"e{number}",
            **event,
        }
        new = seal_event(
            self.keyring.data,
            id=new_id(),
            desk_id=self.desk.id,
            channel=Channel.LINE,
            event_id=f"e{number}",
            sender=index,
            event_at=body["timestamp"],
            received_at=self.now,
            body=body,
        )
        async with self.database.write() as connection:
            await inbox.add(connection, [new])
        worked = await self.turns(Conversation(self.desk.id, index))
        for resident_id in worked.deliver:
            await self.delivery(resident_id)

    async def says(self, address: str, words: str) -> None:
        message = {"type": "text", "id": f"m{next(self._ids)}", "text": words}
        await self._event(address, {"type": "message", "message": message, "replyToken": f"r{next(self._ids)}"})

    async def presses(self, address: str, answer: str) -> None:
        """A button of the last check-in that reached them."""
        last = next(push for push in reversed(self.line.accepted) if push.address == address and push.key is not None)
        data = f"v1|check_in|answer.{answer}.{last.key}"
        await self._event(
            address, {"type": "postback", "postback": {"data": data}, "replyToken": f"r{next(self._ids)}"}
        )

    async def blocks(self, address: str) -> None:
        self.line.blocked.add(address)
        await self._event(address, {"type": "unfollow"})

    async def unblocks(self, address: str) -> None:
        self.line.blocked.discard(address)
        follow = {"isUnblocked": True}
        await self._event(address, {"type": "follow", "follow": follow, "replyToken": f"r{next(self._ids)}"})

    async def sweeps(self) -> None:
        """The clock's round, and all deliveries it asks for."""
        await self.checkins.sweep()
        await self.delivers()

    async def delivers(self) -> None:
        asked, self.engine.delivered = self.engine.delivered, []
        for resident_id in asked:
            await self.delivery(resident_id)

    async def rows(self, *states: CheckInState) -> list[Any]:
        """All occurrences in the order of their times."""
        async with self.database.read() as connection:
            query = select(CHECK_INS).order_by(CHECK_INS.c.due_at, CHECK_INS.c.id)
            found = (await connection.execute(query)).all()
        return [row for row in found if not states or row.state in states]

    async def comes(self) -> None:
        """The time of the next occurrence."""
        waiting = await self.rows(CheckInState.WAITING)
        self.at(min(row.look_at for row in waiting) + timedelta(seconds=1))


def desk_with(**sending: int) -> Desk:
    """The shipped desk, with other limits."""
    content = load_content()
    words = content.desk.model_copy(update={"sending": content.desk.sending.model_copy(update=sending)})
    return Desk(id="default", content=replace(content, desk=words))


async def town_of(database: Database, listener: Listener, *, limit: int | None = None, **sending: int) -> Town:
    """A town with nobody in it."""
    keyring = await Keyring.open(database, (MASTER,), now=NOON, new_id=new_id)
    return Town(database=database, keyring=keyring, listener=listener, line=Line(limit), desk=desk_with(**sending))
