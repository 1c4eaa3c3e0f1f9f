"""A browser before it is in a room: without scripts, with cookies of its own, from an address of its own."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from uuid import UUID

import httpx
from road import Bot

from storage import residents, room_links
from storage.database import Connection
from storage.ids import new_id
from storage.residents import Sender
from storage.room_tables import RoomPurpose
from storage.tables import Channel

_NUMBER = itertools.count(1)


class Visitor:
    """`Visitor(bot)` looks at pages and presses what is on them."""

    def __init__(self, bot: Bot, *, address: str | None = None) -> None:
        number = next(_NUMBER)
        self.bot = bot
        self.http = httpx.Client(
            base_url=bot.settings.own_address,
            headers={
                "accept": "text/html",
                "accept-language": "ja",
                "x-forwarded-for": address or f"10.{number // 250 % 250}.{number % 250}.7",
            },
            timeout=30,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def look(self, path: str, status: int = 200) -> str:
        """What a page says."""
        answer = self.http.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-400:])
        return answer.text

    def press(self, page: str, path: str, *, status: int = 303, **fields: str) -> httpx.Response:
        """Look at a page, and send a form of it. `page` may be one that answers 410 or 403."""
        shown = self.http.get(page)
        return self.send(shown.text, path, status=status, **fields)

    def send(self, shown: str, path: str, *, status: int = 303, **fields: str) -> httpx.Response:
        """Send a form of a page that was looked at before."""
        token = re.search(r'name="token" value="([0-9a-f]+)"', shown)
        assert token is not None, shown[-600:]
        answer = self.http.post(path, data={"token": token[1], **fields})
        assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
        return answer

    def open_room(self) -> None:
        """A new room from the leaflet."""
        self.press("/room/default", "/room/default/open")
        self.bot.run(self.bot.program.engine.rest)

    def set_watchword(self, word: str, **fields: str) -> str:
        """Choose a watchword; the room's name."""
        shown = self.press("/room/watchword", "/room/watchword", word=word, **fields)
        assert shown.headers["location"] == "/room/watchword?set"
        name = re.search(r'class="room-name">([^<]+)<', self.look("/room/watchword?set"))
        assert name is not None
        return name[1]

    @property
    def is_inside(self) -> bool:
        """Whether this browser is in a room."""
        return self.http.get("/room/").status_code == 200


def on_line(bot: Bot) -> UUID:
    """A resident whom LINE reaches."""

    async def work(connection: Connection) -> UUID:
        program, address = bot.program, f"U{new_id().hex}"
        index = program.keyring.index.of("default", Channel.LINE.value, address)
        sender = Sender(desk_id="default", channel=Channel.LINE, index=index)
        made = await residents.create(
            connection, program.keyring, sender, address=address, now=program.clock(), new_id=new_id
        )
        return made.id

    return bot.within(work)


def link_for(bot: Bot, resident_id: UUID, *, minutes: float = 30) -> str:
    """The path behind a button of LINE."""

    async def work(connection: Connection) -> str:
        program = bot.program
        return await room_links.issue(
            connection,
            program.keyring,
            desk_id="default",
            resident_id=resident_id,
            purpose=RoomPurpose.ROOM,
            now=program.clock(),
            valid_for=timedelta(minutes=minutes),
            new_id=new_id,
        )

    return f"/room/go/{bot.within(work)}"
