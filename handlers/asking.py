"""A consent that staff ask for in the talk: one call for the event and the row that keeps the question.

event, within = question(asked)
await turns.staff(resident_id, event, within=within)     # raises NotPut when people must ask instead
"""

from __future__ import annotations

from dialogue.events import StaffAsksConsent
from handlers.staff_turn import Turned, Within
from storage import consents
from storage.consents import Asked
from storage.database import Connection


def question(asked: Asked) -> tuple[StaffAsksConsent, Within]:
    """What is said to the resident, and what is kept in the same transaction."""
    event = StaffAsksConsent(
        kind=asked.kind,
        request=str(asked.id),
        org="" if asked.org_id is None else str(asked.org_id),
        place=asked.place,
        reason=asked.reason,
    )

    async def keep(connection: Connection, turned: Turned) -> None:
        await consents.ask(connection, turned.resident.id, turned.resident.key, asked)

    return event, keep
