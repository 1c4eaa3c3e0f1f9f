"""The sweep finds what a crash or a fault left behind; tidying forgets what may be forgotten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from handlers.clock.sweeps import SWEEP_PACE, TIDY_PACE, Sweeps
from storage import inbox, outbox, residents
from storage.database import Connection, Database
from storage.ids import new_id
from storage.inbox import NewEvent, seal_event
from storage.intake import Intake
from storage.jobs import Conversation, PeriodicWork
from storage.keyring import Keyring
from storage.outbox import NewLetter
from storage.residents import ResidentRow, Sender
from storage.spool import Spool
from storage.tables import Channel, InboxEvent, InboxState
from storage.vault import SealingKey

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PROCESS = new_id()


@dataclass
class Asked:
    """An engine that only notes what it was asked to do."""

    woken: list[Conversation] = field(default_factory=list)
    delivered: list[UUID] = field(default_factory=list)
    planned: dict[str, tuple[timedelta, bool]] = field(default_factory=dict)

    async def wake_within(self, _connection: Connection, _conversations: Collection[Conversation]) -> bool:
        return False

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None:
        assert at is None
        self.woken.append(conversation)

    def deliver(self, resident_id: UUID, at: datetime | None = None) -> None:
        assert at is None
        self.delivered.append(resident_id)

    def every(self, pace: timedelta, name: str, work: PeriodicWork, *, here: bool = False) -> None:
        self.planned[name] = (pace, here)

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass
class Clockwork:
    """Sweeps over a real database and a real spool, with a clock to be set."""

    database: Database
    keyring: Keyring
    spool: Spool
    engine: Asked
    now: datetime = NOW
    sweeps: Sweeps = field(init=False)

    def __post_init__(self) -> None:
        intake = Intake(database=self.database, spool=self.spool)
        self.sweeps = Sweeps(
            database=self.database, intake=intake, engine=self.engine, process=PROCESS, clock=lambda: self.now
        )

    def event(self, event_id: str, *, sender: bytes | None = b"s" * 32) -> NewEvent:
        return seal_event(
            self.keyring.data,
            id=new_id(),
            desk_id="default",
            channel=Channel.LINE,
            event_id=event_id,
            sender=sender,
            event_at=1,
            received_at=NOW,
            body={},
        )

    async def store(self, *events: NewEvent) -> None:
        async with self.database.write() as connection:
            await inbox.add(connection, events)

    async def resident(self, name: bytes) -> ResidentRow:
        sender = Sender(desk_id="default", channel=Channel.LINE, index=name * 32)
        async with self.database.write() as connection:
            return await residents.create(
                connection, self.keyring, sender, address=name.decode(), now=NOW, new_id=new_id
            )

    async def letter(self, to: ResidentRow, *, after: float = 0, hands: UUID | None = None) -> None:
        at = NOW + timedelta(seconds=after)
        letter = NewLetter(
            id=new_id(),
            turn_id=None,
            kind="answer",
            priority=2,
            body=[],
            token=None,
            retry_key=new_id(),
            created_at=at,
            expires_at=at + timedelta(hours=1),
        )
        async with self.database.write() as connection:
            await outbox.add(connection, resident_id=to.id, key=to.key, letter=letter, leased_by=hands)


@pytest.fixture
async def clockwork(database: Database, tmp_path: Path) -> Clockwork:
    keyring = await Keyring.open(database, (SealingKey(b"m" * 32),), now=NOW, new_id=new_id)
    spool = Spool(tmp_path / "spool", process=new_id())
    return Clockwork(database=database, keyring=keyring, spool=spool, engine=Asked())


async def event_ids(database: Database) -> list[str]:
    async with database.read() as connection:
        found: Any = await connection.execute(select(InboxEvent.event_id).order_by(InboxEvent.event_id))
        return list(found.scalars())


async def test_the_works_are_handed_to_the_engine_at_their_pace_and_one_for_every_process(clockwork: Clockwork) -> None:
    clockwork.sweeps.register()
    assert clockwork.engine.planned == {
        "own": (SWEEP_PACE, True),
        "sweep": (SWEEP_PACE, False),
        "tidy": (TIDY_PACE, False),
    }
    clockwork.sweeps.register_inheritance()
    assert clockwork.engine.planned["inherit"] == (SWEEP_PACE, False)


async def test_what_a_process_has_in_hand_it_looks_after_itself(clockwork: Clockwork) -> None:
    ann, ben, cat = [await clockwork.resident(name) for name in (b"a", b"b", b"c")]
    await clockwork.letter(ann, hands=PROCESS)
    await clockwork.letter(ben, hands=new_id())
    await clockwork.letter(cat)
    await clockwork.sweeps.own()
    assert clockwork.engine.delivered == [ann.id]
    await clockwork.sweeps.sweep()
    assert clockwork.engine.delivered == [ann.id, cat.id]


async def test_where_nothing_was_left_nobody_is_bothered(clockwork: Clockwork) -> None:
    await clockwork.sweeps.sweep()
    assert (clockwork.engine.woken, clockwork.engine.delivered) == ([], [])


async def test_waiting_events_get_their_turns(clockwork: Clockwork) -> None:
    nameless = clockwork.event("N", sender=None)
    await clockwork.store(clockwork.event("A"), clockwork.event("B"), nameless)
    await clockwork.sweeps.sweep()
    assert clockwork.engine.woken == [
        Conversation("default", b"s" * 32),
        Conversation("default", None, nameless.id),
    ]


async def test_an_event_to_be_tried_later_is_left_until_its_time(clockwork: Clockwork) -> None:
    event = clockwork.event("A")
    await clockwork.store(event)
    async with clockwork.database.write() as connection:
        await inbox.try_later(connection, [event.id], at=NOW + timedelta(seconds=8), reason="ValueError")
    await clockwork.sweeps.sweep()
    assert clockwork.engine.woken == []
    clockwork.now += timedelta(seconds=8)
    await clockwork.sweeps.sweep()
    assert clockwork.engine.woken == [event.conversation]


async def test_due_messages_are_delivered_once_for_each_resident(clockwork: Clockwork) -> None:
    ann, ben = await clockwork.resident(b"a"), await clockwork.resident(b"b")
    await clockwork.letter(ann)
    await clockwork.letter(ann)
    await clockwork.letter(ben, after=60)
    await clockwork.sweeps.sweep()
    assert clockwork.engine.delivered == [ann.id]
    clockwork.now += timedelta(seconds=60)
    await clockwork.sweeps.sweep()
    assert sorted(clockwork.engine.delivered) == sorted([ann.id, ann.id, ben.id])


async def test_spooled_events_come_into_the_database_and_get_their_turns(clockwork: Clockwork) -> None:
    event = clockwork.event("A")
    clockwork.spool.append([event])
    await clockwork.sweeps.own()
    assert await event_ids(clockwork.database) == ["A"]
    assert clockwork.engine.woken == [event.conversation]
    assert clockwork.spool.empty


async def test_spooled_events_that_were_stored_all_the_same_are_not_doubled(clockwork: Clockwork) -> None:
    event = clockwork.event("A")
    await clockwork.store(event)
    clockwork.spool.append([event])
    await clockwork.sweeps.own()
    assert await event_ids(clockwork.database) == ["A"]


async def test_while_the_database_is_gone_the_spool_keeps_what_it_has(clockwork: Clockwork) -> None:
    clockwork.spool.append([clockwork.event("A")])
    async with clockwork.database.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO lost"))
    with pytest.raises(DBAPIError):
        await clockwork.sweeps.own()
    assert not clockwork.spool.empty
    async with clockwork.database.write() as connection:
        await connection.execute(text("ALTER TABLE lost RENAME TO inbox"))
    await clockwork.sweeps.own()
    assert await event_ids(clockwork.database) == ["A"]


async def test_tidying_forgets_processed_events_after_thirty_days_only(clockwork: Clockwork) -> None:
    done, waiting = clockwork.event("A"), clockwork.event("B")
    await clockwork.store(done, waiting)
    async with clockwork.database.write() as connection:
        await inbox.finish(connection, [done.id], state=InboxState.DONE)
    await clockwork.sweeps.tidy()
    clockwork.now += timedelta(days=29)
    await clockwork.sweeps.tidy()
    assert await event_ids(clockwork.database) == ["A", "B"]
    clockwork.now += timedelta(days=2)
    await clockwork.sweeps.tidy()
    assert await event_ids(clockwork.database) == ["B"]
