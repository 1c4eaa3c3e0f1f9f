"""The rooms of the town: talks on the page of our own, of people whom nothing else reaches."""

from __future__ import annotations

from uuid import UUID

from bot.demo.office import Office
from dialogue.actions import Action
from handlers.room.events import sealed
from storage import inbox, rooms
from storage.jobs import Conversation
from storage.rooms import RoomRow


class Rooms:
    """Who sits in which room, by the numbers of the people."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._rooms: dict[int, RoomRow] = {}

    async def enter(self, person: int) -> tuple[UUID, Conversation]:
        """Somebody opens a room by the address of the leaflet; the program says first who it is."""
        office = self._office
        async with office.database.write() as connection:
            room = await rooms.open_anonymous(
                connection, office.keyring, office.desk_id, now=office.clock(), new_id=office.new_id
            )
        self._rooms[person] = room
        fields = {"action": Action.GUIDE.value, "argument": "", "shown": ""}
        return room.resident_id, await self._sent(room, "press", fields)

    async def say(self, person: int, words: str) -> Conversation:
        """Somebody writes in their room."""
        return await self._sent(self._rooms[person], "say", {"text": words})

    async def _sent(self, room: RoomRow, kind: str, fields: dict[str, str]) -> Conversation:
        office = self._office
        event = sealed(office, room, office.new_id().hex, kind, easy=None, **fields).event
        async with office.database.write() as connection:
            await inbox.add(connection, [event])
        return event.conversation
