"""The one way in: a conversation's waiting events become decisions, each in one transaction.

`Turns` loads, asks `dialogue.decide`, and has the outcome stored. Every acknowledged event belongs to exactly one
turn, and a turn says something at most once. Reading and listening happen before the write transaction; inside it
the resident is locked and the version checked, so that two workers never decide on the same state.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from casework.standing import Terms
from dialogue import Desk, Listened, State, decide
from dialogue.checkin_state import CheckInMemory
from dialogue.door import decide_at_door
from dialogue.events import Arrived, Chosen, Event, Heard, Left, Unsent
from dialogue.followups import DeskCalendar
from dialogue.intents import recognise
from dialogue.labels import says_no_more
from dialogue.per_desk import PerDesk
from dialogue.state import Tone
from handlers.at_door import has_rooms, is_at_door
from handlers.calling import ladder_of
from handlers.consenting import Grounds, grounds_of
from handlers.hearing import Understanding, understand, unheard
from handlers.incoming import Follow, Incoming, NotForUs, Pressed, TookBack, UnreadableEvent, kept_index
from handlers.outcome import Outcome, Overtaken, store
from handlers.segments import Read, Segment, first_segment
from handlers.sending_rules import calendar_of
from handlers.staff_turn import StaffEvent, StaffTurns, Turned, Within
from nlp import Known, Listener
from nlp.findings import RiskLevel
from storage import contact_facts, conversations, inbox, residents
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

#: Until a desk that this process does not know is looked for again.
UNKNOWN_DESK_PAUSE = timedelta(seconds=10)

#: How many bursts that wait for their pause to end are remembered.
HEARD_KEPT = 500
#: An answer that takes longer than this is announced.
WORTH_ANNOUNCING = timedelta(seconds=1)

ReadEvent = Callable[[object, datetime], Incoming]
#: Shows somebody (desk, address) that an answer is coming; never raises.
Announce = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outlook:
    """What is known before the transaction: the resident as last seen, what the words say, whether they were said at
    the door, where nothing is kept, and until when nothing goes out to this resident by itself.
    """

    sender: Sender
    resident: ResidentRow | None
    segment: Segment
    understanding: Understanding | None
    at_door: bool
    resting_until: datetime | None


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
        process: UUID | None,
        clock: Callable[[], datetime],
        new_id: NewId,
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
        self._grounds: Mapping[str, Grounds] = PerDesk(desks, lambda desk: grounds_of(desk, keyring, new_id))
        self._calendars: Mapping[str, DeskCalendar] = PerDesk(desks, calendar_of)
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

    async def worries_in(self, words: str) -> tuple[str, ...]:
        """The categories that a listener hears in words which nobody has sent yet. Nothing is kept."""
        heard = await asyncio.to_thread(self._listener.hear, words)
        return tuple(concern.id for concern in heard.message.concerns)

    async def staff(
        self,
        resident_id: UUID,
        event: StaffEvent | None,
        *,
        words: str | None = None,
        within: Within | None = None,
        by: UUID | None = None,
    ) -> Turned:
        """What a person of the staff does in a talk: see `handlers.staff_turn.StaffTurns`."""
        return await self._by_staff(resident_id, event, words=words, within=within, by=by)

    async def __call__(self, conversation: Conversation) -> Worked:
        """Decide on everything that waits for a conversation; say when to come back."""
        deliver: set[UUID] = set()
        if conversation.desk_id not in self._desks:
            # Another process has read of a new desk before this one: what was written waits for it.
            log.warning("turn.no_such_desk", desk=conversation.desk_id)
            return Worked(again_at=self._clock() + UNKNOWN_DESK_PAUSE, deliver=frozenset())
        while True:
            async with self._database.glance() as connection:
                waiting = await inbox.waiting(connection, self._keyring.data, conversation, now=self._clock())
            reads = await self._sort_out(conversation.desk_id, waiting)
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
                await self._failed(conversation.desk_id, segment, error)
                continue
            if isinstance(outcome, datetime):
                return Worked(again_at=outcome, deliver=frozenset(deliver))
            deliver.add(outcome)
            if len(segment.reads) == len(reads):
                # Whatever came in meanwhile wakes this conversation by itself.
                return Worked(deliver=frozenset(deliver))

    async def _sort_out(self, desk_id: str, waiting: list[WaitingEvent]) -> list[Read]:
        """Read the events; set aside what cannot be read, close what is not for us."""
        reads: list[Read] = []
        for event in waiting:
            try:
                incoming = self._readers[event.channel](event.body, event.received_at)
            except UnreadableEvent as error:
                await self._close(event, self._aside(desk_id, event), f"unreadable: {error}")
                continue
            if isinstance(incoming.what, NotForUs):
                state = (
                    InboxState.IGNORED if incoming.what.known or self._forgets(desk_id, event) else InboxState.UNKNOWN
                )
                await self._close(event, state, incoming.what.reason)
                continue
            reads.append(Read(event=event, incoming=incoming))
        return reads

    def _forgets(self, desk_id: str, event: WaitingEvent) -> bool:
        """Whether nothing of this event may be kept, not even for staff to look at."""
        return event.channel is Channel.LINE and has_rooms(self._desks[desk_id])

    def _aside(self, desk_id: str, event: WaitingEvent) -> InboxState:
        return InboxState.IGNORED if self._forgets(desk_id, event) else InboxState.ASIDE

    async def _close(self, event: WaitingEvent, state: InboxState, reason: str) -> None:
        async with self._database.write() as connection:
            await inbox.finish(connection, [event.id], state=state, reason=reason)
        log.info("event.closed", event_row=str(event.id), state=state.value, reason=reason)

    async def _failed(self, desk_id: str, segment: Segment, error: Exception) -> None:
        """Try the events again one by one and later; set one aside that never works."""
        for read in segment.reads:
            event, reason = read.event, type(error).__name__
            if event.tries + 1 >= TRIES:
                await self._close(event, self._aside(desk_id, event), reason)
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
            if is_at_door(desk, outlook.sender.channel, resident) != outlook.at_door:
                raise Overtaken
            await store(connection, self._decide(desk, resident, outlook, now, turn_id))
        event_rows = [str(read.event.id) for read in segment.reads]
        log.info("turn.done", turn=str(turn_id), desk=desk.id, events=len(event_rows), event_rows=event_rows)
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
            resting = await self._resting(connection, resident)
        segment = replace(segment, taken_back=segment.taken_back | {refs[ref] for ref in gone})
        at_door = is_at_door(self._desks[sender.desk_id], channel, resident)
        understanding = None
        if segment.texts:
            understanding = await self._understand(self._desks[sender.desk_id], None if at_door else resident, segment)
        return _Outlook(
            sender=sender,
            resident=resident,
            segment=segment,
            understanding=understanding,
            at_door=at_door,
            resting_until=resting,
        )

    async def _resting(self, connection: Connection, resident: ResidentRow | None) -> datetime | None:
        """Only who has to do with check-ins is told when the next one comes."""
        if resident is None or resident.state is None:
            return None
        if State.from_json(resident.state).checkins == CheckInMemory():
            return None
        return await contact_facts.resting_until(connection, resident, now=self._clock())

    async def _understand(self, desk: Desk, resident: ResidentRow | None, segment: Segment) -> Understanding:
        """What the words say. They are heard at once, for danger, and after the pause not a second time."""
        before = Known.from_json(resident.known) if resident and resident.known else Known()
        if resident is not None and _says_no_more(desk, resident, before, segment):
            return unheard(segment.texts, known=before, new_id=self._new_id)
        heard = (resident.version if resident else 0, *(read.event.id for read in segment.reads), *segment.taken_back)
        known = self._heard.pop(heard, None)
        if known is None:
            known = await understand(
                self._listener,
                segment.texts,
                known=before,
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
        try:
            return await residents.create(
                connection, self._keyring, outlook.sender, address=address, now=now, new_id=self._new_id
            )
        except IntegrityError:
            # Another process has made them, or has given somebody the same alias.
            raise Overtaken from None

    def _decide(self, desk: Desk, resident: ResidentRow, outlook: _Outlook, now: datetime, turn_id: UUID) -> Outcome:
        state = State.from_json(resident.state) if resident.state is not None else State.new()
        state = _as_chosen(state, outlook.segment)
        listened = _listened(resident, outlook)
        event, seed = _event(outlook.segment), _seed(outlook.segment)
        if outlook.at_door:
            decision = decide_at_door(desk, state, event, listened, now, seed, own=not has_rooms(desk))
        else:
            decision = decide(desk, state, event, listened, now, seed, resting_until=outlook.resting_until)
        return Outcome(
            turn_id=turn_id,
            at=now,
            resident=resident,
            segment=outlook.segment,
            understanding=outlook.understanding,
            decision=decision,
            at_door=outlook.at_door,
            content_version=desk.content.version,
            terms=self._terms[desk.id],
            ladder=ladder_of(desk.content.notices),
            grounds=self._grounds[desk.id],
            calendar=self._calendars[desk.id],
            menu=desk.content.richmenu,
            listener=self._listener,
            process=self._process,
            new_id=self._new_id,
            ref_of=lambda ref: self._ref(desk.id, ref),
        )

    def _ref(self, desk_id: str, ref: str) -> bytes:
        kept = kept_index(ref)
        return self._keyring.index.of(desk_id, "message", ref) if kept is None else kept


def _says_no_more(desk: Desk, resident: ResidentRow, known: Known, segment: Segment) -> bool:
    """Whether the words are a button's, or about check-ins, and nothing else."""
    if resident.state is None:
        return False
    state, level = State.from_json(resident.state), known.assessment.risk.level
    return says_no_more(desk.content, state, level, segment.texts)


def _listened(resident: ResidentRow, outlook: _Outlook) -> Listened | None:
    """What the words say; a pressed button has none, but what it asks for may rest on what was told before."""
    if outlook.understanding is not None:
        return outlook.understanding.listened
    if isinstance(outlook.segment.reads[0].incoming.what, Pressed) and resident.known:
        return Listened(overall=Known.from_json(resident.known).assessment)
    return None


def _as_chosen(state: State, segment: Segment) -> State:
    """Who chooses easy Japanese on the page is spoken to in kana, and no longer once they choose otherwise."""
    easy = segment.reads[-1].incoming.easy
    if easy is None or easy is state.easy:
        return state
    return replace(state, easy=easy, tone=Tone.KANA if easy else Tone.PLAIN)


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
