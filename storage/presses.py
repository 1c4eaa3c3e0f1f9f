"""Buttons that were pressed, on LINE or in a room: the words on them stand in the talk as the resident's own.

Kept in the turn that answers them, so that a crash loses neither or both.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dialogue import codec
from dialogue.words import Choices
from storage.database import Connection
from storage.outbox import body_place
from storage.residents import ResidentRow
from storage.room_tables import RoomPress
from storage.tables import Channel, OutboxMessage, OutboxState, table_of
from storage.vault import Place

_PRESSES = table_of(RoomPress)
_OUTBOX = table_of(OutboxMessage)
#: A button may be pressed late, but hardly one that stands further above.
LOOKED_BACK = 20


def shown_place(press_id: UUID) -> Place:
    return Place(table="room_presses", column="shown", row=press_id)


async def add(
    connection: Connection, resident: ResidentRow, *, turn_id: UUID, ref: bytes, shown: str, at: datetime
) -> None:
    """Keep the words on a button that was pressed; the same press is kept once.

    A press is a turn by itself, and has its id: so it is known which turn of the talk it was.
    """
    row = {
        "id": turn_id,
        "resident_id": resident.id,
        "ref": ref,
        "shown_sealed": resident.key.seal_json(shown_place(turn_id), shown),
        "pressed_at": at,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    await connection.execute(dialect.insert(_PRESSES).on_conflict_do_nothing(index_elements=["ref"]), row)


async def words_on(connection: Connection, resident: ResidentRow, channel: Channel, action: str, argument: str) -> str:
    """The words on a button as we last put it there; empty where we did not. What a phone sends is not believed."""
    query = (
        select(_OUTBOX.c.id, _OUTBOX.c.body_sealed)
        .where(
            _OUTBOX.c.resident_id == resident.id,
            _OUTBOX.c.channel == channel,
            _OUTBOX.c.state.in_([OutboxState.WAITING, OutboxState.SENT]),
        )
        .order_by(_OUTBOX.c.id.desc())
        .limit(LOOKED_BACK)
    )
    for row in await connection.execute(query):
        for message in codec.from_json(resident.key.open_json(body_place(row.id), row.body_sealed)):
            for option in message.options if isinstance(message, Choices) else ():
                if (option.action, option.argument) == (action, argument):
                    return option.shown or option.label
    return ""
