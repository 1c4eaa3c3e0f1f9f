"""What a turn means for check-ins, in its transaction: a plan made, changed or ended, a check-in answered.

The resident's row is locked by the turn. What is due is `handlers.clock.checkins`' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from dialogue.effects import (
    CheckInAnswer,
    CheckInAnswered,
    CheckInsEnded,
    CheckInsPaused,
    ContactStopped,
    Effect,
    EndedBy,
    ErasePlanned,
    PlanCheckIns,
    QuietHoursSet,
)
from dialogue.sending import SkipReason
from storage import followups
from storage.database import Connection
from storage.followup_tables import PlanEnd
from storage.followups import Clockwork
from storage.residents import ResidentRow

_ENDS = {
    EndedBy.RESIDENT: PlanEnd.RESIDENT,
    EndedBy.STAFF: PlanEnd.STAFF,
    EndedBy.SILENCE: PlanEnd.SILENT,
    EndedBy.UNWELCOME: PlanEnd.RESIDENT,
}


async def carry_out(
    connection: Connection,
    resident: ResidentRow,
    effects: Sequence[Effect],
    made: Clockwork,
    *,
    wrote: bool = False,
    set_by: UUID | None = None,
) -> None:
    """Carry the effects out that are about check-ins, and leave all others. `wrote`: words came; `set_by` is the
    member of staff whose act it is. A block changes no plan: nothing goes out as long as it lasts.
    """
    given = next((effect.answer for effect in effects if isinstance(effect, CheckInAnswered)), None)
    if given is not None or wrote:
        # A check-in that comes after their own word would be a question past them.
        await followups.call_off(connection, resident.id, SkipReason.TALK_UNDER_WAY, now=made.now)
        await followups.answered(connection, resident, given or CheckInAnswer.WORDS, made)
    for effect in effects:
        await _one(connection, resident, effect, made, set_by)


async def _one(
    connection: Connection, resident: ResidentRow, effect: Effect, made: Clockwork, set_by: UUID | None
) -> None:
    match effect:
        case PlanCheckIns(plan=plan):
            await followups.set_plan(connection, resident, plan, made, set_by=set_by)
        case CheckInsPaused(until=until):
            await followups.edit(connection, resident, lambda plan: replace(plan, paused_until=until), made)
        case QuietHoursSet(quiet=quiet):
            await followups.edit(connection, resident, lambda plan: replace(plan, quiet=quiet), made)
        case CheckInsEnded(why=why):
            await followups.retire(connection, resident.id, _ENDS[why], now=made.now)
        case ErasePlanned():
            await followups.call_off(connection, resident.id, SkipReason.ERASED, now=made.now)
        case ContactStopped():
            await followups.retire(connection, resident.id, PlanEnd.STOPPED, now=made.now)
