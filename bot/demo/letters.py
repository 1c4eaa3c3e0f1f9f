"""What the town's staff do about check-ins: setting a plan that somebody wished for, ending it, and adding a line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.demo.office import Colleague, NotDone, Office, seen_case
from casework.permissions import Action
from dialogue.effects import CheckInsEnded, PlanCheckIns
from dialogue.events import CheckInsCalledOff, CheckInSet
from dialogue.followups import Band, CheckInPlan, Rhythm, first_day
from handlers.staff import doing
from handlers.staff_turn import StaffEvent, Turned
from storage import cases, changes, followups
from storage.case_tables import NoteKind
from storage.cases import CaseRow
from storage.database import Connection
from storage.followups import Personal

_Then = Callable[[Connection, CaseRow, Turned], Awaitable[None]]


async def act(office: Office, who: Colleague, resident_id: UUID, what: str, given: Mapping[str, str]) -> None:
    """Do something about somebody's check-ins. Raises NotDone."""
    await ACTS[what](office, who, await seen_case(office, who, resident_id, what), given)


async def _set(office: Office, who: Colleague, case: CaseRow, given: Mapping[str, str]) -> None:
    rhythm = Rhythm(given["rhythm"])
    today = office.clock().astimezone(office.zone).date()
    plan = CheckInPlan(
        rhythm=rhythm,
        band=Band(given["band"]),
        starts=first_day(rhythm, today),
        count_left=int(given["times"]) if "times" in given else None,
        minor=case.minor,
    )

    async def then(connection: Connection, locked: CaseRow, _turned: Turned) -> None:
        body = f"お便りを決めた。本人の希望: {given['wish']}"
        await doing.add_note(connection, office.keyring, locked, office.by(who), kind=NoteKind.NOTE, body=body)

    await _in_talk(office, who, case, CheckInSet(plan=plan, shown=_shown(office, who)), then, "plan_set")


async def _end(office: Office, who: Colleague, case: CaseRow, _given: Mapping[str, str]) -> None:
    async def then(_connection: Connection, _locked: CaseRow, _turned: Turned) -> None:
        return

    await _in_talk(office, who, case, CheckInsCalledOff(shown=_shown(office, who)), then, "plan_ended")


async def _line(office: Office, who: Colleague, case: CaseRow, given: Mapping[str, str]) -> None:
    async def then(connection: Connection, _locked: CaseRow, turned: Turned) -> None:
        personal = Personal(words=given["words"], signed=_shown(office, who))
        if not await followups.add_personal(connection, turned.resident, personal):
            raise NotDone("line: no check-in waits")

    await _in_talk(office, who, case, None, then, "line_added")


def _shown(office: Office, who: Colleague) -> str:
    return f"{office.title}の{who.shown}"


async def _in_talk(
    office: Office, who: Colleague, seen: CaseRow, event: StaffEvent | None, then: _Then, name: str
) -> None:
    async def within(connection: Connection, turned: Turned) -> None:
        taken = any(isinstance(effect, PlanCheckIns | CheckInsEnded) for effect in turned.effects)
        case = await cases.load(connection, seen.id, who.viewer, Action.ANSWER, lock=True)
        if case is None or (event is not None and not taken):
            raise NotDone(name)
        await then(connection, case, turned)
        by = office.by(who)
        await cases.add_event(connection, case.id, kind=name, actor=by.staff_id, at=by.at, new_id=by.new_id)
        await office.record(connection, who, name, case.id)
        await changes.bump(connection, case.desk_id)

    await office.turns.staff(seen.resident_id, event, within=within, by=who.id)


ACTS: Mapping[str, Callable[[Office, Colleague, CaseRow, Mapping[str, str]], Awaitable[None]]] = {
    "letters": _set,
    "no_letters": _end,
    "line": _line,
}
