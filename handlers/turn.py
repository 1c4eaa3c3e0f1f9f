"""The one way in: a conversation's waiting events become decisions, each in one transaction.

`Turns` loads, asks `dialogue.decide`, and carries the effects out. Every acknowledged event belongs to exactly one
turn, and a turn says something at most once. Reading and listening happen before the write transaction; inside it
the resident is locked and the version checked, so that two workers never decide on the same state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from dialogue import Desk, State, decide
from dialogue.effects import AlertStaff, Effect, Say
from dialogue.events import Arrived, Chosen, Event, Heard, Left, Unsent
from dialogue.intents import recognise
from handlers.hearing import Understanding, remember, understand
from handlers.incoming import Follow, Incoming, NotForUs, Pressed, Said, TookBack, UnreadableEvent
from handlers.letters import write_letter
from handlers.segments import Read, Segment, first_segment
from nlp import Known, Listener
from nlp.findings import RiskLevel
from storage import conversations, inbox, outbox, residents
from storage.conversations import NewMessage
from storage.database import Database
from storage.ids import NewId
from storage.inbox import WaitingEvent
from storage.jobs import Conversation, Worked
from storage.keyring import Keyring
from storage.outbox import ReplyToken
from storage.residents import ResidentRow
from storage.tables import Channel, InboxState

log = structlog.get_logger(__name__)

#: A failing event is tried this often, later and later, before it is set aside where staff see it.
TRIES = 5
FIRST_PAUSE = timedelta(seconds=2)

ReadEvent = Callable[[object, datetime], Incoming]


class _Overtaken(Exception):
    """Somebody else decided for this resident meanwhile, or had the same events: look again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outlook:
    """What is known before the transaction: the resident as last seen, and what the words say."""

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
        readers: Mapping[Channel, ReadEvent],
        process: UUID,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._listener = listener
        self._desks = desks
        self._pauses = pauses
        self._readers = readers
        self._process = process
        self._clock = clock
        self._new_id = new_id

    async def __call__(self, conversation: Conversation) -> Worked:
        """Decide on everything that waits for a conversation; say when to come back."""
        deliver: set[UUID] = set()
        while True:
            async with self._database.read() as connection:
                waiting = await inbox.waiting(connection, self._keyring.data, conversation, now=self._clock())
            reads = await self._sort_out(waiting)
            if not reads:
                return Worked(deliver=frozenset(deliver))
            segment = first_segment(reads)
            try:
                outcome = await self._turn(conversation, segment)
            except _Overtaken:
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
        log.info("event.closed", event=str(event.id), state=state.value, reason=reason)

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
            log.error("event.failed", event=str(event.id), tries=event.tries + 1, reason=reason)

    async def _turn(self, conversation: Conversation, segment: Segment) -> UUID | datetime:
        """One turn. Returns the resident, or the time until which to listen on."""
        desk = self._desks[conversation.desk_id]
        outlook = await self._look(conversation, segment)
        ends = segment.pause_ends(self._pauses[desk.id])
        if ends is not None and self._clock() < ends and not _cannot_wait(desk, outlook):
            return ends
        now, turn_id = self._clock(), self._new_id()
        async with self._database.write() as connection:
            resident = await self._lock(connection, conversation, outlook, now)
            await self._decide(connection, desk, resident, outlook, now, turn_id)
        log.info("turn.done", turn=str(turn_id), desk=desk.id, events=len(segment.reads))
        return resident.id

    async def _look(self, conversation: Conversation, segment: Segment) -> _Outlook:
        first = segment.reads[0]
        index = conversation.sender or b""
        refs = {self._ref(conversation.desk_id, s.ref): s.ref for s in segment.said}
        async with self._database.read() as connection:
            resident = await residents.find(
                connection, self._keyring, desk_id=conversation.desk_id, channel=first.event.channel, index=index
            )
            gone = await conversations.tombstones(connection, list(refs))
        segment = replace(segment, taken_back=segment.taken_back | {refs[ref] for ref in gone})
        understanding = None
        if segment.texts:
            understanding = await understand(
                self._listener,
                segment.texts,
                known=Known.from_json(resident.known) if resident and resident.known else Known(),
                turn=resident.messages if resident else 0,
                new_id=self._new_id,
            )
        return _Outlook(resident=resident, segment=segment, understanding=understanding)

    async def _lock(
        self, connection: AsyncConnection, conversation: Conversation, outlook: _Outlook, now: datetime
    ) -> ResidentRow:
        first = outlook.segment.reads[0]
        who = {"desk_id": conversation.desk_id, "channel": first.event.channel, "index": conversation.sender or b""}
        resident = await residents.find(connection, self._keyring, **who, lock=True)
        if (resident and resident.version) != (outlook.resident and outlook.resident.version):
            raise _Overtaken
        if resident is not None:
            return resident
        address = first.incoming.address or ""
        return await residents.create(connection, self._keyring, **who, address=address, now=now, new_id=self._new_id)

    async def _decide(
        self,
        connection: AsyncConnection,
        desk: Desk,
        resident: ResidentRow,
        outlook: _Outlook,
        now: datetime,
        turn_id: UUID,
    ) -> None:
        segment = outlook.segment
        state = State.from_json(resident.state) if resident.state is not None else State.new()
        listened = outlook.understanding.listened if outlook.understanding else None
        decision = decide(desk, state, _event(segment), listened, now, _seed(segment))
        await conversations.add_turn(
            connection,
            resident,
            turn_id=turn_id,
            at=now,
            content_version=desk.content.version,
            listener_version=self._listener.version,
        )
        ids = [r.event.id for r in segment.reads]
        if not await inbox.finish(connection, ids, state=InboxState.DONE, turn_id=turn_id):
            raise _Overtaken
        messages = self._messages(desk.id, outlook, now)
        await conversations.add_messages(connection, resident, turn_id, messages)
        known = await self._known(connection, desk.id, resident, outlook, now)
        stored = await residents.decided(
            connection,
            resident,
            state=decision.state.to_json(),
            known=known,
            messages=len(messages),
            heard_at=now if messages else None,
            blocked_at=now if segment.reads[0].incoming.what is Follow.LEFT else None,
        )
        if not stored:
            raise _Overtaken
        await self._carry_out(connection, resident, decision.effects, segment, now, turn_id)

    async def _known(
        self, connection: AsyncConnection, desk_id: str, resident: ResidentRow, outlook: _Outlook, now: datetime
    ) -> object:
        """The listener's memory after this turn; what was unsent goes from it, too."""
        what = outlook.segment.reads[0].incoming.what
        if isinstance(what, TookBack):
            was_here = await conversations.unsend(connection, resident.id, self._ref(desk_id, what.ref), at=now)
            if was_here:
                left = await conversations.texts(connection, resident.id, resident.key)
                return (await remember(self._listener, left)).to_json()
        return outlook.understanding.known.to_json() if outlook.understanding else resident.known

    def _messages(self, desk_id: str, outlook: _Outlook, now: datetime) -> list[NewMessage]:
        segment, found = outlook.segment, iter(outlook.understanding.findings if outlook.understanding else ())
        messages = []
        for read in segment.reads:
            said = read.incoming.what
            if not isinstance(said, Said):
                continue
            gone = said.ref in segment.taken_back
            heard = said.text is not None and not gone
            messages.append(
                NewMessage(
                    id=self._new_id(),
                    kind="text" if said.wordless is None else said.wordless.value,
                    ref=self._ref(desk_id, said.ref),
                    text=said.text if heard else None,
                    sent_at=read.incoming.sent_at,
                    unsent_at=now if gone else None,
                    findings=next(found) if heard else None,
                )
            )
        return messages

    async def _carry_out(
        self,
        connection: AsyncConnection,
        resident: ResidentRow,
        effects: tuple[Effect, ...],
        segment: Segment,
        now: datetime,
        turn_id: UUID,
    ) -> None:
        for effect in effects:
            match effect:
                case Say():
                    letter = write_letter(
                        effect, turn_id=turn_id, token=_token(segment), now=now, new_id=self._new_id, retry_key=uuid4()
                    )
                    await outbox.add(
                        connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=self._process
                    )
                case AlertStaff(level=level, kinds=kinds, rule=rule):
                    await conversations.add_alert(
                        connection,
                        alert_id=self._new_id(),
                        resident_id=resident.id,
                        turn_id=turn_id,
                        level=level.value,
                        kinds=[k.value for k in kinds],
                        rule=rule,
                        at=now,
                    )

    def _ref(self, desk_id: str, ref: str) -> bytes:
        return self._keyring.index.of(desk_id, "message", ref)


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


def _token(segment: Segment) -> ReplyToken | None:
    tokens = [r.incoming.token for r in segment.reads if r.incoming.token is not None]
    return max(tokens, key=lambda t: t.at) if tokens else None
