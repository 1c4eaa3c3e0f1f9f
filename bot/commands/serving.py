"""`tsunagu serve`: the web server with everything in it."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Annotated

import structlog
import typer
import uvicorn

from bot import log
from bot.accounts import DEMO_LOGIN, demo_password
from bot.app import Program, create_app, start_program
from bot.commands.refusing import load_settings, refusing
from bot.mode import DEFAULT_DESK, choose_mode
from bot.proxied import behind_proxies
from bot.reasons import of_system
from bot.simulator import HangingUpProtocol
from config.settings import JobEngineName, Settings, SettingsError
from handlers.line.menus import MenuError, compose, put_up
from storage import fiction, staff
from storage.passwords import Passwords

logger = structlog.get_logger(__name__)

#: How long open connections may take to end when the server is asked to stop.
GRACE_SECONDS = 20


def serve(
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス(HOSTより優先)")] = None,
    port: Annotated[int | None, typer.Option(help="待ち受けるポート(PORTより優先)", min=1, max=65535)] = None,
    work: Annotated[
        bool, typer.Option("--work", help="JOB_ENGINE=procrastinateで、返事と送信もこのプロセスでする")
    ] = False,
) -> None:
    """サーバーを動かす。LINEの設定がなければ、手もとでためせるシミュレーターになる。"""
    settings = load_settings(host=host, port=port)
    log.configure(settings.log_format)
    with refusing(), running() as runner:
        runner.run(run_server(settings, works=work))


@contextmanager
def running() -> Iterator[asyncio.Runner]:
    """An event loop of the kind that servers use."""
    with asyncio.Runner(loop_factory=uvicorn.Config(create_app).get_loop_factory()) as runner:
        yield runner


async def run_server(settings: Settings, *, pause: timedelta | None = None, works: bool = False) -> None:
    """Serve until asked to stop, then finish what is in hand. Raises SettingsError when it must not start.

    With an engine of its own the server works always, otherwise with `works` only.
    """
    not_yet_reading()
    mode, alone = choose_mode(settings), settings.job_engine is JobEngineName.EMBEDDED
    with bound(settings) as listening:
        async with start_program(settings, mode, pause=pause, works=works or alone) as program:
            server = Server(
                uvicorn.Config(
                    behind_proxies(create_app(program), settings),
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    http="auto" if program.platform is None else HangingUpProtocol,
                    proxy_headers=False,
                    timeout_graceful_shutdown=GRACE_SECONDS,
                ),
                started=lambda: _greet(program),
                stopping=program.hang_up,
            )
            keep_what_is_loaded()
            with reading_anew(program):
                await server.serve(sockets=[listening])


def keep_what_is_loaded() -> None:
    """What the start has loaded stays until the end: the collector of garbage does not go through it any more, which
    stops all work for a tenth of a second each time.
    """
    gc.collect()
    gc.freeze()


def not_yet_reading() -> None:
    """Before the desks are read, and while the process ends, SIGHUP does nothing: by default it would kill."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@contextmanager
def reading_anew(program: Program) -> Iterator[None]:
    """Inside the block SIGHUP has the desks and their words read again, while everything goes on."""
    loop, under_way = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    def read() -> None:
        task = loop.create_task(program.read_desks_anew())
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    loop.add_signal_handler(signal.SIGHUP, read)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        not_yet_reading()


class Server(uvicorn.Server):
    """Says when it is ready, and tells open streams to end when it is asked to stop."""

    def __init__(
        self, config: uvicorn.Config, *, started: Callable[[], Awaitable[None]], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_start = started
        self._on_stop = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        await self._on_start()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's own, this does not raise the signal again: what is in hand still has to be finished."""
        loop = asyncio.get_running_loop()
        for sig in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sig, self.handle_exit, sig, None)
        try:
            yield
        finally:
            for sig in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(sig)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_stop()
        super().handle_exit(sig, frame)


def bound(settings: Settings) -> socket.socket:
    """Take the port before anything else starts. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named TCP, because asyncio switches Nagle's delay off only then: 40 ms for every answer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        why = f"{settings.host} の {settings.port} 番で待ち受けられません({of_system(error)})"
        raise SettingsError([f"HOST, PORT: {why}"]) from None
    return listening


async def _greet(program: Program) -> None:
    settings = program.settings
    if program.platform is None:
        typer.echo(f"つなぐ: 動いています({settings.own_address})")
        typer.echo(f"  職員の画面  {settings.public_url or settings.own_address}/staff/{await _nobody_yet(program)}")
        return
    await _show_menu(program)
    typer.echo("つなぐ: シミュレーターで動いています。LINEには何も送りません。")
    typer.echo(f"  住民の画面  {settings.own_address}/simulator/")
    typer.echo(f"  職員の画面  {settings.own_address}/staff/")
    typer.echo(f"              {await _demo(program)}")
    typer.echo(f"  相談の部屋  {settings.own_address}/room/{DEFAULT_DESK}")
    typer.echo("  とめるには  Ctrl+C")
    async with program.database.read() as connection:
        empty = not await fiction.anybody(connection)
    if empty:
        typer.echo("  見本の町    とめてから「tsunagu demo」で、架空の住民200人の町を作れます")


async def _nobody_yet(program: Program) -> str:
    """How to begin, as long as nobody has an account."""
    async with program.database.read() as connection:
        known = await staff.count(connection)
    return "" if known else "(はじめの人は「tsunagu staff add 名前 --role admin」で登録)"


async def _demo(program: Program) -> str:
    """How to sign in to the simulator's console; the password is told once."""
    password = await demo_password(
        program.database,
        program.keyring,
        organisation=program.desks[DEFAULT_DESK].content.desk.organisation,
        passwords=Passwords(),
        now=program.clock(),
    )
    if password is None:
        return f"パスワードを忘れたら: tsunagu staff reset {DEMO_LOGIN}"
    return f"サインイン名 {DEMO_LOGIN}  パスワード {password}"


async def _show_menu(program: Program) -> None:
    """The simulator's account gets its menu as a real one does, over HTTP: now that the server listens."""
    mode = program.mode
    for desk_id, token in mode.tokens.items():
        menu = await asyncio.to_thread(compose, program.desks[desk_id].content.richmenu, desk_id)
        try:
            await put_up(menu, desk_id, access_token=token, host=mode.line_host)
        except MenuError as error:
            # Without its menu the page still talks.
            logger.warning("menu.refused", desk=desk_id, status=error.status)
