"""The composition root: every part of the program is made here, from the settings, and nowhere else.

The road of a message: `WebhookDoor` → `Intake` → inbox → engine → `Turns` (→ `Listener`, `decide`) → outbox →
`Delivery` → LINE. `Sweeps` brings back what a crash or a fault left on the way. With the embedded engine one process
has all of it; with Procrastinate any number of processes has it, and those that do not work take in and show only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from fastapi import FastAPI

from bot import health
from bot.alerts import Alerts, start_alerts
from bot.api import make_api
from bot.console import case_terms, make_console
from bot.database import only_server, open_database
from bot.delivering import make_delivery
from bot.demo.adopting import adopt_phones
from bot.desks import Desks
from bot.engines.embedded import EmbeddedEngine
from bot.engines.procrastinate import ProcrastinateEngine
from bot.engines.tenure import Tenure
from bot.handovers import handovers
from bot.headers import PlainHeaders
from bot.mode import DEFAULT_DESK, Mode
from bot.room import make_room, no_announcement
from bot.simulator import Platform, PlatformSettings, messaging_api, moved_clock, simulator_app
from bot.simulator.mails import SimulatedPost, mails_app
from bot.simulator.moved_clock import MovedClock
from casework.workdays import Workdays
from config.settings import JobEngineName, Settings, SettingsError
from dialogue import Desk
from dialogue.per_desk import PerDesk
from handlers.api.app import PREFIX, api_app
from handlers.clock.assigning import Assigning, AssigningTerms
from handlers.clock.checkins import CheckIns
from handlers.clock.erasures import Erasures
from handlers.clock.milestones import Milestones
from handlers.clock.retention import Retention
from handlers.clock.rooms import Rooms
from handlers.clock.staffroom import Staffroom
from handlers.clock.sweeps import Sweeps
from handlers.clock.talks import Talks
from handlers.incoming import Incoming
from handlers.line.client import TIMEOUT, LineClient
from handlers.line.events import read_event
from handlers.line.webhook import WebhookDoor
from handlers.quota import Quotas
from handlers.room.app import room_app
from handlers.room.events import read_event as read_room_event
from handlers.room.live import RoomLive
from handlers.staff.app import staff_app
from handlers.staff.live import Live
from handlers.turn import Turns
from nlp import Listener
from storage import desks as known_desks
from storage import notices, outbox
from storage.database import Database
from storage.ids import new_id
from storage.intake import Intake
from storage.jobs import DeliveryWork
from storage.keyring import Keyring
from storage.spool import Spool
from storage.tables import Channel
from storage.vault import UnsealError

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
Engine = EmbeddedEngine | ProcrastinateEngine


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
    engine: Engine
    intake: Intake
    installation: Desks
    turns: Turns
    quotas: Quotas
    live: Live
    alerts: Alerts
    sweeps: Sweeps
    room_live: RoomLive
    platform: Platform | None = None

    @property
    def desks(self) -> Mapping[str, Desk]:
        """All desks, those included that take nothing in any more."""
        return self.installation.everybody

    async def read_desks_anew(self) -> None:
        """Read the file of desks and all words again. What is wrong stays as it was, and is said."""
        await self.installation.read_anew()

    def hang_up(self) -> None:
        """End open streams, so that the server can stop. May be called from a signal handler."""
        self.live.stop()
        self.room_live.stop()
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
    works: bool = True,
    desks: Mapping[str, Desk] | None = None,
) -> AsyncIterator[Program]:
    """Open, start, and in the end finish what is in hand. Raises SettingsError when it must not start.

    `pause` replaces the desks' listening pause; a `listener` that is already loaded may be shared,
    and `line_timeout` is how many seconds LINE gets for an answer. Without `works` other processes answer and send.
    `desks` stand in the place of those the words name.
    """
    if mode.simulator:
        clock = MovedClock(clock, settings.data_dir / moved_clock.FILE)
    async with AsyncExitStack() as stack:
        stack.enter_context(only_server(settings))
        hearing = await asyncio.to_thread(Listener.load) if listener is None else listener
        database = await open_database(settings, simulator=mode.simulator)
        stack.push_async_callback(database.close)
        keyring = await _open_keyring(database, mode, clock)
        installation = Desks(settings, mode, line_timeout)
        stack.push_async_callback(installation.close)
        await installation.open(desks, known=await _known_desks(database))
        desks, clients, process = installation.everybody, installation.clients, new_id()
        turns = _turns(database, keyring, hearing, desks, clients, pause, process if works else None, clock)
        tenure = _tenure(settings, database, process, works=works)
        room_live = RoomLive(database)
        ways = (settings, database, keyring, desks, clients)
        delivery = make_delivery(*ways, live=room_live, process=process, clock=clock, tenure=tenure)
        engine = _engine(turns, delivery, database, tenure, clock)
        spool = Spool(settings.data_dir / "spool", process=process)
        intake = Intake(database=database, spool=spool, wake_within=engine.wake_within)
        quotas = Quotas(ask=lambda desk_id: clients[desk_id].quota(), clock=clock)
        alerts = start_alerts(settings, mode, database, keyring, engine, desks, process=process, clock=clock)
        base = (settings, mode, clock, database, keyring)
        sender = process if works else None
        sweeps = Sweeps(database=database, intake=intake, engine=engine, process=sender, clock=clock)
        live = Live(database)
        program = Program(*base, engine, intake, installation, turns, quotas, live, alerts, sweeps, room_live)
        if tenure is None:
            await _inherit(database)
        _register_clockwork(program)
        await engine.start()
        stack.push_async_callback(engine.stop)
        yield replace(program, platform=await _start_platform(program, stack))


def _engine(turns: Turns, delivery: DeliveryWork, database: Database, tenure: Tenure | None, clock: Clock) -> Engine:
    """Alone: everything in this process. Among several: by jobs on the shared database."""
    if tenure is None:
        return EmbeddedEngine(turn=turns, delivery=delivery, clock=clock)
    return ProcrastinateEngine(turn=turns, delivery=delivery, database=database, tenure=tenure, clock=clock)


def _turns(
    database: Database,
    keyring: Keyring,
    listener: Listener,
    desks: Mapping[str, Desk],
    clients: Mapping[str, LineClient],
    pause: timedelta | None,
    process: UUID | None,
    clock: Clock,
) -> Turns:
    """What answers, for all desks and channels."""
    return Turns(
        database=database,
        keyring=keyring,
        listener=listener,
        desks=desks,
        pauses=PerDesk(desks, lambda desk: _pause(desk) if pause is None else pause),
        terms=PerDesk(desks, case_terms),
        announce={Channel.LINE: partial(_show_loading, clients), Channel.ROOM: no_announcement},
        readers={Channel.LINE: _read_line_event, Channel.ROOM: read_room_event},
        process=process,
        clock=clock,
        new_id=new_id,
    )


def _tenure(settings: Settings, database: Database, process: UUID, *, works: bool) -> Tenure | None:
    """A place among several processes; None for one that is alone."""
    if settings.job_engine is JobEngineName.EMBEDDED:
        assert works, "with this engine nobody else would"
        return None
    return Tenure(database=database, process=process, works=works)


async def _known_desks(database: Database) -> frozenset[str]:
    async with database.read() as connection:
        return await known_desks.known(connection)


def _register_clockwork(program: Program) -> None:
    """What runs by the clock."""
    database, engine, clock = program.database, program.engine, program.clock
    program.sweeps.register()
    if isinstance(engine, ProcrastinateEngine):
        program.sweeps.register_inheritance()
    program.alerts.register(engine)
    handovers(program).register()
    Erasures(database=database, keyring=program.keyring, engine=engine, clock=clock).register()
    Retention(database=database, keyring=program.keyring, desks=program.desks, clock=clock, new_id=new_id).register(
        engine
    )
    Assigning(
        database=database,
        keyring=program.keyring,
        engine=engine,
        terms=PerDesk(program.desks, _assigning_terms),
        clock=clock,
        new_id=new_id,
    ).register()
    CheckIns(
        database=database,
        keyring=program.keyring,
        engine=engine,
        desks=program.desks,
        sends_at=program.installation.taking_in,
        quotas=program.quotas,
        listener_version=program.turns.listener_version,
        clock=clock,
        new_id=new_id,
    ).register()
    Milestones(database=database, keyring=program.keyring, desks=program.desks, clock=clock, new_id=new_id).register(
        engine
    )
    Rooms(database=database, engine=engine, clock=clock).register()
    Staffroom(database=database, engine=engine, clock=clock, folder=program.settings.data_dir).register()
    Talks(
        database=database,
        turns=program.turns,
        engine=engine,
        silent_after=PerDesk(program.desks, _silent_after),
        clock=clock,
        new_id=new_id,
    ).register()


def _read_line_event(body: object, received_at: datetime) -> Incoming:
    return read_event(body, received_at=received_at)


async def _show_loading(clients: Mapping[str, LineClient], desk_id: str, address: str) -> None:
    await clients[desk_id].show_loading(address)


def _assigning_terms(desk: Desk) -> AssigningTerms:
    words = desk.content.casework
    return AssigningTerms(wanted=words.assigns, workdays=Workdays.of(desk.content.desk), most=words.most_cases)


def _silent_after(desk: Desk) -> timedelta:
    return timedelta(minutes=desk.content.casework.silent_minutes)


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
        letters = await outbox.inherit(connection, alone=True)
        mails = await notices.inherit(connection, alone=True)
    if letters or mails:
        log.warning("outbox.inherited", letters=letters, mails=mails)


def create_app(program: Program) -> FastAPI:
    """The web application over a started program."""
    app = FastAPI(title="Tsunagu", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.program = program
    app.add_middleware(PlainHeaders)
    door = WebhookDoor(
        secrets=program.installation.secrets,
        keyring=program.keyring,
        intake=program.intake,
        engine=program.engine,
        clock=program.clock,
        new_id=new_id,
    )
    app.add_route("/line/{desk}/webhook", door.receive, methods=["POST"])
    app.include_router(health.router)
    app.mount("/staff", staff_app(make_console(program)))
    app.mount("/room", room_app(make_room(program)))
    app.mount(PREFIX, api_app(make_api(program)))
    if program.platform is not None:
        if isinstance(program.alerts.post, SimulatedPost):
            app.mount("/simulator/mails", mails_app(program.alerts.post))
        app.mount("/simulator/line", messaging_api(program.platform))
        app.mount("/simulator", simulator_app(program.platform))
    return app


async def _start_platform(program: Program, stack: AsyncExitStack) -> Platform | None:
    """In simulator mode: the LINE that plays in this process, over real HTTP, with the phones of the demo's town."""
    settings, mode = program.settings, program.mode
    if not mode.simulator:
        return None
    platform = Platform(
        PlatformSettings(
            channel_secret=mode.secrets[DEFAULT_DESK][0].decode(),
            access_token=mode.tokens[DEFAULT_DESK],
            webhook_url=f"{settings.own_address}/line/{DEFAULT_DESK}/webhook",
        ),
        clock=program.clock,
    )
    await adopt_phones(program.database, program.keyring, platform)
    await stack.enter_async_context(platform.running())
    return platform
