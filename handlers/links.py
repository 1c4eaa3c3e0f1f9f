"""Addresses behind buttons: made when a letter is about to be delivered, because they work for a short time only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from dialogue import Desk, codec
from dialogue.words import Link, Message
from storage import knocks, room_links
from storage.database import Connection, Database
from storage.ids import NewId
from storage.keyring import Keyring
from storage.outbox import Letter
from storage.residents import Reach
from storage.room_tables import RoomPurpose

#: Where the page of each purpose is, under the program's own address.
PATHS: Mapping[RoomPurpose, str] = {RoomPurpose.ROOM: "/room/go/", RoomPurpose.PRIVATE_PAGE: "/room/p/"}


class Links:
    """`site` is the program's own address as browsers see it, without a slash at its end."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        desks: Mapping[str, Desk],
        site: str,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._desks = desks
        self._site = site.rstrip("/")
        self._clock = clock
        self._new_id = new_id

    async def addressed(self, letter: Letter, resident_id: UUID, reach: Reach) -> tuple[Message, ...]:
        """The letter's words, each button with its address.

        The address is stored with the words before the first attempt, so that a repeated request is the same one.
        """
        messages = codec.from_json(letter.body)
        if not any(isinstance(message, Link) and not message.url for message in messages):
            return messages
        async with self._database.write() as connection:
            wanted = {m.purpose for m in messages if isinstance(m, Link) and not m.url}
            urls = {name: await self._url(connection, RoomPurpose(name), resident_id, reach) for name in sorted(wanted)}
            made = [replace(m, url=urls[m.purpose]) if isinstance(m, Link) and not m.url else m for m in messages]
            await knocks.rewrite(connection, letter.id, reach.key, codec.to_json(made))
        return tuple(made)

    async def _url(self, connection: Connection, purpose: RoomPurpose, resident_id: UUID, reach: Reach) -> str:
        now, minutes = self._clock(), self._desks[reach.desk_id].content.door.link_minutes
        # An older button stops working: the newest one is enough, and fewer lie around.
        await room_links.end_all(connection, resident_id, purpose=purpose, now=now)
        token = await room_links.issue(
            connection,
            self._keyring,
            desk_id=reach.desk_id,
            resident_id=resident_id,
            purpose=purpose,
            now=now,
            valid_for=timedelta(minutes=minutes),
            new_id=self._new_id,
        )
        return f"{self._site}{PATHS[purpose]}{token}"
