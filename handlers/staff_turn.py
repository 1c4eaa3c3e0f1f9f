"""What staff do in a resident's talk: coming, leaving, having read, writing. One transaction each, like every turn.

The program's own words (who writes now, that it answers again) and the person's go out in one letter, so that they
arrive together and count once against the month's messages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from casework.consents import NotAsked
from casework.sheet_news import Held
from dialogue import Decision, Desk, Listened, State, decide
from dialogue.effects import AskConsent, ConsentNotAsked, Effect, NewsHeld, Say
from dialogue.events import (
    CheckInsCalledOff,
    CheckInSet,
    PageOffered,
    PageWithdrew,
    SheetTold,
    StaffAsksConsent,
    StaffCame,
    StaffLeft,
    StaffRead,
)
from dialogue.followups import DeskCalendar
from dialogue.per_desk import PerDesk
from dialogue.words import Message, Text
from handlers import checking_in
from handlers.letters import write_letter, write_staff_letter
from handlers.sending_rules import calendar_of
from nlp import Known
from storage import consents, conversations, outbox, residents, spare_tokens
from storage.database import Connection, Database
from storage.followups import Clockwork
from storage.ids import NewId
from storage.keyring import Keyring
from storage.residents import ResidentRow

log = structlog.get_logger(__name__)

StaffEvent = (
    StaffCame
    | StaffLeft
    | StaffRead
    | StaffAsksConsent
    | SheetTold
    | PageOffered
    | PageWithdrew
    | CheckInSet
    | CheckInsCalledOff
)


class NobodyThere(Exception):
    """The resident was erased."""


class NotPut(Exception):
    """A question of consent is not put to this resident by a program: `why`. Nothing has changed."""

    def __init__(self, why: NotAsked) -> None:
        super().__init__(why.value)
        self.why = why


class NotTold(Exception):
    """Nothing about a sheet is said to this resident by a program now: `why`. Nothing has changed."""

    def __init__(self, why: Held) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """What was done: `letter_id` is the row of the outbox, None when nothing is said; `effects` is what was decided."""

    resident: ResidentRow
    at: datetime
    letter_id: UUID | None
    effects: tuple[Effect, ...] = ()


#: Changes the case in the same transaction, the resident being locked. What it raises undoes everything.
Within = Callable[[Connection, Turned], Awaitable[None]]


class StaffTurns:
    """Carries out what staff do in talks. Whoever calls it asks for the delivery afterwards."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        listener_version: str,
        desks: Mapping[str, Desk],
        process: UUID | None,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._listener_version = listener_version
        self._desks = desks
        self._calendars: Mapping[str, DeskCalendar] = PerDesk(desks, calendar_of)
        self._process = process
        self._clock = clock
        self._new_id = new_id

    async def __call__(
        self,
        resident_id: UUID,
        event: StaffEvent | None,
        *,
        words: str | None,
        within: Within | None,
        by: UUID | None = None,
    ) -> Turned:
        """Let `event` happen, done by somebody of the staff, and say `words`.

        Raises NobodyThere, NotPut, NotTold, and whatever `within` raises.
        """
        now = self._clock()
        async with self._database.write() as connection:
            resident = await residents.by_id(connection, self._keyring, resident_id, lock=True)
            if resident is None:
                raise NobodyThere
            turn_id: UUID | None = None
            effects: tuple[Effect, ...] = ()
            if event is not None:
                turn_id, effects = await self._decided(connection, resident, event, now, by)
            said = next((effect for effect in effects if isinstance(effect, Say)), None)
            letter_id = await self._say(connection, resident, said, words, turn_id=turn_id, now=now)
            turned = Turned(resident=resident, at=now, letter_id=letter_id, effects=effects)
            if within is not None:
                await within(connection, turned)
        log.info("staff.turn", desk=resident.desk_id, act=type(event).__name__ if event else "Wrote")
        return turned

    async def _decided(
        self, connection: Connection, resident: ResidentRow, event: StaffEvent, now: datetime, by: UUID | None
    ) -> tuple[UUID, tuple[Effect, ...]]:
        desk, turn_id = self._desks[resident.desk_id], self._new_id()
        state = State.from_json(resident.state) if resident.state is not None else State.new()
        decision = decide(desk, state, event, _listened(resident, event), now, turn_id.int & (1 << 62) - 1)
        await _asked(connection, decision, now)
        await conversations.add_turn(
            connection,
            resident,
            turn_id=turn_id,
            at=now,
            content_version=desk.content.version,
            listener_version=self._listener_version,
        )
        await residents.decided(
            connection,
            resident,
            state=decision.state.to_json(),
            known=resident.known,
            messages=0,
            heard_at=None,
            blocked_at=resident.blocked_at,
        )
        made = Clockwork(calendar=self._calendars[desk.id], now=now, new_id=self._new_id)
        await checking_in.carry_out(connection, resident, decision.effects, made, set_by=by)
        return turn_id, decision.effects

    async def _say(
        self,
        connection: Connection,
        resident: ResidentRow,
        said: Say | None,
        words: str | None,
        *,
        turn_id: UUID | None,
        now: datetime,
    ) -> UUID | None:
        if said is None and words is None:
            return None
        token = await spare_tokens.take(connection, resident.id, resident.key)
        retry_key = uuid4()
        if words is None:
            assert said is not None
            letter = write_letter(said, turn_id=turn_id, token=token, now=now, new_id=self._new_id, retry_key=retry_key)
        else:
            bubbles: tuple[Message, ...] = (*(said.messages if said else ()), Text(text=words))
            letter = write_staff_letter(
                bubbles, letter_id=self._new_id(), turn_id=turn_id, token=token, now=now, key=retry_key
            )
        await outbox.add(connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=self._process)
        return letter.id


def _listened(resident: ResidentRow, event: StaffEvent) -> Listened | None:
    """Whom it is said to matters: a child, somebody who writes for another, somebody in danger."""
    asks = StaffAsksConsent | SheetTold | PageOffered | CheckInSet | CheckInsCalledOff
    if isinstance(event, asks) and resident.known:
        return Listened(overall=Known.from_json(resident.known).assessment)
    return None


async def _asked(connection: Connection, decision: Decision, now: datetime) -> None:
    for effect in decision.effects:
        match effect:
            case ConsentNotAsked(why=why):
                raise NotPut(why)
            case NewsHeld(why=held):
                raise NotTold(held)
            case AskConsent(kind=kind, words=words):
                await consents.keep_wording(connection, kind, words, at=now)
