"""`tsunagu worker`: answers and sends, beside servers that take in and show. Any number of them on one PostgreSQL."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from bot import health, log
from bot.app import Program, start_program
from bot.commands.refusing import load_settings, refusing
from bot.commands.serving import (
    GRACE_SECONDS,
    Server,
    bound,
    keep_what_is_loaded,
    not_yet_reading,
    reading_anew,
    running,
)
from bot.mode import choose_mode
from config.settings import JobEngineName, Settings, SettingsError


def worker(
    port: Annotated[
        int | None, typer.Option(help="生きているかを答えるポート(なければ答えない)", min=1, max=65535)
    ] = None,
) -> None:
    """返事と送信をする(JOB_ENGINE=procrastinate)。いくつでも動かせる。"""
    settings = load_settings(port=port)
    log.configure(settings.log_format)
    with refusing(), running() as runner:
        runner.run(run_worker(settings, answers=port is not None))


async def run_worker(settings: Settings, *, pause: timedelta | None = None, answers: bool = False) -> None:
    """Work until asked to stop, then finish what is in hand. Raises SettingsError when it must not start.

    With `answers` it tells at HOST and PORT how it is, and nothing else.
    """
    if settings.job_engine is JobEngineName.EMBEDDED:
        raise SettingsError(["JOB_ENGINE: workerは procrastinate で動きます。embedded では serve がすべてをします"])
    not_yet_reading()
    async with start_program(settings, choose_mode(settings), pause=pause, works=True) as program:
        keep_what_is_loaded()
        with reading_anew(program):
            await (_answering(settings, program) if answers else _until_asked())


async def _until_asked() -> None:
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sig, asked.set)
    typer.echo("つなぐ: 返事と送信をしています")
    await asked.wait()


async def _answering(settings: Settings, program: Program) -> None:
    app = FastAPI(title="Tsunagu", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.program = program
    app.include_router(health.router)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with bound(settings) as listening:
        await Server(config, started=_greet, stopping=program.hang_up).serve(sockets=[listening])


async def _greet() -> None:
    typer.echo("つなぐ: 返事と送信をしています")
