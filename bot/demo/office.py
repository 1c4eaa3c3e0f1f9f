"""What the town's staff do, by the same functions as the pages, with the same rights and the same record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from casework.glass import asked
from casework.people import Viewer
from casework.permissions import Action
from casework.queue import Level
from casework.reading import Reason, around
from casework.standing import Terms
from dialogue.events import StaffCame, StaffLeft
from handlers.staff import doing
from handlers.staff.answering import signed
from handlers.staff.doing import Brought, Glass
from handlers.staff_turn import StaffEvent, Turned
from handlers.turn import Turns
from storage import audit, case_acts, cases, changes, residents
from storage.case_acts import By
from storage.case_tables import CloseReason, NoteKind, Source, Verdict
from storage.cases import CaseRow
from storage.database import Connection, Database
from storage.ids import NewId
from storage.keyring import Keyring

_MORNING = time(8)


class NotDone(Exception):
    """The program did not let somebody do what the file says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Colleague:
    """Somebody of the town with an account."""

    id: UUID
    shown: str
    viewer: Viewer


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    """What staff work with. `clock` is the moved one."""

    database: Database
    keyring: Keyring
    turns: Turns
    desk_id: str
    title: str
    terms: Terms
    zone: ZoneInfo
    clock: Callable[[], datetime]
    new_id: NewId
    colleagues: Mapping[str, Colleague]

    def by(self, who: Colleague) -> By:
        """Who acts, now."""
        return By(staff_id=who.id, at=self.clock(), new_id=self.new_id)

    async def record(
        self,
        connection: Connection,
        who: Colleague,
        action: str,
        object_id: UUID,
        detail: Mapping[str, audit.Detail] | None = None,
        *,
        kind: str = "case",
    ) -> None:
        """Leave the mark that the page leaves."""
        act = audit.Act(
            action=action,
            object_kind=kind,
            object_id=object_id,
            actor=who.id,
            desk_id=self.desk_id,
            detail=detail or {},
        )
        await audit.record(connection, self.keyring, act, at=self.clock(), new_id=self.new_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class At:
    """One act at the console: who, on which locked case, with what was typed."""

    office: Office
    connection: Connection
    who: Colleague
    case: CaseRow
    given: Mapping[str, str]

    @property
    def by(self) -> By:
        return self.office.by(self.who)


async def open_by_hand(office: Office, who: Colleague, given: Mapping[str, str]) -> UUID:
    """Somebody came without LINE; the resident's id."""
    brought = Brought(
        source=Source(given["source"]),
        area=given.get("area"),
        body=given["words"],
        categories=tuple(given.get("about", "").split()),
    )
    async with office.database.write() as connection:
        case_id = await doing.open_by_hand(
            connection, office.keyring, office.desk_id, office.by(who), brought, office.terms
        )
        await office.record(connection, who, "case_made", case_id, {"source": brought.source.value})
        await changes.bump(connection, office.desk_id)
        return (await cases.locked(connection, case_id)).resident_id


async def seen_case(office: Office, who: Colleague, resident_id: UUID, what: str) -> CaseRow:
    """Look at the resident's case, which `what` is about. Raises NotDone."""
    async with office.database.write() as connection:
        case = await cases.open_case_of(connection, resident_id)
        if case is None:
            raise NotDone(f"{what}: no case is open")
        await office.record(connection, who, "case_seen", case.id, {"words": False})
    return case


async def act(office: Office, who: Colleague, resident_id: UUID, what: str, given: Mapping[str, str]) -> None:
    """Look at the resident's case and do something with it. Raises NotDone."""
    case = await seen_case(office, who, resident_id, what)
    if what in TALK:
        done = await TALK[what](office, who, case, given)
    else:
        done = await _on_case(office, who, case, what, given)
    if not done:
        raise NotDone(what)


async def _on_case(office: Office, who: Colleague, seen: CaseRow, what: str, given: Mapping[str, str]) -> bool:
    action, name, work = _ACTS[what]
    async with office.database.write() as connection:
        case = await cases.load(connection, seen.id, who.viewer, action, lock=True)
        if case is None or not await work(At(office=office, connection=connection, who=who, case=case, given=given)):
            return False
        await office.record(connection, who, name, case.id)
        await changes.bump(connection, case.desk_id)
    return True


async def _area(at: At) -> bool:
    return await case_acts.set_area(at.connection, at.case, at.by, at.given["to"])


async def _assign(at: At) -> bool:
    return await case_acts.assign(at.connection, at.case, at.by, at.office.colleagues[at.given["to"]].id)


async def _snooze(at: At) -> bool:
    local = at.office.clock().astimezone(at.office.zone)
    day = local.date() + timedelta(days=int(at.given["days"]))
    return await case_acts.snooze(at.connection, at.case, at.by, datetime.combine(day, _MORNING, local.tzinfo))


async def _lower(at: At) -> bool:
    resident = await residents.by_id(at.connection, at.office.keyring, at.case.resident_id)
    to = Level(at.given["to"])
    if resident is None or to.rank >= at.case.risk_level.rank:
        return False
    return await case_acts.lower_risk(at.connection, at.case, at.by, to=to, reason=at.given["words"], key=resident.key)


async def _close(at: At) -> bool:
    return await case_acts.close(at.connection, at.case, at.by, CloseReason(at.given["reason"]))


async def _note(at: At) -> bool:
    kind = NoteKind(at.given.get("kind", NoteKind.NOTE.value))
    return await doing.add_note(at.connection, at.office.keyring, at.case, at.by, kind=kind, body=at.given["words"])


async def _task(at: At) -> bool:
    day = at.office.clock().astimezone(at.office.zone).date() + timedelta(days=int(at.given["days"]))
    return await doing.add_task(at.connection, at.office.keyring, at.case, at.by, title=at.given["words"], due_on=day)


async def _tag(at: At) -> bool:
    return await doing.correct_tag(
        at.connection,
        at.case,
        at.by,
        category=at.given["about"],
        verdict=Verdict(at.given["verdict"]),
        listener_version=at.office.turns.listener_version,
    )


async def _glass(at: At) -> bool:
    opening = asked(Reason.LIFE.value, "", level=at.case.risk_level, alert_turn=at.case.alert_turn)
    turn = at.case.alert_turn
    if isinstance(opening, str) or turn is None:
        return False
    wanted = Glass(
        reason=opening.reason,
        words=None,
        told_id=at.office.colleagues[at.given["told"]].id,
        turns=around(turn),
        lasts=opening.lasts,
    )
    return await doing.break_glass(at.connection, at.office.keyring, at.case, at.by, wanted)


_ACTS: Mapping[str, tuple[Action, str, Callable[[At], Awaitable[bool]]]] = {
    "claim": (Action.CLAIM, "case_claimed", lambda at: case_acts.claim(at.connection, at.case, at.by)),
    "return": (Action.CLAIM, "case_returned", lambda at: case_acts.give_back(at.connection, at.case, at.by)),
    "seen": (Action.ANSWER, "case_seen_to", lambda at: case_acts.seen_to(at.connection, at.case, at.by)),
    "area": (Action.CLAIM, "case_area", _area),
    "assign": (Action.ASSIGN, "case_assigned", _assign),
    "snooze": (Action.CLAIM, "case_snoozed", _snooze),
    "lower": (Action.LOWER_RISK, "risk_lowered", _lower),
    "close": (Action.CLOSE, "case_closed", _close),
    "note": (Action.NOTE, "note_added", _note),
    "task": (Action.NOTE, "task_added", _task),
    "tag": (Action.CORRECT_TAG, "tag_corrected", _tag),
    "glass": (Action.BREAK_GLASS, "glass_broken", _glass),
}


async def _in_talk(
    office: Office,
    who: Colleague,
    seen: CaseRow,
    event: StaffEvent | None,
    words: str | None,
    name: str,
    then: Callable[[Connection, CaseRow, UUID | None], Awaitable[bool]],
) -> bool:
    async def within(connection: Connection, turned: Turned) -> None:
        case = await cases.load(connection, seen.id, who.viewer, Action.ANSWER, lock=True)
        if case is None or not await then(connection, case, turned.letter_id):
            raise NotDone(name)
        await office.record(connection, who, name, case.id)
        await changes.bump(connection, case.desk_id)

    await office.turns.staff(seen.resident_id, event, words=words, within=within)
    return True


async def _write(office: Office, who: Colleague, case: CaseRow, given: Mapping[str, str]) -> bool:
    shown = f"{office.title}の{who.shown}"
    event = None if case.present_id == who.id else StaffCame(shown=shown)

    async def then(connection: Connection, locked: CaseRow, letter_id: UUID | None) -> bool:
        return await doing.keep_answer(
            connection,
            office.keyring,
            locked,
            office.by(who),
            words=given["words"],
            message_id=office.new_id(),
            letter_id=letter_id,
            comes=event is not None,
        )

    return await _in_talk(office, who, case, event, signed(given["words"], shown), "message_sent", then)


async def _leave(office: Office, who: Colleague, case: CaseRow, _given: Mapping[str, str]) -> bool:
    async def then(connection: Connection, locked: CaseRow, _letter_id: UUID | None) -> bool:
        by = office.by(who)
        return await case_acts.left(connection, locked, by, at=by.at, new_id=by.new_id)

    return await _in_talk(office, who, case, StaffLeft(silent=False), None, "talk_left", then)


#: Acts of which the resident hears.
TALK: Mapping[str, Callable[[Office, Colleague, CaseRow, Mapping[str, str]], Awaitable[bool]]] = {
    "write": _write,
    "leave": _leave,
}
