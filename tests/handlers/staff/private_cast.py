"""A resident's own browser beside the console: the private page over the same database."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sheet_cast import FORMS
from test_sheet_asking import resident_of
from test_sheet_pages import Scene

from config.private_page import private_page
from handlers.consenting import valid_for
from handlers.room.app import room_app
from handlers.room.door import RoomDoor
from handlers.room.limits import Buckets, Limit, Rate
from handlers.room.private_work import private_work
from storage import room_links
from storage.ids import new_id
from storage.room_tables import RoomPurpose

LOOSE = {limit: Rate(burst=1000, every=timedelta(seconds=1)) for limit in Limit}
SITE = "http://127.0.0.1"


@dataclass
class Page:
    """What a browser got."""

    answer: httpx.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        return self.answer.text

    @property
    def words(self) -> str:
        return html.unescape(re.sub(r"<[^>]+>", "", self.text))

    @property
    def token(self) -> str:
        found = re.search(r'name="token" value="([0-9a-f]*)"', self.text)
        assert found is not None, f"no form at {self.answer.request.url} ({self.status})"
        return found[1]


def fields_of(text: str) -> dict[str, Any]:
    """What a browser sends of the page's long form when nobody touched it."""
    form = text.split('class="sheet"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        found.setdefault(html.unescape(name), []).append(html.unescape(value))

    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        ticked = kind is None or kind[1] == "hidden" or " checked" in tag
        if name is not None and ticked:
            add(name[1], value[1] if value else "")
    for name, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        add(name, chosen[1] if chosen else "")
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        add(name, inner.removeprefix("\n"))
    return found


class Phone:
    """The browser of somebody's phone. `address` is where it comes from."""

    def __init__(self, app: FastAPI, address: str = "203.0.113.50") -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 40000))
        self.http = httpx.AsyncClient(transport=transport, base_url=SITE, headers={"accept": "text/html"})

    async def get(self, path: str) -> Page:
        return Page(await self.http.get(path))

    async def post(self, path: str, token: str, *, site: str = "same-origin", **fields: Any) -> Page:
        sent = {"origin": "null", "sec-fetch-site": site}
        return Page(await self.http.post(path, data={"token": token, **fields}, headers=sent))

    async def opens(self, link: str) -> Page:
        """Open a link and press its button."""
        first = await self.get(link)
        pressed = await self.post(link, first.token)
        return await self.get("/room/mine") if pressed.status == 303 else pressed

    async def saves(self, page: Page, **changes: Any) -> Page:
        """Send the form as it was shown, with some fields changed; None leaves a field out."""
        given = {**fields_of(page.text), **changes}
        sent = {name: value for name, value in given.items() if value is not None and name != "token"}
        return await self.post("/room/mine", page.token, **sent)

    def cookie(self) -> str:
        return self.http.cookies.get("room-mine") or ""


@dataclass
class House:
    """The desk's scene with a room beside it."""

    scene: Scene
    app: FastAPI
    door: RoomDoor
    phones: list[Phone] = field(default_factory=list)

    def phone(self, address: str = "203.0.113.50") -> Phone:
        self.phones.append(Phone(self.app, address))
        return self.phones[-1]

    async def link(self, sheet: str | None = None, *, lasts: timedelta = timedelta(minutes=30)) -> str:
        """A new button's address."""
        resident, console = await resident_of(self.scene), self.scene.office.console
        async with console.database.write() as connection:
            token = await room_links.issue(
                connection, console.keyring, desk_id="default", resident_id=resident.id,
                purpose=RoomPurpose.PRIVATE_PAGE, now=console.clock(), valid_for=lasts, new_id=new_id, argument=sheet,
            )  # fmt: skip
        return f"/room/p/{token}"


def house_of(scene: Scene, *, rates: dict[Limit, Rate] | None = None) -> House:
    console = scene.office.console
    assert console.work is not None
    door = RoomDoor(
        database=console.database, keyring=console.keyring, intake=None, engine=None,  # type: ignore[arg-type]
        desks=console.desks, live=None, buckets=Buckets(console.clock, rates or LOOSE),  # type: ignore[arg-type]
        clock=console.clock, new_id=new_id,
        private=private_work(
            console.work.turns, console.work.deliver, forms=dict.fromkeys(console.desks, FORMS),
            words=dict.fromkeys(console.desks, private_page()),
            valid_for={name: valid_for(desk) for name, desk in console.desks.items()},
        ),
    )  # fmt: skip
    outer = FastAPI()
    outer.mount("/room", room_app(door))
    return House(scene=scene, app=outer, door=door)


def sheet_id_of(at: str) -> UUID:
    return UUID(at.rsplit("/", 1)[1])
