"""How heavy the private page is, how soon it is answered, and when a slow phone has painted it."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import httpx
import uvicorn
from fastapi import FastAPI

from benchmarks.cases.papers import full_sheet
from benchmarks.figures import Figure, Result, percentile, under
from casework.standing import News, Terms
from casework.workdays import Workdays
from config.content import Content, load_content
from config.private_page import private_page
from config.sheets import load_forms
from dialogue import Desk
from handlers.consenting import valid_for
from handlers.room.app import room_app
from handlers.room.door import RoomDoor
from handlers.room.limits import Buckets, Limit, Rate
from handlers.room.live import RoomLive
from handlers.room.private_work import PrivateWork
from handlers.staff_turn import Within
from storage import cases, migrate, residents, sheets, staff
from storage import private_page as pages
from storage.cases import Whose
from storage.database import Connection, Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.residents import Sender
from storage.sheets import Saving
from storage.staff import NewAccount
from storage.tables import Channel
from storage.vault import SealingKey

ROUNDS = 20
COOKIE = "bench-cookie-of-a-resident"
CHROMIUM = Path("/usr/bin/chromium")
#: Chrome's own preset of a slow phone: processor four times slower, 1.6 Mbit/s, 150 ms to the server and back.
SLOWER, BYTES_A_SECOND, LATENCY_MS = 4, 1.6e6 / 8, 150


def measure() -> Result:
    """A sheet with every field filled, in one browser after the other."""
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as site:
        plain, times = _fetched(site, look="ja.r0.l0.e-")
        ruby, _ = _fetched(site, look="ja.r1.l0.e-")
        paints = _paints(site) if CHROMIUM.exists() else []
    return Result(
        figures=(
            under("page", len(plain) / 1000, 100, unit="kB"),
            under("page with readings", len(ruby) / 1000, 100, unit="kB"),
            Figure(name="answered p50", value=percentile(times, 0.5), unit="ms"),
            Figure(name="answered p95", value=percentile(times, 0.95), unit="ms"),
            under("first contentful paint, slow phone p50", _or_nan(paints), 1000, unit="ms"),
        ),
        notes=(
            "every field of the form filled, uncompressed, without style sheet and script (which browsers keep)",
            f"slow phone: Chromium, processor {SLOWER} times slower, 1.6 Mbit/s, {LATENCY_MS} ms round trip, cold cache"
            if paints
            else f"no first paint: there is no Chromium at {CHROMIUM}",
        ),
    )


def _or_nan(values: list[float]) -> float:
    return percentile(values, 0.5) if values else math.nan


def _fetched(site: str, look: str) -> tuple[bytes, list[float]]:
    times, page = [], b""
    cookies = {"room-mine": COOKIE, "room-look": look}
    with httpx.Client(cookies=cookies) as browser:
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            answer = browser.get(f"{site}/room/mine")
            times.append(1000 * (time.perf_counter() - begin))
            assert answer.status_code == 200, answer.status_code
            page = answer.content
    return page, times


def first_paint(page: Any) -> float:
    """When the page first showed something, in milliseconds after it was asked for; it may be after it is loaded."""
    entry = "performance.getEntriesByName('first-contentful-paint')[0]"
    page.wait_for_function(f"{entry} !== undefined")
    return float(page.evaluate(f"{entry}.startTime"))


def _paints(site: str) -> list[float]:
    """When something could be read, in milliseconds after the press."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        for _ in range(5):
            context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP")
            context.add_cookies([{"name": "room-mine", "value": COOKIE, "url": f"{site}/room/"}])
            page = context.new_page()
            tools = context.new_cdp_session(page)
            tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            speed = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND / 2}
            tools.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **speed})
            page.goto(f"{site}/room/mine", wait_until="load")
            found.append(first_paint(page))
            context.close()
        browser.close()
    return found


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The pages of the room over a database of their own, with one resident inside."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as own:
        own.bind(("127.0.0.1", 0))
        own.listen(64)
        ready, box = threading.Event(), []

        async def serve() -> None:
            app, database = await _made(folder)
            server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
            box.append(server)
            ready.set()
            await server.serve(sockets=[own])
            await database.close()

        thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
        thread.start()
        ready.wait(60)
        yield f"http://127.0.0.1:{own.getsockname()[1]}"
        box[0].should_exit = True
        thread.join(30)


async def _made(folder: Path) -> tuple[FastAPI, Database]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'bench.db'}")
    async with database.write() as connection:
        await migrate.upgrade(connection)
    keyring = await Keyring.open(database, (SealingKey(b"b" * 32),), now=_now(), new_id=new_id)
    content = load_content()
    async with database.write() as connection:
        await _filled(connection, keyring, content)
    desks = {"default": Desk(id="default", content=content)}
    rates = {limit: Rate(burst=10_000, every=dt.timedelta(milliseconds=1)) for limit in Limit}
    door = RoomDoor(
        database=database, keyring=keyring, intake=None, engine=None,  # type: ignore[arg-type] - nothing is written
        desks=desks, live=RoomLive(database), buckets=Buckets(_now, rates), clock=_now, new_id=new_id,
        private=PrivateWork(
            forms={"default": load_forms()}, words={"default": private_page()}, offer=_never, withdraw=_never,
            valid_for={"default": valid_for(desks["default"])},
        ),
    )  # fmt: skip
    app = FastAPI()
    app.mount("/room", room_app(door))
    return app, database


async def _filled(connection: Connection, keyring: Keyring, content: Content) -> None:
    now = _now()
    organisation = await staff.organisation(connection, "見本市社会福祉協議会", new_id=new_id)
    account = NewAccount(
        login="hanako", shown_name="花子", organisation_id=organisation, password_hash="-", must_change=False
    )
    staff_id = await staff.add(connection, account, now=now, new_id=new_id)
    sender = Sender(desk_id="default", channel=Channel.LINE, index=b"i" * 32)
    resident = await residents.create(connection, keyring, sender, address="U1", now=now, new_id=new_id)
    whose = Whose(id=resident.id, desk_id="default", alias=resident.alias)
    terms = Terms(urgent_within=dt.timedelta(minutes=30), workdays=Workdays.of(content.desk))
    news = News(at=now, turn=1, wrote=True, answered=True, asks="accepts_person")
    case = await cases.note_turn(connection, whose, news, terms, new_id=new_id)
    assert case is not None
    sheet = full_sheet(load_forms()["tsunagu"], org_id=organisation, by=staff_id)
    saving = Saving(actor=staff_id, action="created", at=now, forms_version="b" * 12)
    await sheets.add(
        connection, keyring, sheet, saving, case_id=case.id, resident_id=resident.id,
        number=await sheets.next_number(connection, case.id), new_id=new_id,
    )  # fmt: skip
    await pages.begin(
        connection, COOKIE, desk_id="default", resident_id=resident.id, sheet_id=sheet.id, now=now, new_id=new_id
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def _never(_resident_id: UUID, _within: Within | None = None) -> NoReturn:
    raise RuntimeError("nothing is sent here")
