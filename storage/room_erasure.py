"""Erasing what a resident's rooms leave: who was in them, what was pressed there, links, and the rooms themselves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select

from storage.database import Connection
from storage.room_tables import Room, RoomLink, RoomPress, RoomSession


async def erase(connection: Connection, resident_id: UUID) -> None:
    """Nothing says any more that there was a room."""
    rooms = select(Room.id).where(Room.resident_id == resident_id).scalar_subquery()
    await connection.execute(delete(RoomSession).where(RoomSession.room_id.in_(rooms)))
    await connection.execute(delete(RoomPress).where(RoomPress.resident_id == resident_id))
    await connection.execute(delete(RoomLink).where(RoomLink.resident_id == resident_id))
    await connection.execute(delete(Room).where(Room.resident_id == resident_id))
