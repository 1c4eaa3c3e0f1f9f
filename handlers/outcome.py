"""Storing a decision: its messages, its state, and its effects, inside the turn's one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from casework.alerting import Ladder
from casework.standing import Terms
from config.richmenu import RichMenuWords
from dialogue import Decision
from dialogue.effects import (
    AlertStaff,
    ContactResumed,
    ContactStopped,
    Contested,
    Effect,
    EraseCancelled,
    ErasePlanned,
    OfferAnswered,
    OfferMade,
    PlaceChosen,
    Say,
)
from dialogue.events import WordlessKind
from dialogue.followups import Calendar
from handlers import checking_in, consenting, leaving, pressing
from handlers.at_door import known_to_staff
from handlers.calling import raise_call
from handlers.case_news import case_news
from handlers.consenting import Grounds
from handlers.hearing import Understanding, remember
from handlers.incoming import Follow, Said, TookBack
from handlers.letters import write_letter
from handlers.segments import Read, Segment
from nlp import Known, Listener
from storage import (
    cases,
    consents,
    conversations,
    inbox,
    offers,
    outbox,
    residents,
    rooms,
    sheet_ends,
    spare_tokens,
    watchwords,
)
from storage.cases import Whose
from storage.conversations import NewMessage
from storage.database import Connection
from storage.followups import Clockwork
from storage.ids import NewId
from storage.outbox import ReplyToken
from storage.residents import ResidentRow
from storage.tables import Channel, InboxState, Place


class Overtaken(Exception):
    """Somebody else decided for this resident meanwhile, or had the same events: undo, and look again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one turn came to, before it is stored. `ref_of` gives the keyed index of a channel's message id.

    `process` has what is said in hand at once; None where nothing is sent. `at_door`: nothing that was said is kept.
    """

    turn_id: UUID
    at: datetime
    resident: ResidentRow
    segment: Segment
    understanding: Understanding | None
    decision: Decision
    content_version: str
    terms: Terms
    ladder: Ladder
    grounds: Grounds
    calendar: Calendar
    menu: RichMenuWords
    listener: Listener
    process: UUID | None
    new_id: NewId
    ref_of: Callable[[str], bytes]
    at_door: bool = False


async def store(connection: Connection, outcome: Outcome) -> None:
    """Store everything, or raise Overtaken so that the transaction is undone."""
    resident, segment = outcome.resident, outcome.segment
    await conversations.add_turn(
        connection,
        resident,
        turn_id=outcome.turn_id,
        at=outcome.at,
        content_version=outcome.content_version,
        listener_version=outcome.listener.version,
    )
    # What we could not read is answered like a picture, and kept to be looked at.
    unknown = [read.event.id for read in segment.reads if _is_unknown(read) and not outcome.at_door]
    done = [read.event.id for read in segment.reads if read.event.id not in unknown]
    for ids, state in ((done, InboxState.DONE), (unknown, InboxState.UNKNOWN)):
        if ids and not await inbox.finish(connection, ids, state=state, turn_id=outcome.turn_id):
            raise Overtaken
    messages = [] if outcome.at_door else _messages(outcome)
    await conversations.add_messages(connection, resident, outcome.turn_id, messages)
    known = await _known(connection, outcome)
    stored = await residents.decided(
        connection,
        resident,
        state=outcome.decision.state.to_json(),
        known=known,
        messages=len(messages),
        # That somebody wrote is known at the door, too: who answers them soon answers who holds the phone.
        heard_at=outcome.at if segment.said else None,
        blocked_at=_blocked_at(outcome),
    )
    if not stored:
        raise Overtaken
    if not outcome.at_door:
        # Before the answer is put down: the words on the button stand in what was said before.
        await pressing.keep(
            connection, resident, segment, turn_id=outcome.turn_id, menu=outcome.menu, ref_of=outcome.ref_of
        )
    for effect in outcome.decision.effects:
        await _carry_out(connection, outcome, effect)
    await _check_ins(connection, outcome, wrote=bool(messages))
    if outcome.segment.channel is Channel.ROOM:
        await rooms.bump(connection, resident.id)
    await _spare_token(connection, outcome)
    await _tell_staff(connection, outcome, known, wrote=bool(messages))
    await consenting.carry_out(
        connection, resident, outcome.decision.effects, outcome.grounds, turn_id=outcome.turn_id, at=outcome.at
    )


def _blocked_at(outcome: Outcome) -> datetime | None:
    """Since when LINE reaches them no more; what is said in the room does not change that."""
    if outcome.segment.channel is Channel.ROOM:
        return outcome.resident.blocked_at
    return outcome.at if outcome.segment.reads[0].incoming.what is Follow.LEFT else None


async def _check_ins(connection: Connection, outcome: Outcome, *, wrote: bool) -> None:
    made = Clockwork(calendar=outcome.calendar, now=outcome.at, new_id=outcome.new_id)
    await checking_in.carry_out(connection, outcome.resident, outcome.decision.effects, made, wrote=wrote)


async def _spare_token(connection: Connection, outcome: Outcome) -> None:
    """When the program says nothing, a person may use what it would have answered with, for free."""
    token = _freshest_token(outcome.segment)
    if token is not None and not any(isinstance(effect, Say) for effect in outcome.decision.effects):
        await spare_tokens.keep(connection, outcome.resident.id, outcome.resident.key, token)


async def _tell_staff(connection: Connection, outcome: Outcome, known: Any, *, wrote: bool) -> None:
    resident, remembered = outcome.resident, Known.from_json(known) if known else Known()
    news = case_news(
        outcome.decision,
        remembered,
        at=outcome.at,
        turn=resident.version + 1,
        wrote=wrote,
        left=outcome.segment.reads[0].incoming.what is Follow.LEFT,
    )
    if news.guarded or news.minor:
        await watchwords.guard_of(connection, resident.id)
    whose = Whose(id=resident.id, desk_id=resident.desk_id, alias=resident.alias)
    case = await cases.note_turn(connection, whose, news, outcome.terms, new_id=outcome.new_id)
    if case is not None:
        workdays = outcome.terms.workdays
        await raise_call(
            connection,
            case,
            news,
            turn_id=outcome.turn_id,
            workdays=workdays,
            ladder=outcome.ladder,
            new_id=outcome.new_id,
        )
        if news.left:
            await leaving.after_danger(
                connection,
                case,
                at=outcome.at,
                turn_id=outcome.turn_id,
                workdays=workdays,
                ladder=outcome.ladder,
                new_id=outcome.new_id,
            )


def _is_unknown(read: Read) -> bool:
    said = read.incoming.what
    return isinstance(said, Said) and said.wordless is WordlessKind.OTHER


async def _known(connection: Connection, outcome: Outcome) -> Any:
    """The listener's memory after this turn; what was unsent goes from it, too."""
    resident, what = outcome.resident, outcome.segment.reads[0].incoming.what
    if isinstance(what, TookBack):
        await sheet_ends.unsend(connection, resident.key, resident.id, outcome.ref_of(what.ref))
        await consents.unsend(connection, resident.id, outcome.ref_of(what.ref))
        was_here = await conversations.unsend(connection, resident.id, outcome.ref_of(what.ref), at=outcome.at)
        if was_here:
            left = await conversations.texts(connection, resident.id, resident.key)
            return (await remember(outcome.listener, left)).to_json()
    heard = outcome.understanding
    if outcome.at_door:
        # How high the danger is stays known, so that the room goes on in its tone; no word of it does.
        before = Known.from_json(resident.known) if resident.known else Known()
        after = known_to_staff(before, heard)
        return resident.known if after is before else after.to_json()
    return resident.known if heard is None else heard.known.to_json()


def _messages(outcome: Outcome) -> list[NewMessage]:
    found = iter(outcome.understanding.findings if outcome.understanding else ())
    messages = []
    for read in outcome.segment.reads:
        said = read.incoming.what
        if not isinstance(said, Said):
            continue
        gone = said.ref in outcome.segment.taken_back
        heard = said.text is not None and not gone
        messages.append(
            NewMessage(
                id=outcome.new_id(),
                kind="text" if said.wordless is None else said.wordless.value,
                ref=outcome.ref_of(said.ref),
                text=said.text if heard else None,
                sent_at=read.incoming.sent_at,
                unsent_at=outcome.at if gone else None,
                findings=next(found) if heard else None,
            )
        )
    return messages


async def _carry_out(connection: Connection, outcome: Outcome, effect: Effect) -> None:
    resident = outcome.resident
    match effect:
        case Say():
            letter = write_letter(
                effect,
                turn_id=outcome.turn_id,
                token=_freshest_token(outcome.segment),
                now=outcome.at,
                new_id=outcome.new_id,
                retry_key=uuid4(),
                # Answered where it was said, wherever the talk has moved since.
                channel=outcome.segment.channel,
            )
            await outbox.add(
                connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=outcome.process
            )
        case AlertStaff(level=level, kinds=kinds, rule=rule):
            names = [kind.value for kind in kinds]
            alert: dict[str, Any] = {"alert_id": outcome.new_id(), "level": level.value, "kinds": names, "rule": rule}
            await conversations.add_alert(connection, **alert, **_where(outcome))
        case OfferMade(count=count):
            await offers.made(connection, count=count, new_id=outcome.new_id, **_where(outcome))
        case OfferAnswered(answer=answer):
            await offers.answered(connection, answer=answer.value, new_id=outcome.new_id, **_where(outcome))
        case Contested(category=category):
            await conversations.contest(connection, resident.id, category, at=outcome.at)
        case _:
            await _wished(connection, resident.id, effect, outcome.at)


async def _wished(connection: Connection, resident_id: UUID, effect: Effect, at: datetime) -> None:
    """What a resident wishes for themselves: to be erased, to be left in peace, to talk elsewhere."""
    match effect:
        case ErasePlanned(at=when):
            await residents.plan_erasure(connection, resident_id, when)
        case EraseCancelled():
            await residents.plan_erasure(connection, resident_id, None)
        case ContactStopped():
            await residents.stop_contact(connection, resident_id, at)
        case ContactResumed():
            await residents.stop_contact(connection, resident_id, None)
        case PlaceChosen(room=room):
            await residents.move_to(connection, resident_id, Place.ROOM if room else Place.LINE)


def _where(outcome: Outcome) -> dict[str, Any]:
    return {"resident_id": outcome.resident.id, "turn_id": outcome.turn_id, "at": outcome.at}


def _freshest_token(segment: Segment) -> ReplyToken | None:
    tokens = [read.incoming.token for read in segment.reads if read.incoming.token is not None]
    return max(tokens, key=lambda token: token.at) if tokens else None
