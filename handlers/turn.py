"""The one way in: a conversation's waiting events become decisions, each in one transaction.

`Turns` loads, asks `dialogue.decide`, and has the outcome stored. Every acknowledged event belongs to exactly one
turn, and a turn says something at most once. Reading and listening happen before the write transaction; inside it
the resident is locked and the version checked, so that two workers never decide on the same state.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from casework.standing import Terms
from config.sheets import Forms
from dialogue import Desk, Listened, State, decide
from dialogue.events import Arrived, Chosen, Event, Heard, Left, Unsent
from dialogue.intents import recognise
from handlers.consenting import Grounds, shipped_forms, valid_for
from handlers.hearing import Understanding, understand
from handlers.incoming import Follow, Incoming, NotForUs, Pressed, TookBack, UnreadableEvent
from handlers.outcome import Outcome, Overtaken, store
from handlers.segments import Read, Segment, first_segment
from handlers.staff_turn import StaffEvent, StaffTurns, Turned, Within
from nlp import Known, Listener
from nlp.findings import RiskLevel
from storage import conversations, inbox, residents
from storage.database import Connection, Database
from storage.ids import NewId
from storage.inbox import WaitingEvent
from storage.jobs import Conversation, Worked
from storage.keyring import Keyring
from storage.residents import ResidentRow, Sender
from storage.tables import Channel, InboxState

log = structlog.get_logger(__name__)

#: A failing event is tried this often, later and later, before it is set aside where staff see it.
TRIES = 5
FIRST_PAUSE = timedelta(seconds=2)

#: How many bursts that wait for their pause to end are remembered.
HEARD_KEPT = 500
#: An answer that takes longer than this is announced.
WORTH_ANNOUNCING = timedelta(seconds=1)

ReadEvent = Callable[[object, datetime], Incoming]
#: Shows somebody (desk, address) that an answer is coming; never raises.
Announce = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outlook:
    """What is known before the transaction: the resident as last seen, and what the words say."""

    sender: Sender
    resident: ResidentRow | None
    segment: Segment
    understanding: Understanding | None


class Turns:
    """Works off conversations. One instance serves all desks and channels of a process."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        listener: Listener,
        desks: Mapping[str, Desk],
        pauses: Mapping[str, timedelta],
        terms: Mapping[str, Terms],
        readers: Mapping[Channel, ReadEvent],
        announce: Mapping[Channel, Announce],
        process: UUID,
        clock: Callable[[], datetime],
        new_id: NewId,
        forms: Forms | None = None,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._listener = listener
        self._desks = desks
        self._pauses = pauses
        self._terms = terms
        self._readers = readers
        self._announce = announce
        self._process = process
        self._clock = clock
        self._new_id = new_id
        forms = forms or shipped_forms()
        self._grounds = {
            name: Grounds(keyring=keyring, forms=forms, valid_for=valid_for(desk), new_id=new_id)
            for name, desk in desks.items()
        }
        self._heard: OrderedDict[tuple[object, ...], Understanding] = OrderedDict()
        self._by_staff = StaffTurns(
            database=database,
            keyring=keyring,
            listener_version=listener.version,
            desks=desks,
            process=process,
            clock=clock,
            new_id=new_id,
        )

    @property
    def listener_version(self) -> str:
        """Which listener tags now."""
        return self._listener.version

    async def staff(
        self, resident_id: UUID, event: StaffEvent | None, *, words: str | None = None, within: Within | None = None
    ) -> Turned:
        """What a person of the staff does in a talk: see `handlers.staff_turn.StaffTurns`."""
        return await self._by_staff(resident_id, event, words=words, within=within)

    async def __call__(self, conversation: Conversation) -> Worked:
        """Decide on everything that waits for a conversation; say when to come back."""
        deliver: set[UUID] = set()
        while True:
            async with self._database.glance() as connection:
                waiting = await inbox.waiting(connection, self._keyring.data, conversation, now=self._clock())
            reads = await self._sort_out(waiting)
            if not reads:
                return Worked(deliver=frozenset(deliver))
            segment = first_segment(reads)
            try:
                outcome = await self._turn(conversation, segment)
            except Overtaken:
                continue
            except (OperationalError, InterfaceError, PoolTimeout):
                # The database, not the event, is in trouble: the rows stay as they are and the sweep comes back.
                raise
            except Exception as error:  # noqa: BLE001 - one bad event must not hold up everybody else's
                await self._failed(segment, error)
                continue
            if isinstance(outcome, datetime):
                return Worked(again_at=outcome, deliver=frozenset(deliver))
            deliver.add(outcome)
            if len(segment.reads) == len(reads):
                # Whatever came in meanwhile wakes this conversation by itself.
                return Worked(deliver=frozenset(deliver))

    async def _sort_out(self, waiting: list[WaitingEvent]) -> list[Read]:
        """Read the events; set aside what cannot be read, close what is not for us."""
        reads: list[Read] = []
        for event in waiting:
            try:
                incoming = self._readers[event.channel](event.body, event.received_at)
            except UnreadableEvent as error:
                await self._close(event, InboxState.ASIDE, f"unreadable: {error}")
                continue
            if isinstance(incoming.what, NotForUs):
                state = InboxState.IGNORED if incoming.what.known else InboxState.UNKNOWN
                await self._close(event, state, incoming.what.reason)
                continue
            reads.append(Read(event=event, incoming=incoming))
        return reads

    async def _close(self, event: WaitingEvent, state: InboxState, reason: str) -> None:
        async with self._database.write() as connection:
            await inbox.finish(connection, [event.id], state=state, reason=reason)
        log.info("event.closed", event_row=str(event.id), state=state.value, reason=reason)

    async def _failed(self, segment: Segment, error: Exception) -> None:
        """Try the events again one by one and later; set one aside that never works."""
        for read in segment.reads:
            event, reason = read.event, type(error).__name__
            if event.tries + 1 >= TRIES:
                await self._close(event, InboxState.ASIDE, reason)
                continue
            later = self._clock() + FIRST_PAUSE * 4**event.tries
            async with self._database.write() as connection:
                await inbox.try_later(connection, [event.id], at=later, reason=reason)
            log.error("event.failed", event_row=str(event.id), tries=event.tries + 1, reason=reason)

    async def _turn(self, conversation: Conversation, segment: Segment) -> UUID | datetime:
        """One turn. Returns the resident, or the time until which to listen on."""
        desk = self._desks[conversation.desk_id]
        outlook = await self._look(conversation, segment)
        ends = outlook.segment.pause_ends(self._pauses[desk.id])
        if ends is not None and self._clock() < ends and not _cannot_wait(desk, outlook):
            await self._say_that_we_listen(outlook, ends)
            return ends
        now, turn_id = self._clock(), self._new_id()
        async with self._database.write() as connection:
            resident = await self._lock(connection, outlook, now)
            await store(connection, self._decide(desk, resident, outlook, now, turn_id))
        log.info("turn.done", turn=str(turn_id), desk=desk.id, events=len(segment.reads))
        return resident.id

    async def _say_that_we_listen(self, outlook: _Outlook, ends: datetime) -> None:
        """Once for a burst, and only when the answer will not be there at once."""
        (first, *more), sender = outlook.segment.reads, outlook.sender
        if not more and first.incoming.address and ends - self._clock() > WORTH_ANNOUNCING:
            await self._announce[sender.channel](sender.desk_id, first.incoming.address)

    async def _look(self, conversation: Conversation, segment: Segment) -> _Outlook:
        channel = segment.reads[0].event.channel
        sender = Sender(desk_id=conversation.desk_id, channel=channel, index=conversation.sender or b"")
        refs = {self._ref(sender.desk_id, said.ref): said.ref for said in segment.said}
        async with self._database.glance() as connection:
            resident = await residents.find(connection, self._keyring, sender)
            gone = await conversations.tombstones(connection, list(refs))
        segment = replace(segment, taken_back=segment.taken_back | {refs[ref] for ref in gone})
        understanding = await self._understand(resident, segment) if segment.texts else None
        return _Outlook(sender=sender, resident=resident, segment=segment, understanding=understanding)

    async def _understand(self, resident: ResidentRow | None, segment: Segment) -> Understanding:
        """What the words say. They are heard at once, for danger, and after the pause not a second time."""
        heard = (resident.version if resident else 0, *(read.event.id for read in segment.reads), *segment.taken_back)
        known = self._heard.pop(heard, None)
        if known is None:
            known = await understand(
                self._listener,
                segment.texts,
                known=Known.from_json(resident.known) if resident and resident.known else Known(),
                turn=resident.messages if resident else 0,
                new_id=self._new_id,
            )
        self._heard[heard] = known
        if len(self._heard) > HEARD_KEPT:
            self._heard.popitem(last=False)
        return known

    async def _lock(self, connection: Connection, outlook: _Outlook, now: datetime) -> ResidentRow:
        resident = await residents.find(connection, self._keyring, outlook.sender, lock=True)
        if (resident and resident.version) != (outlook.resident and outlook.resident.version):
            raise Overtaken
        if resident is not None:
            return resident
        address = outlook.segment.reads[0].incoming.address or ""
        return await residents.create(
            connection, self._keyring, outlook.sender, address=address, now=now, new_id=self._new_id
        )

    def _decide(self, desk: Desk, resident: ResidentRow, outlook: _Outlook, now: datetime, turn_id: UUID) -> Outcome:
        state = State.from_json(resident.state) if resident.state is not None else State.new()
        listened = _listened(resident, outlook)
        return Outcome(
            turn_id=turn_id,
            at=now,
            resident=resident,
            segment=outlook.segment,
            understanding=outlook.understanding,
            decision=decide(desk, state, _event(outlook.segment), listened, now, _seed(outlook.segment)),
            content_version=desk.content.version,
            terms=self._terms[desk.id],
            grounds=self._grounds[desk.id],
            listener=self._listener,
            process=self._process,
            new_id=self._new_id,
            ref_of=lambda ref: self._ref(desk.id, ref),
        )

    def _ref(self, desk_id: str, ref: str) -> bytes:
        return self._keyring.index.of(desk_id, "message", ref)


def _listened(resident: ResidentRow, outlook: _Outlook) -> Listened | None:
    """What the words say; a pressed button has none, but what it asks for may rest on what was told before."""
    if outlook.understanding is not None:
        return outlook.understanding.listened
    if isinstance(outlook.segment.reads[0].incoming.what, Pressed) and resident.known:
        return Listened(overall=Known.from_json(resident.known).assessment)
    return None


def _cannot_wait(desk: Desk, outlook: _Outlook) -> bool:
    """Danger and rights are answered at once, without waiting for more words."""
    if outlook.understanding is None:
        return False
    urgent = outlook.understanding.listened.message.risk.level is RiskLevel.URGENT
    asked = recognise(desk.content.intents, outlook.segment.texts)
    return urgent or bool(asked.commands or asked.rights)


def _event(segment: Segment) -> Event:
    what = segment.reads[0].incoming.what
    match what:
        case Follow.LEFT:
            return Left()
        case Follow():
            return Arrived(unblocked=what is Follow.UNBLOCKED)
        case Pressed(action=action, argument=argument):
            return Chosen(action=action, argument=argument)
        case TookBack():
            return Unsent(after_answer=True)
    heard = Heard(texts=tuple(segment.texts), wordless=tuple(s.wordless for s in segment.said if s.wordless))
    return heard if heard.texts or heard.wordless else Unsent(after_answer=False)


def _seed(segment: Segment) -> int:
    """A number that a replay finds again."""
    return int.from_bytes(hashlib.sha256(segment.reads[0].event.event_id.encode()).digest()[:8])
