"""Somebody in the private room over real HTTP: a browser without scripts, which follows what pages offer."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from road import Bot

from dialogue import codec
from dialogue.words import Text
from storage import outbox, residents, room_sessions, rooms
from storage.database import Connection
from storage.ids import new_id
from storage.outbox import NewLetter
from storage.rooms import RoomRow
from storage.tables import Channel

LINE = re.compile(r'<li class="line by-(\w+)([^"]*)" data-key="([^"]*)" data-mark="\w+"(.*?)</li>\n', re.DOTALL)


@dataclass(frozen=True)
class Seen:
    """A line as the page shows it."""

    by: str
    key: str
    text: str
    waits: bool
    buttons: tuple[str, ...]
    raw: str


class Guest:
    """`Guest(bot)` is in a new anonymous room; `Guest(bot, room=…)` in one that is there."""

    def __init__(self, bot: Bot, *, room: RoomRow | None = None, address: str = "127.0.0.1") -> None:
        self.bot = bot
        self.token = f"guest-{new_id()}"

        async def enter(connection: Connection) -> RoomRow:
            program = bot.program
            found = room or await rooms.open_anonymous(
                connection, program.keyring, "default", now=program.clock(), new_id=new_id
            )
            await room_sessions.begin(
                connection, room_id=found.id, token=self.token, now=program.clock(), new_id=new_id
            )
            return found

        self.room = bot.within(enter)
        self.http = httpx.Client(
            base_url=bot.settings.own_address,
            headers={"accept": "text/html", "accept-language": "ja", "x-forwarded-for": address},
            timeout=20,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self.http.cookies.set("room", self.token, path="/room")

    @property
    def resident_id(self) -> UUID:
        return self.room.resident_id

    def page(self, path: str = "/room/", status: int = 200) -> str:
        """What a page says."""
        answer = self.http.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
        return answer.text

    def lines(self, path: str = "/room/") -> list[Seen]:
        """The talk as the page shows it."""
        return [_seen(*found) for found in LINE.findall(self.page(path))]

    def form_token(self, page: str | None = None) -> str:
        """The token of the forms of a page."""
        found = re.search(r'name="token" value="([0-9a-f]+)"', page or self.page())
        assert found is not None
        return found[1]

    def post(
        self, path: str, *, status: int = 303, headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        """Press a button of a form."""
        given = {"token": self.form_token(), **fields}
        answer = self.http.post(path, data=given, headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-400:])
        return answer

    def say(self, text: str, **more: Any) -> httpx.Response:
        """Write, and wait until it was read."""
        answer = self.post("/room/say", text=text, **more)
        self.bot.run(self.bot.program.engine.rest)
        return answer

    def press(self, label: str) -> None:
        """Press the button of the newest answer that is called so."""
        newest = self.lines()[-1]
        value = re.search(rf'value="([^"]*)" data-shown="[^"]*">{re.escape(label)}<', newest.raw)
        assert value is not None, newest.buttons
        self.post("/room/press", press=html.unescape(value[1]))
        self.bot.run(self.bot.program.engine.rest)

    def program_said(self, *words: str) -> None:
        """Let the program say something of its own accord."""

        async def put(connection: Connection) -> None:
            program, now = self.bot.program, self.bot.program.clock()
            resident = await residents.by_id(connection, program.keyring, self.resident_id)
            assert resident is not None
            letter = NewLetter(
                id=new_id(),
                turn_id=None,
                kind="answer",
                priority=2,
                body=codec.to_json([Text(text=text) for text in words]),
                token=None,
                retry_key=new_id(),
                created_at=now,
                expires_at=now + timedelta(hours=1),
                channel=Channel.ROOM,
            )
            await outbox.add(connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=new_id())

        self.bot.within(put)

    def alias(self) -> str:
        """Who they are to the desk."""

        async def find(connection: Connection) -> str:
            resident = await residents.by_id(connection, self.bot.program.keyring, self.resident_id)
            assert resident is not None
            return resident.alias

        return self.bot.within(find)


def _seen(by: str, classes: str, key: str, raw: str) -> Seen:
    inner = re.sub(
        r'<details class="more"[^>]*>.*?</details>|<form.*?</form>|<p class="who"[^>]*>.*?</p>',
        "",
        raw,
        flags=re.DOTALL,
    )
    text = html.unescape(re.sub(r"<[^>]+>", "", inner[inner.index(">") + 1 :] if inner[:1] != ">" else inner[1:]))
    buttons = tuple(html.unescape(label) for label in re.findall(r'data-shown="[^"]*">([^<]*)</button>', raw))
    return Seen(by=by, key=key, text=text.strip(), waits="waits" in classes, buttons=buttons, raw=raw)
