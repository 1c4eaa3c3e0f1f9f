"""Answering a hand-over: received, accepted, met the person, or declined with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request

from casework import sheet_moves as moves
from casework.permissions import Action, allowed
from casework.sheets import Handed, Refused, Sheet
from handlers.api.access import Answerer, Caller, note
from handlers.api.door import ApiDoor, door_of
from handlers.api.models import HandoverStep, SheetSummary, Step
from handlers.api.problems import Refusal, answers
from handlers.api.showing import summary
from handlers.handed_sheets import Handed as Found
from handlers.handed_sheets import find
from storage import changes, sheets
from storage.sheets import Saving

router = APIRouter()

#: Where a step leads. Who is there already is told so: a program whose answer was lost asks again.
_REACHED: Mapping[Step, Handed] = {
    Step.RECEIVED: Handed.RECEIVED,
    Step.ACCEPTED: Handed.ACCEPTED,
    Step.MET: Handed.MET,
    Step.DECLINED: Handed.DECLINED,
}


@router.post(
    "/sheets/{sheet_id}/handover",
    response_model=SheetSummary,
    responses=answers(400, 404, 409),
    summary="受領・引き受け・面談・引き受けられないことを知らせる",
)
async def answer(request: Request, caller: Answerer, sheet_id: UUID, step: HandoverStep) -> SheetSummary:
    """Take the next step. Asking for a step that was taken already changes nothing."""
    door = door_of(request)
    try:
        async with door.database.write() as connection:
            now = door.clock()
            papers = door.papers
            found = await find(connection, papers, caller.viewer, sheet_id, at=now, lock=True)
            if found is None or found.own is None or not allowed(caller.viewer, Action.RECEIVE_SHEET, found.facts):
                raise Refusal(404)
            before = await summary(connection, door, found)
            if before.handover.state is _REACHED[step.state]:
                return before
            after = _moved(door, caller, found, step, now)
            saving = Saving(
                actor=caller.token.id,
                action=step.state.value,
                at=now,
                forms_version=door.forms(caller.token.desk_id).version,
            )
            await sheets.save(connection, door.keyring, found.stored, after, saving, new_id=door.new_id)
            await note(request, connection, caller, f"sheet_{step.state.value}", "sheet", sheet_id)
            await changes.bump(connection, caller.token.desk_id)
            there = await find(connection, papers, caller.viewer, sheet_id, at=now)
            return _given_back(before, after, caller) if there is None else await summary(connection, door, there)
    except Refused as error:
        raise Refusal(409, *error.reasons) from None


def _moved(door: ApiDoor, caller: Caller, found: Found, step: HandoverStep, now: datetime) -> Sheet:
    sheet, org = found.stored.sheet, caller.token.organisation_id
    today = now.astimezone(door.zone(sheet.desk_id)).date()
    by_name = step.by or caller.token.name
    steps: Mapping[Step, Callable[[], Sheet]] = {
        Step.RECEIVED: lambda: moves.receive(sheet, org, by_name=by_name, at=now, today=today),
        Step.ACCEPTED: lambda: moves.accept(sheet, found.form, org, found.consents, at=now),
        Step.MET: lambda: moves.met(sheet, org, on=today),
        Step.DECLINED: lambda: moves.decline(sheet, org, reason=step.reason, at=now),
    }
    return steps[step.state]()


def _given_back(before: SheetSummary, after: Sheet, caller: Caller) -> SheetSummary:
    """Who declined sees the sheet no more, and is told only that."""
    own = after.handover_of(caller.token.organisation_id)
    assert own is not None
    gone = {"state": own.state, "label": own.state.label, "answered_at": own.answered_at}
    handover = before.handover.model_copy(update={**gone, "receive_by": None, "reply_by": None})
    return before.model_copy(update={"handover": handover, "readable": False})
