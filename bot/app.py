"""The composition root: every part of the program is made here, from the settings, and nowhere else.

The road of a message: `WebhookDoor` → `Intake` → inbox → `EmbeddedEngine` → `Turns` (→ `Listener`, `decide`) → outbox →
`Delivery` → LINE. `Sweeps` brings back what a crash or a fault left on the way.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from fastapi import FastAPI

from bot import health
from bot.alerts import Alerts, start_alerts
from bot.console import case_terms, make_console
from bot.database import only_server, open_database
from bot.engines.embedded import EmbeddedEngine
from bot.mode import DEFAULT_DESK, Mode
from bot.simulator import Platform, PlatformSettings, messaging_api, simulator_app
from bot.simulator.mails import SimulatedPost, mails_app
from config.casework import CaseWords, case_words
from config.content import load_content
from config.settings import Settings, SettingsError
from dialogue import Desk
from dialogue.intents import prepare
from handlers.clock.erasures import Erasures
from handlers.clock.staffroom import Staffroom
from handlers.clock.sweeps import Sweeps
from handlers.clock.talks import Talks
from handlers.incoming import Incoming
from handlers.line.client import TIMEOUT, LineClient
from handlers.line.deliver import Delivery
from handlers.line.events import read_event
from handlers.line.webhook import WebhookDoor
from handlers.quota import Quotas
from handlers.staff.app import staff_app
from handlers.staff.live import Live
from handlers.turn import Turns
from nlp import Listener
from storage import notices, outbox
from storage.database import Database
from storage.ids import new_id
from storage.intake import Intake
from storage.keyring import Keyring
from storage.spool import Spool
from storage.tables import Channel
from storage.vault import UnsealError

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of the running program."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Program:
    """Everything that runs, made by `start_program`."""

    settings: Settings
    mode: Mode
    clock: Clock
    database: Database
    keyring: Keyring
    engine: EmbeddedEngine
    intake: Intake
    desks: Mapping[str, Desk]
    turns: Turns
    quotas: Quotas
    case_words: CaseWords
    live: Live
    alerts: Alerts
    platform: Platform | None = None

    def hang_up(self) -> None:
        """End open streams, so that the server can stop. May be called from a signal handler."""
        self.live.stop()
        if self.platform is not None:
            self.platform.stop()


@asynccontextmanager
async def start_program(
    settings: Settings,
    mode: Mode,
    *,
    clock: Clock = utc_now,
    pause: timedelta | None = None,
    listener: Listener | None = None,
    line_timeout: float = TIMEOUT,
) -> AsyncIterator[Program]:
    """Open, start, and in the end finish what is in hand. Raises SettingsError when it must not start.

    `pause` replaces the desks' listening pause; a `listener` that is already loaded may be shared,
    and `line_timeout` is how many seconds LINE gets for an answer.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(only_server(settings))
        hearing = await asyncio.to_thread(Listener.load) if listener is None else listener
        database = await open_database(settings, simulator=mode.simulator)
        stack.push_async_callback(database.close)
        keyring = await _open_keyring(database, mode, clock)
        desks = await _desks()
        clients, words, process = _line_clients(mode, line_timeout, stack), case_words(), new_id()
        turns = Turns(
            database=database,
            keyring=keyring,
            listener=hearing,
            desks=desks,
            pauses={desk.id: _pause(desk) if pause is None else pause for desk in desks.values()},
            terms={desk.id: case_terms(desk, words) for desk in desks.values()},
            announce={Channel.LINE: partial(_show_loading, clients)},
            readers={Channel.LINE: _read_line_event},
            process=process,
            clock=clock,
            new_id=new_id,
        )
        delivery = Delivery(
            database=database, keyring=keyring, clients=clients, process=process, clock=clock, chance=random.random
        )
        engine = EmbeddedEngine(turn=turns, delivery=delivery, clock=clock)
        intake = Intake(database=database, spool=Spool(settings.data_dir / "spool", process=process))
        quotas = Quotas(ask=lambda desk_id: clients[desk_id].quota(), clock=clock)
        alerts = start_alerts(settings, mode, database, keyring, engine, desks, process=process, clock=clock)
        base = (settings, mode, clock, database, keyring)
        program = Program(*base, engine, intake, desks, turns, quotas, words, Live(database), alerts)
        await _inherit(database)
        _register_clockwork(program)
        await engine.start()
        stack.push_async_callback(engine.stop)
        yield replace(program, platform=await _start_platform(settings, mode, stack))


async def _desks() -> dict[str, Desk]:
    """All desks, with what their words need made ready before the first resident writes."""
    desks = {DEFAULT_DESK: Desk(id=DEFAULT_DESK, content=load_content())}
    for desk in desks.values():
        await asyncio.to_thread(prepare, desk.content.intents)
    return desks


def _register_clockwork(program: Program) -> None:
    """What runs by the clock."""
    database, engine, clock = program.database, program.engine, program.clock
    Sweeps(database=database, intake=program.intake, engine=engine, clock=clock).register()
    program.alerts.register()
    Erasures(database=database, keyring=program.keyring, engine=engine, clock=clock).register()
    Staffroom(database=database, engine=engine, clock=clock, folder=program.settings.data_dir).register()
    Talks(
        database=database,
        turns=program.turns,
        engine=engine,
        silent_after=timedelta(minutes=program.case_words.silent_minutes),
        clock=clock,
        new_id=new_id,
    ).register()


def _read_line_event(body: object, received_at: datetime) -> Incoming:
    return read_event(body, received_at=received_at)


async def _show_loading(clients: Mapping[str, LineClient], desk_id: str, address: str) -> None:
    await clients[desk_id].show_loading(address)


def _line_clients(mode: Mode, timeout: float, stack: AsyncExitStack) -> dict[str, LineClient]:
    clients = {}
    for desk_id, token in mode.tokens.items():
        clients[desk_id] = LineClient(access_token=token, host=mode.line_host, timeout=timeout)
        stack.push_async_callback(clients[desk_id].close)
    return clients


def _pause(desk: Desk) -> timedelta:
    return timedelta(seconds=desk.content.desk.listening_pause)


async def _open_keyring(database: Database, mode: Mode, clock: Clock) -> Keyring:
    try:
        return await Keyring.open(database, mode.masters, now=clock(), new_id=new_id)
    except UnsealError:
        await database.close()
        raise SettingsError(["DATA_KEY: この鍵では、このデータベースは開けません"]) from None


async def _inherit(database: Database) -> None:
    async with database.write() as connection:
        letters = await outbox.inherit(connection)
        mails = await notices.inherit(connection)
    if letters or mails:
        log.warning("outbox.inherited", letters=letters, mails=mails)


def create_app(program: Program) -> FastAPI:
    """The web application over a started program."""
    app = FastAPI(title="Tsunagu", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.program = program
    door = WebhookDoor(
        secrets=program.mode.secrets,
        keyring=program.keyring,
        intake=program.intake,
        engine=program.engine,
        clock=program.clock,
        new_id=new_id,
    )
    app.add_route("/line/{desk}/webhook", door.receive, methods=["POST"])
    app.include_router(health.router)
    app.mount("/staff", staff_app(make_console(program)))
    if program.platform is not None:
        if isinstance(program.alerts.post, SimulatedPost):
            app.mount("/simulator/mails", mails_app(program.alerts.post))
        app.mount("/simulator/line", messaging_api(program.platform))
        app.mount("/simulator", simulator_app(program.platform))
    return app


async def _start_platform(settings: Settings, mode: Mode, stack: AsyncExitStack) -> Platform | None:
    """In simulator mode: the LINE that plays in this process, over real HTTP."""
    if not mode.simulator:
        return None
    platform = Platform(
        PlatformSettings(
            channel_secret=mode.secrets[DEFAULT_DESK][0].decode(),
            access_token=mode.tokens[DEFAULT_DESK],
            webhook_url=f"{settings.own_address}/line/{DEFAULT_DESK}/webhook",
        )
    )
    await stack.enter_async_context(platform.running())
    return platform
