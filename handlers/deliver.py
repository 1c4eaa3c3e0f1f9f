"""Delivery by place: into the room, or to LINE; and the knock by which LINE says that something is in the room.

A letter goes where its turn came from. What nobody asked for — a person's words, a check-in, what became of something —
goes where the talk is held; there LINE only knocks: without a name, without the matter, without a word of anybody.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from dialogue import Desk, codec
from dialogue.effects import SayKind
from dialogue.sending import Skip, Wait
from dialogue.words import ROOM, Link
from handlers import sending_rules
from handlers.at_door import place_of
from storage import knocks, outbox, residents, rooms
from storage.database import Connection, Database
from storage.ids import NewId
from storage.keyring import Keyring
from storage.knocks import KNOCK, OnItsWay
from storage.outbox import NewLetter
from storage.residents import ResidentRow
from storage.tables import Channel, Place

log = structlog.get_logger(__name__)

#: What LINE may still say when the talk is held in the room: nothing of it is about the talk.
_FOR_LINE = frozenset({SayKind.DOOR.value, SayKind.CRISIS.value, KNOCK})
#: Answers to what was just said in the room need no knock: whoever waits for them is there.
_ANSWERS = frozenset({SayKind.CRISIS.value, SayKind.ANSWER.value, SayKind.RIGHTS.value, SayKind.DOOR.value})
_WORTH_KNOCKING = timedelta(hours=72)

#: Whether a page of a room is open in this process.
IsOpen = Callable[[UUID], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ways:
    """Waiting letters by what becomes of them now."""

    to_room: tuple[OnItsWay, ...]
    to_line: tuple[OnItsWay, ...]

    @property
    def knocks(self) -> tuple[OnItsWay, ...]:
        """Knocks that wait; there is one at most."""
        return tuple(letter for letter in self.to_line if letter.kind == KNOCK)

    @property
    def worth_a_knock(self) -> bool:
        """Whether something goes into the room that nobody waits for there."""
        return any(letter.channel is Channel.LINE or letter.kind not in _ANSWERS for letter in self.to_room)


def ways_of(letters: Sequence[OnItsWay], place: Place, *, process: UUID) -> Ways:
    """Which letters go into the room: those for it, and all that is about the talk once the talk is held there.

    What another process is just sending is left to it.
    """
    to_room = [letter for letter in letters if letter.channel is Channel.ROOM or _moves(letter, place, process)]
    return Ways(to_room=tuple(to_room), to_line=tuple(letter for letter in letters if letter not in to_room))


def _moves(letter: OnItsWay, place: Place, process: UUID) -> bool:
    free = letter.leased_by in {None, process}
    return place is Place.ROOM and letter.kind not in _FOR_LINE and free


def knock_at(now: datetime, last: datetime | None, *, every: timedelta, open_for: timedelta | None) -> datetime:
    """When LINE may knock: not oftener than `every`, and while a page is open not before that was looked at."""
    soonest = now if open_for is None else now + open_for
    return soonest if last is None else max(soonest, last + every)


class Deliveries:
    """Carries out what waits for a resident, wherever it has to go. `line` sends what is for LINE."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        desks: Mapping[str, Desk],
        line: Callable[[UUID], Awaitable[datetime | None]],
        is_open: IsOpen,
        process: UUID,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._desks = desks
        self._line = line
        self._is_open = is_open
        self._process = process
        self._clock = clock
        self._new_id = new_id

    async def __call__(self, resident_id: UUID) -> datetime | None:
        """Deliver all that is due; return when to come back, or None when nothing waits."""
        async with self._database.glance() as connection:
            resident = await residents.by_id(connection, self._keyring, resident_id)
            letters = await knocks.on_their_way(connection, resident_id)
        if resident is None or not letters:
            return None
        ways = self._ways(resident, letters)
        if ways.to_room or self._due(ways.knocks):
            async with self._database.write() as connection:
                ways = await self._by_place(connection, resident_id)
        return await self._line(resident_id) if ways.to_line else None

    def _ways(self, resident: ResidentRow, letters: Sequence[OnItsWay]) -> Ways:
        place = place_of(self._desks[resident.desk_id], resident.place)
        return ways_of(letters, place, process=self._process)

    def _due(self, waiting: Sequence[OnItsWay]) -> list[OnItsWay]:
        now = self._clock()
        return [knock for knock in waiting if knock.next_try_at <= now]

    async def _by_place(self, connection: Connection, resident_id: UUID) -> Ways:
        """Put into the room what belongs there, and look whether LINE has to knock. The resident is locked first."""
        resident = await residents.by_id(connection, self._keyring, resident_id, lock=True)
        if resident is None:
            return Ways(to_room=(), to_line=())
        ways, now = self._ways(resident, await knocks.on_their_way(connection, resident_id)), self._clock()
        room = await rooms.room_of(connection, resident_id)
        is_open = room is not None and self._is_open(room.id)
        if ways.to_room:
            await knocks.put_in_room(connection, resident_id, [letter.id for letter in ways.to_room], now=now)
            log.info("letters.in_room", desk=resident.desk_id, letters=[str(letter.id) for letter in ways.to_room])
        for knock in ways.knocks:
            await self._reconsider(connection, resident, knock, now, is_open=is_open)
        if ways.worth_a_knock and not self._ways(resident, await knocks.on_their_way(connection, resident_id)).knocks:
            # One that was seen meanwhile said nothing of what is put there now.
            await self._knock(connection, resident, now, is_open=is_open)
        return self._ways(resident, await knocks.on_their_way(connection, resident_id))

    async def _reconsider(
        self, connection: Connection, resident: ResidentRow, knock: OnItsWay, now: datetime, *, is_open: bool
    ) -> None:
        """A knock that waits: is it still needed, and where its time has come, may it come now?"""
        seen, due = await knocks.last_seen(connection, resident.id), knock.next_try_at <= now
        if (is_open and due) or (seen is not None and seen > knock.created_at):
            await knocks.drop(connection, knock.id, knocks.SEEN)
            return
        if not due:
            return
        calendar = sending_rules.calendar_of(self._desks[resident.desk_id])
        match await sending_rules.staff_answer(connection, resident, calendar, now=now):
            case Wait(until=until):
                await knocks.postpone(connection, knock.id, until)
            case Skip(why=why):
                await knocks.drop(connection, knock.id, why.value)

    async def _knock(self, connection: Connection, resident: ResidentRow, now: datetime, *, is_open: bool) -> None:
        if resident.blocked or not await knocks.is_on_line(connection, resident.id):
            return
        words = self._desks[resident.desk_id].content.door
        seen = await knocks.last_seen(connection, resident.id)
        grace = timedelta(seconds=words.knocks.open_seconds)
        there = is_open or (seen is not None and now - seen < grace)
        at = knock_at(
            now,
            await knocks.last_knock(connection, resident.id),
            every=timedelta(hours=words.knocks.every_hours),
            open_for=grace if there else None,
        )
        bubble = Link(text=words.knocks.text.plain, label=words.knocks.label.plain, purpose=ROOM)
        letter = NewLetter(
            id=self._new_id(),
            turn_id=None,
            kind=KNOCK,
            priority=2,
            body=codec.to_json([bubble]),
            token=None,
            retry_key=uuid4(),
            created_at=now,
            expires_at=at + _WORTH_KNOCKING,
            channel=Channel.LINE,
        )
        await outbox.add(connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=self._process)
        await knocks.postpone(connection, letter.id, at)
        for knock in [k for k in await knocks.on_their_way(connection, resident.id) if k.kind == KNOCK]:
            await self._reconsider(connection, resident, knock, now, is_open=is_open)
